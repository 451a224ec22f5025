"""Copies lost data back from the restored instance: into a schema of its own, and from there in one transaction that keeps everything written since."""

from collections.abc import Sequence
from dataclasses import dataclass

from gospel_rollback_tui.actions.catalogue import COPY_BACK
from gospel_rollback_tui.actions.migration_prompt import refused_preview, said
from gospel_rollback_tui.actions.repair_calls import APPLY, KIND, STAGE, RepairCalls, statement_seconds
from gospel_rollback_tui.actions.repair_prompt import notices_of, numbers_of, unproved
from gospel_rollback_tui.actions.repair_standing import COUNT_SECONDS, RepairEstate, Standing
from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.errors import CredentialsExpired, NotSent, Refused, UsageError
from gospel_rollback_tui.domain.preview import CheckState, Fingerprint, Json, Notice, PlannedCall, Preview
from gospel_rollback_tui.domain.repair_sql import APPLIED
from gospel_rollback_tui.domain.run import CallRun
from gospel_rollback_tui.domain.runbook import ActionSpec
from gospel_rollback_tui.engine.ports import ChoiceList, StepRequest

RECORDED = "the transaction's own record says that it was committed"


@dataclass(frozen=True, slots=True)
class CopyBack:
    """Two calls: the copy, which nothing reads, and the transaction."""

    estate: RepairEstate
    spec: ActionSpec = COPY_BACK

    @property
    def _calls(self) -> RepairCalls:
        return RepairCalls(self.estate.repairs)

    def choices(self, request: StepRequest) -> tuple[ChoiceList, ...]:
        """Returns the services, releases and restored instances to choose from."""
        return (*self.estate.data.choices(request), *self.estate.restored.choices(request))

    def plan(self, request: StepRequest) -> Preview:
        """Previews the whole SQL and every number; what forbids it is `Preview.refused`, with what to do instead."""
        try:
            self.estate.data.fetch()
            standing = self.estate.standing(request)
            refused = self.estate.refusal(standing)
            if refused:
                return refused_preview(request, self.spec, refused, standing.live.words, by_hand=request.step.commands)
            return self._preview(request, standing)
        except CredentialsExpired:
            raise
        except (Refused, NotSent, UsageError) as error:
            return refused_preview(request, self.spec, said(error), by_hand=request.step.commands)

    def _preview(self, request: StepRequest, standing: Standing) -> Preview:
        tallies, seconds = self.estate.tallies(standing), statement_seconds(request)
        apply = self._calls.apply(standing, numbers_of(standing, tallies), seconds)
        calls = (apply,) if standing.staged else (self._calls.stage(standing, seconds), apply)
        tables = ", ".join(repair.side.words for repair in standing.plan.repairs)
        return Preview(
            step=request.step.id,
            title=f"Copy back into {tables}",
            target=standing.live.name,
            where=f"{standing.live.words} · PostgreSQL {standing.live.version} · as {standing.live.user}",
            danger=max(self.spec.danger, request.step.danger),
            calls=calls,
            fingerprint=standing.fingerprint,
            notices=notices_of(standing, tallies),
            checks=(RECORDED, *(words for words, _ in apply.body["reports"])),
            undo="one transaction takes out exactly what was copied back, and the copy is dropped",
            by_hand=tuple(call.by_hand for call in calls),
            yes="copy back",
            needs_reason=unproved(standing, tallies),
        )

    def facts(self, request: StepRequest, preview: Preview) -> Fingerprint:
        """Re-reads both databases, the tables on both sides and what is staged; for an undo, what is staged."""
        if any(call.body[KIND] in (APPLY, STAGE) for call in preview.calls):
            return self.estate.standing(request).fingerprint
        return self._staged(preview.calls[0].body)

    def _staged(self, body: Json) -> Fingerprint:
        marks = self.estate.repairs.marks(body["service"], body["schema"])
        return Fingerprint(((body["schema"], ", ".join(sorted(marks)) if marks is not None else "not there"),))

    def send(self, request: StepRequest, call: PlannedCall) -> str:
        """Copies, or carries the transaction out, once."""
        return self._calls.send(call)

    def happened(self, request: StepRequest, call: PlannedCall) -> bool | None:
        """Returns what the record in the staging schema says; None while a session is at work on it."""
        return self._calls.happened(call)

    def checks(self, request: StepRequest, preview: Preview, since: float) -> tuple[CheckState, ...]:
        """Looks for the record of each transaction, and counts what it has put back."""
        return tuple(state for call in preview.calls if call.body[KIND] != STAGE for state in self._checks(call))

    def _checks(self, call: PlannedCall) -> tuple[CheckState, ...]:
        done = self._calls.happened(call)
        name = RECORDED if call.body[KIND] == APPLY else call.title
        states = [CheckState(name, passed=done or None)]
        if done:
            counts = ((words, self.estate.repairs.number(call.body["service"], query, COUNT_SECONDS)) for words, query in call.body["reports"])
            states += [CheckState(words, passed=True, words="unknown: not counted in time" if n is None else f"{n:,} (exact count)") for words, n in counts]
        return tuple(states)

    def undo_plan(self, request: StepRequest, done: Sequence[CallRun]) -> Preview:
        """Previews taking out what was copied back, with what that loses of what was written since, and dropping the copy."""
        undo = {call.id: call.undo for call in done}
        captured = undo[STAGE]["captured"] if STAGE in undo else {"service": undo[APPLY]["service"], "schema": undo[APPLY]["schema"]}
        service, repairs = captured["service"], self.estate.repairs
        live, marks = repairs.identity(service, None), repairs.marks(service, captured["schema"])
        if marks is None:
            return refused_preview(request, self.spec, f"The copy in {captured['schema']} is gone, and with it what tells which rows to take out.", live.words)
        notices = []
        if APPLIED in marks and APPLY in undo:
            call = self._calls.take_out(undo[APPLY], live.words)
            for words, query in undo[APPLY]["since"]:
                count = repairs.number(service, query, COUNT_SECONDS)
                number = "an unknown number of (not counted in time)" if count is None else f"exactly {count:,}"
                notices.append(Notice("Loses", f"{number} {words} that were written after the repair", warning=count != 0))
        else:
            call = self._calls.drop(captured, live.words, statement_seconds(request))
        return Preview(
            step=request.step.id,
            title=f"Undo: {request.step.title}",
            target=live.name,
            where=live.words,
            danger=max(self.spec.danger, Danger.DESTRUCTIVE),
            calls=(call,),
            fingerprint=self._staged(captured),
            notices=tuple(notices),
            checks=(call.title,),
            by_hand=(call.by_hand,),
            yes="take it out again",
        )
