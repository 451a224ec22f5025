"""Makes every picture of this folder anew: plays the drill on a terminal and keeps what it shows.

`python screenshots/make.py` plays the simulated estate; `--real` adds the pictures of the real one, which needs `make peers`.
"""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "screenshots")]

from picture import png, svg  # noqa: E402  (the path is set above)

from gospel_rollback_tui.domain.events import Kind  # noqa: E402
from gospel_rollback_tui.drill.real.launch import launch_real  # noqa: E402
from tests.e2e.delivering import GIT, HISTORY, prepare, take_way, verified  # noqa: E402
from tests.e2e.drilling import Drill, served  # noqa: E402
from tests.e2e.playing import confirm, make_git_equal, open_prompt, resume_auto_sync  # noqa: E402
from tests.e2e.repairing import COPY, a_repair  # noqa: E402
from tests.e2e.restoring import LONG, TYPED  # noqa: E402
from tests.e2e.terminal import Terminal  # noqa: E402
from tests.e2e.test_metrics import open_metrics  # noqa: E402

FOLDER = ROOT / "screenshots"
SIZES = {"": (120, 36), "80": (80, 24)}


def keep(terminal: Terminal, name: str) -> None:
    """Writes the terminal's screen as SVG and, with a browser at hand, as PNG."""
    target = FOLDER / f"{name}.svg"
    target.write_text(svg(terminal.settled(), "gospel-rollback"))
    made = png(target)
    print(made or target, flush=True)


def play(drill: Drill, suffix: str, prefix: str) -> None:
    """Plays scenario 1 to its end, keeping a picture at each turn."""
    columns, rows = SIZES[suffix]
    with drill.app(columns=columns, rows=rows) as terminal:
        terminal.wait_for("roll back now")
        keep(terminal, f"{prefix}triage{suffix}")
        if not prefix:
            look_around(terminal, suffix)
        open_prompt(terminal)
        keep(terminal, f"{prefix}confirm{suffix}")
        confirm(terminal, drill)
        terminal.wait_for("rolling out")
        keep(terminal, f"{prefix}runbook{suffix}")
        drill.wait_for(Kind.VERIFIED)
        terminal.wait_for("recovered")
        drill.wait_for(Kind.WATCH_STARTED)
        keep(terminal, f"{prefix}stability{suffix}")
        make_git_equal(terminal, drill)
        resume_auto_sync(terminal, drill)
        drill.wait_for(Kind.CLOSED)
        terminal.wait_for("Closed clean")
        keep(terminal, f"{prefix}summary{suffix}")


def look_around(terminal: Terminal, suffix: str) -> None:
    """Keeps the evidence, the help, the metrics, the wizard and the verdict."""
    for key, name, shown in (("e", "evidence", "Evidence"), ("?", "help", "help")):
        terminal.press_until(key, lambda shown=shown: shown in terminal.text(), name)  # type: ignore[misc]  # a bound default
        keep(terminal, f"{name}{suffix}")
        terminal.press_until("escape", lambda: "roll back now" in terminal.text(), "triage again")
    open_metrics(terminal)
    terminal.wait_for("✗ error rate", "usual")
    keep(terminal, f"metrics{suffix}")
    terminal.press_until("escape", lambda: "roll back now" in terminal.text(), "triage again")
    terminal.press_until("w", lambda: "1" in terminal.text() and "?" in terminal.text() and "roll back now" not in terminal.text(), "the wizard")
    keep(terminal, f"wizard{suffix}")
    terminal.press_until("escape", lambda: "roll back now" in terminal.text(), "triage again")
    terminal.press_until("1", lambda: "Ways back" in terminal.text(), "the verdict")
    keep(terminal, f"verdict{suffix}")
    terminal.press_until("escape", lambda: "roll back now" in terminal.text(), "triage again")


def keep_ways(suffix: str) -> None:
    """Keeps the ways that go through Argo CD and git: the releases to choose from, and both confirmations."""
    columns, rows = SIZES[suffix]
    for title, shows, name in ((HISTORY, "POST rollback", "argocd"), (GIT, "PUSH main", "git")):
        with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as drill, drill.app(columns=columns, rows=rows) as terminal:
            take_way(terminal, drill, title)
            terminal.press_until("1", lambda: "go back to?" in terminal.text(), "the list of releases")
            keep(terminal, f"{name}-releases{suffix}")
            terminal.press_until("escape", lambda: "go back to?" not in terminal.text(), "the step again")
            prepare(terminal, shows)
            keep(terminal, f"{name}-confirm{suffix}")


def keep_schema(suffix: str) -> None:
    """Keeps what the schema says: on the first screen, in the verdict, read in full, and before it goes back with rows lost in numbers."""
    columns, rows = SIZES[suffix]
    with tempfile.TemporaryDirectory() as folder, served(Path(folder), "lossy-down") as drill, drill.app(columns=columns, rows=rows) as terminal:
        terminal.wait_for("Row 2 is clear")
        keep(terminal, f"schema-triage{suffix}")
        terminal.press_until("enter", lambda: "Ways back" in terminal.text(), "the ways back")
        keep(terminal, f"schema-verdict{suffix}")
        terminal.press_until("1", lambda: drill.has(Kind.PREVIEWED), "the run")
        terminal.wait_for("Stands at")
        keep(terminal, f"schema-read{suffix}")


def keep_repair(suffix: str) -> None:
    """Keeps the confirmation of copying lost data back, and what was then seen."""
    columns, rows = SIZES[suffix]
    with tempfile.TemporaryDirectory() as folder, a_repair(Path(folder), columns, rows) as night:
        night.begin()
        night.protect_restore_and_prove()
        prepare(night.terminal, COPY, prompt=f"{TYPED}  billing")
        keep(night.terminal, f"repair-confirm{suffix}")
        night.give_the_name()
        verified(night.drill, "copy-back", LONG)
        night.terminal.wait_for("got their", "(exact count)")
        keep(night.terminal, f"repair-done{suffix}")


def keep_panes(suffix: str) -> None:
    """Keeps the panes alone: pods of a crash loop by ReplicaSet, one of them in full, logs in a flood, and pods of an API that is gone."""
    columns, rows = SIZES[suffix]
    with tempfile.TemporaryDirectory() as folder, served(Path(folder), "crash-loop") as drill, drill.app(columns=columns, rows=rows) as terminal:
        terminal.wait_for("roll back now")
        terminal.press_until("p", lambda: "restarts" in terminal.text(), "the pods alone")
        terminal.press_until("z", lambda: "by ReplicaSet" in terminal.text(), "the ReplicaSets")
        keep(terminal, f"pods{suffix}")
        terminal.press("down")
        terminal.settled()  # keys that come together count as pasted
        terminal.press_until("enter", lambda: "Containers" in terminal.text(), "a pod in full")
        keep(terminal, f"pod{suffix}")
        terminal.press_until("escape", lambda: "Containers" not in terminal.text(), "the pods again")
        drill.control.fault("api-gone")
        terminal.wait_until(lambda screen: "? " in screen.splitlines()[2], "that the pods are not known")
        keep(terminal, f"pods-stale{suffix}")
    with tempfile.TemporaryDirectory() as folder, served(Path(folder), faults=["log-flood"]) as drill, drill.app(columns=columns, rows=rows) as terminal:
        terminal.wait_for("roll back now")
        terminal.press_until("p", lambda: "lines left out" in terminal.text(), "the logs alone")
        keep(terminal, f"logs-flood{suffix}")


def keep_beside(suffix: str) -> None:
    """Keeps the pods of several namespaces, one of which may not be read, while a node is silent; and a neighbour's pod in full."""
    columns, rows = SIZES[suffix]
    faults = ["neighbours", "node-not-ready"]
    with tempfile.TemporaryDirectory() as folder, served(Path(folder), faults=faults) as drill, drill.app(columns=columns, rows=rows) as terminal:
        terminal.wait_for("What changed before")
        terminal.press_until("p", lambda: "CrashLoopBackOff" in terminal.text(), "the pods alone")
        terminal.wait_for("? vault", "nodes silent")
        keep(terminal, f"pods-namespaces{suffix}")
        terminal.press_until("enter", lambda: "Containers" in terminal.text(), "a pod in full")
        keep(terminal, f"pod-silent-node{suffix}")


def keep_faults() -> None:
    """Keeps two pictures of trouble: the API server away on the first screen, and during the stability watch."""
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as drill, drill.app() as terminal:
        terminal.wait_for("roll back now")
        drill.control.fault("api-down", seconds=60.0)
        terminal.wait_until(lambda screen: "server down" in screen, "that the API server is away")
        terminal.wait_until(lambda screen: "roll back now" not in screen, "that nothing is suggested without evidence")
        keep(terminal, "api-away")
    with tempfile.TemporaryDirectory() as folder, served(Path(folder), hold="60s") as drill, drill.app() as terminal:
        open_prompt(terminal)
        confirm(terminal, drill)
        drill.wait_for(Kind.WATCH_STARTED)
        terminal.wait_for("Stability", "12 of 12 ready")
        drill.control.fault("api-down", seconds=60.0)
        terminal.wait_until(lambda screen: "unknown, not good" in screen and "server down" in screen, "that silence counts as unknown")
        keep(terminal, "stability-api-away")


@contextmanager
def real_estate(directory: Path) -> Iterator[Drill]:
    """Serves the real estate of the default script, with a short stability watch."""
    with launch_real(directory) as estate:
        config = estate.endpoints.config_file
        config.write_text(config.read_text().replace("hold: 15m", "hold: 20s").replace("sample: 5s", "sample: 1s"))
        yield Drill(estate)


def main(arguments: list[str]) -> None:
    """Plays both sizes on each estate."""
    for suffix in SIZES:
        with tempfile.TemporaryDirectory() as folder, served(Path(folder), hold="20s") as drill:
            play(drill, suffix, "")
        keep_ways(suffix)
        keep_schema(suffix)
        keep_repair(suffix)
        keep_panes(suffix)
        keep_beside(suffix)
        if "--real" in arguments:
            with tempfile.TemporaryDirectory() as folder, real_estate(Path(folder)) as drill:
                play(drill, suffix, "real-")
    keep_faults()


if __name__ == "__main__":
    main(sys.argv[1:])
