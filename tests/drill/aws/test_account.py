"""The simulated account behaves as Amazon's where moto's does not; asked by boto3."""

from typing import Any

import pytest

from gospel_rollback_tui.domain.errors import FactsMoved, NotFound, Refused
from gospel_rollback_tui.domain.instances import DbInstance, instance_from
from gospel_rollback_tui.domain.instances_points import stamp
from gospel_rollback_tui.drill.aws.estate import IDENTIFIER, create_instance
from tests.drill.aws.accounts import SNAPSHOT, Account, an_account

MINUTE = 60.0


def instance(account: Account, name: str = IDENTIFIER) -> DbInstance:
    """Returns the instance of that name."""
    raw = account.rds.instance(name)
    assert raw is not None
    return instance_from(raw)


def rename(account: Account, old: str, new: str, **more: Any) -> None:  # noqa: ANN401 - members of the call
    """Asks for a rename at once."""
    account.rds.change("modify_db_instance", {"DBInstanceIdentifier": old, "NewDBInstanceIdentifier": new, "ApplyImmediately": True, **more})


def restore(account: Account, name: str = "restored", **more: Any) -> None:  # noqa: ANN401 - members of the call
    """Asks for a restore from the snapshot."""
    account.rds.change("restore_db_instance_from_db_snapshot", {"DBInstanceIdentifier": name, "DBSnapshotIdentifier": SNAPSHOT, **more})


def test_a_rename_takes_its_time_and_keeps_the_resource_id(account: Account) -> None:
    """`renaming` under the old name, then the new name; the old one still answers for a while."""
    before = instance(account)
    rename(account, IDENTIFIER, "prod-old")
    now = instance(account)
    assert (now.status, now.next_name, now.resource_id) == ("renaming", "prod-old", before.resource_id)
    assert account.rds.instance("prod-old") is None
    account.pass_time(account.pace.renaming)
    renamed = instance(account, "prod-old")
    assert (renamed.settled, renamed.resource_id) == (True, before.resource_id)
    assert instance(account).resource_id == before.resource_id
    account.pass_time(account.pace.lingering)
    assert account.rds.instance(IDENTIFIER) is None
    found = account.rds.by_resource(before.resource_id)
    assert found is not None
    assert found["DBInstanceIdentifier"] == "prod-old"


def test_a_name_that_is_taken_lingers_or_is_promised_is_refused(account: Account) -> None:
    """Moto would destroy the other instance without a word."""
    create_instance(account, "prod-old")
    with pytest.raises(FactsMoved, match="already exists"):
        rename(account, IDENTIFIER, "prod-old")
    rename(account, IDENTIFIER, "prod-older")
    with pytest.raises(FactsMoved, match="already exists"):
        rename(account, "prod-old", "prod-older")
    account.pass_time(account.pace.renaming)
    with pytest.raises(FactsMoved, match="already exists"):
        rename(account, "prod-old", IDENTIFIER)
    account.pass_time(account.pace.lingering)
    rename(account, "prod-old", IDENTIFIER)


def test_what_is_not_applied_immediately_waits(account: Account) -> None:
    """The name stays, and the change is pending until somebody applies it."""
    rename(account, IDENTIFIER, "prod-old", ApplyImmediately=False)
    account.pass_time(24 * 60 * MINUTE)
    now = instance(account)
    assert (now.status, now.next_name, now.settled) == ("available", "prod-old", False)


def test_nothing_is_changed_while_something_is_under_way(account: Account) -> None:
    """The second modification has to wait for the first."""
    account.rds.change("modify_db_instance", {"DBInstanceIdentifier": IDENTIFIER, "BackupRetentionPeriod": 7, "ApplyImmediately": True})
    with pytest.raises(FactsMoved, match="not in available state"):
        rename(account, IDENTIFIER, "prod-old")
    account.pass_time(account.pace.modifying)
    assert instance(account).retention_days == 7


def test_a_restore_takes_defaults_and_a_resource_id_of_its_own(account: Account) -> None:
    """Where it is given nothing: default network, default parameters, one zone, no protection."""
    restore(account)
    made = instance(account, "restored")
    assert (made.status, made.address) == ("creating", "")
    account.pass_time(account.pace.creating)
    made, source = instance(account, "restored"), instance(account)
    assert made.settled
    assert made.resource_id != source.resource_id
    assert [group["VpcSecurityGroupId"] for group in made.raw["VpcSecurityGroups"]] == ["sg-default"]  # type: ignore[attr-defined]  # JSON
    assert made.raw["DBParameterGroups"][0]["DBParameterGroupName"] == "default.postgres15"  # type: ignore[index]  # JSON
    assert (made.protected, made.raw["MultiAZ"], made.raw["MonitoringInterval"]) == (False, False, 0)
    assert made.raw["DBSubnetGroup"]["DBSubnetGroupName"] == "default"  # type: ignore[index]  # JSON
    assert made.raw["TagList"] == []


def test_the_restore_window_ends_five_minutes_ago(account: Account) -> None:
    """A later moment is refused, an earlier one restored."""
    source = instance(account)
    window = account.rds.window(source.resource_id)
    assert window is not None
    assert round(account.now() - window[1]) == 300
    wanted = {"SourceDBInstanceIdentifier": IDENTIFIER, "TargetDBInstanceIdentifier": "restored"}
    with pytest.raises(Refused, match="outside the restore window"):
        account.rds.change("restore_db_instance_to_point_in_time", {**wanted, "RestoreTime": stamp(window[1] + MINUTE)})
    account.rds.change("restore_db_instance_to_point_in_time", {**wanted, "RestoreTime": stamp(window[1] - MINUTE)})
    account.pass_time(account.pace.creating)
    assert instance(account, "restored").settled


def test_a_restore_whose_storage_runs_out_never_becomes_available(account: Account) -> None:
    """And the events say why."""
    account.troubles.storage_fails = 1
    restore(account)
    account.pass_time(account.pace.creating)
    assert instance(account, "restored").lost
    assert "ran out of storage" in account.rds.events("restored")[0]


def test_a_snapshot_tells_its_progress_and_holds_the_instance_up(account: Account) -> None:
    """`creating` with a percentage, `backing-up` meanwhile."""
    account.rds.change("create_db_snapshot", {"DBInstanceIdentifier": IDENTIFIER, "DBSnapshotIdentifier": "before"})
    assert instance(account).status == "backing-up"
    account.pass_time(account.pace.backing_up / 2)
    half = account.rds.snapshot("before")
    assert half is not None
    assert (half["Status"], half["PercentProgress"]) == ("creating", 50)
    account.pass_time(account.pace.backing_up)
    done = account.rds.snapshot("before")
    assert done is not None
    assert (done["Status"], done["PercentProgress"]) == ("available", 100)
    assert done["SnapshotDatabaseTime"]


def test_a_new_parameter_group_waits_for_a_reboot(account: Account) -> None:
    """Applied, and yet `pending-reboot`."""
    restore(account)
    account.pass_time(account.pace.creating)
    group = instance(account).raw["DBParameterGroups"][0]["DBParameterGroupName"]  # type: ignore[index]  # JSON
    account.rds.change("modify_db_instance", {"DBInstanceIdentifier": "restored", "DBParameterGroupName": group, "ApplyImmediately": True})
    account.pass_time(account.pace.modifying)
    assert instance(account, "restored").apply_status == "pending-reboot"
    account.rds.change("reboot_db_instance", {"DBInstanceIdentifier": "restored"})
    account.pass_time(account.pace.rebooting)
    assert instance(account, "restored").apply_status == "in-sync"


def test_a_protected_instance_is_not_deleted(account: Account) -> None:
    """Protection off first, and how to do without a last snapshot must be said."""
    with pytest.raises(Refused, match="protected"):
        account.rds.change("delete_db_instance", {"DBInstanceIdentifier": IDENTIFIER, "SkipFinalSnapshot": True})
    account.rds.change("modify_db_instance", {"DBInstanceIdentifier": IDENTIFIER, "DeletionProtection": False, "ApplyImmediately": True})
    account.pass_time(account.pace.modifying)
    with pytest.raises(Refused, match="FinalDBSnapshotIdentifier"):
        account.rds.change("delete_db_instance", {"DBInstanceIdentifier": IDENTIFIER})
    account.rds.change("delete_db_instance", {"DBInstanceIdentifier": IDENTIFIER, "SkipFinalSnapshot": True})
    account.pass_time(account.pace.deleting)
    assert account.rds.instance(IDENTIFIER) is None


def test_an_instance_that_was_never_there_is_refused_as_such(account: Account) -> None:
    """By its own code, which is not that of a missing right."""
    with pytest.raises(NotFound, match="nobody"):
        rename(account, "nobody", "somebody")


class Dumps:
    """A backing that notes what it is asked to keep and to bring back."""

    def __init__(self) -> None:
        """Has kept nothing."""
        self.named = ("", "")
        self.kept: list[tuple[str, str]] = []
        self.restored: list[tuple[str, str, float]] = []

    def on_snapshot(self, resource_id: str, snapshot: str) -> None:
        """Notes it."""
        self.kept.append((resource_id, snapshot))

    def on_restore(self, source_id: str, resource_id: str, *, snapshot: str, at: float) -> None:
        """Notes it."""
        self.restored.append((source_id, snapshot, at))

    def on_rename(self, resource_id: str, name: str) -> None:
        """Notes it."""
        self.named = (resource_id, name)

    def on_delete(self, resource_id: str) -> None:
        """Forgets what belonged to it."""
        self.kept = [one for one in self.kept if one[0] != resource_id]


def test_what_stands_behind_an_instance_is_asked_for_its_data() -> None:
    """A snapshot keeps it, and a restore brings it back, by resource id."""
    dumps = Dumps()
    with an_account(backing=dumps) as account:
        source = instance(account)
        account.rds.change("create_db_snapshot", {"DBInstanceIdentifier": IDENTIFIER, "DBSnapshotIdentifier": "before"})
        account.pass_time(account.pace.backing_up)
        account.rds.change("restore_db_instance_from_db_snapshot", {"DBInstanceIdentifier": "restored", "DBSnapshotIdentifier": "before"})
        account.pass_time(account.pace.creating)
        assert instance(account, "restored").settled
        assert dumps.kept == [(source.resource_id, "before")]
        assert dumps.restored == [(source.resource_id, "before", 0.0)]
