"""The packaged runbooks against the written procedure."""

from pathlib import Path

import pytest

from tests.runbooks.library import LIBRARY, every_step

COMMANDS = (Path(__file__).parent / "procedure_commands.txt").read_text(encoding="utf-8").splitlines()
SCENARIOS = ["bad-code", "bad-code-reversible-migration", "bad-code-irreversible-migration", "infrastructure", "corrupted-graph", "total-failure"]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_procedure_is_covered_by_a_step(command: str) -> None:
    """Word for word, so that nothing of the written page is lost."""
    assert [step.id for _, _, step in every_step() if command in step.covers]


def test_no_step_covers_what_the_procedure_does_not_say() -> None:
    """A misspelt `covers:` would look like coverage."""
    assert {command for _, _, step in every_step() for command in step.covers} <= set(COMMANDS)


def test_there_is_a_runbook_for_each_row() -> None:
    """Six rows, six runbooks, in the matrix's order and with its objectives."""
    assert [row.id for row in LIBRARY.matrix.rows] == SCENARIOS
    assert [runbook.id for runbook in LIBRARY.runbooks] == SCENARIOS
    assert [runbook.objective for runbook in LIBRARY.runbooks] == [120, 600, 0, 900, 3600, 7200]


def test_each_way_back_ends_with_verifying() -> None:
    """Whatever was done, the watch is among the last things; what comes after it pays debts or mends backups."""
    for runbook in LIBRARY.runbooks:
        for path in runbook.paths:
            watches = [index for index, step in enumerate(path.steps) if step.watches]
            assert len(watches) == 1, f"{runbook.id}.{path.id}"
            changing = [index for index, step in enumerate(path.steps) if step.action.startswith("deployment.")]
            assert all(index < watches[0] for index in changing)


def test_whatever_is_left_behind_by_hand_is_a_debt_with_a_step_that_pays_it() -> None:
    """A forgotten freeze is a second incident: doing it by hand opens the debt, and a later step of the path pays it."""
    owing = 0
    for runbook in LIBRARY.runbooks:
        for path in runbook.paths:
            assert all(step.leaves for step in path.steps if step.id in ("freeze", "roll-back", "pin-image", "old-code")), f"{runbook.id}.{path.id}"
            for index, step in enumerate(path.steps):
                for debt in step.leaves:
                    assert any(debt in later.pays for later in path.steps[index + 1 :]), f"{runbook.id}.{path.id}.{step.id}"
                    owing += 1
    assert owing > 10


def test_a_freeze_done_by_hand_is_ended_by_the_tool() -> None:
    """Auto-sync comes back by an automated step, but where the fixed release itself must be let out."""
    for runbook in LIBRARY.runbooks:
        for path in runbook.paths:
            if any("auto-sync" in step.leaves for step in path.steps):
                paying = {step.action for step in path.steps if "auto-sync" in step.pays}
                assert paying == ({"manual"} if path.id == "forward" else {"argocd.resume"}), f"{runbook.id}.{path.id}"


def test_the_first_way_of_scenario_one_is_two_calls_and_its_debts() -> None:
    """Freeze and roll back, hold, make git equal, auto-sync on, and what was stopped besides: the order the screens are built for."""
    path = LIBRARY.runbook("bad-code").paths[0]
    assert path.automated
    assert [(step.id, step.action) for step in path.steps] == [
        ("roll-back", "deployment.undo"),
        ("stability", "stability.watch"),
        ("git-equal", "git.restore"),
        ("auto-sync-on", "argocd.resume"),
        ("updater-on", "argocd.resume"),
    ]
    assert path.step("git-equal").required
    assert path.step("git-equal").pays == ("git",)
    assert path.step("auto-sync-on").pays == ("auto-sync",)


def test_nothing_destructive_is_done_without_saying_how_it_is_put_back() -> None:
    """Undo or the reason why there is none, and where the written page was wrong it is said."""
    for runbook, path, step in every_step():
        if step.action == "manual" and step.danger:
            assert step.undo or step.no_undo, f"{runbook.id}.{path.id}.{step.id}"
            assert step.commands, f"{runbook.id}.{path.id}.{step.id}"


def test_re_ingest_is_never_offered_beside_a_restore() -> None:
    """It drops the graph; it stands alone, last, and says where it is allowed."""
    paths = LIBRARY.runbook("corrupted-graph").paths
    assert paths[-1].id == "re-ingest"
    assert all(step.id != "ingest-job" for path in paths[:-1] for step in path.steps)


def test_terraform_is_never_planned_or_applied_without_the_copy_of_its_state() -> None:
    """The step that copies the state cannot be skipped where anything is planned behind it; only telling of a new instance may wait."""
    for runbook in LIBRARY.runbooks:
        for path in runbook.paths:
            ids = [step.id for step in path.steps]
            if "tf-plan" in ids:
                opened = next(step for step in path.steps if step.id == "tf-open")
                assert opened.required, f"{runbook.id}/{path.id}"
                assert ids.index("tf-open") < ids.index("tf-plan")
