"""Loads the library of runbooks and proves it: every complaint at once, each with file and line."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath

from gospel_rollback_tui.domain.document import Problem, compose
from gospel_rollback_tui.domain.errors import RunbookError
from gospel_rollback_tui.domain.runbook import ActionSpec, Ask, Library, Matrix, Path, Runbook
from gospel_rollback_tui.domain.schema import Mention, Reader, Record
from gospel_rollback_tui.runbooks.keys import COMMON_KEYS, MATRIX_KEYS, RUNBOOK_KEYS
from gospel_rollback_tui.runbooks.matrix import build_matrix, check_fact
from gospel_rollback_tui.runbooks.sequences import Shared, check_groups, groups_of
from gospel_rollback_tui.runbooks.sources import COMMON, MATRIX, Source, gather
from gospel_rollback_tui.runbooks.steps import StepBuilder, build_asks


@dataclass(slots=True)
class _Shelf:
    """What the files of a library have in common while they are read."""

    catalogue: Mapping[str, ActionSpec]
    matrix: Matrix = field(default_factory=lambda: Matrix((), ()))
    common: Shared = field(default_factory=Shared)
    common_asks: dict[str, Ask] = field(default_factory=dict)
    common_content: bytes = b""
    common_record: Record | None = None
    asked: set[str] = field(default_factory=set)
    """Names of the asks that any step uses."""
    problems: list[Problem] = field(default_factory=list)


def load_library(catalogue: Mapping[str, ActionSpec], extra_dir: FilePath | None = None) -> Library:
    """Returns the packaged runbooks, overridden and added to by those of `extra_dir`.

    Raises:
        RunbookError: Something breaks a rule; the text lists every complaint as `file:line: text`, one a line.
    """
    library, problems = examine(catalogue, extra_dir)
    if problems:
        first, *others = problems
        text = "\n".join([first.text, *(str(problem) for problem in others)])
        raise RunbookError(text, file=first.file, line=first.line, next_step="`gospel-rollback check` lists what is wrong with runbooks.")
    return library


def examine(catalogue: Mapping[str, ActionSpec], extra_dir: FilePath | None = None) -> tuple[Library, tuple[Problem, ...]]:
    """Returns as much of the library as could be read, and everything that is wrong with it, by file and line.

    Runbooks cannot be judged without the matrix and the shared steps: where these cannot be read, only that is told.
    """
    sources, problems = gather(extra_dir)
    shelf = _Shelf(catalogue, problems=problems)
    _read_matrix(sources.pop(MATRIX), shelf)
    common = sources.pop(COMMON)
    _read_common(common, shelf)
    if shelf.common_record is None or not shelf.matrix.rows:
        return Library(shelf.matrix, ()), tuple(sorted(set(problems)))
    runbooks = {source.name: _read_runbook(source, shelf) for source in sources.values()}
    _check_common_asks(common, shelf)
    for row in shelf.matrix.rows:
        if row.id not in runbooks:
            problems.append(Problem(f"{row.id}.yaml", 0, f"is missing: row {row.number} of the matrix has no runbook"))
    order = [row.id for row in shelf.matrix.rows]
    found = [runbook for runbook in runbooks.values() if runbook is not None]
    found.sort(key=lambda runbook: order.index(runbook.id) if runbook.id in order else len(order))
    return Library(shelf.matrix, tuple(found)), tuple(sorted(set(problems)))


def _open(source: Source, shelf: _Shelf) -> tuple[Reader, Record | None]:
    keys = {MATRIX: MATRIX_KEYS, COMMON: COMMON_KEYS}.get(source.name, RUNBOOK_KEYS)
    reader = Reader(source.file)
    node = compose(source.content, source.file)
    if isinstance(node, Problem):
        shelf.problems.append(node)
        return reader, None
    return reader, reader.section(node, keys)


def _read_matrix(source: Source, shelf: _Shelf) -> None:
    reader, record = _open(source, shelf)
    if record is not None:
        shelf.matrix = build_matrix(record, reader)
    shelf.problems += reader.problems


def _read_common(source: Source, shelf: _Shelf) -> None:
    reader, record = _open(source, shelf)
    if record is not None:
        asks = build_asks(record.get("asks", ()), reader)
        shelf.common_asks = asks
        shelf.common, builder = _shared(record, reader, shelf, asks)
        shelf.common_content = source.content
        shelf.asked |= builder.asked
    shelf.common_record = record
    shelf.problems += reader.problems


def _check_common_asks(source: Source, shelf: _Shelf) -> None:
    """Complains about common asks that no file uses."""
    if shelf.common_record is not None:
        reader = Reader(source.file)
        _unused(shelf.common_record, shelf.common_asks, shelf.asked, reader)
        shelf.problems += reader.problems


def _read_runbook(source: Source, shelf: _Shelf) -> Runbook | None:
    reader, record = _open(source, shelf)
    runbook = _build_runbook(source, record, reader, shelf) if record is not None else None
    shelf.problems += reader.problems
    return runbook


def _build_runbook(source: Source, record: Record, reader: Reader, shelf: _Shelf) -> Runbook | None:
    scenario = record.get("id", source.name)
    if scenario != source.name:
        reader.fault(record.line_of("id"), f"id {scenario!r} and file name differ; call the file {scenario}.yaml")
    if all(row.id != scenario for row in shelf.matrix.rows):
        known = ", ".join(row.id for row in shelf.matrix.rows)
        reader.fault(record.line_of("id"), f"unknown scenario {scenario!r}: no row of matrix.yaml has that id; rows: {known}")
    own_asks = build_asks(record.get("asks", ()), reader)
    asks = {**shelf.common_asks, **own_asks}
    shared, builder = _shared(record, reader, shelf, asks)
    entries: tuple[Record, ...] = record.get("paths", ())
    paths = tuple(path for entry in entries if (path := _path(entry, shared, builder, reader, shelf)) is not None)
    seen: set[str] = set()
    for entry in entries:
        if entry.get("id") in seen:
            reader.fault(entry.line_of("id"), f"paths: two are called {entry.get('id')!r}; rename one")
        seen.add(entry.get("id"))
    _unused(record, own_asks, builder.asked, reader)
    shelf.asked |= builder.asked
    if not all(record.get(name) for name in ("title", "summary")):
        return None
    digest = hashlib.sha256(source.content + shelf.common_content).hexdigest()
    return Runbook(scenario, record.get("title"), record.get("summary"), record.get("objective", 0.0), paths, source.file, digest)


def _shared(record: Record, reader: Reader, shelf: _Shelf, asks: Mapping[str, Ask]) -> tuple[Shared, StepBuilder]:
    """Returns the shared steps and groups of a file over the common ones, and the builder of its steps."""
    builder = StepBuilder(reader, shelf.catalogue, asks)
    steps = {}
    for entry in record.get("shared", ()):
        name = entry.get("id")
        if name in steps:
            reader.fault(entry.line_of("id"), f"shared: two steps are called {name!r}; rename one")
        steps[name] = builder.build(entry, "shared")
    own = groups_of(record.get("groups", ()))
    shared = Shared(steps, own).over(shelf.common)
    check_groups(own, shared, reader)
    return shared, builder


def _path(record: Record, shared: Shared, builder: StepBuilder, reader: Reader, shelf: _Shelf) -> Path | None:
    if not all(record.get(name) for name in ("id", "title", "summary")):
        return None
    place = f"paths.{record.get('id')}"
    for fact, _ in record.get("suited", ()):
        check_fact(fact, dict(shelf.matrix.facts), record.line_of("suited"), place, reader)
    steps = []
    seen: set[str] = set()
    for entry in record.get("steps", ()):
        if isinstance(entry, Mention):
            if not shared.knows(entry.name):
                shared.unknown(entry, place, reader)
            found = shared.expand(entry.name)
        else:
            built = builder.build(entry, place)
            found = [built] if built else []
        for step in found:
            if step.id in seen:
                reader.fault(entry.line, f"{place}: two steps are called {step.id!r}; rename one or leave one out")
            seen.add(step.id)
        steps += found
    if "steps" in record.lines and not record.get("steps"):
        reader.fault(record.line_of("steps"), f"{place}: has no steps")
    first = next((step for step in steps if step.danger), None)
    return Path(
        id=record.get("id"),
        title=record.get("title"),
        summary=record.get("summary"),
        steps=tuple(steps),
        suited=tuple((fact, str(value).lower()) for fact, value in record.get("suited", ())),
        reverted_by=record.get("reverted_by", ""),
        automated=first is not None and shelf.catalogue[first.action].automated,
    )


def _unused(record: Record, asks: Mapping[str, Ask], asked: set[str], reader: Reader) -> None:
    """Complains about asks that no step uses."""
    for name, entry in record.get("asks", ()):
        if name in asks and name not in asked:
            reader.fault(entry.line, f"asks.{name}: no step uses it; use it as {{{name}}} or leave it out")
