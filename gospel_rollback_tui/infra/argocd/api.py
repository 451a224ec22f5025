"""The calls of Argo CD's REST API that this program makes."""

import json
from collections.abc import Sequence
from typing import Any

from gospel_rollback_tui.domain.change import Operation, moved_facts
from gospel_rollback_tui.domain.errors import CredentialsExpired, FactsMoved, NoRoute, OutcomeUnknown, Refused
from gospel_rollback_tui.domain.estate import ArgoCd
from gospel_rollback_tui.domain.raw import JsonObject, child, children, text
from gospel_rollback_tui.infra.argocd.connection import ArgoCdConnection
from gospel_rollback_tui.infra.argocd.exchange import Answer, Request, path_of, query_of
from gospel_rollback_tui.infra.argocd.patching import patched
from gospel_rollback_tui.infra.argocd.refusals import LOGIN, LOOK_FIRST, PatchFailed, RepositoryUnreachable
from gospel_rollback_tui.infra.argocd.token import subject_of

REFRESH_SECONDS = 20.0
"""For a refresh: the server answers once the controller has compared again."""
RENDER_SECONDS = 15.0
"""For manifests that nobody has rendered before."""
_AGAIN = "Look at it as it is now, then decide again."


class ArgoCdRest:
    """Speaks to the server of one environment; Applications other than the configured one are those that own it."""

    def __init__(self, connection: ArgoCdConnection, argocd: ArgoCd) -> None:
        """Sends over the given connection."""
        self._connection = connection
        self._argocd = argocd
        self._projects = {argocd.application: argocd.project} if argocd.project else {}

    def who(self) -> str:
        """Returns the account's name.

        Raises:
            CredentialsExpired: Nobody is logged in; the server says so with 200 and an empty object.
        """
        name = subject_of(self._get(path_of("v1", "session", "userinfo")))
        if not name:
            raise CredentialsExpired("Argo CD does not take the token: nobody is logged in with it.", next_step=LOGIN)
        return name

    def version(self) -> str:
        """Returns the server's version, e.g. `v3.2.1+abc`."""
        return text(self._get(path_of("version")).get("Version"))

    def may(self, action: str, project: str, name: str) -> bool:
        """Returns whether the account may `get`, `update` or `sync` the Application; does not look whether it is there."""
        return self._get(path_of("v1", "account", "can-i", "applications", action, project, name)).get("value") == "yes"

    def application(self, name: str, *, refresh: bool = False) -> JsonObject:
        """Returns the Application; with `refresh` as compared with git just now, which needs no right but `get`."""
        query = self._place(name) + query_of(refresh="normal" if refresh else None)
        found = self._ask(Request("GET", self._path(name), query, seconds=REFRESH_SECONDS if refresh else 0.0)).json()
        project = text(child(found, "spec").get("project"))
        if project:
            self._projects.setdefault(name, project)
        return found

    def manifests(self, name: str, revisions: Sequence[str]) -> tuple[JsonObject, ...]:
        """Returns what the Application's sources declare at those commits, hooks included; one commit a source."""
        positions = tuple(("sourcePositions", str(n)) for n in range(1, len(revisions) + 1)) if len(revisions) > 1 else ()
        chosen = tuple(("revisions", revision) for revision in revisions) if positions else query_of(revision=revisions[0] if revisions else None)
        request = Request("GET", self._path(name, "manifests"), self._place(name) + chosen + positions, seconds=RENDER_SECONDS)
        listed = self._ask(request).json().get("manifests")
        return tuple(_parsed(item) for item in listed) if isinstance(listed, list) else ()

    def revision(self, name: str, sha: str, source: int | None = None, entry: int | None = None) -> JsonObject:
        """Returns the commit's author, date, message and tags; of several sources the one of that number, from 0, of that history entry."""
        query = self._place(name) + query_of(sourceIndex=source, versionId=entry)
        return self._ask(Request("GET", self._path(name, "revisions", sha, "metadata"), query)).json()

    def managed_resources(self, name: str) -> tuple[JsonObject, ...]:
        """Returns every object of the Application as it is and as git wants it; the states are JSON texts."""
        return children(self._ask(Request("GET", self._path(name, "managed-resources"), self._place(name))).json(), "items")

    def sync_windows(self, name: str) -> JsonObject:
        """Returns the project's windows for the Application and whether it may be synced by hand now."""
        return self._ask(Request("GET", self._path(name, "syncwindows"), self._place(name))).json()

    def rollback(self, name: str, entry: int, *, prune: bool) -> JsonObject:
        """Starts the rollback to a history entry and returns the Application; its outcome is read from there."""
        body = {"name": name, "id": entry, "dryRun": False, "prune": prune, **dict(self._place(name))}
        return self._change("POST", self._path(name, "rollback"), body)

    def sync(self, name: str, revision: str, *, prune: bool, run: str) -> JsonObject:
        """Starts a sync; `run` is kept in the operation, by which it is known again. An empty revision is the branch's own."""
        body = {
            "name": name,
            "revision": revision,
            "dryRun": False,
            "prune": prune,
            "strategy": {"hook": {}},
            "infos": [{"name": "gospel-rollback", "value": run}],
            "retryStrategy": {"limit": 0},
            **dict(self._place(name)),
        }
        return self._change("POST", self._path(name, "sync"), body)

    def terminate(self, name: str) -> None:
        """Asks the operation under way to stop; it may still end well."""
        self._ask(Request("DELETE", self._path(name, "operation"), self._place(name), changing=True))

    def patch(self, name: str, operations: list[Operation]) -> JsonObject:
        """Patches the Application and returns it as it is then.

        Where git cannot be reached the server refuses any patch; then the whole specification is put without validation.

        Raises:
            FactsMoved: A test does not hold any more.
        """
        body = {"name": name, "patchType": "json", "patch": json.dumps(operations), **dict(self._place(name))}
        try:
            return self._change("PATCH", self._path(name), body)
        except RepositoryUnreachable:
            if any(operation["op"] != "test" and not operation["path"].startswith("/spec/") for operation in operations):
                raise
            return self._put(name, operations)
        except PatchFailed as error:
            moved = moved_facts(operations, self.application(name))
            if not moved:
                raise
            raise FactsMoved(
                "What the preview rested on has moved: " + ", ".join(fact for fact, _, _ in moved[:3]) + ".", moved=moved, next_step=_AGAIN
            ) from error

    def _put(self, name: str, operations: list[Operation]) -> JsonObject:
        now = self.application(name)
        moved = moved_facts(operations, now)
        if moved:
            raise FactsMoved("What the preview rested on has moved: " + ", ".join(fact for fact, _, _ in moved[:3]) + ".", moved=moved, next_step=_AGAIN)
        try:
            wanted = patched(now, operations)
        except KeyError as error:
            raise Refused(f"Application {name} has no {error.args[0]} to change.", next_step=_AGAIN) from error
        query = query_of(validate="false") + self._place(name)
        spec = self._ask(Request("PUT", self._path(name, "spec"), query, body=wanted["spec"], changing=True)).json()
        return {**wanted, "spec": spec}

    def _change(self, method: str, path: str, body: dict[str, Any]) -> JsonObject:
        found = self._ask(Request(method, path, body=body, changing=True)).json_or_none()
        if found is None:
            raise OutcomeUnknown("A change was answered by something that is not Argo CD's API.", next_step=LOOK_FIRST)
        return found

    def _get(self, path: str) -> dict[str, Any]:
        return self._ask(Request("GET", path)).json()

    def _ask(self, request: Request) -> Answer:
        return self._connection.ask(request)

    def _path(self, name: str, *parts: str) -> str:
        return path_of("v1", "applications", name, *parts)

    def _place(self, name: str) -> tuple[tuple[str, str], ...]:
        """Returns namespace and project: with the project an Application that is not there is told from a right that is missing."""
        return query_of(appNamespace=self._argocd.namespace, project=self._projects.get(name))


def _parsed(manifest: object) -> JsonObject:
    try:
        value = json.loads(manifest) if isinstance(manifest, str) else manifest
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise NoRoute("Argo CD gave manifests that are no JSON objects.", next_step="Check `argocd.server` and the proxy.")
    return value
