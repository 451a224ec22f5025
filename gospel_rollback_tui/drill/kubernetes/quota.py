"""ResourceQuota: what a namespace's pods use, and the refusal of one pod too many."""

from collections.abc import Iterable
from fractions import Fraction

from gospel_rollback_tui.drill.kubernetes.catalogue import by_name
from gospel_rollback_tui.drill.kubernetes.documents import Json
from gospel_rollback_tui.drill.kubernetes.quantities import parse_quantity, print_quantity
from gospel_rollback_tui.drill.kubernetes.statuses import forbidden
from gospel_rollback_tui.drill.kubernetes.store import ObjectStore

_QUOTAS = by_name("resourcequotas")
_PODS = by_name("pods")
_COUNTS = ("pods", "count/pods")


def usage(pods: Iterable[Json], measure: str) -> Fraction:
    """Return how much of a quota's measure (`pods`, `requests.cpu`, `limits.memory`, `cpu`) pods use."""
    living = [pod for pod in pods if pod.get("status", {}).get("phase") not in ("Succeeded", "Failed")]
    if measure in _COUNTS:
        return Fraction(len(living))
    kind, separator, quantity = measure.rpartition(".")
    kind = kind if separator else "requests"
    total = Fraction(0)
    for pod in living:
        for container in pod["spec"].get("containers", []):
            total += parse_quantity(container.get("resources", {}).get(kind, {}).get(quantity, "0"))
    return total


def check_quota(store: ObjectStore, pod: Json) -> None:
    """Refuse a new pod that a quota of its namespace has no room for.

    Raises:
        ApiError: 403 with the quota's name and what is requested, used and allowed.
    """
    namespace = pod["metadata"]["namespace"]
    quotas = [quota for quota in store.items(_QUOTAS) if quota["metadata"]["namespace"] == namespace]
    if not quotas:
        return
    present = [other for other in store.items(_PODS) if other["metadata"]["namespace"] == namespace]
    for quota in quotas:
        over = []
        for measure, hard in sorted(quota.get("spec", {}).get("hard", {}).items()):
            asked, used = usage([pod], measure), usage(present, measure)
            if asked and asked + used > parse_quantity(hard):
                over.append((measure, print_quantity(asked), print_quantity(used), hard))
        if over:
            requested = ",".join(f"{measure}={asked}" for measure, asked, _, _ in over)
            used_now = ",".join(f"{measure}={used}" for measure, _, used, _ in over)
            limited = ",".join(f"{measure}={hard}" for measure, _, _, hard in over)
            text = f"exceeded quota: {quota['metadata']['name']}, requested: {requested}, used: {used_now}, limited: {limited}"
            raise forbidden(_PODS.subject(pod["metadata"]["name"]), text)


def quota_status(store: ObjectStore, quota: Json) -> Json:
    """Return the status a quota should have now."""
    namespace = quota["metadata"]["namespace"]
    pods = [pod for pod in store.items(_PODS) if pod["metadata"]["namespace"] == namespace]
    hard = quota.get("spec", {}).get("hard", {})
    return {"hard": dict(hard), "used": {measure: print_quantity(usage(pods, measure)) for measure in hard}}
