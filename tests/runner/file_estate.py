"""A scripted estate that lives in a file, so that several processes act on one and every change is counted once."""

from __future__ import annotations

import fcntl
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

from gospel_rollback_tui.domain.preview import PlannedCall
from tests.engine.worlds import BAD, GOOD, IDENTITY, SERVER, Estate, Sent

START = {"values": {"gateway": BAD, "auto-sync": "on", "git": BAD, "host": "old"}, "sent": [], "lock_owner": ["", ""], "lock_intent": ["", ""], "hold": False}
HELD_SECONDS = 30.0


class FileEstate(Estate):
    """The estate in that file."""

    def __init__(self, path: Path) -> None:
        """Makes the file if there is none."""
        self._path = path
        self.trouble = {}
        self.renew = []
        self.rollout = []
        self.reports = []
        self.blind = False
        self.expired = False
        self.renewable = False
        self.identity = (SERVER, IDENTITY)
        self.symptom_reads: Callable[[dict[str, str]], bool | None] = lambda values: values["gateway"] == GOOD
        self.awaited: Callable[[PlannedCall], str] = lambda _call: ""
        self.guard = RLock()
        with self._opened() as state:
            for name, value in START.items():
                state.setdefault(name, value)

    @contextmanager
    def _opened(self) -> Iterator[dict[str, Any]]:
        """Gives the state, locked for this process, and writes what was changed of it, whole or not at all."""
        with self.guard, self._path.with_suffix(".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            text = self._path.read_text() if self._path.exists() else "{}"
            state = json.loads(text)
            yield state
            written = json.dumps(state)
            if written != text:
                fresh = self._path.with_suffix(".fresh")
                fresh.write_text(written)
                fresh.replace(self._path)

    def change(self, call: PlannedCall) -> str:
        """Makes the change, counts it, and holds the answer back while the estate is told to."""
        with self._opened() as state:
            state["sent"].append([call.id, call.body["name"], call.body["value"]])
            state["values"][call.body["name"]] = call.body["value"]
        until = time.monotonic() + HELD_SECONDS
        while self.holding and time.monotonic() < until:
            time.sleep(0.02)
        return "200 OK"

    @property
    def holding(self) -> bool:
        """Whether answers are held back."""
        with self._opened() as state:
            return bool(state["hold"])

    def hold(self, *, answers: bool) -> None:
        """Holds answers back, or lets them go."""
        with self._opened() as state:
            state["hold"] = answers

    @property
    def values(self) -> dict[str, str]:  # type: ignore[override]  # read from the file each time
        """The named values."""
        with self._opened() as state:
            return dict(state["values"])

    def set(self, name: str, value: str) -> None:
        """Changes a value beside the runner."""
        with self._opened() as state:
            state["values"][name] = value

    @property
    def sent(self) -> list[Sent]:  # type: ignore[override]  # read from the file each time
        """Every change that was sent by any process."""
        with self._opened() as state:
            return [Sent(*sent) for sent in state["sent"]]

    @property
    def lock_owner(self) -> tuple[str, str]:
        """Who holds the lock."""
        with self._opened() as state:
            return (state["lock_owner"][0], state["lock_owner"][1])

    @lock_owner.setter
    def lock_owner(self, owner: tuple[str, str]) -> None:
        with self._opened() as state:
            state["lock_owner"] = list(owner)

    @property
    def lock_intent(self) -> tuple[str, str]:
        """What the holder says."""
        with self._opened() as state:
            return (state["lock_intent"][0], state["lock_intent"][1])

    @lock_intent.setter
    def lock_intent(self, intent: tuple[str, str]) -> None:
        with self._opened() as state:
            state["lock_intent"] = list(intent)
