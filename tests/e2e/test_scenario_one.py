"""Scenario 1 by keys alone, from triage to a closed run, against the simulated estate."""

import os
import re
import signal
from pathlib import Path

import pytest

from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.drill.script import BAD_TAG, GOOD_TAG, OLDER_TAG
from gospel_rollback_tui.runner.liveness import lives, read_mark
from tests.e2e.drilling import served
from tests.e2e.playing import BUNDLE, confirm, make_git_equal, resume_auto_sync, roll_back
from tests.e2e.terminal import Terminal


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 36)])
def test_a_release_that_answers_500_goes_back_and_the_run_is_closed_by_keys(tmp_path: Path, columns: int, rows: int) -> None:
    """Git by hand, auto-sync on again, the watch held, closed clean, and the estate is as it should be."""
    with served(tmp_path) as drill, drill.app(columns=columns, rows=rows) as terminal:
        roll_back(terminal, drill)
        assert drill.sent() == BUNDLE
        terminal.wait_for("recovered")
        make_git_equal(terminal, drill)
        resume_auto_sync(terminal, drill)
        assert drill.wait_for(Kind.CLOSED).data["how"] == "clean"
        automated = drill.control.object("applications", "argocd", "gospelib-production")["spec"]["syncPolicy"]["automated"]
        assert automated.get("enabled", True)
        assert drill.image("gateway").endswith(GOOD_TAG)
        terminal.wait_for("Closed clean")
        terminal.press_until("q", lambda: terminal.process.poll() is not None, "the way out")
        assert terminal.wait_for_exit() == 0


@pytest.mark.parametrize(
    ("script", "target"),
    [("crash-loop", GOOD_TAG), ("self-heal", GOOD_TAG), ("slow-start", GOOD_TAG), ("undone-before", OLDER_TAG)],
)
def test_each_script_is_recovered_by_the_same_two_keys(tmp_path: Path, script: str, target: str) -> None:
    """Whatever is broken, `r` and `y` recover it, nothing reverts it, and the target is the last one proved to have been ready."""
    with served(tmp_path, script) as drill, drill.app() as terminal:
        roll_back(terminal, drill, target)
        terminal.wait_for("recovered")
        assert drill.image("gateway").endswith(target)
        assert drill.sent() == (BUNDLE[1:] if script == "slow-start" else BUNDLE)


def test_an_image_that_cannot_be_pulled_goes_back_from_a_recreate(tmp_path: Path) -> None:
    """No pod is left to answer; the prompt says that all are replaced at once."""
    with served(tmp_path, "image-pull") as drill, drill.app() as terminal:
        roll_back(terminal, drill)
        terminal.wait_for("recovered")
        assert drill.image("gateway").endswith(GOOD_TAG)


def test_an_image_is_pinned_by_keys_from_live_lists(tmp_path: Path) -> None:
    """The row's second way: service and image are chosen from what the cluster has, then the same bundle is confirmed and recovers."""
    with served(tmp_path) as drill, drill.app() as terminal:
        terminal.wait_for("roll back now")
        terminal.press_until("1", lambda: "pin a known-good image" in terminal.text(), "the ways back")
        number = terminal.line_with("pin a known-good image").split()[0]
        terminal.press_until(number, lambda: "Freeze and pin" in terminal.text(), "the run")
        terminal.wait_for("No service is chosen")
        terminal.press("enter")
        terminal.wait_for("Which services go back?")
        terminal.press_until("enter", lambda: "Which services go back?" not in terminal.text(), "the services taken")
        terminal.wait_for("Which image does gateway run?")
        terminal.press_until("1", lambda: "Which image does gateway run?" not in terminal.text(), "the image taken")
        terminal.wait_for("Pin gateway back to v2.14.0", "y  ", "go back")
        confirm(terminal, drill)
        drill.wait_for(Kind.VERIFIED)
        terminal.wait_for("recovered")
        assert drill.image("gateway").endswith(GOOD_TAG)
        assert drill.sent() == BUNDLE


def test_a_drill_is_played_by_its_own_verb_and_says_how_long_it_took(tmp_path: Path) -> None:
    """One command: an estate of its own, the same two keys, and at the end the time against the objective."""
    with Terminal(["drill"], environ={"TMPDIR": str(tmp_path)}) as terminal:
        terminal.wait_for(f"back to {GOOD_TAG}", "roll back now")
        terminal.press_until("r", lambda: "go back" in terminal.text(), "the confirmation")
        terminal.press_until("y", lambda: "go back" not in terminal.text(), "the run")
        terminal.wait_for("recovered")
        terminal.press_until("q", lambda: terminal.process.poll() is not None, "the way out")
        assert terminal.wait_for_exit() == 4
        said = bytes(terminal.raw).decode(errors="replace")
        assert re.search(r"Recovered in \d+:\d\d, objective 2:00: (met|missed)", said)
        config = Path(re.findall(r"--config (\S+)", said)[-1])
        assert config.is_relative_to(tmp_path)
    for folder in (config.parent / "runs").glob("*/"):
        mark = read_mark(folder)
        if mark is not None and lives(mark):
            os.kill(mark.pid, signal.SIGTERM)


def test_undo_puts_the_bad_release_and_the_policy_back_as_they_were(tmp_path: Path) -> None:
    """`u` asks again, goes back to the captured template, and auto-sync is as captured; both debts are gone."""
    with served(tmp_path) as drill, drill.app() as terminal:
        before = drill.control.object("applications", "argocd", "gospelib-production")["spec"]["syncPolicy"]
        roll_back(terminal, drill)
        terminal.press_until("u", lambda: "put it back" in terminal.text(), "the undo's confirmation")
        terminal.press_until("y", lambda: drill.has(Kind.UNDONE), "the undo")
        assert drill.image("gateway").endswith(BAD_TAG)
        assert drill.control.object("applications", "argocd", "gospelib-production")["spec"]["syncPolicy"] == before
        assert drill.sent() == [*BUNDLE, *reversed(BUNDLE)]
