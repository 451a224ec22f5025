"""What steps on RDS leave to be deleted later: each debt names the object, when it is due and the exact commands that pay it."""

from dataclasses import replace

from gospel_rollback_tui.actions.rds_calls import aws
from gospel_rollback_tui.domain.debts import OLD_INSTANCE_DEBT, RESTORED_DEBT, SNAPSHOT_DEBT
from gospel_rollback_tui.domain.estate import Environment
from gospel_rollback_tui.domain.instances_points import stamp
from gospel_rollback_tui.domain.preview import DebtSpec


def owed_snapshot(environment: Environment, name: str, now: float) -> DebtSpec:
    """Returns the debt to delete a manual snapshot; `now` is wall time."""
    return _owed(SNAPSHOT_DEBT, name, f"snapshot {name} to delete", f"{aws(environment)} rds delete-db-snapshot --db-snapshot-identifier {name}", now)


def owed_old(environment: Environment, name: str, now: float) -> DebtSpec:
    """Returns the debt to delete the instance that lost its name: with a last snapshot, and its backups kept, since only it holds what the swap lost."""
    last = f"--final-db-snapshot-identifier {name}-final --no-delete-automated-backups"
    return _owed(OLD_INSTANCE_DEBT, name, f"{name} to delete", _deletion(environment, name, last), now)


def owed_restored(environment: Environment, name: str, now: float) -> DebtSpec:
    """Returns the debt of an instance that was restored beside: a copy, which needs no last snapshot."""
    return _owed(RESTORED_DEBT, name, f"{name} beside", _deletion(environment, name, "--skip-final-snapshot"), now)


def _owed(kind: DebtSpec, name: str, title: str, command: str, now: float) -> DebtSpec:
    return replace(kind, id=f"{kind.id}:{name}", title=title, reason=f"{kind.reason}; due {stamp(now + kind.due_seconds)}: {command}")


def _deletion(environment: Environment, name: str, last: str) -> str:
    """Returns the commands in a row: protection off, waited for, deleted."""
    tool, one = f"{aws(environment)} rds", f"--db-instance-identifier {name}"
    unprotect = f"{tool} modify-db-instance {one} --no-deletion-protection --apply-immediately"
    return f"{unprotect} && {tool} wait db-instance-available {one} && {tool} delete-db-instance {one} {last}"
