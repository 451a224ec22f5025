"""The Application object of the estate, as Argo CD keeps it in the cluster."""

from datetime import datetime, timedelta
from typing import Any

from gospel_rollback_tui.drill.git_history import Commit, GitHistory
from gospel_rollback_tui.drill.kubernetes.documents import Json, timestamp
from gospel_rollback_tui.drill.script import APPLICATION, ARGOCD_NAMESPACE, NAMESPACE, Script, deployment_name

SOURCE: Json = {
    "repoURL": "https://git.drill.invalid/gospelib/gospelib.git",
    "path": "infra/k8s/overlays/production",
    "targetRevision": "main",
}

SYNC_SECONDS = 2
"""How long the syncs took that were over before the estate started."""

SUCCEEDED = "successfully synced (all tasks run)"


def application_document(script: Script, git: GitHistory, now: datetime) -> Json:
    """Return the Application as it stands when the estate starts: everything that git says is synced."""
    head = git.head.sha
    policy: dict[str, Any] = {"syncOptions": ["CreateNamespace=false"]}
    if script.sync.automated:
        policy["automated"] = {"prune": script.sync.prune, "selfHeal": script.sync.self_heal}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": APPLICATION, "namespace": ARGOCD_NAMESPACE},
        "spec": {
            "project": "gospelib",
            "source": SOURCE,
            "destination": {"server": "https://kubernetes.default.svc", "namespace": NAMESPACE},
            "syncPolicy": policy,
        },
        "status": {
            "reconciledAt": timestamp(now),
            "sync": {"status": "Synced", "revision": head, "comparedTo": {"source": SOURCE, "destination": {"namespace": NAMESPACE}}},
            "health": {"status": "Healthy"},
            "history": [history_entry(number, commit, now) for number, commit in enumerate(git.commits())],
            "operationState": _last_operation(script, git.head, now),
        },
    }


def history_entry(number: int, commit: Commit, now: datetime, initiated_by: Json | None = None) -> Json:
    """Return the history entry of a commit that was synced `deployed_before` seconds before `now`."""
    deployed = now - timedelta(seconds=commit.deployed_before)
    return {
        "id": number,
        "revision": commit.sha,
        "deployStartedAt": timestamp(deployed - timedelta(seconds=SYNC_SECONDS)),
        "deployedAt": timestamp(deployed),
        "initiatedBy": initiated_by or {"automated": True},
        "source": SOURCE,
    }


def _last_operation(script: Script, head: Commit, now: datetime) -> Json:
    """Return the operation that ended last: the sync of the newest commit, or the heal that came after it."""
    sync: dict[str, Any] = {"revision": head.sha, "prune": script.sync.prune, "source": SOURCE}
    ended = now - timedelta(seconds=head.deployed_before)
    if script.sync.healed_before is not None:
        healed = [h.service for h in script.histories if h.revisions[-1].number]
        sync["resources"] = [{"group": "apps", "kind": "Deployment", "name": deployment_name(service)} for service in healed]
        sync["autoHealAttemptsCount"] = 1
        ended = now - timedelta(seconds=script.sync.healed_before)
    operation = {"sync": sync, "initiatedBy": {"automated": True}, "retry": {"limit": 5}}
    return finished_operation(operation, "Succeeded", SUCCEEDED, ended - timedelta(seconds=SYNC_SECONDS), ended)


def finished_operation(operation: Json, phase: str, message: str, started: datetime, ended: datetime) -> Json:
    """Return the operationState of an operation that is over."""
    return {
        "operation": operation,
        "phase": phase,
        "message": message,
        "startedAt": timestamp(started),
        "finishedAt": timestamp(ended),
        "syncResult": {"revision": operation["sync"].get("revision", ""), "source": SOURCE},
    }
