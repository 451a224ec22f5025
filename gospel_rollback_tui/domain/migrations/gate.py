"""The gate before a code rollback: what the schema says about going back, and what must come first."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from gospel_rollback_tui.domain.databases import Column, has_column
from gospel_rollback_tui.domain.migrations.classification import Classified, Trait, classify
from gospel_rollback_tui.domain.migrations.crossing import Crossing, crossing
from gospel_rollback_tui.domain.migrations.files import MigrationFolder
from gospel_rollback_tui.domain.migrations.heads import SchemaHead
from gospel_rollback_tui.domain.migrations.square import Cell, doubted, square
from gospel_rollback_tui.domain.text import clean

__all__ = ["BAD_CODE", "IRREVERSIBLE", "REVERSIBLE", "Cell", "Gate", "Order", "SchemaFacts", "combine", "judge"]

BAD_CODE = "bad-code"
"""Id of the matrix's row for code that is put back without the schema."""
REVERSIBLE = "bad-code-reversible-migration"
IRREVERSIBLE = "bad-code-irreversible-migration"


@dataclass(frozen=True, slots=True)
class SchemaFacts:
    """What was read about one service and its database."""

    service: str
    database: str
    """Its name, as an operator knows it."""
    head: SchemaHead | None = None
    """None: it was not read."""
    bad: MigrationFolder | None = None
    """The migrations at the running release's commit; None: they were not read."""
    good: MigrationFolder | None = None
    """The migrations at the target's commit; None: they were not read."""
    migrates_at_start: bool | None = None
    """Whether pods or hooks migrate by themselves when the code starts; None: nobody knows."""
    problem: str = ""
    """Why something could not be read."""
    columns: Collection[Column] = ()
    """The catalogue's, which tell what of a dropped table or column is there again; empty: they were not read."""


class Order(Enum):
    """What is done first; the value is how an operator reads it."""

    CODE_ONLY = "code only: the schema stays"
    SCHEMA_FIRST = "schema first: stop the new code, migrate down, start the old code"
    FORWARD = "forward: repair in a new release"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Gate:
    """What the schema says about going back to the target."""

    service: str
    database: str
    scenario: str
    """Id of the row of the matrix; empty: nobody can tell."""
    order: Order
    crossing: tuple[Classified, ...] = ()
    """Applied migrations that the target lacks, newest first."""
    cells: tuple[Cell, ...] = ()
    """Old code on old schema, old on new, new on old, new on new."""
    target: int | None = None
    """The schema version to go back to: the highest that the target ships; None: it ships none, or nobody knows."""
    refuses: str = ""
    """Why a plain code rollback would crash, or may; empty: it would not."""
    words: str = ""
    """One line for triage."""
    unknown: str = ""
    """What nobody could read; empty: everything was read."""
    head: SchemaHead | None = None
    """Where the schema stands; None: it was not read."""


def judge(facts: SchemaFacts) -> Gate:
    """Returns what the facts say about a code rollback; what is not known refuses it, with the reason.

    What lies between and cannot be judged counts as irreversible. Code alone goes back where the schema only grew and nothing
    migrates at the start; the schema goes first where old code would fail on it or not start; and where data is destroyed, or
    nothing honest leads back, the repair lies forward.
    """
    if facts.head is None or facts.bad is None or facts.good is None:
        return _unread(facts)
    between = crossing(facts.head, facts.bad, facts.good)
    classified = tuple(map(classify, between.migrations))
    back = _brought_back(classified, facts.columns)
    if back:
        classified = tuple(classify(each, back) for each in between.migrations)
    cells = square(classified, facts.migrates_at_start, repaired=bool(back))
    gate = _ordered(Gate(facts.service, facts.database, BAD_CODE, Order.CODE_ONLY, classified, cells, facts.good.highest), facts.migrates_at_start)
    doubts = [*between.doubts, *((facts.problem,) if facts.problem else ())]
    if doubts:
        gate = _doubted(gate, doubts, dirty=facts.head.dirty)
    elif between.missing and not facts.migrates_at_start:
        gate = _behind(gate, between)
    start = [f"whether {facts.service} migrates at its start"] if classified and facts.migrates_at_start is None else []
    unknown = "; ".join([*doubts, *between.remarks, *start])
    return replace(gate, refuses=clean(gate.refuses), words=clean(gate.words), unknown=clean(unknown), head=facts.head)


def _brought_back(classified: Iterable[Classified], columns: Collection[Column]) -> frozenset[tuple[str, str]]:
    """Returns what was dropped and is there again, as (table, column); of a table an empty column."""
    lost = (loss for each in classified for loss in each.up_losses)
    return frozenset((loss.table, loss.column) for loss in lost if loss.what == "table" and not loss.narrows and has_column(columns, loss.table, loss.column))


def _unread(facts: SchemaFacts) -> Gate:
    lacks = {
        "the schema's version in the database": facts.head,
        "the migrations of the running release": facts.bad,
        "the migrations of the target": facts.good,
    }
    absent = " and ".join(what for what, value in lacks.items() if value is None)
    why = clean(f"{absent} could not be read{f': {facts.problem}' if facts.problem else ''}")
    target = facts.good.highest if facts.good else None
    cells = tuple(Cell(code, schema, None, why) for code in ("old", "new") for schema in ("old", "new"))
    return Gate(facts.service, facts.database, "", Order.UNKNOWN, (), cells, target, why, f"{facts.service}: {why}", why, facts.head)


def _ordered(gate: Gate, migrates_at_start: bool | None) -> Gate:
    """Returns the gate with scenario, order and words, as if everything that was read were all there is."""
    if not gate.crossing:
        return replace(gate, words=f"{gate.service}: no migration lies between the database and the target")
    old_on_new = gate.cells[1]
    versions = ", ".join(str(each.migration.version) for each in gate.crossing)
    said = f"{gate.service}: migration{'s' if len(gate.crossing) > 1 else ''} {versions} of {gate.database}"
    additive = all(Trait.ADDITIVE in each.traits for each in gate.crossing)
    if additive and old_on_new.crashes is False:
        return replace(gate, words=f"{said}: old code runs on the schema as it is, which stays")
    refuses = f"old code on the new schema {'fails' if old_on_new.crashes else 'may fail'}: {old_on_new.why}" if old_on_new.crashes is not False else ""
    one_way = next((each for each in gate.crossing if each.irreversible), None)
    order = Order.UNKNOWN if additive and migrates_at_start is None else Order.FORWARD if one_way else Order.SCHEMA_FIRST
    if one_way:
        why = f"irreversible: {one_way.decides.why} ({one_way.decides.place})"
        return replace(gate, scenario=IRREVERSIBLE, order=order, refuses=refuses, words=f"{said}, {one_way.migration.version} {why}")
    lossy = [each for each in gate.crossing if each.down_losses]
    why = f"reversible, but {lossy[0].decides.why}" if lossy else "reversible without loss"
    return replace(gate, scenario=REVERSIBLE, order=order, refuses=refuses, words=f"{said}, {why}")


def _doubted(gate: Gate, doubts: Sequence[str], *, dirty: bool) -> Gate:
    """Returns the gate when nobody can say what is applied: a dirty version leaves the scenario as it is, any other doubt only the worst."""
    why = "; ".join(doubts)
    sure = gate.scenario == IRREVERSIBLE or (dirty and len(doubts) == 1)
    scenario = gate.scenario if sure else ""
    return replace(gate, scenario=scenario, order=Order.UNKNOWN, cells=doubted(gate.cells, why), refuses=why, words=f"{gate.service}: {why}")


def _behind(gate: Gate, between: Crossing) -> Gate:
    """Returns the gate when the target ships migrations that the database has not seen and nothing will run them."""
    needs = next((found for each in between.missing if (found := classify(each).breaks_new_code)), None)
    if needs is None:
        return gate
    why = f"the target needs version {between.missing[-1].version}, and the database has not got it: {needs.why} ({needs.place})"
    return replace(gate, order=Order.UNKNOWN, refuses=why, words=f"{gate.service}: {why}")


def combine(gates: Sequence[Gate]) -> Gate | None:
    """Returns the gate of the worst of several services, with what refuses and what is unknown of all of them; None when empty.

    Worst is what cannot go back at all, then what nobody knows, then what needs the schema first.
    """
    if not gates:
        return None
    worst = max(gates, key=_severity)
    if len(gates) == 1:
        return worst
    return replace(
        worst,
        refuses="; ".join(f"{each.service}: {each.refuses}" for each in gates if each.refuses),
        unknown="; ".join(f"{each.service}: {each.unknown}" for each in gates if each.unknown),
        words="; ".join(dict.fromkeys(each.words for each in sorted(gates, key=_severity, reverse=True))),
    )


def _severity(gate: Gate) -> tuple[int, int, int]:
    scenario = {IRREVERSIBLE: 3, "": 2, REVERSIBLE: 1, BAD_CODE: 0}[gate.scenario]
    order = {Order.UNKNOWN: 3, Order.FORWARD: 2, Order.SCHEMA_FIRST: 1, Order.CODE_ONLY: 0}[gate.order]
    return scenario, order, int(bool(gate.refuses))
