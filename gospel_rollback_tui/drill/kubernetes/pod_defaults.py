"""Defaults of a pod specification, as the API server fills them in before it stores one.

The functions change the document they are given.
"""

from gospel_rollback_tui.drill.kubernetes.documents import Json

_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")


def default_pod_spec(spec: Json) -> None:
    """Fill in a pod's or a pod template's `spec`."""
    spec.setdefault("restartPolicy", "Always")
    spec.setdefault("terminationGracePeriodSeconds", 30)
    spec.setdefault("dnsPolicy", "ClusterFirst")
    spec.setdefault("securityContext", {})
    spec.setdefault("schedulerName", "default-scheduler")
    if account := spec.get("serviceAccountName") or spec.get("serviceAccount"):
        spec["serviceAccountName"] = spec["serviceAccount"] = account
    for container in spec.get("containers") or []:
        _default_container(container)
    for container in spec.get("initContainers") or []:
        _default_container(container)
    for volume in spec.get("volumes") or []:
        _default_volume(volume)


def default_requests(spec: Json) -> None:
    """Let the containers of a pod, though not those of a template, request what they are limited to."""
    for container in [*(spec.get("initContainers") or []), *(spec.get("containers") or [])]:
        for quantity, amount in (container["resources"].get("limits") or {}).items():
            container["resources"].setdefault("requests", {}).setdefault(quantity, amount)


def default_tolerations(spec: Json) -> None:
    """Let a pod stay for five minutes on a node that is not ready or cannot be reached."""
    tolerations = spec.setdefault("tolerations", [])
    for trouble in ("not-ready", "unreachable"):
        key = f"node.kubernetes.io/{trouble}"
        if not any(one.get("key") == key for one in tolerations):
            tolerations.append({"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300})


def quality_of_service(spec: Json) -> str:
    """Return the class of a pod by what its containers request and are limited to."""
    resources = [container["resources"] for container in spec.get("containers") or []]
    if not any(one.get("limits") or one.get("requests") for one in resources):
        return "BestEffort"
    bounded = all({"cpu", "memory"} <= (one.get("limits") or {}).keys() and one.get("limits") == one.get("requests") for one in resources)
    return "Guaranteed" if bounded else "Burstable"


def _default_container(container: Json) -> None:
    container.setdefault("resources", {})
    container.setdefault("terminationMessagePath", "/dev/termination-log")
    container.setdefault("terminationMessagePolicy", "File")
    if "image" in container:
        container.setdefault("imagePullPolicy", pull_policy(container["image"]))
    for port in container.get("ports") or []:
        port.setdefault("protocol", "TCP")
    for name in _PROBES:
        if probe := container.get(name):
            _default_probe(probe)
    for variable in container.get("env") or []:
        if reference := (variable.get("valueFrom") or {}).get("fieldRef"):
            reference.setdefault("apiVersion", "v1")


def pull_policy(image: str) -> str:
    """Return the policy of an image that states none: `Always` for `latest` or no tag."""
    reference = image.rpartition("/")[2]
    if "@" in reference:
        return "IfNotPresent"
    _, separator, tag = reference.partition(":")
    return "Always" if not separator or tag == "latest" else "IfNotPresent"


def _default_probe(probe: Json) -> None:
    probe.setdefault("timeoutSeconds", 1)
    probe.setdefault("periodSeconds", 10)
    probe.setdefault("successThreshold", 1)
    probe.setdefault("failureThreshold", 3)
    if get := probe.get("httpGet"):
        get.setdefault("path", "/")
        get.setdefault("scheme", "HTTP")


def _default_volume(volume: Json) -> None:
    for source in ("configMap", "secret", "projected", "downwardAPI"):
        if isinstance(volume.get(source), dict):
            volume[source].setdefault("defaultMode", 420)
