"""Drops what repairs have staged, once they have proved themselves: it is a copy of users' data, and the way back."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from gospel_rollback_tui.actions.catalogue import DROP_STAGING
from gospel_rollback_tui.actions.migration_prompt import refused_preview
from gospel_rollback_tui.actions.repair_calls import RepairCalls, statement_seconds
from gospel_rollback_tui.actions.repair_standing import RepairEstate
from gospel_rollback_tui.domain.debts import STAGING_DEBT
from gospel_rollback_tui.domain.preview import CheckState, Fingerprint, Notice, PlannedCall, Preview
from gospel_rollback_tui.domain.run import CallRun
from gospel_rollback_tui.domain.runbook import ActionSpec
from gospel_rollback_tui.engine.ports import ChoiceList, StepRequest


@dataclass(frozen=True, slots=True)
class DropStaging:
    """The step that drops what repairs have staged, once they have proved themselves."""

    estate: RepairEstate
    spec: ActionSpec = DROP_STAGING

    @property
    def _calls(self) -> RepairCalls:
        return RepairCalls(self.estate.repairs)

    def choices(self, request: StepRequest) -> tuple[ChoiceList, ...]:
        """Returns nothing: what this run has staged is dropped."""
        return ()

    def plan(self, request: StepRequest) -> Preview:
        """Previews dropping each staging schema of this run; refused where there is none."""
        kept = [json.loads(value) for name, value in sorted(request.inputs.items()) if name.startswith(f"captured:{STAGING_DEBT.id}:")]
        if not kept:
            return refused_preview(request, self.spec, "This run has staged nothing that is still there. Skip this step.")
        live = self.estate.repairs.identity(kept[0]["service"], None)
        calls = tuple(self._calls.drop(one, live.words, statement_seconds(request)) for one in kept)
        return Preview(
            step=request.step.id,
            title=request.step.title,
            target=live.name,
            where=live.words,
            danger=max(self.spec.danger, request.step.danger),
            calls=calls,
            fingerprint=self._staged(calls),
            notices=(Notice("Goes", "the copy, and with it the way back from the repair; the live tables stay as they are", warning=True),),
            checks=tuple(call.title for call in calls),
            by_hand=tuple(call.by_hand for call in calls),
            yes="drop the copy",
        )

    def _staged(self, calls: Sequence[PlannedCall]) -> Fingerprint:
        marks = ((call.body["schema"], self.estate.repairs.marks(call.body["service"], call.body["schema"])) for call in calls)
        return Fingerprint(tuple((schema, ", ".join(sorted(found)) if found is not None else "not there") for schema, found in marks))

    def facts(self, request: StepRequest, preview: Preview) -> Fingerprint:
        """Re-reads what is staged."""
        return self._staged(preview.calls)

    def send(self, request: StepRequest, call: PlannedCall) -> str:
        """Drops the schema, once."""
        return self._calls.send(call)

    def happened(self, request: StepRequest, call: PlannedCall) -> bool | None:
        """Returns whether the schema is gone."""
        return self._calls.happened(call)

    def checks(self, request: StepRequest, preview: Preview, since: float) -> tuple[CheckState, ...]:
        """Returns whether each schema is gone."""
        return tuple(CheckState(call.title, passed=self._calls.happened(call) or None) for call in preview.calls)

    def undo_plan(self, request: StepRequest, done: Sequence[CallRun]) -> Preview:
        """Refuses: the restored instance has the same still, while it is there."""
        return refused_preview(request, self.spec, "What was dropped is not put back: copy it again from the restored instance.")
