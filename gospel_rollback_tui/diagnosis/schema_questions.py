"""Asks what stands in the database between the running release and the one to go back to: in a thread of its own, once a round."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from time import monotonic

from gospel_rollback_tui.diagnosis.changes import rolled_out_at
from gospel_rollback_tui.diagnosis.failing import Onset, ServiceTrouble, onset, troubles
from gospel_rollback_tui.diagnosis.ports import SchemaGates
from gospel_rollback_tui.diagnosis.probes import Round
from gospel_rollback_tui.diagnosis.scene import Scene, SchemaSeen
from gospel_rollback_tui.diagnosis.suggestion import target_of
from gospel_rollback_tui.domain.migrations.gate import Gate
from gospel_rollback_tui.domain.release_change import ReleaseChange, service_change

SCHEMA_SECONDS = 5.0
"""Seconds a round waits for the answer; one that comes later is taken by the next round."""
RECENT = 30 * 60.0
"""Seconds before the onset within which a rollout is the one in question."""


@dataclass(slots=True)
class _Asking:
    changes: tuple[ReleaseChange, ...]
    round: Round


class SchemaQuestions:
    """Asks about one set of changes at a time, and remembers the last answer; used by the thread of the rounds."""

    def __init__(self, gates: SchemaGates, late: Callable[[], None], seconds: float = SCHEMA_SECONDS) -> None:
        """Asks nothing yet; `late` is called when an answer has come that nobody waited for any more."""
        self._gates = gates
        self._late = late
        self._seconds = seconds
        self._asking: _Asking | None = None
        self.seen: SchemaSeen | None = None
        """The last answer; None: there is none for what is in question now."""

    def asked_of(self, scene: Scene) -> Scene:
        """Returns the scene with what stands between the releases that it is about."""
        changes = changes_in_question(scene)
        if self.seen is not None and self.seen.changes != changes:
            self.seen = None
        if changes:
            self._ask(changes)
        elif changes is not None:
            self.seen = SchemaSeen(())
        return replace(scene, schema=self.seen)

    def _ask(self, changes: tuple[ReleaseChange, ...]) -> None:
        asking = self._asking
        if asking is None or asking.changes != changes:
            asking = self._asking = _Asking(changes, Round({"schema": lambda: self._answer(changes)}))
            asking.round.start()
        until = monotonic() + self._seconds
        while not asking.round.wait(max(0.0, until - monotonic())) and monotonic() < until:
            continue
        found, failures, waiting = asking.round.seen()
        if not waiting:
            self._asking = None
            self.seen = SchemaSeen(changes, found.get("schema"), failures.get("schema"))

    def _answer(self, changes: Sequence[ReleaseChange]) -> Gate | None:
        began = monotonic()
        gate = self._gates.between(changes)
        if monotonic() - began > self._seconds:
            self._late()
        return gate


def changes_in_question(scene: Scene) -> tuple[ReleaseChange, ...] | None:
    """Returns the change back of each service that fails; where none does, of each that was rolled out shortly before; None: not read yet."""
    if scene.deployments is None or scene.replica_sets is None:
        return None
    found = troubles(scene)
    since = onset(scene, found)
    failing = tuple(trouble for trouble in found if trouble.fails)
    asked = failing or tuple(trouble for trouble in found if _recent(scene, trouble, since.at or scene.at))
    return tuple(change for change in (_change(scene, trouble, since) for trouble in asked) if change is not None)


def _recent(scene: Scene, trouble: ServiceTrouble, reference: float) -> bool:
    deployment = trouble.deployment
    revisions = scene.revisions_of(deployment) if deployment is not None else ()
    at = rolled_out_at(deployment, revisions[0]) if deployment is not None and len(revisions) > 1 else None
    return at is not None and reference - RECENT <= at


def _change(scene: Scene, trouble: ServiceTrouble, since: Onset) -> ReleaseChange | None:
    """Returns the change to the revision that the service should go back to, or to the one before where none is known to be good."""
    deployment = trouble.deployment
    if deployment is None:
        return None
    sets, chosen = scene.revisions_of(deployment), target_of(scene, trouble, since).target
    before = next((one for one in sets if chosen is not None and one.revision == chosen.number), sets[1] if len(sets) > 1 else None)
    return service_change(trouble.service, deployment.template, before.template) if before is not None else None
