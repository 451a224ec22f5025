"""The production database of the simulated account: an instance with every setting of its own, its snapshots and its window."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from moto.rds.models import DBSnapshot

from gospel_rollback_tui.drill.aws.backing import Place
from gospel_rollback_tui.drill.aws.server import SimulatedAws
from gospel_rollback_tui.drill.aws.timed import TimedInstance, adopt, apply

IDENTIFIER = "gospelib-production"
KEY = "arn:aws:kms:us-east-1:123456789012:key/2f7c3a51-0000-4000-8000-000000000001"
PARAMETER_GROUP = "gospelib-postgres15"
SUBNET_GROUP = "gospelib-private"
_SETTINGS = {
    "DBParameterGroupName": PARAMETER_GROUP,
    "VpcSecurityGroupIds": ["sg-0a11c0ffee0000001", "sg-0a11c0ffee0000002"],
    "MultiAZ": True,
    "PubliclyAccessible": False,
    "AutoMinorVersionUpgrade": False,
    "StorageType": "gp3",
    "Iops": 3000,
    "StorageThroughput": 125,
    "CopyTagsToSnapshot": True,
    "Tags": [{"Key": "team", "Value": "platform"}, {"Key": "aws:cloudformation:stack-id", "Value": "none"}],
    "EnableIAMDatabaseAuthentication": True,
    "EnableCloudwatchLogsExports": ["postgresql", "upgrade"],
    "DeletionProtection": True,
    "NetworkType": "IPV4",
    "PreferredBackupWindow": "04:10-04:40",
    "CACertificateIdentifier": "rds-ca-rsa2048-g1",
    "EngineLifecycleSupport": "open-source-rds-extended-support-disabled",
    "MonitoringInterval": 60,
    "MonitoringRoleArn": "arn:aws:iam::123456789012:role/rds-monitoring",
    "EnablePerformanceInsights": True,
    "PerformanceInsightsKMSKeyId": KEY,
    "PerformanceInsightsRetentionPeriod": 7,
    "MaxAllocatedStorage": 500,
    "PreferredMaintenanceWindow": "sun:05:00-sun:05:30",
}


def create_instance(
    aws: SimulatedAws, identifier: str = IDENTIFIER, *, days: float = 30.0, place: Place | None = None, encrypted: bool = True, retention: int = 14
) -> TimedInstance:
    """Puts an instance into the account that is available and that many days old; `retention` is the days that its backups reach back."""
    backend, at = aws.changes.backend, aws.now() - days * 86400.0
    _groups(backend)
    wanted: dict[str, Any] = {
        "db_instance_identifier": identifier,
        "db_instance_class": "db.r6g.large",
        "engine": "postgres",
        "engine_version": "15.8",
        "allocated_storage": 100,
        "master_username": "gospelib_admin",
        "master_user_password": "only-of-the-drill",
        "storage_encrypted": encrypted,
        "kms_key_id": KEY,
        "backup_retention_period": 0,
    }
    one = adopt(backend.create_db_instance(wanted), f"db-{identifier.upper().replace('-', '')}", aws.now)
    aws.changes.forget_automatic(identifier)
    apply(one, {**_SETTINGS, "BackupRetentionPeriod": retention})
    one.db_subnet_group_name = SUBNET_GROUP
    backend.option_groups.setdefault(one.option_group_name, SimpleNamespace(name=one.option_group_name))
    one.created = one.instance_create_time = datetime.fromtimestamp(at, UTC)
    one.place = place
    return one


def _groups(backend: Any) -> None:  # noqa: ANN401 - moto's own
    """Makes what instances refer to: moto refuses names that it does not know."""
    if PARAMETER_GROUP not in backend.db_parameter_groups:
        group = {"db_parameter_group_name": PARAMETER_GROUP, "db_parameter_group_family": "postgres15", "description": "GospeLib"}
        backend.create_db_parameter_group(group)
    if SUBNET_GROUP not in backend.subnet_groups:
        subnets = [SimpleNamespace(id=f"subnet-0a1{zone}", vpc_id="vpc-0a11", availability_zone=f"{backend.region_name}{zone}") for zone in "ab"]
        backend.create_subnet_group(SUBNET_GROUP, "GospeLib", subnets, [])


def keep_snapshot(aws: SimulatedAws, name: str, *, hours: float, identifier: str = IDENTIFIER, kind: str = "automated") -> DBSnapshot:
    """Puts a snapshot into the account that was taken that many hours ago."""
    snapshot: DBSnapshot = aws.changes.backend.create_db_snapshot(identifier, name, snapshot_type=kind)
    at = datetime.fromtimestamp(aws.now() - hours * 3600.0, UTC)
    snapshot.created = at
    snapshot.original_snapshot_create_time = at
    vars(snapshot).update(snapshot_database_time=at, percent_progress=100)
    return snapshot
