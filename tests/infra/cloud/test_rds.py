"""The adapter of RDS against the simulated account: reads, refusals, and that nothing is sent twice."""

import socket
import threading
from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError, SSLError

from gospel_rollback_tui.domain.errors import CredentialsExpired, Forbidden, NoRoute, OutcomeUnknown, Refused, RollbackError
from gospel_rollback_tui.drill.aws.estate import IDENTIFIER, KEY, create_instance, keep_snapshot
from gospel_rollback_tui.drill.aws.server import ACCOUNT
from gospel_rollback_tui.infra.cloud.rds import CHANGES, RdsApi
from gospel_rollback_tui.infra.cloud.refusals import judge
from gospel_rollback_tui.infra.cloud.session import AwsSession
from tests.drill.aws.accounts import NONCE, SNAPSHOT, Account

TAKE = {"DBInstanceIdentifier": IDENTIFIER, "DBSnapshotIdentifier": "before"}
RESTORE = {"DBInstanceIdentifier": "restored", "DBSnapshotIdentifier": SNAPSHOT}


def test_an_instance_is_found_by_name_and_by_resource_id(account: Account) -> None:
    """What is not there is no error."""
    found = account.rds.instance(IDENTIFIER)
    assert found is not None
    assert found["LatestRestorableTime"]
    assert account.rds.by_resource(str(found["DbiResourceId"])) == account.rds.instance(IDENTIFIER)
    assert account.rds.instance("nobody") is None
    assert account.rds.by_resource("db-NOBODY") is None
    assert account.rds.snapshot("nothing") is None


def test_snapshots_are_those_of_the_very_instance(account: Account) -> None:
    """After a swap two instances have had the name: the resource id tells them apart, over more than one page."""
    other = create_instance(account, "other")
    keep_snapshot(account, "of-the-other", hours=1, identifier="other")
    found = account.rds.instance(IDENTIFIER)
    assert found is not None
    assert [one["DBSnapshotIdentifier"] for one in account.rds.snapshots(str(found["DbiResourceId"]), IDENTIFIER)] == [SNAPSHOT]
    assert [one["DBSnapshotIdentifier"] for one in account.rds.snapshots(other.dbi_resource_id, "other")] == ["of-the-other"]


def test_every_page_of_a_list_is_read(account: Account) -> None:
    """The API answers with a hundred at most."""
    for number in range(120):
        create_instance(account, f"db-{number}")
    assert len(account.rds.instances()) == 121


def test_what_stands_in_the_way_is_read_before_the_first_change(account: Account) -> None:
    """Quotas, class, key, proxies and rights."""
    assert account.rds.quotas()["DBInstances"] == (1, 40)
    assert account.rds.orderable("postgres", "15.8", "db.r6g.large")
    assert account.rds.key_state(KEY) == "Enabled"
    assert account.rds.proxies(IDENTIFIER) == ()
    account.troubles.denied.add("rds:ModifyDBInstance")
    wanted = ("rds:ModifyDBInstance", "rds:CreateDBSnapshot")
    assert account.rds.may(wanted, "") == {"rds:ModifyDBInstance": False, "rds:CreateDBSnapshot": True}
    account.troubles.cannot_simulate = True
    assert account.rds.may(wanted, "") == {"rds:ModifyDBInstance": None, "rds:CreateDBSnapshot": None}


def _quota(account: Account) -> None:
    account.troubles.snapshot_quota = 0


def _no_room(account: Account) -> None:
    account.troubles.instance_quota = 1


def _key(account: Account) -> None:
    account.troubles.key_disabled = True


def _right(account: Account) -> None:
    account.troubles.denied.add("rds:CreateDBSnapshot")


def _expired(account: Account) -> None:
    account.troubles.expired = True


@pytest.mark.parametrize(
    ("trouble", "operation", "kind", "says", "next_step"),
    [
        (_quota, "create_db_snapshot", Refused, "SnapshotQuotaExceeded", "Delete a manual snapshot"),
        (_no_room, "restore_db_instance_from_db_snapshot", Refused, "InstanceQuotaExceeded", "larger quota"),
        (_key, "restore_db_instance_from_db_snapshot", Refused, "KMSKeyNotAccessibleFault", "kms:CreateGrant"),
        (_right, "create_db_snapshot", Forbidden, "lacks rds:CreateDBSnapshot", "Ask for rds:CreateDBSnapshot"),
        (_expired, "create_db_snapshot", CredentialsExpired, "expired", "Log in again"),
    ],
)
def test_each_refusal_says_what_and_the_next_thing_to_try(
    account: Account, trouble: Callable[[Account], None], operation: str, kind: type[RollbackError], says: str, next_step: str
) -> None:
    """And nothing was changed."""
    trouble(account)
    with pytest.raises(kind) as caught:
        account.rds.change(operation, RESTORE if operation.startswith("restore") else TAKE)
    assert says in caught.value.text
    assert next_step in caught.value.next_step
    assert caught.value.changed == "Nothing was changed."


def test_an_answer_that_is_lost_leaves_the_outcome_unknown_and_sends_nothing_twice(account: Account) -> None:
    """The change was carried out once, whatever the server then said."""
    account.troubles.answer_lost = "CreateDBSnapshot"
    with pytest.raises(OutcomeUnknown, match="500"):
        account.rds.change("create_db_snapshot", TAKE)
    assert [one.action for one in account.requests if one.changing] == ["CreateDBSnapshot"]
    assert account.rds.snapshot("before") is not None


def test_a_connection_that_breaks_after_the_change_was_sent_is_unknown_too() -> None:
    """One that never came about was not sent."""
    listener = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    heard: list[bytes] = []

    def hang_up() -> None:
        connection, _ = listener.accept()
        heard.append(connection.recv(65536))
        connection.close()

    hanging = threading.Thread(target=hang_up)
    hanging.start()
    rds = RdsApi(AwsSession("us-east-1", endpoint=address, nonce=NONCE))
    with pytest.raises(OutcomeUnknown, match="No answer came to rds:CreateDBSnapshot"):
        rds.change("create_db_snapshot", TAKE)
    hanging.join()
    listener.close()
    assert len(heard) == 1
    with pytest.raises(NoRoute):
        rds.change("create_db_snapshot", TAKE)


def test_a_drill_reaches_nothing_but_its_own_account(account: Account) -> None:
    """Neither Amazon, nor another address, nor another drill's account."""
    with pytest.raises(Refused, match="this machine only"):
        AwsSession("us-east-1", nonce=NONCE)
    with pytest.raises(Refused, match="this machine only"):
        AwsSession("us-east-1", endpoint="https://rds.us-east-1.amazonaws.com", nonce=NONCE)
    with pytest.raises(Refused, match="this machine only"):
        AwsSession("us-east-1", endpoint=account.url)
    stranger = RdsApi(AwsSession("us-east-1", endpoint=account.url, nonce="other"))
    with pytest.raises(Refused, match="not this drill's own"):
        stranger.instances()


def test_only_listed_operations_are_ever_sent(account: Account) -> None:
    """A body that was tampered with on its way to the runner reaches nothing else."""
    with pytest.raises(Refused, match="no change that this program makes"):
        account.rds.change("delete_db_cluster", {})
    assert "delete_db_cluster" not in CHANGES


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("EOF occurred in violation of protocol (_ssl.c:2423)", OutcomeUnknown),
        ("[SSL: DECRYPTION_FAILED_OR_BAD_RECORD_MAC] decryption failed or bad record mac", OutcomeUnknown),
        ("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate", NoRoute),
        ("[SSL: SSLV3_ALERT_HANDSHAKE_FAILURE] sslv3 alert handshake failure", NoRoute),
    ],
)
def test_a_connection_that_is_cut_inside_tls_leaves_the_outcome_unknown(said: str, kind: type[RollbackError]) -> None:
    """The request may have arrived before the cut; what fails before anything is sent was not sent, and a read is never a change."""
    error = SSLError(endpoint_url="https://rds.us-east-1.amazonaws.com", error=said)
    assert type(judge(error, "rds:ModifyDBInstance", changing=True)) is kind
    assert type(judge(error, "rds:DescribeDBInstances", changing=False)) is NoRoute


def test_a_right_on_the_databases_of_one_team_is_a_right(account: Account) -> None:
    """A policy that names resources grants nothing on every resource, which is what IAM is asked about without one."""
    account.troubles.granted_on = f"arn:aws:rds:us-east-1:{ACCOUNT}:db:{IDENTIFIER}"
    found = account.rds.instance(IDENTIFIER)
    assert found is not None
    assert account.rds.may(("rds:ModifyDBInstance",), str(found["DBInstanceArn"])) == {"rds:ModifyDBInstance": True}
    assert account.rds.may(("rds:ModifyDBInstance",), f"arn:aws:rds:us-east-1:{ACCOUNT}:db:other") == {"rds:ModifyDBInstance": False}


def test_a_clock_that_is_off_is_not_mended_by_a_login() -> None:
    """AWS calls both a wrong signature."""
    words = "Signature expired: 20261122T031000Z is now earlier than 20261122T031500Z (20261122T033000Z - 15 min.)"
    skewed = ClientError({"Error": {"Code": "SignatureDoesNotMatch", "Message": words}}, "ModifyDBInstance")
    told = judge(skewed, "rds:ModifyDBInstance", changing=True)
    assert isinstance(told, CredentialsExpired)
    assert "clock is off" in told.next_step
    wrong = ClientError({"Error": {"Code": "SignatureDoesNotMatch", "Message": "The request signature we calculated does not match"}}, "ModifyDBInstance")
    assert "Log in again" in judge(wrong, "rds:ModifyDBInstance", changing=True).next_step


def test_who_asks_is_known_by_the_accounts_number(account: Account) -> None:
    """By which another environment's account is told apart."""
    assert account.rds.account() == ACCOUNT
