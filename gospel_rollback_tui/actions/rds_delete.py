"""Deletes a restored instance: protection off, then the instance, without a last snapshot of what is only a copy."""

from dataclasses import dataclass

from gospel_rollback_tui.actions.rds_calls import RdsCalls
from gospel_rollback_tui.domain.estate import Environment
from gospel_rollback_tui.domain.instances import DbInstance
from gospel_rollback_tui.domain.preview import CheckState, PlannedCall, Preview

UNPROTECT, DELETE = "unprotect", "delete"


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
        )
        return (unprotect, delete) if one.protected else (delete,)

    def checks(self, preview: Preview) -> tuple[CheckState, ...]:
        """Returns whether each instance is gone."""
        found = []
        for call in preview.calls:
            if call.id == DELETE:
                there = self.calls.read(call.body["expect"]["resource"])
                found.append(CheckState("the restored instance is gone", passed=there is None or None, words=there.status if there is not None else ""))
        return tuple(found)
