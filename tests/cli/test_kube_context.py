"""A kubeconfig that lacks the environment's context is said before the screen."""

import os
import pty
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from gospel_rollback_tui.cli.kube_context import check_context
from gospel_rollback_tui.domain.errors import ConfigurationError
from gospel_rollback_tui.domain.estate import Cluster
from tests.cli.test_verbs import EXAMPLE, written_run
from tests.e2e.terminal import Terminal
from tests.ui.test_safe_run import read_until

CLUSTER = Cluster("production", "gospelib")


def _kubeconfig(file: Path, *contexts: str) -> Path:
    file.write_text("contexts:\n" + "".join(f"- name: {name}\n  context: {{}}\n" for name in contexts))
    return file


def test_a_context_in_any_of_the_files_is_found(tmp_path: Path) -> None:
    """KUBECONFIG may name several, some of them missing; the current context stands in for none."""
    one, other = _kubeconfig(tmp_path / "one", "staging"), _kubeconfig(tmp_path / "other", "production")
    check_context(CLUSTER, {"KUBECONFIG": f"{one}:{tmp_path / 'missing'}:{other}"})
    other.write_text("current-context: production\n" + other.read_text())
    check_context(Cluster("", "gospelib"), {"KUBECONFIG": f"{one}:{other}"})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "no kubeconfig is there"),
        ("contexts: [{name: staging}]", "there is no context 'production'; known: staging"),
        ("contexts: null", "known: none"),
        ("a list: [", "is not YAML"),
    ],
)
def test_a_kubeconfig_without_the_context_says_what_there_is(tmp_path: Path, text: str | None, words: str) -> None:
    """With the file, and what to do."""
    file = tmp_path / "config"
    if text is not None:
        file.write_text(text)
    with pytest.raises(ConfigurationError, match=words) as raised:
        check_context(CLUSTER, {"KUBECONFIG": str(file)})
    assert str(file) in raised.value.sentences()


def _on_a_terminal(environ: Mapping[str, str]) -> tuple[int, bytes]:
    ours, theirs = pty.openpty()
    program = subprocess.Popen(
        [sys.executable, "-m", "gospel_rollback_tui", "--config", str(EXAMPLE)], stdin=theirs, stdout=theirs, stderr=theirs, env=environ, start_new_session=True
    )
    os.close(theirs)
    try:
        return program.wait(60), read_until(ours, b"KUBECONFIG at")
    finally:
        program.kill()
        os.close(ours)


def test_an_open_run_is_followed_without_a_kubeconfig(tmp_path: Path) -> None:
    """Its record is on this machine: the screen shows it, says that its runner is gone, and starts none that could see nothing."""
    config = tmp_path / "config.yaml"
    config.write_text(f"runs_dir: {tmp_path / 'runs'}\n" + EXAMPLE.read_text().replace("\nruns_dir:", "\n# runs_dir:"))
    folder = written_run(tmp_path / "runs")
    with Terminal(["--config", str(config)], environ={"KUBECONFIG": str(tmp_path / "none")}) as terminal:
        terminal.wait_for(folder.name[9:], "The runner of this run is gone")
        terminal.press_until("q", lambda: terminal.process.poll() is not None, "the way out")
    assert not (folder / "runner.json").exists()
    assert [entry.name for entry in folder.parent.iterdir() if entry.is_dir()] == [folder.name]


def test_an_unknown_context_ends_with_2_before_the_screen(tmp_path: Path) -> None:
    """Nothing is drawn."""
    file = _kubeconfig(tmp_path / "config", "somewhere-else")
    code, said = _on_a_terminal({**os.environ, "TERM": "xterm-256color", "KUBECONFIG": str(file)})
    assert code == 2
    assert b"known: somewhere-else" in said
    assert b"\x1b[?1049h" not in said
