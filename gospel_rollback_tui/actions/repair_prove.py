"""Proves a restored database by queries, before anything depends on it: version, lost tables, every table, newest rows, each number with its method."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gospel_rollback_tui.actions.catalogue import PROVE
from gospel_rollback_tui.actions.migration_prompt import refused_preview, said
from gospel_rollback_tui.actions.repair_losses import Lost
from gospel_rollback_tui.actions.repair_standing import COUNT_SECONDS, RepairEstate
from gospel_rollback_tui.actions.sends_nothing import SendsNothing
from gospel_rollback_tui.domain.databases import Count, Method
from gospel_rollback_tui.domain.errors import CredentialsExpired, NotSent, Refused, UsageError
from gospel_rollback_tui.domain.migrations.findings import Loss
from gospel_rollback_tui.domain.preview import CheckState, Fingerprint, Notice, Preview
from gospel_rollback_tui.domain.repair import Beside, Newest
from gospel_rollback_tui.domain.runbook import ActionSpec
from gospel_rollback_tui.domain.spans import age
from gospel_rollback_tui.domain.text import clean
from gospel_rollback_tui.engine.ports import ChoiceList, StepRequest

ANSWERS = "the restored database answers, with the password in use now"
BEFORE = "its schema is from before the migration"
LOST = "what was lost is there"
TABLES = "every table has its rows"
MOST_TABLES = 12
"""Tables whose rows are told one by one."""


@dataclass(frozen=True, slots=True)
class ProveRestored(SendsNothing):
    """Looks, and sends nothing."""

    estate: RepairEstate
    spec: ActionSpec = PROVE

    def choices(self, request: StepRequest) -> tuple[ChoiceList, ...]:
        """Returns the services, releases and restored instances to choose from."""
        return (*self.estate.data.choices(request), *self.estate.restored.choices(request))

    def plan(self, request: StepRequest) -> Preview:
        """Previews what is looked at, with the rows of each table on both sides as PostgreSQL believes them."""
        try:
            self.estate.data.fetch()
            lost, beside = self._looked_for(request), self.estate.restored.beside(request)
            there, here = self.estate.repairs.tables(lost.service.name, beside), self._live(lost)
        except CredentialsExpired:
            raise
        except (Refused, NotSent, UsageError) as error:
            return refused_preview(request, self.spec, said(error), by_hand=request.step.commands)
        return Preview(
            step=request.step.id,
            title=f"{request.step.title}: {lost.service.name}",
            target=beside.identifier,
            where=f"{lost.service.database} on {beside.identifier}",
            danger=request.step.danger,
            calls=(),
            fingerprint=Fingerprint(()),
            notices=(Notice("Migration", clean(lost.words), warning=bool(lost.unknown)), *_beside_each_other(there, here)),
            checks=(ANSWERS, BEFORE, LOST, TABLES),
            by_hand=request.step.commands,
            yes="look",
        )

    def _looked_for(self, request: StepRequest) -> Lost:
        """Returns what must be there; where no release is told, as after a total failure, nothing but tables and rows can be looked for."""
        try:
            return self.estate.data.lost(request)
        except Refused as error:
            return Lost(self.estate.data.service(request), (), None, f"which one destroyed something is not known: {error.text}", error.text)

    def _live(self, lost: Lost) -> tuple[Count, ...] | None:
        """Returns the live tables; None: the live database cannot be read, or is gone."""
        try:
            return self.estate.repairs.tables(lost.service.name, None)
        except CredentialsExpired:
            raise
        except (NotSent, Refused):
            return None

    def checks(self, request: StepRequest, preview: Preview, since: float) -> tuple[CheckState, ...]:
        """Looks once at everything; what is wrong is final, since a restored database does not mend itself."""
        lost, beside = self._looked_for(request), self.estate.restored.beside(request)
        identity = self.estate.repairs.identity(lost.service.name, beside)
        answers = CheckState(ANSWERS, passed=True, words=f"{identity.words}, PostgreSQL {identity.version}, as {identity.user}")
        return (answers, self._version(lost, beside), self._lost(lost, beside), self._tables(lost, beside))

    def _version(self, lost: Lost, beside: Beside) -> CheckState:
        head = self.estate.repairs.head(lost.service.name, beside)
        words = f"version {head.version if head.version is not None else 'unknown'}{' (dirty)' if head.dirty else ''}"
        early = head.version is not None and not head.dirty and (lost.before is None or head.version < lost.before)
        late = (
            f"; migration {lost.before} had run there already" if head.version is not None and lost.before is not None and head.version >= lost.before else ""
        )
        return CheckState(BEFORE, passed=early, words=words + late, final=not early)

    def _lost(self, lost: Lost, beside: Beside) -> CheckState:
        """Counts the lost values and rows; a table that is not there, or that holds none, is no proof."""
        losses = tuple(dict.fromkeys(Loss(loss.table, loss.column if loss.how.startswith("DROP") else "", "") for loss in lost.losses if loss.what == "table"))
        if not losses:
            words = "nobody knows what was lost" if lost.unknown else "no migration destroyed rows or values"
            return CheckState(LOST, passed=True, words=words)
        repairs, name = self.estate.repairs, lost.service.name
        counts = repairs.count(name, beside, losses, COUNT_SECONDS)
        newest = {one.table: one for one in repairs.newest(name, beside, tuple(dict.fromkeys(loss.table for loss in losses)), COUNT_SECONDS)}
        gone = [count for count in counts if count.rows is None and count.method is Method.UNKNOWN and count.why == "it is not there"]
        said_of = [f"{_name(count)}: {count.words}{_newest(newest.get(count.table), repairs.identity(name, beside).now)}" for count in counts]
        return CheckState(LOST, passed=not gone, words=clean("; ".join(said_of)), final=bool(gone))

    def _tables(self, lost: Lost, beside: Beside) -> CheckState:
        counts = self.estate.repairs.tables(lost.service.name, beside)
        known = [count.rows for count in counts if count.rows is not None]
        unknown = len(counts) - len(known)
        rows = f"about {sum(known):,} rows (estimate)" if known else "an unknown number of rows (never analysed)"
        words = f"{len(counts)} tables, {rows}" + (f"; unknown of {unknown} of them" if known and unknown else "")
        return CheckState(TABLES, passed=bool(counts), words=words, final=not counts)


def _name(count: Count) -> str:
    return f"{count.table}{'.' + count.column if count.column else ''}"


def _newest(newest: Newest | None, now: float) -> str:
    if newest is None or not newest.column:
        return ", newest row unknown (no column of a time)"
    return f", newest {newest.column} unknown" if newest.at is None else f", newest {newest.column} {age(now - newest.at)} ago"


def _beside_each_other(there: Sequence[Count], here: Sequence[Count] | None) -> Iterator[Notice]:
    """Yields the largest tables on both sides: what a swap of the whole would take away."""
    if here is None:
        yield Notice("Live", "the live database cannot be read: nothing is compared with it", warning=True)
    now: Mapping[str, Count] = {count.table: count for count in here or ()}
    for count in there[:MOST_TABLES]:
        live = now.get(count.table)
        compared = "" if here is None else f", {live.words if live is not None else 'not there'} live"
        yield Notice("Rows", clean(f"{count.table}: {count.words} restored{compared}"), warning=live is None)
    only = [count.table for count in here or () if count.table not in {one.table for one in there}]
    if only:
        yield Notice("New since", clean(", ".join(only[:MOST_TABLES])), warning=True)
    if len(there) > MOST_TABLES:
        yield Notice("And", f"{len(there) - MOST_TABLES} tables more")
