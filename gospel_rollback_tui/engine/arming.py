"""Previews steps and arms them: what a confirmation will be held against."""

from collections.abc import Callable
from dataclasses import replace

from gospel_rollback_tui.domain.danger import Danger, raised
from gospel_rollback_tui.domain.errors import CredentialsExpired, Refused, RollbackError
from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.domain.fold_steps import ARMABLE, UNDOABLE
from gospel_rollback_tui.domain.preview import Preview, preview_to_json
from gospel_rollback_tui.domain.run import CallRun, Run, StepRun
from gospel_rollback_tui.engine.incident import Incident
from gospel_rollback_tui.engine.waiting import Credentials


class Arming:
    """Makes previews by reading the world, and records them."""

    def __init__(self, incident: Incident, credentials: Credentials) -> None:
        """Has nothing to arm yet."""
        self._incident = incident
        self._credentials = credentials
        self._wanted: dict[str, bool] = {}

    def refusal(self, step_id: str, *, undo: bool) -> str:
        """Returns why the step cannot be armed now, without reading the world; empty: it can."""
        run = self._incident.record.opened
        step_run = run.step(step_id)
        status = step_run.at_rest.status
        if self._incident.step(step_id).watches:
            return "the stability watch starts by itself"
        if run.unknown:
            return f"first it must be known what became of {run.unknown[0].title!r}"
        if status not in (UNDOABLE if undo else ARMABLE):
            return f"step {step_run.title!r} is {status.value}"
        return self._undo_refusal(step_run) if undo else ""

    def _undo_refusal(self, step_run: StepRun) -> str:
        step = self._incident.step(step_run.id)
        if not self._incident.action(step).spec.undo:
            return step.no_undo or f"what {step_run.title!r} does cannot be put back"
        return "" if step_run.done_calls else f"step {step_run.title!r} has changed nothing that could be put back"

    def arm(self, step_id: str) -> None:
        """Previews the step going forward; what fails is recorded as the step's reason."""
        step = self._incident.step(step_id)

        def plan(step_run: StepRun) -> Preview:
            """Returns what going forward would do, with at least the danger that is written."""
            action = self._incident.action(step)
            preview = action.plan(self._incident.request(step_run, step_run.next_attempt))
            if action.spec.automated and not preview.calls and not preview.refused:
                return replace(preview, danger=Danger.OBSERVE, by_hand=())  # what has nothing to send is only looked at, whatever was written
            lowest = Danger.REVERSIBLE if preview.calls else Danger.OBSERVE
            return replace(preview, danger=max(lowest, raised(preview.danger, step.danger)))

        self._arm(step_id, undo=False, plan=plan)

    def arm_undo(self, step_id: str) -> None:
        """Previews putting back what the step did."""
        step = self._incident.step(step_id)

        def plan(step_run: StepRun) -> Preview:
            """Returns what putting back would do; raises Refused where there is nothing."""
            request = self._incident.request(step_run, step_run.next_attempt)
            preview = self._incident.action(step).undo_plan(request, _first_of_each(step_run.done_calls))
            if not preview.calls and not preview.refused:
                raise Refused("There is nothing to put back: the world is as it was before.")
            return replace(preview, danger=max(Danger.REVERSIBLE, preview.danger))

        self._arm(step_id, undo=True, plan=plan)

    def _arm(self, step_id: str, *, undo: bool, plan: Callable[[StepRun], Preview]) -> None:
        self._wanted.pop(step_id, None)
        record = self._incident.record
        if record.opened.closed or self.refusal(step_id, undo=undo):
            return
        try:
            preview = self._credentials.read(lambda: plan(record.opened.step(step_id)), repeatable=True)
        except CredentialsExpired:
            self._wanted[step_id] = undo
            return
        except RollbackError as error:
            self._unprepared(step_id, error)
            return
        with record.mutex:
            step_run = record.opened.step(step_id)
            if record.opened.closed or self.refusal(step_id, undo=undo):
                return
            undo_of = step_run.at_rest.attempts if undo else None
            shown = preview_to_json(replace(preview, step=step_id))
            record.append(Kind.PREVIEWED, step=step_id, attempt=step_run.next_attempt, undo_of=undo_of, preview=shown)

    def _unprepared(self, step_id: str, error: RollbackError) -> None:
        """Records why there is no preview, if the step still waits for one."""

        def waits(run: Run) -> bool:
            """Returns whether nobody has taken the step meanwhile."""
            return not run.closed and run.step(step_id).status in (*ARMABLE, *UNDOABLE)

        attempt = self._incident.record.opened.step(step_id).attempt
        self._incident.record.append_if(waits, Kind.REFUSED, step=step_id, attempt=attempt, reason=error.sentences())

    def want(self, step_id: str, *, undo: bool) -> None:
        """Remembers to arm the step once the run goes on."""
        self._wanted[step_id] = undo

    def catch_up(self) -> None:
        """Arms what had to wait for a login."""
        if self._incident.record.opened.waiting:
            return
        for step_id, undo in list(self._wanted.items()):
            (self.arm_undo if undo else self.arm)(step_id)


def _first_of_each(done: tuple[CallRun, ...]) -> tuple[CallRun, ...]:
    """Returns one call for each object: the oldest, which captured what was there before the step was ever carried out."""
    first: dict[str, CallRun] = {}
    for call in done:
        first.setdefault(call.id, call)
    return tuple(first.values())
