"""What the screens see: one consistent picture of everything, taken anew by one timer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gospel_rollback_tui.domain.feed import Moment
from gospel_rollback_tui.domain.runbook import Path, Row, Runbook, Step
from gospel_rollback_tui.ui.before import Before
from gospel_rollback_tui.ui.ports import Desk, RunView

if TYPE_CHECKING:  # the first paint waits for none of them
    from gospel_rollback_tui.domain.events import Event
    from gospel_rollback_tui.domain.owed import Owed
    from gospel_rollback_tui.domain.run import Run
    from gospel_rollback_tui.domain.snapshots import EstateSnapshot
    from gospel_rollback_tui.domain.triage import TriagePicture


@dataclass(frozen=True, slots=True)
class Glance:
    """Everything live at one moment."""

    desk: Desk
    now: Moment
    first_paint: float
    """Wall time of the app's first paint."""
    jumped: float = 0.0
    """Seconds by which this host's wall clock was set since then."""
    snapshot: EstateSnapshot | None = None
    picture: TriagePicture | None = None
    run: Run | None = None
    events: Sequence[Event] = ()
    alive: bool = True
    """Whether the run's runner lives; True without a run."""
    follows: str = ""
    """Why this app may only look; empty: it may decide."""
    owed: tuple[Owed, ...] = ()
    """What earlier runs have left behind."""
    before: tuple[str, EstateSnapshot] | None = None
    """The step that was last begun while this app looked on, and the estate as it was then."""

    @property
    def cluster_wall(self) -> float:
        """The present by the cluster's clock: what is dated there is aged by it."""
        return self.now.wall + (self.snapshot.skew if self.snapshot else 0.0)

    @property
    def objective(self) -> float:
        """Seconds the recovery may take; 0: varies, or no row is suggested yet."""
        if self.run is not None and self.run.scenario:
            return self.run.objective
        weighing = self.picture.weighing if self.picture else None
        return self.objective_of(weighing.suggested) if weighing and weighing.suggested else 0.0

    def objective_of(self, scenario: str) -> float:
        """Returns the objective of a scenario in this environment, in seconds; 0: varies."""
        own = dict(self.desk.environment.objectives).get(scenario)
        if own is not None:
            return own
        runbook = self.runbook(scenario)
        return runbook.objective if runbook else 0.0

    @property
    def clock(self) -> float:
        """Seconds from first paint to recovery, or to now."""
        began = self.run.first_paint if self.run and self.run.first_paint else self.first_paint
        if self.run and self.run.recovered_at:
            return max(0.0, self.run.recovered_at - began)
        jumped = self.jumped if began == self.first_paint else 0.0  # nobody knows what another process's clock did
        return max(0.0, self.now.wall - jumped - began)

    @property
    def path(self) -> Path | None:
        """The way back that the run takes; None: not chosen, or not among this app's runbooks."""
        if self.run is None or not self.run.scenario:
            return None
        runbook = self.runbook(self.run.scenario)
        return next((path for path in runbook.paths if path.id == self.run.path), None) if runbook else None

    def step(self, step_id: str) -> Step | None:
        """Returns the written step of that id on the run's path; None: unknown here."""
        path = self.path
        return next((step for step in path.steps if step.id == step_id), None) if path else None

    def runbook(self, scenario: str) -> Runbook | None:
        """Returns the runbook of that scenario; None: unknown here."""
        return next((runbook for runbook in self.desk.library.runbooks if runbook.id == scenario), None)

    def row(self, scenario: str) -> Row | None:
        """Returns the matrix row of that scenario; None: unknown here."""
        return next((row for row in self.desk.library.matrix.rows if row.id == scenario), None)


def concerned(glance: Glance) -> tuple[str, ...]:
    """Returns the services the incident is about: those chosen in the run, or those that fail."""
    chosen = services_of(glance.run)
    if chosen:
        return chosen
    return tuple(service.name for service in glance.picture.failing) if glance.picture else ()


def services_of(run: Run | None) -> tuple[str, ...]:
    """Returns the services that the run is about, as chosen."""
    inputs = (run.inputs if run else None) or {}
    chosen = inputs.get("services") or inputs.get("service") or ""
    return tuple(name.strip() for name in chosen.split(",") if name.strip())


class Sight:
    """Takes glances; knows which run is followed once there is one."""

    def __init__(self, desk: Desk) -> None:
        """Begins without a run."""
        self.desk = desk
        self.run_view: RunView | None = None
        self.before = Before()
        self.owed: tuple[Owed, ...] = ()
        """What earlier runs have left behind; set once it was read."""
        self._began = desk.clock.now()
        self.first_paint = self._began.wall
        self.glance = Glance(desk, desk.clock.now(), self.first_paint)

    def follow(self, run_view: RunView) -> None:
        """Makes that run the one that is followed."""
        self.run_view = run_view
        self.look()

    def look(self) -> Glance:
        """Takes a new glance and returns it."""
        view = self.run_view
        now = self.desk.clock.now()
        run, snapshot = view.run() if view else None, self.desk.estate.snapshot()
        self.before.note(run, snapshot)
        self.glance = Glance(
            desk=self.desk,
            now=now,
            first_paint=self.first_paint,
            jumped=(now.wall - self._began.wall) - (now.monotonic - self._began.monotonic),
            snapshot=snapshot,
            picture=self.desk.triage.picture(),
            run=run,
            events=view.events() if view else (),
            alive=view.alive() if view else True,
            owed=self.owed,
            before=self.before.begun,
            follows=(view.read_only() if view else "") or ("read-only" if self.desk.read_only else ""),
        )
        return self.glance
