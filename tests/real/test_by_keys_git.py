"""The ways back of scenario 1 that go by git, by keys alone on the real Argo CD: it syncs what is pushed, and nothing is ever owed."""

import pytest

from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.drill.bad_code import READY_BUT_FAILING
from gospel_rollback_tui.drill.real.peers import Peers
from gospel_rollback_tui.drill.script import SERVICE_PORTS
from tests.e2e.delivering import GIT, PIN_IN_GIT, RELEASE, REVERT, WHOLE_RELEASE, closed_without_debt, go_on, head, policy, take_way, told_the_same, verified
from tests.e2e.reasoning import confirm_with_reason
from tests.real.nights import Night, app_with_kustomize


@pytest.mark.parametrize(
    ("title", "step", "services"),
    [
        (GIT, "restore", ("gateway",)),
        (REVERT, "revert", ("gateway",)),
        (PIN_IN_GIT, "pin-image-in-git", ("gateway",)),
        (RELEASE, "restore-release", tuple(SERVICE_PORTS)),
    ],
    ids=["git", "revert", "pin-in-git", "release"],
)
def test_the_release_goes_back_by_git(night: Night, peers: Peers, title: str, step: str, services: tuple[str, ...]) -> None:
    """One push, which the real Argo CD syncs; this program changes nothing in the cluster, and the run closes clean.

    The databases of the other services cannot be read here, so that the release takes a written reason.
    """
    with night(WHOLE_RELEASE if title == RELEASE else READY_BUT_FAILING) as drill, app_with_kustomize(drill, peers) as terminal:
        before, was = policy(drill), head(drill)
        take_way(terminal, drill, title)
        confirm_with_reason(terminal, drill, "PUSH main", "the release before ran with these schemas")
        verified(drill, step)
        assert head(drill) != was
        go_on(terminal, drill, "sync", "verify")
        closed_without_debt(terminal, drill)
        assert drill.count(Kind.DEBT_OPENED) == 0
        assert drill.sent() == []
        told_the_same(drill, before, *services)
