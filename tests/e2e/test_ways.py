"""Every way back of scenario 1 that goes through Argo CD or git, by keys alone: git, Argo CD and the cluster tell the same at the end."""

from pathlib import Path

import pytest

from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.drill.script import GOOD_TAG
from tests.e2e.delivering import (
    GIT,
    HISTORY,
    PATCH,
    PIN_IN_GIT,
    REVERT,
    application,
    asked_of_argocd,
    closed_without_debt,
    confirm_step,
    go_on,
    head,
    policy,
    take_way,
    told_the_same,
    verified,
)
from tests.e2e.drilling import served
from tests.e2e.playing import make_git_equal, resume_auto_sync


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 36)])
def test_the_release_goes_back_by_argo_cds_history(tmp_path: Path, columns: int, rows: int) -> None:
    """Auto-sync off and one rollback in one confirmed bundle; git made equal, auto-sync as it was, closed clean with no debt."""
    with served(tmp_path) as drill, drill.app(columns=columns, rows=rows) as terminal:
        before = policy(drill)
        take_way(terminal, drill, HISTORY)
        confirm_step(terminal, drill, "POST rollback")
        verified(drill, "roll-back-all")
        assert asked_of_argocd(drill).count("POST rollback") == 1
        terminal.wait_for("recovered")
        make_git_equal(terminal, drill)
        resume_auto_sync(terminal, drill)
        closed_without_debt(terminal, drill)
        told_the_same(drill, before)


@pytest.mark.parametrize(("title", "step"), [(GIT, "restore"), (REVERT, "revert"), (PIN_IN_GIT, "pin-image-in-git")])
def test_the_release_goes_back_by_git(tmp_path: Path, title: str, step: str) -> None:
    """One push, Argo CD syncs it, the watch holds, and the run closes clean without ever owing anything."""
    with served(tmp_path) as drill, drill.app() as terminal:
        before, was = policy(drill), head(drill)
        take_way(terminal, drill, title)
        confirm_step(terminal, drill, "PUSH main")
        verified(drill, step)
        assert head(drill) != was
        go_on(terminal, drill, "sync", "verify")
        terminal.wait_for("recovered")
        closed_without_debt(terminal, drill)
        assert drill.count(Kind.DEBT_OPENED) == 0
        told_the_same(drill, before)


@pytest.mark.parametrize("title", [PATCH, HISTORY])
def test_nothing_is_reverted_in_five_minutes_of_the_estates_clock(tmp_path: Path, title: str) -> None:
    """Self-heal strikes at once or after its longest back-off; neither finds anything to do, for as long as the watch holds."""
    with served(tmp_path, hold="16s", speed=20.0) as drill, drill.app() as terminal:
        take_way(terminal, drill, title)
        confirm_step(terminal, drill, "auto-sync off")
        drill.wait_for(Kind.VERIFIED)
        entries = len(application(drill)["status"]["history"])
        drill.wait_for(Kind.STABLE, deadline=120.0)
        assert drill.image("gateway").endswith(GOOD_TAG)
        assert len(application(drill)["status"]["history"]) == entries
