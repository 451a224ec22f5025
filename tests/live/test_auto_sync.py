"""Whether Argo CD would put another release back, judged from the Applications as they were read."""

from collections.abc import Sequence

import pytest

from gospel_rollback_tui.domain.application import Application, application_from
from gospel_rollback_tui.domain.errors import NoRoute
from gospel_rollback_tui.domain.health import Verdict
from gospel_rollback_tui.live.auto_sync import AutoSyncGuard

LEFT_OVER: dict[str, object] = {"group": "apps", "kind": "Deployment", "name": "cache", "namespace": "shop", "status": "OutOfSync", "requiresPruning": True}
DIFFERING: dict[str, object] = {"group": "apps", "kind": "Deployment", "name": "web", "namespace": "shop", "status": "OutOfSync"}


def _application(name: str, *, enabled: bool, status: str, resources: Sequence[dict[str, object]] = ()) -> Application:
    policy = {"automated": {"enabled": enabled, "selfHeal": True}}
    compared = {"sync": {"status": status}, "resources": list(resources)}
    return application_from({"metadata": {"name": name}, "spec": {"syncPolicy": policy}, "status": compared})


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


def test_what_is_only_left_over_reverts_nothing() -> None:
    """Argo CD says `OutOfSync` of objects that git does not declare any more; one that git has otherwise beside them is another matter."""
    left = AutoSyncGuard(lambda: (_application("shop", enabled=True, status="OutOfSync", resources=(LEFT_OVER,)),)).sample()
    assert (left.verdict, left.words) == (Verdict.GOOD, "auto-sync on, git equals what runs, but for what is left over")
    other = AutoSyncGuard(lambda: (_application("shop", enabled=True, status="OutOfSync", resources=(LEFT_OVER, DIFFERING)),)).sample()
    assert other.verdict is Verdict.BAD


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
