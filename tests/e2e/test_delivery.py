"""The nights in which delivery gets in the way of scenario 1: each is recovered by keys, and nothing puts the bad release back."""

from pathlib import Path

import pytest

from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.drill.script import GOOD_TAG
from tests.e2e.delivering import (
    GIT,
    HISTORY,
    REVERT,
    application,
    asked_of_argocd,
    closed_without_debt,
    confirm_step,
    go_on,
    head,
    policy,
    prepare,
    take_way,
    verified,
)
from tests.e2e.drilling import Drill, served
from tests.e2e.playing import confirm, open_prompt
from tests.e2e.terminal import Terminal

UPDATER = "argocd-image-updater.argoproj.io/image-list"
"""The annotation by which Image Updater follows."""


def _stays_good(drill: Drill) -> None:
    assert drill.image("gateway").endswith(GOOD_TAG)


@pytest.mark.parametrize("script", ["rollback-refused", "parent-enables", "stuck-operation"])
def test_argo_cds_history_is_gone_back_in_although_it_would_refuse_or_be_undone(tmp_path: Path, script: str) -> None:
    """Auto-sync that refuses, a parent that heals the policy, a sync that never ends: each is dealt with by the same bundle."""
    with served(tmp_path, script) as drill, drill.app() as terminal:
        take_way(terminal, drill, HISTORY)
        confirm_step(terminal, drill, "POST rollback")
        verified(drill, "roll-back-all")
        asked = asked_of_argocd(drill)
        assert asked.count("POST rollback") == 1
        assert ("DELETE operation" in asked) == (script == "stuck-operation")
        terminal.wait_for("recovered")
        _stays_good(drill)


def test_an_application_set_sends_r_by_git_with_two_keys(tmp_path: Path) -> None:
    """What goes beside git is not offered; `r` and `y` push the good manifests, and the policy is never touched."""
    with served(tmp_path, "applicationset") as drill, drill.app() as terminal:
        before = policy(drill)
        terminal.wait_for("Put the good manifests back in git", "cannot be frozen: only git holds", "roll back now")
        terminal.press_until("r", lambda: "PUSH main" in terminal.text() and "go back" in terminal.text(), "the confirmation")
        confirm(terminal, drill)
        verified(drill, "restore")
        go_on(terminal, drill, "sync")
        _stays_good(drill)
        assert policy(drill) == before
        assert drill.sent() == []


def test_image_updater_is_stopped_by_the_bundle_so_that_nothing_is_bumped_again(tmp_path: Path) -> None:
    """Its annotation goes off with auto-sync, before the rollback, and is owed until it is put back."""
    with served(tmp_path, "image-updater") as drill, drill.app() as terminal:
        open_prompt(terminal)
        confirm(terminal, drill)
        verified(drill, "roll-back")
        assert "image-updater" in {event.data["id"] for event in drill.events() if event.kind is Kind.DEBT_OPENED}
        terminal.wait_for("recovered")
        _stays_good(drill)


def test_by_git_image_updater_is_stopped_before_the_push_and_follows_again_at_the_end(tmp_path: Path) -> None:
    """Its annotation goes off before the commit, auto-sync stays on; put back with a written reason, nothing is owed and the run closes clean."""
    with served(tmp_path, "image-updater", speed=4.0) as drill, drill.app() as terminal:
        before, annotations = policy(drill), application(drill)["metadata"]["annotations"]
        take_way(terminal, drill, GIT)
        confirm_step(terminal, drill, "PUSH main")
        verified(drill, "restore")
        assert UPDATER not in application(drill)["metadata"]["annotations"]
        assert policy(drill) == before
        pushed = head(drill)
        go_on(terminal, drill, "sync", "verify")
        drill.wait_for(Kind.STABLE, deadline=120.0)
        _stays_good(drill)
        assert head(drill) == pushed
        terminal.press_until("i", lambda: "why it is right all the same" in terminal.text(), "what letting it follow again rests on")
        terminal.enter("bad tag deleted")
        terminal.press("enter")
        closed_without_debt(terminal, drill)
        assert application(drill)["metadata"]["annotations"] == annotations


def test_a_protected_branch_is_gone_to_by_a_pull_request(tmp_path: Path) -> None:
    """The refused push changes nothing and says so; the second attempt pushes a branch, and the step waits until it is merged."""
    with served(tmp_path, "protected-branch") as drill, drill.app() as terminal:
        was = head(drill)
        take_way(terminal, drill, GIT)
        confirm_step(terminal, drill, "PUSH main")
        terminal.wait_for("GH006")
        assert head(drill) == was
        confirm_step(terminal, drill, "PUSH rollback/")
        verified(drill, "restore", deadline=120.0)
        assert head(drill) != was


def test_a_merge_is_reverted_with_its_mainline_chosen(tmp_path: Path) -> None:
    """The revert of a merge names the parent that stays, and one push carries it."""
    with served(tmp_path, "merge-commit") as drill, drill.app() as terminal:
        was = head(drill)
        take_way(terminal, drill, REVERT)
        confirm_step(terminal, drill, "PUSH main")
        verified(drill, "revert")
        assert head(drill) != was
        go_on(terminal, drill, "sync")
        _stays_good(drill)


def test_a_revert_that_conflicts_does_nothing_and_the_folder_goes_back_instead(tmp_path: Path) -> None:
    """The conflict is said with its file; nothing was pushed; the way by the folder holds."""
    with served(tmp_path, "revert-conflict") as drill, drill.app() as terminal:
        was = head(drill)
        take_way(terminal, drill, REVERT)
        prepare(terminal, "onflict", prompt="")
        assert head(drill) == was


def test_somebody_elses_push_moves_the_prompt_and_is_never_overwritten(tmp_path: Path) -> None:
    """Git is made equal on top of what the colleague pushed; both commits are on the branch."""
    with served(tmp_path, "push-conflict") as drill, drill.app() as terminal:
        open_prompt(terminal)
        confirm(terminal, drill)
        verified(drill, "roll-back")
        terminal.wait_for("Make git equal")
        paid = drill.count(Kind.DEBT_PAID)
        terminal.press_until("g", lambda: "PUSH" in terminal.text() and "go back" in terminal.text(), "the confirmation of the push")
        terminal.press_until("y", lambda: drill.count(Kind.DEBT_PAID) > paid, "git says what runs", deadline=120.0)
        _stays_good(drill)


@pytest.mark.parametrize(("script", "way"), [("sync-window", HISTORY), ("history-emptied", HISTORY)])
def test_what_argo_cd_cannot_do_now_is_refused_with_the_other_way(tmp_path: Path, script: str, way: str) -> None:
    """The way by its history is refused in a sentence, and two keys by the live objects recover all the same."""
    with served(tmp_path, script) as drill, drill.app() as terminal:
        open_prompt(terminal)
        confirm(terminal, drill)
        verified(drill, "roll-back")
        terminal.wait_for("recovered")
        assert "POST rollback" not in asked_of_argocd(drill)
        _stays_good(drill)


def test_auto_sync_is_switched_off_while_git_is_down(tmp_path: Path) -> None:
    """Argo CD's own API refuses the policy then; the object takes it, and the live objects go back."""
    with served(tmp_path, "git-down") as drill, drill.app() as terminal:
        open_prompt(terminal)
        confirm(terminal, drill)
        verified(drill, "roll-back")
        terminal.wait_for("recovered")
        _stays_good(drill)


def test_somebody_who_syncs_afterwards_is_seen_and_said(tmp_path: Path) -> None:
    """The step's own look or the watch tells that the bad release is back; it never closes as recovered and stable."""
    with served(tmp_path, "somebody-syncs", hold="40s") as drill, drill.app() as terminal:
        take_way(terminal, drill, HISTORY)
        confirm_step(terminal, drill, "POST rollback")
        verified(drill, "roll-back-all")
        drill.control.wait_until(lambda _: not drill.image("gateway").endswith(GOOD_TAG), deadline=90.0)
        _says_so(terminal, drill)


def _says_so(terminal: Terminal, drill: Drill) -> None:
    """Waits until a signal of the watch has gone bad."""
    terminal.wait_for("✗")
    assert not drill.has(Kind.CLOSED)
