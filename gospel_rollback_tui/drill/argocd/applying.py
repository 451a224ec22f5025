"""Brings the objects of a commit into the cluster, one after the other, and tells what became of each."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from gospel_rollback_tui.drill.argocd.comparing import Comparison, described
from gospel_rollback_tui.drill.kubernetes.documents import Json, copy_json
from gospel_rollback_tui.drill.kubernetes.statuses import ApiError
from gospel_rollback_tui.drill.managed_objects import Identity, plural_of
from gospel_rollback_tui.drill.ports import Registry
from gospel_rollback_tui.drill.sync_rules import is_drifted

_ORDER = ("ConfigMap", "Service", "Deployment", "Job", "CronJob")
"""In which order kinds are applied."""


@dataclass(slots=True)
class Outcome:
    """What an operation did: `resources` of its result, and the refusals of those that could not be applied."""

    resources: list[Json] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)


def apply_commit(registry: Registry, comparison: Comparison, sync: Json) -> Outcome:
    """Apply the declared objects of a comparison, and prune the others, as an operation's `sync` asks for it."""
    outcome = Outcome()
    dry_run, prune = bool(sync.get("dryRun")), bool(sync.get("prune"))
    wanted = _selected(sync.get("resources") or [])
    for identity in comparison.superfluous:
        if wanted is None or _key(identity) in wanted:
            _prune(registry, identity, comparison.live[identity], outcome, prune=prune, dry_run=dry_run)
    for identity in sorted(comparison.declared, key=_rank):
        if wanted is None or _key(identity) in wanted:
            _apply(registry, identity, comparison, outcome, dry_run=dry_run)
    return outcome


def _selected(resources: Iterable[Json]) -> set[tuple[str, str, str]] | None:
    """Return group, kind and name of what a selective sync names; None for a full one."""
    return {(one.get("group", ""), one["kind"], one["name"]) for one in resources} or None


def _key(identity: Identity) -> tuple[str, str, str]:
    return identity.group, identity.kind, identity.name


def _rank(identity: Identity) -> tuple[int, Identity]:
    return (_ORDER.index(identity.kind) if identity.kind in _ORDER else len(_ORDER), identity)


def _prune(registry: Registry, identity: Identity, live: Json, outcome: Outcome, *, prune: bool, dry_run: bool) -> None:
    result = {**described(identity, live), "hookPhase": "Succeeded", "syncPhase": "Sync"}
    if not prune:
        outcome.resources.append({**result, "status": "PruneSkipped", "message": "ignored (requires pruning)"})
        return
    if not dry_run:
        registry.delete(plural_of(identity.kind), identity.namespace, identity.name)
    outcome.resources.append({**result, "status": "Pruned", "message": "pruned (dry run)" if dry_run else "pruned"})


def _apply(registry: Registry, identity: Identity, comparison: Comparison, outcome: Outcome, *, dry_run: bool) -> None:
    document, live = comparison.declared[identity], comparison.live.get(identity)
    result = {**described(identity, document), "hookPhase": "Succeeded" if dry_run else "Running", "syncPhase": "Sync"}
    images = [container["image"] for container in document.get("spec", {}).get("template", {}).get("spec", {}).get("containers", [])]
    if images:
        result["images"] = images
    verb = "created" if live is None else "configured" if is_drifted(document, live) else "unchanged"
    try:
        if not dry_run:
            registry.apply(copy_json(document))
    except ApiError as error:
        refusal = f'error when patching "/dev/shm/{abs(hash(identity)) % 10**9}": {error.message}'
        outcome.refusals.append(refusal)
        outcome.resources.append({**result, "hookPhase": "Failed", "status": "SyncFailed", "message": refusal})
        return
    qualified = f"{identity.kind.lower()}.{identity.group}" if identity.group else identity.kind.lower()
    message = f"{qualified}/{identity.name} {verb}{' (dry run)' if dry_run else ''}"
    outcome.resources.append({**result, "status": "Synced", "message": message})
