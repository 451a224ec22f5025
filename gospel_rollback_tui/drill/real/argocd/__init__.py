"""Argo CD itself on the real estate: its programs, what it is installed with, and the door in front of its API."""
