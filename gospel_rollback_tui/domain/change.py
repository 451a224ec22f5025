"""The exact patches that change a Deployment, and what moved when the server refuses one.

Each begins with JSON Patch `test` operations on the uid and on the template exactly as it was previewed: the server
itself then refuses to change anything else than what the operator saw. Never resourceVersion, which status writes move.
"""

from typing import Any

from gospel_rollback_tui.domain.errors import Refused
from gospel_rollback_tui.domain.preview import digest_of
from gospel_rollback_tui.domain.raw import JsonObject, children
from gospel_rollback_tui.domain.raw import text as text_of
from gospel_rollback_tui.domain.template import same_template, stripped, template_diff
from gospel_rollback_tui.domain.text import clean
from gospel_rollback_tui.domain.workloads import CHANGE_CAUSE, Deployment

Operation = dict[str, Any]
"""One JSON Patch operation (RFC 6902)."""

_CAUSE_WIDTH = 500
"""Characters of a change cause that are kept; it is copied into every ReplicaSet."""


def change_cause(run: str, operator: str, what: str) -> str:
    """Returns the `kubernetes.io/change-cause` of a change by this tool: what, by whom, in which run."""
    return clean(f"gospel-rollback {run}: {what}, by {operator}", _CAUSE_WIDTH)


def replacement_refusal(deployment: Deployment, template: JsonObject) -> str:
    """Returns why a template cannot replace the Deployment's, or an empty text."""
    if deployment.paused:
        return f"{deployment.name} is paused: resume it first, which may itself roll something out"
    if not children(template, "spec", "containers"):
        return "the template to go back to has no containers"
    if same_template(template, deployment.template):
        return f"{deployment.name} already runs that template: nothing would change"
    return ""


def replace_template(deployment: Deployment, template: JsonObject, cause: str) -> list[Operation]:
    """Returns the patch that gives a Deployment another pod template: an undo, and the undo of one.

    Raises:
        Refused: The Deployment is paused, or already has that template.
    """
    refusal = replacement_refusal(deployment, template)
    if refusal:
        raise Refused(refusal)
    return [*_as_previewed(deployment), {"op": "replace", "path": "/spec/template", "value": stripped(template)}, _cause(deployment, cause)]


def scale_to(deployment: Deployment, replicas: int) -> list[Operation]:
    """Returns the patch that wants that many pods of a Deployment as it was previewed."""
    uid = {"op": "test", "path": "/metadata/uid", "value": deployment.uid}
    return [uid, {"op": "test", "path": "/spec/replicas", "value": deployment.replicas}, {"op": "replace", "path": "/spec/replicas", "value": replicas}]


def pin_image(deployment: Deployment, container: str, image: str, cause: str) -> list[Operation]:
    """Returns the patch that gives one container another image and changes nothing else.

    Raises:
        Refused: The Deployment is paused, has no such container, or that one already runs this image.
    """
    if deployment.paused:
        raise Refused(f"{deployment.name} is paused: resume it first, which may itself roll something out")
    for index, one in enumerate(children(deployment.template, "spec", "containers")):
        if one.get("name") != container:
            continue
        if one.get("image") == image:
            raise Refused(f"container {container} of {deployment.name} already runs {clean(image)}: nothing would change")
        path = f"/spec/template/spec/containers/{index}/image"
        return [*_as_previewed(deployment), {"op": "replace", "path": path, "value": image}, _cause(deployment, cause)]
    raise Refused(f"{deployment.name} has no container {container!r}")


def resume_rollout(deployment: Deployment) -> list[Operation]:
    """Returns the patch that resumes a paused Deployment.

    Raises:
        Refused: It is not paused.
    """
    if not deployment.paused:
        raise Refused(f"{deployment.name} is not paused")
    return [*_as_previewed(deployment), {"op": "test", "path": "/spec/paused", "value": True}, {"op": "remove", "path": "/spec/paused"}]


def _as_previewed(deployment: Deployment) -> list[Operation]:
    return [
        {"op": "test", "path": "/metadata/uid", "value": deployment.uid},
        {"op": "test", "path": "/spec/template", "value": deployment.template},
    ]


def _cause(deployment: Deployment, cause: str) -> Operation:
    """A JSON Patch cannot add below a map that is not there."""
    if deployment.has_annotations:
        return {"op": "add", "path": "/metadata/annotations/" + escaped(CHANGE_CAUSE), "value": cause}
    return {"op": "add", "path": "/metadata/annotations", "value": {CHANGE_CAUSE: cause}}


def escaped(name: str) -> str:
    """Returns a name as one part of a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")


_MISSING = object()


def value_at(raw: object, pointer: str) -> object:
    """Returns what a JSON pointer points at; raises KeyError if there is nothing."""
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(raw, dict) and name in raw:
            raw = raw[name]
        elif isinstance(raw, list) and name.isdigit() and int(name) < len(raw):
            raw = raw[int(name)]
        else:
            raise KeyError(pointer)
    return raw


def moved_facts(operations: list[Operation], now: JsonObject) -> tuple[tuple[str, str, str], ...]:
    """Returns (name, old, new) of everything a patch tested that is no longer so.

    The server's refusal does not say which test failed, so the object is read again and the tests are repeated here.
    Empty: every test holds, and the refusal has another reason.
    """
    moved: list[tuple[str, str, str]] = []
    for operation in operations:
        if operation.get("op") != "test":
            continue
        pointer, expected = str(operation["path"]), operation.get("value")
        try:
            found = value_at(now, pointer)
        except KeyError:
            found = _MISSING
        if found != expected:
            moved += _named_move(pointer, expected, found)
    return tuple(moved)


def _named_move(pointer: str, expected: object, found: object) -> list[tuple[str, str, str]]:
    if pointer == "/spec/template" and isinstance(expected, dict) and isinstance(found, dict):
        changes = [(change.subject, change.old or "absent", change.new or "absent") for change in template_diff(expected, found)]
        return changes or [("template", digest_of(expected), digest_of(found))]
    name = {"/metadata/uid": "identity (deleted and made again)"}.get(pointer, pointer.strip("/").replace("/", "."))
    return [(name, _shown(expected), _shown(found))]


def _shown(value: object) -> str:
    if value is _MISSING:
        return "absent"
    if isinstance(value, bool):
        return "true" if value else "false"
    return text_of(value, 200) or digest_of(value)
