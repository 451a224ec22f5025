"""Sets what a restore could not set, and proves that the restored instance differs from the live one in nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from gospel_rollback_tui.actions.catalogue import RDS_SETTLE
from gospel_rollback_tui.actions.rds_calls import RdsCalls, digest
from gospel_rollback_tui.actions.rds_estate import RdsEstate
from gospel_rollback_tui.domain.errors import Refused
from gospel_rollback_tui.domain.instances import DbInstance, under_way
from gospel_rollback_tui.domain.instances_copying import PARAMETER_GROUP, Difference, differences, missing_tags, settling
from gospel_rollback_tui.domain.preview import CheckState, DiffLine, Fingerprint, Notice, PlannedCall, Preview, Tone, digest_of
from gospel_rollback_tui.domain.run import CallRun
from gospel_rollback_tui.domain.runbook import ActionSpec
from gospel_rollback_tui.engine.ports import ChoiceList, StepRequest

MODIFY, TAG, REBOOT = "modify", "tags", "reboot"
SETTLED, SAME = "the restored instance is at rest", "every setting that can be set is the live one's"
_PENDING_REBOOT = "pending-reboot"


@dataclass(frozen=True, slots=True)
class SettleRestored:
    """One modification of everything that differs, tags, and a restart where the parameter group waits for one."""

    calls: RdsCalls
    spec: ActionSpec = RDS_SETTLE

    @property
    def _estate(self) -> RdsEstate:
        return RdsEstate(self.calls)

    def choices(self, request: StepRequest) -> tuple[ChoiceList, ...]:
        """Returns the restored instances."""
        return self._estate.choices(request)

    def plan(self, request: StepRequest) -> Preview:
        """Previews the calls that take every difference away; none where there is none."""
        source, restored = self._estate.source(request), self._estate.restored(request)
        different = differences(source, restored)
        _, stay = settling(source, restored)
        calls = self._calls(request, source, restored, different)
        denied, said = (
            self._estate.rights(request, ("rds:ModifyDBInstance", "rds:RebootDBInstance", "rds:AddTagsToResource"), restored.arn) if calls else ("", ())
        )
        busy = "" if restored.settled else f"{restored.identifier} is {under_way(restored)}: wait until it is available."
        staying = "; ".join(one.words for one in stay)
        kept = (Notice("Stays", f"{staying}: no call can set that", warning=True),) if stay else ()
        return Preview(
            step=request.step.id,
            title=f"Make {restored.identifier} what {source.identifier} is",
            target=restored.identifier,
            where=self.calls.rds.where(),
            danger=max(self.spec.danger, request.step.danger),
            calls=() if busy or denied else calls,
            fingerprint=_facts(source, restored),
            notices=(Notice("Differs", "; ".join(one.words for one in different) or "in nothing"), *kept, *said),
            checks=(SETTLED, SAME),
            by_hand=tuple(call.by_hand for call in calls),
            yes="set them",
            refused=busy or denied,
            needs_reason=f"The restored instance keeps {staying}." if stay else "",
        )

    def _calls(self, request: StepRequest, source: DbInstance, restored: DbInstance, different: Sequence[Difference]) -> tuple[PlannedCall, ...]:
        members, _ = settling(source, restored)
        tags, environment = missing_tags(source, restored), request.environment
        calls = [self._modify(request, restored, members, different)] if members else []
        if tags:
            parameters = {"ResourceName": restored.arn, "Tags": tags}
            expect = {"resource": restored.resource_id, "tags": tags}
            calls.append(
                self.calls.plan(
                    environment, TAG, "add_tags_to_resource", parameters, title="tags", summary=", ".join(tag["Key"] for tag in tags), expect=expect
                )
            )
        if PARAMETER_GROUP.modify in members or restored.apply_status == _PENDING_REBOOT:
            calls.append(
                self.calls.plan(
                    environment,
                    REBOOT,
                    "reboot_db_instance",
                    {"DBInstanceIdentifier": restored.identifier},
                    title=f"restart {restored.identifier}",
                    summary="the parameter group waits for it",
                    expect={"resource": restored.resource_id, "rebooted": True},
                    after={"resource": restored.resource_id, "name": restored.identifier} if members else None,
                )
            )
        return tuple(calls)

    def _modify(self, request: StepRequest, restored: DbInstance, members: dict[str, object], different: Sequence[Difference]) -> PlannedCall:
        words = [one.setting.words for one in different if one.setting.modify in members]
        expect = {"resource": restored.resource_id, "settings": words, "differ": digest(restored, words)}
        made = self.calls.plan(
            request.environment,
            MODIFY,
            "modify_db_instance",
            {"DBInstanceIdentifier": restored.identifier, **members, "ApplyImmediately": True},
            title=f"settings of {restored.identifier}",
            summary=", ".join(words),
            expect=expect,
        )
        lines = tuple(DiffLine(Tone.CHANGED, one.words) for one in different)
        return PlannedCall(made.id, made.title, made.where, made.summary, made.body, made.undo, made.by_hand, diff=lines)

    def facts(self, request: StepRequest, preview: Preview) -> Fingerprint:
        """Re-reads both instances' settings."""
        return _facts(self._estate.source(request), self._estate.restored(request))

    def send(self, request: StepRequest, call: PlannedCall) -> str:
        """Sends the call."""
        return self.calls.send(call)

    def awaited(self, request: StepRequest, call: PlannedCall) -> str:
        """Returns what the restart has to wait for."""
        return self.calls.awaited(call)

    def happened(self, request: StepRequest, call: PlannedCall) -> bool | None:
        """Returns whether the call has its effect, or begun to have it."""
        return self.calls.happened(call)

    def checks(self, request: StepRequest, preview: Preview, since: float) -> tuple[CheckState, ...]:
        """Returns whether the instance is at rest and what still differs; at rest, a difference will not go away by waiting."""
        source, restored = self._estate.source(request), self._estate.restored(request)
        waits = restored.apply_status not in ("", "in-sync")
        rest = restored.settled and not waits
        words = restored.identifier if rest else f"{under_way(restored, self.calls.clock() - since)}{f', parameters {restored.apply_status}' if waits else ''}"
        stay = settling(source, restored)[1]
        left = "; ".join(one.words for one in differences(source, restored) if one not in stay)
        overdue = self.calls.clock() - since > SHOWN_SECONDS
        return (
            CheckState(SETTLED, passed=rest or None, words=words),
            CheckState(SAME, passed=not left if not left or (rest and overdue) else None, words=left, final=bool(left) and rest and overdue),
        )

    def undo_plan(self, request: StepRequest, done: Sequence[CallRun]) -> Preview:
        """Refuses: the restored instance is a copy that can be deleted."""
        raise Refused("There is nothing to put back: nothing depends on the restored instance yet.", next_step="Undo the restore, which deletes it.")


SHOWN_SECONDS = 600.0
"""How long a setting may take until it shows although the instance says that it is at rest."""


def _facts(source: DbInstance, restored: DbInstance) -> Fingerprint:
    different = digest_of([one.words for one in differences(source, restored)])
    state = f"{restored.status}, parameters {restored.apply_status}"
    return Fingerprint(((source.identifier, source.resource_id), (restored.identifier, restored.resource_id), ("State", state), ("Differences", different)))
