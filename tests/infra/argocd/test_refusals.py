"""What Argo CD's answers mean, by message and code as they were recorded from 3.2.1."""

import json

import pytest

from gospel_rollback_tui.domain.errors import (
    CredentialsExpired,
    FactsMoved,
    Forbidden,
    NoRoute,
    NotFound,
    OutcomeUnknown,
    Refused,
    RollbackError,
    ServerDown,
    Throttled,
)
from gospel_rollback_tui.infra.argocd.exchange import Answer, Request
from gospel_rollback_tui.infra.argocd.refusals import PatchFailed, RepositoryUnreachable, judge

READ = Request("GET", "/api/v1/applications/rec")
CHANGE = Request("POST", "/api/v1/applications/rec/rollback", body={"name": "rec"}, changing=True)
UNREACHABLE = (
    "application spec for rec is invalid: InvalidSpecError: repository not accessible: repositories not accessible: "
    '&Repository{Repo: "https://u:hunter2@git.example.com/x", Type: ""}: repo client error while testing repository: unable to ls-remote HEAD on repository'
)


def refusal(status: int, code: int, message: str, request: Request = CHANGE) -> RollbackError:
    """Returns what the answer is judged as."""
    body = json.dumps({"error": message, "code": code, "message": message}).encode()
    with pytest.raises(RollbackError) as raised:
        judge(request, Answer(status, {"content-type": "application/json"}, body), "https://argocd.example.com")
    return raised.value


@pytest.mark.parametrize(
    ("status", "code", "message", "kind", "words"),
    [
        (400, 9, "rollback cannot be initiated when auto-sync is enabled", Refused, "Auto-sync is on"),
        (400, 3, "application argocd/rec does not have deployment with id 99", FactsMoved, "no such entry any more"),
        (400, 9, "another operation is already in progress", Refused, "Another operation is under way"),
        (400, 9, "Cannot sync to 4f2a901: auto-sync currently set to main", Refused, "only the branch's own commit"),
        (400, 9, "error resolving repo revision: rpc error: code = Unknown desc = unable to resolve 'nobranch' to a commit SHA", Refused, "no such commit"),
        (403, 7, "cannot sync: blocked by sync window", Refused, "sync window"),
        (400, 3, "Unable to terminate operation. No operation is in progress", Refused, "ended by itself"),
        (500, 13, 'grpc: error while marshaling: proto: required field "patchType" not set', Refused, "could not read the request"),
        (400, 3, 'app is not allowed in project "nope", or the project does not exist', Refused, "not in that project"),
        (400, 3, UNREACHABLE, RepositoryUnreachable, "cannot reach git"),
        (500, 2, "error applying patch: testing value /spec failed: test failed", PatchFailed, "does not fit"),
        (404, 5, 'applications.argoproj.io "nope" not found', NotFound, "no such thing"),
        (500, 2, "Failed to checkout revision 4f2a901: git fetch origin failed exit status 128: fatal: git upload-pack: not our ref", Refused, "gone from git"),
        (401, 16, "no session information", CredentialsExpired, "got no token"),
        (401, 16, "invalid session: token signature is invalid: signature is invalid", CredentialsExpired, "not made by this Argo CD"),
        (401, 16, "invalid session: SSO is not configured", CredentialsExpired, "not made by this Argo CD"),
        (401, 16, "invalid session: token has invalid claims: token is expired", CredentialsExpired, "has expired"),
        (401, 16, "invalid session: rpc error: code = NotFound desc = account 'ghost' does not exist", CredentialsExpired, "account is gone"),
        (401, 16, "invalid session: account op does not have token with id op1", CredentialsExpired, "was revoked"),
        (503, 14, "connection error: desc = transport: dial tcp 127.0.0.1:8081: connect: connection refused", ServerDown, "does not answer"),
        (500, 2, "something nobody has seen", OutcomeUnknown, "answered 500 to a change"),
    ],
)
def test_each_message_means_one_thing(status: int, code: int, message: str, kind: type[RollbackError], words: str) -> None:
    """The kind decides what the engine does, and the sentence says what it means and how to go on."""
    error = refusal(status, code, message)
    assert type(error) is kind
    assert words in error.text
    assert error.next_step or kind is PatchFailed


def test_a_right_that_is_missing_is_named() -> None:
    """The long form names account, right and object."""
    error = refusal(403, 7, "permission denied: applications, update, default/rec, sub: ro, iat: 2026-11-23T06:39:45Z")
    assert isinstance(error, Forbidden)
    assert "the account ro to update default/rec" in error.text


def test_without_a_project_a_missing_application_and_a_missing_right_sound_the_same() -> None:
    """And that is said; with the project the server tells them apart."""
    assert "not there" in refusal(403, 7, "permission denied", READ).text
    named = Request("GET", READ.path, (("project", "gospelib"),))
    assert "not there" not in refusal(403, 7, "permission denied", named).text


def test_reads_and_changes_differ_where_nobody_knows() -> None:
    """A read that failed changed nothing; of a change nobody can say."""
    assert isinstance(refusal(500, 2, "error getting cached app resource tree: dial tcp", READ), ServerDown)
    assert isinstance(refusal(500, 2, "error getting cached app resource tree: dial tcp", CHANGE), OutcomeUnknown)


@pytest.mark.parametrize(
    ("status", "body", "request_", "kind"),
    [
        (404, b"Not Found\n", READ, NoRoute),
        (302, b"<html>login</html>", READ, NoRoute),
        (405, b"Method Not Allowed\n", READ, NoRoute),
        (415, b"Invalid content type", CHANGE, Refused),
        (429, b"slow down", CHANGE, Throttled),
        (502, b"<html>bad gateway</html>", READ, ServerDown),
        (502, b"<html>bad gateway</html>", CHANGE, OutcomeUnknown),
    ],
)
def test_what_is_no_answer_of_the_api_is_told_apart(status: int, body: bytes, request_: Request, kind: type[RollbackError]) -> None:
    """Proxies and login pages answer in HTML."""
    with pytest.raises(RollbackError) as raised:
        judge(request_, Answer(status, {}, body), "https://argocd.example.com")
    assert type(raised.value) is kind


def test_passwords_in_a_repositorys_address_are_taken_out() -> None:
    """The server repeats its whole repository object."""
    assert "hunter2" not in refusal(400, 3, UNREACHABLE).sentences()
