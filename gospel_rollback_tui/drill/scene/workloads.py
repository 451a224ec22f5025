"""Deployments and ReplicaSets with the history that a script gives them."""

from dataclasses import dataclass
from datetime import datetime

from gospel_rollback_tui.drill.kubernetes.controllers.revisions import DESIRED_REPLICAS, MAX_REPLICAS, REVISION, REVISION_HISTORY
from gospel_rollback_tui.drill.kubernetes.controllers.templates import HASH_LABEL, template_hash
from gospel_rollback_tui.drill.kubernetes.documents import Json, copy_json, timestamp
from gospel_rollback_tui.drill.manifests import CHANGE_CAUSE_ANNOTATION, REPLICAS, deployment_document
from gospel_rollback_tui.drill.scene.metadata import ago, existing, owned_by
from gospel_rollback_tui.drill.script import History, PodFate, Revision, Script

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
    ready = script.behaviour(history.service, live.tag).fate is PodFate.READY
    rolled_out = ago(now, live.applied_before)
    deployment = existing(
        deployment_document(history, live),
        ago(now, history.revisions[0].applied_before),
        (("argocd-controller", rolled_out), ("kube-controller-manager", ago(now, live.applied_before - ROLLOUT_SECONDS))),
    )
    deployment["metadata"]["generation"] = len(history.revisions)
    deployment["metadata"]["annotations"][REVISION] = str(number_of(history, live))
    sets = tuple(_replica_set(deployment, history, revision, ready, now) for revision in history.revisions)
    deployment["status"] = _deployment_status(deployment, ready, _conditions(script, history, sets[-1]["metadata"]["name"], now))
    return Workload(history, deployment, sets)


def was_ever_ready(script: Script, history: History, revision: Revision) -> bool:
    """Whether the rollout of a revision came to its end: of those that crash only a live one's did, and then broke."""
    is_live = revision is history.revisions[-1]
    fate = script.behaviour(history.service, revision.tag, None if is_live else _schema_then(script, history, revision)).fate
    return fate is PodFate.READY or (is_live and (fate is PodFate.CRASH_LOOP or history.pods_started_before is not None))


def _schema_then(script: Script, history: History, revision: Revision) -> int | None:
    """Return the version that the schema stood at while a revision was the live one; None: the service has no database."""
    tags = [one.tag for one in history.revisions[: history.revisions.index(revision) + 1]]
    return script.data.migrated_by(history.service, tags) if script.data is not None else None


def number_of(history: History, revision: Revision) -> int:
    """Return the number of a revision: its own, or its place in the history."""
    return revision.number or history.revisions.index(revision) + 1


def _replica_set(deployment: Json, history: History, revision: Revision, ready: bool, now: datetime) -> Json:
    """Return the ReplicaSet of one revision; only the live one has pods."""
    is_live = revision is history.revisions[-1]
    declared = existing(deployment_document(history, revision), now)
    template = copy_json(declared["spec"]["template"])
    pod_hash = template_hash(template)
    template["metadata"]["labels"][HASH_LABEL] = pod_hash
    place = history.revisions.index(revision) + 1
    annotations = {
        **declared["metadata"]["annotations"],
        CHANGE_CAUSE_ANNOTATION: revision.change_cause,
        REVISION: str(number_of(history, revision)),
        DESIRED_REPLICAS: str(REPLICAS),
        MAX_REPLICAS: str(REPLICAS if history.recreate else REPLICAS + 1),
    }
    if revision.number not in (0, place):
        annotations[REVISION_HISTORY] = str(place)
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


def _deployment_status(deployment: Json, ready: bool, conditions: list[Json]) -> Json:
    """Return the status that the deployment controller left behind."""
    status: Json = {"observedGeneration": deployment["metadata"]["generation"], "replicas": REPLICAS, "updatedReplicas": REPLICAS}
    status |= {"readyReplicas": REPLICAS, "availableReplicas": REPLICAS} if ready else {"unavailableReplicas": REPLICAS}
    return {**status, "conditions": conditions}


def _conditions(script: Script, history: History, live_set: str, now: datetime) -> list[Json]:
    """Return the conditions of a Deployment: as true to its history as the controller keeps them.

    Progressing has been True since the first rollout, unless one missed its deadline and a later one took over.
    """
    created, rolled_out = ago(now, history.revisions[0].applied_before), ago(now, history.revisions[-1].applied_before)
    available = ("True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
    ready = script.behaviour(history.service, history.revisions[-1].tag).fate is PodFate.READY
    if not ready:
        available = ("False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.")
    progressing = ("True", "NewReplicaSetAvailable", f'ReplicaSet "{live_set}" has successfully progressed.')
    if not was_ever_ready(script, history, history.revisions[-1]):
        progressing = ("True", "ReplicaSetUpdated", f'ReplicaSet "{live_set}" is progressing.')
    stumbled = not all(was_ever_ready(script, history, revision) for revision in history.revisions[:-1])
    return [
        _condition("Available", available, created if ready else rolled_out, rolled_out),
        _condition("Progressing", progressing, rolled_out if stumbled else created, rolled_out),
    ]


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
