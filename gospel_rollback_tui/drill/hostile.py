"""Text from outside that is not meant well, written wherever the estate lets anybody write."""

from gospel_rollback_tui.drill.kubernetes.documents import Json
from gospel_rollback_tui.drill.ports import Registry
from gospel_rollback_tui.drill.script import NAMESPACE, deployment_name

DEPLOYMENT = deployment_name("gateway")

MARK = "HOSTILE"
"""Stands in every text, so that one can see that it was shown."""
PAYLOADS = (
    f"{MARK} \x1b]52;c;Y3VybCBldmls\x07 clipboard",
    f"{MARK} \x1b[2J\x1b[1;1H wiped",
    f"{MARK} \x9b31m red by C1 \x9d0;title\x9c",
    f"{MARK} \u202e\u2066 sdrawkcab snur \u2069\u202c",
    f"{MARK} zero\u200bwidth\u200d and \ufeffjoiners \u0301\u0301\u0301",
    f"{MARK} [/foo] [red]markup[/] [@click=app.quit]quit[/] [link=http://x]y[/link]",
    f"{MARK} \x07\x08\x7f\x00 bell and backspace \r overwritten",
)
REASON = "\x1b[31mCrash[/]Loop\u202eBackOff"


POD = "gospelib-gateway-stray"
"""A pod of nobody's that has failed: the kubelet leaves its state as it is written."""


def write_everywhere(registry: Registry) -> None:
    """Puts hostile text into a failed pod's state, an event about it, and the gateway's change cause; a second time changes nothing."""
    deployment = registry.get("deployments", NAMESPACE, DEPLOYMENT)
    cause = {"metadata": {"annotations": {"kubernetes.io/change-cause": PAYLOADS[5] + PAYLOADS[0]}}}
    registry.patch("deployments", NAMESPACE, DEPLOYMENT, cause)
    pod = registry.apply(_pod(deployment))
    ended = {"terminated": {"exitCode": 1, "reason": REASON, "message": " ".join(PAYLOADS)}}
    container = {"name": "gateway", "image": "stray", "imageID": "", "ready": False, "restartCount": 0, "state": ended}
    unready = [{"type": kind, "status": "False", "reason": REASON, "message": " ".join(PAYLOADS)} for kind in ("Ready", "ContainersReady")]
    status = {"phase": "Failed", "reason": REASON, "message": " ".join(PAYLOADS), "containerStatuses": [container], "conditions": unready}
    registry.patch("pods", NAMESPACE, POD, {"status": status}, subresource="status")
    registry.apply(_event(pod))


def _pod(deployment: Json) -> Json:
    owner = {"apiVersion": "apps/v1", "kind": "Deployment", "name": DEPLOYMENT, "uid": deployment["metadata"]["uid"], "controller": True}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": POD, "namespace": NAMESPACE, "labels": {"app": DEPLOYMENT}, "ownerReferences": [owner]},
        "spec": {"containers": [{"name": "gateway", "image": "stray"}]},
    }


def _event(pod: Json) -> Json:
    about = {"apiVersion": "v1", "kind": "Pod", "name": POD, "namespace": NAMESPACE, "uid": pod["metadata"]["uid"]}
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": f"{POD}.hostile", "namespace": NAMESPACE},
        "involvedObject": about,
        "type": "Warning",
        "reason": REASON,
        "message": " ".join(PAYLOADS),
        "count": 1,
    }
