"""Trouble on the way: the API gone for a while, asked to wait, slow, silent, forbidden, a login that expired, a second operator."""

from pathlib import Path

import pytest
import yaml

from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.drill.script import GOOD_TAG, OLDER_TAG
from tests.e2e.drilling import served
from tests.e2e.playing import BUNDLE, open_prompt, roll_back
from tests.e2e.terminal import Terminal
from tests.ordinary_user import without_privileges


@pytest.mark.parametrize("fault", ["too-many-requests", "slow-api", "watch-dead", "watch-expired", "pod-churn", "log-flood"])
def test_trouble_that_passes_by_does_not_keep_from_rolling_back(tmp_path: Path, fault: str) -> None:
    """429s, 300 ms more a request, silent or expired watches, pods or logs that rage: the same two keys, the bundle once."""
    with served(tmp_path, faults=[fault]) as drill, drill.app() as terminal:
        roll_back(terminal, drill)
        assert drill.sent() == BUNDLE


def test_an_api_that_is_away_for_a_while_is_unknown_and_then_back(tmp_path: Path) -> None:
    """While it refuses connections the panes say so instead of showing old green; afterwards the rollback goes on."""
    with served(tmp_path) as drill, drill.app() as terminal:
        terminal.wait_for("roll back now")
        drill.control.fault("api-down", seconds=8.0)
        terminal.wait_until(lambda screen: "server down" in screen or "refuse" in screen or "unreachable" in screen, "that the API is away")
        terminal.wait_until(lambda screen: "server down" not in screen and "refuse" not in screen and "roll back now" in screen, "that the API is back")
        roll_back(terminal, drill)
        assert drill.sent() == BUNDLE


def test_missing_rights_are_named_and_take_r_away(tmp_path: Path) -> None:
    """Who may only read sees the suggestion and what it lacks; nothing is tried."""
    with served(tmp_path, faults=["forbidden"]) as drill, drill.app() as terminal:
        terminal.wait_for("back to v2.14.0", "may not patch")
        assert "roll back now" not in terminal.text()
        assert drill.sent() == []


def test_an_expired_login_is_said_and_renewed_by_one_key(tmp_path: Path) -> None:
    """Nothing of the estate is believed gone; `L` runs the login command, and everything is asked again."""
    with served(tmp_path, faults=["expired-token"]) as drill, drill.app() as terminal:
        terminal.wait_until(lambda screen: "login" in screen.lower() or "log in" in screen.lower(), "that the login has expired")
        assert "Total environment failure" not in terminal.text() or "ruled out" in terminal.text() or "roll back now" not in terminal.text()
        terminal.press_until("L", lambda: "roll back now" in terminal.text(), "the estate after the login", deadline=90.0)
        roll_back(terminal, drill)
        assert drill.sent() == BUNDLE


def test_l_in_either_of_two_apps_renews_the_runner_that_waits(tmp_path: Path) -> None:
    """The run waits, and both screens say so; `L` in the second one logs in for the runner and for both screens."""
    with served(tmp_path, hold="10m") as drill, drill.app() as first:
        roll_back(first, drill)
        with drill.app() as second:
            second.wait_for("recovered", "Make git equal")
            drill.control.fault("expired-token")
            for terminal in (first, second):
                terminal.wait_for("The run waits for credentials")
            assert not drill.has(Kind.GOING_ON)
            second.press_until("L", lambda: drill.has(Kind.GOING_ON), "a run that goes on")
            for terminal in (first, second):
                terminal.wait_until(lambda screen: "waits for credentials" not in screen and "?" not in screen.split("Bad code")[0], "the live estate again")
            assert drill.count(Kind.WAITING) == drill.count(Kind.GOING_ON) == 1
        assert drill.sent() == BUNDLE


def test_a_home_that_cannot_be_written_is_said_and_nothing_is_sent(tmp_path: Path) -> None:
    """Triage shows all it can; the confirmation names the folder and what to do, and no run is begun that would leave no record."""
    with served(tmp_path) as drill:
        drill.runs_dir.mkdir(exist_ok=True)
        drill.runs_dir.chmod(0o555)
        with Terminal(["--config", str(drill.endpoints.config_file)], prefix=without_privileges()) as terminal:
            open_prompt(terminal)
            terminal.press_until("y", lambda: "`runs_dir`" in terminal.text(), "what to do about it")
            screen = " ".join(terminal.text().split())
            assert "cannot be made: Permission denied" in screen
            assert "Nothing was changed" in screen
            assert drill.sent() == []
            terminal.press_until("n", lambda: "go back" not in terminal.text(), "the prompt closed")
            terminal.press_until("q", lambda: terminal.process.poll() is not None, "the way out")
        assert not list(drill.runs_dir.iterdir())
        drill.runs_dir.chmod(0o700)


def test_an_estate_without_a_graph_server_says_what_it_lacks(tmp_path: Path) -> None:
    """Neither pods nor names of FalkorDB: the graph's row stands on other facts, its pod is unknown, and the step says what the configuration lacks."""
    with served(tmp_path, "empty-graph") as drill:
        settings = yaml.safe_load(drill.endpoints.config_file.read_text())
        del settings["environments"]["drill"]["falkordb"]
        drill.endpoints.config_file.write_text(yaml.safe_dump(settings))
        with drill.app() as terminal:
            decided = ("I do not know", "Row 5 is clear")  # a question, or its end
            terminal.wait_until(lambda text: "3 for · 0 against" in text and any(words in text for words in decided), "the graph's row")
            while "I do not know" in (asked := terminal.text()):  # while a question stands there, digits answer it and choose no row
                terminal.press_until("3", lambda asked=asked: _question(terminal.text()) != _question(asked), "the next question")  # type: ignore[misc] # mypy cannot infer a lambda with a default
            terminal.press_until("5", lambda: "not known: whether the graph server's pod is not Ready" in terminal.text(), "the verdict")
            terminal.press_until("enter", lambda: "Read the graph server" in terminal.text(), "the first step")
            screen = terminal.wait_until(lambda text: "falkordb.statefulset" in text, "what the configuration lacks")
            assert "redis-cli" not in screen or ":?}" in screen  # a command that lacks a name is one that a shell refuses
        assert drill.sent() == []


def _question(text: str) -> str:
    """Returns the question that stands on the first screen; empty: none."""
    return next((line.strip() for line in text.splitlines() if line[:70].rstrip().endswith("?")), "")


def test_a_second_operator_is_named_and_keeps_everything_read_only(tmp_path: Path) -> None:
    """The lock's holder is shown with what they do; `y` sends nothing."""
    with served(tmp_path, faults=["second-operator"]) as drill, drill.app() as terminal:
        open_prompt(terminal)
        terminal.press_until("y", lambda: "held by" in terminal.text() or "holds" in terminal.text(), "who holds the environment")
        assert drill.sent() == []
        assert not drill.has(Kind.INTENT)


def test_the_revision_before_was_broken_too_and_is_not_suggested(tmp_path: Path) -> None:
    """Of revisions that nothing proves to have been ready the one that ran longest is named, and `r` is missing all the same."""
    with served(tmp_path, "broken-target") as drill, drill.app() as terminal:
        screen = terminal.wait_for(f"back to {OLDER_TAG}", "not known to have been ready")
        assert "roll back now" not in screen
        assert GOOD_TAG not in terminal.line_with("Roll gateway back")


def test_a_login_that_expires_under_the_prompt_waits_and_goes_on(tmp_path: Path) -> None:
    """The gate cannot read the facts again: nothing is sent until the login is back."""
    with served(tmp_path) as drill, drill.app() as terminal:
        open_prompt(terminal)
        drill.control.fault("expired-token")
        terminal.press_until("y", lambda: drill.has(Kind.WAITING), "a run that waits for the login")
        assert drill.sent() == []
        drill.control.renew_login()
        terminal.press("L")
        drill.wait_for(Kind.GOING_ON)
