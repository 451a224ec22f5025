"""The words of a repair's confirmation: what comes back, what is left as it is, what is still missing afterwards, in numbers with their method."""

from collections.abc import Iterator, Sequence

from gospel_rollback_tui.actions.repair_calls import LOCKED_SECONDS
from gospel_rollback_tui.actions.repair_standing import Standing
from gospel_rollback_tui.domain.daytime import time_of_day
from gospel_rollback_tui.domain.preview import Notice
from gospel_rollback_tui.domain.repair import TableRepair, Tally
from gospel_rollback_tui.domain.repair_script import Numbers
from gospel_rollback_tui.domain.spans import span
from gospel_rollback_tui.domain.text import clean

Tallies = Sequence[Tally | None]
_UNCOUNTED = "an unknown number of rows (not counted in time)"


def numbers_of(standing: Standing, tallies: Tallies) -> tuple[Numbers, ...]:
    """Returns what the transaction must find again."""
    return tuple(
        (tally.fills if tally is not None and repair.columns else None, tally.gone if tally is not None and repair.rows else None)
        for repair, tally in zip(standing.plan.repairs, tallies, strict=True)
    )


def notices_of(standing: Standing, tallies: Tallies) -> tuple[Notice, ...]:
    """Returns the prompt's lines."""
    found = [
        Notice("From", f"{standing.beside.identifier}, schema version {standing.side_head.version}; every number is an exact count, taken just now"),
        *(notice for repair, tally in zip(standing.plan.repairs, tallies, strict=True) for notice in _of_table(repair, tally)),
        *(Notice("By hand", words, warning=True) for words in standing.plan.by_hand),
        Notice("Guards", "finds the transaction other numbers than these, it ends without writing anything, and is prepared again"),
        Notice("Private", f"the copy stays in {standing.staging.schema}, which only {standing.live.user} may read, until it is dropped"),
        Notice("Before", f"{time_of_day(standing.live.now)} UTC{' at ' + standing.live.position if standing.live.position else ''}: to restore to"),
    ]
    return tuple(Notice(one.label, clean(one.text), one.warning) for one in found)


def _of_table(repair: TableRepair, tally: Tally | None) -> Iterator[Notice]:
    name = repair.side.words
    if repair.live is None:
        yield Notice("Returns", f"{name} with {_rows(tally.side) if tally else _UNCOUNTED}")
        return
    if repair.columns:
        columns = ", ".join(column.name for column in repair.columns)
        yield Notice("Returns", f"{name}.{columns}: {f'{_rows(tally.fills)} get their value' if tally else _UNCOUNTED}")
        if tally is not None:
            deleted = "" if repair.rows else f"; {_rows(tally.gone)} deleted since stay{'s' if tally.gone == 1 else ''} deleted"
            yield Notice("Stays", f"{name}: {_rows(tally.since)} came since and stay without, {tally.newer:,} keep a newer value{deleted}")
    if repair.rows:
        yield Notice("Returns", f"{name}: {f'{_rows(tally.gone)} that are not there now' if tally else _UNCOUNTED}", warning=True)
        if tally is not None:
            kept = f"{_rows(tally.side - tally.gone)} with a key that is there now are left as they are"
            yield Notice("Stays", f"{name}: {_rows(tally.since)} written since; {kept}")
    if repair.missing:
        yield Notice("Lacks", f"{name}: {'; '.join(repair.missing)}", warning=True)
    if repair.live.triggers:
        yield Notice("Triggers", f"{', '.join(repair.live.triggers)} of {name} run on each row that is written", warning=True)
    held = f"nobody {'reads or writes' if repair.added else 'writes to'} {name} while it runs"
    yield Notice("Locks", f"{held}; it waits 5 s for that, and gives up after {span(LOCKED_SECONDS)}: then nothing is written")


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"


def unproved(standing: Standing, tallies: Tallies) -> str:
    """Returns what only a written reason can stand for; empty: nothing."""
    found = []
    if standing.lost.unknown:
        found.append(f"Nobody could read everything that the migrations do: {standing.lost.unknown.rstrip('.')}.")
    if standing.side_head.version is None:
        found.append(f"{standing.beside.identifier} has no version, so that nobody can tell whether it is from before the migration.")
    for repair, tally in zip(standing.plan.repairs, tallies, strict=True):
        name = repair.side.words
        if tally is None:
            found.append(f"{name}: nobody counted what is written, so that no guard compares it.")
        if repair.rows and repair.live is not None:
            rows = f"the {_rows(tally.gone)}" if tally else "the rows"
            found.append(f"{name}: {rows} that come back may be some that users deleted since, which nobody can tell apart.")
    return " ".join(found)
