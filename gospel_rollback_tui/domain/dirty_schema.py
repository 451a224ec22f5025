"""What a dirty version means: which file failed, what of it took effect by the catalogue's own word, and which version is then true.

golang-migrate writes the version that a step leads to, dirty, before it runs the file, and clean after: a failed step down
from 7 to 6 leaves 6 while the schema is usually still 7, and a failed step up to 7 leaves 7 while it is usually still 6.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from gospel_rollback_tui.domain.databases import Column, has_column
from gospel_rollback_tui.domain.migrations.classification import Classified, classify
from gospel_rollback_tui.domain.migrations.files import MigrationFolder

_OBJECTS = ("table", "materialized view")

Gone = tuple[str, str]
"""Table and column that a down removes; an empty column: the table itself."""


@dataclass(frozen=True, slots=True)
class DirtyJudgement:
    """What is true of a dirty schema."""

    version: int | None
    """Where the schema really is; None: in between, or nobody can tell."""
    words: str
    """What took effect and how that is known, in sentences."""


def removed_by(classified: Classified) -> tuple[Gone, ...]:
    """Returns the tables and columns that a migration's down takes away, or gives another name, as far as the catalogue can be asked for them.

    Where a file sets the search path, nobody can tell which table a name without a schema meant.
    """
    return removed_by_all((classified,))


def removed_by_all(crossing: Collection[Classified]) -> tuple[Gone, ...]:
    """Returns what the downs of several migrations take away together: no name that one of them gives, since another may have taken it."""
    given = {(table, name) if column else (name, "") for each in crossing for table, column, name in each.down_renames}
    return tuple(dict.fromkeys(one for each in crossing for one in _taken_away(each) if one not in given))


def _taken_away(classified: Classified) -> Iterator[Gone]:
    led = "search_path" in f"{classified.migration.up}{classified.migration.down}".lower()
    for loss in classified.down_losses:
        if (not led or "." in loss.table) and loss.how.upper().startswith("DROP") and loss.what in _OBJECTS:
            yield loss.table, loss.column
    for table, column, _ in classified.down_renames:
        if not led or "." in table:
            yield table, column


def gone_words(objects: Collection[Gone]) -> str:
    """Returns the objects in a row, e.g. `invoices.tax, table plans`."""
    return ", ".join(f"{table}.{column}" if column else f"table {table}" for table, column in objects)


def judge_dirty(folder: MigrationFolder, dirty: int, columns: Collection[Column]) -> DirtyJudgement:
    """Returns where a schema really is that says `dirty`, held against what its columns show.

    Args:
        folder: The migrations of the release that was let out last.
        dirty: The version in the table, whose flag is set.
        columns: Every column that the database has now.
    """
    above = next((each for each in folder.migrations if each.version > dirty), None)
    if above is not None:
        found = _down(classify(above), dirty, columns)
        if found is not None:
            return found
    here = folder.migration(dirty)
    if here is None:
        return DirtyJudgement(None, f"No migration of this release is version {dirty}, so nobody can tell which file failed.")
    below = max((each.version for each in folder.migrations if each.version < dirty), default=None)
    silent = above.version if above is not None and not removed_by(classify(above)) else None
    return _up(classify(here), below, silent, columns)


def _split(objects: Collection[Gone], columns: Collection[Column]) -> tuple[list[Gone], list[Gone]]:
    """Returns what of the objects is there, and what is not."""
    there = [one for one in objects if has_column(columns, *one)]
    return there, [one for one in objects if one not in there]


def _down(above: Classified, dirty: int, columns: Collection[Column]) -> DirtyJudgement | None:
    """Returns what a failed step down to the dirty version left; None: the step before it was another one."""
    version, file = above.migration.version, above.migration.file("down")
    there, gone = _split(removed_by(above), columns)
    if not there and not gone:
        return None
    if not gone:
        safe = "" if above.down_transactional else " It holds statements that no transaction covers, so look at what else it changes."
        words = f"{file} has not taken effect: {gone_words(there)} is still there. The schema is still at {version}; only the mark says {dirty}.{safe}"
        return DirtyJudgement(version if above.down_transactional else None, words)
    if there:
        return DirtyJudgement(None, f"{file} has taken effect in part: {gone_words(gone)} is gone, {gone_words(there)} is still there.")
    return None


def _up(here: Classified, below: int | None, silent: int | None, columns: Collection[Column]) -> DirtyJudgement:
    """Returns what a failed step up to the dirty version left, or a step down to it that took effect as a whole.

    `silent` is the version above if the catalogue would not show it.
    """
    version, file = here.migration.version, here.migration.file("up")
    there, gone = _split(removed_by(here), columns)
    if not there and not gone:
        return DirtyJudgement(None, f"Nothing in the catalogue tells whether version {version} took effect: its files add no table and no column.")
    if not there:
        where = below if below is not None else "no version"
        words = f"{file} has not taken effect: {gone_words(gone)} is not there. The schema is at {where}; only the mark says {version}."
        return DirtyJudgement(below if here.transactional else None, words)
    if gone:
        return DirtyJudgement(None, f"{file} has taken effect in part: {gone_words(there)} is there, {gone_words(gone)} is not.")
    if silent is not None:
        words = f"What {file} adds is there. Whether version {silent} is still there as well, nothing in the catalogue tells: it adds no table and no column."
        return DirtyJudgement(None, words)
    words = f"What {file} adds is there ({gone_words(there)}), and nothing above it: the schema is at {version}."
    return DirtyJudgement(version if here.transactional else None, words)
