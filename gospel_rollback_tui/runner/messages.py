"""The JSON lines between app and runner.

The runner says `{"runner": version, "run": id}` first. The app sends `{"id": n, "decision": {…}}`, the runner answers
`{"id": n, "taken": bool, "text": "…"}`.
"""

import json
from collections.abc import Iterator
from socket import socket
from typing import Any

from gospel_rollback_tui.domain.decisions import PROTOCOL_VERSION, Decision, Reply

LONGEST_LINE = 4 * 1024 * 1024
"""Bytes of one message; more is not one."""


def to_line(message: dict[str, Any]) -> bytes:
    """Returns the message as it goes over the socket."""
    return json.dumps(message, ensure_ascii=False).encode() + b"\n"


def greeting(run: str) -> bytes:
    """Returns the runner's first line."""
    return to_line({"runner": PROTOCOL_VERSION, "run": run})


def asking(number: int, decision: Decision) -> bytes:
    """Returns a decision as an app sends it."""
    return to_line({"id": number, "decision": decision.to_json()})


def answering(number: object, reply: Reply) -> bytes:
    """Returns the answer to the decision of that number."""
    return to_line({"id": number, "taken": reply.taken, "text": reply.text})


def lines(connection: socket) -> Iterator[dict[str, Any]]:
    """Yields each message that arrives, until the other side is gone; raises ValueError at one that is none."""
    rest = b""
    while True:
        try:
            part = connection.recv(65536)
        except OSError:
            return
        if not part:
            return
        *whole, rest = (rest + part).split(b"\n")
        if len(rest) > LONGEST_LINE:
            raise ValueError("a message without end")
        for line in whole:
            message = json.loads(line)
            if not isinstance(message, dict):
                raise ValueError("a message is a JSON object")
            yield message
