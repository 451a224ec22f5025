"""Deletes a restored instance: protection off, then the instance, without a last snapshot of what is only a copy."""

from collections.abc import Sequence
from dataclasses import dataclass

from gospel_rollback_tui.actions.catalogue import RDS_DELETE
from gospel_rollback_tui.actions.rds_calls import RdsCalls
from gospel_rollback_tui.actions.rds_estate import RdsEstate
from gospel_rollback_tui.actions.rds_movers import in_use
from gospel_rollback_tui.actions.rds_ports import Sides
from gospel_rollback_tui.actions.rds_standing import strange
from gospel_rollback_tui.domain.debts import RESTORED_DEBT
from gospel_rollback_tui.domain.errors import Refused
from gospel_rollback_tui.domain.estate import Environment
from gospel_rollback_tui.domain.instances import DbInstance
from gospel_rollback_tui.domain.preview import CheckState, Fingerprint, Notice, PlannedCall, Preview
from gospel_rollback_tui.domain.run import CallRun
from gospel_rollback_tui.domain.runbook import ActionSpec
from gospel_rollback_tui.engine.ports import ChoiceList, StepRequest

UNPROTECT, DELETE = "unprotect", "delete"
GONE = "the restored instance is gone"


@dataclass(frozen=True, slots=True)
class Deleting:
    """Two calls, the second behind the first."""

    calls: RdsCalls

    def plan(self, environment: Environment, one: DbInstance) -> tuple[PlannedCall, ...]:
        """Returns the calls that delete the instance; those that are not needed are left out."""
        name, resource = one.identifier, one.resource_id
        unprotect = self.calls.plan(
            environment,
            UNPROTECT,
            "modify_db_instance",
            {"DBInstanceIdentifier": name, "DeletionProtection": False, "ApplyImmediately": True},
            title=f"{name}: protection off",
            summary="may be deleted",
            expect={"resource": resource, "protected": False},
        )
        delete = self.calls.plan(
            environment,
            DELETE,
            "delete_db_instance",
            {"DBInstanceIdentifier": name, "SkipFinalSnapshot": True},
            title=f"delete {name}",
            summary="a copy: no last snapshot",
            expect={"resource": resource, "gone": True},
            after={"resource": resource, "name": name} if one.protected else None,
            pays=(f"{RESTORED_DEBT.id}:{name}",),
        )
        return (unprotect, delete) if one.protected else (delete,)

    def checks(self, preview: Preview) -> tuple[CheckState, ...]:
        """Returns whether each instance is gone."""
        found = []
        for call in preview.calls:
            if call.id == DELETE:
                there = self.calls.read(call.body["expect"]["resource"])
                found.append(CheckState(GONE, passed=there is None or None, words=there.status if there is not None else ""))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class DeleteRestored:
    """The end of an instance that was restored beside and is not needed any more; pays its debt."""

    calls: RdsCalls
    sides: Sides
    spec: ActionSpec = RDS_DELETE

    @property
    def _estate(self) -> RdsEstate:
        return RdsEstate(self.calls)

    def choices(self, request: StepRequest) -> tuple[ChoiceList, ...]:
        """Returns the restored instances; the live one is never among them."""
        return self._estate.choices(request)

    def plan(self, request: StepRequest) -> Preview:
        """Previews both calls; refused for whatever has the live name."""
        one = self._estate.restored(request)
        live = one.identifier == self._estate.name(request)
        denied, said = self._estate.rights(request, ("rds:ModifyDBInstance", "rds:DeleteDBInstance"), one.arn)
        calls = Deleting(self.calls).plan(request.environment, one)
        refused = f"{one.identifier} is the live database." if live else denied
        connected, used = in_use(self.sides, request, one)
        return Preview(
            step=request.step.id,
            title=f"Delete {one.identifier}",
            target=one.identifier,
            where=self.calls.rds.where(),
            danger=max(self.spec.danger, request.step.danger),
            calls=() if refused else calls,
            fingerprint=_facts(one),
            notices=(Notice("Goes", "everything that was written to this instance alone", warning=True), *used, *said),
            checks=(GONE,),
            by_hand=tuple(call.by_hand for call in calls),
            yes="delete it",
            refused=refused,
            needs_reason=" ".join(filter(None, (strange(one, request), connected))),
        )

    def facts(self, request: StepRequest, preview: Preview) -> Fingerprint:
        """Re-reads which instance it is and what it does."""
        return _facts(self._estate.restored(request))

    def send(self, request: StepRequest, call: PlannedCall) -> str:
        """Sends one call."""
        return self.calls.send(call)

    def awaited(self, request: StepRequest, call: PlannedCall) -> str:
        """Returns what the deletion has to wait for."""
        return self.calls.awaited(call)

    def happened(self, request: StepRequest, call: PlannedCall) -> bool | None:
        """Returns whether the protection is off, or the instance on its way out."""
        return self.calls.happened(call)

    def checks(self, request: StepRequest, preview: Preview, since: float) -> tuple[CheckState, ...]:
        """Returns whether it is gone."""
        return Deleting(self.calls).checks(preview)

    def undo_plan(self, request: StepRequest, done: Sequence[CallRun]) -> Preview:
        """Refuses: what is deleted is restored again from the same point."""
        raise Refused("A deleted instance cannot be put back.", next_step="Restore it again from the same point, while the window still covers it.")


def _facts(one: DbInstance) -> Fingerprint:
    return Fingerprint(((one.identifier, one.resource_id), ("State", one.status)))
