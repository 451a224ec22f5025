"""What Argo CD refuses and in which words: the table of what the real one answered."""

from typing import Any

import pytest

from gospel_rollback_tui.drill.script import APPLICATION
from tests.drill.argocd.bench import APP, FREEZE, Bench

UNKNOWN_SHA = "f" * 40


@pytest.mark.parametrize(("body", "entry"), [({"id": 1}, "known"), ({"id": 99}, "unknown"), ({"id": 1, "dryRun": True}, "dry run")])
def test_auto_sync_refuses_every_rollback(automated: Bench, body: dict[str, Any], entry: str) -> None:
    """It is the first thing that is looked at: an unknown id and a dry run get the same words."""
    answered = automated.call("POST", f"{APP}/rollback", body)
    assert answered.refusal == (400, 9, "rollback cannot be initiated when auto-sync is enabled"), entry


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({"id": 99}, (400, 3, f"application argocd/{APPLICATION} does not have deployment with id 99")),
        ({"id": -1}, (400, 3, f"application argocd/{APPLICATION} does not have deployment with id -1")),
        ({}, (500, 13, 'grpc: error while marshaling: proto: required field "id" not set')),
        ({"id": None}, (500, 13, 'grpc: error while marshaling: proto: required field "id" not set')),
        (None, (500, 13, 'grpc: error while marshaling: proto: required field "id" not set')),
        ({"id": "1"}, (400, 3, "json: cannot unmarshal string into Go struct field ApplicationRollbackRequest.id of type int64")),
        ({"id": 0.5}, (400, 3, "json: cannot unmarshal number 0.5 into Go struct field ApplicationRollbackRequest.id of type int64")),
        ({"id": 1, "dryRun": "yes"}, (400, 3, "json: cannot unmarshal string into Go struct field ApplicationRollbackRequest.dryRun of type bool")),
        ('{"id": 1', (400, 3, "unexpected EOF")),
    ],
)
def test_rollbacks_that_cannot_be_understood(manual: Bench, body: object, refusal: tuple[int, int, str]) -> None:
    """Types are Go's, a missing field is noticed last, and nothing is changed."""
    before = manual.application()["status"]["history"]
    assert manual.call("POST", f"{APP}/rollback", body).refusal == refusal
    assert "operation" not in manual.application()
    assert manual.application()["status"]["history"] == before


def test_unknown_fields_are_ignored(manual: Bench) -> None:
    """What a newer client says beside is no reason to refuse."""
    assert manual.rollback(1, whatever=True).status == 200


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({"revision": "nobranch"}, "error resolving repo revision: rpc error: code = Unknown desc = unable to resolve 'nobranch' to a commit SHA"),
        ({"revision": UNKNOWN_SHA}, f"Cannot sync to {UNKNOWN_SHA}: auto-sync currently set to main"),
    ],
)
def test_syncs_that_are_refused(automated: Bench, body: object, refusal: str) -> None:
    """Under auto-sync another revision than the branch's is refused, unless it is a dry run."""
    assert automated.call("POST", f"{APP}/sync", body).refusal == (400, 9, refusal)


def test_a_dry_run_of_another_revision_is_taken_under_auto_sync(automated: Bench) -> None:
    """Even of a commit that nobody has: it ends in an error."""
    assert automated.call("POST", f"{APP}/sync", {"revision": UNKNOWN_SHA, "dryRun": True}).status == 200


def test_a_retry_limit_is_a_number(manual: Bench) -> None:
    """As text it is refused."""
    status, code, message = manual.call("POST", f"{APP}/sync", {"retryStrategy": {"limit": "0"}}).refusal
    assert (status, code) == (400, 3)
    assert message.endswith("retryStrategy.limit of type int64")


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({"patch": FREEZE}, (500, 13, 'grpc: error while marshaling: proto: required field "patchType" not set')),
        ({"patch": FREEZE, "patchType": "bogus"}, (400, 3, "Patch type 'bogus' is not supported")),
        ({"patch": {}, "patchType": "merge"}, (400, 3, "json: cannot unmarshal object into Go struct field ApplicationPatchRequest.patch of type string")),
        ({"patch": "no JSON", "patchType": "merge"}, (500, 2, "error calculating merge patch: Invalid JSON Patch")),
        (
            {"patch": '{"spec":{"project":"nope"}}', "patchType": "merge"},
            (400, 3, 'app is not allowed in project "nope", or the project does not exist'),
        ),
    ],
)
def test_patches_that_are_refused(automated: Bench, body: object, refusal: tuple[int, int, str]) -> None:
    """The policy stays as it was."""
    assert automated.call("PATCH", APP, body).refusal == refusal
    assert "automated" in automated.application()["spec"]["syncPolicy"]


def test_terminating_nothing_is_refused(automated: Bench) -> None:
    """There has to be an operation."""
    assert automated.call("DELETE", f"{APP}/operation").refusal == (400, 3, "Unable to terminate operation. No operation is in progress")


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/json; charset=utf-8"])
@pytest.mark.parametrize(("method", "path"), [("POST", f"{APP}/rollback"), ("PATCH", APP), ("PUT", f"{APP}/spec"), ("DELETE", f"{APP}/operation")])
def test_every_change_needs_exactly_one_content_type(automated: Bench, method: str, path: str, content_type: str | None) -> None:
    """A charset is one word too many, and a DELETE needs it too."""
    answered = automated.call(method, path, "{}", content_type=content_type)
    assert (answered.status, answered.text.strip()) == (415, "Invalid content type")
    assert answered.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answered.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("method", "path", "status", "text"),
    [
        ("GET", "/api/v1/nothing", 404, "Not Found\n"),
        ("POST", f"{APP}/manifests", 405, "Method Not Allowed\n"),
        ("GET", f"{APP}/rollback", 405, "Method Not Allowed\n"),
    ],
)
def test_paths_that_mean_no_call(automated: Bench, method: str, path: str, status: int, text: str) -> None:
    """They are refused in plain text."""
    answered = automated.call(method, path, "{}" if method == "POST" else None)
    assert (answered.status, answered.text) == (status, text)


def test_a_doubled_slash_is_sent_elsewhere(automated: Bench) -> None:
    """The answer names the clean path."""
    answered = automated.call("GET", "/api//version")
    assert (answered.status, answered.headers["Location"]) == (307, "/api/version")


NOT_FOUND = 'applications.argoproj.io "nope" not found'


@pytest.mark.parametrize(
    ("name", "query", "refusal"),
    [
        ("nope", "", (403, 7, "permission denied")),
        ("nope", "?project=gospelib", (404, 5, NOT_FOUND)),
        ("nope", "?project=nope", (404, 5, NOT_FOUND)),
        (APPLICATION, "?project=nope", (404, 5, f'applications.argoproj.io "{APPLICATION}" not found')),
        (APPLICATION, "?appNamespace=elsewhere", (403, 7, "permission denied")),
    ],
)
def test_a_missing_application_is_forbidden_unless_its_project_is_named(automated: Bench, name: str, query: str, refusal: tuple[int, int, str]) -> None:
    """Whether it exists is told only to those who know its project; a wrong project reads as missing."""
    assert automated.call("GET", f"/api/v1/applications/{name}{query}", account="admin").refusal == refusal


def test_good_answers_look_like_the_gateways(automated: Bench) -> None:
    """One line, its headers, and objects without apiVersion and kind."""
    answered = automated.call("GET", f"{APP}?project=gospelib&appNamespace=argocd")
    assert answered.status == 200
    assert answered.headers["Content-Type"] == "application/json"
    assert answered.headers["Grpc-Metadata-Content-Type"] == "application/grpc"
    assert not answered.text.endswith("\n")
    assert {"metadata", "spec", "status"} == set(answered.json)
    assert answered.json["metadata"]["managedFields"]
