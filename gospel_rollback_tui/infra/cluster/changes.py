"""Changes, each sent once: a refused one says what moved, a lost answer is never taken for a failure."""

from collections.abc import Mapping
from typing import Any

from gospel_rollback_tui.domain.change import Operation, moved_facts
from gospel_rollback_tui.domain.errors import FactsMoved, NotFound, Refused, RollbackError
from gospel_rollback_tui.domain.raw import child, children
from gospel_rollback_tui.infra.cluster.connection import ClusterConnection
from gospel_rollback_tui.infra.cluster.exchange import JSON_PATCH, MERGE_PATCH, Answer, Request, query_of
from gospel_rollback_tui.infra.cluster.reading import ClusterReader
from gospel_rollback_tui.infra.cluster.refusals import judge, message_of
from gospel_rollback_tui.infra.cluster.workloads import application_path, deployment_path

FIELD_MANAGER = "gospel-rollback"
"""Under what name the cluster records who changed a field."""
_REREAD_SECONDS = 5.0
_AGAIN = "Look at it as it is now, then decide again."


class ClusterChanges:
    """Patches what the tool may change in a cluster."""

    def __init__(self, connection: ClusterConnection) -> None:
        """Sends over the given connection."""
        self._connection = connection
        self._reader = ClusterReader(connection, deadline=_REREAD_SECONDS)

    def patch_deployment(self, name: str, operations: list[Operation], *, dry_run: bool = False) -> dict[str, Any]:
        """Patches a Deployment of the environment's namespace and returns it as it is then.

        Args:
            name: Its name.
            operations: A JSON Patch that tests what was previewed.
            dry_run: The server checks and answers, and stores nothing.

        Raises:
            FactsMoved: A test does not hold any more.
            Refused: Validation or admission refuses it.
            NotSent: It was not acted on.
            OutcomeUnknown: It was sent, and no answer came; never for a dry run.
        """
        return self._patch(deployment_path(self._connection.cluster.namespace, name), operations, dry_run)

    def patch_application(self, namespace: str, name: str, patch: list[Operation] | Mapping[str, Any], *, dry_run: bool = False) -> dict[str, Any]:
        """Patches an Argo CD Application, by JSON Patch or by merge, and returns it as it is then; raises as `patch_deployment`."""
        return self._patch(application_path(namespace, name), patch, dry_run)

    def _patch(self, path: str, patch: list[Operation] | Mapping[str, Any], dry_run: bool) -> dict[str, Any]:
        request = Request(
            "PATCH",
            path,
            query_of(fieldManager=FIELD_MANAGER, dryRun="All" if dry_run else None),
            body=patch,
            content_type=JSON_PATCH if isinstance(patch, list) else MERGE_PATCH,
            changing=not dry_run,
        )
        answer = self._connection.answer(request)
        if answer.status == 422 and isinstance(patch, list) and not _explained(answer):
            raise self._moved(path, patch)
        judge(request, answer, self._connection.server())
        return answer.json_or_none() or {}

    def _moved(self, path: str, operations: list[Operation]) -> Refused:
        """Returns what a refusal without a reason means: the object is read again and its tests repeated."""
        try:
            now = self._reader.get(path)
        except NotFound as gone:
            return FactsMoved("It does not exist any more.", moved=(("object", "there", "gone"),), next_step=gone.next_step or _AGAIN)
        except RollbackError as error:
            return FactsMoved(f"The server refused the change because something has moved; what, could not be read: {error.text}", next_step=_AGAIN)
        moved = moved_facts(operations, now)
        if moved:
            return FactsMoved("What the preview rested on has moved: " + ", ".join(name for name, _, _ in moved[:3]) + ".", moved=moved, next_step=_AGAIN)
        return Refused("The server refused the patch although everything it tests still holds: a path in it does not exist.", next_step=_AGAIN)


def _explained(answer: Answer) -> bool:
    """Whether a 422 says what is invalid; a failed JSON Patch test, or a path that is not there, says nothing."""
    return bool(children(child(answer.json_or_none(), "details"), "causes")) or " is invalid" in message_of(answer)
