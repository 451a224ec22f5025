"""When the damage began, as far as the estate says: a restore goes to just before it."""

from dataclasses import dataclass

from gospel_rollback_tui.actions.ports import ArgoCdApi
from gospel_rollback_tui.domain.errors import CredentialsExpired, RollbackError
from gospel_rollback_tui.domain.raw import children, moment
from gospel_rollback_tui.engine.ports import StepRequest


@dataclass(frozen=True, slots=True)
class ReleaseBegan:
    """Takes it from Argo CD: the start of the newest deployment, which migrates before anything else."""

    api: ArgoCdApi | None
    """None: Argo CD's API is not configured."""

    def began(self, request: StepRequest) -> tuple[float, str]:
        """Returns the wall time, 0 if nobody knows, and what it is taken from."""
        if self.api is None or not request.environment.argocd.application:
            return 0.0, ""
        try:
            history = children(self.api.application(request.environment.argocd.application), "status", "history")
        except CredentialsExpired:
            raise
        except RollbackError:
            return 0.0, ""
        newest = history[-1] if history else {}
        at = moment(newest.get("deployStartedAt")) or moment(newest.get("deployedAt")) or 0.0
        return at, "the start of Argo CD's newest deployment" if at else ""
