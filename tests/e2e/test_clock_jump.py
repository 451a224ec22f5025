"""A host whose clock is set while somebody works on it."""

import signal
import sys
from pathlib import Path

from tests.e2e import clock_that_jumps
from tests.e2e.drilling import served
from tests.e2e.playing import BUNDLE, roll_back
from tests.e2e.terminal import Terminal


def test_a_clock_that_jumps_an_hour_makes_nothing_stale_and_is_said(tmp_path: Path) -> None:
    """Ages are counted on a clock that never jumps; what people read says that this host's clock is off; the rollback goes on."""
    with served(tmp_path) as drill:
        jumping = [sys.executable, clock_that_jumps.__file__]
        with Terminal(["--config", str(drill.endpoints.config_file)], prefix=jumping) as terminal:
            terminal.wait_for("roll back now", "2 of 2")
            terminal.process.send_signal(signal.SIGUSR1)
            screen = terminal.wait_for("This host's clock is 60 min ahead", "roll back now")
            assert "stale" not in screen
            assert "clock 1:0" not in screen  # it counts what has passed, not what was set
            roll_back(terminal, drill)
            assert drill.sent() == BUNDLE
