"""Decisions about the run as a whole."""

from collections.abc import Callable
from functools import partial

from gospel_rollback_tui.domain.decisions import Decision, Reply, Verb
from gospel_rollback_tui.domain.errors import RollbackError
from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.domain.preview import PlannedCall
from gospel_rollback_tui.domain.run import StepStatus
from gospel_rollback_tui.engine.arming import Arming
from gospel_rollback_tui.engine.closing import Closer
from gospel_rollback_tui.engine.debts import Debts
from gospel_rollback_tui.engine.incident import Incident
from gospel_rollback_tui.engine.locks import LockKeeper, held_by
from gospel_rollback_tui.engine.ports import Cancellable, StepRequest
from gospel_rollback_tui.engine.replies import refused, taken
from gospel_rollback_tui.engine.stability import Stability
from gospel_rollback_tui.engine.waiting import Credentials
from gospel_rollback_tui.engine.work import Work

_UNDER_WAY = (StepStatus.ACTING, StepStatus.VERIFYING, StepStatus.UNKNOWN)


class RunDesk:
    """Takes the decisions that name no step."""

    def __init__(
        self, incident: Incident, work: Work, credentials: Credentials, lock: LockKeeper, debts: Debts, stability: Stability, closer: Closer, arming: Arming
    ) -> None:
        """Keeps the parts that decisions are handed to."""
        self._incident = incident
        self._work = work
        self._credentials = credentials
        self._lock = lock
        self._debts = debts
        self._stability = stability
        self._closer = closer
        self._arming = arming
        self.verbs: dict[Verb, Callable[[Decision], Reply]] = {
            Verb.SIGN_DEBT: self._sign_debt,
            Verb.PAY_DEBT: self._pay_debt,
            Verb.END_EARLY: self._end_early,
            Verb.TAKE_OVER: self._take_over,
            Verb.CREDENTIALS: self._try_credentials,
            Verb.NOTE: self._note,
            Verb.ABORT: self._abort,
            Verb.CLOSE: self._close,
        }

    def decide(self, decision: Decision) -> Reply:
        """Takes the decision, or says why not."""
        return self.verbs[decision.verb](decision)

    def _sign_debt(self, decision: Decision) -> Reply:
        debt_id, reason = _text(decision, "debt"), _text(decision, "reason")
        record = self._incident.record
        with record.mutex:
            if debt_id not in [debt.id for debt in record.opened.open_debts]:
                return refused(f"no debt {debt_id!r} is open")
            if not reason:
                return refused("signing for a debt takes a written reason")
            record.append(Kind.DEBT_SIGNED, id=debt_id, who=decision.who, reason=reason)
        return taken()

    def _pay_debt(self, decision: Decision) -> Reply:
        debt_id, how = _text(decision, "debt"), _text(decision, "how")
        if not how:
            return refused("say how it was paid")
        if not self._debts.pay(debt_id, f"by hand, asserted by {decision.who}: {how}", decision.who):
            return refused(f"no debt {debt_id!r} is open")
        return taken()

    def _end_early(self, decision: Decision) -> Reply:
        reason = _text(decision, "reason")
        if not reason:
            return refused("ending the stability watch early takes a written reason")
        why = self._stability.end_early(decision.who, reason)
        return refused(why) if why else taken()

    def _take_over(self, decision: Decision) -> Reply:
        reason = _text(decision, "reason")
        run = self._incident.record.opened
        if run.read_only or self._incident.read_only:
            return refused("this run is read-only: it takes no lock")
        if not reason:
            return refused("taking over takes a written reason")
        if not run.lock_lost:
            return refused("the environment's lock is ours already")
        try:
            holder = self._lock.take_over(decision.who, reason)
        except RollbackError as error:
            return refused(f"the lock could not be taken over: {error.sentences()}")
        self._look_afresh()
        return taken(f"{held_by(holder)}: look at the world before you act" if holder else "the lock was free")

    def _look_afresh(self) -> None:
        """Previews anew whatever is armed: somebody else may have changed the world since."""
        for step_run in self._incident.record.opened.steps:
            if step_run.status is StepStatus.ARMED:
                arm = self._arming.arm_undo if step_run.undo_of is not None else self._arming.arm
                self._work.put(partial(arm, step_run.id))

    def _try_credentials(self, _decision: Decision) -> Reply:
        try:
            good = self._credentials.try_again()
        except RollbackError as error:
            return taken(f"the login could not be tried: {error.sentences()}")
        if not good:
            return taken("the login is still refused")
        self._work.put(self._arming.catch_up)
        return taken()

    def _note(self, decision: Decision) -> Reply:
        text = _text(decision, "text")
        if not text:
            return refused("the note says nothing")
        self._incident.record.append(Kind.NOTE, text=text, who=decision.who)
        return taken()

    def _abort(self, decision: Decision) -> Reply:
        reason = _text(decision, "reason")
        record = self._incident.record
        with record.mutex:
            if record.opened.aborted:
                return refused("the run was aborted already")
            if not reason:
                return refused("aborting takes a written reason")
            record.append(Kind.ABORTED, reason=reason, who=decision.who)
            debts = ", ".join(debt.title for debt in record.opened.open_debts)
        said = "; ".join(["nothing further is sent but what you put back", *self._cancel(), *([f"still to be put back: {debts}"] if debts else [])])
        return taken(said)

    def _cancel(self) -> list[str]:
        """Asks what was sent and still goes on to stop, and returns what was done about it."""
        done: list[str] = []
        for step_run in self._incident.record.opened.steps:
            if step_run.status not in _UNDER_WAY or step_run.preview is None:
                continue
            action = self._incident.action(self._incident.step(step_run.id))
            if isinstance(action, Cancellable):
                sent, request = {call.id for call in step_run.calls}, self._incident.request(step_run)
                done += [self._asked_to_stop(action, request, call) for call in step_run.preview.calls if call.id in sent]
        return done

    def _asked_to_stop(self, action: Cancellable, request: StepRequest, call: PlannedCall) -> str:
        try:
            said = action.cancel(request, call)
        except RollbackError as error:
            said = f"it could not be asked to stop: {error.text}"
        self._incident.record.append(Kind.NOTE, text=f"{call.title}: {said}", who="gospel-rollback")
        return said

    def _close(self, decision: Decision) -> Reply:
        why = self._closer.close(decision.who, _text(decision, "reason"))
        return refused(why) if why else taken()


def _text(decision: Decision, name: str) -> str:
    return str(decision.data.get(name, "")).strip()
