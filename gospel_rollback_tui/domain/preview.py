"""Previews: what acting now would do, the calls it takes, and the live facts it rests on."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from gospel_rollback_tui.domain.danger import Danger

Json = Any
"""A JSON value: objects are dicts with string keys. Never changed after it was read."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Identity plus exactly the fields previewed, as (name, value) in a fixed order.

    Never resourceVersion: in a crash loop status writes move it several times a second.
    Long values are kept as digests; `shown` values are what a prompt prints as old → new.
    """

    facts: tuple[tuple[str, str], ...]

    @property
    def digest(self) -> str:
        """A short digest of all facts, which a confirmation carries."""
        text = json.dumps(self.facts, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def moved(self, now: "Fingerprint") -> tuple[tuple[str, str, str], ...]:
        """Returns (name, old, new) of each fact that differs in `now`; a fact that vanished reads `gone`."""
        current = dict(now.facts)
        before = dict(self.facts)
        gone = [(name, old, current.get(name, "gone")) for name, old in self.facts if current.get(name) != old]
        new = [(name, "absent", value) for name, value in now.facts if name not in before]
        return tuple(gone + new)


def digest_of(value: Json) -> str:
    """Returns a short digest of a JSON value, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()[:12]


class Tone(Enum):
    """What a line of a diff says."""

    OLD = "-"
    NEW = "+"
    CHANGED = "~"
    SAME = " "


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line of a readable diff."""

    tone: Tone
    text: str


@dataclass(frozen=True, slots=True)
class DebtSpec:
    """A temporary act that a call leaves behind and that must be put back."""

    id: str
    """e.g. `auto-sync`."""
    title: str
    """e.g. `auto-sync off`."""
    reason: str
    due_seconds: float
    """When it should be paid, from the act."""


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """One call of a bundle, journalled and verified alone."""

    id: str
    """Unique within the step, e.g. `freeze` or `patch:gospelib-gateway`."""
    title: str
    """What it says while running, e.g. `auto-sync off`."""
    where: str
    """Verb and object, e.g. `PATCH Deployment gospelib-gateway`."""
    summary: str
    """What changes, in a few words, e.g. `v2.15.0 → v2.14.0`."""
    body: Json
    """What is sent; no secrets. What `send` needs and nothing else."""
    undo: Json
    """What was captured before, from which `undo` makes the calls that put it back."""
    by_hand: str
    """The exact command an operator would type instead."""
    diff: tuple[DiffLine, ...] = ()
    debt: DebtSpec | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """A labelled line of the prompt, e.g. `Stays`, `Reaches`, `Schema` or `Reverted by`."""

    label: str
    text: str
    warning: bool = False


@dataclass(frozen=True, slots=True)
class Preview:
    """What acting now would do."""

    step: str
    title: str
    """e.g. `Roll gateway back to v2.14.0`."""
    target: str
    """The name that must be typed from `destructive` upwards."""
    where: str
    """Cluster, namespace and identity as the live calls report them."""
    danger: Danger
    calls: tuple[PlannedCall, ...]
    """Empty for a step that only observes or is done by hand."""
    fingerprint: Fingerprint
    notices: tuple[Notice, ...] = ()
    checks: tuple[str, ...] = ()
    """What will be true when it worked, one sentence each."""
    undo: str = ""
    by_hand: tuple[str, ...] = ()
    yes: str = ""
    """What the `y` key says, e.g. `roll back`."""
    refused: str = ""
    """Why it cannot be done now; empty: it can."""
    needs_reason: str = ""
    """What nobody could prove and a written reason must stand for, in a sentence; empty: nothing."""


class Outcome(Enum):
    """What is known of a call after it was sent."""

    DONE = "done"
    NOT_SENT = "not sent"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class CheckState:
    """One thing that must become true, as it stands."""

    name: str
    passed: bool | None
    """None: not known yet."""
    words: str = ""
    final: bool = False
    """True with `passed` False: it will not become true by waiting."""


def preview_to_json(preview: Preview) -> Json:
    """Returns the preview as JSON, for the journal and the socket."""
    return {
        "step": preview.step,
        "title": preview.title,
        "target": preview.target,
        "where": preview.where,
        "danger": preview.danger.word,
        "calls": [_call_to_json(call) for call in preview.calls],
        "fingerprint": [list(fact) for fact in preview.fingerprint.facts],
        "notices": [[n.label, n.text, n.warning] for n in preview.notices],
        "checks": list(preview.checks),
        "undo": preview.undo,
        "by_hand": list(preview.by_hand),
        "yes": preview.yes,
        "refused": preview.refused,
        "needs_reason": preview.needs_reason,
    }


def _call_to_json(call: PlannedCall) -> Json:
    debt = call.debt
    return {
        "id": call.id,
        "title": call.title,
        "where": call.where,
        "summary": call.summary,
        "body": call.body,
        "undo": call.undo,
        "by_hand": call.by_hand,
        "diff": [[line.tone.value, line.text] for line in call.diff],
        "debt": [debt.id, debt.title, debt.reason, debt.due_seconds] if debt else None,
    }


def preview_from_json(data: Mapping[str, Json]) -> Preview:
    """Returns the preview that `preview_to_json` wrote; raises KeyError or ValueError on anything else."""
    return Preview(
        step=data["step"],
        title=data["title"],
        target=data["target"],
        where=data["where"],
        danger=Danger[data["danger"].upper()],
        calls=tuple(_call_from_json(call) for call in data["calls"]),
        fingerprint=Fingerprint(tuple((name, value) for name, value in data["fingerprint"])),
        notices=tuple(Notice(label, text, warning) for label, text, warning in data["notices"]),
        checks=tuple(data["checks"]),
        undo=data["undo"],
        by_hand=tuple(data["by_hand"]),
        yes=data["yes"],
        refused=data["refused"],
        needs_reason=data.get("needs_reason", ""),
    )


def _call_from_json(data: Mapping[str, Json]) -> PlannedCall:
    return PlannedCall(
        id=data["id"],
        title=data["title"],
        where=data["where"],
        summary=data["summary"],
        body=data["body"],
        undo=data["undo"],
        by_hand=data["by_hand"],
        diff=tuple(DiffLine(Tone(tone), text) for tone, text in data["diff"]),
        debt=DebtSpec(*data["debt"]) if data["debt"] else None,
    )
