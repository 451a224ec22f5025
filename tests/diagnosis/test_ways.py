"""The ways back: which comes first, who would revert each, and which is refused now."""

from dataclasses import replace
from typing import Any

import pytest

from gospel_rollback_tui.diagnosis.scene import Scene, SchemaSeen
from gospel_rollback_tui.diagnosis.ways import ways_back
from gospel_rollback_tui.domain.application import application_from
from gospel_rollback_tui.domain.commits import Commit
from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.fighters import Survey
from gospel_rollback_tui.domain.health import HttpAnswer
from gospel_rollback_tui.domain.migrations.gate import Gate, Order
from gospel_rollback_tui.domain.runbook import Path, Runbook, Step
from gospel_rollback_tui.domain.triage import Way
from tests.diagnosis import scenes


def _path(name: str, action: str, usual: float) -> Path:
    change = Step("change", "Change", "why", action, Danger.REVERSIBLE, 60.0, usual=usual)
    watch = Step("stability", "Watch", "why", "stability.watch", Danger.OBSERVE, 900.0, usual=900.0)
    return Path(name, name, name, (change, watch), automated=action != "manual")


RUNBOOK = Runbook(
    "bad-code",
    "Bad code",
    "",
    120.0,
    (_path("git", "git.restore", 90.0), _path("argocd", "argocd.rollback", 60.0), _path("patch", "deployment.undo", 30.0), _path("hand", "manual", 600.0)),
)
GREEN = HttpAnswer(200, "", 0.01)


def _ways(scene: Scene) -> dict[str, Way]:
    return {way.path: way for way in ways_back(scene, RUNBOOK)}


def test_while_users_fail_the_quickest_that_nothing_reverts_comes_first() -> None:
    """Auto-sync that the step itself switches off reverts nothing."""
    assert list(_ways(scenes.bad_release())) == ["patch", "argocd", "git", "hand"]


def test_git_comes_first_when_nobody_is_failing() -> None:
    """Nothing has to be made equal afterwards."""
    assert next(iter(_ways(scenes.bad_release(answer=GREEN)))) == "git"


def test_an_application_set_leaves_git_alone() -> None:
    """What goes beside git is refused, with the owner's name, and git stands first."""
    ways = _ways(scenes.bad_release(application=application_from(scenes.application(owner="gospelib"))))
    assert next(iter(ways)) == "git"
    assert all(ways[name].refused.startswith("ApplicationSet gospelib cannot be frozen") for name in ("patch", "argocd"))
    assert not ways["git"].refused


@pytest.mark.parametrize(
    ("beside", "reverted", "refused"),
    [
        (Survey(can_sync=False, window="deny 0 22 * * * for 8h"), {}, {"argocd", "git"}),
        (Survey(ci_runs=("https://ci.test/7",)), {"patch", "argocd", "git"}, set()),
        (Survey(), {}, set()),
    ],
)
def test_what_stands_beside_the_application_is_weighed(beside: Survey, reverted: set[str], refused: set[str]) -> None:
    """A window refuses what Argo CD would carry out; a deployment under way reverts every way."""
    ways = _ways(scenes.bad_release(beside=beside))
    assert {name for name, way in ways.items() if way.reverted_by} == set(reverted)
    assert {name for name, way in ways.items() if way.refused} == refused


@pytest.mark.parametrize(
    ("beside", "silent", "last"),
    [
        (Survey(argocd_unread="Nothing listens there."), {"argocd": "Argo CD's API: Nothing listens there."}, "argocd"),
        (Survey(branch_unread="git.test did not answer."), {"git": "git: git.test did not answer."}, "git"),
    ],
)
def test_a_way_through_what_does_not_answer_comes_last_and_may_be_tried(beside: Survey, silent: dict[str, str], last: str) -> None:
    """It may be back a moment later, so it is not refused; making git equal afterwards holds up no quicker way."""
    ways = _ways(scenes.bad_release(beside=beside))
    assert {name: way.silent for name, way in ways.items() if way.silent} == silent
    assert list(ways)[-1] == last
    assert not any(way.refused for way in ways.values())


def test_an_operation_under_way_refuses_git_and_is_ended_by_argo_cds_rollback() -> None:
    """The rollback's own bundle ends it first, so that it blocks nothing."""
    raw: dict[str, Any] = scenes.application()
    raw["operation"] = {"initiatedBy": {"username": "ada"}}
    scene = scenes.bad_release(application=application_from(raw))
    assert not _ways(scene)["argocd"].refused
    assert list(_ways(replace(scene, may_roll_back=False)))[-1] == "patch"


def test_what_a_sync_would_bring_back_is_said_of_the_ways_beside_git() -> None:
    """The commits that are newer than what was deployed before; a way by git undoes them."""
    raw: dict[str, Any] = scenes.application()
    raw["status"]["history"] = [{"id": number, "revision": sha, "deployedAt": scenes.stamp(scenes.NOW)} for number, sha in enumerate(("good", "bad"))]
    commits = tuple(Commit(sha, (), "ada", scenes.NOW, subject) for sha, subject in (("fix", "fix typo"), ("bad", "Release v2.15.0"), ("good", "v2.14.0")))
    ways = _ways(scenes.bad_release(application=application_from(raw), beside=Survey(branch=commits)))
    assert {name: way.syncs_back for name, way in ways.items()} == {
        "patch": "a sync would bring back fix typo and 1 more",
        "argocd": "a sync would bring back fix typo and 1 more",
        "git": "",
        "hand": "",
    }
    assert not any(way.reverted_by for way in ways.values())


def test_code_that_would_crash_on_the_schema_comes_last_and_takes_a_reason_unless_the_schema_goes_back_with_it() -> None:
    """The gate's reason stands at each way that puts code back alone; no key takes such a way by itself."""
    gate = Gate("gateway", "gateway", "bad-code-reversible-migration", Order.SCHEMA_FIRST, refuses="old code on the new schema fails: a column is gone")
    scene = scenes.bad_release(schema=SchemaSeen((scenes.RELEASE,), gate))
    patch = _path("patch", "deployment.undo", 30.0)
    firsts = {"down": "migrations.goto", "repaired": "postgres.copy-back", "restored": "rds.swap"}
    steps = {name: Step(name, "Move it", "why", action, Danger.DISRUPTIVE, 60.0, usual=60.0) for name, action in firsts.items()}
    moved = [replace(patch, id=name, steps=(step, *patch.steps)) for name, step in steps.items()]
    runbook = replace(RUNBOOK, paths=(patch, *moved, _path("hand", "manual", 60.0)))
    ways = ways_back(scene, runbook)
    assert {way.path: way.crashes for way in ways} == {"patch": gate.refuses, **dict.fromkeys(firsts, ""), "hand": ""}
    assert ways[-1].path == "patch"
    assert not any(way.refused for way in ways)
