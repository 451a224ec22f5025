"""Deployments and ReplicaSets with the history that a script gives them."""

from dataclasses import dataclass
from datetime import datetime

from gospel_rollback_tui.drill.kubernetes.documents import Json, copy_json, timestamp
from gospel_rollback_tui.drill.manifests import CHANGE_CAUSE_ANNOTATION, REPLICAS, deployment_document
from gospel_rollback_tui.drill.scene.metadata import ago, existing, owned_by, short_hash
from gospel_rollback_tui.drill.script import History, PodFate, Revision, Script

REVISION_ANNOTATION = "deployment.kubernetes.io/revision"
REVISION_HISTORY_ANNOTATION = "deployment.kubernetes.io/revision-history"
ROLLOUT_SECONDS = 20.0
"""How long the rollouts took that were over before the estate started."""


@dataclass(frozen=True, slots=True)
class Workload:
    """A Deployment and its ReplicaSets, oldest first; the last one is live."""

    history: History
    deployment: Json
    replica_sets: tuple[Json, ...]


def workload(script: Script, history: History, now: datetime) -> Workload:
    """Return the objects of a service, its pods apart."""
    live = history.revisions[-1]
    fate = script.behaviour(history.service, live.tag).fate
    ready = fate is PodFate.READY
    ever_ready = fate in (PodFate.READY, PodFate.CRASH_LOOP) or history.pods_started_before is not None
    rolled_out = ago(now, live.applied_before)
    first = ago(now, history.revisions[0].applied_before)
    deployment = existing(
        deployment_document(history, live),
        first,
        (("argocd-controller", rolled_out), ("kube-controller-manager", ago(now, live.applied_before - ROLLOUT_SECONDS))),
    )
    deployment["metadata"]["generation"] = len(history.revisions)
    deployment["metadata"]["annotations"][REVISION_ANNOTATION] = str(number_of(history, live))
    sets = tuple(_replica_set(deployment, history, revision, ready, now) for revision in history.revisions)
    deployment["status"] = _deployment_status(deployment, sets[-1], (ready, ever_ready), first, rolled_out)
    return Workload(history, deployment, sets)


def number_of(history: History, revision: Revision) -> int:
    """Return the number of a revision: its own, or its place in the history."""
    return revision.number or history.revisions.index(revision) + 1


def _replica_set(deployment: Json, history: History, revision: Revision, ready: bool, now: datetime) -> Json:
    """Return the ReplicaSet of one revision; only the live one has pods."""
    is_live = revision is history.revisions[-1]
    declared = existing(deployment_document(history, revision), now)
    template = copy_json(declared["spec"]["template"])
    pod_hash = short_hash(template, 10)
    template["metadata"]["labels"]["pod-template-hash"] = pod_hash
    place = history.revisions.index(revision) + 1
    annotations = {
        **declared["metadata"]["annotations"],
        CHANGE_CAUSE_ANNOTATION: revision.change_cause,
        REVISION_ANNOTATION: str(number_of(history, revision)),
        "deployment.kubernetes.io/desired-replicas": str(REPLICAS),
        "deployment.kubernetes.io/max-replicas": str(REPLICAS if history.recreate else REPLICAS + 1),
    }
    if revision.number not in (0, place):
        annotations[REVISION_HISTORY_ANNOTATION] = str(place)
    replicas = REPLICAS if is_live else 0
    labels = dict(template["metadata"]["labels"])
    document = {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {
            "name": f"{deployment['metadata']['name']}-{pod_hash}",
            "namespace": deployment["metadata"]["namespace"],
            "labels": labels,
            "annotations": annotations,
            "ownerReferences": owned_by(deployment),
        },
        "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template},
    }
    stored = existing(document, ago(now, revision.applied_before))
    stored["metadata"]["generation"] = 1 if is_live else 2
    stored["status"] = {"observedGeneration": stored["metadata"]["generation"], **_counts(replicas, ready)}
    return stored


def _counts(replicas: int, ready: bool) -> Json:
    """Return a ReplicaSet's counters; zero counters are omitted, but for `replicas`."""
    if not replicas:
        return {"replicas": 0}
    counts: Json = {"replicas": replicas, "fullyLabeledReplicas": replicas}
    return {**counts, "readyReplicas": replicas, "availableReplicas": replicas} if ready else counts


def _deployment_status(deployment: Json, live: Json, readiness: tuple[bool, bool], created: datetime, rolled_out: datetime) -> Json:
    """Return the status that the deployment controller left behind.

    `readiness` says whether the live pods are Ready, and whether they ever were: a rollout that was complete once
    stays so in its Progressing condition.
    """
    ready, ever_ready = readiness
    status: Json = {"observedGeneration": deployment["metadata"]["generation"], "replicas": REPLICAS, "updatedReplicas": REPLICAS}
    status |= {"readyReplicas": REPLICAS, "availableReplicas": REPLICAS} if ready else {"unavailableReplicas": REPLICAS}
    name = live["metadata"]["name"]
    available = ("True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
    if not ready:
        available = ("False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.")
    progressing = ("True", "NewReplicaSetAvailable", f'ReplicaSet "{name}" has successfully progressed.')
    if not ever_ready:
        progressing = ("False", "ProgressDeadlineExceeded", f'ReplicaSet "{name}" has timed out progressing.')
    status["conditions"] = [
        _condition("Available", available, created if ready else rolled_out, rolled_out),
        _condition("Progressing", progressing, created if ever_ready else rolled_out, rolled_out),
    ]
    return status


def _condition(kind: str, content: tuple[str, str, str], since: datetime, updated: datetime) -> Json:
    """Return a Deployment's condition."""
    status, reason, message = content
    return {
        "type": kind,
        "status": status,
        "reason": reason,
        "message": message,
        "lastUpdateTime": timestamp(updated),
        "lastTransitionTime": timestamp(since),
    }
