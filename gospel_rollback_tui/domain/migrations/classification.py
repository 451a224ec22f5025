"""What one migration is: additive, reversible, lossy, irreversible, locking or unknown, and the statement that decides it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from gospel_rollback_tui.domain.migrations.blocking import blocking, outside
from gospel_rollback_tui.domain.migrations.compatibility import breaks_new_code, breaks_old_code
from gospel_rollback_tui.domain.migrations.files import Migration
from gospel_rollback_tui.domain.migrations.findings import Finding, Loss, Trait, finding
from gospel_rollback_tui.domain.migrations.honesty import left_over
from gospel_rollback_tui.domain.migrations.losses import losses
from gospel_rollback_tui.domain.migrations.operations import Operation, Verb
from gospel_rollback_tui.domain.migrations.script import Script, read_script

__all__ = ["Classified", "Finding", "Loss", "Trait", "classify"]

_WEIGHT = (
    Trait.UNKNOWN,
    Trait.LOSSY_DOWN,
    Trait.DATA_CHANGING,
    Trait.MISSING_DOWN,
    Trait.EMPTY_DOWN,
    Trait.REVERSIBLE,
    Trait.ADDITIVE,
    Trait.LOCKING,
)
"""Which finding decides, among those that make a migration irreversible and among the others."""
_WRITES = frozenset({Verb.INSERT, Verb.UPDATE, Verb.DELETE})


@dataclass(frozen=True, slots=True)
class Classified:
    """A migration and everything that its two files mean."""

    migration: Migration
    traits: frozenset[Trait] = frozenset()
    findings: tuple[Finding, ...] = ()
    """In order of weight; the first one decides."""
    up_losses: tuple[Loss, ...] = ()
    """What the up destroyed: gone already."""
    down_losses: tuple[Loss, ...] = ()
    """What the down would destroy: written since the up."""
    breaks_old_code: Finding | None = None
    """What of the up makes the code before it fail; None: nothing that is seen. Its trait has no weight."""
    breaks_new_code: Finding | None = None
    """What of the up the code after it would miss; None: nothing that is seen. Its trait has no weight."""
    transactional: bool = True
    """Both files run in one transaction each: what failed has not taken effect at all."""
    down_transactional: bool = True
    """The down by itself does."""
    down_renames: tuple[tuple[str, str, str], ...] = ()
    """(table, column, name) of each column that the down gives another name; of a table an empty column. Nothing where it also moves tables."""

    @property
    def irreversible(self) -> bool:
        """Tells whether the up destroys data, or nothing honest leads back, or nobody can read it."""
        return any(each.one_way for each in self.findings)

    @property
    def decides(self) -> Finding:
        """The finding that decides what the migration is."""
        return self.findings[0] if self.findings else finding(Trait.ADDITIVE, self.migration.file("up"), 0, "", "it does nothing")


@lru_cache(maxsize=1024)  # what a release ships never changes, and triage looks again every few seconds
def classify(migration: Migration, back: frozenset[tuple[str, str]] = frozenset()) -> Classified:
    """Returns what a migration is; text that does not parse is unknown, and no text raises.

    `back` names what it dropped and a repair has brought back, as (table, column): old code meets it again.
    """
    up = read_script(migration.file("up"), migration.up)
    down = read_script(migration.file("down"), migration.down)
    gone, at_risk = tuple(losses(up, down)), tuple(losses(down, up))
    old, new = breaks_old_code(up, down, back), breaks_new_code(up)
    findings = [
        *_absent(up),
        *_unknown(up),
        *_unknown(down),
        *_changing(up, gone),
        *_dishonest(up, down),
        *_lossy(down, at_risk),
        *_locking(up),
        *_locking(down),
    ]
    if not any(each.one_way or each.trait is Trait.LOSSY_DOWN for each in findings):
        findings.append(_first(Trait.REVERSIBLE, down, "the down takes everything back and loses nothing"))
    if old is None and not any(each.trait is Trait.DATA_CHANGING or (each.trait is Trait.UNKNOWN and each.file == up.file) for each in findings):
        findings.append(_first(Trait.ADDITIVE, up, "old code does not meet what the up does"))
    findings.sort(key=lambda each: (not each.one_way, _WEIGHT.index(each.trait)))
    alone = not any(outside(down))
    return Classified(
        migration,
        frozenset(each.trait for each in findings),
        tuple(findings),
        _distinct(loss for _, loss in gone),
        _distinct(loss for _, loss in at_risk),
        old,
        new,
        alone and not any(outside(up)),
        alone,
        tuple(_renames(down)),
    )


def _renames(script: Script) -> Iterator[tuple[str, str, str]]:
    """Yields what a file gives other names; a column's is told by its table's name, so none where that changes as well."""
    moved = [each for each in script.operations if each.verb in (Verb.RENAME, Verb.MOVE) and each.thing.kind in ("table", "schema")]
    for each in moved or script.operations:
        if each.verb is Verb.RENAME and each.thing.kind in ("column", "table"):
            column = each.thing.kind == "column"
            yield each.thing.path, each.thing.name if column else "", each.to


def _distinct(found: Iterable[Loss]) -> tuple[Loss, ...]:
    return tuple(dict.fromkeys(found))


def _at(script: Script, trait: Trait, operation: Operation, why: str, *, one_way: bool = False) -> Finding:
    return finding(trait, script.file, operation.statement.line, operation.statement.text, why, one_way=one_way)


def _first(trait: Trait, script: Script, why: str) -> Finding:
    """Returns a finding about a whole file, shown by its first statement."""
    first = script.statements[0] if script.statements else None
    return finding(trait, script.file, first.line if first else 0, first.text if first else "", why)


def _absent(up: Script) -> Iterator[Finding]:
    """Yields that an up is missing: this release never ran it, and whatever did is not known."""
    if up.missing:
        yield finding(Trait.UNKNOWN, up.file, 0, "", "there is no up: nobody can tell what led to this version", one_way=True)


def _unknown(script: Script) -> Iterator[Finding]:
    """Yields what nobody can judge; it counts as irreversible until somebody says otherwise in writing."""
    if script.unreadable:
        line, words = script.unreadable
        yield finding(Trait.UNKNOWN, script.file, line, "", f"PostgreSQL does not read the file: {words}", one_way=True)
    for operation in script.operations:
        if operation.verb is Verb.UNKNOWN:
            yield _at(script, Trait.UNKNOWN, operation, operation.how, one_way=True)


def _changing(up: Script, gone: Iterable[tuple[Operation, Loss]]) -> Iterator[Finding]:
    """Yields what the up does to data: what it destroyed, what it wrote, and what PostgreSQL cannot take away again."""
    for operation, loss in gone:
        what = f"{loss.table}{'.' + loss.column if loss.column else ''}"
        why = f"the up may have cut values of {what}: {loss.how}" if loss.narrows else f"the up destroyed data of {what}: {loss.how}"
        yield _at(up, Trait.DATA_CHANGING, operation, why, one_way=True)
    for step in up.steps:
        if step.operation.verb is Verb.ADD_VALUE:
            why = f"PostgreSQL cannot take the value {step.operation.to} away from {step.operation.thing.words}"
            yield _at(up, Trait.DATA_CHANGING, step.operation, why, one_way=True)
        elif step.operation.verb in _WRITES and not step.fresh and step.operation.thing.schema != "pg_temp":
            yield _at(up, Trait.DATA_CHANGING, step.operation, f"the up wrote rows: {step.operation.how} {step.operation.thing.path}")


def _dishonest(up: Script, down: Script) -> Iterator[Finding]:
    """Yields why a down does not lead back."""
    if down.missing:
        why = "there is no down: golang-migrate steps back without doing anything"
        yield finding(Trait.MISSING_DOWN, down.file, 0, "", why, one_way=True)
    elif down.unreadable:
        return
    elif not down.statements:
        yield finding(Trait.EMPTY_DOWN, down.file, 0, "", "the down holds no statement", one_way=True)
    else:
        for operation in down.operations:
            if operation.verb is Verb.REFUSE:
                yield _at(down, Trait.EMPTY_DOWN, operation, "the down refuses to run: it raises an exception", one_way=True)
        unseen = any(each.verb is Verb.UNKNOWN for each in down.operations)
        for operation, words in () if unseen else left_over(up, down):
            why = f"{words} ({up.file}:{operation.statement.line})"
            yield finding(Trait.EMPTY_DOWN, down.file, down.statements[0].line, down.statements[0].text, why, one_way=True)


def _lossy(down: Script, at_risk: Iterable[tuple[Operation, Loss]]) -> Iterator[Finding]:
    for operation, loss in at_risk:
        what = f"{loss.table}{'.' + loss.column if loss.column else ''}"
        why = f"the down may cut values of {what}: {loss.how}" if loss.narrows else f"the down loses what was written to {what}: {loss.how}"
        yield _at(down, Trait.LOSSY_DOWN, operation, why)


def _locking(script: Script) -> Iterator[Finding]:
    for statement, why in blocking(script):
        yield finding(Trait.LOCKING, script.file, statement.line, statement.text, why)
