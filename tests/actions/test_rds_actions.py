"""Snapshot, restore, settling and swap of the database, each against the simulated account."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from gospel_rollback_tui.actions.rds_movers import ARRIVED, ARRIVING_SECONDS, LEFT, LEFT_UNKNOWN
from gospel_rollback_tui.actions.rds_ports import Connected
from gospel_rollback_tui.actions.rds_swap import NAME_SETTLED
from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.errors import CredentialsExpired, FactsMoved, NotSent, OutcomeUnknown, Refused
from gospel_rollback_tui.domain.instances_copying import differences
from gospel_rollback_tui.domain.instances_points import stamp
from gospel_rollback_tui.domain.preview import CheckState, Preview
from gospel_rollback_tui.drill.aws.estate import IDENTIFIER, create_instance, keep_snapshot
from gospel_rollback_tui.engine.ports import StepRequest
from tests.actions.rds_account import (
    DELETE_STEP,
    PACE,
    RESTORE_STEP,
    RESTORED,
    SETTLE_STEP,
    SNAPSHOT_STEP,
    SWAP_STEP,
    Database,
    a_database,
    carried,
)
from tests.drill.aws.accounts import SNAPSHOT


@pytest.fixture
def database() -> Iterator[Database]:
    """The production instance."""
    with a_database() as served:
        yield served


def said(preview: Preview, label: str) -> str:
    """Returns the text of the notices of that label."""
    return " ".join(notice.text for notice in preview.notices if notice.label == label)


# --- snapshot ---------------------------------------------------------------------------------------------------------


def test_a_snapshot_is_waited_for_and_leaves_the_debt_to_delete_it(database: Database) -> None:
    """Under a name of its own, with its progress in words."""
    action, request = database.actions()[SNAPSHOT_STEP], database.request(SNAPSHOT_STEP)
    preview = action.plan(request)
    call = preview.calls[0]
    action.send(request, call)
    assert action.happened(request, call)
    since = database.clock.now()
    state = action.checks(request, preview, since)[0]
    assert (state.passed, "creating" in state.words) == (None, True)
    database.pass_time(PACE.backing_up)
    assert action.checks(request, preview, since)[0].passed
    assert call.debt is not None
    assert (call.debt.due_seconds, call.body["parameters"]["DBSnapshotIdentifier"] in call.debt.title) == (30 * 86400.0, True)
    undo = action.undo_plan(request, carried(preview))
    assert undo.danger is Danger.DESTRUCTIVE
    database.carry_out(action, request, undo)
    assert database.rds.snapshot(call.undo["snapshot"]) is None


def test_no_snapshot_is_begun_where_it_could_not_end_well(database: Database) -> None:
    """A reached quota, a busy instance and a missing right are said before anything is sent."""
    action, request = database.actions()[SNAPSHOT_STEP], database.request(SNAPSHOT_STEP)
    database.account.troubles.snapshot_quota = 0
    keep_snapshot(database.account, "by-hand", hours=1, kind="manual")
    assert action.plan(request).refused == ""
    database.account.troubles.snapshot_quota = 1
    assert "quota of ManualSnapshots is reached (1 of 1)" in action.plan(request).refused
    database.account.troubles.snapshot_quota = 100
    database.account.troubles.denied.add("rds:CreateDBSnapshot")
    assert "lacks rds:CreateDBSnapshot" in action.plan(request).refused
    database.account.troubles.denied.clear()
    database.account.changes.instance(IDENTIFIER).status = "modifying"
    assert "is modifying" in action.plan(request).refused
    assert database.account.changed() == []


def test_rights_that_nobody_can_tell_are_said(database: Database) -> None:
    """Not knowing is no refusal, and no silence either."""
    database.account.troubles.cannot_simulate = True
    preview = database.actions()[SNAPSHOT_STEP].plan(database.request(SNAPSHOT_STEP))
    assert preview.refused == ""
    assert "nobody here can tell whether this identity has rds:CreateDBSnapshot" in said(preview, "Rights")


# --- restore ----------------------------------------------------------------------------------------------------------


def test_the_restore_points_say_what_each_would_lose(database: Database) -> None:
    """The minute before the damage is offered; the snapshot of four hours ago says how much more it loses."""
    database.bad.at = database.clock.now() - 1200.0
    points = database.actions()[RESTORE_STEP].choices(database.request(RESTORE_STEP))[0].options
    best = next(option for option in points if option.suggested)
    assert best.value == f"time:{stamp(database.bad.at - 60)}"
    assert best.detail.startswith("loses everything written since")
    old = next(option for option in points if option.value == f"snapshot:{SNAPSHOT}")
    assert "4 h; old: 3 h of it from before the damage" in old.detail


def test_a_restore_is_the_live_instance_in_every_setting_a_restore_can_set(database: Database) -> None:
    """What is left is what no restore can set; the debt keeps the description that it must equal."""
    database.bad.at = database.clock.now() - 1200.0
    action, request = database.actions()[RESTORE_STEP], database.request(RESTORE_STEP)
    preview, states = database.carry_out(action, request)
    assert all(state.passed for state in states)
    call = preview.calls[0]
    made = database.instance(call.body["parameters"]["TargetDBInstanceIdentifier"])
    assert made.protected
    assert {one.setting.words for one in differences(database.instance(), made)} == {
        "enhanced monitoring",
        "monitoring role",
        "Performance Insights",
        "Performance Insights key",
        "Performance Insights retention",
        "maintenance window",
    }
    assert call.undo["captured"]["source"]["DbiResourceId"] == database.instance().resource_id
    assert "db.r6g.large, two zones, gospelib-private" in said(preview, "Copies")


def test_a_restore_from_a_snapshot_copies_the_same(database: Database) -> None:
    """Also what the API does not take there is settled afterwards: the largest storage."""
    action, request = database.actions()[RESTORE_STEP], database.request(RESTORE_STEP, restore_point=f"snapshot:{SNAPSHOT}")
    preview, _ = database.carry_out(action, request)
    made = database.instance(preview.calls[0].body["expect"]["instance"])
    left = {one.setting.words for one in differences(database.instance(), made)}
    assert "largest storage" in left
    assert not left & {"security groups", "subnet group", "parameter group", "Multi-AZ", "tags", "port"}


def test_a_restore_that_runs_out_of_storage_is_final_and_says_why(database: Database) -> None:
    """Nobody waits two hours for it; it is deleted, protection first, and tried again."""
    database.account.troubles.storage_fails = 1
    action, request = database.actions()[RESTORE_STEP], database.request(RESTORE_STEP, restore_point=f"snapshot:{SNAPSHOT}")
    preview, states = database.carry_out(action, request)
    assert states[0].final
    assert "is storage-full: DB instance ran out of storage" in states[0].words
    undo = action.undo_plan(request, carried(preview))
    assert [call.id for call in undo.calls] == ["unprotect", "delete"]
    assert undo.target == preview.calls[0].body["expect"]["instance"]


def test_a_restored_instance_can_be_deleted_again(database: Database) -> None:
    """The undo of the restore: its protection goes off, then it goes."""
    action, request = database.actions()[RESTORE_STEP], database.request(RESTORE_STEP, restore_point=f"snapshot:{SNAPSHOT}")
    preview, _ = database.carry_out(action, request)
    _, states = database.carry_out(action, request, action.undo_plan(request, carried(preview)))
    assert all(state.passed for state in states)
    assert database.rds.instance(preview.calls[0].body["expect"]["instance"]) is None
    assert database.instance().settled


@pytest.mark.parametrize("what", ["no points", "key", "quota", "right", "subnet group", "replica", "creating"])
def test_nothing_is_restored_where_something_would_be_lost_or_fail(database: Database, what: str) -> None:
    """A clear sentence each, and nothing sent."""
    live, troubles, inputs = database.account.changes.instance(IDENTIFIER), database.account.troubles, {"restore_point": f"snapshot:{SNAPSHOT}"}
    expected = {
        "no points": "no snapshot and no restore window",
        "key": "is Disabled: have it enabled",
        "quota": "quota of DBInstances is reached (1 of 1)",
        "right": "lacks rds:RestoreDBInstanceFromDBSnapshot",
        "subnet group": "subnet group of gospelib-production cannot be read",
        "replica": "has read replicas (reader)",
        "creating": "it is creating",
    }[what]
    if what == "no points":
        live.backup_retention_period, inputs = 0, {}
        database.account.changes.backend.database_snapshots.clear()
    elif what == "creating":
        database.account.changes.backend.database_snapshots[SNAPSHOT].status = "creating"
    elif what == "replica":
        live.replicas = ["reader"]
    elif what == "subnet group":
        del live.db_subnet_group
    troubles.key_disabled, troubles.instance_quota = what == "key", 1 if what == "quota" else 40
    troubles.denied = {"rds:RestoreDBInstanceFromDBSnapshot"} if what == "right" else set()
    try:
        refused = database.actions()[RESTORE_STEP].plan(database.request(RESTORE_STEP, **inputs)).refused
    except Refused as error:
        refused = error.text
    assert expected in refused
    assert database.account.changed() == []


def test_the_point_may_go_while_somebody_reads_the_prompt(database: Database) -> None:
    """An automated snapshot that is rotated away is a fact that has moved."""
    action, request = database.actions()[RESTORE_STEP], database.request(RESTORE_STEP, restore_point=f"snapshot:{SNAPSHOT}")
    preview = action.plan(request)
    assert preview.fingerprint.moved(action.facts(request, preview)) == ()
    database.account.changes.backend.database_snapshots.pop(SNAPSHOT)
    assert [name for name, _, _ in preview.fingerprint.moved(action.facts(request, preview))] == ["Point"]


# --- settling ---------------------------------------------------------------------------------------------------------


def test_settling_takes_every_difference_away(database: Database) -> None:
    """Also those of somebody's restore with three arguments: network, parameters with their restart, logs, tags; but what only a restore can set."""
    database.rds.change("restore_db_instance_from_db_snapshot", {"DBInstanceIdentifier": RESTORED, "DBSnapshotIdentifier": SNAPSHOT})
    database.pass_time(PACE.creating)
    action, request = database.actions()[SETTLE_STEP], database.request(SETTLE_STEP)
    preview, states = database.carry_out(action, request)
    assert [call.id for call in preview.calls] == ["modify", "tags", "reboot"]
    assert "security groups: sg-default instead of" in said(preview, "Differs")
    assert all(state.passed for state in states)
    assert [one.setting.words for one in differences(database.instance(), database.instance(RESTORED))] == ["extended support"]
    assert "extended support" in preview.needs_reason
    assert database.instance(RESTORED).apply_status == "in-sync"
    assert action.plan(request).calls == ()


def test_a_setting_that_somebody_changes_meanwhile_is_seen(database: Database) -> None:
    """The last check compares again, field by field."""
    made = database.restored()
    action, request = database.actions()[SETTLE_STEP], database.request(SETTLE_STEP)
    preview = action.plan(request)
    assert (preview.calls, said(preview, "Differs")) == ((), "in nothing")
    made.multi_az = False
    state = action.checks(request, preview, database.clock.now())[1]
    assert (state.passed, state.words) == (None, "Multi-AZ: off instead of on")


def test_what_no_call_can_set_takes_a_written_reason(database: Database) -> None:
    """Another encryption key stays another one."""
    database.restored().kms_key_id = "another-key"
    preview = database.actions()[SETTLE_STEP].plan(database.request(SETTLE_STEP))
    assert "encryption key: another-key instead of" in preview.needs_reason


def test_the_description_that_the_restore_kept_counts_where_the_instance_is_gone(database: Database) -> None:
    """Total loss after the restore: what it must equal is in the run's own record."""
    source = database.instance()
    database.restored().multi_az = False
    database.account.changes.backend.databases.pop(IDENTIFIER)
    kept = {f"captured:rds-restored:{RESTORED}": json.dumps({"identifier": RESTORED, "source": source.raw})}
    preview = database.actions()[SETTLE_STEP].plan(replace(database.request(SETTLE_STEP), inputs=kept))
    assert said(preview, "Differs") == "Multi-AZ: off instead of on"
    with pytest.raises(Refused, match="nobody can read what a restored instance must be"):
        database.actions()[SETTLE_STEP].plan(database.request(SETTLE_STEP))


# --- swap -------------------------------------------------------------------------------------------------------------


def test_the_swap_gives_the_name_to_the_restored_instance(database: Database) -> None:
    """By resource id: the restored one has the name, the old one is kept, and each leaves its debt."""
    database.restored()
    old, new = database.instance().resource_id, database.instance(RESTORED).resource_id
    action, request = database.actions()[SWAP_STEP], database.request(SWAP_STEP)
    preview, states = database.carry_out(action, request)
    assert all(state.passed for state in states)
    assert NAME_SETTLED in [state.name for state in states]
    kept = preview.calls[0].body["expect"]["name"]
    assert (database.instance().resource_id, database.instance(kept).resource_id) == (new, old)
    assert [call.debt.id if call.debt else "" for call in preview.calls] == [f"rds-old:{kept}", "terraform"]
    assert preview.calls[1].body["pays"] == [f"rds-restored:{RESTORED}"]
    assert (preview.danger, preview.target) == (Danger.DESTRUCTIVE, IDENTIFIER)
    assert action.plan(request).calls == ()


def test_each_rename_is_applied_at_once_and_shows_its_progress(database: Database) -> None:
    """Without ApplyImmediately nothing would happen until the maintenance window."""
    database.restored()
    action, request = database.actions()[SWAP_STEP], database.request(SWAP_STEP)
    preview = action.plan(request)
    assert [call.body["parameters"]["ApplyImmediately"] for call in preview.calls] == [True, True]
    action.send(request, preview.calls[0])
    state = action.checks(request, preview, database.clock.now() - 180.0)[0]
    assert state.passed is None
    assert state.words.startswith(f"{IDENTIFIER}: renaming (DBInstanceIdentifier: {IDENTIFIER}-old-")
    assert state.words.endswith("3 min")


def test_a_rename_that_only_waits_for_the_window_is_not_taken_for_done(database: Database) -> None:
    """Somebody's rename without ApplyImmediately is pending: the swap is refused, since it would apply that too."""
    database.restored()
    database.rds.change("modify_db_instance", {"DBInstanceIdentifier": RESTORED, "BackupRetentionPeriod": 3, "ApplyImmediately": False})
    assert "has changes that wait (BackupRetentionPeriod)" in database.actions()[SWAP_STEP].plan(database.request(SWAP_STEP)).refused
    database.rds.change("modify_db_instance", {"DBInstanceIdentifier": RESTORED, "NewDBInstanceIdentifier": "elsewhere", "ApplyImmediately": False})
    assert "is to be renamed to elsewhere already" in database.actions()[SWAP_STEP].plan(database.request(SWAP_STEP)).refused


def test_the_swap_is_put_back_in_reverse(database: Database) -> None:
    """The restored instance away first, then the old one in its place; that loses data, so it is destructive."""
    database.restored()
    old, new = database.instance().resource_id, database.instance(RESTORED).resource_id
    action, request = database.actions()[SWAP_STEP], database.request(SWAP_STEP)
    preview, _ = database.carry_out(action, request)
    database.sides.there[new] = ("billing: pid 12 (auth_app, worker, active)",)
    undo = action.undo_plan(request, carried(preview))
    assert (undo.danger, said(undo, "Connected")) == (Danger.DESTRUCTIVE, "billing: pid 12 (auth_app, worker, active)")
    database.sides.there = {old: database.sides.there[new]}
    _, states = database.carry_out(action, request, undo)
    assert all(state.passed for state in states)
    assert (database.instance().resource_id, database.instance(RESTORED).resource_id) == (old, new)


def test_a_name_that_leads_elsewhere_says_where_to_and_what_it_should_be(database: Database) -> None:
    """A resolver that still has the old answer, or an instance that came back with another address: neither is called settled."""
    database.restored()
    action, request = database.actions()[SWAP_STEP], database.request(SWAP_STEP)
    preview, _ = database.carry_out(action, request)
    moved = replace(preview.calls[1], undo={**preview.calls[1].undo, "addresses": ["10.9.9.9"]})
    states = action.checks(request, replace(preview, calls=(preview.calls[0], moved)), database.clock.now())
    (settled,) = (state for state in states if state.name == NAME_SETTLED)
    assert settled.passed is None
    assert settled.words.endswith(", and was 10.9.9.9 before it had the name")


def test_half_a_swap_is_put_back_too(database: Database) -> None:
    """Only the first rename was made."""
    database.restored()
    old = database.instance().resource_id
    action, request = database.actions()[SWAP_STEP], database.request(SWAP_STEP)
    preview = action.plan(request)
    action.send(request, preview.calls[0])
    database.pass_time(PACE.renaming + PACE.lingering)
    undo = action.undo_plan(request, carried(preview)[:1])
    database.carry_out(action, request, undo)
    assert database.instance().resource_id == old


def test_a_refused_rename_changes_nothing_further(database: Database) -> None:
    """The second is not sent where the first did not come about."""
    database.restored()
    action, request = database.actions()[SWAP_STEP], database.request(SWAP_STEP)
    preview = action.plan(request)
    database.account.troubles.rename_refused = "the instance cannot be renamed now"
    with pytest.raises(FactsMoved, match="cannot be renamed now"):
        action.send(request, preview.calls[0])
    database.account.troubles.rename_refused = ""
    with pytest.raises(NotSent, match=r"gospelib-production is not called gospelib-production-old-.* yet"):
        action.send(request, preview.calls[1])
    assert [one.code for one in database.account.requests if one.changing] == ["InvalidDBInstanceState"]


def test_a_name_that_is_taken_is_seen_before_the_rename_is_sent(database: Database) -> None:
    """Somebody made an instance of that name since the preview; moto and a hasty script would have run into it."""
    database.restored()
    action, request = database.actions()[SWAP_STEP], database.request(SWAP_STEP)
    preview = action.plan(request)
    taken = preview.calls[0].body["expect"]["name"]
    create_instance(database.account, taken)
    assert [name for name, _, _ in preview.fingerprint.moved(action.facts(request, preview))] == [taken]
    with pytest.raises(FactsMoved, match="is taken"):
        action.send(request, preview.calls[0])
    assert database.account.changed() == []


def test_the_old_name_that_still_answers_is_waited_for(database: Database) -> None:
    """The second rename would be refused while it does: it is sent once, when the name is free."""
    database.restored()
    action, request = database.actions()[SWAP_STEP], database.request(SWAP_STEP)
    database.carry_out(action, request)
    renames = [one for one in database.account.requests if one.action == "ModifyDBInstance"]
    assert [one.code for one in renames] == ["", ""]


def test_credentials_that_expire_between_the_renames_cost_nothing(database: Database) -> None:
    """The second was not sent; after the login the preview holds what is missing, and that alone."""
    database.restored()
    new = database.instance(RESTORED).resource_id
    action, request = database.actions()[SWAP_STEP], database.request(SWAP_STEP)
    preview = action.plan(request)
    action.send(request, preview.calls[0])
    database.account.troubles.expired = True
    with pytest.raises(CredentialsExpired):
        action.send(request, preview.calls[1])
    with pytest.raises(CredentialsExpired):
        action.plan(request)
    database.account.troubles.expired = False
    again = action.plan(request)
    assert [call.id for call in again.calls] == ["rename-restored"]
    assert "the old instance is gospelib-production-old-" in said(again, "Done")
    database.carry_out(action, request, again)
    assert database.instance().resource_id == new
    assert len(database.account.changed()) == 2


def test_an_answer_that_is_lost_is_looked_for_by_resource_id(database: Database) -> None:
    """The rename was made: it is found, and not sent again."""
    database.restored()
    action, request = database.actions()[SWAP_STEP], database.request(SWAP_STEP)
    preview = action.plan(request)
    database.account.troubles.answer_lost = "ModifyDBInstance"
    with pytest.raises(OutcomeUnknown):
        action.send(request, preview.calls[0])
    assert action.happened(request, preview.calls[0]) is True
    assert action.happened(request, preview.calls[1]) is False
    assert [call.id for call in action.plan(request).calls] == ["rename-restored"]


def test_an_accepted_rename_that_does_not_show_yet_is_not_denied(database: Database) -> None:
    """RDS describes a change some seconds late: until then nobody can tell, and nothing stops half-way."""
    database.account.changes.pace = replace(PACE, unseen=60.0)
    database.restored()
    action, request = database.actions()[SWAP_STEP], database.request(SWAP_STEP)
    call = action.plan(request).calls[0]
    action.send(request, call)
    assert action.happened(request, call) is None
    database.pass_time(61.0)
    assert action.happened(request, call) is True


def test_a_change_whose_answer_is_lost_is_not_denied_before_it_could_show(database: Database) -> None:
    """Both at once, a dropped answer and a description that lags: called not made, it would be sent a second time."""
    database.account.changes.pace = replace(PACE, unseen=60.0)
    database.restored()
    action, request = database.actions()[SWAP_STEP], database.request(SWAP_STEP)
    call = action.plan(request).calls[0]
    database.account.troubles.answer_lost = "ModifyDBInstance"
    with pytest.raises(OutcomeUnknown):
        action.send(request, call)
    assert action.happened(request, call) is None
    database.pass_time(61.0)
    assert action.happened(request, call) is True


def test_only_one_rename_is_needed_where_nothing_has_the_name(database: Database) -> None:
    """The old instance is gone altogether."""
    database.restored()
    database.account.changes.backend.databases.pop(IDENTIFIER)
    preview = database.actions()[SWAP_STEP].plan(database.request(SWAP_STEP))
    assert [call.id for call in preview.calls] == ["rename-restored"]
    assert said(preview, "Now") == "nothing has the name: only one rename is needed"


# --- deletion ---------------------------------------------------------------------------------------------------------


def test_an_instance_beside_that_is_not_needed_any_more_is_deleted_and_its_debt_paid(database: Database) -> None:
    """Its name is typed; the live instance is left alone."""
    database.restored()
    action, request = database.actions()[DELETE_STEP], database.request(DELETE_STEP)
    preview, states = database.carry_out(action, request)
    assert (preview.danger, preview.target) == (Danger.DESTRUCTIVE, RESTORED)
    assert preview.calls[-1].body["pays"] == [f"rds-restored:{RESTORED}"]
    assert all(state.passed for state in states)
    assert database.rds.instance(RESTORED) is None
    assert database.instance().settled
    with pytest.raises(Refused, match="no restored instance"):
        action.plan(request)


def test_snapshots_of_an_earlier_instance_of_the_name_are_offered_as_such(database: Database) -> None:
    """After a swap the history before it belongs to the old instance; the present one's own is offered first."""
    database.bad.at = 0.0
    database.account.changes.backend.database_snapshots[SNAPSHOT].dbi_resource_id = "db-EARLIER"
    database.account.changes.backend.database_snapshots[SNAPSHOT].database.dbi_resource_id = "db-EARLIER"
    points = database.actions()[RESTORE_STEP].choices(database.request(RESTORE_STEP))[0].options
    earlier = next(option for option in points if option.value == f"snapshot:{SNAPSHOT}")
    assert earlier.label.endswith("of an earlier instance of that name")
    assert next(option for option in points if option.suggested).value.startswith("time:")


def test_a_swap_says_in_numbers_what_is_lost_and_takes_a_reason_while_somebody_is_connected(database: Database) -> None:
    """And it is not over before the last one has left the old instance."""
    database.restored()
    action, request = database.actions()[SWAP_STEP], database.request(SWAP_STEP)
    old = database.instance().resource_id
    database.sides.differ = ("billing public.plans: 41 rows (exact count) now, 40 rows (exact count) restored",)
    database.sides.there[old] = ("billing: pid 7 (auth_app, worker, idle)",)
    preview = action.plan(request)
    shown = [notice.text for notice in preview.notices]
    assert database.sides.differ[0] in shown
    assert database.sides.there[old][0] in shown
    assert "is lost" in preview.needs_reason
    database.sides.there.clear()
    assert action.plan(request).needs_reason == ""
    database.sides.there[database.instance(RESTORED).resource_id] = ("billing: pid 9 (auth_app, worker, idle)",)
    _, states = database.carry_out(action, request, preview)
    assert CheckState(LEFT, passed=True, words="billing") in states
    database.sides.there[old] = ("billing: pid 7 (auth_app, worker, idle)",)
    (left,) = (state for state in action.checks(request, preview, database.clock.now()) if state.name == LEFT)
    assert (left.passed, left.words) == (None, "billing: pid 7 (auth_app, worker, idle)")


def swapped(database: Database, **inputs: str) -> tuple[Preview, StepRequest, str]:
    """Swaps while a service is connected; returns the preview, the request and the resource id of the restored instance."""
    database.restored()
    old, new = database.instance().resource_id, database.instance(RESTORED).resource_id
    action, request = database.actions()[SWAP_STEP], replace(database.request(SWAP_STEP), inputs=inputs)
    database.sides.there[old] = ("billing: pid 7 (auth_app, worker, idle)",)
    preview = action.plan(request)
    database.sides.there[new], database.sides.there[old] = ("billing: pid 9 (auth_app, worker, idle)",), ()
    database.carry_out(action, request, preview)
    return preview, request, new


def arrived(database: Database, request: StepRequest, preview: Preview, seconds: float = 0.0) -> CheckState:
    """Returns what is said of the connections to the instance that has the name now."""
    states = database.actions()[SWAP_STEP].checks(request, preview, database.clock.now() - seconds)
    return next(state for state in states if state.name == ARRIVED)


def test_a_swap_is_not_over_before_who_was_connected_has_come_to_the_new_instance(database: Database) -> None:
    """Told from the new instance itself; for ever nobody waits, and then it says what to do."""
    preview, request, new = swapped(database)
    assert arrived(database, request, preview) == CheckState(ARRIVED, passed=True, words="billing: pid 9 (auth_app, worker, idle)")
    database.sides.there[new] = ()
    assert arrived(database, request, preview).passed is None
    overdue = arrived(database, request, preview, ARRIVING_SECONDS + 1)
    assert overdue.passed
    assert overdue.words == "billing: nobody yet, who was there before has not come back: restart what holds an old address"


def test_services_that_were_stopped_for_the_swap_are_not_said_to_have_come(database: Database) -> None:
    """They come when they are started; nobody waits for them before."""
    database.restored()
    action, request = database.actions()[SWAP_STEP], replace(database.request(SWAP_STEP), inputs={"captured:stopped": json.dumps({"billing": 2})})
    _, states = database.carry_out(action, request)
    assert states[-1] == CheckState(ARRIVED, passed=True, words="billing: nobody yet, billing being stopped: look again once it is started")


def test_connections_that_nobody_can_read_are_unknown(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither gone from the old instance nor come to the new one; and the swap ends all the same."""
    preview, request, _ = swapped(database)
    monkeypatch.setattr(database.sides, "connected", lambda _request, _one: Connected((), (), ("billing",)))
    states = {state.name: state for state in database.actions()[SWAP_STEP].checks(request, preview, database.clock.now())}
    assert LEFT not in states
    for name in (LEFT_UNKNOWN, ARRIVED):
        assert (states[name].passed, states[name].words) == (True, "unknown of billing, which could not be asked")


@pytest.mark.parametrize(
    ("step", "named", "command", "days"),
    [
        (SNAPSHOT_STEP, "before-rollback-gospelib-production-", "delete-db-snapshot --db-snapshot-identifier", 30),
        (RESTORE_STEP, f"{IDENTIFIER}-restored-", "--skip-final-snapshot", 7),
        (SWAP_STEP, f"{IDENTIFIER}-old-", "--no-delete-automated-backups", 7),
    ],
)
def test_a_debt_names_what_is_deleted_by_which_command_and_when(database: Database, step: str, named: str, command: str, days: int) -> None:
    """So that it can be paid a week later by somebody who was not there; the old instance keeps a last snapshot and its backups."""
    database.restored()
    call = database.actions()[step].plan(database.request(step)).calls[0]
    assert call.debt is not None
    name = call.debt.id.partition(":")[2]
    assert name.startswith(named)
    assert name in call.debt.title
    assert f"due {stamp(database.clock.now() + days * 86400.0)}: aws --profile gospelib --region us-east-1" in call.debt.reason
    assert command in call.debt.reason
    if step != SNAPSHOT_STEP:
        assert f"--db-instance-identifier {name} --no-deletion-protection --apply-immediately && " in call.debt.reason
    if step == SWAP_STEP:
        assert f"delete-db-instance --db-instance-identifier {name} --final-db-snapshot-identifier {name}-final" in call.debt.reason


def test_an_instance_that_ran_out_of_storage_can_be_deleted(database: Database) -> None:
    """Its protection comes off first; that it is lost for everything else stands in no deletion's way."""
    database.restored().status = "storage-full"
    action, request = database.actions()[DELETE_STEP], database.request(DELETE_STEP, restored_instance=RESTORED)
    preview, states = database.carry_out(action, request)
    assert [call.id for call in preview.calls] == ["unprotect", "delete"]
    assert [state.passed for state in states] == [True]
    assert database.rds.instance(RESTORED) is None
