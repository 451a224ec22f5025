"""The endpoints that change an Application's spec: PATCH, and PUT of the spec alone."""

import json

from gospel_rollback_tui.drill.argocd.access import unknown_project
from gospel_rollback_tui.drill.argocd.answers import good, without_kind
from gospel_rollback_tui.drill.argocd.exchange import Exchange
from gospel_rollback_tui.drill.argocd.operations import change_application
from gospel_rollback_tui.drill.argocd.refusals import Code, Refusal
from gospel_rollback_tui.drill.argocd.repo_server import GitError
from gospel_rollback_tui.drill.kubernetes.documents import Json, JsonValue, copy_json
from gospel_rollback_tui.drill.kubernetes.http.messages import Answer
from gospel_rollback_tui.drill.kubernetes.patches import apply_merge_patch
from gospel_rollback_tui.drill.kubernetes.patches.json_patch import apply_json_patch
from gospel_rollback_tui.drill.kubernetes.statuses import ApiError
from gospel_rollback_tui.drill.script import ARGOCD_NAMESPACE

_TAKEN_FROM_A_PATCH = ("labels", "annotations", "finalizers")
"""What a PATCH changes beside the spec; status and operation are left as they are."""


def patch(exchange: Exchange) -> Answer:
    """Apply a JSON merge patch or a JSON Patch, after the source was found to be reachable.

    Raises:
        Refusal: as the real server words it.
    """
    application = exchange.application("get")
    exchange.caller.require("update", application)
    wanted = _patched(without_kind(application), exchange.message["patchType"], exchange.message["patch"])
    _check(exchange, wanted, validate=True)

    def take_over(found: Json) -> None:
        """Take the spec and what a patch may change of the metadata."""
        found["spec"] = wanted["spec"]
        for field in _TAKEN_FROM_A_PATCH:
            found["metadata"].pop(field, None)
            if wanted["metadata"].get(field):
                found["metadata"][field] = wanted["metadata"][field]

    changed = change_application(exchange, application["metadata"]["name"], take_over)
    exchange.parts.record(changed, "ResourceUpdated", f"{exchange.caller.name} updated application spec")
    return good(without_kind(changed))


def put_spec(exchange: Exchange) -> Answer:
    """Replace the spec; `validate=false` does not ask git.

    Raises:
        Refusal: as the real server words it.
    """
    application = copy_json(exchange.application("update"))
    application["spec"] = exchange.message
    _check(exchange, application, validate=exchange.query.get("validate", "true").lower() not in ("false", "0", "f"))

    def take_over(found: Json) -> None:
        """Take the spec."""
        found["spec"] = application["spec"]

    changed = change_application(exchange, application["metadata"]["name"], take_over)
    exchange.parts.record(changed, "ResourceUpdated", f"{exchange.caller.name} updated application spec")
    return good(changed["spec"])


def _patched(application: Json, kind: str, text: str) -> Json:
    """Return the Application that a patch leaves."""
    if kind not in ("json", "merge"):
        raise Refusal(Code.INVALID_ARGUMENT, f"Patch type '{kind}' is not supported")
    try:
        decoded: JsonValue = json.loads(text)
    except ValueError:
        decoded = None
    if kind == "merge":
        if not isinstance(decoded, dict):
            raise Refusal(Code.UNKNOWN, "error calculating merge patch: Invalid JSON Patch")
        return apply_merge_patch(application, decoded)
    if not isinstance(decoded, list) or not all(isinstance(operation, dict) for operation in decoded):
        raise Refusal(Code.UNKNOWN, "error decoding json patch: json: cannot unmarshal into Go value of type jsonpatch.Patch")
    return _json_patched(application, decoded)


def _json_patched(application: Json, operations: list[Json]) -> Json:
    """Return the Application after one operation after the other; the first that does not apply is named."""
    patched = application
    for operation in operations:
        try:
            patched = apply_json_patch(patched, [operation])
        except ApiError:
            kind, path = operation.get("op"), operation.get("path", "")
            reason = f"{kind} operation does not apply: doc is missing path: {path}: missing value"
            if kind == "test":
                reason = f"testing value {path} failed: test failed"
            raise Refusal(Code.UNKNOWN, f"error applying patch: {reason}") from None
    return patched


def _check(exchange: Exchange, application: Json, *, validate: bool) -> None:
    """Refuse a spec that the project does not allow or whose source cannot be reached."""
    name, spec = application["metadata"]["name"], application["spec"]
    try:
        exchange.parts.registry.get("appprojects", ARGOCD_NAMESPACE, spec.get("project") or "default")
    except ApiError:
        raise unknown_project(str(spec.get("project"))) from None
    if not validate:
        return
    remote = exchange.parts.sources.remote
    try:
        remote.resolve("HEAD")
    except GitError as error:
        described = f'&Repository{{Repo: "{remote.url}", Type: "", Name: "", Project: ""}}'
        reason = f"repo client error while testing repository: rpc error: code = Unknown desc = error testing repository connectivity: {error}"
        reason = f"repositories not accessible: {described}: {reason}"
        raise Refusal(Code.INVALID_ARGUMENT, f"application spec for {name} is invalid: InvalidSpecError: repository not accessible: {reason}") from None
