"""The simulated account's answers, action by action: moto's where it is right, and ours where it is not."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from gospel_rollback_tui.drill.aws.answers import AwsRefusal, members, result
from gospel_rollback_tui.drill.aws.changes import RdsChanges
from gospel_rollback_tui.drill.aws.pace import RESTORABLE_LAG_SECONDS
from gospel_rollback_tui.drill.aws.troubles import AwsTroubles
from gospel_rollback_tui.drill.loopback_http import Response, json_response

Forward = Callable[..., Response]
"""Lets moto answer the request, with members that it needs besides."""
_ARN = "arn:aws:iam::123456789012:role/on-call"


class RdsAnswers:
    """Answers RDS actions."""

    def __init__(self, changes: RdsChanges, troubles: AwsTroubles, now: Callable[[], float]) -> None:
        """Answers by what `changes` keeps."""
        self._changes, self._troubles, self._now = changes, troubles, now
        self._own: Mapping[str, Callable[[dict[str, Any], Forward], Response]] = {
            "DescribeDBInstances": self._describe,
            "ModifyDBInstance": self._modify,
            "RebootDBInstance": self._reboot,
            "DeleteDBInstance": self._delete,
            "CreateDBSnapshot": self._snapshot,
            "RestoreDBInstanceFromDBSnapshot": self._restore_snapshot,
            "RestoreDBInstanceToPointInTime": self._restore_point,
            "DescribeDBInstanceAutomatedBackups": self._automated_backups,
            "DescribeOrderableDBInstanceOptions": self._orderable,
            "DescribeAccountAttributes": self._quotas,
            "DescribeEvents": self._events,
        }

    def answer(self, action: str, flat: dict[str, str], forward: Forward) -> Response:
        """Returns the answer; raises AwsRefusal."""
        self._changes.timeline.catch_up()
        own = self._own.get(action)
        return own(members(flat), forward) if own else forward()

    def _describe(self, given: dict[str, Any], forward: Forward) -> Response:
        """A name that was changed a moment ago still finds its instance, under its new name."""
        asked = given.get("DBInstanceIdentifier", "")
        former = self._changes.former.get(asked)
        databases = self._changes.backend.databases
        if former is None or asked in databases:
            return forward()
        databases[asked], one_name = former, former.db_instance_identifier
        former.db_instance_identifier = asked
        try:
            return forward()
        finally:
            former.db_instance_identifier = one_name
            databases.pop(asked)

    def _modify(self, given: dict[str, Any], _forward: Forward) -> Response:
        return self._changed("ModifyDBInstance", self._changes.modify(given))

    def _reboot(self, given: dict[str, Any], _forward: Forward) -> Response:
        return self._changed("RebootDBInstance", self._changes.reboot(given["DBInstanceIdentifier"]))

    def _delete(self, given: dict[str, Any], _forward: Forward) -> Response:
        return self._changed("DeleteDBInstance", self._changes.delete(given))

    def _changed(self, action: str, one: Any) -> Response:  # noqa: ANN401 - moto's
        said = {"DBInstanceIdentifier": one.db_instance_identifier, "DBInstanceStatus": one.status, "DbiResourceId": one.dbi_resource_id}
        return result(action, {"DBInstance": said})

    def _snapshot(self, given: dict[str, Any], forward: Forward) -> Response:
        self._changes.may_snapshot(given["DBInstanceIdentifier"])
        answered = forward()
        if answered.status == 200:
            self._changes.snapshot_begun(given["DBSnapshotIdentifier"])
        return answered

    def _restore_snapshot(self, given: dict[str, Any], forward: Forward) -> Response:
        target, name = given["DBInstanceIdentifier"], given["DBSnapshotIdentifier"]
        snapshot = self._changes.backend.database_snapshots.get(name)
        self._changes.may_restore(target, key=snapshot.kms_key_id or "" if snapshot else "")
        if snapshot is not None and snapshot.status != "available":
            raise AwsRefusal("InvalidDBSnapshotState", f"DB snapshot {name} is {snapshot.status}.")
        answered = forward()
        if answered.status == 200:
            self._changes.restore_begun(target, given, snapshot.dbi_resource_id, snapshot=name, at=0.0)
        return answered

    def _restore_point(self, given: dict[str, Any], forward: Forward) -> Response:
        target = given["TargetDBInstanceIdentifier"]
        source = self._source(given)
        self._changes.may_restore(target, key=source.kms_key_id or "")
        latest = self._now() - RESTORABLE_LAG_SECONDS
        at = datetime.fromisoformat(given["RestoreTime"]).timestamp() if given.get("RestoreTime") else latest
        if not source.backup_retention_period:
            raise AwsRefusal("PointInTimeRestoreNotEnabled", "The source DB instance has no automated backups.")
        if not self._earliest(source) <= at <= latest:
            raise AwsRefusal("InvalidRestoreFault", "The specified time is outside the restore window.")
        answered = forward(**({} if "SourceDBInstanceIdentifier" in given else {"SourceDBInstanceIdentifier": source.db_instance_identifier}))
        if answered.status == 200:
            self._changes.restore_begun(target, given, source.dbi_resource_id, snapshot="", at=at)
        return answered

    def _source(self, given: dict[str, Any]) -> Any:  # noqa: ANN401 - moto's
        """Returns the instance of that resource id, whatever its name; moto knows names alone."""
        wanted = given.get("SourceDbiResourceId", "")
        found = next((one for one in self._changes.backend.databases.values() if one.dbi_resource_id == wanted), None)
        return found or self._changes.instance(given.get("SourceDBInstanceIdentifier", wanted))

    def _earliest(self, one: Any) -> float:  # noqa: ANN401 - moto's
        return max(float(one.created.timestamp()), self._now() - float(one.backup_retention_period) * 86400.0)

    def _automated_backups(self, given: dict[str, Any], _forward: Forward) -> Response:
        wanted = given.get("DbiResourceId", "")
        held = [one for one in self._changes.backend.databases.values() if one.backup_retention_period and one.dbi_resource_id == wanted]
        backups = [
            {
                "DBInstanceAutomatedBackup": {
                    "DbiResourceId": one.dbi_resource_id,
                    "Status": "active",
                    "RestoreWindow": {"EarliestTime": _iso(self._earliest(one)), "LatestTime": _iso(self._now() - RESTORABLE_LAG_SECONDS)},
                }
            }
            for one in held
        ]
        return result("DescribeDBInstanceAutomatedBackups", {"DBInstanceAutomatedBackups": backups})

    def _orderable(self, given: dict[str, Any], _forward: Forward) -> Response:
        option = {"Engine": given.get("Engine", ""), "EngineVersion": given.get("EngineVersion", ""), "DBInstanceClass": given.get("DBInstanceClass", "")}
        return result("DescribeOrderableDBInstanceOptions", {"OrderableDBInstanceOptions": [{"OrderableDBInstanceOption": option}]})

    def _quotas(self, _given: dict[str, Any], _forward: Forward) -> Response:
        backend = self._changes.backend
        manual = sum(1 for one in backend.database_snapshots.values() if one.snapshot_type == "manual")
        found = {"DBInstances": (len(backend.databases), self._troubles.instance_quota), "ManualSnapshots": (manual, self._troubles.snapshot_quota)}
        quotas = [{"AccountQuota": {"AccountQuotaName": name, "Used": str(used), "Max": str(most)}} for name, (used, most) in found.items()]
        return result("DescribeAccountAttributes", {"AccountQuotas": quotas})

    def _events(self, given: dict[str, Any], _forward: Forward) -> Response:
        wanted = given.get("SourceIdentifier", "")
        found = [
            {"Event": {"SourceIdentifier": name, "SourceType": "db-instance", "Message": words, "Date": _iso(at)}}
            for at, name, words in self._changes.events
            if not wanted or name == wanted
        ]
        return result("DescribeEvents", {"Events": found})


class IdentityAnswers:
    """Answers of STS, IAM and KMS that the tool asks before its first change."""

    def __init__(self, troubles: AwsTroubles) -> None:
        """Answers by the trouble that is on."""
        self._troubles = troubles

    def caller(self) -> Response:
        """Returns who asks."""
        return result("GetCallerIdentity", {"Arn": "arn:aws:sts::123456789012:assumed-role/on-call/ann", "UserId": "AROA:ann", "Account": "123456789012"})

    def simulate(self, flat: Mapping[str, str]) -> Response:
        """Returns what the identity may do; refuses where it may not ask."""
        if self._troubles.cannot_simulate:
            raise AwsRefusal("AccessDenied", f"User: {_ARN} is not authorized to perform: iam:SimulatePrincipalPolicy", 403)
        resource = flat.get("ResourceArns.member.1", "*")
        granted = resource.startswith(self._troubles.granted_on)
        asked = [value for name, value in flat.items() if name.startswith("ActionNames.")]
        found = [
            {
                "member": {
                    "EvalActionName": name,
                    "EvalResourceName": resource,
                    "EvalDecision": "allowed" if granted and name not in self._troubles.denied else "implicitDeny",
                }
            }
            for name in asked
        ]
        return result("SimulatePrincipalPolicy", {"EvaluationResults": found, "IsTruncated": "false"})

    def key(self, body: bytes) -> Response:
        """Returns a KMS key's state."""
        asked = json.loads(body).get("KeyId", "")
        return json_response({"KeyMetadata": {"KeyId": asked, "KeyState": "Disabled" if self._troubles.key_disabled else "Enabled"}})


def _iso(wall: float) -> str:
    return datetime.fromtimestamp(wall, UTC).isoformat().replace("+00:00", "Z")
