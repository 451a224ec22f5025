"""Debts: what a call leaves behind that must be put back, opened with the call and paid by the act that puts it back."""

from gospel_rollback_tui.domain.debts import DEBTS
from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.domain.preview import DebtSpec, Json, Outcome, PlannedCall
from gospel_rollback_tui.domain.run import CallRun, Debt, StepRun, StepStatus
from gospel_rollback_tui.engine.incident import Incident

_NOT_MADE = "the act that would have left it was not made"


def paid_ids(calls: tuple[CallRun, ...], written: tuple[str, ...]) -> tuple[str, ...]:
    """Returns the debts that a verified step pays: the written ones, and those that its calls name in `body["pays"]`, but for those in `body["keeps"]`."""
    bodies = tuple(call.body for call in calls)
    named = dict.fromkeys((*written, *_named(bodies, "pays")))
    kept = _named(bodies, "keeps")
    return tuple(name for name in named if name and name not in kept)


def _named(bodies: tuple[Json, ...], key: str) -> tuple[str, ...]:
    found = [body.get(key, ()) for body in bodies if isinstance(body, dict)]
    return tuple(str(name) for names in found for name in ([names] if isinstance(names, str) else names))


class Debts:
    """Opens debts with their calls, and pays or withdraws them by what became of these."""

    def __init__(self, incident: Incident) -> None:
        """Keeps no state of its own: debts live in the journal."""
        self._incident = incident

    def _is_open(self, debt_id: str) -> Debt | None:
        return next((debt for debt in self._incident.record.opened.open_debts if debt.id == debt_id), None)

    def open_for(self, step_run: StepRun, call: PlannedCall) -> None:
        """Opens the debt that the call leaves behind, unless it is open already, and again those that it takes back the payment of (`body["owes"]`)."""
        self._open_again(call.body, self._incident.now())
        if call.debt is None or self._is_open(call.debt.id):
            return
        self._open(step_run.id, call.id, call.debt)

    def _open_again(self, body: Json, before: float) -> None:
        """Opens debts that were paid before then, as they were first left: who puts them back finds what was captured with them."""
        for name in _named((body,), "owes"):
            paid = next((debt for debt in self._incident.record.opened.debts if debt.id == name and not debt.open and debt.opened < before), None)
            if paid is not None:
                spec = DebtSpec(paid.id, paid.title, paid.reason, paid.due - paid.opened)
                self._open(paid.step, paid.call, spec)

    def _open(self, step_id: str, call_id: str, debt: DebtSpec) -> None:
        record = self._incident.record
        record.append(
            Kind.DEBT_OPENED,
            id=debt.id,
            title=debt.title,
            reason=debt.reason,
            due=self._incident.now() + debt.due_seconds,
            step=step_id,
            call=call_id,
            owner=record.opened.operator,
        )

    def open_by_hand(self, step_run: StepRun) -> None:
        """Opens what an asserted step has left behind: what its previewed calls would have left, or what the runbook says where none was previewed.

        What this very assertion has opened already, also if it was paid since, is not opened again.
        """
        if step_run.status is not StepStatus.ASSERTED:
            return
        planned = step_run.preview.calls if step_run.preview else ()
        written = tuple(("", DEBTS[name]) for name in self._incident.step(step_run.id).leaves)
        left = tuple((call.id, call.debt) for call in planned if call.debt is not None) if planned else written
        known = {debt.id for debt in self._incident.record.opened.debts if debt.open or (debt.step == step_run.id and debt.opened >= step_run.ended)}
        for call_id, debt in left:
            if debt.id not in known:
                self._open(step_run.id, call_id, debt)

    def tidy(self, step_run: StepRun) -> None:
        """Withdraws debts of calls that turned out not to have been made, and opens those that a stop has left out."""
        for call in step_run.calls:
            made = call.outcome not in (Outcome.NOT_SENT, Outcome.REFUSED) and call.verified is not False
            if made:
                self._open_again(call.body, call.intent_at)
            for debt in () if made else map(self._is_open, _named((call.body,), "owes")):
                if debt and debt.opened >= call.intent_at:
                    self.pay(debt.id, _NOT_MADE, "gospel-rollback")
        if step_run.preview is None or step_run.undo_of is not None:
            return
        done = {call.id for call in step_run.done_calls}
        sent = {call.id: call for call in step_run.calls}
        for planned in step_run.preview.calls:
            if planned.debt is None or planned.id not in sent:
                continue
            if planned.id in done or sent[planned.id] in step_run.unresolved:
                self._reopen_if_left_out(step_run, planned)
            elif sent[planned.id].outcome in (Outcome.NOT_SENT, Outcome.REFUSED) and self._is_open(planned.debt.id):
                self.pay(planned.debt.id, _NOT_MADE, "gospel-rollback")

    def _reopen_if_left_out(self, step_run: StepRun, planned: PlannedCall) -> None:
        known = {debt.id for debt in self._incident.record.opened.debts}
        if planned.debt and planned.debt.id not in known:
            self._open(step_run.id, planned.id, planned.debt)

    def step_over(self, step_run: StepRun, who: str) -> None:
        """Pays what a verified or asserted step pays, and everything that a step left behind which was put back.

        Only debts that are older than the step's end: a later act may have left the same one again.
        """
        if step_run.status is StepStatus.UNDONE:
            left = (debt for debt in self._incident.record.opened.open_debts if debt.step == step_run.id)
            # What the putting back has itself left behind is younger than its confirmation, and stays.
            paid = tuple(debt.id for debt in left if not step_run.started or debt.opened < step_run.started)
            how = f"{step_run.title} was put back"
        elif step_run.status in (StepStatus.VERIFIED, StepStatus.ASSERTED):
            paid = paid_ids(step_run.calls, self._incident.step(step_run.id).pays)
            how = f"{step_run.title} ({step_run.status.value})"
        else:
            return
        for debt_id in paid:
            debt = self._is_open(debt_id)
            if debt and debt.opened <= step_run.ended:
                self.pay(debt_id, how, who)

    def catch_up(self) -> None:
        """Pays, withdraws and opens what a stop between two records has left out."""
        run = self._incident.record.opened
        for step_run in run.steps:
            self.tidy(step_run)
            self.step_over(step_run, run.operator)
            self.open_by_hand(step_run)

    def pay(self, debt_id: str, how: str, who: str) -> bool:
        """Records a debt as paid and returns whether there was such an open debt."""
        record = self._incident.record
        with record.mutex:
            if self._is_open(debt_id) is None:
                return False
            record.append(Kind.DEBT_PAID, id=debt_id, how=how, who=who)
            return True
