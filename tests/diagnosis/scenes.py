"""Scenes built of raw Kubernetes objects, as the probes would have read them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from gospel_rollback_tui.diagnosis.scene import EarlyErrors, Scene, SchemaSeen
from gospel_rollback_tui.domain.application import application_from
from gospel_rollback_tui.domain.estate import ArgoCd, Cluster, Environment, HttpCheck, Service, Tier
from gospel_rollback_tui.domain.feed import FeedState, FeedStatus, Moment
from gospel_rollback_tui.domain.health import HttpAnswer
from gospel_rollback_tui.domain.nodes import node_from
from gospel_rollback_tui.domain.pod_state import pod_from
from gospel_rollback_tui.domain.release_change import ReleaseChange
from gospel_rollback_tui.domain.snapshots import LogsSnapshot, ServiceErrors, SignatureCount
from gospel_rollback_tui.domain.workloads import deployment_from, replica_set_from

NOW = 1_800_000_000.0
DAY = 86_400.0
ONSET = NOW - 412
ROLLOUT = ONSET - 71
NAMES = ("gateway", "content", "auth")
VERSES = HttpCheck("verses", "https://api.gospelib.test/v1/verses/gen.1.1")
ENVIRONMENT = Environment(
    name="production",
    title="PRODUCTION",
    tier=Tier.PRODUCTION,
    cluster=Cluster("gospelib-production", "gospelib-production"),
    services=tuple(Service(n, f"gospelib-{n}", n, f"app=gospelib-{n}") for n in NAMES),
    symptoms=(VERSES,),
    argocd=ArgoCd("gospelib-production"),
)

RELEASE = ReleaseChange(ENVIRONMENT.service("gateway"), "registry.test/gospelib-gateway:v2.15.0", "registry.test/gospelib-gateway:v2.14.0")
"""What the gateway goes back by."""


def stamp(at: float) -> str:
    """Returns a wall time as Kubernetes writes it."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def template(name: str, tag: str, env: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Returns a pod template of one container."""
    variables = [{"name": key, "value": value} for key, value in (env or {}).items()]
    container = {"name": name, "image": f"registry.test/gospelib-{name}:{tag}", "env": variables}
    return {"metadata": {"labels": {"app": f"gospelib-{name}"}}, "spec": {"containers": [container]}}


def deployment(name: str, tag: str, revision: int, *, available: int = 2, env: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Returns a Deployment of two pods whose rollout was completed."""
    conditions = [
        {
            "type": "Progressing",
            "status": "True",
            "reason": "NewReplicaSetAvailable",
            "message": "",
            "lastUpdateTime": stamp(ROLLOUT),
            "lastTransitionTime": stamp(NOW - 20 * DAY),
        },
        {
            "type": "Available",
            "status": "True" if available else "False",
            "lastUpdateTime": stamp(ONSET),
            "lastTransitionTime": stamp(NOW - 20 * DAY if available else ONSET),
        },
    ]
    return {
        "metadata": {
            "name": f"gospelib-{name}",
            "namespace": "gospelib-production",
            "uid": f"uid-{name}",
            "generation": revision,
            "annotations": {"deployment.kubernetes.io/revision": str(revision)},
        },
        "spec": {"replicas": 2, "selector": {"matchLabels": {"app": f"gospelib-{name}"}}, "template": template(name, tag, env)},
        "status": {
            "observedGeneration": revision,
            "replicas": 2,
            "updatedReplicas": 2,
            "readyReplicas": available,
            "availableReplicas": available,
            "conditions": conditions,
        },
    }


def replica_set(name: str, tag: str, revision: int, created: float, *, wanted: int = 0, env: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Returns a ReplicaSet of that Deployment."""
    return {
        "metadata": {
            "name": f"gospelib-{name}-{revision}",
            "uid": f"rs-{name}-{revision}",
            "creationTimestamp": stamp(created),
            "annotations": {"deployment.kubernetes.io/revision": str(revision)},
            "labels": {"pod-template-hash": f"hash{revision}"},
            "ownerReferences": [{"kind": "Deployment", "uid": f"uid-{name}", "controller": True}],
        },
        "spec": {"replicas": wanted, "template": template(name, tag, env)},
        "status": {"replicas": wanted, "readyReplicas": wanted, "availableReplicas": wanted},
    }


def pod(name: str, number: int, revision: int, *, waiting: str = "", restarts: int = 0) -> dict[str, Any]:
    """Returns a pod of that revision, ready unless it waits for a reason."""
    state: dict[str, Any] = {"waiting": {"reason": waiting}} if waiting else {"running": {"startedAt": stamp(ROLLOUT)}}
    status = {"name": name, "image": "x", "ready": not waiting, "restartCount": restarts, "state": state}
    if restarts:
        status["lastState"] = {"terminated": {"exitCode": 2, "finishedAt": stamp(NOW - 30)}}
    ready = {"type": "Ready", "status": "False" if waiting else "True", "lastTransitionTime": stamp(ONSET)}
    return {
        "metadata": {
            "name": f"gospelib-{name}-{revision}-{number}",
            "uid": f"pod-{name}-{revision}-{number}",
            "creationTimestamp": stamp(ROLLOUT),
            "ownerReferences": [{"kind": "ReplicaSet", "uid": f"rs-{name}-{revision}", "controller": True}],
        },
        "spec": {"containers": [{"name": name, "image": "x"}]},
        "status": {"phase": "Running", "conditions": [ready], "containerStatuses": [status]},
    }


def node(name: str, *, ready: bool) -> dict[str, Any]:
    """Returns a node."""
    condition = {"type": "Ready", "status": "True" if ready else "Unknown", "lastTransitionTime": stamp(ONSET), "message": "kubelet stopped posting"}
    return {"metadata": {"name": name}, "status": {"conditions": [condition]}}


def logs(**errors: int) -> LogsSnapshot:
    """Returns what the log feed counted: error lines a minute by service, all of one kind each."""
    moment = Moment(0.0, NOW)
    return LogsSnapshot(
        source="Kubernetes",
        taken=moment,
        status=FeedStatus(FeedState.LIVE, moment, heard=moment),
        errors=tuple(ServiceErrors(service=n, per_minute=errors.get(n, 0), history=(), streams=2, known=True) for n in NAMES),
        signatures=tuple(
            SignatureCount(
                service=n,
                signature="panic: nil map",
                sample="ERROR panic: nil map in route table status=500",
                message="panic: nil map in route table",
                count=c,
                first_seen=NOW - 60,
                last_seen=NOW,
            )
            for n, c in errors.items()
        ),
    )


def application(*, self_heal: bool = True, owner: str = "") -> dict[str, Any]:
    """Returns the Application with auto-sync on."""
    owners = [{"kind": "ApplicationSet", "name": owner, "controller": True}] if owner else []
    policy = {"automated": {"selfHeal": self_heal, "prune": True}}
    return {
        "metadata": {"name": "gospelib-production", "namespace": "argocd", "uid": "app-uid", "ownerReferences": owners},
        "spec": {"syncPolicy": policy},
        "status": {"sync": {"status": "Synced"}},
    }


def bad_release(**changes: Any) -> Scene:  # noqa: ANN401  (fields of Scene, checked by its constructor)
    """Returns the night of the default drill: the gateway's new release is Ready and answers 500."""
    sets = [replica_set("gateway", "v2.14.0", 2, NOW - 3 * DAY), replica_set("gateway", "v2.15.0", 3, ROLLOUT, wanted=2, env={"FEATURE_X": "on"})]
    deployments = [deployment("gateway", "v2.15.0", 3, env={"FEATURE_X": "on"})]
    pods = [pod("gateway", n, 3) for n in (1, 2)]
    for name in NAMES[1:]:
        deployments.append(deployment(name, "v2.14.0", 2))
        sets += [replica_set(name, "v2.13.2", 1, NOW - 10 * DAY), replica_set(name, "v2.14.0", 2, NOW - 3 * DAY, wanted=2)]
        pods += [pod(name, n, 2) for n in (1, 2)]
    fields: dict[str, Any] = {
        "environment": ENVIRONMENT,
        "at": NOW,
        "symptom": VERSES,
        "answer": HttpAnswer(500, "", 0.01),
        "who": ("https://cluster.test", "oncall"),
        "alive": True,
        "deployments": tuple(deployment_from(d) for d in deployments),
        "replica_sets": tuple(replica_set_from(r) for r in sets),
        "pods": tuple(pod_from(p) for p in pods),
        "events": (),
        "nodes": tuple(node_from(node(f"node-{n}", ready=True)) for n in range(3)),
        "config_edits": (),
        "may_roll_back": True,
        "application": application_from(application()),
        "application_read": True,
        "logs": logs(gateway=212),
        "schema": SchemaSeen((RELEASE,)),
        "early": (EarlyErrors("gateway", ONSET, "panic: nil map", "panic: nil map in route table"),),
    }
    return Scene(**{**fields, **changes})
