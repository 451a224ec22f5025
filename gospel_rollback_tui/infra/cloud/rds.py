"""RDS by boto3: reads of instances, snapshots and what may stand in the way, and changes sent once each."""

import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gospel_rollback_tui.domain.errors import CredentialsExpired, Forbidden, NotFound, Refused, RollbackError
from gospel_rollback_tui.domain.raw import JsonObject, child, children, moment, number, text
from gospel_rollback_tui.infra.cloud.session import AwsSession

CHANGES = (
    "create_db_snapshot",
    "delete_db_snapshot",
    "restore_db_instance_from_db_snapshot",
    "restore_db_instance_to_point_in_time",
    "modify_db_instance",
    "reboot_db_instance",
    "delete_db_instance",
    "add_tags_to_resource",
)
"""Every operation that is ever sent to change something."""
_EVENT_MINUTES = 24 * 60
_PAGE = 100


@dataclass(slots=True)
class RdsApi:
    """Implements the actions' `Rds`."""

    session: AwsSession

    def where(self) -> str:
        """Returns account, region and identity, in a line."""
        caller = self.session.ask("sts", "get_caller_identity", {})
        who = text(caller.get("Arn")).rpartition(":")[2]
        return f"AWS {text(caller.get('Account'))} · {self.session.region} · as {who}"

    def account(self) -> str:
        """Returns the number of the account that knows us."""
        return text(self.session.ask("sts", "get_caller_identity", {}).get("Account"))

    def instance(self, identifier: str) -> JsonObject | None:
        """Returns the instance of that name; None: there is none."""
        try:
            found = self.session.ask("rds", "describe_db_instances", {"DBInstanceIdentifier": identifier})
        except NotFound:
            return None
        return next(iter(children(found, "DBInstances")), None)

    def by_resource(self, resource_id: str) -> JsonObject | None:
        """Returns the instance of that resource id, whatever its name; None: there is none."""
        filters = [{"Name": "dbi-resource-id", "Values": [resource_id]}]
        found = self.session.ask("rds", "describe_db_instances", {"Filters": filters})
        return next(iter(children(found, "DBInstances")), None)

    def instances(self) -> Sequence[JsonObject]:
        """Returns every instance of the region."""
        return self._list("describe_db_instances", "DBInstances", {})

    def snapshots(self, resource_id: str, identifier: str) -> Sequence[JsonObject]:
        """Returns the snapshots of that very instance: after a swap, two instances have had the same name."""
        asked: dict[str, Any] = {"DBInstanceIdentifier": identifier}
        if resource_id:
            asked = {"Filters": [{"Name": "dbi-resource-id", "Values": [resource_id]}]}
        found = self._list("describe_db_snapshots", "DBSnapshots", asked)
        kept = self._list("describe_db_snapshots", "DBSnapshots", {**asked, "SnapshotType": "awsbackup"})
        return [*found, *(one for one in kept if one not in found)]

    def snapshot(self, identifier: str) -> JsonObject | None:
        """Returns the snapshot of that name; None: there is none."""
        try:
            found = self.session.ask("rds", "describe_db_snapshots", {"DBSnapshotIdentifier": identifier})
        except NotFound:
            return None
        return next(iter(children(found, "DBSnapshots")), None)

    def window(self, resource_id: str) -> tuple[float, float] | None:
        """Returns the earliest and latest moment that can be restored; None: there is none."""
        backups = self._list("describe_db_instance_automated_backups", "DBInstanceAutomatedBackups", {"DbiResourceId": resource_id})
        for backup in backups:
            earliest, latest = (moment(child(backup, "RestoreWindow").get(name)) for name in ("EarliestTime", "LatestTime"))
            if earliest is not None and latest is not None:
                return earliest, latest
        return None

    def proxies(self, identifier: str) -> tuple[str, ...]:
        """Returns the proxies that have the instance as a target."""
        names = [text(one.get("DBProxyName")) for one in self._list("describe_db_proxies", "DBProxies", {})]
        return tuple(name for name in names if identifier in self._targets(name))

    def _targets(self, proxy: str) -> list[str]:
        found = self._list("describe_db_proxy_targets", "Targets", {"DBProxyName": proxy})
        return [text(target.get("RdsResourceId")) for target in found]

    def orderable(self, engine: str, version: str, instance_class: str) -> bool:
        """Returns whether an instance of that class can be made."""
        asked = {"Engine": engine, "EngineVersion": version, "DBInstanceClass": instance_class, "MaxRecords": 20}
        return bool(children(self.session.ask("rds", "describe_orderable_db_instance_options", asked), "OrderableDBInstanceOptions"))

    def quotas(self) -> Mapping[str, tuple[int, int]]:
        """Returns (used, most) by the quota's name."""
        found = children(self.session.ask("rds", "describe_account_attributes", {}), "AccountQuotas")
        return {text(one.get("AccountQuotaName")): (number(one.get("Used")), number(one.get("Max"))) for one in found}

    def key_state(self, key: str) -> str:
        """Returns the state of a KMS key."""
        return text(child(self.session.ask("kms", "describe_key", {"KeyId": key}), "KeyMetadata").get("KeyState"))

    def may(self, actions: Sequence[str], resource: str) -> Mapping[str, bool | None]:
        """Returns whether this identity may do it to that resource, as IAM simulates it; None where it may not ask, or IAM does not say.

        Without its resource IAM would deny what a policy grants on that resource alone.
        """
        try:
            arn = _policy_source(text(self.session.ask("sts", "get_caller_identity", {}).get("Arn")))
            answered = self.session.ask(
                "iam", "simulate_principal_policy", {"PolicySourceArn": arn, "ActionNames": list(actions), "ResourceArns": [resource or "*"]}
            )
        except CredentialsExpired:
            raise
        except (Forbidden, RollbackError):
            return dict.fromkeys(actions)
        found = {text(one.get("EvalActionName")): _decided(one) for one in children(answered, "EvaluationResults")}
        return {action: found.get(action) for action in actions}

    def events(self, identifier: str) -> tuple[str, ...]:
        """Returns what RDS says happened to the instance in the last day, oldest first."""
        asked = {"SourceType": "db-instance", "SourceIdentifier": identifier, "Duration": _EVENT_MINUTES}
        return tuple(text(one.get("Message"), 300) for one in self._list("describe_events", "Events", asked))

    def change(self, operation: str, parameters: Mapping[str, Any]) -> JsonObject:
        """Sends one change once and returns the answer."""
        if operation not in CHANGES:
            raise Refused(f"{operation} is no change that this program makes.")
        return self.session.change("rds", operation, parameters)

    def _list(self, operation: str, key: str, parameters: Mapping[str, Any]) -> list[JsonObject]:
        return list(self.session.pages("rds", operation, key, {**parameters, "MaxRecords": _PAGE}))


@dataclass(frozen=True, slots=True)
class SystemNames:
    """Implements the actions' `HostNames` by this machine's own resolver."""

    def addresses(self, host: str) -> tuple[str, ...]:
        """Returns the addresses that a name has now; empty: none that this host can see."""
        try:
            return tuple(sorted({str(found[4][0]) for found in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}))
        except OSError:
            return ()


def _decided(one: JsonObject) -> bool | None:
    """Returns a decision of IAM's simulation; a grant under a condition that the simulation knows nothing of is none."""
    decision = text(one.get("EvalDecision"))
    return None if decision == "implicitDeny" and one.get("MissingContextValues") else decision == "allowed"


def _policy_source(arn: str) -> str:
    """Returns the role of a session: IAM simulates roles and users, and knows no sessions."""
    if ":assumed-role/" not in arn:
        return arn
    head, _, rest = arn.replace(":sts:", ":iam:").partition(":assumed-role/")
    return f"{head}:role/{rest.partition('/')[0]}"
