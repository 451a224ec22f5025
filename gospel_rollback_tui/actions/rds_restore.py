"""Restores the database beside the live one, with every setting of it: nothing that runs is touched."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from gospel_rollback_tui.actions.catalogue import RDS_RESTORE
from gospel_rollback_tui.actions.rds_calls import RdsCalls
from gospel_rollback_tui.actions.rds_delete import GONE, Deleting
from gospel_rollback_tui.actions.rds_estate import RdsEstate, stamped
from gospel_rollback_tui.actions.rds_movers import in_use
from gospel_rollback_tui.actions.rds_owed import owed_restored
from gospel_rollback_tui.actions.rds_ports import BadEvent, Sides
from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.errors import CredentialsExpired, Refused, RollbackError
from gospel_rollback_tui.domain.instances import DbInstance, instance_from, under_way
from gospel_rollback_tui.domain.instances_copying import OWN_TAGS, restore_parameters, unreadable
from gospel_rollback_tui.domain.instances_points import RestorePoint, points, stamp, suggested
from gospel_rollback_tui.domain.preview import CheckState, Fingerprint, Json, Notice, PlannedCall, Preview
from gospel_rollback_tui.domain.run import CallRun
from gospel_rollback_tui.domain.runbook import ActionSpec
from gospel_rollback_tui.engine.ports import ChoiceList, Option, StepRequest

RESTORE, POINT = "restore", "restore_point"
AVAILABLE = "the restored instance is available"


@dataclass(frozen=True, slots=True)
class RestoreBeside:
    """One call that makes a new instance; leaves the debt to swap it in or delete it."""

    calls: RdsCalls
    bad: BadEvent
    sides: Sides
    spec: ActionSpec = RDS_RESTORE

    @property
    def _estate(self) -> RdsEstate:
        return RdsEstate(self.calls)

    def choices(self, request: StepRequest) -> tuple[ChoiceList, ...]:
        """Returns the points there are, with what each would lose; those that cannot be restored say why."""
        now, (bad, _) = self.calls.clock(), self.bad.began(request)
        found = self._points(request, bad)
        best = suggested(found, bad)
        options = tuple(Option(one.key, one.title, one.loss(now, bad), suggested=one is best, refused=one.refused) for one in found)
        return (ChoiceList(POINT, "To which point is the database restored?", options),)

    def _points(self, request: StepRequest, bad: float) -> tuple[RestorePoint, ...]:
        source = self._estate.source(request)
        window = self.calls.rds.window(source.resource_id)
        own = list(self.calls.rds.snapshots(source.resource_id, source.identifier))
        names = {one.get("DBSnapshotIdentifier") for one in own}
        earlier = [one for one in self.calls.rds.snapshots("", source.identifier) if one.get("DBSnapshotIdentifier") not in names]
        return points([*own, *earlier], window, now=self.calls.clock(), bad=bad, resource_id=source.resource_id)

    def plan(self, request: StepRequest) -> Preview:
        """Previews the call with every setting that it copies; refused where one of them, or the room or the key, is missing."""
        source, (bad, known_by) = self._estate.source(request), self.bad.began(request)
        point = self._chosen(request, bad)
        wanted = ("rds:RestoreDBInstanceToPointInTime", "rds:RestoreDBInstanceFromDBSnapshot", "rds:AddTagsToResource")
        denied, said = self._estate.rights(request, wanted, source.arn)
        locked, unsure = self._key(source, point)
        refused = self._estate.obstacle(source) or unreadable(source) or point.refused or denied or locked or self._no_room(source)
        call = self._call(request, source, point)
        lost = Notice("Loses", f"if it is swapped in: {point.loss(self.calls.clock(), bad)}", warning=True)
        damage = Notice("Damage", f"began {stamp(bad)}: {known_by}" if bad else "nobody here can tell when it began", warning=not bad)
        return Preview(
            step=request.step.id,
            title=f"Restore {source.identifier} beside, as of {stamp(point.at) if point.at else point.snapshot}",
            target=source.identifier,
            where=self.calls.rds.where(),
            danger=max(self.spec.danger, request.step.danger),
            calls=() if refused else (call,),
            fingerprint=_facts(source, point),
            notices=(Notice("From", point.title), lost, damage, Notice("Copies", _copied(call.body["parameters"])), *unsure, *said),
            checks=(AVAILABLE,),
            undo="the new instance is deleted",
            by_hand=(call.by_hand,),
            yes="restore beside",
            refused=refused,
        )

    def _chosen(self, request: StepRequest, bad: float) -> RestorePoint:
        found, wanted = self._points(request, bad), request.inputs.get(POINT, "")
        chosen = next((one for one in found if one.key == wanted), None) or _moment(wanted, found) if wanted else suggested(found, bad)
        if chosen is None and wanted:
            raise Refused(f"The restore point {wanted.partition(':')[2]} is no longer there.", next_step="Choose from those that are there now.")
        if chosen is None:
            what = "nothing from before the damage" if found else "no snapshot and no restore window"
            raise Refused(f"There is {what}.", next_step="Look for snapshots in other regions, accounts and in AWS Backup.")
        return chosen

    def _no_room(self, source: DbInstance) -> str:
        """Returns why no such instance can be made now; what nobody can tell stands in nobody's way."""
        try:
            made = self.calls.rds.orderable(source.engine, source.engine_version, source.instance_class)
        except CredentialsExpired:
            raise
        except RollbackError:
            made = True
        if not made:
            return f"{source.instance_class} cannot be made with {source.engine} {source.engine_version} any more: restore by hand (`h`) with a larger class."
        return self._estate.full("DBInstances")

    def _key(self, source: DbInstance, point: RestorePoint) -> tuple[str, tuple[Notice, ...]]:
        """Returns why the key of the backup cannot be used, and what nobody can tell of it; a snapshot may have another key than the instance."""
        key = point.kms_key if point.snapshot else source.kms_key
        if not key:
            return "", ()
        try:
            state = self.calls.rds.key_state(key)
        except CredentialsExpired:
            raise
        except Refused as error:
            return f"The encryption key {key} of that backup cannot be used: {error.text} Choose a backup with another key.", ()
        except RollbackError as error:
            wanted = "restoring takes kms:CreateGrant and kms:DescribeKey on it"
            return "", (Notice("Key", f"nobody here can tell whether {key} may be used, {wanted}: {error.text}", warning=True),)
        fine = state in ("", "Enabled")
        return "" if fine else f"The encryption key {key} is {state}: have it enabled, or its deletion cancelled, first.", ()

    def _call(self, request: StepRequest, source: DbInstance, point: RestorePoint) -> PlannedCall:
        target = stamped(source.identifier, datetime.fromtimestamp(self.calls.clock(), UTC).strftime("-restored-%Y%m%d-%H%M%S"))
        given = restore_parameters(source, to_point=bool(point.time))
        given["Tags"] = [*given.get("Tags", []), {"Key": f"{OWN_TAGS}-run", "Value": request.run}]
        if point.time:
            names: dict[str, Json] = {"SourceDbiResourceId": source.resource_id, "TargetDBInstanceIdentifier": target, "RestoreTime": point.time}
        else:
            names = {"DBInstanceIdentifier": target, "DBSnapshotIdentifier": point.snapshot}
        return self.calls.plan(
            request.environment,
            RESTORE,
            "restore_db_instance_to_point_in_time" if point.time else "restore_db_instance_from_db_snapshot",
            {**names, **given},
            title=f"restore to {target}",
            summary=f"{point.time or point.snapshot} → {target}",
            expect={"instance": target},
            undo={"captured": {"identifier": target, "source": dict(source.raw)}},
            debt=owed_restored(request.environment, target, self.calls.clock()),
        )

    def facts(self, request: StepRequest, preview: Preview) -> Fingerprint:
        """Re-reads which instance it is and whether the point is still there."""
        source, (bad, _) = self._estate.source(request), self.bad.began(request)
        shown = dict(preview.fingerprint.facts).get("Point", "")
        there = next((one for one in self._points(request, bad) if one.key == shown), None) or _moment(shown, self._points(request, bad))
        return _facts(source, there)

    def send(self, request: StepRequest, call: PlannedCall) -> str:
        """Sends the call."""
        return self.calls.send(call)

    def awaited(self, request: StepRequest, call: PlannedCall) -> str:
        """Returns what the deletion of an undo has to wait for."""
        return self.calls.awaited(call)

    def happened(self, request: StepRequest, call: PlannedCall) -> bool | None:
        """Returns whether the instance is there, or for an undo is on its way out."""
        return self.calls.happened(call)

    def checks(self, request: StepRequest, preview: Preview, since: float) -> tuple[CheckState, ...]:
        """Returns what the new instance is doing, for as long as it takes; what it will not recover from, with what RDS says of it."""
        if any(call.id != RESTORE for call in preview.calls):
            return Deleting(self.calls).checks(preview)
        return tuple(self._state(call.body["expect"]["instance"], self.calls.clock() - since) for call in preview.calls)

    def _state(self, name: str, seconds: float) -> CheckState:
        raw = self.calls.rds.instance(name)
        if raw is None:
            return CheckState(AVAILABLE, passed=None, words=f"{name} is not there yet")
        made = instance_from(raw)
        if made.lost:
            said = "; ".join(self.calls.rds.events(name)[-2:])
            return CheckState(AVAILABLE, passed=False, words=f"{name} is {made.status}{f': {said}' if said else ''}. Delete it, and restore again.", final=True)
        return CheckState(AVAILABLE, passed=made.settled or None, words=name if made.settled else f"{name}: {under_way(made, seconds)}")

    def undo_plan(self, request: StepRequest, done: Sequence[CallRun]) -> Preview:
        """Previews the deletion of the new instance, its protection off first."""
        names = [call.undo["captured"]["identifier"] for call in reversed(done) if call.id == RESTORE]
        found = [instance_from(raw) for raw in map(self.calls.rds.instance, names) if raw is not None]
        calls = tuple(call for one in found for call in Deleting(self.calls).plan(request.environment, one))
        used = [in_use(self.sides, request, one) for one in found]
        return Preview(
            request.step.id,
            f"Undo: {request.step.title}",
            found[0].identifier if found else self._estate.name(request),
            self.calls.rds.where(),
            Danger.DESTRUCTIVE,
            calls,
            _facts(self._estate.source(request), None),
            notices=tuple(notice for _, notices in used for notice in notices),
            checks=(GONE,),
            by_hand=tuple(call.by_hand for call in calls),
            yes="delete the restored instance",
            needs_reason=next((why for why, _ in used if why), ""),
        )


def _moment(wanted: str, found: Sequence[RestorePoint]) -> RestorePoint | None:
    """Returns a moment that was chosen earlier: the list moves on with the clock, the window keeps what it covers."""
    latest = max((one.at for one in found if one.time), default=0.0)
    point = RestorePoint(wanted, _at(wanted), wanted.partition(":")[2])
    return point if point.time and 0.0 < point.at <= latest else None


def _at(key: str) -> float:
    try:
        return datetime.fromisoformat(key.partition(":")[2]).timestamp()
    except ValueError:
        return 0.0


def _facts(source: DbInstance, point: RestorePoint | None) -> Fingerprint:
    return Fingerprint(((source.identifier, source.resource_id), ("Point", point.key if point is not None and not point.refused else "none")))


def _copied(parameters: Json) -> str:
    groups = ", ".join(parameters.get("VpcSecurityGroupIds", ()))
    zones = "two zones" if parameters.get("MultiAZ") else "one zone"
    first = f"{parameters.get('DBInstanceClass')}, {zones}, {parameters.get('DBSubnetGroupName')}, {groups}, {parameters.get('DBParameterGroupName')}"
    return f"{first} and {len(parameters) - 6} more settings; protected from deletion"
