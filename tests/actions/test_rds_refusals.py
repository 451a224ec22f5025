"""What nobody should have to find out half-way: each trouble on RDS is a clear sentence with the next thing to try, and nothing was changed."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from moto.ec2.models import ec2_backends

from gospel_rollback_tui.domain.errors import CredentialsExpired, NotSent, Refused, RollbackError
from gospel_rollback_tui.domain.preview import Preview
from gospel_rollback_tui.drill.aws.estate import IDENTIFIER, create_instance, keep_snapshot
from gospel_rollback_tui.drill.aws.server import ACCOUNT
from gospel_rollback_tui.engine.ports import StepRequest
from tests.actions.rds_account import DELETE_STEP, PACE, RESTORE_STEP, RESTORED, SETTLE_STEP, SNAPSHOT_STEP, SWAP_STEP, Database, a_database, carried
from tests.drill.aws.accounts import SNAPSHOT

STEPS = (SNAPSHOT_STEP, RESTORE_STEP, SETTLE_STEP, SWAP_STEP, DELETE_STEP)
FROM_SNAPSHOT = {"restore_point": f"snapshot:{SNAPSHOT}"}


@pytest.fixture
def database() -> Iterator[Database]:
    """The production instance, and one that was restored beside it."""
    with a_database() as served:
        served.restored()
        yield served


def told(database: Database, step: str, request: StepRequest | None = None) -> str:
    """Returns why the step cannot be taken, with what to do next, whether it is said in its prompt or in place of it."""
    try:
        preview = database.actions()[step].plan(request or database.request(step))
    except RollbackError as error:
        return error.sentences()
    assert preview.refused
    assert preview.calls == ()
    return preview.refused


def warned(preview: Preview) -> str:
    """Returns the prompt's warnings."""
    return " ".join(notice.text for notice in preview.notices if notice.warning)


@pytest.mark.parametrize("step", STEPS)
def test_a_login_to_another_account_is_refused_where_the_same_names_may_mean_other_databases(database: Database, step: str) -> None:
    """In the prompt, and again before each call is sent: a login may have come in between."""
    action, request = database.actions()[step], database.request(step)
    if step == SETTLE_STEP:
        database.account.changes.instance(RESTORED).monitoring_interval = 0
    preview = action.plan(request)
    database.known_in = "999999999999"
    said = told(database, step)
    assert said.startswith("AWS knows us in account 123456789012, and this environment is in 999999999999. Log in to that account")
    call = preview.calls[0]
    with pytest.raises(NotSent, match="this environment is in 999999999999"):
        action.send(request, replace(call, body={**call.body, "account": "999999999999"}))
    assert database.account.changed() == []


@pytest.mark.parametrize("step", STEPS)
def test_expired_credentials_ask_for_a_login(database: Database, step: str) -> None:
    """At the preview, before anything is sent."""
    database.account.troubles.expired = True
    with pytest.raises(CredentialsExpired) as caught:
        database.actions()[step].plan(database.request(step))
    assert "Log in again" in caught.value.next_step
    assert caught.value.changed == "Nothing was changed."
    assert database.account.changed() == []


@pytest.mark.parametrize(
    ("step", "right"),
    [
        (SNAPSHOT_STEP, "rds:CreateDBSnapshot"),
        (RESTORE_STEP, "rds:RestoreDBInstanceToPointInTime"),
        (SETTLE_STEP, "rds:ModifyDBInstance"),
        (SWAP_STEP, "rds:ModifyDBInstance"),
        (DELETE_STEP, "rds:DeleteDBInstance"),
    ],
)
def test_a_missing_right_is_named_before_the_first_change(database: Database, step: str, right: str) -> None:
    """By IAM's own simulation: half a swap for want of a right is the worst of all."""
    if step == SETTLE_STEP:
        database.account.changes.instance(RESTORED).monitoring_interval = 0
    database.account.troubles.denied = {right}
    assert told(database, step) == f"This identity lacks {right}: ask for it, or log in as somebody who has it."
    assert database.account.changed() == []


@pytest.mark.parametrize("step", STEPS)
def test_rights_that_are_granted_on_the_teams_own_databases_are_enough(database: Database, step: str) -> None:
    """IAM is asked about the very instance: nobody who may act is sent away at three in the morning."""
    database.account.troubles.granted_on = f"arn:aws:rds:{database.account.region}:{ACCOUNT}:db:{IDENTIFIER}"
    assert database.actions()[step].plan(database.request(step)).refused == ""


@pytest.mark.parametrize(
    ("step", "says", "next_step"),
    [
        (SNAPSHOT_STEP, "nobody-knows-it is not there", "Check `rds.identifier`"),
        (RESTORE_STEP, "nobody-knows-it is not there", "Take its settings from the Terraform configuration"),
        (SETTLE_STEP, "nobody-knows-it is not there", "restore by hand (`h`)"),
        (SWAP_STEP, "no restored instance of nobody-knows-it", "Restore first"),
        (DELETE_STEP, "no restored instance of nobody-knows-it", "Restore first"),
    ],
)
def test_an_instance_that_nobody_knows_is_named(database: Database, step: str, says: str, next_step: str) -> None:
    """A typing error in the configuration leads to no other instance."""
    request = database.request(step)
    wrong = replace(request.environment, names=(*request.environment.names, ("rds.identifier", "nobody-knows-it")))
    said = told(database, step, replace(request, environment=wrong))
    assert says in said
    assert next_step in said
    assert database.account.changed() == []


@pytest.mark.parametrize("step", STEPS)
def test_no_instance_in_the_configuration_says_what_to_write(database: Database, step: str) -> None:
    """And under which environment."""
    request = database.request(step)
    bare = replace(request.environment, names=())
    said = told(database, step, replace(request, environment=bare))
    assert "No database instance is configured." in said
    assert f"Write `rds: {{identifier: …}}` under {bare.name}" in said


def _replica(database: Database) -> None:
    database.account.changes.instance(IDENTIFIER).replicas = ["reader"]


def _proxy(database: Database) -> None:
    backend = database.account.changes.backend
    subnets = [one.id for one in ec2_backends[ACCOUNT][database.account.region].describe_subnets()]
    backend.create_db_proxy("pool", "POSTGRESQL", [], "arn:aws:iam::123456789012:role/proxy", subnets, None, None, None, None, [])
    backend.register_db_proxy_targets("pool", "default", [], [IDENTIFIER])


def _aurora(database: Database) -> None:
    database.account.changes.instance(IDENTIFIER).engine = "aurora-postgresql"


@pytest.mark.parametrize("step", [RESTORE_STEP, SWAP_STEP])
@pytest.mark.parametrize(
    ("what", "says", "by_hand"),
    [
        (_replica, "has read replicas (reader)", "create-db-instance-read-replica"),
        (_proxy, "is reached through the proxy pool", "register-db-proxy-targets"),
        (_aurora, "belongs to the cluster of Aurora", "restore-db-cluster-to-point-in-time"),
    ],
)
def test_replicas_proxies_and_clusters_are_recognised_and_left_to_steps_by_hand(database: Database, step: str, what: object, says: str, by_hand: str) -> None:
    """Each with the commands that a person needs."""
    assert callable(what)
    what(database)
    said = told(database, step)
    assert says in said
    assert by_hand in said
    assert database.account.changed() == []


@pytest.mark.parametrize(("step", "quota"), [(SNAPSHOT_STEP, "ManualSnapshots"), (RESTORE_STEP, "DBInstances")])
def test_a_reached_quota_says_which_and_what_makes_room(database: Database, step: str, quota: str) -> None:
    """Also where this identity may not look at the encryption key: not knowing one thing hides no other."""
    keep_snapshot(database.account, "by-hand", hours=1, kind="manual")
    database.account.troubles.denied.add("kms:DescribeKey")
    database.account.troubles.snapshot_quota, database.account.troubles.instance_quota = 1, 2
    said = told(database, step)
    assert f"The quota of {quota} is reached" in said
    assert "delete one that nobody needs, or ask AWS for more" in said
    assert database.account.changed() == []


def test_no_backup_at_all_says_where_else_to_look(database: Database) -> None:
    """No window and no snapshot."""
    database.account.changes.instance(IDENTIFIER).backup_retention_period = 0
    database.account.changes.backend.database_snapshots.clear()
    said = told(database, RESTORE_STEP)
    assert "There is no snapshot and no restore window." in said
    assert "other regions, accounts and in AWS Backup" in said


def test_the_key_of_the_snapshot_counts_and_what_nobody_can_tell_of_it_is_said(database: Database) -> None:
    """A snapshot may be encrypted with another key than the instance; a key that this identity may not see is a warning."""
    database.account.changes.backend.database_snapshots[SNAPSHOT].kms_key_id = "arn:aws:kms:us-east-1:123456789012:key/of-the-snapshot"
    database.account.troubles.denied.add("kms:DescribeKey")
    request = database.request(RESTORE_STEP, **FROM_SNAPSHOT)
    preview = database.actions()[RESTORE_STEP].plan(request)
    assert preview.refused == ""
    assert "nobody here can tell whether arn:aws:kms:us-east-1:123456789012:key/of-the-snapshot may be used" in warned(preview)
    assert "restoring takes kms:CreateGrant and kms:DescribeKey" in warned(preview)
    database.account.troubles.denied.clear()
    database.account.troubles.key_disabled = True
    assert "key/of-the-snapshot is Disabled: have it enabled" in told(database, RESTORE_STEP, request)


def test_an_encrypted_snapshot_without_rights_on_its_key_changes_nothing(database: Database) -> None:
    """RDS says so at the call: no instance is there, and the sentence names the rights."""
    action, request = database.actions()[RESTORE_STEP], database.request(RESTORE_STEP, **FROM_SNAPSHOT)
    preview = action.plan(request)
    database.account.troubles.key_disabled = True
    with pytest.raises(Refused, match="do not have permissions to access it") as caught:
        action.send(request, preview.calls[0])
    assert "kms:CreateGrant and kms:DescribeKey" in caught.value.next_step
    assert caught.value.changed == "Nothing was changed."
    assert database.rds.instance(preview.calls[0].body["expect"]["instance"]) is None


def test_a_second_restore_after_a_swap_is_of_the_instance_whose_settings_and_window_it_shows(database: Database) -> None:
    """The old one, whatever its name is now; by name it would be the instance that has just been swapped in."""
    old = database.instance()
    action, request = database.actions()[SWAP_STEP], database.request(SWAP_STEP)
    database.carry_out(action, request)
    kept = {f"captured:rds-restored:{RESTORED}": json.dumps({"identifier": RESTORED, "source": old.raw})}
    again = replace(database.request(RESTORE_STEP), inputs=kept)
    preview = database.actions()[RESTORE_STEP].plan(again)
    members = preview.calls[0].body["parameters"]
    assert "SourceDBInstanceIdentifier" not in members
    assert members["SourceDbiResourceId"] == old.resource_id != database.instance().resource_id
    database.carry_out(database.actions()[RESTORE_STEP], again, preview)


def test_an_instance_that_services_were_pointed_at_is_not_deleted_without_a_word(database: Database) -> None:
    """Cut over by configuration, the restored one is live under its own name: by its deletion and by the undo of the restore."""
    resource = database.instance(RESTORED).resource_id
    database.sides.there[resource] = ("billing: pid 9 (auth_app, worker, active)",)
    preview = database.actions()[DELETE_STEP].plan(database.request(DELETE_STEP))
    assert "Somebody is connected to" in preview.needs_reason
    assert "pid 9 (auth_app, worker, active)" in warned(preview)
    database.sides.there.clear()
    assert database.actions()[DELETE_STEP].plan(database.request(DELETE_STEP)).needs_reason == ""
    action, request = database.actions()[RESTORE_STEP], database.request(RESTORE_STEP, **FROM_SNAPSHOT)
    restored, _ = database.carry_out(action, request)
    made = database.instance(restored.calls[0].body["expect"]["instance"])
    database.sides.there[made.resource_id] = ("billing: pid 11 (auth_app, worker, active)",)
    assert f"Somebody is connected to {made.identifier}" in action.undo_plan(request, carried(restored)).needs_reason


@pytest.mark.parametrize("step", [SWAP_STEP, DELETE_STEP])
def test_an_instance_that_another_run_restored_is_swapped_in_or_deleted_for_a_written_reason_only(database: Database, step: str) -> None:
    """Last month's leftovers have a fitting name too, and somebody else may need theirs."""
    assert database.actions()[step].plan(database.request(step)).needs_reason == ""
    database.pass_time(PACE.creating)
    left = create_instance(database.account, f"{IDENTIFIER}-restored-20261101-000000", days=20.0)
    left.tags = [*left.tags, {"Key": "gospel-rollback-run", "Value": "1101-aa"}]
    chosen = database.request(step, restored_instance=left.db_instance_identifier)
    assert "was restored by run 1101-aa, to a moment of theirs" in database.actions()[step].plan(chosen).needs_reason
