"""Whether Argo CD would put another release back, judged from the Applications as they were read."""

import pytest

from gospel_rollback_tui.domain.application import Application, application_from
from gospel_rollback_tui.domain.errors import NoRoute
from gospel_rollback_tui.domain.health import Verdict
from gospel_rollback_tui.live.auto_sync import AutoSyncGuard


def _application(name: str, *, enabled: bool, status: str) -> Application:
    policy = {"automated": {"enabled": enabled, "selfHeal": True}}
    return application_from({"metadata": {"name": name}, "spec": {"syncPolicy": policy}, "status": {"sync": {"status": status}}})


@pytest.mark.parametrize(
    ("enabled", "status", "verdict", "words"),
    [
        (False, "OutOfSync", Verdict.GOOD, "auto-sync off"),
        (True, "OutOfSync", Verdict.BAD, "auto-sync of shop is on and git says another release"),
        (True, "Unknown", Verdict.UNKNOWN, "shop does not know what git says"),
        (True, "Synced", Verdict.GOOD, "git equals what runs"),
    ],
)
def test_one_application_is_judged_by_its_policy_and_its_sync(enabled: bool, status: str, verdict: Verdict, words: str) -> None:
    """Only auto-sync that is on and differs from what runs reverts."""
    sample = AutoSyncGuard(lambda: (_application("shop", enabled=enabled, status=status),)).sample()
    assert sample.verdict is verdict
    assert words in sample.words


def test_the_worst_of_several_applications_counts() -> None:
    """One that would revert is not hidden by another that would not."""
    good, bad = _application("shop", enabled=True, status="Synced"), _application("platform", enabled=True, status="OutOfSync")
    sample = AutoSyncGuard(lambda: (good, bad)).sample()
    assert sample.verdict is Verdict.BAD
    assert "platform" in sample.words


def test_nobody_to_revert_is_good_and_nobody_who_could_look_is_unknown() -> None:
    """Not read is never taken for not there."""

    def _unreachable() -> tuple[Application, ...]:
        raise NoRoute("no answer")

    assert AutoSyncGuard(tuple).sample().verdict is Verdict.GOOD
    assert AutoSyncGuard(_unreachable).sample().verdict is Verdict.UNKNOWN
