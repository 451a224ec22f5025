"""A database instance of RDS as its API describes it, and whether the tool may restore and rename it by itself.

`raw` is one entry of DescribeDBInstances as JSON, times as RFC 3339 texts.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from gospel_rollback_tui.domain.raw import JsonObject, child, children, moment, number, text
from gospel_rollback_tui.domain.spans import span

AVAILABLE = "available"
RENAMING = "renaming"
_LOST = (
    "failed",
    "restore-error",
    "storage-full",
    "incompatible-network",
    "incompatible-option-group",
    "incompatible-parameters",
    "incompatible-restore",
    "incompatible-create",
    "inaccessible-encryption-credentials",
    "inaccessible-encryption-credentials-recoverable",
    "insufficient-capacity",
    "deleting",
)
"""States that an instance does not leave by waiting."""


@dataclass(frozen=True, slots=True)
class DbInstance:
    """One instance; names move between instances, `resource_id` never does."""

    identifier: str
    resource_id: str
    arn: str
    status: str
    engine: str
    engine_version: str
    instance_class: str
    address: str
    """Host name; empty while it is being created."""
    port: int
    kms_key: str
    """Empty: not encrypted."""
    pending: tuple[tuple[str, str], ...]
    """(name, value) of changes that wait for the maintenance window or are under way."""
    apply_status: str
    """Of its parameter group: `in-sync`, `applying` or `pending-reboot`."""
    protected: bool
    retention_days: int
    latest_restorable: float
    """Wall time; 0: no point in time can be restored."""
    created: float
    cluster: str
    """Cluster (Aurora) that it is a member of; empty: none."""
    replica_of: str
    replicas: tuple[str, ...]
    raw: JsonObject

    @property
    def settled(self) -> bool:
        """Whether nothing is under way or waits."""
        return self.status == AVAILABLE and not self.pending

    @property
    def lost(self) -> bool:
        """Whether it will not become available by waiting."""
        return self.status in _LOST

    @property
    def next_name(self) -> str:
        """The name that it is about to get; empty: it keeps its own."""
        return dict(self.pending).get("DBInstanceIdentifier", "")

    @property
    def tags(self) -> dict[str, str]:
        """Tags of the team's own."""
        return {text(tag.get("Key")): text(tag.get("Value")) for tag in children(self.raw, "TagList")}


def instance_from(raw: JsonObject) -> DbInstance:
    """Returns what an entry of DescribeDBInstances says."""
    endpoint, groups = child(raw, "Endpoint"), children(raw, "DBParameterGroups")
    pending = child(raw, "PendingModifiedValues")
    return DbInstance(
        identifier=text(raw.get("DBInstanceIdentifier")),
        resource_id=text(raw.get("DbiResourceId")),
        arn=text(raw.get("DBInstanceArn")),
        status=text(raw.get("DBInstanceStatus")),
        engine=text(raw.get("Engine")),
        engine_version=text(raw.get("EngineVersion")),
        instance_class=text(raw.get("DBInstanceClass")),
        address=text(endpoint.get("Address")),
        port=number(endpoint.get("Port")),
        kms_key=text(raw.get("KmsKeyId")) if raw.get("StorageEncrypted") else "",
        pending=tuple(sorted((name, text(str(value))) for name, value in pending.items())),
        apply_status=next((text(group.get("ParameterApplyStatus")) for group in groups), ""),
        protected=raw.get("DeletionProtection") is True,
        retention_days=number(raw.get("BackupRetentionPeriod")),
        latest_restorable=moment(raw.get("LatestRestorableTime")) or 0.0,
        created=moment(raw.get("InstanceCreateTime")) or 0.0,
        cluster=text(raw.get("DBClusterIdentifier")),
        replica_of=text(raw.get("ReadReplicaSourceDBInstanceIdentifier") or raw.get("ReadReplicaSourceDBClusterIdentifier")),
        replicas=_names(raw.get("ReadReplicaDBInstanceIdentifiers")) + _names(raw.get("ReadReplicaDBClusterIdentifiers")),
        raw=raw,
    )


def by_hand_only(instance: DbInstance, proxies: Sequence[str]) -> tuple[str, str]:
    """Returns why this instance is restored and renamed by hand, and how; two empty texts: the tool may."""
    if instance.cluster or instance.engine.startswith("aurora"):
        return (
            f"{instance.identifier} belongs to the cluster {instance.cluster or 'of Aurora'}: clusters are restored as a whole.",
            "By hand: `aws rds restore-db-cluster-to-point-in-time`, then an instance in the new cluster, then the writer's address.",
        )
    if instance.replica_of:
        return (
            f"{instance.identifier} is a read replica of {instance.replica_of}: its data comes from there.",
            f"Set `rds.identifier` to the primary, {instance.replica_of}; make the replica anew from what is restored.",
        )
    if instance.replicas:
        return (
            f"{instance.identifier} has read replicas ({', '.join(instance.replicas)}), which would go on following the old instance.",
            "By hand: restore beside, send readers to the primary, rename, then `aws rds create-db-instance-read-replica` for each anew.",
        )
    if proxies:
        return (
            f"{instance.identifier} is reached through the proxy {', '.join(proxies)}, which would go on pointing at the old instance.",
            "By hand: restore beside, then `aws rds deregister-db-proxy-targets` and `register-db-proxy-targets` with the restored instance.",
        )
    return "", ""


def under_way(instance: DbInstance, seconds: float | None = None) -> str:
    """Returns what the instance is doing, as progress, and for how long: `creating 40%, 12 min`, `renaming (DBInstanceIdentifier: prod-old)`."""
    waits = ", ".join(f"{name}: {value}" for name, value in instance.pending)
    if instance.status == AVAILABLE and waits:
        return f"waits for its maintenance window: {waits}"
    progress = instance.raw.get("PercentProgress")
    done = f" {progress}%" if progress not in (None, "") else ""
    since = f", {span(seconds)}" if seconds is not None else ""
    return f"{instance.status or 'not there yet'}{done}{f' ({waits})' if waits else ''}{since}"


def _names(value: object) -> tuple[str, ...]:
    return tuple(text(one) for one in value) if isinstance(value, list) else ()
