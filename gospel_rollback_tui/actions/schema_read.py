"""The step that reads a schema: where it stands, what lies between the releases, what would crash, and who is at work in it."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from gospel_rollback_tui.actions.catalogue import SCHEMA_READ
from gospel_rollback_tui.actions.migration_choices import choices_of
from gospel_rollback_tui.actions.migration_estate import MigrationEstate
from gospel_rollback_tui.actions.migration_prompt import refused_preview, said, waiting_behind
from gospel_rollback_tui.actions.migration_standing import Standing
from gospel_rollback_tui.actions.sends_nothing import SendsNothing
from gospel_rollback_tui.domain.errors import CredentialsExpired, NotSent, Refused, UsageError
from gospel_rollback_tui.domain.migrations.classification import Classified
from gospel_rollback_tui.domain.migrations.gate import Cell, Gate, SchemaFacts, judge
from gospel_rollback_tui.domain.preview import CheckState, Fingerprint, Notice, Preview
from gospel_rollback_tui.domain.runbook import ActionSpec
from gospel_rollback_tui.domain.text import clean
from gospel_rollback_tui.engine.ports import ChoiceList, StepRequest

READ, FREE = "the schema's version was read", "nobody holds golang-migrate's lock"


@dataclass(frozen=True, slots=True)
class ReadSchema(SendsNothing):
    """Reads it all by SQL and from git; nothing is changed, nothing is waited for."""

    estate: MigrationEstate
    now: Callable[[], float] = time.time
    spec: ActionSpec = SCHEMA_READ

    def choices(self, request: StepRequest) -> tuple[ChoiceList, ...]:
        """Returns the services that ship migrations, and the releases by their tags."""
        return choices_of(self.estate, request, self.now())

    def plan(self, request: StepRequest) -> Preview:
        """Previews everything that was read; what cannot be read is `Preview.refused`, with what to do."""
        try:
            standing = self.estate.standing(request)
        except CredentialsExpired:
            raise
        except (Refused, NotSent, UsageError) as error:
            return refused_preview(request, self.spec, said(error), by_hand=request.step.commands)
        gate = _gate(standing)
        return Preview(
            step=request.step.id,
            title=f"{request.step.title}: {standing.service.name}",
            target=standing.identity.name,
            where=standing.identity.words,
            danger=request.step.danger,
            calls=(),
            fingerprint=Fingerprint(()),
            notices=_notices(standing, gate),
            checks=(READ, FREE),
            by_hand=request.step.commands,
            yes="look",
        )

    def checks(self, request: StepRequest, preview: Preview, since: float) -> tuple[CheckState, ...]:
        """Looks once: at the version and at golang-migrate's lock; a dirty version is told, and is no failure of looking."""
        service = self.estate.service(request)
        head, holders = self.estate.databases.head(service.name), self.estate.databases.holders(service.name)
        stands = f"{head.version}{', dirty' if head.dirty else ''}" if head.table else "no table of versions"
        held = ", ".join(session.words for session in holders)
        return CheckState(READ, passed=True, words=stands), CheckState(FREE, passed=not holders or None, words=held or "free")


def _gate(standing: Standing) -> Gate:
    migrates = standing.pods.migrates if standing.pods is not None else None
    service = standing.service
    return judge(SchemaFacts(service.name, service.database, standing.head, standing.bad, standing.good, migrates, columns=standing.columns))


def _notices(standing: Standing, gate: Gate) -> tuple[Notice, ...]:
    head = standing.head
    dirty = f", dirty: {standing.dirty.words}" if head.dirty else ""
    return (
        Notice("Stands at", f"{head.version if head.version is not None else 'no version'} ({head.table or 'no table'}){dirty}", warning=head.dirty),
        _direction(gate),
        *([Notice("Refused", gate.refuses, warning=True)] if gate.refuses else []),
        *(Notice("Migration", _judged(each), warning=each.irreversible) for each in gate.crossing),
        *(Notice("Code", _cell(cell), warning=cell.crashes is not False) for cell in gate.cells if gate.crossing),
        *(Notice("Loses", f"{count.table}{'.' + count.column if count.column else ''}: {count.words}", warning=True) for count in standing.counts),
        *(Notice("Lock", f"golang-migrate's is held by {session.words}", warning=True) for session in standing.holders),
        *waiting_behind(standing),
        *([Notice("At start", f"{standing.service.name} migrates when it starts", warning=True)] if standing.pods and standing.pods.migrates else []),
        *(Notice("Address", caution, warning=True) for caution in standing.cautions),
        *([Notice("Unknown", gate.unknown, warning=True)] if gate.unknown else []),
    )


def _direction(gate: Gate) -> Notice:
    if not gate.crossing and not gate.unknown and not gate.refuses:
        return Notice("Between", "no migration that was applied: there is nothing to take back")
    return Notice("Goes to", f"{gate.target if gate.target is not None else '?'}: {gate.order.value}")


def _judged(each: Classified) -> str:
    traits = ", ".join(sorted(trait.value for trait in each.traits))
    return clean(f"{each.migration.version} {each.migration.name}: {traits}; {each.decides.why} ({each.decides.place})")


def _cell(cell: Cell) -> str:
    verdict = {True: "fails", False: "runs", None: "may fail"}[cell.crashes]
    return f"{cell.code} code on the {cell.schema} schema {verdict}{': ' + cell.why if cell.why else ''}"
