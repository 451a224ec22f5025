"""Switching Argo CD's auto-sync off before a change that it would revert, and what that leaves to be put back."""

from dataclasses import dataclass

from gospel_rollback_tui.actions.kubectl import kubectl
from gospel_rollback_tui.actions.ports import Changes, Workloads
from gospel_rollback_tui.domain.application import Application, application_from, restore_auto_sync, suspend_auto_sync
from gospel_rollback_tui.domain.debts import AUTO_SYNC_DEBT
from gospel_rollback_tui.domain.estate import Cluster
from gospel_rollback_tui.domain.preview import DiffLine, Json, PlannedCall, Tone, digest_of

FREEZE = "freeze"
THAW = "thaw"


@dataclass(frozen=True, slots=True)
class Freezing:
    """Plans, sends and checks the calls on the Application object."""

    workloads: Workloads
    changes: Changes

    def plan(self, cluster: Cluster, application: Application) -> PlannedCall:
        """Returns the call that switches auto-sync off and keeps all else of the policy."""
        return PlannedCall(
            id=FREEZE,
            title="auto-sync off",
            where=f"PATCH Application {application.name}",
            summary="auto-sync off",
            body={"kind": "Application", "namespace": application.namespace, "name": application.name, "operations": suspend_auto_sync(application)},
            undo={
                "kind": "Application",
                "namespace": application.namespace,
                "name": application.name,
                "automated": application.automated,
                "captured": {"namespace": application.namespace, "name": application.name, "automated": application.automated},
            },
            by_hand=_by_hand(cluster, application, '{"spec":{"syncPolicy":{"automated":{"enabled":false}}}}'),
            diff=(
                DiffLine(Tone.OLD, f"Application {application.name}: {application.policy_words}"),
                DiffLine(Tone.NEW, "auto-sync suspended (enabled: false)"),
            ),
            debt=AUTO_SYNC_DEBT,
        )

    def plan_thaw(self, cluster: Cluster, application: Application, captured: Json) -> PlannedCall:
        """Returns the call that puts the captured policy back exactly; raises Refused when somebody changed it meanwhile."""
        operations = restore_auto_sync(application, captured)
        enabled = "true" if "enabled" in captured else "null"
        return PlannedCall(
            id=THAW,
            title="auto-sync on again",
            where=f"PATCH Application {application.name}",
            summary="auto-sync as it was",
            body={
                "kind": "Application",
                "namespace": application.namespace,
                "name": application.name,
                "operations": operations,
                "automated": captured,
                "pays": [AUTO_SYNC_DEBT.id],
            },
            undo={"kind": "Application", "namespace": application.namespace, "name": application.name, "automated": application.automated},
            by_hand=_by_hand(cluster, application, f'{{"spec":{{"syncPolicy":{{"automated":{{"enabled":{enabled}}}}}}}}}'),
            diff=(DiffLine(Tone.OLD, "auto-sync suspended"), DiffLine(Tone.NEW, "auto-sync as captured before the rollback")),
        )

    def send(self, call: PlannedCall) -> str:
        """Sends the patch."""
        after = application_from(self.changes.patch_application(call.body["namespace"], call.body["name"], call.body["operations"]))
        return f"Application {after.name}: {after.policy_words}"

    def happened(self, call: PlannedCall) -> bool | None:
        """Returns whether the Application's policy is what the call makes it."""
        now = application_from(self.workloads.application(call.body["namespace"], call.body["name"]))
        if call.id == FREEZE:
            return not now.auto_sync
        return bool(now.automated == call.body["automated"])

    def now(self, namespace: str, name: str) -> Application:
        """Returns the Application as it is now."""
        return application_from(self.workloads.application(namespace, name))


def policy_fact(application: Application) -> tuple[str, str]:
    """Returns the fact that a frozen bundle rests on: identity and sync policy."""
    return f"Application {application.name}", f"{application.policy_words} · {application.uid} · {digest_of(application.automated)}"


def _by_hand(cluster: Cluster, application: Application, patch: str) -> str:
    return kubectl(cluster, f"patch application.argoproj.io/{application.name} -n {application.namespace} --type merge -p '{patch}'")
