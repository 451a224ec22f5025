"""What a restored instance takes over from the one it stands for, setting by setting.

A restore takes whatever it is not given from the region's defaults: the default security group and parameter group,
one zone, no protection, no backups of its own choosing. So each setting is given, and compared afterwards.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gospel_rollback_tui.domain.instances import DbInstance
from gospel_rollback_tui.domain.preview import Json
from gospel_rollback_tui.domain.raw import JsonObject, child, children, number, text

_GP3_STRIPED_GIB = 400
"""Below this size gp3 has fixed throughput, and the API refuses both numbers."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: how it is read, and which call can give it."""

    words: str
    """What operators call it."""
    read: Callable[[JsonObject], Json]
    """Its value in an entry of DescribeDBInstances; None: not set."""
    restore: str = ""
    """Member of both restore calls; empty: no restore can set it."""
    modify: str = ""
    """Member of ModifyDBInstance; empty: that cannot set it."""
    point_only: bool = False
    """Only the restore to a point in time takes it."""
    required: bool = False
    """Without it nothing is restored: the default would cut the instance off, or make it another one."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A setting that the restored instance has otherwise."""

    setting: Setting
    source: Json
    restored: Json

    @property
    def words(self) -> str:
        """The difference in a line: `class: db.t3.medium instead of db.r6g.large`."""
        return f"{self.setting.words}: {_shown(self.restored)} instead of {_shown(self.source)}"


def _plain(name: str) -> Callable[[JsonObject], Json]:
    return lambda raw: raw.get(name)


def _above_nought(name: str) -> Callable[[JsonObject], Json]:
    """A storage type without that number is described with nought, which no call takes."""
    return lambda raw: number(raw.get(name)) or None


def _roles(raw: JsonObject) -> Json:
    return sorted(f"{text(one.get('FeatureName'))} {text(one.get('RoleArn'))}".strip() for one in children(raw, "AssociatedRoles")) or None


def _security_groups(raw: JsonObject) -> Json:
    return sorted(text(group.get("VpcSecurityGroupId")) for group in children(raw, "VpcSecurityGroups")) or None


def _tags(raw: JsonObject) -> Json:
    """Tags of AWS itself cannot be given, and those of this program speak of one instance alone."""
    found = sorted((text(tag.get("Key")), text(tag.get("Value"))) for tag in children(raw, "TagList"))
    return [{"Key": key, "Value": value} for key, value in found if not key.startswith(("aws:", OWN_TAGS))] or None


def _logs(raw: JsonObject) -> Json:
    found = raw.get("EnabledCloudwatchLogsExports")
    return sorted(text(name) for name in found) or None if isinstance(found, list) else None


def _first(group: str, name: str) -> Callable[[JsonObject], Json]:
    return lambda raw: next((text(one.get(name)) for one in children(raw, group)), None)


OWN_TAGS = "gospel-rollback"
"""Tags that begin so are this program's own."""
LOGS, TAGS = "CloudwatchLogsExportConfiguration", "Tags"
CLASS = Setting("class", _plain("DBInstanceClass"), "DBInstanceClass", "DBInstanceClass", required=True)
PARAMETER_GROUP = Setting("parameter group", _first("DBParameterGroups", "DBParameterGroupName"), "DBParameterGroupName", "DBParameterGroupName", required=True)
SETTINGS = (
    CLASS,
    Setting("port", lambda raw: number(child(raw, "Endpoint").get("Port")) or None, "Port", "DBPortNumber"),
    Setting("subnet group", lambda raw: child(raw, "DBSubnetGroup").get("DBSubnetGroupName"), "DBSubnetGroupName", "DBSubnetGroupName", required=True),
    Setting("security groups", _security_groups, "VpcSecurityGroupIds", "VpcSecurityGroupIds", required=True),
    PARAMETER_GROUP,
    Setting("option group", _first("OptionGroupMemberships", "OptionGroupName"), "OptionGroupName", "OptionGroupName"),
    Setting("Multi-AZ", _plain("MultiAZ"), "MultiAZ", "MultiAZ"),
    Setting("public access", _plain("PubliclyAccessible"), "PubliclyAccessible", "PubliclyAccessible"),
    Setting("minor upgrades by itself", _plain("AutoMinorVersionUpgrade"), "AutoMinorVersionUpgrade", "AutoMinorVersionUpgrade"),
    Setting("storage type", _plain("StorageType"), "StorageType", "StorageType"),
    Setting("IOPS", _above_nought("Iops"), "Iops", "Iops"),
    Setting("storage throughput", _above_nought("StorageThroughput"), "StorageThroughput", "StorageThroughput"),
    Setting("dedicated log volume", _plain("DedicatedLogVolume"), "DedicatedLogVolume", "DedicatedLogVolume"),
    Setting("largest storage", _plain("MaxAllocatedStorage"), "MaxAllocatedStorage", "MaxAllocatedStorage", point_only=True),
    Setting("encryption key", _plain("KmsKeyId")),
    Setting("tags copied to snapshots", _plain("CopyTagsToSnapshot"), "CopyTagsToSnapshot", "CopyTagsToSnapshot"),
    Setting("tags", _tags, TAGS, TAGS),
    Setting("login by IAM", _plain("IAMDatabaseAuthenticationEnabled"), "EnableIAMDatabaseAuthentication", "EnableIAMDatabaseAuthentication"),
    Setting("logs to CloudWatch", _logs, "EnableCloudwatchLogsExports", LOGS),
    Setting("deletion protection", _plain("DeletionProtection"), "DeletionProtection", "DeletionProtection"),
    Setting("network type", _plain("NetworkType"), "NetworkType", "NetworkType"),
    Setting("backup retention", _plain("BackupRetentionPeriod"), "BackupRetentionPeriod", "BackupRetentionPeriod"),
    Setting("backup window", _plain("PreferredBackupWindow"), "PreferredBackupWindow", "PreferredBackupWindow"),
    Setting("certificate authority", _plain("CACertificateIdentifier"), "CACertificateIdentifier", "CACertificateIdentifier"),
    Setting("extended support", _plain("EngineLifecycleSupport"), "EngineLifecycleSupport"),
    Setting("enhanced monitoring", _plain("MonitoringInterval"), modify="MonitoringInterval"),
    Setting("monitoring role", _plain("MonitoringRoleArn"), modify="MonitoringRoleArn"),
    Setting("Performance Insights", _plain("PerformanceInsightsEnabled"), modify="EnablePerformanceInsights"),
    Setting("Performance Insights key", _plain("PerformanceInsightsKMSKeyId"), modify="PerformanceInsightsKMSKeyId"),
    Setting("Performance Insights retention", _plain("PerformanceInsightsRetentionPeriod"), modify="PerformanceInsightsRetentionPeriod"),
    Setting("insights mode", _plain("DatabaseInsightsMode"), modify="DatabaseInsightsMode"),
    Setting("maintenance window", _plain("PreferredMaintenanceWindow"), modify="PreferredMaintenanceWindow"),
    Setting("password managed by RDS", lambda raw: bool(raw.get("MasterUserSecret")), modify="ManageMasterUserPassword"),
    Setting("key of that password", lambda raw: child(raw, "MasterUserSecret").get("KmsKeyId"), modify="MasterUserSecretKmsKeyId"),
    Setting("engine version", _plain("EngineVersion")),
    Setting("roles", _roles),
    Setting("directory", _first("DomainMemberships", "Domain")),
)
"""Every setting that is copied, settled or compared; the one place that names them."""
_FIXED_BY_GP3 = ("Iops", "StorageThroughput")


def unreadable(source: DbInstance) -> str:
    """Returns why nothing is restored from this description; empty: all that it takes is known."""
    missing = [setting.words for setting in SETTINGS if setting.required and setting.read(source.raw) in (None, "", [])]
    if source.raw.get("StorageEncrypted") and not source.kms_key:
        missing.append("encryption key")
    return f"The {' and the '.join(missing)} of {source.identifier} cannot be read, and the region's default would cut the services off." if missing else ""


def restore_parameters(source: DbInstance, *, to_point: bool) -> dict[str, Json]:
    """Returns the members of the restore call that make the new instance what the source is, always protected from deletion."""
    left_out = _FIXED_BY_GP3 if _fixed_gp3(source.raw) else ()
    found: dict[str, Json] = {}
    for setting in SETTINGS:
        value = setting.read(source.raw)
        if setting.restore and setting.restore not in left_out and value is not None and (to_point or not setting.point_only):
            found[setting.restore] = value
    return {**found, "DeletionProtection": True}


def differences(source: DbInstance, restored: DbInstance) -> tuple[Difference, ...]:
    """Returns what the restored instance has otherwise; more protection than before is no difference."""
    return tuple(_differences(source, restored))


def _differences(source: DbInstance, restored: DbInstance) -> Iterator[Difference]:
    for setting in SETTINGS:
        wanted, found = setting.read(source.raw), setting.read(restored.raw)
        if setting.modify == "DeletionProtection":
            wanted = True
        if (wanted or None) != (found or None):
            yield Difference(setting, wanted, found)


def settling(source: DbInstance, restored: DbInstance) -> tuple[dict[str, Json], tuple[Difference, ...]]:
    """Returns the members of the modify call that take every difference away, and the differences that no call takes away; tags are another call's."""
    left_out = _FIXED_BY_GP3 if _fixed_gp3(restored.raw) else ()
    members: dict[str, Json] = {}
    stay = []
    for found in _differences(source, restored):
        name = found.setting.modify
        if name == TAGS:
            continue
        if not name or name in left_out or (found.source is None and name != LOGS):
            stay.append(found)
        else:
            members[name] = _logs_change(found) if name == LOGS else found.source
    if members.get("MonitoringInterval") and source.raw.get("MonitoringRoleArn"):
        members["MonitoringRoleArn"] = source.raw["MonitoringRoleArn"]
    return members, tuple(stay)


def missing_tags(source: DbInstance, restored: DbInstance) -> Json:
    """Returns the tags that the restored instance lacks or has with another value."""
    there = _tags(restored.raw) or []
    return [tag for tag in _tags(source.raw) or [] if tag not in there]


def _logs_change(found: Difference) -> Json:
    wanted, there = found.source or [], found.restored or []
    change = {"EnableLogTypes": [name for name in wanted if name not in there], "DisableLogTypes": [name for name in there if name not in wanted]}
    return {name: names for name, names in change.items() if names}


def _fixed_gp3(raw: JsonObject) -> bool:
    return raw.get("StorageType") == "gp3" and number(raw.get("AllocatedStorage")) < _GP3_STRIPED_GIB


def _shown(value: Json) -> str:
    if isinstance(value, list):
        return ", ".join(f"{one['Key']}={one['Value']}" if isinstance(one, dict) else str(one) for one in value)
    if isinstance(value, bool) or value is None:
        return {True: "on", False: "off", None: "none"}[value]
    return str(value)
