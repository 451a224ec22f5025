"""Runs migrate once, detached, and judges it by the schema and by real objects: never by its exit code."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gospel_rollback_tui.actions.schema_ports import Databases, MigrateRunner, MigrationSources
from gospel_rollback_tui.domain.databases import has_column
from gospel_rollback_tui.domain.dirty_schema import Gone, gone_words, judge_dirty
from gospel_rollback_tui.domain.errors import FactsMoved, OutcomeUnknown, Refused
from gospel_rollback_tui.domain.migrations.files import read_folder
from gospel_rollback_tui.domain.migrations.heads import SchemaHead
from gospel_rollback_tui.domain.preview import CheckState, Json, PlannedCall, digest_of
from gospel_rollback_tui.domain.processes import MigrateOrder, Progress
from gospel_rollback_tui.engine.ports import StepRequest

PATIENCE_SECONDS = 5.0
"""How long a sent command is waited for before its step goes on to watch it: most migrations end sooner."""
LOOK_SECONDS = 0.1
LEFT_SECONDS = 60.0
"""What of a step's time is kept for the look afterwards."""
LEAST_SECONDS = 60.0
_COMPLAINT = 200
"""Characters of migrate's last words that are shown."""


@dataclass(frozen=True, slots=True)
class Migrating:
    """Sends and judges the calls of every step that runs migrate."""

    databases: Databases
    sources: MigrationSources
    runner: MigrateRunner
    patience: float = PATIENCE_SECONDS
    pause: Callable[[float], None] = time.sleep

    def send(self, request: StepRequest, call: PlannedCall) -> str:
        """Starts migrate, once, and waits a little for its end; it goes on by itself if that takes longer."""
        body = call.body
        self._still_there(body)
        files = self.sources.texts(body["commit"], body["folder"])
        if digest_of(files) != body["digest"]:
            raise FactsMoved(f"{body['folder']} in {body['commit'][:7]} is not what was shown.")
        name = self.name(request, call)
        order = MigrateOrder(body["service"], self.runner.source(name), tuple(body["verb"]), body["seconds"], body["encrypted"])
        try:
            self.runner.start(name, order, files)
        except Refused as error:
            if self.runner.look(name, body["service"]) is None:
                raise
            raise OutcomeUnknown(error.text, next_step=error.next_step) from None
        return self._waited(name, body["service"])

    def _still_there(self, body: Json) -> None:
        head = self.databases.head(body["service"])
        if head.version != body["from"] or head.dirty != body["dirty"]:
            raise FactsMoved(f"The schema of {body['service']} is at {_at(head)} meanwhile.", moved=(("schema", str(body["from"]), _at(head)),))

    def _waited(self, name: str, service: str) -> str:
        for _ in range(int(self.patience / LOOK_SECONDS)):
            found = self.runner.look(name, service)
            if found is None or not found.running:
                break
            self.pause(LOOK_SECONDS)
        found = self.runner.look(name, service)
        if found is None:
            return "started"
        return f"pid {found.pid} {'runs' if found.running else 'has ended'}" + (f": {found.last}" if found.last else "")

    def happened(self, request: StepRequest, call: PlannedCall) -> bool | None:
        """Returns whether the schema is where the call leads; None: migrate still runs, or its end is told by the step's own checks."""
        found = self.runner.look(self.name(request, call), call.body["service"])
        if found is not None and found.running:
            return None
        if self._arrived(call.body, self.databases.head(call.body["service"])) and not self._left(call.body):
            return True
        return None if found is not None and found.ours else False

    def _arrived(self, body: Json, head: SchemaHead) -> bool:
        return head.version == body["to"] and not head.dirty

    def _left(self, body: Json) -> tuple[Gone, ...]:
        """Returns what should be gone and is there, or should be there and is gone."""
        gone, back = body["gone"], body["back"]
        if not gone and not back:
            return ()
        columns = self.databases.columns(body["service"])
        return tuple(
            (table, column) for objects, there in ((gone, True), (back, False)) for table, column in objects if has_column(columns, table, column) is there
        )

    def checks(self, request: StepRequest, calls: Sequence[PlannedCall]) -> tuple[CheckState, ...]:
        """Looks once: at the version, at the objects, and while neither is right at what migrate says."""
        return tuple(state for call in calls for state in self._checks(request, call))

    def _checks(self, request: StepRequest, call: PlannedCall) -> tuple[CheckState, ...]:
        body = call.body
        found = self.runner.look(self.name(request, call), body["service"])
        head = self.databases.head(body["service"])
        over = found is None or not found.running
        version, objects = names_of(body)
        if not self._arrived(body, head):
            words = self._failed(body, head, found) if over else f"migrate runs{_said(found)}{self._behind(body['service'])}"
            return (CheckState(version, passed=False if over else None, words=words, final=over),)
        states = [CheckState(version, passed=True, words=f"{_at(head)}, not dirty")]
        if objects:
            left = self._left(body)
            words = f"the version says {head.version}, but not so {gone_words(left)}" if left else "seen in the catalogue"
            states.append(CheckState(objects, passed=not left, words=words, final=bool(left) and over))
        return tuple(states)

    def _behind(self, service: str) -> str:
        """Returns whom migrate waits behind."""
        blockers = self.databases.blockers(service)
        return f"; it waits behind {', '.join(session.words for session in blockers)}" if blockers else ""

    def _failed(self, body: Json, head: SchemaHead, found: Progress | None) -> str:
        """Returns how it ended, and what of the failed file took effect."""
        how = "it was asked to stop" if found is not None and found.interrupted else "migrate has ended"
        words = f"{how} at {_at(head)}{_complaint(found)}"
        if not head.dirty or head.version is None:
            return words
        folder = read_folder(self.sources.texts(body["commit"], body["folder"]))
        return f"{words}. {judge_dirty(folder, head.version, self.databases.columns(body['service'])).words}"

    def cancel(self, request: StepRequest, call: PlannedCall) -> str:
        """Asks migrate to stop behind the file that it is at, with one SIGINT; returns what was done."""
        asked = self.runner.interrupt(self.name(request, call))
        return "migrate was asked to stop after the file it is at" if asked else "nothing of it runs that was not asked before"

    def name(self, request: StepRequest, call: PlannedCall) -> str:
        """Returns the command's name in its run: one a call of one attempt."""
        return f"{request.step.id}-{request.attempt}-{call.id}"


def names_of(body: Json) -> tuple[str, str]:
    """Returns the conditions of a call: the version, and the objects; the second is empty where the catalogue shows none."""
    version = f"{body['service']}: the schema is at version {body['to']} and not dirty"
    gone = f"gone: {gone_words([tuple(one) for one in body['gone']])}" if body["gone"] else ""
    back = f"back: {gone_words([tuple(one) for one in body['back']])}" if body["back"] else ""
    return version, f"{body['service']}: {gone or back}" if gone or back else ""


def statement_seconds(request: StepRequest) -> float:
    """Returns when a single file is given up: before the step itself is."""
    return max(LEAST_SECONDS, request.step.timeout - LEFT_SECONDS)


def _at(head: SchemaHead) -> str:
    return f"version {head.version}{' (dirty)' if head.dirty else ''}" if head.version is not None else "no version"


def _complaint(found: Progress | None) -> str:
    """Returns what migrate ended with: its error, which goes on over the lines of the SQL that it quotes."""
    lines = found.lines if found is not None else ()
    begins = max((number for number, line in enumerate(lines) if line.startswith("error")), default=max(0, len(lines) - 1))
    said = " ".join(lines[begins:])
    return f": {said[:_COMPLAINT].rstrip()}{'…' if len(said) > _COMPLAINT else ''}" if said else ""


def _said(found: Progress | None) -> str:
    return f": {found.last}" if found is not None and found.last else ""
