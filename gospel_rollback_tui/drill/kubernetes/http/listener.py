"""The listening socket: accepts, goes down and comes back on the same port."""

import contextlib
import socket
import ssl
import struct
from collections.abc import Callable
from threading import Lock, Thread
from typing import TypeAlias

LOOPBACK = "127.0.0.1"
_BACKLOG = 128
_HANDSHAKE_SECONDS = 10.0
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)

ServeConnection: TypeAlias = Callable[[socket.socket], None]


class Listener:
    """Accepts connections on a loopback port, over TLS where there is a context for it, and serves each in a thread of its own."""

    def __init__(self, context: ssl.SSLContext | None, serve: ServeConnection) -> None:
        self._context = context
        self._serve = serve
        self._lock = Lock()
        self._connections: set[socket.socket] = set()
        self._listening: socket.socket | None = None
        self._closed = False
        # A second socket keeps the port ours while an outage has the first one closed.
        self._reservation = _bound_socket(0)
        self.port: int = self._reservation.getsockname()[1]

    @property
    def connections(self) -> int:
        """How many connections are open now."""
        with self._lock:
            return len(self._connections)

    def open(self) -> None:
        """Begin, or begin again, to accept connections."""
        with self._lock:
            if self._closed or self._listening is not None:
                return
            listening = _bound_socket(self.port)
            listening.listen(_BACKLOG)
            self._listening = listening
        Thread(target=self._accept, args=(listening,), name="drill-kubernetes-accept", daemon=True).start()

    def interrupt(self) -> None:
        """Refuse new connections and reset the open ones, until `open`."""
        with self._lock:
            listening, self._listening = self._listening, None
            connections = list(self._connections)
        if listening is not None:
            with contextlib.suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            listening.close()
        for connection in connections:
            reset(connection)

    def show(self, context: ssl.SSLContext) -> None:
        """Show another certificate from now on; who is connected is cut off and comes back to it."""
        self._context = context
        with self._lock:
            served = self._listening is not None
        if served:
            self.interrupt()
            self.open()

    def close(self) -> None:
        """End for good and give the port back."""
        with self._lock:
            self._closed = True
        self.interrupt()
        self._reservation.close()

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with self._lock:
                current = self._listening is listening
                if current:
                    self._connections.add(connection)
            if not current:
                reset(connection)
                return
            Thread(target=self._serve_one, args=(connection,), name="drill-kubernetes-connection", daemon=True).start()

    def _serve_one(self, connection: socket.socket) -> None:
        secured: ssl.SSLSocket | None = None
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._context is not None:
                connection.settimeout(_HANDSHAKE_SECONDS)
                secured = self._context.wrap_socket(connection, server_side=True)
                secured.settimeout(None)
                self._replace(connection, secured)
            self._serve(secured or connection)
        except OSError:
            pass  # The client went away, or an outage took the connection: nobody is left to tell.
        finally:
            with self._lock:
                self._connections -= {connection, secured} if secured else {connection}
            (secured or connection).close()

    def _replace(self, plain: socket.socket, secured: ssl.SSLSocket) -> None:
        with self._lock:
            if plain not in self._connections or self._listening is None:
                raise ConnectionResetError("the API server is down")
            self._connections.discard(plain)
            self._connections.add(secured)


def reset(connection: socket.socket) -> None:
    """Break a connection the hard way: its client gets a reset, not an end of stream."""
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    with contextlib.suppress(OSError):
        # Wakes the thread that waits for a request; its close then sends the reset. The method
        # of the base class, because that of a TLS socket would forget the TLS state under it.
        socket.socket.shutdown(connection, socket.SHUT_RD)


def _bound_socket(port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind((LOOPBACK, port))
    return bound
