"""The estate's git remote: a bare repository that git itself made, the rendering of its overlay, and a reviewer."""
