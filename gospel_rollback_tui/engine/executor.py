"""Carries out a confirmed step: the last look, then its calls in order, the first failure stopping the rest."""

from gospel_rollback_tui.domain.errors import CredentialsExpired, FactsMoved, RollbackError
from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.domain.preview import Outcome, Preview
from gospel_rollback_tui.domain.run import StepRun, StepStatus
from gospel_rollback_tui.engine.arming import Arming
from gospel_rollback_tui.engine.gate import Gate
from gospel_rollback_tui.engine.incident import Incident
from gospel_rollback_tui.engine.locks import LockKeeper
from gospel_rollback_tui.engine.outcome import Outcomes
from gospel_rollback_tui.engine.sending import Sender
from gospel_rollback_tui.engine.sent import Next
from gospel_rollback_tui.engine.turns import Turns


class Executor:
    """Works on confirmed steps, in the engine's one working thread."""

    def __init__(self, incident: Incident, gate: Gate, turns: Turns, sender: Sender, arming: Arming, outcomes: Outcomes, lock: LockKeeper) -> None:
        """Keeps the parts it hands each step through."""
        self._incident = incident
        self._gate = gate
        self._turns = turns
        self._sender = sender
        self._arming = arming
        self._outcomes = outcomes
        self._lock = lock
        self._taken: set[tuple[str, int]] = set()

    def take(self, step_id: str, attempt: int) -> None:
        """Notes that a confirmed attempt is going to be carried out by this process."""
        self._taken.add((step_id, attempt))

    def carry_out(self, step_id: str, attempt: int) -> None:
        """Carries the attempt out, from the gate's last look to the last call."""
        step_run = self._incident.record.opened.step(step_id)
        try:
            if step_run.status is StepStatus.ACTING and step_run.attempt == attempt and step_run.preview:
                self._carry_out(step_run, step_run.preview)
        finally:
            self._taken.discard((step_id, attempt))
            self._lock.rest()

    def _carry_out(self, step_run: StepRun, preview: Preview) -> None:
        try:
            self._gate.look(step_run, preview)
        except FactsMoved as error:
            self._moved(step_run, error)
            return
        except RollbackError as error:
            self._outcomes.put_down(step_run, error.sentences())
            if isinstance(error, CredentialsExpired):
                self._arming.want(step_run.id, undo=step_run.undo_of is not None)
            return
        for call in preview.calls:
            sent = self._turns.wait(step_run.id, step_run.attempt, call) or self._sender.send(step_run.id, step_run.attempt, call)
            if sent.next is Next.UNKNOWN or self._incident.stop.is_set():
                return
            if sent.next is Next.AGAIN:
                self._outcomes.put_down(step_run, self._told(step_run, call.title, sent.reason))
                self._arming.want(step_run.id, undo=step_run.undo_of is not None)
                return
            if sent.next is Next.STOP:
                self._outcomes.stopped(step_run, self._told(step_run, call.title, sent.reason))
                return

    def _told(self, step_run: StepRun, title: str, reason: str) -> str:
        """Returns what stopped the step, and what was done of it before that."""
        calls = self._incident.record.opened.step(step_run.id).calls
        titles = {call.id: call.title for call in step_run.preview.calls} if step_run.preview else {}
        done = [titles.get(call.id, call.id) for call in calls if call.outcome is Outcome.DONE]
        return f"{title}: {reason} " + (f"Done before it stopped: {', '.join(done)}." if done else "Nothing was changed.")

    def _moved(self, step_run: StepRun, error: FactsMoved) -> None:
        record = self._incident.record
        with record.mutex:
            now = record.opened.step(step_run.id)
            if now.status is not StepStatus.ACTING or now.attempt != step_run.attempt or now.calls:
                return
            record.append(Kind.MOVED, step=step_run.id, attempt=step_run.attempt, moved=[list(fact) for fact in error.moved])
        (self._arming.arm_undo if step_run.undo_of is not None else self._arming.arm)(step_run.id)

    def settle_left_over(self) -> None:
        """Ends attempts that were confirmed and of which nothing is on its way: a runner or its journal stopped in between."""
        for step_run in self._incident.record.opened.steps:
            if step_run.status is not StepStatus.ACTING or step_run.unresolved or (step_run.id, step_run.attempt) in self._taken:
                continue
            if step_run.calls:
                self._outcomes.stopped(step_run, "It was stopped before every call was sent. What was done is known; the rest was not sent.")
            else:
                self._outcomes.put_down(step_run, "It was stopped before anything was sent. Confirm it again.")
