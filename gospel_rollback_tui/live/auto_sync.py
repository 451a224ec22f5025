"""Tells the stability watch whether Argo CD would put another release back."""

from collections.abc import Callable
from dataclasses import dataclass

from gospel_rollback_tui.domain.application import Application
from gospel_rollback_tui.domain.errors import RollbackError
from gospel_rollback_tui.domain.health import Verdict
from gospel_rollback_tui.domain.signals import NOTHING_REVERTS
from gospel_rollback_tui.domain.stability import SignalSample

_WORST_FIRST = (Verdict.BAD, Verdict.UNKNOWN, Verdict.GOOD)


@dataclass(frozen=True, slots=True)
class AutoSyncGuard:
    """Looks at every Application that tracks the environment's Deployments."""

    applications: Callable[[], tuple[Application, ...]]

    def sample(self) -> SignalSample:
        """Returns bad while auto-sync is on and git does not equal what runs; unknown when nobody could look; the worst of several."""
        try:
            found = self.applications()
        except RollbackError as error:
            return SignalSample(NOTHING_REVERTS, Verdict.UNKNOWN, error.text)
        judged = [_judged(application) for application in found]
        worst = min(judged, key=lambda sample: _WORST_FIRST.index(sample.verdict), default=None)
        return worst or SignalSample(NOTHING_REVERTS, Verdict.GOOD, "nothing owns it")


def _judged(application: Application) -> SignalSample:
    if not application.auto_sync:
        return SignalSample(NOTHING_REVERTS, Verdict.GOOD, "auto-sync off")
    if application.equals_git:
        left = ", but for what is left over" if application.sync_status == "OutOfSync" else ""
        return SignalSample(NOTHING_REVERTS, Verdict.GOOD, f"auto-sync on, git equals what runs{left}")
    if application.sync_status == "OutOfSync":
        return SignalSample(NOTHING_REVERTS, Verdict.BAD, f"auto-sync of {application.name} is on and git says another release: {application.reverts}")
    return SignalSample(NOTHING_REVERTS, Verdict.UNKNOWN, f"auto-sync is on, and {application.name} does not know what git says")
