"""What a script's scene is made of on a real cluster, as values: objects, and the order of the rollouts that led here."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from gospel_rollback_tui.drill.kubernetes.documents import Json, timestamp
from gospel_rollback_tui.drill.real.stages import has_stages, is_slow
from gospel_rollback_tui.drill.repository.releases import releases_of
from gospel_rollback_tui.drill.script import NAMESPACE, Behaviour, EventScene, History, NodeScene, PodFate, Revision, Script

NOT_READY_ANNOTATION = "drill.gospel-rollback/not-ready"
NODE_CAPACITY = {"cpu": "4", "memory": "16Gi", "pods": "58"}
NODE_INFO = {"kubeletVersion": "v1.34.2", "osImage": "Amazon Linux 2023", "architecture": "amd64", "operatingSystem": "linux"}

EVENT_KINDS = {"Deployment": "apps/v1", "ReplicaSet": "apps/v1"}


@dataclass(frozen=True, slots=True)
class Rollout:
    """One rollout on the way to the scene."""

    history: History
    revision: Revision
    ready: bool
    """Whether its pods become Ready, so that the rollout completes."""


def is_late(script: Script, behaviour: Behaviour) -> bool:
    """Says whether a behaviour sets in only after the last rollout.

    Pods that take long to be Ready were Ready long ago when the incident starts. And where a rolling update has replaced
    every pod, the new ones must have been Ready for a moment before they began to crash.
    """
    history = script.history(behaviour.service)
    is_live = history.revisions[-1].tag == behaviour.tag
    return is_slow(behaviour) or (is_live and behaviour.fate is PodFate.CRASH_LOOP and not history.recreate)


def early_behaviours(script: Script) -> list[Behaviour]:
    """Returns the behaviours that hold from the first rollout on."""
    return [behaviour for behaviour in script.behaviours if has_stages(behaviour) and not is_late(script, behaviour)]


def rollouts_of(script: Script, number: int) -> list[Rollout]:
    """Returns the rollouts that a release of the script begins: of the services that it changes."""
    releases = releases_of(script)
    before = dict(releases[number - 1].revisions) if number else {}
    return [_rollout(script, script.history(service), revision) for service, revision in releases[number].revisions if before.get(service) != revision]


def undone(script: Script) -> list[list[Rollout]]:
    """Returns what an undo, and then self-heal, rolled out after the newest release, in that order; nothing where nobody undid it.

    These are the revisions that have been renumbered: each runs a second time, in the order of the numbers.
    """
    again = [(history, revision) for history in script.histories for revision in history.revisions if revision.number]
    numbers = sorted({revision.number for _, revision in again})
    return [[_rollout(script, history, revision) for history, revision in again if revision.number == number] for number in numbers]


def node(scene: NodeScene) -> Json:
    """Returns a node that kwok looks after."""
    annotations = {"kwok.x-k8s.io/node": "fake"}
    if scene.not_ready_before is not None:
        annotations[NOT_READY_ANNOTATION] = scene.message or "container runtime is down"
    labels = {"kubernetes.io/hostname": scene.name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": scene.name, "annotations": annotations, "labels": labels},
        "status": {"capacity": NODE_CAPACITY, "allocatable": NODE_CAPACITY, "nodeInfo": NODE_INFO},
    }


def nonce_document(nonce: str) -> Json:
    """Returns the ConfigMap that proves the estate to be the drill's own: its name holds what was made with the estate."""
    metadata = {"name": f"gospel-rollback-drill-{nonce}", "namespace": NAMESPACE}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"nonce": nonce}}


def event_document(scene: EventScene, number: int) -> Json:
    """Returns an event that happened before the estate started."""
    last = timestamp(datetime.now(UTC) - timedelta(seconds=scene.last_before))
    namespace = "default" if scene.kind == "Node" else NAMESPACE
    involved = {"apiVersion": EVENT_KINDS.get(scene.kind, "v1"), "kind": scene.kind, "name": scene.name}
    if scene.kind != "Node":
        involved["namespace"] = namespace
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": f"{scene.name}.{number:016x}", "namespace": namespace},
        "involvedObject": involved,
        "reason": scene.reason,
        "message": scene.message,
        "type": scene.type,
        "count": scene.count,
        "firstTimestamp": last,
        "lastTimestamp": last,
        "source": {"component": "kubelet"},
    }


def _rollout(script: Script, history: History, revision: Revision) -> Rollout:
    behaviour = script.behaviour(history.service, revision.tag)
    ready = behaviour.fate is PodFate.READY or is_late(script, behaviour)
    return Rollout(history, revision, ready)
