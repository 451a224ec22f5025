"""What a journal records: one event a line, each chained to the one before."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

JOURNAL_VERSION = 1
"""Raised when a reader of this version could not fold what a writer wrote."""
GENESIS = "0" * 64
"""`prev` of the first record."""


class Kind(Enum):
    """What happened. The data each kind carries is listed beside it."""

    RUN_OPENED = "run opened"
    """version, run (id), environment, operator, host, server, identity, symptom{name,method,url,expect_status,expect_text} | null,
    symptom_failing, onset, first_paint, read_only."""
    CHOSEN = "chosen"
    """scenario, path, runbook (title), digest, steps[[id, title, required, usual, danger]], objective, why, evidence[…],
    override (reason when another row than the suggested one was taken), inputs{name: value}."""
    LOCKED = "locked"
    """holder, taken_over_from, reason."""
    LOCK_LOST = "lock lost"
    """holder, detail: nothing is sent until the lock was read as our own again."""
    RUNNER = "runner"
    """pid, started, state: started | resumed | following (read-only: it holds no lock) | stopped.

    A second `started`, `resumed` or `following` makes every call without RESULT unknown.
    """
    WAITING = "waiting"
    """reason: credentials; detail: the run does nothing until GOING_ON."""
    GOING_ON = "going on"
    """reason."""
    INPUT = "input"
    """step, name, value, who: an asked value or a live choice."""
    PREVIEWED = "previewed"
    """step, attempt, undo_of (attempt number or null), preview{…}: what was armed."""
    MOVED = "moved"
    """step, attempt, moved[[name, old, new]]: the gate found other facts; armed again."""
    CONFIRMED = "confirmed"
    """step, attempt, danger, fingerprint, typed, who, second_person, break_glass, reason."""
    REFUSED = "refused"
    """step, attempt, reason: the gate said no, or the operator, or the preview could not be made; nothing (more) was sent."""
    INTENT = "intent"
    """step, attempt, call, where, body, undo, debt | null: written before acting."""
    RESULT = "result"
    """step, attempt, call, outcome (done | not sent | refused | unknown), detail."""
    CALL_VERIFIED = "call verified"
    """step, attempt, call, passed (true | false), detail: the world was looked at."""
    OBSERVED = "observed"
    """step, attempt, check, passed (true | false | null), words: a condition of the step changed its state."""
    VERIFIED = "verified"
    """step, attempt, detail, asserted (false: a probe saw it)."""
    FAILED = "failed"
    """step, attempt, reason, undo (whether undo is offered)."""
    ASSERTED = "asserted"
    """step, who, note, seen (what a probe saw, or empty): done by hand."""
    SKIPPED = "skipped"
    """step, reason, who."""
    UNDONE = "undone"
    """step, attempt: the attempt's calls were put back and verified."""
    DEBT_OPENED = "debt opened"
    """id, title, reason, due (wall time), step, call, owner."""
    DEBT_PAID = "debt paid"
    """id, how, who."""
    DEBT_SIGNED = "debt signed"
    """id, who, reason: accepted as left open."""
    SYMPTOM = "symptom"
    """passing (true | false | null), words: changes only. The first passing after a failing one is RECOVERED."""
    WATCH_STARTED = "watch started"
    """minutes, step."""
    SIGNAL = "signal"
    """name, state (good | bad | unknown), words, held (good seconds so far): changes only."""
    CLOCK_RESET = "clock reset"
    """signal, words: the stability clock started again."""
    STABLE = "stable"
    """minutes."""
    ENDED_EARLY = "ended early"
    """reason, who, after (seconds held)."""
    ABORTED = "aborted"
    """reason, who."""
    NOTE = "note"
    """text, who."""
    CLOSED = "closed"
    """how: clean | asserted | debts | aborted; reason."""


@dataclass(frozen=True, slots=True)
class Event:
    """One record of a journal."""

    seq: int
    """0, 1, 2…"""
    at: float
    """Wall time, seconds since the epoch."""
    kind: Kind
    data: Mapping[str, Any]
    prev: str = GENESIS
    hash: str = ""

    def body(self) -> str:
        """Returns the text whose SHA-256 is the record's hash."""
        record = {"seq": self.seq, "at": round(self.at, 3), "kind": self.kind.value, "data": self.data, "prev": self.prev}
        return json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    def sealed(self, prev: str) -> "Event":
        """Returns the record chained behind the one whose hash is `prev`."""
        open_event = Event(self.seq, round(self.at, 3), self.kind, self.data, prev)
        return Event(self.seq, round(self.at, 3), self.kind, self.data, prev, hashlib.sha256(open_event.body().encode()).hexdigest())

    def line(self) -> str:
        """Returns the record as one line of JSON, without the newline."""
        return self.body()[:-1] + ',"hash":' + json.dumps(self.hash) + "}"


def event_from_line(line: str) -> Event:
    """Returns the record of that line; raises ValueError saying what is wrong with it.

    The hash is checked against the record; the chain is checked by who reads the whole file.
    """
    try:
        data = json.loads(line)
        event = Event(data["seq"], data["at"], Kind(data["kind"]), data["data"], data["prev"], data["hash"])
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"not a journal record: {error}") from None
    if event.sealed(event.prev).hash != event.hash:
        raise ValueError(f"record {event.seq} was changed after it was written")
    return event
