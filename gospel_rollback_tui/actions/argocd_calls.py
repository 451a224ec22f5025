"""The call that rolls an Application back: planned, sent and looked for by what was there before it."""

from dataclasses import dataclass, field

from gospel_rollback_tui.actions.argocd_checks import wanted_from_json, wanted_to_json, workloads_to_json
from gospel_rollback_tui.actions.argocd_prompt import changed_services, release_lines
from gospel_rollback_tui.actions.argocd_survey import Surveyed
from gospel_rollback_tui.actions.ports import ArgoCdApi
from gospel_rollback_tui.domain.application import application_from
from gospel_rollback_tui.domain.errors import FactsMoved, Refused
from gospel_rollback_tui.domain.estate import Environment
from gospel_rollback_tui.domain.manifests import ObjectKey, workload_images
from gospel_rollback_tui.domain.preview import DebtSpec, DiffLine, Json, PlannedCall
from gospel_rollback_tui.domain.raw import JsonObject
from gospel_rollback_tui.domain.sync_history import Entry, find, history_from, why_gone
from gospel_rollback_tui.domain.sync_operations import has_begun, wanted_by

ROLLBACK_CALL = "rollback"


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a rollback goes, and what that changes."""

    entry: Entry
    label: str
    """The release in words."""
    workloads: dict[ObjectKey, dict[str, str]] = field(repr=False, hash=False)
    """The images that must run afterwards."""
    services: tuple[str, ...]
    """Services whose Deployments change."""
    diff: tuple[DiffLine, ...] = ()


def destination(environment: Environment, surveyed: Surveyed) -> Destination:
    """Returns where a rollback to the surveyed entry goes."""
    return Destination(
        surveyed.entry,
        surveyed.told.label(surveyed.entry),
        workload_images(surveyed.manifests, environment.cluster.namespace),
        changed_services(environment, surveyed.diff),
        release_lines(surveyed.diff),
    )


@dataclass(frozen=True, slots=True)
class RollbackCall:
    """Plans, sends and looks for the call."""

    api: ArgoCdApi

    def plan(self, raw: JsonObject, to: Destination, *, debt: DebtSpec | None = None, pays: tuple[str, ...] = (), frozen: Json = None) -> PlannedCall:
        """Returns the call.

        Args:
            raw: The Application as it is now; what is there now tells later whether the call was made.
            to: Where it goes.
            debt: What it leaves behind.
            pays: Debts that it pays.
            frozen: What is looked at again before it is sent.
        """
        application = application_from(raw)
        before = next(reversed(history_from(raw)), None)
        return PlannedCall(
            id=ROLLBACK_CALL,
            title=f"rolled back to {to.label}",
            where=f"POST rollback of Application {application.name} (Argo CD)",
            summary=f"{before.short if before else 'now'} → {to.label} (entry {to.entry.id})",
            body={
                "kind": "Rollback",
                "name": application.name,
                "namespace": application.namespace,
                "entry": to.entry.key,
                "wanted": wanted_to_json(wanted_by(raw, to.entry.revisions)),
                "workloads": workloads_to_json(to.workloads),
                "services": list(to.services),
                "frozen": frozen,
                "pays": list(pays),
            },
            undo={"kind": "Rollback", "name": application.name, "before": {"id": before.id, "revisions": list(before.revisions)} if before else None},
            by_hand=f"argocd app rollback {application.name} {to.entry.id} --timeout 600; argocd app get {application.name} --show-operation",
            diff=to.diff,
            debt=debt,
        )

    def send(self, call: PlannedCall) -> str:
        """Looks at policy and history once more, then starts the rollback.

        Raises:
            Refused: Auto-sync is on.
            FactsMoved: The entry is another one by now: the server would only look at its number.
        """
        body = call.body
        raw = self.api.application(body["name"])
        if application_from(raw).auto_sync:
            parent = application_from(raw).parent
            raise Refused(
                f"Auto-sync of Application {body['name']} is on again: {parent or 'somebody, or something,'} has put it back.",
                next_step="Switch off what puts it back first, or go by git.",
            )
        entry = find(body["entry"], history_from(raw))
        if entry is None:
            gone = why_gone(body["entry"], history_from(raw))
            raise FactsMoved(
                f"{gone[0].upper()}{gone[1:]}.", moved=(("history entry", body["entry"], "gone"),), next_step="Choose again from the history as it is now."
            )
        self.api.rollback(body["name"], entry.id, prune=False)
        return f"Argo CD took the rollback to entry {entry.id}, {entry.short}"

    def happened(self, call: PlannedCall) -> bool | None:
        """Returns whether Argo CD took it: the operation is there, or its entry is; None: another one has come since."""
        return has_begun(self.api.application(call.body["name"]), wanted_from_json(call.body["wanted"]))
