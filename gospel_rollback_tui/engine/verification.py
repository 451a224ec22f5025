"""Looks at the world until a step has done what it was for, cannot any more, or its time is over."""

from gospel_rollback_tui.domain.errors import CredentialsExpired, RollbackError
from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.domain.preview import CheckState, PlannedCall
from gospel_rollback_tui.domain.run import Run, StepRun, StepStatus
from gospel_rollback_tui.domain.spans import span
from gospel_rollback_tui.engine.conditions import still
from gospel_rollback_tui.engine.incident import Incident
from gospel_rollback_tui.engine.outcome import Outcomes
from gospel_rollback_tui.engine.waiting import Credentials


def acting_since(step_run: StepRun) -> float:
    """Returns the wall time from which the step's conditions are looked at."""
    return min((call.intent_at for call in step_run.calls), default=step_run.started)


class Verification:
    """Polls the conditions of steps."""

    def __init__(self, incident: Incident, credentials: Credentials, outcomes: Outcomes) -> None:
        """Has seen nothing yet."""
        self._incident = incident
        self._credentials = credentials
        self._outcomes = outcomes
        self._waited_at_start: dict[tuple[str, int], float] = {}

    def beat(self) -> None:
        """Looks once at every step that is being verified."""
        for step_run in self._incident.record.opened.steps:
            if step_run.status is StepStatus.VERIFYING and not self._incident.step(step_run.id).watches:
                self._poll(step_run)

    def _poll(self, step_run: StepRun) -> None:
        trouble = ""
        states: tuple[CheckState, ...] | None = None
        try:
            states = self.look(step_run)
        except CredentialsExpired:
            return
        except RollbackError as error:
            trouble = error.text
        if states is not None:
            failed = next((state for state in states if state.passed is False and state.final), None)
            if seen(states):
                self._outcomes.succeeded(step_run, _summary(states))
                return
            if not states and self._calls_seen(step_run):
                self._outcomes.succeeded(step_run, "the effect of each call was seen")
                return
            if failed is not None:
                self._outcomes.failed(step_run, f"{failed.name}: {failed.words}" if failed.words else failed.name)
                return
        self._give_up_in_time(step_run, states, trouble)

    def _calls_seen(self, step_run: StepRun) -> bool:
        """Returns whether each call's effect was seen, looking again for those that could not be told: enough for a step without conditions."""
        for call in step_run.preview.calls if step_run.preview else ():
            sent = next((sent for sent in step_run.calls if sent.id == call.id), None)
            if sent is None or sent.verified is False:
                return False
            if sent.verified is None and not self._call_seen(step_run, call):
                return False
        return bool(step_run.calls)

    def _call_seen(self, step_run: StepRun, call: PlannedCall) -> bool:
        action = self._incident.action(self._incident.step(step_run.id))
        request = self._incident.request(step_run)
        try:
            if not self._credentials.read(lambda: action.happened(request, call), repeatable=True):
                return False
        except RollbackError:
            return False
        fields = {"step": step_run.id, "attempt": step_run.attempt, "call": call.id, "passed": True, "detail": "seen"}
        return self._incident.record.append_if(still(step_run.id, step_run.attempt, StepStatus.VERIFYING), Kind.CALL_VERIFIED, **fields)

    def look(self, step_run: StepRun) -> tuple[CheckState, ...]:
        """Looks once, records what changed, and returns every condition; raises what the read raises."""
        if step_run.preview is None:
            return ()
        preview = step_run.preview
        action = self._incident.action(self._incident.step(step_run.id))
        request = self._incident.request(step_run)
        states = self._credentials.read(lambda: action.checks(request, preview, acting_since(step_run)), repeatable=True)
        known = {check.name: check for check in step_run.checks}

        def same_attempt(run: Run) -> bool:
            """Returns whether the step is still where it was looked at."""
            now = run.step(step_run.id)
            return not run.closed and now.attempt == step_run.attempt and now.status is step_run.status

        for state in states:
            before = known.get(state.name)
            if before is None or (before.passed, before.words) != (state.passed, state.words):
                fields = {"step": step_run.id, "attempt": step_run.attempt, "check": state.name, "passed": state.passed, "words": state.words}
                self._incident.record.append_if(same_attempt, Kind.OBSERVED, **fields)
        return states

    def _give_up_in_time(self, step_run: StepRun, states: tuple[CheckState, ...] | None, trouble: str) -> None:
        step = self._incident.step(step_run.id)
        key = (step_run.id, step_run.attempt)
        waited = self._credentials.waited - self._waited_at_start.setdefault(key, self._credentials.waited)
        begun = max((call.result_at for call in step_run.calls), default=step_run.started)
        if self._incident.now() - begun - waited < step.timeout:
            return
        missing = [f"{state.name} ({state.words})" if state.words else state.name for state in states or () if not state.passed]
        last = "; ".join(missing) or (f"the last look failed: {trouble}" if trouble else "nothing of it can be seen; look yourself, then say so (`h`)")
        self._outcomes.failed(step_run, f"not verified within {span(step.timeout)}: {last}")


def seen(states: tuple[CheckState, ...]) -> bool:
    """Returns whether the world shows what a step was for: every condition, and at least one."""
    return bool(states) and all(state.passed for state in states)


def _summary(states: tuple[CheckState, ...]) -> str:
    return "; ".join(f"{state.name}: {state.words}" if state.words else state.name for state in states)
