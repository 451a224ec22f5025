"""An instance of moto's that knows time: what it describes lags, waits and moves as Amazon's does."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from moto.rds.models import DBInstance

from gospel_rollback_tui.drill.aws.backing import Place
from gospel_rollback_tui.drill.aws.pace import RESTORABLE_LAG_SECONDS

RENAME = "DBInstanceIdentifier"
_FLAGS = {"true": True, "false": False}
_ATTRIBUTES = {
    "DBInstanceClass": "db_instance_class",
    "Port": "port",
    "DBPortNumber": "port",
    "DBSubnetGroupName": "db_subnet_group_name",
    "VpcSecurityGroupIds": "vpc_security_group_ids",
    "DBParameterGroupName": "db_parameter_group_name",
    "OptionGroupName": "option_group_name",
    "MultiAZ": "multi_az",
    "PubliclyAccessible": "publicly_accessible",
    "AutoMinorVersionUpgrade": "auto_minor_version_upgrade",
    "StorageType": "storage_type",
    "Iops": "iops",
    "StorageThroughput": "storage_throughput",
    "MaxAllocatedStorage": "max_allocated_storage",
    "CopyTagsToSnapshot": "copy_tags_to_snapshot",
    "Tags": "tags",
    "EnableIAMDatabaseAuthentication": "enable_iam_database_authentication",
    "EnableCloudwatchLogsExports": "enabled_cloudwatch_logs_exports",
    "DeletionProtection": "deletion_protection",
    "NetworkType": "network_type",
    "BackupRetentionPeriod": "backup_retention_period",
    "PreferredBackupWindow": "preferred_backup_window",
    "CACertificateIdentifier": "ca_certificate_identifier",
    "EngineLifecycleSupport": "engine_lifecycle_support",
    "MonitoringInterval": "monitoring_interval",
    "MonitoringRoleArn": "monitoring_role_arn",
    "EnablePerformanceInsights": "performance_insights_enabled",
    "PerformanceInsightsKMSKeyId": "performance_insights_kms_key_id",
    "PerformanceInsightsRetentionPeriod": "performance_insights_retention_period",
    "PreferredMaintenanceWindow": "preferred_maintenance_window",
}
_DEFAULTS: Mapping[str, Any] = {
    "Port": 5432,
    "MultiAZ": False,
    "PubliclyAccessible": True,
    "AutoMinorVersionUpgrade": True,
    "StorageType": "gp3",
    "CopyTagsToSnapshot": False,
    "Tags": [],
    "EnableIAMDatabaseAuthentication": False,
    "EnableCloudwatchLogsExports": [],
    "DeletionProtection": False,
    "DBParameterGroupName": None,
    "MonitoringInterval": 0,
    "MonitoringRoleArn": None,
    "EnablePerformanceInsights": False,
    "PerformanceInsightsKMSKeyId": None,
    "PerformanceInsightsRetentionPeriod": None,
    "PreferredMaintenanceWindow": "sun:04:00-sun:04:30",
    "PreferredBackupWindow": "09:00-09:30",
    "CACertificateIdentifier": "rds-ca-rsa2048-g1",
}
"""What a restore takes where it is given nothing; class and storage size come from the backup."""
_LOGS = "CloudwatchLogsExportConfiguration."


class TimedInstance(DBInstance):
    """Moto makes it, and is then told to be this: made by changing an object's class."""

    now: Callable[[], float]
    pending_modified_values: dict[str, Any]
    place: Place | None
    apply_status: str
    percent_progress: str

    @property
    def latest_restorable_time(self) -> Any:  # noqa: ANN401 - moto writes a date, or leaves out None
        """Some minutes behind; without backups there is none."""
        return datetime.fromtimestamp(self.now() - RESTORABLE_LAG_SECONDS, UTC) if self.backup_retention_period else None

    @property
    def endpoint(self) -> dict[str, Any]:
        """Where the database listens; nowhere while it is being created."""
        if self.status == "creating":
            return {}
        return {"Address": self.place.host if self.place else self.address, "Port": self.place.port if self.place else self.port}

    @property
    def db_parameter_group_status_list(self) -> Any:  # noqa: ANN401 - as moto has it
        """Moto says `in-sync` whatever was changed."""
        groups = self.db_parameter_groups()
        for group in groups:
            group.ParameterApplyStatus = self.apply_status  # type: ignore[attr-defined]  # moto sets it so
        return groups


def adopt(instance: DBInstance, resource_id: str, now: Callable[[], float]) -> TimedInstance:
    """Returns the instance, which knows time from now on."""
    instance.__class__ = TimedInstance  # type: ignore[type-abstract]  # the methods that it lacks are for CloudFormation alone
    assert isinstance(instance, TimedInstance)
    instance.source_db_instance_identifier, instance.replicas = None, []  # moto takes a restore to a point in time for a replica
    instance.now, instance.place, instance.dbi_resource_id = now, None, resource_id
    instance.pending_modified_values, instance.apply_status, instance.percent_progress = {}, "in-sync", ""
    instance.created = instance.instance_create_time = datetime.fromtimestamp(now(), UTC)
    return instance


def take_defaults(instance: TimedInstance, default_group: str) -> None:
    """Sets what a restore takes from the region where it is given nothing."""
    apply(instance, {**_DEFAULTS, "VpcSecurityGroupIds": [default_group]})
    instance.db_subnet_group = type("DefaultSubnetGroup", (), {"db_subnet_group_name": "default", "vpc_id": "vpc-default", "subnets": []})()
    instance.max_allocated_storage = instance.allocated_storage


def apply(instance: TimedInstance, members: Mapping[str, Any]) -> None:
    """Sets members of a restore or a modification, as they come from a request or from here."""
    for name, given in members.items():
        value = _FLAGS.get(given, int(given) if given.isdigit() else given) if isinstance(given, str) else given
        if name.startswith(f"{_LOGS}EnableLogTypes"):
            instance.enabled_cloudwatch_logs_exports = [*instance.enabled_cloudwatch_logs_exports, given]
        elif name.startswith(f"{_LOGS}DisableLogTypes"):
            instance.enabled_cloudwatch_logs_exports = [log for log in instance.enabled_cloudwatch_logs_exports if log != given]
        elif name == "ManageMasterUserPassword":
            instance.update(manage_master_user_password=bool(value))
        elif name in _ATTRIBUTES:
            setattr(instance, _ATTRIBUTES[name], value)
