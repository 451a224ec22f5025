"""How Argo CD judges an Application: drift, health, and whether it acts by itself. Pure functions of documents.

Times and back-off are those recorded from Argo CD 3.2: a first heal comes at once, later ones 2 · 3ⁿ s after the
end of the one before, and the count starts anew after 330 s without one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gospel_rollback_tui.drill.kubernetes.documents import Json
from gospel_rollback_tui.drill.managed_objects import Identity
from gospel_rollback_tui.drill.several_sources import commit_of, deployed

BACK_OFF_FIRST = 2.0
BACK_OFF_FACTOR = 3
BACK_OFF_CAP = 300.0
HEALS_FORGOTTEN_AFTER = 330.0

NOT_COMPARED = ("apiVersion", "kind", "metadata", "status")
"""Fields of an object that are no drift, whatever they hold."""

HEALTH_FROM_BEST = ("Healthy", "Suspended", "Progressing", "Missing", "Degraded")


@dataclass(frozen=True, slots=True)
class Healing:
    """How often self-heal acted lately, and when it ended its last act."""

    attempts: int = 0
    ended: datetime | None = None

    def ready_at(self, speed: float = 1.0) -> datetime | None:
        """Return the moment before which self-heal does not act again; None when nothing holds it back.

        `speed` divides the back-off.
        """
        if self.ended is None or self.attempts == 0:
            return None
        return self.ended + timedelta(seconds=min(BACK_OFF_CAP, BACK_OFF_FIRST * BACK_OFF_FACTOR ** (self.attempts - 1)) / speed)

    def forgotten_by(self, now: datetime, speed: float = 1.0) -> "Healing":
        """Return what is left of the count at that moment; `speed` divides how long it is remembered."""
        if self.ended is not None and now - self.ended >= timedelta(seconds=HEALS_FORGOTTEN_AFTER / speed):
            return Healing()
        return self


def is_automated(application: Json) -> bool:
    """Whether auto-sync is on: `automated` is there and not `enabled: false`."""
    automated = _automated(application)
    return automated is not None and automated.get("enabled", True) is not False


def heals_itself(application: Json) -> bool:
    """Whether auto-sync is on and reverts changes that did not come from git."""
    automated = _automated(application)
    return is_automated(application) and automated is not None and bool(automated.get("selfHeal"))


def declares(declared: object, live: object) -> bool:
    """Whether the live value holds everything that the declared one says; what git leaves open is no drift."""
    if isinstance(declared, dict) and isinstance(live, dict):
        return all(key in live and declares(value, live[key]) for key, value in declared.items())
    if isinstance(declared, list) and isinstance(live, list):
        if all(isinstance(item, dict) and "name" in item for item in (*declared, *live)):
            named = {item["name"]: item for item in live}
            return all(item["name"] in named and declares(item, named[item["name"]]) for item in declared)
        return len(declared) == len(live) and all(declares(one, other) for one, other in zip(declared, live, strict=True))
    return bool(declared == live)


def is_drifted(declared: Json, live: Json | None) -> bool:
    """Whether an object is not what git declares; one that is missing is drifted."""
    return live is None or not all(declares(value, live.get(field)) for field, value in declared.items() if field not in NOT_COMPARED)


def deployment_health(live: Json | None) -> str:
    """Return the health word for a Deployment."""
    if live is None:
        return "Missing"
    spec, status = live["spec"], live.get("status", {})
    if spec.get("paused"):
        return "Suspended"
    if live["metadata"].get("generation", 0) > status.get("observedGeneration", 0):
        return "Progressing"
    conditions = status.get("conditions", [])
    if any(c["type"] == "Progressing" and c.get("reason") == "ProgressDeadlineExceeded" for c in conditions):
        return "Degraded"
    wanted, updated = spec.get("replicas", 1), status.get("updatedReplicas", 0)
    if updated < wanted or status.get("replicas", 0) > updated or status.get("availableReplicas", 0) < updated:
        return "Progressing"
    return "Healthy"


def worst_health(words: Sequence[str]) -> str:
    """Return the word that an Application shows for those of its Deployments."""
    return max(words, key=HEALTH_FROM_BEST.index, default="Healthy")


def failed_before(application: Json, head: str) -> str:
    """Return why the last operation, a sync of that commit, failed; empty when it did not, or was of another commit."""
    state = application.get("status", {}).get("operationState", {})
    if state.get("phase") not in ("Failed", "Error") or not _was_attempted(state, head):
        return ""
    return str(state.get("message", ""))


def automatic_operation(
    application: Json, drifted: Sequence[Identity], heads: Sequence[str], healing: Healing, now: datetime, speed: float = 1.0
) -> Json | None:
    """Return the operation that Argo CD starts by itself now, if any; `heads` are the newest commits, one a source.

    A commit that was not synced yet is synced whole; a drift from the commit synced last is healed alone, when
    self-heal is on and its back-off is over. A commit whose sync failed is not tried again while that is the last operation.
    """
    if not drifted or not is_automated(application) or failed_before(application, heads[0]):
        return None
    automated = _automated(application) or {}
    sync: Json = {**deployed(application["spec"], heads), **options_of(application["spec"]), "prune": bool(automated.get("prune"))}
    if _was_attempted(application.get("status", {}).get("operationState", {}), heads[0]):
        ready_at = healing.ready_at(speed)
        if not heals_itself(application) or (ready_at is not None and now < ready_at):
            return None
        sync["resources"] = [{"group": identity.group, "kind": identity.kind, "name": identity.name} for identity in drifted]
        sync["autoHealAttemptsCount"] = healing.attempts + 1
    return {"sync": sync, "initiatedBy": {"automated": True}, "retry": {"limit": 5}}


def options_of(spec: Json) -> Json:
    """Return the sync options that an operation takes over from the Application's policy."""
    options = spec.get("syncPolicy", {}).get("syncOptions")
    return {"syncOptions": options} if options else {}


def _was_attempted(state: Json, head: str) -> bool:
    """Whether the last operation was a sync of that commit; a dry run is none."""
    last = state.get("operation", {}).get("sync", {})
    return commit_of(last) == head and not last.get("dryRun")


def _automated(application: Json) -> dict[str, Any] | None:
    automated: dict[str, Any] | None = application.get("spec", {}).get("syncPolicy", {}).get("automated")
    return automated
