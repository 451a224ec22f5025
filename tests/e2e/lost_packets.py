"""A line to a server on which packets get lost: nothing is closed, nothing arrives, and whoever connects anew hears nothing."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event as Flag
from threading import Thread

_PART = 64 * 1024
_WAITING = 2
"""Connections that fill the queue of a listener that accepts none: the kernel drops what would be one more."""


class LossyLine:
    """Carries bytes between whoever connects and one server on loopback, while packets are not lost."""

    def __init__(self, port: int) -> None:
        """Listens on a port of its own for what is meant for that one."""
        self._port = port
        self._open = Flag()
        self._open.set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=0)
        self.port: int = self._listener.getsockname()[1]
        self._ends: list[socket.socket] = []
        Thread(target=self._accept, daemon=True).start()

    @contextmanager
    def losing(self) -> Iterator[None]:
        """Loses everything, in both directions, until the end of the block; connections stay open on both sides."""
        self._open.clear()
        fillers = [self._filler() for _ in range(_WAITING)]
        try:
            yield
        finally:
            for filler in fillers:
                filler.close()
            self._open.set()

    def close(self) -> None:
        """Ends the line and every connection on it."""
        for end in (self._listener, *self._ends):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._open.set()

    def _filler(self) -> socket.socket:
        filler = socket.socket()
        filler.settimeout(0)
        with suppress(BlockingIOError):
            filler.connect(("127.0.0.1", self.port))
        return filler

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                self._open.wait()
                far = socket.create_connection(("127.0.0.1", self._port))
                self._ends += [near, far]
                for source, target in ((near, far), (far, near)):
                    Thread(target=self._carry, args=(source, target), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while part := source.recv(_PART):
                self._open.wait()
                target.sendall(part)
            target.shutdown(socket.SHUT_WR)


@contextmanager
def lossy_line(port: int) -> Iterator[LossyLine]:
    """Lays a line to that port of this host, and takes it away again."""
    line = LossyLine(port)
    try:
        yield line
    finally:
        line.close()
