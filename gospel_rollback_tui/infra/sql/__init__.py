"""Reads of PostgreSQL: sessions that cannot write, cannot wait for long, and never show a password."""
