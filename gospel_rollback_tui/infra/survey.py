"""Surveys what may work against a rollback: autoscalers, sync windows, deployments under way, newer commits; each source read beside the others."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from gospel_rollback_tui.domain.commits import Commit
from gospel_rollback_tui.domain.errors import Forbidden, RollbackError
from gospel_rollback_tui.domain.estate import Environment
from gospel_rollback_tui.domain.fighters import Survey
from gospel_rollback_tui.domain.raw import JsonObject, child, children, flag, text
from gospel_rollback_tui.infra.cluster.connection import ClusterConnection
from gospel_rollback_tui.infra.cluster.workloads import ClusterWorkloads

DEADLINE = 4.0
"""Seconds for one source; what is later is unknown."""

T = TypeVar("T")


class EstateSurvey:
    """Reads what stands beside the Application; a source that does not answer is unknown and holds up no other."""

    def __init__(
        self,
        connection: ClusterConnection,
        environment: Environment,
        *,
        sync_windows: Callable[[str], JsonObject] | None = None,
        ci_runs: Callable[[], tuple[str, ...]] | None = None,
        commits: Callable[[], tuple[Commit, ...]] | None = None,
    ) -> None:
        """Reads nothing yet.

        Args:
            connection: The environment's cluster.
            environment: Whose services are asked about.
            sync_windows: Reads an Application's windows from Argo CD; None: its API is not configured.
            ci_runs: Runs the configured command that prints deployments under way; None: there is none.
            commits: Reads the newest states of the branch that is followed; None: no repository is configured.
        """
        self._environment = environment
        self._workloads = ClusterWorkloads(connection, deadline=DEADLINE)
        self._sync_windows = sync_windows
        self._ci_runs = ci_runs
        self._commits = commits

    def beside(self, application: str) -> Survey:
        """Returns what is known beside the Application of that name, which the caller reads; never raises an error of `domain.errors`."""
        with ThreadPoolExecutor(4, thread_name_prefix="survey") as sources:
            autoscaled = sources.submit(self._autoscaled)
            windows = sources.submit(self._sync_windows, application) if self._sync_windows and application else None
            ci_runs = sources.submit(self._ci_runs) if self._ci_runs else None
            branch = sources.submit(self._branch)
        commits, unread = branch.result()
        can_sync, window = _judged(_known(windows))
        return Survey(
            can_sync=can_sync,
            window=window,
            autoscaled=_known(autoscaled) or (),
            branch=commits,
            branch_unread=unread,
            argocd_unread=_silence(windows),
            ci_runs=_known(ci_runs),
        )

    def _branch(self) -> tuple[tuple[Commit, ...] | None, str]:
        """Returns the branch's newest states, or why they are not known."""
        if self._commits is None:
            return None, ""
        try:
            return self._commits(), ""
        except RollbackError as error:
            return None, error.text

    def _autoscaled(self) -> tuple[str, ...]:
        targets = {(text(t.get("kind")), text(t.get("name"))) for t in (child(raw, "spec", "scaleTargetRef") for raw in self._workloads.autoscalers())}
        return tuple(service.name for service in self._environment.services if ("Deployment", service.deployment) in targets)


def _known(asked: "Future[T] | None") -> T | None:
    """Returns what a source said; None: it did not."""
    if asked is None:
        return None
    try:
        return asked.result()
    except RollbackError:
        return None


def _silence(asked: "Future[T] | None") -> str:
    """Returns why a source could not be asked; one that forbids this question may still answer others."""
    error = asked.exception() if asked is not None else None
    return error.text if isinstance(error, RollbackError) and not isinstance(error, Forbidden) else ""


def _judged(windows: JsonObject | None) -> tuple[bool | None, str]:
    """Returns whether Argo CD may sync now, and the window that forbids it."""
    if windows is None:
        return None, ""
    if flag(windows.get("canSync")):
        return True, ""
    active = next((w for w in children(windows, "activeWindows") if w.get("kind") == "deny"), None)
    if active is None:
        return False, "(no allow window is open)"
    return False, f"deny {text(active.get('schedule'))} for {text(active.get('duration'))}"
