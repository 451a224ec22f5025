"""Each other way back of scenario 1 by keys alone on the real Argo CD: git, Argo CD and the cluster tell the same at the end, and nothing is owed."""

import os
from dataclasses import replace

import pytest

from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.drill.bad_code import BAD, GOOD, OLDER, READY_BUT_FAILING, histories
from gospel_rollback_tui.drill.real.peers import Peers
from gospel_rollback_tui.drill.script import SERVICE_PORTS
from tests.e2e.delivering import (
    APPLY,
    GIT,
    HISTORY,
    PIN,
    PIN_IN_GIT,
    RELEASE,
    REVERT,
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
from tests.e2e.drilling import Drill
from tests.e2e.playing import make_git_equal, resume_auto_sync
from tests.e2e.terminal import Terminal
from tests.real.nights import Night

WHOLE_RELEASE = replace(READY_BUT_FAILING, id="whole-release", histories=histories(**dict.fromkeys(SERVICE_PORTS, (OLDER, GOOD, BAD))))
"""The same night, but the bad release brought all six services."""


def app(drill: Drill, peers: Peers) -> Terminal:
    """Starts the app with the real kustomize on its path, as on a jump host."""
    path = f"{peers.folder}{os.pathsep}{os.environ['PATH']}"
    return Terminal(["--config", str(drill.endpoints.config_file)], environ={"PATH": path})


@pytest.mark.parametrize(
    ("title", "step", "prompt"),
    [(HISTORY, "roll-back-all", "POST rollback"), (PIN, "pin-image", "PATCH"), (APPLY, "apply-image", "APPLY")],
    ids=["history", "pin", "apply"],
)
def test_the_release_goes_back_beside_git(night: Night, peers: Peers, title: str, step: str, prompt: str) -> None:
    """Auto-sync off and the change in one confirmed bundle, each once; git made equal, auto-sync as it was."""
    with night(READY_BUT_FAILING) as drill, app(drill, peers) as terminal:
        before = policy(drill)
        take_way(terminal, drill, title)
        confirm_step(terminal, drill, prompt)
        verified(drill, step)
        assert asked_of_argocd(drill).count("POST rollback") == (title == HISTORY)
        make_git_equal(terminal, drill)
        resume_auto_sync(terminal, drill)
        closed_without_debt(terminal, drill)
        told_the_same(drill, before)


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
    """One push, the real Argo CD syncs it, and the run closes clean without ever owing anything; `sent` to the cluster is nothing at all."""
    with night(WHOLE_RELEASE if title == RELEASE else READY_BUT_FAILING) as drill, app(drill, peers) as terminal:
        before, was = policy(drill), head(drill)
        take_way(terminal, drill, title)
        confirm_step(terminal, drill, "PUSH main")
        verified(drill, step)
        assert head(drill) != was
        go_on(terminal, drill, "sync", "verify")
        closed_without_debt(terminal, drill)
        assert drill.count(Kind.DEBT_OPENED) == 0
        assert drill.sent() == []
        told_the_same(drill, before, *services)
