"""The ways back of scenario 1 that go beside git, by keys alone on the real Argo CD: git is made equal, auto-sync comes back, nothing is owed."""

import pytest

from gospel_rollback_tui.drill.bad_code import READY_BUT_FAILING
from gospel_rollback_tui.drill.real.peers import Peers
from tests.e2e.delivering import APPLY, HISTORY, PIN, asked_of_argocd, closed_without_debt, confirm_step, policy, take_way, told_the_same, verified
from tests.e2e.playing import make_git_equal, resume_auto_sync
from tests.real.nights import Night, app_with_kustomize


@pytest.mark.parametrize(
    ("title", "step", "prompt"),
    [(HISTORY, "roll-back-all", "POST rollback"), (PIN, "pin-image", "PATCH"), (APPLY, "apply-image", "APPLY")],
    ids=["history", "pin", "apply"],
)
def test_the_release_goes_back_beside_git(night: Night, peers: Peers, title: str, step: str, prompt: str) -> None:
    """Auto-sync off and the change in one confirmed bundle, each once; git made equal, auto-sync as it was."""
    with night(READY_BUT_FAILING) as drill, app_with_kustomize(drill, peers) as terminal:
        before = policy(drill)
        take_way(terminal, drill, title)
        confirm_step(terminal, drill, prompt)
        verified(drill, step)
        assert asked_of_argocd(drill).count("POST rollback") == (title == HISTORY)
        make_git_equal(terminal, drill)
        resume_auto_sync(terminal, drill)
        closed_without_debt(terminal, drill)
        told_the_same(drill, before)
