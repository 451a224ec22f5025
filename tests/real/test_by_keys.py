"""Each script of scenario 1 by keys alone on a real control plane, to a closed run; the API server's own audit record is the witness.

A real history is seconds old. Where nothing proves that the revision to go back to was ever ready, `r` is missing, and the
way leads through the wizard and the runbook.
"""

import pytest

from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.drill.script import GOOD_TAG, OLDER_TAG
from tests.e2e.drilling import Drill
from tests.e2e.playing import BUNDLE, choose_revision, make_git_equal, resume_auto_sync, roll_back, roll_back_by_runbook, take_the_first_way
from tests.e2e.terminal import Terminal
from tests.real.nights import Night

PATCH = BUNDLE[1:]
"""What a rollback sends where Argo CD would not put it back."""
RESUMED = [*BUNDLE, BUNDLE[0]]
"""What a whole run under auto-sync sends: the policy is put back at the end."""


def finish(terminal: Terminal, drill: Drill, target: str, *, auto_sync: bool = True) -> None:
    """Pays what the rollback owes, and waits until the run is closed clean with the target still running."""
    make_git_equal(terminal, drill)
    if auto_sync:
        resume_auto_sync(terminal, drill)
    assert drill.wait_for(Kind.CLOSED, deadline=150.0).data["how"] == "clean"
    terminal.wait_for("Closed clean")
    assert drill.image("gateway").endswith(target)
    assert drill.sent() == (RESUMED if auto_sync else PATCH)


@pytest.mark.parametrize(("script", "columns", "rows"), [("ready-but-failing", 80, 24), ("self-heal", 120, 36)])
def test_pods_that_are_ready_and_answer_500_are_rolled_back_by_two_keys(night: Night, script: str, columns: int, rows: int) -> None:
    """Self-heal is on: freeze and patch in one bundle, each once, and nothing brings the bad release back; on the smallest terminal too."""
    with night(script) as drill, drill.app(columns=columns, rows=rows) as terminal:
        roll_back(terminal, drill)
        assert drill.sent() == BUNDLE
        finish(terminal, drill, GOOD_TAG)


def test_a_slow_start_is_waited_for(night: Night) -> None:
    """The old release takes its time to be Ready; without auto-sync there is nothing to freeze."""
    with night("slow-start") as drill, drill.app() as terminal:
        roll_back(terminal, drill)
        finish(terminal, drill, GOOD_TAG, auto_sync=False)


@pytest.mark.parametrize("script", ["crash-loop", "image-pull", "undone-before"])
def test_a_revision_that_nothing_proves_is_rolled_back_to_by_the_runbook(night: Night, script: str) -> None:
    """No `r`: the questions, the first way back, the revision from the live list, and the same confirmation."""
    with night(script) as drill, drill.app() as terminal:
        take_the_first_way(terminal, drill)
        choose_revision(terminal, GOOD_TAG)
        roll_back_by_runbook(terminal, drill)
        assert drill.sent() == BUNDLE
        finish(terminal, drill, GOOD_TAG)


def test_a_broken_target_is_passed_over_for_the_revision_before_it(night: Night) -> None:
    """Another revision than the suggested one is chosen from the live list."""
    with night("broken-target") as drill, drill.app() as terminal:
        take_the_first_way(terminal, drill)
        choose_revision(terminal, OLDER_TAG)
        roll_back_by_runbook(terminal, drill, OLDER_TAG)
        finish(terminal, drill, OLDER_TAG, auto_sync=False)
