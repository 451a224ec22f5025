"""Decisions about one step: refused at once with the reason, or recorded and handed to the working thread."""

import re
from collections.abc import Callable

from gospel_rollback_tui.domain.confirmation import Confirmation
from gospel_rollback_tui.domain.danger import danger_of
from gospel_rollback_tui.domain.decisions import Decision, Reply, Verb
from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.domain.fold_steps import SKIPPABLE
from gospel_rollback_tui.domain.run import StepStatus
from gospel_rollback_tui.domain.runbook import MANUAL_ACTION
from gospel_rollback_tui.engine.arming import Arming
from gospel_rollback_tui.engine.by_hand import ByHand
from gospel_rollback_tui.engine.executor import Executor
from gospel_rollback_tui.engine.gate import Gate
from gospel_rollback_tui.engine.incident import Incident
from gospel_rollback_tui.engine.looks import Looks
from gospel_rollback_tui.engine.replies import refused, taken
from gospel_rollback_tui.engine.work import Work


class StepDesk:
    """Takes the decisions that name a step."""

    def __init__(self, incident: Incident, work: Work, gate: Gate, arming: Arming, executor: Executor, by_hand: ByHand, looks: Looks) -> None:
        """Keeps the parts that decisions are handed to."""
        self._incident = incident
        self._work = work
        self._gate = gate
        self._arming = arming
        self._executor = executor
        self._by_hand = by_hand
        self._looks = looks
        self.verbs: dict[Verb, Callable[[Decision, str], Reply]] = {
            Verb.ARM: self._arm,
            Verb.CHOOSE: self._choose,
            Verb.CONFIRM: self._confirm,
            Verb.DECLINE: self._decline,
            Verb.BY_HAND: self._assert_by_hand,
            Verb.SKIP: self._skip,
            Verb.UNDO: self._undo,
            Verb.VERIFY: self._verify,
        }

    def decide(self, decision: Decision) -> Reply:
        """Takes the decision, or says why not."""
        step_id = str(decision.data.get("step", ""))
        known = [step.id for step in self._incident.record.opened.steps]
        if step_id not in known:
            return refused(f"the path has no step {step_id!r}; it has {', '.join(known)}")
        return self.verbs[decision.verb](decision, step_id)

    def _arm(self, _decision: Decision, step_id: str) -> Reply:
        if why := self._arming.refusal(step_id, undo=False):
            return refused(why)
        self._work.put(lambda: self._arming.arm(step_id))
        return taken()

    def _undo(self, _decision: Decision, step_id: str) -> Reply:
        if why := self._arming.refusal(step_id, undo=True):
            return refused(why)
        self._work.put(lambda: self._arming.arm_undo(step_id))
        return taken()

    def _choose(self, decision: Decision, step_id: str) -> Reply:
        inputs = decision.data.get("inputs")
        if not isinstance(inputs, dict) or not inputs:
            return refused("nothing was chosen")
        asks = {ask.name: ask for ask in self._incident.step(step_id).asks}
        for name, value in inputs.items():
            if name in asks and not re.fullmatch(asks[name].pattern, str(value)):
                example = f", e.g. {asks[name].example}" if asks[name].example else ""
                return refused(f"{value!r} is not an answer to {asks[name].question!r}: it must match {asks[name].pattern}{example}")
        with self._incident.record.mutex:
            if why := self._arming.refusal(step_id, undo=False):
                return refused(why)
            for name, value in inputs.items():
                self._incident.record.append(Kind.INPUT, step=step_id, name=str(name), value=str(value), who=decision.who)
        self._work.put(lambda: self._arming.arm(step_id))
        return taken()

    def _confirm(self, decision: Decision, step_id: str) -> Reply:
        given, wrong = confirmation(decision, step_id)
        if given is None:
            return refused(wrong)
        by_hand = self._done_by_hand(step_id)
        record = self._incident.record
        with record.mutex:
            if why := self._gate.refusal(record.opened, given):
                return refused(why)
            record.append(
                Kind.CONFIRMED,
                step=step_id,
                attempt=given.attempt,
                danger=given.danger.word,
                fingerprint=given.fingerprint,
                typed=given.typed,
                who=given.who,
                second_person=given.second_person,
                break_glass=given.break_glass,
                reason=given.reason,
            )
            if record.opened.step(step_id).status is StepStatus.ACTING:
                self._executor.take(step_id, given.attempt)
                self._work.put(lambda: self._executor.carry_out(step_id, given.attempt))
                return taken()
            return self._assert_by_hand(decision, step_id) if by_hand else taken()

    def _done_by_hand(self, step_id: str) -> bool:
        step = self._incident.step(step_id)
        return step.action == MANUAL_ACTION or not self._incident.action(step).spec.automated

    def _decline(self, decision: Decision, step_id: str) -> Reply:
        record = self._incident.record
        with record.mutex:
            step_run = record.opened.step(step_id)
            if step_run.status not in (StepStatus.ARMED, StepStatus.ACTING) or step_run.attempt != decision.data.get("attempt", step_run.attempt):
                return taken("there was nothing to decline")
            if step_run.calls:
                return refused(f"it is too late to go back: {step_run.calls[-1].where} was sent")
            record.append(Kind.REFUSED, step=step_id, attempt=step_run.attempt, reason=f"{decision.who} went back: nothing was sent")
        return taken()

    def _assert_by_hand(self, decision: Decision, step_id: str) -> Reply:
        if why := self._by_hand.assert_done(step_id, decision.who, str(decision.data.get("note", ""))):
            return refused(why)
        self._work.put(lambda: self._by_hand.look(step_id))
        return taken()

    def _skip(self, decision: Decision, step_id: str) -> Reply:
        reason = str(decision.data.get("reason", "")).strip()
        record = self._incident.record
        with record.mutex:
            step_run = record.opened.step(step_id)
            if step_run.required:
                return refused(f"{step_run.title!r} is required: it cannot be skipped")
            if step_run.status not in SKIPPABLE:
                return refused(f"{step_run.title!r} is {step_run.status.value}")
            if not reason:
                return refused("skipping takes a written reason")
            record.append(Kind.SKIPPED, step=step_id, reason=reason, who=decision.who)
        return taken()

    def _verify(self, _decision: Decision, step_id: str) -> Reply:
        step_run = self._incident.record.opened.step(step_id)
        if step_run.status not in (StepStatus.UNKNOWN, StepStatus.FAILED, StepStatus.ASSERTED, StepStatus.VERIFYING):
            return refused(f"there is nothing to verify: step {step_run.title!r} is {step_run.status.value}")
        self._work.put(lambda: self._looks.again(step_id))
        return taken()


def confirmation(decision: Decision, step_id: str) -> tuple[Confirmation | None, str]:
    """Returns the confirmation that the decision carries, or None and what is wrong with it."""
    data = decision.data
    try:
        return Confirmation(
            step=step_id,
            attempt=int(data["attempt"]),
            fingerprint=str(data["fingerprint"]),
            danger=danger_of(str(data["danger"])),
            who=decision.who,
            typed=str(data.get("typed", "")),
            second_person=str(data.get("second_person", "")),
            break_glass=str(data.get("break_glass", "")),
            reason=str(data.get("reason", "")),
        ), ""
    except (KeyError, TypeError, ValueError) as error:
        return None, f"the confirmation lacks something: {error}"
