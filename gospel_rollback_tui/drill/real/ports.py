"""Loopback ports for the estate's servers."""

import random
import socket
from threading import Lock

LOOPBACK = "127.0.0.1"

_FIRST, _LAST = 20000, 32000
"""Below the range the kernel takes outgoing ports from, so that no connection can take a port between choice and use."""

_CLAIM = "\0gospel-rollback-port-{}"
"""Name of the socket that claims a port: the kernel gives it to one process, and takes it back when that ends."""


class ClaimedPorts:
    """Ports that no other estate on this machine chooses until they are given back: some servers listen only seconds later."""

    def __init__(self) -> None:
        """Starts with none."""
        self._claims: list[socket.socket] = []
        self._lock = Lock()

    def claim(self, count: int) -> list[int]:
        """Returns that many different ports that nobody listens on now and nobody else has claimed."""
        chosen: list[int] = []
        with self._lock:
            while len(chosen) < count:
                port = random.randint(_FIRST, _LAST)  # noqa: S311 - a port is no secret
                claim = _claimed(port)
                if claim is not None:
                    self._claims.append(claim)
                    chosen.append(port)
        return chosen

    def release(self) -> None:
        """Gives every port back; a second call does nothing."""
        with self._lock:
            claims, self._claims = self._claims, []
        for claim in claims:
            claim.close()


def _claimed(port: int) -> socket.socket | None:
    """Returns the claim of a port, None where it is claimed already or somebody listens on it."""
    claim = socket.socket(socket.AF_UNIX)
    try:
        claim.bind(_CLAIM.format(port))
        with socket.socket() as candidate:
            candidate.bind((LOOPBACK, port))
    except OSError:
        claim.close()
        return None
    return claim
