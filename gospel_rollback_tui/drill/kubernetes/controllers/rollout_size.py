"""How many pods old and new ReplicaSets may have at this moment of a rollout.

Source of the rules: the documented behaviour of `maxSurge`, `maxUnavailable` and
proportional scaling of Deployments.
"""

from collections.abc import Iterable, Sequence

from gospel_rollback_tui.drill.kubernetes.controllers.revisions import MAX_REPLICAS, noted_size
from gospel_rollback_tui.drill.kubernetes.documents import Json


def replicas_of(document: Json) -> int:
    """Return the replicas that a Deployment or ReplicaSet is to have."""
    return int(document["spec"].get("replicas", 1))


def wanted(replica_sets: Iterable[Json]) -> int:
    """Return how many pods ReplicaSets are to have together."""
    return sum(map(replicas_of, replica_sets))


def counted(replica_sets: Iterable[Json], counter: str) -> int:
    """Return the sum of a status counter."""
    return sum(one.get("status", {}).get(counter, 0) for one in replica_sets)


def limits(deployment: Json) -> tuple[int, int]:
    """Return surge and unavailability in pods; surge is rounded up, unavailability down, and not both are 0."""
    rolling = deployment["spec"].get("strategy", {}).get("rollingUpdate")
    if deployment["spec"].get("strategy", {}).get("type") != "RollingUpdate" or rolling is None:
        return 0, 0
    replicas = replicas_of(deployment)
    surge = _pods(rolling.get("maxSurge", 0), replicas, round_up=True)
    unavailable = _pods(rolling.get("maxUnavailable", 0), replicas, round_up=False)
    if surge == 0 and unavailable == 0:
        unavailable = 1
    return surge, min(unavailable, replicas)


def max_surge(deployment: Json) -> int:
    """Return how many pods more than wanted there may be."""
    return limits(deployment)[0]


def max_unavailable(deployment: Json) -> int:
    """Return how many of the wanted pods may be missing."""
    return limits(deployment)[1] if replicas_of(deployment) else 0


def _pods(amount: int | str, replicas: int, *, round_up: bool) -> int:
    if isinstance(amount, int):
        return amount
    hundredths = int(amount.removesuffix("%")) * replicas
    return -(-hundredths // 100) if round_up else hundredths // 100


def new_size(deployment: Json, every_set: Sequence[Json], new_set: Json) -> int:
    """Return the size to which the new ReplicaSet may grow now."""
    replicas = replicas_of(deployment)
    if deployment["spec"]["strategy"]["type"] != "RollingUpdate":
        return replicas
    room = replicas + max_surge(deployment) - wanted(every_set)
    if room <= 0:
        return replicas_of(new_set)
    return replicas_of(new_set) + min(room, replicas - replicas_of(new_set))


def old_sizes(deployment: Json, old_sets: Sequence[Json], new_set: Json) -> list[tuple[Json, int]]:
    """Return the old ReplicaSets that may shrink now, oldest first, and the size to shrink to.

    Pods that are not available go first; then as many as availability allows.
    """
    sizes = {one["metadata"]["uid"]: replicas_of(one) for one in old_sets}
    minimum = replicas_of(deployment) - max_unavailable(deployment)
    new_missing = replicas_of(new_set) - _available(new_set)
    unhealthy_room = wanted([*old_sets, new_set]) - minimum - new_missing
    if not sum(sizes.values()) or unhealthy_room <= 0:
        return []
    by_age = sorted(old_sets, key=_age)
    for one in by_age:
        size = sizes[one["metadata"]["uid"]]
        gone = max(0, min(unhealthy_room, size - _available(one)))
        sizes[one["metadata"]["uid"]] = size - gone
        unhealthy_room -= gone
    healthy_room = sum(map(_available, [*old_sets, new_set])) - minimum
    for one in by_age:
        gone = max(0, min(healthy_room, sizes[one["metadata"]["uid"]]))
        sizes[one["metadata"]["uid"]] -= gone
        healthy_room -= gone
    return [(one, sizes[one["metadata"]["uid"]]) for one in by_age if sizes[one["metadata"]["uid"]] != replicas_of(one)]


def _available(replica_set: Json) -> int:
    """Count what is available, though no more than is wanted: a status may lag behind a set that was just scaled down."""
    return min(counted([replica_set], "availableReplicas"), replicas_of(replica_set))


def _age(replica_set: Json) -> tuple[str, str]:
    return replica_set["metadata"]["creationTimestamp"], replica_set["metadata"]["name"]


def proportional_sizes(deployment: Json, active_sets: Sequence[Json]) -> list[tuple[Json, int]]:
    """Return the sizes of ReplicaSets when the Deployment is scaled in the middle of a rollout."""
    replicas = replicas_of(deployment)
    allowed = replicas + max_surge(deployment) if replicas else 0
    to_add = allowed - wanted(active_sets)
    newer_first = sorted(active_sets, key=_age, reverse=to_add > 0)
    by_size = sorted(newer_first, key=replicas_of, reverse=True)
    sizes = []
    added = 0
    for one in by_size:
        share = _share(one, deployment, to_add - added) if to_add else 0
        added += share
        sizes.append((one, replicas_of(one) + share))
    if to_add and sizes:
        largest, size = sizes[0]
        sizes[0] = (largest, max(0, size + to_add - added))
    return sizes


def _share(replica_set: Json, deployment: Json, rest: int) -> int:
    size, replicas = replicas_of(replica_set), replicas_of(deployment)
    if size == 0 or rest == 0:
        return 0
    if replicas == 0:
        return max(-size, rest)
    before = noted_size(replica_set, MAX_REPLICAS) or counted([deployment], "replicas")
    if not before:
        return 0
    share = round(size * (replicas + max_surge(deployment)) / before) - size
    return min(share, rest) if rest > 0 else max(share, rest)
