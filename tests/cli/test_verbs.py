"""The plain verbs: output for pipes on stdout, sentences on stderr, true exit codes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gospel_rollback_tui import __version__
from gospel_rollback_tui.cli import run
from gospel_rollback_tui.domain.events import JOURNAL_VERSION, Kind
from gospel_rollback_tui.engine.clock import SystemClock
from gospel_rollback_tui.engine.journal_file import JournalFile
from gospel_rollback_tui.engine.run_folder import new_folder

EXAMPLE = Path(__file__).parent.parent.parent / "config.example.yaml"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Returns a configuration whose runs are kept in the test's own folder."""
    file = tmp_path / "config.yaml"
    file.write_text(f"runs_dir: {tmp_path / 'runs'}\n" + EXAMPLE.read_text().replace("\nruns_dir:", "\n# runs_dir:"))
    return file


def test_version_and_help_answer_without_a_configuration(capsys: pytest.CaptureFixture[str]) -> None:
    """Both work on a machine where nothing is set up."""
    with pytest.raises(SystemExit) as ended:
        run(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"gospel-rollback {__version__}\n"
    with pytest.raises(SystemExit) as ended:
        run(["--help"])
    assert "drill" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["--nonsense"], ["drill", "--estate", "other"], ["runs", "burn"]])
def test_what_the_grammar_does_not_know_ends_with_2(arguments: list[str]) -> None:
    """Usage errors are argparse's own."""
    with pytest.raises(SystemExit) as ended:
        run(arguments)
    assert ended.value.code == 2


def test_a_missing_configuration_ends_with_2_and_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    """The sentence names the file that was looked for, and the way out."""
    assert run(["runs"]) == 2
    said = capsys.readouterr().err
    assert "config.yaml" in said
    assert "config.example.yaml" in said
    assert "Nothing was changed." in said


def test_an_unknown_environment_ends_with_2(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The nearest name is offered."""
    assert run(["runbook", "bad-code", "--config", str(config), "--environment", "productoin"]) == 2
    assert "production" in capsys.readouterr().err


def test_not_a_terminal_ends_with_2(config: Path) -> None:
    """The screens are refused in a pipe, with the sentence on stderr and nothing drawn."""
    ended = subprocess.run(
        [sys.executable, "-m", "gospel_rollback_tui", "--config", str(config)], stdin=subprocess.DEVNULL, capture_output=True, text=True, env={**os.environ}
    )
    assert ended.returncode == 2
    assert "not a terminal" in ended.stderr
    assert ended.stdout == ""


def test_check_proves_the_packaged_runbooks(capsys: pytest.CaptureFixture[str]) -> None:
    """One line a runbook."""
    assert run(["check"]) == 0
    assert [line.partition(":")[0] for line in capsys.readouterr().out.splitlines()] == [
        "bad-code",
        "bad-code-reversible-migration",
        "bad-code-irreversible-migration",
        "infrastructure",
        "corrupted-graph",
        "total-failure",
    ]


def test_check_refuses_a_broken_runbook_with_file_and_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A step that names an action nobody has is told by file:line."""
    step = "{id: a, title: T, why: W, action: deployment.explode, timeout: 1m}"
    head = "id: bad-code\ntitle: T\nsummary: S\nobjective: 2m\n"
    (tmp_path / "bad-code.yaml").write_text(f"{head}paths:\n  - id: p\n    title: P\n    summary: S\n    steps:\n      - {step}\n")
    assert run(["check", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert "bad-code.yaml:10" in said
    assert "deployment.explode" in said


def test_runbook_prints_ids_and_then_a_procedure_with_the_estates_names(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Offline: no cluster is asked, and no placeholder is left."""
    assert run(["runbook", "--config", str(config)]) == 0
    assert capsys.readouterr().out.splitlines()[0].startswith("bad-code\t")
    assert run(["runbook", "infrastructure", "--config", str(config)]) == 0
    printed = capsys.readouterr().out
    assert "gospelib-terraform-state" in printed
    assert run(["runbook", "nothing", "--config", str(config)]) == 2


def test_drill_list_is_made_for_pipes(capsys: pytest.CaptureFixture[str]) -> None:
    """Kind, name, words, one a line."""
    assert run(["drill", "--list"]) == 0
    kinds = {line.split("\t")[0] for line in capsys.readouterr().out.splitlines()}
    assert kinds == {"scenario", "script", "fault"}


@pytest.mark.parametrize(
    "arguments",
    [["--script", "nope"], ["--fault", "nope"], ["--scenario", "nope"], ["--scenario", "infrastructure", "--script", "crash-loop"]],
)
def test_a_drill_that_does_not_exist_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """The sentence names those there are, or the contradiction."""
    assert run(["drill", "--serve", *arguments]) == 2
    assert "gospel-rollback:" in capsys.readouterr().err


def written_run(runs_dir: Path) -> Path:
    """Writes a small run and returns its folder."""
    folder = new_folder(runs_dir, 1_800_000_000.0)
    journal = JournalFile.create(folder, SystemClock())
    opened = {"version": JOURNAL_VERSION, "run": folder.name[9:], "environment": "production", "operator": "ann", "host": "jump"}
    opened |= {"server": "https://cluster.test", "identity": "oncall", "symptom": None, "symptom_failing": False}
    opened |= {"onset": 0.0, "first_paint": 0.0, "read_only": False}
    journal.append(Kind.RUN_OPENED, opened)
    chosen = {"scenario": "bad-code", "path": "patch", "runbook": "Bad code", "digest": "d", "steps": [], "objective": 120.0}
    journal.append(Kind.CHOSEN, {**chosen, "why": "it fits", "evidence": [], "override": "", "inputs": {}})
    journal.append(Kind.NOTE, {"text": "users call", "who": "ann"})
    journal.close()
    return folder


def test_runs_are_listed_shown_and_their_chain_checked(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A run is found by its short id; the timeline reads as sentences; the chain holds."""
    folder = written_run(tmp_path / "runs")
    name = folder.name[9:]
    assert run(["runs", "--config", str(config)]) == 0
    assert capsys.readouterr().out.split("\t")[0] == name
    assert run(["runs", "show", name, "--config", str(config)]) == 0
    assert "note by ann: users call" in capsys.readouterr().out
    assert run(["runs", "verify", name, "--config", str(config)]) == 0
    assert "3 records, the chain holds" in capsys.readouterr().out
    assert run(["runs", "list", "--json", "--config", str(config)]) == 0
    assert json.loads(capsys.readouterr().out)[0]["environment"] == "production"


def test_an_edited_journal_is_found_out(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Changing one word of the record breaks its hash, by file and line."""
    folder = written_run(tmp_path / "runs")
    journal = folder / "journal.jsonl"
    journal.write_text(journal.read_text().replace("users call", "all is well"))
    assert run(["runs", "verify", folder.name, "--config", str(config)]) == 1
    assert f"{journal}:3:" in capsys.readouterr().out


def test_an_unknown_run_and_a_missing_id_say_what_to_do(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither is a traceback."""
    assert run(["runs", "show", "--config", str(config)]) == 2
    assert run(["runs", "show", "none", "--config", str(config)]) == 2
    assert run(["runs", "verify", "none", "--config", str(config)]) == 2
    assert "gospel-rollback runs" in capsys.readouterr().err
