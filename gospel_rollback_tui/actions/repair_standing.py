"""Reads what a repair rests on: what was lost, both databases, the tables on both sides, and what is staged already."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from gospel_rollback_tui.actions.repair_losses import Lost, LostData
from gospel_rollback_tui.actions.repair_ports import Repairs, RestoredInstances
from gospel_rollback_tui.actions.together import both
from gospel_rollback_tui.domain.databases import DatabaseIdentity
from gospel_rollback_tui.domain.errors import Refused
from gospel_rollback_tui.domain.migrations.heads import SchemaHead
from gospel_rollback_tui.domain.preview import Fingerprint
from gospel_rollback_tui.domain.repair import Beside, RepairPlan, Staging, Tally, staging_schema
from gospel_rollback_tui.domain.repair_plan import plan_repair, types_of
from gospel_rollback_tui.domain.repair_sql import APPLIED, STAGED, tallies
from gospel_rollback_tui.engine.ports import StepRequest

COUNT_SECONDS = 20.0
"""How long each table's rows are compared before their number stays unknown."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything that was read for one repair."""

    lost: Lost
    beside: Beside
    live: DatabaseIdentity
    side: DatabaseIdentity
    live_head: SchemaHead
    side_head: SchemaHead
    staging: Staging
    marks: frozenset[str] | None
    """What the staging schema says is done; None: it is not there."""

    @property
    def plan(self) -> RepairPlan:
        """What is copied back."""
        return self.staging.plan

    @property
    def staged(self) -> bool:
        """Whether the copy is there already."""
        return self.marks is not None and STAGED in self.marks

    @property
    def fingerprint(self) -> Fingerprint:
        """What the preview rests on; the rows themselves are counted again inside the transaction."""
        return Fingerprint(
            (
                ("database", f"{self.live.words} {self.live.system}".strip()),
                ("restored", f"{self.beside.identifier}: {self.side.words}"),
                ("schema", f"{_at(self.live_head)}, restored {_at(self.side_head)}"),
                ("tables", self.plan.digest),
                ("staged", ", ".join(sorted(self.marks)) if self.marks is not None else "no"),
            )
        )


def _at(head: SchemaHead) -> str:
    return f"{head.version}{' dirty' if head.dirty else ''}"


@dataclass(frozen=True, slots=True)
class RepairEstate:
    """Reads all of it."""

    data: LostData
    restored: RestoredInstances
    repairs: Repairs

    def standing(self, request: StepRequest) -> Standing:
        """Returns what the repair rests on; raises Refused where nothing was lost."""
        lost, beside = both(partial(self.data.lost, request), partial(self.restored.beside, request))
        if not lost.losses:
            raise Refused(f"No migration that {lost.service.name}'s target lacks destroyed data: {lost.words}.", next_step="Skip this step.")
        name, repairs = lost.service.name, self.repairs
        tables = tuple(dict.fromkeys(loss.table for loss in lost.losses))
        sides, heads = both(
            partial(repairs.sides, name, beside, tables),
            partial(both, partial(both, partial(repairs.identity, name, None), partial(repairs.identity, name, beside)), partial(self._heads, name, beside)),
        )
        (live, side), (live_head, side_head) = heads
        plan = self._with_structures(name, beside, plan_repair(lost.losses, dict(zip(tables, sides, strict=True))))
        schema = staging_schema(request.run, name, f"{beside.identifier} {side.words}", plan)
        marks = repairs.marks(name, schema)
        return Standing(lost, beside, live, side, live_head, side_head, Staging(schema, request.run, plan), marks)

    def _heads(self, service: str, beside: Beside) -> tuple[SchemaHead, SchemaHead]:
        return both(partial(self.repairs.head, service, None), partial(self.repairs.head, service, beside))

    def _with_structures(self, service: str, beside: Beside, plan: RepairPlan) -> RepairPlan:
        made = (
            one if one.live is not None else replace(one, structure=self.repairs.structure(service, beside, one.side.schema, one.side.name))
            for one in plan.repairs
        )
        return replace(plan, repairs=tuple(made))

    def tallies(self, standing: Standing) -> tuple[Tally | None, ...]:
        """Counts, table by table, how the rows of both sides stand to each other."""
        name, staging = standing.lost.service.name, standing.staging
        if standing.staged:
            return tuple(self.repairs.tally_staged(name, text, COUNT_SECONDS) for text in tallies(staging))
        return tuple(self.repairs.tally(name, standing.beside, text, COUNT_SECONDS) for text in tallies(staging))

    def refusal(self, standing: Standing) -> str:
        """Returns why nothing can be copied back; empty: it can."""
        name, lost, beside = standing.lost.service.name, standing.lost, standing.beside
        if (standing.live.server, standing.live.name) == (standing.side.server, standing.side.name):
            return f"{beside.identifier} is the live database itself: there is nothing beside it to copy from."
        if standing.marks and APPLIED in standing.marks:
            return "It is copied back already, in this run: verify the step, or skip it."
        at = standing.side_head.version
        if at is not None and lost.before is not None and at >= lost.before:
            return f"{beside.identifier} is at version {at}: migration {lost.before} had run there already. Restore to an earlier moment."
        if not standing.plan.repairs:
            return f"Nothing can be copied back by itself. {_sentences(standing.plan.by_hand)}"
        if standing.live_head.read_only:
            return f"{standing.live.words} cannot be written to: it is a replica, or set so."
        if not self.repairs.may_create(name):
            return f"{standing.live.user} may not create a schema in {standing.live.name}: grant CREATE on the database, or go on with another role."
        missing = self.repairs.absent_types(name, types_of(standing.plan))
        return f"{standing.live.name} lacks the type {', '.join(missing)}: create it again from its migration first." if missing else ""


def _sentences(texts: Sequence[str]) -> str:
    return " ".join(texts)
