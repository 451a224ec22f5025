"""Server-side apply of single objects, under our own name, and never by force unless the operator chose to take fields over."""

import re
from threading import Lock
from typing import Any

from gospel_rollback_tui.domain.errors import FieldConflict, NotFound, Refused
from gospel_rollback_tui.domain.raw import JsonObject, child, children, flag, text
from gospel_rollback_tui.infra.cluster.changes import FIELD_MANAGER
from gospel_rollback_tui.infra.cluster.connection import ClusterConnection
from gospel_rollback_tui.infra.cluster.exchange import APPLY_PATCH, Answer, Request, path_of, query_of
from gospel_rollback_tui.infra.cluster.reading import ClusterReader
from gospel_rollback_tui.infra.cluster.refusals import judge

_MANAGER = re.compile(r'conflict with "([^"]+)"')


class ClusterApply:
    """Applies objects of any kind that the cluster serves; where a kind lives is asked of the cluster itself."""

    def __init__(self, connection: ClusterConnection) -> None:
        """Sends over the given connection."""
        self._connection = connection
        self._reader = ClusterReader(connection)
        self._kinds: dict[tuple[str, str], tuple[str, bool]] = {}
        self._asking = Lock()

    def live(self, manifest: JsonObject) -> dict[str, Any]:
        """Returns the object as it is now; raises NotFound."""
        return self._reader.get(self._path(manifest))

    def apply(self, manifest: JsonObject, *, dry_run: bool = False, force: bool = False) -> dict[str, Any]:
        """Applies the fields that the manifest names, and returns the object as it is then.

        Args:
            manifest: The object with the fields that shall be ours; without a namespace, in the environment's.
            dry_run: The server checks and answers, and stores nothing.
            force: Fields of other managers are taken over.

        Raises:
            FieldConflict: Fields belong to others, and `force` was not given.
            NotFound: The cluster serves no such kind.
            Refused: Validation or admission refuses it.
            NotSent: It was not acted on.
            OutcomeUnknown: It was sent, and no answer came; never for a dry run.
        """
        query = query_of(fieldManager=FIELD_MANAGER, force=force or None, dryRun="All" if dry_run else None)
        request = Request("PATCH", self._path(manifest), query, body=dict(manifest), content_type=APPLY_PATCH, changing=not dry_run)
        answer = self._connection.answer(request)
        conflicts = _conflicts(answer)
        if conflicts:
            listed = "; ".join(f"{field} ({manager})" for manager, field in conflicts)
            raise FieldConflict(f"Fields belong to others: {listed}.", fields=conflicts, next_step="Take them over knowingly, or go by git.")
        judge(request, answer, self._connection.server())
        return answer.json_or_none() or {}

    def _path(self, manifest: JsonObject) -> str:
        version, kind = text(manifest.get("apiVersion")), text(manifest.get("kind"))
        metadata = child(manifest, "metadata")
        if not version or not kind or not metadata.get("name"):
            raise Refused("What would be applied is no Kubernetes object.")
        plural, namespaced = self._resource(version, kind)
        place = ("namespaces", text(metadata.get("namespace")) or self._connection.cluster.namespace) if namespaced else ()
        return path_of(*_group(version), *place, plural, text(metadata.get("name")))

    def _resource(self, version: str, kind: str) -> tuple[str, bool]:
        """Returns (plural, namespaced) of a kind, from the cluster's own list."""
        with self._asking:
            if (version, kind) not in self._kinds:
                for resource in children(self._reader.get(path_of(*_group(version))), "resources"):
                    name = text(resource.get("name"))
                    if "/" not in name:
                        self._kinds[version, text(resource.get("kind"))] = (name, flag(resource.get("namespaced")))
            try:
                return self._kinds[version, kind]
            except KeyError:
                raise NotFound(f"The cluster serves no {kind} of {version}.") from None


def _group(version: str) -> tuple[str, ...]:
    """Returns the path's beginning: the core group has one of its own."""
    return ("apis", *version.split("/")) if "/" in version else ("api", version)


def _conflicts(answer: Answer) -> tuple[tuple[str, str], ...]:
    """Returns (manager, field) of each conflict that a 409 lists."""
    if answer.status != 409:
        return ()
    found = []
    for cause in children(child(answer.json_or_none(), "details"), "causes"):
        manager = _MANAGER.search(text(cause.get("message")))
        if cause.get("reason") == "FieldManagerConflict":
            found.append((manager[1] if manager else "somebody", text(cause.get("field"), 200)))
    return tuple(found)
