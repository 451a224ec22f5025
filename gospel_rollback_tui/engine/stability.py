"""The stability watch of a run: begun when all before it is over, recorded by its changes, needing no terminal."""

from gospel_rollback_tui.domain.errors import RollbackError
from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.domain.runbook import Step
from gospel_rollback_tui.engine.incident import Incident
from gospel_rollback_tui.engine.order import blocking
from gospel_rollback_tui.engine.ports import StabilityWatch, WatchReport
from gospel_rollback_tui.engine.waiting import Credentials

IDLE_SECONDS = 0.5
"""Between two looks whether the watch may begin."""
UNWATCHED = "the watch"
"""`signal` of a reset because nobody watched for a while."""


class Stability:
    """Samples the environment's signals, in a thread of its own, and records what changes."""

    def __init__(self, incident: Incident, credentials: Credentials) -> None:
        """Watches nothing yet."""
        self._incident = incident
        self._credentials = credentials
        self._watch: StabilityWatch | None = None

    def beat(self) -> float:
        """Takes a sample if it is time to watch; returns the seconds until the next one."""
        step = self._due()
        if step is None:
            self._watch = None
            return IDLE_SECONDS
        if self._watch is None:
            self._watch = self._begin(step)
        try:
            report = self._credentials.read(self._watch.sample)
        except RollbackError:
            return self._incident.environment.stability.sample_seconds
        self._record(report)
        return self._incident.environment.stability.sample_seconds

    def _due(self) -> Step | None:
        """Returns the step that watches, if all that it waits for is over and it is not."""
        run = self._incident.record.run
        if run is None or run.closed or not run.steps or run.waiting:
            return None
        path = self._incident.path()
        step = next((step for step in path.steps if step.watches), None)
        if step is None or run.step(step.id).status.over or blocking(run, path, step):
            return None
        return step

    def _begin(self, step: Step) -> StabilityWatch:
        record = self._incident.record
        with record.mutex:
            run = record.opened
            if run.watch is None or run.watch.over:
                record.append(Kind.WATCH_STARTED, minutes=self._incident.environment.stability.minutes, step=step.id)
            else:
                record.append(Kind.CLOCK_RESET, signal=UNWATCHED, words="nobody watched for a while: only time that was seen to be good counts")
        return self._incident.world.watch(run.symptom, run.recovered_at or self._incident.now())

    def _record(self, report: WatchReport) -> None:
        record = self._incident.record
        with record.mutex:
            if self._due() is None or record.opened.watch is None:
                return
            known = {signal.name: signal.state for signal in record.opened.watch.signals}
            held = max(0.0, self._incident.now() - report.clock_from)
            if report.reset is not None:
                record.append(Kind.CLOCK_RESET, signal=report.reset[0], words=report.reset[1])
                held = 0.0
            for signal in report.signals:
                if known.get(signal.name) != signal.state:
                    record.append(Kind.SIGNAL, name=signal.name, state=signal.state, words=signal.words, held=held)
            if report.stable:
                record.append(Kind.STABLE, minutes=self._incident.environment.stability.minutes)

    def end_early(self, who: str, reason: str) -> str:
        """Ends the watch by a written decision; returns why it cannot be ended, or an empty text."""
        record = self._incident.record
        with record.mutex:
            watch = record.opened.watch
            if watch is None or watch.over:
                return "no stability watch is running"
            record.append(Kind.ENDED_EARLY, reason=reason, who=who, after=round(watch.held(self._incident.now()), 1))
        return ""
