"""The Unix socket of a run, whatever the length of its path."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "runner.sock"
LONGEST = 107
"""Bytes of a socket's path that Linux takes, without the closing zero."""


@contextmanager
def reachable(folder: Path) -> Iterator[str]:
    """Gives a path of the folder's socket that is short enough, through an open folder where the real one is too long."""
    path = str(folder / NAME)
    if len(os.fsencode(path)) <= LONGEST:
        yield path
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{descriptor}/{NAME}"
    finally:
        os.close(descriptor)


def listen(folder: Path) -> socket.socket:
    """Returns a listening socket in the folder, 0600; one that a dead runner has left is replaced."""
    (folder / NAME).unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with reachable(folder) as path:
        listener.bind(path)
    (folder / NAME).chmod(0o600)
    listener.listen(8)
    return listener


def connect(folder: Path, seconds: float) -> socket.socket:
    """Returns a connection to the folder's runner; raises OSError if none listens."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(seconds)
    try:
        with reachable(folder) as path:
            connection.connect(path)
    except OSError:
        connection.close()
        raise
    return connection
