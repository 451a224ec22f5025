"""Loopback ports for the estate's servers."""

import random
import socket

LOOPBACK = "127.0.0.1"

_FIRST, _LAST = 20000, 32000
"""Below the range the kernel takes outgoing ports from, so that no connection can take a port between choice and use."""


def free_ports(count: int) -> list[int]:
    """Returns that many different ports nobody listens on now."""
    chosen: list[int] = []
    sockets: list[socket.socket] = []
    try:
        while len(chosen) < count:
            port = random.randint(_FIRST, _LAST)  # noqa: S311 - a port is no secret
            candidate = socket.socket()
            sockets.append(candidate)
            try:
                candidate.bind((LOOPBACK, port))
            except OSError:
                continue
            chosen.append(port)
    finally:
        for candidate in sockets:
            candidate.close()
    return chosen
