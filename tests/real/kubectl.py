"""kubectl against a drill that is served by the installed verb in a process of its own."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gospel_rollback_tui.drill.control_client import ControlClient
from gospel_rollback_tui.drill.real.peers import Peers

SECONDS = 120.0
"""What one command may take on a loaded machine."""


@dataclass(frozen=True, slots=True)
class Told:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """What it printed, by line."""
        return self.out.splitlines()


@dataclass(frozen=True, slots=True)
class Kubectl:
    """The peers' kubectl with nothing of the caller's environment but what the served drill printed."""

    program: Path
    home: Path
    exports: dict[str, str]

    @property
    def kubeconfig(self) -> Path:
        """The kubeconfig that the drill hands out."""
        return Path(self.exports["KUBECONFIG"])

    @property
    def control(self) -> ControlClient:
        """The served estate's control endpoint."""
        return ControlClient(self.exports["GOSPEL_ROLLBACK_DRILL_CONTROL"], self.exports["GOSPEL_ROLLBACK_DRILL_NONCE"])

    def __call__(self, *arguments: str, stdin: str = "", kubeconfig: Path | None = None) -> Told:
        """Runs a command to its end."""
        done = subprocess.run(
            [str(self.program), *arguments], input=stdin, capture_output=True, text=True, env=self._environment(kubeconfig), timeout=SECONDS, check=False
        )
        return Told(done.returncode, done.stdout, done.stderr)

    def as_administrator(self, *arguments: str, stdin: str = "") -> Told:
        """Runs a command as somebody who may do everything."""
        return self(*arguments, stdin=stdin, kubeconfig=self.kubeconfig.parent / "cluster" / "admin.kubeconfig")

    @contextmanager
    def lines(self, *arguments: str) -> Iterator[Iterator[str]]:
        """Runs a command that does not end by itself, and hands out its lines; it ends with the block."""
        process = subprocess.Popen([str(self.program), *arguments], stdout=subprocess.PIPE, text=True, env=self._environment(None))
        assert process.stdout is not None
        try:
            yield (line.rstrip("\n") for line in process.stdout)
        finally:
            process.terminate()
            process.wait()
            process.stdout.close()

    def _environment(self, kubeconfig: Path | None) -> dict[str, str]:
        return {"PATH": "/usr/bin:/bin", "HOME": str(self.home), **self.exports, **({"KUBECONFIG": str(kubeconfig)} if kubeconfig else {})}


def said(told: Told, text: str) -> None:
    """Checks that a command succeeded with exactly that line."""
    assert (told.code, told.out, told.err) == (0, text + "\n", "")


def refused(told: Told, text: str) -> None:
    """Checks that a command failed with exactly that line."""
    assert (told.code, told.out, told.err) == (1, "", text + "\n")


def columns(told: Told) -> list[list[str]]:
    """Returns a table's cells; columns are two blanks apart."""
    assert told.code == 0, told.err
    return [re.split(r" {2,}", line.strip()) for line in told.lines]


@contextmanager
def served_to_kubectl(peers: Peers, home: Path, script: str) -> Iterator[Kubectl]:
    """Serves a script by `gospel-rollback drill --serve`, reads the lines it prints as a shell would, and ends it by SIGTERM."""
    verb = Path(sys.executable).with_name("gospel-rollback")
    environment = {**os.environ, "HOME": str(home), "TMPDIR": str(home)}
    process = subprocess.Popen([str(verb), "drill", "--serve", "--script", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        exports: dict[str, str] = {}
        while "NO_PROXY" not in exports:
            line = process.stdout.readline()
            assert line, process.stderr.read()
            name, _, value = line.removeprefix("export ").strip().partition("=")
            exports[name] = value
        yield Kubectl(peers.program("kubectl"), home, exports)
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()
        process.stderr.close()
