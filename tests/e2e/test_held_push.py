"""A runner that is killed while its push is under way: the next one asks the remote what became of it, and nothing is pushed twice."""

import os
import signal
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from gospel_rollback_tui.domain.events import Kind
from tests.drill.waiting import wait_for
from tests.e2e.delivering import GIT, go_on, head, prepare, take_way, verified
from tests.e2e.drilling import Drill, served
from tests.e2e.terminal import Terminal


class HeldPush:
    """A hook of the remote that keeps every push waiting until it is let go."""

    def __init__(self, drill: Drill, hook: str, folder: Path) -> None:
        """Installs it: `pre-receive` waits before the branch moves, `post-receive` behind it, before git answers."""
        self._arrived, self._go = folder / "arrived", folder / "go"
        self.bare = Path(urlsplit(drill.endpoints.git_url).path)
        path = self.bare / "hooks" / hook
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\ncat > /dev/null\necho push >> {self._arrived}\nwhile [ ! -e {self._go} ]; do sleep 0.05; done\n")
        path.chmod(0o755)

    def wait(self) -> None:
        """Waits until a push is held."""
        wait_for(self._arrived.exists)

    def let_go(self) -> None:
        """Lets this push, and every later one, go on."""
        self._go.touch()

    @property
    def pushes(self) -> int:
        """How many pushes have come to the remote."""
        return len(self._arrived.read_text().splitlines())

    def trailers(self) -> list[str]:
        """Returns the runs' trailers on the branch."""
        argv = ["git", "-C", str(self.bare), "log", "--format=%(trailers:key=Gospel-Rollback-Run,valueonly,separator=)", "main"]
        return subprocess.run(argv, capture_output=True, text=True, check=True).stdout.split()


def _kill_the_runner_in_the_push(drill: Drill, terminal: Terminal, held: HeldPush) -> None:
    take_way(terminal, drill, GIT)
    prepare(terminal, "PUSH main")
    terminal.press_until("y", lambda: drill.has(Kind.INTENT), "a push on its way")
    held.wait()
    os.kill(int(drill.wait_for(Kind.RUNNER).data["pid"]), signal.SIGKILL)
    assert not drill.has(Kind.RESULT)


@pytest.mark.parametrize("hook", ["pre-receive", "post-receive"])
def test_a_runner_killed_in_its_push_is_followed_by_one_that_finds_it(tmp_path: Path, hook: str) -> None:
    """Whether the branch had moved by then or moves only later: attached, found on the remote, verified, one push and one confirmation."""
    with served(tmp_path / "estate") as drill:
        was, held = head(drill), HeldPush(drill, hook, tmp_path)
        with drill.app() as terminal:
            _kill_the_runner_in_the_push(drill, terminal, held)
        assert (head(drill) != was) is (hook == "post-receive")
        with drill.app() as again:
            again.wait_until(lambda _screen: drill.resumed(), "the run taken up again")
            held.let_go()
            verified(drill, "restore", 120.0)
            go_on(again, drill, "sync")
        assert held.pushes == 1
        assert len(held.trailers()) == 1
        assert [drill.count(kind) for kind in (Kind.INTENT, Kind.RESULT)] == [1, 0]
