"""What outlives what: a dropped link ends a screen, a killed runner is resumed, a second app only follows."""

import os
import re
import signal
from pathlib import Path

import pytest

from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.drill.script import GOOD_TAG
from tests.e2e.drilling import runner_pid, served
from tests.e2e.playing import BUNDLE, confirm, open_prompt, roll_back
from tests.e2e.terminal import Terminal


def test_a_terminal_closed_between_freeze_and_patch_loses_nothing(tmp_path: Path) -> None:
    """The answer of the freeze is held back, the link drops, the answer goes on: both calls are made once, verified and watched."""
    with served(tmp_path) as drill:
        with drill.app() as terminal:
            open_prompt(terminal)
            hold = drill.control.hold("PATCH", "*/applications/*")
            confirm(terminal, drill)
            drill.control.wait_until(lambda control: control.has_arrived(hold))
            terminal.hang_up()
            terminal.wait_for_exit()
        drill.control.release(hold)
        drill.wait_for(Kind.VERIFIED)
        drill.wait_for(Kind.STABLE)
        assert drill.sent() == BUNDLE
        with drill.app() as again:
            again.wait_for("Make git equal", "recovered")
            assert drill.sent() == BUNDLE


@pytest.mark.parametrize("path", ["*/applications/*", "*/deployments/*"])
def test_a_runner_killed_while_an_answer_is_held_back_is_resumed_without_sending_twice(tmp_path: Path, path: str) -> None:
    """The change was made and its answer lost with the runner: the next one looks first, and sends nothing a second time."""
    with served(tmp_path) as drill:
        with drill.app() as terminal:
            open_prompt(terminal)
            hold = drill.control.hold("PATCH", path)
            confirm(terminal, drill)
            drill.control.wait_until(lambda control: control.has_arrived(hold))
            os.kill(runner_pid(drill), signal.SIGKILL)
            drill.control.release(hold, drop=True)
        with drill.app() as again:
            again.wait_until(lambda _screen: drill.resumed(), "the run taken up again")
            drill.wait_for(Kind.CALL_VERIFIED)
            assert drill.sent() == BUNDLE[: 1 if "applications" in path else 2]
            if "applications" in path:
                again.press_until("enter", lambda: "go back" in again.text(), "the confirmation of the rest")
                again.press_until("y", lambda: len(drill.sent()) == 2, "the rest of the bundle")
            drill.wait_for(Kind.VERIFIED)
            assert drill.sent() == BUNDLE
            assert drill.image("gateway").endswith(GOOD_TAG)


def test_quitting_leaves_the_run_to_its_runner_and_says_so(tmp_path: Path) -> None:
    """`q` ends the screen with 4; the watch holds to its end without one."""
    with served(tmp_path) as drill:
        with drill.app() as terminal:
            roll_back(terminal, drill)
            terminal.press_until("q", lambda: terminal.process.poll() is not None, "the way out")
            assert terminal.wait_for_exit() == 4
            assert b"goes on without this screen" in bytes(terminal.raw)
        drill.wait_for(Kind.STABLE)


def test_a_run_is_followed_where_there_is_no_kubeconfig(tmp_path: Path) -> None:
    """On another terminal, without the environment's kubeconfig: the run is shown and can be decided about, the panes are unknown and say why."""
    with served(tmp_path, hold="120s") as drill, drill.app() as first:
        roll_back(first, drill)
        config = tmp_path / "elsewhere.yaml"
        own = drill.endpoints.config_file.read_text()
        own = re.sub(r"kubeconfig: .*", "kubeconfig: /nowhere/config", own)  # short: the reason stands behind it on one line
        config.write_text(re.sub(r"nonce: .*", "", own).replace("tier: drill", "tier: staging"))
        with Terminal(["--config", str(config)]) as second:
            second.wait_for("recovered", "Make git equal", "? pods")
            second.press_until("p", lambda: "no kubeconfig" in second.text(), "why the pods are unknown")
            second.press_until("b", lambda: "Make git equal" in second.text(), "the run again")
            second.press_until("E", lambda: "End the stability watch early" in second.text(), "the reason to end the watch")
            second.enter("enough")
            second.press_until("enter", lambda: drill.has(Kind.ENDED_EARLY), "the decision taken by the runner")
        assert drill.sent() == BUNDLE


def test_a_second_app_attaches_to_the_same_run(tmp_path: Path) -> None:
    """Both show the run; one's decision is seen by the other; nothing is sent twice."""
    with served(tmp_path) as drill, drill.app() as first:
        roll_back(first, drill)
        with drill.app() as second:
            second.wait_for("recovered", "Make git equal")
        assert drill.sent() == BUNDLE
