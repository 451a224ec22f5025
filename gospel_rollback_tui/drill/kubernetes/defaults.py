"""Defaults by kind, as the API server fills them in before it stores an object.

The functions change the document they are given.
"""

import base64
from collections.abc import Callable

from gospel_rollback_tui.drill.kubernetes.documents import Json
from gospel_rollback_tui.drill.kubernetes.pod_defaults import default_pod_spec, default_requests, default_tolerations, quality_of_service


def fill_in_defaults(document: Json) -> None:
    """Fill in what the author of an object of a built-in type left open."""
    filler = _FILLERS.get(document.get("kind", ""))
    if filler is not None and isinstance(document.get("spec", {}), dict):
        filler(document)


def _template(spec: Json) -> None:
    template = spec.get("template")
    if not isinstance(template, dict):
        return
    template.setdefault("metadata", {})
    if isinstance(template.get("spec"), dict):
        default_pod_spec(template["spec"])


def _deployment(document: Json) -> None:
    spec = document.setdefault("spec", {})
    document.setdefault("status", {})
    spec.setdefault("replicas", 1)
    strategy = spec.setdefault("strategy", {})
    strategy.setdefault("type", "RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        limits = strategy.setdefault("rollingUpdate", {})
        limits.setdefault("maxUnavailable", "25%")
        limits.setdefault("maxSurge", "25%")
    spec.setdefault("revisionHistoryLimit", 10)
    spec.setdefault("progressDeadlineSeconds", 600)
    _template(spec)


def _replica_set(document: Json) -> None:
    spec = document.setdefault("spec", {})
    document.setdefault("status", {"replicas": 0})
    spec.setdefault("replicas", 1)
    _template(spec)


def _stateful_set(document: Json) -> None:
    spec = document.setdefault("spec", {})
    document.setdefault("status", {"replicas": 0, "availableReplicas": 0})
    spec.setdefault("replicas", 1)
    spec.setdefault("podManagementPolicy", "OrderedReady")
    strategy = spec.setdefault("updateStrategy", {})
    strategy.setdefault("type", "RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        strategy.setdefault("rollingUpdate", {}).setdefault("partition", 0)
    spec.setdefault("revisionHistoryLimit", 10)
    spec.setdefault("persistentVolumeClaimRetentionPolicy", {"whenDeleted": "Retain", "whenScaled": "Retain"})
    _template(spec)


def _daemon_set(document: Json) -> None:
    spec = document.setdefault("spec", {})
    spec.setdefault("revisionHistoryLimit", 10)
    spec.setdefault("updateStrategy", {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0}})
    counters = ("currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady")
    document.setdefault("status", dict.fromkeys(counters, 0))
    _template(spec)


def _job(document: Json) -> None:
    document.setdefault("status", {})
    _default_job_spec(document.setdefault("spec", {}))


def _default_job_spec(spec: Json) -> None:
    spec.setdefault("parallelism", 1)
    spec.setdefault("completions", 1)
    spec.setdefault("backoffLimit", 6)
    spec.setdefault("completionMode", "NonIndexed")
    spec.setdefault("suspend", False)
    _template(spec)


def _cron_job(document: Json) -> None:
    spec = document.setdefault("spec", {})
    document.setdefault("status", {})
    spec.setdefault("concurrencyPolicy", "Allow")
    spec.setdefault("suspend", False)
    spec.setdefault("successfulJobsHistoryLimit", 3)
    spec.setdefault("failedJobsHistoryLimit", 1)
    _template(spec.setdefault("jobTemplate", {}).setdefault("spec", {}))


def _pod(document: Json) -> None:
    spec = document.setdefault("spec", {})
    default_pod_spec(spec)
    default_requests(spec)
    default_tolerations(spec)
    document.setdefault("status", {"phase": "Pending", "qosClass": quality_of_service(spec)})
    spec.setdefault("enableServiceLinks", True)
    spec.setdefault("preemptionPolicy", "PreemptLowerPriority")
    spec.setdefault("priority", 0)


def _service(document: Json) -> None:
    spec = document.setdefault("spec", {})
    document.setdefault("status", {"loadBalancer": {}})
    spec.setdefault("type", "ClusterIP")
    spec.setdefault("sessionAffinity", "None")
    spec.setdefault("internalTrafficPolicy", "Cluster")
    spec.setdefault("ipFamilyPolicy", "SingleStack")
    spec.setdefault("ipFamilies", ["IPv4"])
    for port in spec.get("ports") or []:
        port.setdefault("protocol", "TCP")
        port.setdefault("targetPort", port.get("port"))


def _secret(document: Json) -> None:
    document.setdefault("type", "Opaque")
    for key, text in document.pop("stringData", {}).items():
        document.setdefault("data", {})[key] = base64.b64encode(text.encode()).decode()


def _namespace(document: Json) -> None:
    document["metadata"].setdefault("labels", {})["kubernetes.io/metadata.name"] = document["metadata"].get("name", "")
    document.setdefault("spec", {}).setdefault("finalizers", ["kubernetes"])
    document.setdefault("status", {"phase": "Active"})


def _autoscaler(document: Json) -> None:
    document.setdefault("spec", {}).setdefault("minReplicas", 1)
    document.setdefault("status", {"desiredReplicas": 0})


def _claim(document: Json) -> None:
    document.setdefault("spec", {}).setdefault("volumeMode", "Filesystem")
    document.setdefault("status", {"phase": "Pending"})


def _empty_status(document: Json) -> None:
    document.setdefault("status", {})


_FILLERS: dict[str, Callable[[Json], None]] = {
    "Deployment": _deployment,
    "ReplicaSet": _replica_set,
    "StatefulSet": _stateful_set,
    "DaemonSet": _daemon_set,
    "Job": _job,
    "CronJob": _cron_job,
    "Pod": _pod,
    "Service": _service,
    "Secret": _secret,
    "Namespace": _namespace,
    "HorizontalPodAutoscaler": _autoscaler,
    "PersistentVolumeClaim": _claim,
    "ResourceQuota": _empty_status,
    "PodDisruptionBudget": _empty_status,
    "Node": _empty_status,
}
