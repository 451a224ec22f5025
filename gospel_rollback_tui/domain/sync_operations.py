"""Operations of Argo CD: which of them is ours, and how it ended.

A `Succeeded` that is read may be an older operation's, or a dry run's; the state is absent for a moment after it was
asked for; and one that a sync window holds runs by itself when the window opens (recorded from Argo CD 3.2).
"""

from dataclasses import dataclass
from enum import Enum
from math import floor

from gospel_rollback_tui.domain.preview import digest_of
from gospel_rollback_tui.domain.raw import JsonObject, child, children, flag, moment, text
from gospel_rollback_tui.domain.sync_history import SHORT, history_from, revisions_of

MARKER = "gospel-rollback"
"""Name of the operation's info by which a sync of ours is known."""
HELD = "blocked by sync window"
FINAL = frozenset({"Succeeded", "Failed", "Error"})
_WIDTH = 300


@dataclass(frozen=True, slots=True)
class Operation:
    """The last operation of an Application, or the one under way."""

    phase: str
    """`Running`, `Terminating`, `Succeeded`, `Failed`, `Error`; empty: asked for and not begun."""
    revisions: tuple[str, ...]
    identity: str
    """Tells it from every other operation once it has begun."""
    dry_run: bool = False
    selective: bool = False
    """Only some objects, as self-heal does it."""
    started: float | None = None
    finished: float | None = None
    message: str = ""
    by: str = ""
    marker: str = ""
    failed: tuple[str, ...] = ()
    """Objects that could not be applied, with the reason."""

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.phase in FINAL

    @property
    def words(self) -> str:
        """What it is, e.g. `sync of 4f2a901 by ada`."""
        commit = " + ".join(revision[:SHORT] for revision in self.revisions) or "the branch"
        return f"{'dry run' if self.dry_run else 'sync'} of {commit} by {self.by or 'somebody'}"


def operation_from(application: JsonObject) -> Operation | None:
    """Returns the operation under way, or the last one; None: there was none."""
    asked, state = child(application, "operation"), child(application, "status", "operationState")
    if asked and state.get("phase") in FINAL:
        # Asked for through the object without clearing the state: what is there is an older operation's.
        state = {}
    operation = asked or child(state, "operation")
    if not operation:
        return None
    sync, by = child(operation, "sync"), child(operation, "initiatedBy")
    infos = {text(item.get("name")): text(item.get("value")) for item in children(operation, "info")}
    return Operation(
        phase=text(state.get("phase")),
        revisions=revisions_of(sync) or revisions_of(child(state, "syncResult")),
        identity=digest_of([state.get("startedAt"), operation]) if state.get("startedAt") else "",
        dry_run=flag(sync.get("dryRun")),
        selective=bool(children(sync, "resources")),
        started=moment(state.get("startedAt")),
        finished=moment(state.get("finishedAt")),
        message=text(state.get("message"), _WIDTH),
        by="Argo CD itself" if flag(by.get("automated")) else text(by.get("username")),
        marker=infos.get(MARKER, ""),
        failed=_failed(child(state, "syncResult")),
    )


def _failed(result: JsonObject) -> tuple[str, ...]:
    """`hookPhase` of what was applied stays `Running` for ever and means nothing; only `Failed` counts."""
    return tuple(
        f"{text(item.get('kind'))} {text(item.get('name'))}: {text(item.get('message'), 160)}"
        for item in children(result, "resources")
        if item.get("status") == "SyncFailed" or item.get("hookPhase") == "Failed"
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """The operation that a call asks for, and what was there before."""

    revisions: tuple[str, ...]
    before: str
    """Identity of the last operation when the call was planned; empty: there was none."""
    last_entry: int
    """Newest id of the history then; -1: it was empty."""
    marker: str = ""
    """Of a sync; a rollback carries none."""


class Ending(Enum):
    """What became of an operation."""

    WAITED = "under way"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    HELD = "held"
    """A sync window holds it; it runs by itself when that opens."""
    OTHER = "another one"
    """Another operation came in between."""


@dataclass(frozen=True, slots=True)
class OperationVerdict:
    """How the wanted operation stands."""

    ending: Ending
    words: str
    finished: float | None = None


def wanted_by(application: JsonObject, revisions: tuple[str, ...], marker: str = "") -> Wanted:
    """Returns what to look for after an operation for these commits was asked for, given the Application before."""
    last = operation_from(application)
    return Wanted(revisions, last.identity if last else "", max((entry.id for entry in history_from(application)), default=-1), marker)


def judge_operation(application: JsonObject, wanted: Wanted, since: float) -> OperationVerdict:
    """Returns how the wanted operation stands.

    Args:
        application: As it is now.
        wanted: The operation and what was there before it.
        since: When it was asked for, by the cluster's clock; Argo CD writes whole seconds.
    """
    last = operation_from(application)
    if last is not None and _is_wanted(last, wanted, since):
        return _ended(last)
    entry = _new_entry(application, wanted, since)
    if entry is not None:
        return OperationVerdict(Ending.SUCCEEDED, f"history entry {entry} is there")
    if last is not None and last.identity != wanted.before:
        return OperationVerdict(Ending.OTHER, f"another operation came in between: {last.words}, {last.phase or 'asked for'}")
    return OperationVerdict(Ending.WAITED, "not seen yet")


def has_begun(application: JsonObject, wanted: Wanted) -> bool | None:
    """Returns whether the wanted operation was taken; None: another one has been there since, and nothing tells of ours."""
    last = operation_from(application)
    if (last is not None and _is_wanted(last, wanted, None)) or _new_entry(application, wanted, None) is not None:
        return True
    return False if (last.identity if last is not None else "") == wanted.before else None


def _is_wanted(last: Operation, wanted: Wanted, since: float | None) -> bool:
    if last.revisions != wanted.revisions or last.dry_run or last.selective or last.marker != wanted.marker:
        return False
    if last.started is None:
        return True
    return last.identity != wanted.before and (since is None or last.started >= floor(since))


def _new_entry(application: JsonObject, wanted: Wanted, since: float | None) -> int | None:
    for entry in reversed(history_from(application)):
        fresh = entry.id > wanted.last_entry and (since is None or (entry.deployed is not None and entry.deployed >= floor(since)))
        if fresh and entry.revisions == wanted.revisions:
            return entry.id
    return None


def _ended(last: Operation) -> OperationVerdict:
    if last.phase == "Succeeded":
        return OperationVerdict(Ending.SUCCEEDED, last.message or "succeeded", last.finished)
    if last.phase in FINAL:
        return OperationVerdict(Ending.FAILED, why_failed(last), last.finished)
    if HELD in last.message:
        return OperationVerdict(Ending.HELD, "a sync window holds it, and it will run by itself when the window opens: stop it, or wait for it")
    return OperationVerdict(Ending.WAITED, last.message or last.phase.lower() or "asked for")


def why_failed(last: Operation) -> str:
    """Returns why an operation failed and what it left behind."""
    said = last.message or last.phase
    if "Failed to checkout revision" in said or "not our ref" in said:
        return "its commit is gone from git and Argo CD has no copy of it; nothing live was touched. Go by a patch, an image, or another entry"
    if "Operation terminated" in said:
        return f"it was stopped: {said}. What it had applied by then stays"
    if last.phase == "Error":
        return f"it could not begin, and nothing live was touched: {said}"
    objects = "; ".join(last.failed[:3])
    return f"{said}{f' ({objects})' if objects else ''}. What could be applied was applied"
