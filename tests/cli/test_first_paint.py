"""What an operator waits for between the command and the first screen: nothing that this screen does not show."""

import os
import pty
import subprocess
import sys
from pathlib import Path

from tests.cli.test_verbs import EXAMPLE
from tests.test_architecture import HEAVY

BEHIND = ("engine", "runner", "live", "diagnosis", "infra", "drill", "domain.run", "domain.events", "domain.snapshots", "domain.triage")
"""Parts of the package that only what comes behind the first screen needs."""
PROGRAM = """
import os, sys
from pathlib import Path
from textual.screen import Screen
from gospel_rollback_tui.cli import main
from gospel_rollback_tui.cli.views import Estate
from gospel_rollback_tui.ui.screens.triage import TriageScreen

noted = Path(sys.argv[1])

def note(screen, *arguments):
    painted(screen, *arguments)
    if isinstance(screen, TriageScreen) and not noted.exists():
        noted.write_text("\\n".join(sys.modules))

painted, Screen._compositor_refresh = Screen._compositor_refresh, note
Estate.begin_feeds = lambda estate: os._exit(0 if noted.exists() else 9)
main(["--config", sys.argv[2], "--environment", "production"])
"""


def loaded_at_first_paint(folder: Path) -> set[str]:
    """Returns the modules that the command, on a terminal of its own, has loaded once its first screen is painted.

    The command ends with 0 when it begins with everything else after that paint, with 9 when it does so before.
    """
    kubeconfig, noted = folder / "kubeconfig", folder / "modules"
    kubeconfig.write_text("contexts: [{name: gospelib-production, context: {}}]\n")
    ours, theirs = pty.openpty()
    environ = {**os.environ, "KUBECONFIG": str(kubeconfig), "TERM": "xterm-256color"}
    started = subprocess.Popen([sys.executable, "-c", PROGRAM, noted, EXAMPLE], stdin=theirs, stdout=theirs, stderr=theirs, env=environ, start_new_session=True)
    os.close(theirs)
    try:
        assert started.wait(60) == 0, os.read(ours, 65536)
    finally:
        started.kill()
        started.wait()
        os.close(ours)
    return set(noted.read_text().split())


def test_the_first_paint_waits_for_nothing_that_it_does_not_show(tmp_path: Path) -> None:
    """Neither clients nor the engine, the runner, feeds and probes: a thread imports them once the first screen is painted."""
    loaded = loaded_at_first_paint(tmp_path)
    assert "gospel_rollback_tui.ui.screens.triage" in loaded
    assert not {name for name in loaded if name.partition(".")[0] in HEAVY}
    early = tuple(f"gospel_rollback_tui.{name}" for name in BEHIND)
    assert not {name for name in loaded if name in early or name.startswith(tuple(f"{name}." for name in early))}
