"""A real PostgreSQL of the drill's own: on loopback, with a password, gone with the process that started it."""
