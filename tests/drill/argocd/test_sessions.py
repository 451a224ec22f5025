"""Who may do what with which token: the tables of what the real Argo CD answered."""

from typing import Any

import pytest

from gospel_rollback_tui.drill.argocd.accounts import ACCOUNTS
from gospel_rollback_tui.drill.kubernetes.documents import parse_timestamp
from tests.drill.argocd.bench import APP, FREEZE, Bench

PATCH: tuple[str, str, dict[str, Any]] = ("PATCH", APP, {"patchType": "merge", "patch": FREEZE})
ROLLBACK: tuple[str, str, dict[str, Any]] = ("POST", f"{APP}/rollback", {"id": 99})
SYNC: tuple[str, str, dict[str, Any]] = ("POST", f"{APP}/sync", {})
TERMINATE: tuple[str, str, None] = ("DELETE", f"{APP}/operation", None)
SHORT = "permission denied"


def changed(token: str) -> str:
    """Return a token with another signature."""
    signed, _, signature = token.rpartition(".")
    return f"{signed}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"


def test_tokens_that_are_refused(automated: Bench) -> None:
    """Each kind has its own words, all of them 401."""
    sessions = automated.delivery.sessions
    revoked = sessions.api_token("operator", identity="op1")
    sessions.revoke("operator", "op1")
    removed = automated.token("nobody")
    sessions.remove("nobody")
    refused = {
        "": "no session information",
        "no JWT": "no session information",
        changed(automated.token("operator")): "invalid session: token signature is invalid: signature is invalid",
        sessions.api_token("operator", -60): "invalid session: token has invalid claims: token is expired",
        removed: "invalid session: rpc error: code = NotFound desc = account 'nobody' does not exist",
        revoked: "invalid session: account operator does not have token with id op1",
    }
    for token, message in refused.items():
        assert automated.call("GET", APP, token=token).refusal == (401, 16, message)
        assert automated.call("GET", "/api/v1/session/userinfo", token=token).json == {}
        assert set(automated.call("GET", "/api/version", token=token).json) == {"Version"}


def test_expiry_ends_with_a_login(automated: Bench) -> None:
    """A token that has expired is accepted again once the login was renewed; others never stopped working."""
    automated.delivery.sessions.expire("operator")
    assert automated.call("GET", APP).status == 401
    assert automated.call("GET", APP, account="readonly").status == 200
    automated.delivery.sessions.renew("operator")
    assert automated.call("GET", APP).status == 200


def test_a_login_gives_a_token_and_a_cookie(automated: Bench) -> None:
    """The token names the account; a wrong password and an unknown user are told apart by nobody."""
    password = automated.delivery.sessions.passwords["admin"]
    answered = automated.call("POST", "/api/v1/session", {"username": "admin", "password": password}, token="")
    token = answered.json["token"]
    assert answered.headers["Set-Cookie"].startswith(f"argocd.token={token};")
    assert automated.call("GET", "/api/v1/session/userinfo", token=token).json == {"loggedIn": True, "username": "admin", "iss": "argocd"}
    for username, wrong in (("admin", "nope"), ("nobody-else", password), ("readonly", "")):
        refused = automated.call("POST", "/api/v1/session", {"username": username, "password": wrong}, token="")
        assert refused.refusal == (401, 16, "Invalid username or password")


def test_passwords_are_not_written_down(automated: Bench) -> None:
    """The record of a login has no body."""
    automated.call("POST", "/api/v1/session", {"username": "admin", "password": "a-secret"}, token="")
    assert "a-secret" not in automated.delivery.server.requests.path.read_text(encoding="utf-8")


def test_token_files_are_private(automated: Bench) -> None:
    """Only their owner can read them, and each is its account's."""
    for account in ACCOUNTS:
        file = automated.token_folder / f"{account.name}.token"
        assert file.stat().st_mode & 0o777 == 0o600
        assert automated.call("GET", "/api/v1/session/userinfo", account=account.name).json["username"] == account.name


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("applications/sync/gospelib/gospelib-production", "yes"),
        ("applications/update/gospelib/gospelib-production", "yes"),
        ("applications/sync/gospelib/there-is-none", "yes"),
        ("applications/sync/default/gospelib-production", "no"),
        ("applications/delete/gospelib/gospelib-production", "no"),
        ("applications/sync/*", "no"),
    ],
)
def test_can_i_asks_the_rights_and_nothing_else(automated: Bench, path: str, value: str) -> None:
    """Whether the Application exists is not looked at."""
    assert automated.call("GET", f"/api/v1/account/can-i/{path}").json == {"value": value}


def test_can_i_knows_no_rollback(automated: Bench) -> None:
    """An action that there is not is refused, and so is a resource."""
    known = "[get create update delete sync override action invoke]"
    assert automated.call("GET", "/api/v1/account/can-i/applications/rollback/a/b").refusal == (400, 3, f"{known} does not contain rollback")
    assert automated.call("GET", "/api/v1/account/can-i/nothing/get/a/b").refusal[2].endswith("does not contain nothing")
    assert automated.call("GET", "/api/v1/account/can-i/applications/get/a/b", token="").status == 401


@pytest.mark.parametrize(
    ("account", "patch", "rollback", "sync", "terminate"),
    [
        ("nobody", SHORT, SHORT, SHORT, SHORT),
        ("readonly", "long", SHORT, "long", SHORT),
        ("syncer", "long", "does not have deployment", 200, "No operation"),
        ("operator", 200, "does not have deployment", 200, "No operation"),
    ],
)
def test_rights_of_accounts(manual: Bench, account: str, patch: object, rollback: object, sync: object, terminate: object) -> None:
    """The long refusal names right, caller and token, and only those get it who may see the Application."""
    for (method, path, body), right, expected in ((ROLLBACK, "", rollback), (TERMINATE, "", terminate), (SYNC, "sync", sync), (PATCH, "update", patch)):
        answered = manual.call(method, path, body, account=account)
        if expected == 200:
            assert answered.status == 200
        elif expected == "long":
            status, code, message = answered.refusal
            start, _, issued = message.rpartition(", iat: ")
            assert (status, code, start) == (403, 7, f"permission denied: applications, {right}, gospelib/gospelib-production, sub: {account}")
            parse_timestamp(issued)
        elif expected == SHORT:
            assert answered.refusal == (403, 7, SHORT)
        else:
            assert str(expected) in answered.refusal[2]


@pytest.mark.parametrize(("account", "status", "items"), [("nobody", 403, 0), ("readonly", 200, 1), ("operator", 200, 1)])
def test_who_sees_the_application(automated: Bench, account: str, status: int, items: int) -> None:
    """A list shows what one may get, and is no refusal when that is nothing; a refresh needs no more than `get`."""
    assert automated.call("GET", APP, account=account).status == status
    assert automated.call("GET", f"{APP}?refresh=bogus", account=account).status == status
    listed = automated.call("GET", "/api/v1/applications", account=account).json["items"]
    assert len(listed or []) == items
    assert listed is not None or items == 0


def test_projects(automated: Bench) -> None:
    """One may be unknown to those who may read all, and is forbidden to the others."""
    assert automated.call("GET", "/api/v1/projects/gospelib").json["metadata"]["name"] == "gospelib"
    assert automated.call("GET", "/api/v1/projects/nope", account="admin").refusal == (404, 5, 'appprojects.argoproj.io "nope" not found')
    status, code, message = automated.call("GET", "/api/v1/projects/nope").refusal
    assert (status, code) == (403, 7)
    assert message.startswith("permission denied: projects, get, nope, sub: operator")
    assert [one["metadata"]["name"] for one in automated.call("GET", "/api/v1/projects").json["items"]] == ["gospelib"]


def test_tokens_can_be_made_and_revoked(automated: Bench) -> None:
    """Everybody makes their own; the number of seconds is a number."""
    made = automated.call("POST", "/api/v1/account/operator/token", {"expiresIn": 3600, "id": "op1"}).json["token"]
    assert automated.call("GET", APP, token=made).status == 200
    assert automated.call("DELETE", "/api/v1/account/operator/token/op1").json == {}
    assert automated.call("GET", APP, token=made).status == 401
    assert automated.call("POST", "/api/v1/account/operator/token", {"expiresIn": "3600"}).status == 400
    assert automated.call("POST", "/api/v1/account/admin/token", {}).status == 403
