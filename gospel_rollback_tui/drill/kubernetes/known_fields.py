"""Which fields the built-in types have, where a misspelt one does the most harm.

The real decoder drops what it does not know; so does this one, for the specifications of
workloads, pods and containers.
"""

from gospel_rollback_tui.drill.kubernetes.documents import Json

_CUSTOM = frozenset({"apiVersion", "kind", "metadata", "spec", "status", "operation"})
_SHARED = frozenset({"replicas", "selector", "template", "minReadySeconds", "revisionHistoryLimit"})
_WORKLOADS = {
    "Deployment": _SHARED | {"strategy", "paused", "progressDeadlineSeconds"},
    "ReplicaSet": _SHARED - {"revisionHistoryLimit"},
    "StatefulSet": _SHARED
    | {"volumeClaimTemplates", "serviceName", "podManagementPolicy", "updateStrategy", "persistentVolumeClaimRetentionPolicy", "ordinals"},
    "DaemonSet": (_SHARED - {"replicas"}) | {"updateStrategy"},
}
_POD = frozenset(
    {
        "activeDeadlineSeconds", "affinity", "automountServiceAccountToken", "containers", "dnsConfig", "dnsPolicy", "enableServiceLinks",
        "ephemeralContainers", "hostAliases", "hostIPC", "hostNetwork", "hostPID", "hostUsers", "hostname", "imagePullSecrets", "initContainers",
        "nodeName", "nodeSelector", "os", "overhead", "preemptionPolicy", "priority", "priorityClassName", "readinessGates", "resourceClaims",
        "resources", "restartPolicy", "runtimeClassName", "schedulerName", "schedulingGates", "securityContext", "serviceAccount",
        "serviceAccountName", "setHostnameAsFQDN", "shareProcessNamespace", "subdomain", "terminationGracePeriodSeconds", "tolerations",
        "topologySpreadConstraints", "volumes",
    }
)  # fmt: skip
_CONTAINER = frozenset(
    {
        "args", "command", "env", "envFrom", "image", "imagePullPolicy", "lifecycle", "livenessProbe", "name", "ports", "readinessProbe",
        "resizePolicy", "resources", "restartPolicy", "restartPolicyRules", "securityContext", "startupProbe", "stdin", "stdinOnce",
        "targetContainerName", "terminationMessagePath", "terminationMessagePolicy", "tty", "volumeDevices", "volumeMounts", "workingDir",
    }
)  # fmt: skip


def drop_unknown_fields(document: Json) -> list[str]:
    """Remove from a document what its type does not have; return the paths of what was removed."""
    dropped: list[str] = []
    spec = document.get("spec")
    if not isinstance(spec, dict):
        return dropped
    if known := _WORKLOADS.get(document.get("kind", "")):
        _drop(spec, known, "spec", dropped)
        template = spec.get("template")
        if isinstance(template, dict):
            _drop(template, frozenset({"metadata", "spec"}), "spec.template", dropped)
            _drop_in_pod(template.get("spec"), "spec.template.spec", dropped)
    elif document.get("kind") == "Pod":
        _drop_in_pod(spec, "spec", dropped)
    return dropped


def drop_unknown_members(document: Json) -> None:
    """Remove from a custom resource what its definition does not name beside the free content of its parts."""
    for member in [name for name in document if name not in _CUSTOM]:
        del document[member]


def _drop_in_pod(spec: Json | None, path: str, dropped: list[str]) -> None:
    if not isinstance(spec, dict):
        return
    _drop(spec, _POD, path, dropped)
    for field in ("initContainers", "containers"):
        for index, container in enumerate(spec.get(field) or []):
            if isinstance(container, dict):
                _drop(container, _CONTAINER, f"{path}.{field}[{index}]", dropped)


def _drop(value: Json, known: frozenset[str], path: str, dropped: list[str]) -> None:
    for field in [name for name in value if name not in known]:
        del value[field]
        dropped.append(f"{path}.{field}")
