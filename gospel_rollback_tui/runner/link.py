"""An app's connection to a runner."""

import socket
from collections.abc import Callable
from pathlib import Path
from threading import Condition, Thread
from time import monotonic

from gospel_rollback_tui.domain.decisions import PROTOCOL_VERSION, Decision, Reply
from gospel_rollback_tui.runner.addresses import NAME, connect
from gospel_rollback_tui.runner.messages import asking, lines

CONNECT_SECONDS = 5.0
RETRY_SECONDS = 0.02
"""Between two tries to connect: a runner needs a moment to listen."""
NO_ANSWER = "The runner took the decision and has not answered yet: the journal will show what came of it."
CUT = "The connection to the runner broke before it answered: the journal shows what came of it."


class Link:
    """Connects when it can, sends decisions, and gives each its answer."""

    def __init__(self, folder: Path) -> None:
        """Is not connected yet."""
        self._folder = folder
        self._changed = Condition()
        self._connection: socket.socket | None = None
        self._greeted = False
        self._number = 0
        self._replies: dict[int, Reply] = {}
        self._closed = False
        self.stranger = ""
        """Why the other side is only followed; empty: it speaks as we do."""

    def try_connect(self) -> bool:
        """Connects if a runner listens, and returns whether there is a connection."""
        with self._changed:
            if self._connection is not None or self._closed:
                return self._connection is not None
        try:
            owner = (self._folder / NAME).lstat().st_uid
            if owner != self._folder.lstat().st_uid:
                self.stranger = f"The runner's socket belongs to another user (uid {owner}): this app only follows."
                return False
            connection = connect(self._folder, CONNECT_SECONDS)
        except OSError:
            return False
        connection.settimeout(None)
        with self._changed:
            self._connection = connection
            self._greeted = False
        Thread(target=self._listen, args=(connection,), name="runner-link", daemon=True).start()
        return True

    def _listen(self, connection: socket.socket) -> None:
        try:
            for message in lines(connection):
                self._hear(message)
        except ValueError:
            self.stranger = "The runner speaks another language than this app: this app only follows."
        with self._changed:
            self._connection = None
            self._greeted = False
            self._changed.notify_all()
        connection.close()

    def _hear(self, message: dict[str, object]) -> None:
        with self._changed:
            if "runner" in message:
                version = message["runner"]
                if version != PROTOCOL_VERSION:
                    self.stranger = f"The runner speaks protocol version {version}, this app {PROTOCOL_VERSION}: this app only follows."
                self._greeted = True
            elif isinstance(message.get("id"), int):
                self._replies[int(str(message["id"]))] = Reply(taken=bool(message.get("taken")), text=str(message.get("text", "")))
            self._changed.notify_all()

    def ask(self, decision: Decision, timeout: float, alive: Callable[[], bool]) -> Reply:
        """Sends the decision and returns its answer; waits for a connection first, as long as the runner lives."""
        until = monotonic() + timeout
        if not self._await_greeting(until, alive):
            return Reply(taken=False, text=self.stranger or ("No runner listens." if not alive() else "The runner is not ready yet: try again."))
        if self.stranger:
            return Reply(taken=False, text=self.stranger)
        with self._changed:
            self._number += 1
            number, connection = self._number, self._connection
        if connection is None:
            return Reply(taken=False, text=CUT)
        try:
            connection.sendall(asking(number, decision))
        except OSError:
            return Reply(taken=False, text=CUT)
        with self._changed:
            self._changed.wait_for(lambda: number in self._replies or self._connection is not connection, max(0.0, until - monotonic()))
            gone = self._connection is not connection
            return self._replies.pop(number, Reply(taken=False, text=CUT if gone else NO_ANSWER))

    def _await_greeting(self, until: float, alive: Callable[[], bool]) -> bool:
        while not self._closed:
            self.try_connect()
            with self._changed:
                if self._connection is not None:
                    self._changed.wait_for(lambda: self._greeted or self._connection is None, max(0.0, until - monotonic()))
                if self._greeted:
                    return True
                if self.stranger or monotonic() >= until:
                    return False
                self._changed.wait(RETRY_SECONDS)
            if not alive():
                return False
        return False

    def close(self) -> None:
        """Leaves."""
        with self._changed:
            self._closed = True
            connection = self._connection
            self._changed.notify_all()
        if connection is not None:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                return
