"""Changes to simulated instances: each refused, or begun, and done when its time has come."""

import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from gospel_rollback_tui.drill.aws.answers import AwsRefusal
from gospel_rollback_tui.drill.aws.backing import Backing
from gospel_rollback_tui.drill.aws.pace import Pace
from gospel_rollback_tui.drill.aws.timed import RENAME, TimedInstance, adopt, apply, take_defaults
from gospel_rollback_tui.drill.aws.timeline import Timeline
from gospel_rollback_tui.drill.aws.troubles import AwsTroubles

_NOT_SETTINGS = ("Action", "Version", "DBInstanceIdentifier", "NewDBInstanceIdentifier", "ApplyImmediately")
_MODIFIABLE = ("available", "storage-full")
_BACKUP_STATES = ("available", "storage-optimization")


class RdsChanges:
    """Moto's instances and snapshots, changed over time."""

    def __init__(self, backend: Any, now: Callable[[], float], pace: Pace, troubles: AwsTroubles, backing: Backing) -> None:  # noqa: ANN401 - moto's own
        """Keeps what time does later; `now` is wall time."""
        self.backend, self._now, self.pace, self._troubles, self._backing = backend, now, pace, troubles, backing
        self.timeline = Timeline(now)
        self.events: list[tuple[float, str, str]] = []
        """(wall time, identifier, words)."""
        self.former: dict[str, TimedInstance] = {}
        """Names that still answer after a rename."""
        self.default_security_group = "sg-default"

    def instance(self, name: str) -> TimedInstance:
        """Returns the instance of that name; refuses as the API does where there is none."""
        found = self.backend.databases.get(name) or self.former.get(name)
        if not isinstance(found, TimedInstance):
            raise AwsRefusal("DBInstanceNotFound", f"DBInstance {name} not found.", 404)
        return found

    def taken(self, name: str) -> bool:
        """Returns whether a name answers, or is on its way to somebody."""
        coming = (one.pending_modified_values.get(RENAME) for one in self.backend.databases.values())
        return name in self.backend.databases or name in self.former or name in coming

    def must_be_free(self, name: str) -> None:
        """Refuses a name that is taken."""
        if self.taken(name):
            raise AwsRefusal("DBInstanceAlreadyExists", "DB instance already exists")

    def _must_be_available(self, one: TimedInstance, states: tuple[str, ...] = ("available",)) -> None:
        if one.status not in states:
            raise AwsRefusal("InvalidDBInstanceState", f"Database instance {one.db_instance_identifier} is not in available state.")

    def modify(self, given: Mapping[str, Any]) -> TimedInstance:
        """Begins what is to be applied at once, and keeps the rest for the maintenance window."""
        one = self.instance(given["DBInstanceIdentifier"])
        name = str(given.get("NewDBInstanceIdentifier", ""))
        self._must_be_available(one, ("available",) if name else _MODIFIABLE)
        if name:
            self._may_rename()
            self.must_be_free(name)
        settings = {key: value for key, value in given.items() if key not in _NOT_SETTINGS}
        if given.get("ApplyImmediately") != "true":
            one.pending_modified_values = {**one.pending_modified_values, **settings, **({RENAME: name} if name else {})}
            return one
        waited = {key: value for key, value in one.pending_modified_values.items() if key != RENAME}
        name = name or one.pending_modified_values.get(RENAME, "")
        begin = partial(self._begin, one, {**waited, **settings}, name)
        if self.pace.unseen:
            self.timeline.after(self.pace.unseen, begin)
        else:
            begin()
        return one

    def _may_rename(self) -> None:
        """Refuses the rename whose turn it is, once."""
        why, first = self._troubles.rename_refused, self._troubles.renames_first
        if not why:
            return
        if first:
            self._troubles.renames_first = first - 1
            return
        self._troubles.rename_refused = ""
        raise AwsRefusal("InvalidDBInstanceState", why)

    def _begin(self, one: TimedInstance, settings: Mapping[str, Any], name: str) -> None:
        one.status = "renaming" if name else "modifying"
        one.pending_modified_values = {**settings, **({RENAME: name} if name else {})}
        self.timeline.after(self.pace.renaming if name else self.pace.modifying, partial(self._end, one, settings, name))

    def _end(self, one: TimedInstance, settings: Mapping[str, Any], name: str) -> None:
        group_before = one.db_parameter_group_name
        apply(one, settings)
        if one.db_parameter_group_name != group_before:
            one.apply_status = "pending-reboot"
        one.pending_modified_values, one.status = {}, "available"
        if name:
            old = one.db_instance_identifier
            self.backend.databases.pop(old, None)
            one.db_instance_identifier = name
            self.backend.databases[name] = one
            self.former[old] = one
            self.timeline.after(self.pace.lingering, partial(self.former.__delitem__, old))
            self._backing.on_rename(one.dbi_resource_id, name)
            self.say(name, f"Renamed instance from {old} to {name}")

    def reboot(self, name: str) -> TimedInstance:
        """Restarts it, which is what a new parameter group waits for."""
        one = self.instance(name)
        self._must_be_available(one)
        one.status = "rebooting"

        def back() -> None:
            """Ends the restart."""
            one.status, one.apply_status = "available", "in-sync"

        self.timeline.after(self.pace.rebooting, back)
        return one

    def delete(self, given: Mapping[str, Any]) -> TimedInstance:
        """Begins the deletion of an instance that is not protected."""
        one = self.instance(given["DBInstanceIdentifier"])
        if one.deletion_protection:
            raise AwsRefusal("InvalidParameterCombination", "Cannot delete protected DB Instance, please disable deletion protection and try again.")
        if given.get("SkipFinalSnapshot") != "true" and not given.get("FinalDBSnapshotIdentifier"):
            raise AwsRefusal("InvalidParameterCombination", "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.")
        one.status = "deleting"

        def gone() -> None:
            """Ends the deletion."""
            self.backend.databases.pop(one.db_instance_identifier, None)
            self._backing.on_delete(one.dbi_resource_id)

        self.timeline.after(self.pace.deleting, gone)
        return one

    def may_snapshot(self, name: str) -> None:
        """Refuses where no snapshot can be taken now."""
        self._must_be_available(self.instance(name), _BACKUP_STATES)
        manual = sum(1 for one in self.backend.database_snapshots.values() if one.snapshot_type == "manual")
        if manual >= self._troubles.snapshot_quota:
            raise AwsRefusal("SnapshotQuotaExceeded", f"Cannot create more than {self._troubles.snapshot_quota} manual snapshots")

    def snapshot_begun(self, name: str) -> None:
        """Lets a snapshot that moto has just made take its time."""
        snapshot = self.backend.database_snapshots[name]
        one = self.instance(snapshot.db_instance_identifier)
        at = datetime.fromtimestamp(self._now(), UTC)
        snapshot.created = snapshot.snapshot_database_time = snapshot.original_snapshot_create_time = at
        snapshot.status, snapshot.percent_progress, one.status = "creating", 0, "backing-up"
        self._backing.on_snapshot(one.dbi_resource_id, name)

        def half() -> None:
            """Shows progress."""
            snapshot.percent_progress = 50

        def done() -> None:
            """Ends the snapshot."""
            snapshot.status, snapshot.percent_progress, one.status = "available", 100, "available"

        self.timeline.after(self.pace.backing_up / 2, half)
        self.timeline.after(self.pace.backing_up, done)

    def may_restore(self, target: str, *, key: str) -> None:
        """Refuses a restore for which there is no room, or whose key cannot be used."""
        self.must_be_free(target)
        if len(self.backend.databases) >= self._troubles.instance_quota:
            raise AwsRefusal("InstanceQuotaExceeded", f"You have reached the maximum of {self._troubles.instance_quota} DB instances.")
        if key and self._troubles.key_disabled:
            raise AwsRefusal(
                "KMSKeyNotAccessibleFault", f"The specified KMS key [{key}] does not exist, is not enabled or you do not have permissions to access it."
            )

    def restore_begun(self, target: str, given: Mapping[str, Any], source_id: str, *, snapshot: str, at: float) -> TimedInstance:
        """Takes the region's defaults and what was given, and lets the instance that moto has just made take its time."""
        one = adopt(self.backend.databases[target], f"db-{secrets.token_hex(13).upper()}", self._now)
        take_defaults(one, self.default_security_group)
        apply(one, {key: value for key, value in given.items() if key not in _NOT_SETTINGS})
        self.forget_automatic(target)
        one.status = "creating"
        self.timeline.after(self.pace.creating, partial(self._restored, one, source_id, snapshot, at))
        return one

    def forget_automatic(self, name: str) -> None:
        """Takes away the automated snapshot that moto makes with every instance, at once and without a time of its own."""
        snapshots = self.backend.database_snapshots
        for automatic in [key for key, held in snapshots.items() if held.db_instance_identifier == name and held.snapshot_type == "automated"]:
            snapshots.pop(automatic)

    def _restored(self, one: TimedInstance, source_id: str, snapshot: str, at: float) -> None:
        name = one.db_instance_identifier
        if self._troubles.storage_fails > 0:
            self._troubles.storage_fails -= 1
            one.status = "storage-full"
            self.say(name, "DB instance ran out of storage while it was restored")
            return
        one.place, one.status = self._backing.on_restore(source_id, one.dbi_resource_id, snapshot=snapshot, at=at), "available"
        self.say(name, f"Restored from {f'snapshot {snapshot}' if snapshot else 'a point in time'}")

    def say(self, name: str, words: str) -> None:
        """Records an event of an instance."""
        self.events.append((self._now(), name, words))
