"""Takes a snapshot of the live database before anything else is done to it: the evidence, and the way back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from gospel_rollback_tui.actions.catalogue import RDS_SNAPSHOT
from gospel_rollback_tui.actions.rds_calls import RdsCalls
from gospel_rollback_tui.actions.rds_estate import RdsEstate, stamped
from gospel_rollback_tui.actions.rds_owed import owed_snapshot
from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.errors import NotFound
from gospel_rollback_tui.domain.instances import DbInstance
from gospel_rollback_tui.domain.preview import CheckState, Fingerprint, Notice, PlannedCall, Preview
from gospel_rollback_tui.domain.raw import text
from gospel_rollback_tui.domain.run import CallRun
from gospel_rollback_tui.domain.runbook import ActionSpec
from gospel_rollback_tui.domain.spans import span
from gospel_rollback_tui.engine.ports import ChoiceList, StepRequest

TAKE, DELETE = "snapshot", "delete-snapshot"
TAKEN, DELETED = "the snapshot is available", "the snapshot is gone"
_STATES = ("available", "storage-optimization")


@dataclass(frozen=True, slots=True)
class TakeSnapshot:
    """A manual snapshot under a name of its own; leaves the debt to delete it."""

    calls: RdsCalls
    spec: ActionSpec = RDS_SNAPSHOT

    @property
    def _estate(self) -> RdsEstate:
        return RdsEstate(self.calls)

    def choices(self, request: StepRequest) -> tuple[ChoiceList, ...]:
        """Returns nothing: there is one live instance."""
        return ()

    def plan(self, request: StepRequest) -> Preview:
        """Previews the call; refused where the instance is busy, the quota is reached or a right is missing."""
        live = self._live(request)
        denied, said = self._estate.rights(request, ("rds:CreateDBSnapshot", "rds:AddTagsToResource"), live.arn)
        busy = "" if live.status in _STATES else f"{live.identifier} is {live.status}: a snapshot has to wait until it is available."
        refused = self._cluster(live) or busy or denied or self._estate.full("ManualSnapshots")
        name = stamped(f"before-rollback-{live.identifier}", datetime.fromtimestamp(self.calls.clock(), UTC).strftime("-%Y%m%d-%H%M%S"))
        call = self._call(request, live, name)
        return Preview(
            step=request.step.id,
            title=f"Take a snapshot of {live.identifier}",
            target=live.identifier,
            where=self.calls.rds.where(),
            danger=max(self.spec.danger, request.step.danger),
            calls=() if refused else (call,),
            fingerprint=_facts(live),
            notices=(Notice("Reaches", "one zone: writes may stall for some seconds"), *said) if live.raw.get("MultiAZ") is not True else said,
            checks=(TAKEN,),
            undo="the snapshot is deleted",
            by_hand=(call.by_hand,),
            yes="take the snapshot",
            refused=refused,
        )

    def _live(self, request: StepRequest) -> DbInstance:
        live = self._estate.live(request)
        if live is None:
            raise NotFound(f"{self._estate.name(request)} is not there: there is nothing to take a snapshot of.", next_step="Check `rds.identifier`.")
        return live

    def _cluster(self, live: DbInstance) -> str:
        return f"{live.identifier} belongs to the cluster {live.cluster}: `aws rds create-db-cluster-snapshot` takes its snapshots." if live.cluster else ""

    def _call(self, request: StepRequest, live: DbInstance, name: str) -> PlannedCall:
        tags = [{"Key": "gospel-rollback-run", "Value": request.run}]
        return self.calls.plan(
            request.environment,
            TAKE,
            "create_db_snapshot",
            {"DBInstanceIdentifier": live.identifier, "DBSnapshotIdentifier": name, "Tags": tags},
            title=f"snapshot {name}",
            summary=f"{live.identifier} as it is now",
            expect={"snapshot": name},
            undo={"snapshot": name},
            debt=owed_snapshot(request.environment, name, self.calls.clock()),
        )

    def facts(self, request: StepRequest, preview: Preview) -> Fingerprint:
        """Re-reads which instance it is and what it does."""
        return _facts(self._live(request))

    def send(self, request: StepRequest, call: PlannedCall) -> str:
        """Sends the call."""
        return self.calls.send(call)

    def happened(self, request: StepRequest, call: PlannedCall) -> bool | None:
        """Returns whether the snapshot is there, or for an undo is not."""
        return self.calls.happened(call)

    def checks(self, request: StepRequest, preview: Preview, since: float) -> tuple[CheckState, ...]:
        """Returns how far the snapshot is."""
        found = []
        for call in preview.calls:
            name = call.body["expect"]["snapshot"]
            raw = self.calls.rds.snapshot(name)
            if call.id == DELETE:
                found.append(CheckState(DELETED, passed=raw is None or None, words=name))
                continue
            status = text(raw.get("Status")) if raw is not None else ""
            progress = f"{name}: {status or 'not there yet'} {text(raw.get('PercentProgress')) if raw is not None else ''}%, {span(self.calls.clock() - since)}"
            failed = status in ("failed", "incompatible-restore")
            found.append(CheckState(TAKEN, passed=True if status == "available" else False if failed else None, words=progress, final=failed))
        return tuple(found)

    def undo_plan(self, request: StepRequest, done: Sequence[CallRun]) -> Preview:
        """Previews the deletion of the snapshot."""
        names = [call.undo["snapshot"] for call in reversed(done) if call.id == TAKE]
        calls = tuple(
            self.calls.plan(
                request.environment,
                DELETE,
                "delete_db_snapshot",
                {"DBSnapshotIdentifier": name},
                title=f"delete {name}",
                summary="the way back is gone with it",
                expect={"snapshot": name, "gone": True},
            )
            for name in names
        )
        live = self._live(request)
        by_hand = tuple(call.by_hand for call in calls)
        return Preview(
            request.step.id,
            f"Undo: {request.step.title}",
            names[0] if names else live.identifier,
            self.calls.rds.where(),
            Danger.DESTRUCTIVE,
            calls,
            _facts(live),
            checks=(DELETED,),
            by_hand=by_hand,
            yes="delete the snapshot",
        )


def _facts(live: DbInstance) -> Fingerprint:
    return Fingerprint(((live.identifier, live.resource_id), ("State", live.status)))
