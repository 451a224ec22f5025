"""The installed command in a pseudo-terminal, against the drill."""
