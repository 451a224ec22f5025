"""Changes of RDS as planned calls: sent once, each to the very instance it was planned for, and found again by resource id."""

import json
import shlex
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gospel_rollback_tui.actions.rds_ports import Rds
from gospel_rollback_tui.domain.errors import FactsMoved, NotSent, OutcomeUnknown, Refused
from gospel_rollback_tui.domain.estate import Environment
from gospel_rollback_tui.domain.instances import RENAMING, DbInstance, instance_from, under_way
from gospel_rollback_tui.domain.instances_copying import SETTINGS
from gospel_rollback_tui.domain.preview import DebtSpec, Json, PlannedCall
from gospel_rollback_tui.domain.raw import text

UNSEEN_SECONDS = 120.0
"""How long an accepted change may not show in what RDS describes; until then nobody can tell."""


@dataclass(frozen=True, slots=True)
class RdsCalls:
    """Plans, sends and finds again."""

    rds: Rds
    clock: Callable[[], float] = time.time
    """Wall time of this machine."""
    _accepted: dict[str, float] = field(default_factory=dict)
    """Wall time at which RDS accepted a call of this process, or may have, by what it does."""

    def plan(
        self,
        environment: Environment,
        call_id: str,
        operation: str,
        parameters: Mapping[str, Json],
        *,
        title: str,
        summary: str,
        expect: Json,
        undo: Json = None,
        debt: DebtSpec | None = None,
        after: Json = None,
        pays: tuple[str, ...] = (),
    ) -> PlannedCall:
        """Returns the call.

        Args:
            environment: Whose AWS profile and region the command by hand names.
            call_id: Unique within the step.
            operation: As boto3 names it, e.g. `modify_db_instance`.
            parameters: Its members, exactly as they are sent.
            title: What it says while it runs.
            summary: What changes, in a few words.
            expect: What is true once it has happened; one of the shapes of `_seen`.
            undo: What putting it back needs.
            debt: What it leaves behind.
            after: `{"resource": …, "name": …}` of an instance that must have that name and be at rest before.
            pays: Debts that are paid once the step is verified.
        """
        verb = "".join(part.title() for part in operation.split("_")).replace("Db", "DB")
        account = dict(environment.names).get("aws.account", "")
        body = {"operation": operation, "parameters": dict(parameters), "expect": expect, "after": after, "pays": list(pays), "account": account}
        by_hand = f"{aws(environment)} rds {operation.replace('_', '-')} --cli-input-json {shlex.quote(json.dumps(parameters, ensure_ascii=False))}"
        return PlannedCall(call_id, title, f"{verb} {_object(parameters)}", summary, body, undo or {}, by_hand, debt=debt)

    def send(self, call: PlannedCall) -> str:
        """Proves that the name still is that instance's and that nothing has to come before, and sends the change once."""
        body = call.body
        if strange := self.elsewhere(body["account"]):
            raise NotSent(strange, next_step="Log in to that account (`L`), or check `aws.profile` and `aws.account`.")
        if missing := self.awaited(call):
            raise NotSent(f"{missing}.", next_step="Try again once that is over; what is done is not sent again.")
        if "resource" in body["expect"]:
            self._same_instance(body)
        try:
            answer = self.rds.change(body["operation"], body["parameters"])
        except OutcomeUnknown:
            self._accept(body)
            raise
        self._accept(body)
        said = next((one for one in answer.values() if isinstance(one, Mapping)), {})
        status = text(said.get("DBInstanceStatus") or said.get("Status"))
        return f"{call.where}: accepted{f', {status}' if status else ''}"

    def _accept(self, body: Json) -> None:
        """Remembers that RDS has accepted a change, or may have: for some time it need not show."""
        self._accepted[json.dumps(body["expect"], sort_keys=True)] = self.clock()

    def elsewhere(self, account: str) -> str:
        """Returns that we are known in another account than the environment's, where the same names may mean other databases; empty: we are not."""
        known = self.rds.account() if account else ""
        return f"AWS knows us in account {known}, and this environment is in {account}." if known != account else ""

    def happened(self, call: PlannedCall) -> bool | None:
        """Returns whether the call has its effect; None while RDS may not show yet what it has accepted."""
        expect = call.body["expect"]
        seen = self._seen(expect)
        accepted = self._accepted.get(json.dumps(expect, sort_keys=True))
        if seen is False and accepted is not None and self.clock() - accepted < UNSEEN_SECONDS:
            return None
        return seen

    def _seen(self, expect: Json) -> bool | None:
        if "snapshot" in expect:
            return (self.rds.snapshot(expect["snapshot"]) is None) is expect.get("gone", False)
        if "instance" in expect:
            return self.rds.instance(expect["instance"]) is not None
        found = self.read(expect["resource"])
        if expect.get("gone"):
            return found is None or found.status == "deleting"
        return found is not None and _has(found, expect)

    def read(self, resource_id: str) -> DbInstance | None:
        """Returns the instance of that resource id; None: there is none."""
        raw = self.rds.by_resource(resource_id)
        return instance_from(raw) if raw is not None else None

    def awaited(self, call: PlannedCall) -> str:
        """Returns what has to come before the call and has not yet; empty: nothing. Raises Refused where it will not come."""
        body = call.body
        if body["after"] is not None:
            first = self.read(body["after"]["resource"])
            if body["expect"].get("gone"):
                return _undeletable(first)
            if first is None or first.lost:
                state = "gone" if first is None else first.status
                raise Refused(
                    f"The instance that comes before is {state}: nothing more was sent.", next_step="Look at the instances, and put back what was done."
                )
            if not first.settled:
                return f"{first.identifier} is {under_way(first)}"
            if first.identifier != body["after"]["name"]:
                return f"{first.identifier} is not called {body['after']['name']} yet"
        new = body["parameters"].get("NewDBInstanceIdentifier", "")
        return f"the name {new} still answers" if new and self.rds.instance(new) is not None and not self.taken(new) else ""

    def taken(self, name: str) -> bool:
        """Returns whether an instance has that name; one that had it until a moment ago, and still answers to it, has not."""
        raw = self.rds.instance(name)
        found = self.read(instance_from(raw).resource_id) if raw is not None else None
        return found is not None and found.identifier == name

    def _same_instance(self, body: Json) -> None:
        """Names move between instances: what the call would change must be the instance it was planned for, at rest, and the new name free."""
        name, new = body["parameters"].get("DBInstanceIdentifier", ""), body["parameters"].get("NewDBInstanceIdentifier", "")
        now = self.read(body["expect"]["resource"])
        if now is None or (name and now.identifier != name):
            raise FactsMoved(f"{name} is another instance now than the one that was confirmed.", moved=((name, body["expect"]["resource"], "another"),))
        if not new:
            return
        if not now.settled:
            raise FactsMoved(f"{name} is {under_way(now)} now.", moved=((name, "available", now.status),))
        if self.taken(new):
            raise FactsMoved(f"The name {new} is taken: a rename onto it would be refused.", moved=((new, "free", "taken"),))


def _undeletable(one: DbInstance | None) -> str:
    """Returns why an instance cannot be deleted yet; one that is lost for everything else can."""
    return f"{one.identifier} is {under_way(one)}, protected from deletion" if one is not None and (one.protected or one.status == "modifying") else ""


def _has(found: DbInstance, expect: Mapping[str, Any]) -> bool:
    """Returns whether the instance is, or is irrevocably about to be, what is expected."""
    if "name" in expect:
        return found.identifier == expect["name"] or (found.status == RENAMING and found.next_name == expect["name"])
    if "protected" in expect:
        return found.protected is expect["protected"]
    if "tags" in expect:
        return all(found.tags.get(tag["Key"]) == tag["Value"] for tag in expect["tags"])
    if "rebooted" in expect:
        return found.status == "rebooting" or (found.status == "available" and found.apply_status == "in-sync")
    return found.status == "modifying" or bool(found.pending) or expect["differ"] != digest(found, expect["settings"])


def digest(found: DbInstance, settings: list[str]) -> Json:
    """Returns the values of those settings, by which a modification is known to have begun."""
    return {one.words: one.read(found.raw) for one in SETTINGS if one.words in settings}


def aws(environment: Environment) -> str:
    """Returns the AWS command bound to the environment's own profile and region."""
    names = dict(environment.names)
    profile = f" --profile {shlex.quote(names['aws.profile'])}" if names.get("aws.profile") else ""
    return f"aws{profile} --region {shlex.quote(names.get('aws.region', ''))} --no-cli-pager"


def _object(parameters: Mapping[str, Json]) -> str:
    """A restore from a snapshot is named by the instance it makes, a snapshot by itself."""
    first = "DBInstanceIdentifier" if "DBInstanceClass" in parameters else "DBSnapshotIdentifier"
    names = ("TargetDBInstanceIdentifier", first, "DBInstanceIdentifier", "ResourceName")
    return next((str(parameters[name]) for name in names if name in parameters), "")
