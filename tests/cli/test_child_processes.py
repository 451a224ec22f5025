"""The program's own processes import nothing from the folder they are started in."""

import re
import subprocess
from pathlib import Path

import gospel_rollback_tui
from gospel_rollback_tui.cli.arguments import options_of
from gospel_rollback_tui.cli.grammar import parse
from gospel_rollback_tui.cli.runs import runner_command
from tests.diagnosis.scenes import ENVIRONMENT

PACKAGE = Path(gospel_rollback_tui.__file__).parent


def test_a_runner_imports_nothing_from_the_current_folder(tmp_path: Path) -> None:
    """A file named like a module of the standard library, left there by anybody, is not run."""
    (tmp_path / "json.py").write_text("print('taken over')\n")
    (tmp_path / "argparse.py").write_text("print('taken over')\n")
    command = runner_command(options_of(parse([])), ENVIRONMENT, "config.yaml")
    start = command[: command.index("_runner")]
    ended = subprocess.run([*start, "--version"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ended.stdout.startswith("gospel-rollback ")


def test_every_python_is_started_without_the_current_folder_on_its_path() -> None:
    """Nowhere in the package is a module run without -P."""
    starts = [start for file in PACKAGE.rglob("*.py") for start in re.findall(r'sys\.executable,(?: "-P",)? "-m"', file.read_text())]
    assert starts
    assert all('"-P"' in start for start in starts)
