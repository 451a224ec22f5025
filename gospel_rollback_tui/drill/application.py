"""The Application object of the estate, as Argo CD keeps it in the cluster."""

from datetime import datetime, timedelta
from typing import Any

from gospel_rollback_tui.drill.kubernetes.documents import Json, timestamp
from gospel_rollback_tui.drill.repository.bare import EstateRepository
from gospel_rollback_tui.drill.repository.tree import OVERLAY
from gospel_rollback_tui.drill.script import APPLICATION, ARGOCD_NAMESPACE, NAMESPACE, PROJECT, Script, deployment_name
from gospel_rollback_tui.drill.several_sources import NO_SOURCE, compared, deployed, sources_of

BRANCH = "main"
CLUSTER = "https://kubernetes.default.svc"
"""How Argo CD names the cluster that it runs in."""

SYNC_SECONDS = 2
"""How long the syncs took that were over before the estate started."""

SUCCEEDED = "successfully synced (all tasks run)"
_AUTOMATED: Json = {"initiatedBy": {"automated": True}, "retry": {"limit": 5}}


def source_of(repository: EstateRepository) -> Json:
    """Return the source of the Application: the branch and overlay of the estate's repository."""
    return {"repoURL": repository.url, "path": OVERLAY, "targetRevision": BRANCH}


def application_document(script: Script, repository: EstateRepository, now: datetime) -> Json:
    """Return the Application as it stands when the estate starts: everything that git says is synced."""
    destination = {"server": CLUSTER, "namespace": NAMESPACE}
    policy: dict[str, Any] = {"syncOptions": ["CreateNamespace=false"]}
    if script.sync.automated:
        policy["automated"] = {"prune": script.sync.prune, "selfHeal": script.sync.self_heal}
    spec: Json = {"project": PROJECT, "source": source_of(repository), "destination": destination, "syncPolicy": policy}
    if script.sync.several_sources:
        spec["sources"] = [spec.pop("source"), {"repoURL": repository.url, "ref": "values", "targetRevision": BRANCH}]
    if script.sync.history_limit is not None:
        spec["revisionHistoryLimit"] = script.sync.history_limit
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": APPLICATION, "namespace": ARGOCD_NAMESPACE},
        "spec": spec,
        "status": {
            "reconciledAt": timestamp(now),
            "sync": {"status": "Synced", **compared(spec, _commits(spec, repository.head))},
            "health": {"status": "Healthy"},
            **({"history": history} if (history := _history(script, repository, spec, now)) else {}),
            "operationState": _last_operation(script, repository, spec, now),
        },
    }


def _history(script: Script, repository: EstateRepository, spec: Json, now: datetime) -> list[Json]:
    """Return an entry for each commit that was synced and is still within the limit."""
    synced = synced_commits(script, repository)
    entries = [history_entry(number, deployed(spec, _commits(spec, sha)), now - timedelta(seconds=before)) for number, (sha, before) in enumerate(synced)]
    return within_limit(entries, script.sync.history_limit)


def synced_commits(script: Script, repository: EstateRepository) -> list[tuple[str, float]]:
    """Return the commits that were synced before the estate started, each with the seconds from then to the start.

    A commit after the newest release was synced too where it changes what the overlay declares.
    """
    synced = [(sha, release.before) for sha, release in repository.releases]
    head = repository.head
    if script.git.later and repository.manifests(head) != repository.manifests(synced[-1][0]):
        synced.append((head, script.git.later[-1].before))
    return synced


def within_limit(entries: list[Json], limit: int | None) -> list[Json]:
    """Return the newest entries of a history, as many as `revisionHistoryLimit` lets stay; ten where it is not set."""
    kept = 10 if limit is None else limit
    return entries[-kept:] if kept else []


def history_entry(number: int, deployment: Json, deployed_at: datetime, initiated_by: Json | None = None) -> Json:
    """Return the history entry of what was deployed at a moment: `deployment` holds sources and commits."""
    return {
        "id": number,
        "deployStartedAt": timestamp(deployed_at - timedelta(seconds=SYNC_SECONDS)),
        "deployedAt": timestamp(deployed_at),
        "initiatedBy": initiated_by or {"automated": True},
        **deployment,
    }


def _commits(spec: Json, sha: str) -> list[str]:
    """Return a commit for each source of a spec: all of them are of one repository."""
    return [sha for _ in sources_of(spec)]


def _last_operation(script: Script, repository: EstateRepository, spec: Json, now: datetime) -> Json:
    """Return the operation that ended last: the sync of the newest commit, or the heal that came after it."""
    sha, before = synced_commits(script, repository)[-1]
    sync: dict[str, Any] = {**deployed(spec, _commits(spec, sha)), "prune": script.sync.prune}
    ended = now - timedelta(seconds=before)
    if script.sync.healed_before is not None:
        healed = [h.service for h in script.histories if h.revisions[-1].number]
        sync["resources"] = [{"group": "apps", "kind": "Deployment", "name": deployment_name(service)} for service in healed]
        sync["autoHealAttemptsCount"] = 1
        ended = now - timedelta(seconds=script.sync.healed_before)
    started = ended - timedelta(seconds=SYNC_SECONDS)
    return finished_operation({"sync": sync, **_AUTOMATED}, "Succeeded", SUCCEEDED, started, ended)


def finished_operation(operation: Json, phase: str, message: str, started: datetime, ended: datetime, resources: list[Json] | None = None) -> Json:
    """Return the operationState of an operation that is over."""
    sync = operation.get("sync", {})
    result: Json = {"source": NO_SOURCE, **{name: sync[name] for name in ("revision", "revisions", "source", "sources") if name in sync}}
    if resources:
        result["resources"] = resources
    state = {"operation": operation, "phase": phase, "message": message}
    return {**state, "startedAt": timestamp(started), "finishedAt": timestamp(ended), "syncResult": result}
