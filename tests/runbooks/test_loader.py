"""A team's own runbooks: laid over the packaged ones, and refused with file and line where they are wrong."""

from pathlib import Path

import pytest
import yaml

from gospel_rollback_tui.actions.catalogue import CATALOGUE
from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.errors import RunbookError
from gospel_rollback_tui.runbooks.loader import examine, load_library

GOOD = """\
id: bad-code
title: Our own
summary: Shorter.
objective: 5m
asks:
  ticket:
    question: Which ticket?
    pattern: "[A-Z]+-[0-9]+"
    example: OPS-1
shared:
  - id: note
    title: Note it
    why: So that it is known.
    action: manual
    danger: reversible
    timeout: 5m
    commands: ["ticket note {ticket} {cluster.namespace}"]
    look_for: The note is there.
    undo: Delete it.
groups:
  all: {steps: [note, stability]}
paths:
  - id: only
    title: The only way
    summary: Notes it.
    suited: {symptom.failing: true}
    steps:
      - id: undo
        title: Undo
        why: Because.
        action: deployment.undo
        danger: disruptive
        timeout: 5m
        with: {services: gateway}
      - all
"""

SEVENTH_ROW = """\
  - id: full-disk
    number: 7
    title: Full disk
    objective: < 5 minutes
    rules:
      - {fact: quota.exceeded, is: true, weight: strong-for, words: a quota is used up}"""

_FOLDER = Path(__file__).parent
CASES: list[dict[str, str]] = yaml.safe_load((_FOLDER / "refusals.yaml").read_text(encoding="utf-8"))
MATRIX_CASES: list[dict[str, str]] = yaml.safe_load((_FOLDER / "matrix_refusals.yaml").read_text(encoding="utf-8"))


def written(folder: Path, text: str, name: str = "bad-code.yaml") -> Path:
    """Writes a runbook into the folder and returns the folder."""
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def complaints(folder: Path) -> list[str]:
    """Returns every complaint about the folder as `file:line: text`, without the folder's own path."""
    return [str(problem).replace(f"{folder}/", "") for problem in examine(CATALOGUE, folder)[1]]


def test_a_good_runbook_overrides_the_packaged_one(tmp_path: Path) -> None:
    """The others stay, and the shared steps are there for it."""
    library = load_library(CATALOGUE, written(tmp_path, GOOD))
    assert len(library.runbooks) == 6
    runbook = library.runbook("bad-code")
    assert (runbook.title, runbook.objective, runbook.file) == ("Our own", 300.0, str(tmp_path / "bad-code.yaml"))
    path = runbook.path("only")
    assert path.automated
    assert path.suited == (("symptom.failing", "true"),)
    assert [step.id for step in path.steps] == ["undo", "note", "stability"]
    assert path.step("undo").danger is Danger.DISRUPTIVE
    assert path.step("undo").parameters == (("services", "gateway"),)
    assert [ask.name for ask in path.step("note").asks] == ["ticket"]
    assert path.step("note").line == 11
    assert runbook.digest != load_library(CATALOGUE).runbook("bad-code").digest


def test_a_digest_changes_with_the_text(tmp_path: Path) -> None:
    """A run can say which text it followed."""
    first = load_library(CATALOGUE, written(tmp_path, GOOD)).runbook("bad-code").digest
    second = load_library(CATALOGUE, written(tmp_path, GOOD + "# one comment more\n")).runbook("bad-code").digest
    assert first != second
    assert len(first) == 64


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["told"])[:60])
def test_a_broken_rule_is_refused_with_its_line(case: dict[str, str], tmp_path: Path) -> None:
    """One edit, one complaint at its place, with what to write instead."""
    assert case["instead of"] in GOOD
    told = complaints(written(tmp_path, GOOD.replace(case["instead of"], case["write"], 1)))
    assert any(line.startswith(case["told"]) for line in told), told


def test_two_paths_of_one_name_are_refused(tmp_path: Path) -> None:
    """A run names its path."""
    again = GOOD[GOOD.index("  - id: only") :]
    told = complaints(written(tmp_path, GOOD + again))
    assert any("paths: two are called 'only'" in line for line in told)


def test_every_complaint_is_told_at_once(tmp_path: Path) -> None:
    """One error with a line for each, in the order of files and lines."""
    broken = GOOD.replace("deployment.undo", "deployment.redo").replace("objective: 5m", "objective: soon").replace("look_for", "lookfor")
    with pytest.raises(RunbookError) as caught:
        load_library(CATALOGUE, written(tmp_path, broken))
    told = str(caught.value).splitlines()
    assert [line.split(":")[1] for line in told] == sorted((line.split(":")[1] for line in told), key=int)
    assert len(told) >= 4
    assert all(line.startswith(str(tmp_path)) for line in told)
    assert "Nothing was changed." in caught.value.sentences()


@pytest.mark.parametrize(
    "content",
    [b"", b"- a\n", b"id: [\n", b"\xff\xfe", b"just words", b"a: &a [*a]\n", b"id: bad-code\n\tx: y\n", b"\x00", b"id: !!python/object:os.system {}\n"],
)
def test_what_is_no_runbook_is_told_without_a_traceback(content: bytes, tmp_path: Path) -> None:
    """Empty, a list, broken, not text, circular, with tabs, or with tags: a sentence each."""
    (tmp_path / "bad-code.yaml").write_bytes(content)
    told = complaints(tmp_path)
    assert told
    assert all(line.startswith("bad-code.yaml") for line in told)


def test_a_scenario_without_a_row_is_refused_and_one_with_a_row_is_added(tmp_path: Path) -> None:
    """A seventh scenario needs a row of its own in the team's matrix."""
    seventh = GOOD.replace("id: bad-code\n", "id: full-disk\n")
    told = complaints(written(tmp_path, seventh, "full-disk.yaml"))
    assert any(line.startswith("full-disk.yaml:1: unknown scenario 'full-disk': no row of matrix.yaml has that id; rows: bad-code,") for line in told)
    packaged = Path(load_library(CATALOGUE).runbooks[0].file).parent / "matrix.yaml"
    written(tmp_path, packaged.read_text(encoding="utf-8").replace("\nrows:", f"\nrows:\n{SEVENTH_ROW}", 1), "matrix.yaml")
    assert load_library(CATALOGUE, tmp_path).matrix.row("full-disk").number == 7


def test_a_row_without_a_runbook_is_refused(tmp_path: Path) -> None:
    """The wizard must never lead to nothing."""
    packaged = Path(load_library(CATALOGUE).runbooks[0].file).parent / "matrix.yaml"
    written(tmp_path, packaged.read_text(encoding="utf-8").replace("id: total-failure", "id: end-of-days"), "matrix.yaml")
    told = complaints(tmp_path)
    assert "end-of-days.yaml: is missing: row 6 of the matrix has no runbook" in told


@pytest.mark.parametrize("case", MATRIX_CASES, ids=lambda case: str(case["told"])[:60])
def test_a_broken_matrix_is_refused(case: dict[str, str], tmp_path: Path) -> None:
    """Facts, weights, answers and numbers are held against their rules."""
    packaged = (Path(load_library(CATALOGUE).runbooks[0].file).parent / "matrix.yaml").read_text(encoding="utf-8")
    assert case["instead of"] in packaged
    told = complaints(written(tmp_path, packaged.replace(case["instead of"], case["write"], 1), "matrix.yaml"))
    assert any(line.startswith("matrix.yaml:") and case["told"] in line for line in told), told


def test_a_folder_that_is_none_or_holds_none_is_refused(tmp_path: Path) -> None:
    """`check DIR` says what is the matter with DIR."""
    assert complaints(tmp_path / "nowhere") == [f"{tmp_path}/nowhere: is no folder of runbooks that can be read: No such file or directory"]
    (tmp_path / "notes.txt").write_text("hello", encoding="utf-8")
    assert complaints(tmp_path) == [f"{tmp_path}: holds no runbook: no file there ends in .yaml"]
    (tmp_path / "bad-code.yml").write_text(GOOD, encoding="utf-8")
    assert complaints(tmp_path) == ["bad-code.yml: would be passed over; name it bad-code.yaml"]


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """A folder in a runbook's place is no runbook."""
    (tmp_path / "bad-code.yaml").mkdir()
    assert complaints(tmp_path) == ["bad-code.yaml: cannot be read: Is a directory"]


def test_a_broken_common_file_does_not_drown_its_own_complaint(tmp_path: Path) -> None:
    """The runbooks that name its steps are not complained about as well."""
    told = complaints(written(tmp_path, "shared: [\n", "common.yaml"))
    assert told
    assert all("common.yaml" in line for line in told), told
