"""The step that only looks: are the services, their health, their logs and the symptom well."""

from dataclasses import dataclass

from gospel_rollback_tui.actions.catalogue import VERIFY
from gospel_rollback_tui.actions.ports import Whereabouts
from gospel_rollback_tui.actions.sends_nothing import SendsNothing
from gospel_rollback_tui.actions.targets import chosen_services
from gospel_rollback_tui.actions.verification import ServiceVerification
from gospel_rollback_tui.domain.preview import CheckState, Fingerprint, Preview
from gospel_rollback_tui.domain.runbook import ActionSpec
from gospel_rollback_tui.engine.ports import ChoiceList, StepRequest


@dataclass(frozen=True, slots=True)
class VerifyService(SendsNothing):
    """Verifies the chosen services, or all of them, as they run now."""

    whereabouts: Whereabouts
    verification: ServiceVerification
    spec: ActionSpec = VERIFY

    def choices(self, request: StepRequest) -> tuple[ChoiceList, ...]:
        """Returns nothing: what was rolled back is verified, and without that everything."""
        return ()

    def plan(self, request: StepRequest) -> Preview:
        """Previews what will be looked at; rests on nothing and sends nothing."""
        server, identity = self.whereabouts.current()
        names = ", ".join(self._services(request))
        return Preview(
            step=request.step.id,
            title=request.step.title,
            target=request.environment.cluster.namespace,
            where=f"{request.environment.cluster.context} · {server} · as {identity}",
            danger=request.step.danger,
            calls=(),
            fingerprint=Fingerprint(()),
            checks=(f"every pod of {names} ready", "/health and /ready answer", "no burst of errors", "the symptom passes"),
            by_hand=request.step.commands,
            yes="look",
        )

    def _services(self, request: StepRequest) -> tuple[str, ...]:
        return chosen_services(request) or tuple(service.name for service in request.environment.services)

    def checks(self, request: StepRequest, preview: Preview, since: float) -> tuple[CheckState, ...]:
        """Looks at every service once, and at the symptom."""
        found: list[CheckState] = []
        for name in self._services(request):
            found += self.verification.of(request.environment.service(name), None, since)
        if request.symptom is not None:
            found.append(self.verification.answers(f"{request.symptom.label()} answers {request.symptom.expect_status}", request.symptom))
        return tuple(found)
