"""The endpoints that start and end operations: rollback, sync, terminate."""

from collections.abc import Callable
from typing import Any

from gospel_rollback_tui.drill.argocd.answers import good, without_kind
from gospel_rollback_tui.drill.argocd.exchange import Exchange
from gospel_rollback_tui.drill.argocd.refusals import Code, Refusal
from gospel_rollback_tui.drill.argocd.repo_server import GitError
from gospel_rollback_tui.drill.kubernetes.documents import Json, copy_json
from gospel_rollback_tui.drill.kubernetes.http.messages import Answer
from gospel_rollback_tui.drill.kubernetes.statuses import ApiError
from gospel_rollback_tui.drill.script import ARGOCD_NAMESPACE
from gospel_rollback_tui.drill.several_sources import commit_of, deployed, sources_of, target_of
from gospel_rollback_tui.drill.sync_rules import is_automated, options_of

CONFLICT = 409


def rollback(exchange: Exchange) -> Answer:
    """Set the operation that deploys an entry of the history again.

    Raises:
        Refusal: Auto-sync is on, there is no such entry, or an operation is under way; noticed in this order.
    """
    application = exchange.application("sync")
    if is_automated(application):
        raise Refusal(Code.FAILED_PRECONDITION, "rollback cannot be initiated when auto-sync is enabled")
    number, name = exchange.message["id"], application["metadata"]["name"]
    entries = [entry for entry in application.get("status", {}).get("history") or [] if entry["id"] == number]
    if not entries:
        raise Refusal(Code.INVALID_ARGUMENT, f"application {ARGOCD_NAMESPACE}/{name} does not have deployment with id {number}")
    entry = entries[0]
    sync: Json = {name: entry[name] for name in ("revision", "revisions", "source", "sources") if entry.get(name)}
    if "sources" in entry:
        sync.setdefault("source", {"repoURL": ""})
    sync |= {**options_of(application["spec"]), "syncStrategy": {"apply": {}}}
    return _started(exchange, application, sync, f"rollback to {number}")


def sync(exchange: Exchange) -> Answer:
    """Set the operation that deploys a revision.

    Raises:
        Refusal: A window is closed, the right is missing, git does not know the revision, auto-sync wants another one, or
            an operation is under way; noticed in this order.
    """
    application = exchange.application("get")
    if not exchange.windows(application).can_sync(manual=True):
        raise Refusal(Code.PERMISSION_DENIED, "cannot sync: blocked by sync window")
    exchange.caller.require("sync", application)
    wanted = exchange.message
    operation: Json = _sync_of(exchange, application)
    target = _target(application)
    asked = wanted.get("revision") or target
    if is_automated(application) and not wanted.get("dryRun") and asked != target:
        raise Refusal(Code.FAILED_PRECONDITION, f"Cannot sync to {asked}: auto-sync currently set to {target}")
    kind = "partial sync" if wanted.get("resources") else "sync"
    return _started(exchange, application, operation, f"{kind} to {asked} ({commit_of(operation)})")


def terminate(exchange: Exchange) -> Answer:
    """Mark the running operation as terminating; its controller ends it, or is done before.

    Raises:
        Refusal: Nothing is running, or its controller has not taken it up yet.
    """
    application = exchange.application("sync")

    def terminating(found: Json) -> None:
        """Say that the operation is to end."""
        if "operation" not in found or "operationState" not in found.get("status", {}):
            raise Refusal(Code.INVALID_ARGUMENT, "Unable to terminate operation. No operation is in progress")
        found["status"]["operationState"]["phase"] = "Terminating"

    change_application(exchange, application["metadata"]["name"], terminating)
    return good({})


def _sync_of(exchange: Exchange, application: Json) -> Json:
    """Return the `sync` of the operation that a request asks for."""
    wanted = exchange.message
    spec = application["spec"]
    asked = _revisions(exchange, application) if spec.get("sources") else [_resolved(exchange, wanted.get("revision") or _target(application))]
    found = {**deployed(spec, asked), **options_of(spec)}
    if wanted.get("strategy"):
        found["syncStrategy"] = wanted["strategy"]
    if wanted.get("resources"):
        found["resources"] = wanted["resources"]
    if (wanted.get("syncOptions") or {}).get("items"):
        found["syncOptions"] = wanted["syncOptions"]["items"]
    return found


def _revisions(exchange: Exchange, application: Json) -> list[str]:
    """Return one sha for each source of an Application that has several: the one asked for, else that of its branch."""
    asked = dict(zip(exchange.message.get("sourcePositions") or [], exchange.message.get("revisions") or [], strict=False))
    names = [asked.get(number, target_of(source)) for number, source in enumerate(application["spec"]["sources"], 1)]
    return [_resolved(exchange, name) for name in names]


def _resolved(exchange: Exchange, revision: str) -> str:
    try:
        return exchange.parts.sources.resolve(revision)
    except GitError as error:
        raise Refusal(Code.FAILED_PRECONDITION, f"error resolving repo revision: rpc error: code = Unknown desc = {error}") from None


def _target(application: Json) -> str:
    return target_of(sources_of(application["spec"])[0])


def _started(exchange: Exchange, application: Json, sync_of_operation: Json, event: str) -> Answer:
    wanted = exchange.message
    ordered: dict[str, Any] = {name: True for name in ("prune", "dryRun") if wanted.get(name)}
    operation: Json = {
        "sync": {**sync_of_operation, **ordered},
        "initiatedBy": {"username": exchange.caller.name},
        "retry": _written(wanted.get("retryStrategy") or {}),
    }
    if wanted.get("infos"):
        operation["info"] = wanted["infos"]

    def start(found: Json) -> None:
        """Put the operation in, unless there is one."""
        if "operation" in found:
            raise Refusal(Code.FAILED_PRECONDITION, "another operation is already in progress")
        found["operation"] = operation
        found.setdefault("status", {}).pop("operationState", None)

    started = change_application(exchange, application["metadata"]["name"], start)
    exchange.parts.record(started, "OperationStarted", f"{exchange.caller.name} initiated {event}")
    return good(without_kind(started))


def _written(message: Json) -> Json:
    """Return a message as Go writes it down: without what is nought."""
    return {name: value for name, value in message.items() if value}


def change_application(exchange: Exchange, name: str, change: Callable[[Json], None]) -> Json:
    """Change an Application in place and store it, anew where somebody else was faster; return what was stored."""
    while True:
        found: Json = copy_json(exchange.parts.registry.get("applications", ARGOCD_NAMESPACE, name))
        change(found)
        try:
            return exchange.parts.registry.update(found)
        except ApiError as error:
            if error.code != CONFLICT:
                raise
