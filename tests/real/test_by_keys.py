"""Scenario 1 by keys alone on a real control plane, the API server's own audit record as the witness."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.drill.real.launch import launch_real
from gospel_rollback_tui.drill.script import GOOD_TAG
from tests.e2e.drilling import Drill, end_runners
from tests.e2e.playing import BUNDLE, make_git_equal, resume_auto_sync, roll_back

pytestmark = pytest.mark.usefixtures("peers")


@contextmanager
def estate(directory: Path, script: str = "ready-but-failing") -> Iterator[Drill]:
    """Serves the real estate of a script, with a short stability watch."""
    with launch_real(directory, script) as served:
        config = served.endpoints.config_file
        config.write_text(config.read_text().replace("hold: 15m", "hold: 6s").replace("sample: 5s", "sample: 1s"))
        drill = Drill(served)
        try:
            yield drill
        finally:
            end_runners(drill)


def test_the_default_script_is_recovered_and_closed_by_keys(tmp_path: Path) -> None:
    """Self-heal is on: freeze and patch in one bundle, each once; git by hand, auto-sync on again, closed clean."""
    with estate(tmp_path) as drill, drill.app() as terminal:
        roll_back(terminal, drill)
        assert drill.sent() == BUNDLE
        assert drill.image("gateway").endswith(GOOD_TAG)
        make_git_equal(terminal, drill)
        resume_auto_sync(terminal, drill)
        assert drill.wait_for(Kind.CLOSED).data["how"] == "clean"
        assert drill.image("gateway").endswith(GOOD_TAG)


def test_self_heal_does_not_put_the_bad_release_back(tmp_path: Path) -> None:
    """The Application's owner reverts a bare undo within a second; the frozen bundle stays."""
    with estate(tmp_path, "self-heal") as drill, drill.app() as terminal:
        roll_back(terminal, drill)
        drill.wait_for(Kind.STABLE)
        assert drill.sent() == BUNDLE
        assert drill.image("gateway").endswith(GOOD_TAG)
