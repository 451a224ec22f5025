"""Stops an operation of Argo CD that hangs: it lets no other begin, and one that a sync window holds runs by itself later."""

from collections.abc import Sequence
from dataclasses import dataclass

from gospel_rollback_tui.actions.argocd_where import where_of
from gospel_rollback_tui.actions.catalogue import TERMINATE
from gospel_rollback_tui.actions.ports import ArgoCdApi, Whereabouts
from gospel_rollback_tui.domain.errors import Refused, RollbackError
from gospel_rollback_tui.domain.preview import CheckState, Fingerprint, Notice, PlannedCall, Preview
from gospel_rollback_tui.domain.raw import JsonObject, child, text
from gospel_rollback_tui.domain.run import CallRun
from gospel_rollback_tui.domain.runbook import ActionSpec
from gospel_rollback_tui.domain.sync_operations import Operation, operation_from
from gospel_rollback_tui.engine.ports import ChoiceList, StepRequest

TERMINATE_CALL = "terminate"
ENDED = "the operation has ended"


@dataclass(frozen=True, slots=True)
class Terminating:
    """Plans, sends and checks the call."""

    api: ArgoCdApi

    def plan(self, name: str, running: Operation) -> PlannedCall:
        """Returns the call that stops the operation under way."""
        return PlannedCall(
            id=TERMINATE_CALL,
            title="operation stopped",
            where=f"DELETE operation of Application {name} (Argo CD)",
            summary=f"{running.words} stopped",
            body={"kind": "Operation", "name": name, "identity": running.identity, "words": running.words},
            undo={"kind": "Operation"},
            by_hand=f"argocd app terminate-op {name}",
        )

    def send(self, call: PlannedCall) -> str:
        """Asks it to stop; it may still end well, which the look afterwards tells."""
        try:
            self.api.terminate(call.body["name"])
        except Refused:
            if not self.happened(call):
                raise
            return f"{call.body['words']}: it had ended by itself"
        return f"{call.body['words']}: asked to stop"

    def happened(self, call: PlannedCall) -> bool:
        """Returns whether that operation is over, however it ended."""
        last = operation_from(self.api.application(call.body["name"]))
        return last is None or last.over or bool(call.body["identity"] and last.identity and last.identity != call.body["identity"])


@dataclass(frozen=True, slots=True)
class TerminateOperation:
    """The step that ends a stuck operation."""

    api: ArgoCdApi
    whereabouts: Whereabouts
    spec: ActionSpec = TERMINATE

    def choices(self, request: StepRequest) -> tuple[ChoiceList, ...]:
        """Returns nothing: there is one operation at most."""
        return ()

    def plan(self, request: StepRequest) -> Preview:
        """Previews the call; refused where nothing runs or the account may not."""
        name = request.environment.argocd.application
        raw = self.api.application(name)
        running = operation_from(raw)
        busy = running is not None and not running.over
        calls = (Terminating(self.api).plan(name, running),) if running is not None and busy else ()
        refused = "" if busy else "Nothing is under way: there is nothing to stop."
        if busy and not self.api.may("sync", text(child(raw, "spec").get("project")), name):
            refused = f"This account may not stop operations of Application {name}: ask somebody who may sync it."
        said = Notice("Now", f"{running.words}: {running.message or running.phase or 'asked for'}" if running is not None else "no operation yet")
        return Preview(
            step=request.step.id,
            title=request.step.title,
            target=name,
            where=where_of(request, self.whereabouts, self.api),
            danger=max(self.spec.danger, request.step.danger),
            calls=calls,
            fingerprint=_facts(raw),
            notices=(said, Notice("Stays", "what it has applied by then stays applied; it may still end well", warning=True)),
            checks=(ENDED,),
            undo="",
            by_hand=tuple(call.by_hand for call in calls),
            yes="stop the operation",
            refused=refused,
        )

    def facts(self, request: StepRequest, preview: Preview) -> Fingerprint:
        """Re-reads which operation is under way."""
        return _facts(self.api.application(request.environment.argocd.application))

    def send(self, request: StepRequest, call: PlannedCall) -> str:
        """Asks it to stop."""
        return Terminating(self.api).send(call)

    def happened(self, request: StepRequest, call: PlannedCall) -> bool | None:
        """Returns whether it is over."""
        return Terminating(self.api).happened(call)

    def checks(self, request: StepRequest, preview: Preview, since: float) -> tuple[CheckState, ...]:
        """Returns how it ended: a stop can come too late, and then everything was applied."""
        last = operation_from(self.api.application(request.environment.argocd.application))
        if last is None:
            return (CheckState(ENDED, passed=True, words="no trace of it is left"),)
        if not last.over:
            return (CheckState(ENDED, passed=None, words=last.phase or "asked for"),)
        late = last.phase == "Succeeded" and any(call.body["identity"] == last.identity for call in preview.calls)
        return (
            CheckState(ENDED, passed=True, words=f"it succeeded before it could be stopped: {last.words} is live" if late else f"{last.phase}: {last.message}"),
        )

    def undo_plan(self, request: StepRequest, done: Sequence[CallRun]) -> Preview:
        """Refuses: what was stopped is begun anew by a sync."""
        raise _NO_UNDO


_NO_UNDO = RollbackError("A stopped operation cannot be put back: begin a sync instead.")


def _facts(raw: JsonObject) -> Fingerprint:
    last = operation_from(raw)
    return Fingerprint((("Operation", f"{last.words} · {last.identity}" if last is not None and not last.over else "none"),))
