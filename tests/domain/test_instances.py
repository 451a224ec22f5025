"""Instances: what may be restored by the tool, what is copied, what differs, and what a restore point loses."""

import boto3
import pytest

from gospel_rollback_tui.domain.instances import DbInstance, by_hand_only, instance_from, under_way
from gospel_rollback_tui.domain.instances_copying import LOGS, SETTINGS, TAGS, differences, missing_tags, restore_parameters, settling, unreadable
from gospel_rollback_tui.domain.instances_points import points, stamp, suggested
from gospel_rollback_tui.domain.preview import Json
from gospel_rollback_tui.domain.raw import moment

RAW: Json = {
    "DBInstanceIdentifier": "prod",
    "DbiResourceId": "db-A",
    "DBInstanceStatus": "available",
    "Engine": "postgres",
    "DBInstanceClass": "db.r6g.large",
    "Endpoint": {"Address": "prod.example", "Port": 5433},
    "DBSubnetGroup": {"DBSubnetGroupName": "private"},
    "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-2"}, {"VpcSecurityGroupId": "sg-1"}],
    "DBParameterGroups": [{"DBParameterGroupName": "own15", "ParameterApplyStatus": "in-sync"}],
    "MultiAZ": True,
    "StorageType": "gp3",
    "AllocatedStorage": 100,
    "Iops": 3000,
    "StorageThroughput": 125,
    "MaxAllocatedStorage": 500,
    "StorageEncrypted": True,
    "KmsKeyId": "key-1",
    "TagList": [{"Key": "team", "Value": "a"}, {"Key": "aws:stack", "Value": "b"}],
    "EnabledCloudwatchLogsExports": ["upgrade", "postgresql"],
    "MonitoringInterval": 60,
    "MonitoringRoleArn": "arn:role",
    "DeletionProtection": False,
    "PreferredMaintenanceWindow": "sun:05:00-sun:05:30",
    "PendingModifiedValues": {},
}
NOW = moment("2026-11-22T03:20:00Z") or 0.0
BAD = NOW - 600.0


def instance(**other: Json) -> DbInstance:
    """Returns the instance with other values."""
    return instance_from({**RAW, **other})


def test_every_copied_setting_is_a_member_of_its_calls() -> None:
    """A member that the API does not know would be refused at three in the morning."""
    client = boto3.client("rds", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")

    def known(operation: str) -> set[str]:
        return set(client.meta.service_model.operation_model(operation).input_shape.members)

    snapshot, point, modify = known("RestoreDBInstanceFromDBSnapshot"), known("RestoreDBInstanceToPointInTime"), known("ModifyDBInstance")
    assert {one.restore for one in SETTINGS if one.restore} <= point
    assert {one.restore for one in SETTINGS if one.restore and not one.point_only} <= snapshot
    assert {one.modify for one in SETTINGS if one.modify} - {TAGS} <= modify


def test_a_restore_is_given_everything_and_is_always_protected() -> None:
    """Also where the source is not; AWS's own tags and the fixed numbers of a small gp3 volume cannot be given."""
    given = restore_parameters(instance(), to_point=False)
    assert given["DBSubnetGroupName"] == "private"
    assert given["VpcSecurityGroupIds"] == ["sg-1", "sg-2"]
    assert given["DBParameterGroupName"] == "own15"
    assert (given["MultiAZ"], given["Port"], given["DeletionProtection"]) == (True, 5433, True)
    assert given["Tags"] == [{"Key": "team", "Value": "a"}]
    assert not {"Iops", "StorageThroughput", "MaxAllocatedStorage"} & given.keys()
    assert restore_parameters(instance(AllocatedStorage=400), to_point=True)["Iops"] == 3000
    assert restore_parameters(instance(), to_point=True)["MaxAllocatedStorage"] == 500


def test_a_number_that_a_storage_type_has_not_got_is_not_given() -> None:
    """RDS describes gp2 with a throughput of nought, and refuses a call that gives it."""
    given = restore_parameters(instance(StorageType="gp2", StorageThroughput=0, Iops=0), to_point=False)
    assert not {"Iops", "StorageThroughput"} & given.keys()
    assert given["StorageType"] == "gp2"
    assert restore_parameters(instance(StorageType="io1", StorageThroughput=0), to_point=False)["Iops"] == 3000


@pytest.mark.parametrize(
    ("otherwise", "words", "how"),
    [
        ({"EngineVersion": "15.4"}, "engine version: 15.4 instead of 15.8", ""),
        ({"AssociatedRoles": []}, "roles: none instead of s3Import arn:import", ""),
        ({"DomainMemberships": []}, "directory: none instead of d-1", ""),
        ({"DatabaseInsightsMode": "standard"}, "insights mode: standard instead of advanced", "DatabaseInsightsMode"),
        ({"DedicatedLogVolume": False}, "dedicated log volume: off instead of on", "DedicatedLogVolume"),
        ({"MasterUserSecret": {"KmsKeyId": "key-d"}}, "key of that password: key-d instead of key-p", "MasterUserSecretKmsKeyId"),
    ],
)
def test_what_a_restore_leaves_behind_is_a_difference(otherwise: Json, words: str, how: str) -> None:
    """Some a modification brings back; the rest is told, and takes a written reason."""
    live = {
        "DeletionProtection": True,
        "EngineVersion": "15.8",
        "AssociatedRoles": [{"FeatureName": "s3Import", "RoleArn": "arn:import"}],
        "DomainMemberships": [{"Domain": "d-1"}],
        "DatabaseInsightsMode": "advanced",
        "DedicatedLogVolume": True,
        "MasterUserSecret": {"KmsKeyId": "key-p"},
    }
    source, restored = instance(**live), instance(**{**live, **otherwise})
    assert [one.words for one in differences(source, restored)] == [words]
    members, stay = settling(source, restored)
    assert list(members) == ([how] if how else [])
    assert [one.words for one in stay] == ([] if how else [words])


@pytest.mark.parametrize(
    ("lacking", "words"),
    [
        ({"DBSubnetGroup": None}, "subnet group"),
        ({"VpcSecurityGroups": []}, "security groups"),
        ({"DBParameterGroups": []}, "parameter group"),
        ({"DBInstanceClass": ""}, "class"),
        ({"KmsKeyId": None}, "encryption key"),
    ],
)
def test_nothing_is_restored_with_a_default_in_place_of_what_cannot_be_read(lacking: Json, words: str) -> None:
    """Each of these would cut the services off, or open the database to others."""
    assert words in unreadable(instance(**lacking))
    assert unreadable(instance()) == ""


def test_the_same_instance_differs_in_nothing() -> None:
    """Names, addresses, times and more protection are no settings."""
    assert differences(instance(), instance(DBInstanceIdentifier="restored", DbiResourceId="db-B", DeletionProtection=True)) == ()


def test_defaults_on_restore_are_differences_that_settling_takes_away() -> None:
    """Also those that no restore call can set; tags by a call of their own, and a key not at all."""
    restored = instance(
        VpcSecurityGroups=[{"VpcSecurityGroupId": "sg-default"}],
        MultiAZ=False,
        MonitoringInterval=0,
        MonitoringRoleArn=None,
        EnabledCloudwatchLogsExports=[],
        PreferredMaintenanceWindow="mon:01:00-mon:01:30",
        TagList=[],
        KmsKeyId="key-2",
    )
    words = [one.words for one in differences(instance(), restored)]
    assert "security groups: sg-default instead of sg-1, sg-2" in words
    assert "Multi-AZ: off instead of on" in words
    members, stay = settling(instance(), restored)
    assert members == {
        "VpcSecurityGroupIds": ["sg-1", "sg-2"],
        "MultiAZ": True,
        "MonitoringInterval": 60,
        "MonitoringRoleArn": "arn:role",
        LOGS: {"EnableLogTypes": ["postgresql", "upgrade"]},
        "PreferredMaintenanceWindow": "sun:05:00-sun:05:30",
        "DeletionProtection": True,
    }
    assert [one.setting.words for one in stay] == ["encryption key"]
    assert missing_tags(instance(), restored) == [{"Key": "team", "Value": "a"}]


@pytest.mark.parametrize(
    ("what", "proxies", "why", "way_on"),
    [
        ({"DBClusterIdentifier": "c1"}, (), "cluster c1", "restore-db-cluster-to-point-in-time"),
        ({"ReadReplicaSourceDBClusterIdentifier": "c2"}, (), "read replica of c2", "`rds.identifier` to the primary"),
        ({"ReadReplicaSourceDBInstanceIdentifier": "main"}, (), "read replica of main", "`rds.identifier` to the primary"),
        ({"ReadReplicaDBInstanceIdentifiers": ["r1"]}, (), "has read replicas (r1)", "create-db-instance-read-replica"),
        ({}, ("pool",), "through the proxy pool", "register-db-proxy-targets"),
    ],
)
def test_replicas_proxies_and_clusters_are_left_to_guided_steps(what: Json, proxies: tuple[str, ...], why: str, way_on: str) -> None:
    """Recognised, said, and with the way by hand."""
    said, next_step = by_hand_only(instance(**what), proxies)
    assert why in said
    assert way_on in next_step
    assert by_hand_only(instance(), ()) == ("", "")


def test_progress_says_what_is_under_way_or_waits() -> None:
    """A restore takes as long as it takes: the words tell which state it is in and for how long."""
    assert under_way(instance(DBInstanceStatus="creating", PercentProgress="40"), 900.0) == "creating 40%, 15 min"
    renaming = instance(DBInstanceStatus="renaming", PendingModifiedValues={"DBInstanceIdentifier": "prod-old"})
    assert under_way(renaming, 30.0) == "renaming (DBInstanceIdentifier: prod-old), 30 s"
    assert "waits for its maintenance window" in under_way(instance(PendingModifiedValues={"DBInstanceIdentifier": "prod-old"}), 30.0)


def snapshot(name: str, hours: float, status: str = "available") -> Json:
    """Returns a snapshot of that many hours ago."""
    return {
        "DBSnapshotIdentifier": name,
        "SnapshotType": "automated",
        "Status": status,
        "EngineVersion": "15.8",
        "SnapshotDatabaseTime": stamp(NOW - hours * 3600),
    }


def test_the_default_is_the_minute_before_the_damage() -> None:
    """By the restore window, to the second; it says what it loses."""
    found = points([snapshot("rds:nightly", 23)], (NOW - 86400, NOW - 300), now=NOW, bad=BAD)
    best = suggested(found, BAD)
    assert best is not None
    assert best.time == stamp(BAD - 60)
    assert best.loss(NOW, BAD) == "loses everything written since 2026-11-22T03:09:00Z, 11 min"


def test_without_a_window_it_is_the_newest_snapshot_from_before_the_damage() -> None:
    """One that is newer holds the damage too, and one that is not available cannot be restored."""
    found = points([snapshot("early", 23), snapshot("late", 0.1), snapshot("begun", 1, "creating")], None, now=NOW, bad=BAD)
    assert [one.snapshot for one in found] == ["late", "begun", "early"]
    best = suggested(found, BAD)
    assert best is not None
    assert best.snapshot == "early"
    assert "it holds the damage too" in found[0].loss(NOW, BAD)
    assert found[1].refused == "it is creating"


def test_a_snapshot_that_is_too_old_says_how_much_more_it_loses() -> None:
    """In words, not as a date that nobody subtracts at night."""
    old = points([snapshot("rds:nightly", 23)], None, now=NOW, bad=BAD)[0]
    assert old.loss(NOW, BAD) == "loses everything written since 2026-11-21T04:20:00Z, 23 h; old: 22 h of it from before the damage"


def test_a_moment_outside_the_window_says_where_the_window_is() -> None:
    """Too early as well as too late."""
    found = points([], (NOW - 300, NOW - 290), now=NOW, bad=BAD)
    assert "begins at" in found[0].refused
    assert suggested(found, BAD) is None
