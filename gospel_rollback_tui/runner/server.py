"""The runner's ear: several apps on one Unix socket, each in a thread of its own."""

import os
import socket
import struct
import time
from collections.abc import Callable
from pathlib import Path
from threading import Condition, Thread

from gospel_rollback_tui.domain.decisions import Decision, Reply, decision_from_json
from gospel_rollback_tui.runner.addresses import NAME, listen
from gospel_rollback_tui.runner.messages import answering, greeting, lines

Decide = Callable[[Decision], Reply]


class Server:
    """Hands decisions to the engine, and answers to the apps."""

    def __init__(self, folder: Path, run: str, decide: Decide) -> None:
        """Listens at once; raises OSError if the folder has no room for a socket."""
        self._folder = folder
        self._run = run
        self._decide = decide
        self._listener = listen(folder)
        self._changed = Condition()
        self._connections: set[socket.socket] = set()
        self._answering = 0
        self._left = time.monotonic()
        Thread(target=self._accept, name="accept", daemon=True).start()

    def deserted(self) -> float:
        """Returns the seconds since the last app left; 0 while one is there."""
        with self._changed:
            return 0.0 if self._connections else time.monotonic() - self._left

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            if _peer(connection) not in (os.geteuid(), 0):
                connection.close()
                continue
            with self._changed:
                self._connections.add(connection)
            Thread(target=self._serve, args=(connection,), name="app", daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            connection.sendall(greeting(self._run))
            for message in lines(connection):
                connection.sendall(answering(message.get("id"), self._answer(message.get("decision"))))
        except (OSError, ValueError):
            pass
        finally:
            with self._changed:
                self._connections.discard(connection)
                self._left = time.monotonic()
            connection.close()

    def _answer(self, message: object) -> Reply:
        with self._changed:
            self._answering += 1
        try:
            decision = decision_from_json(message if isinstance(message, dict) else {})
        except ValueError as error:
            return Reply(taken=False, text=f"The runner does not understand this: {error}.")
        else:
            return self._decide(decision)
        finally:
            with self._changed:
                self._answering -= 1
                self._changed.notify_all()

    def close(self, seconds: float) -> None:
        """Hears nothing new, and waits at most that long until what was asked is answered."""
        (self._folder / NAME).unlink(missing_ok=True)
        self._listener.close()
        with self._changed:
            self._changed.wait_for(lambda: not self._answering, seconds)
            connections = tuple(self._connections)
        for connection in connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


def _peer(connection: socket.socket) -> int:
    """Returns the user id at the other end, as the kernel knows it."""
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return int(struct.unpack("3i", credentials)[1])
