"""Steps that send nothing: the stability watch, and work done by hand."""

from dataclasses import dataclass

from gospel_rollback_tui.actions.ports import Whereabouts
from gospel_rollback_tui.actions.sends_nothing import SendsNothing
from gospel_rollback_tui.domain.errors import RollbackError
from gospel_rollback_tui.domain.preview import CheckState, Fingerprint, Notice, Preview
from gospel_rollback_tui.domain.runbook import ActionSpec
from gospel_rollback_tui.engine.ports import ChoiceList, StepRequest
from gospel_rollback_tui.runbooks.step_texts import not_here, shown


@dataclass(frozen=True, slots=True)
class ByHandAction(SendsNothing):
    """A step whose calls the operator makes, or which only waits: it is guided, confirmed and recorded."""

    spec: ActionSpec
    whereabouts: Whereabouts

    def choices(self, request: StepRequest) -> tuple[ChoiceList, ...]:
        """Returns nothing: what a manual step asks stands in the runbook."""
        return ()

    def plan(self, request: StepRequest) -> Preview:
        """Previews the step's own words; needs no network, since by hand is always possible."""
        step = shown(request.step, request.environment, request.inputs)
        notices = [Notice("Why", step.why)] if step.why else []
        if step.differs:
            notices.append(Notice("Differs", step.differs, warning=True))
        return Preview(
            step=step.id,
            title=step.title,
            target=request.environment.cluster.namespace,
            where=self._where(request),
            danger=max(step.danger, self.spec.danger),
            calls=(),
            fingerprint=Fingerprint(()),
            notices=tuple(notices),
            checks=(step.look_for,) if step.look_for else (),
            undo=step.undo or step.no_undo,
            by_hand=step.commands,
            yes="done by hand" if step.commands else "go on",
            refused=not_here(request.step, request.environment),
        )

    def _where(self, request: StepRequest) -> str:
        """Returns where the step acts; the configured name when nobody answers."""
        cluster = request.environment.cluster
        try:
            server, identity = self.whereabouts.current()
        except RollbackError:
            return f"{cluster.context} · {cluster.namespace}"
        return f"{cluster.context} ({server}) · {cluster.namespace} · as {identity}"

    def checks(self, request: StepRequest, preview: Preview, since: float) -> tuple[CheckState, ...]:
        """Returns nothing that a probe could see."""
        return ()
