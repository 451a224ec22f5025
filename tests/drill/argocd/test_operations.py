"""How operations go: the order of their writes, their results, and the history they leave."""

import json
from http.client import HTTPConnection
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest

from gospel_rollback_tui.drill.argocd import operating
from gospel_rollback_tui.drill.kubernetes.catalogue import by_name
from gospel_rollback_tui.drill.script import APPLICATION, BAD_TAG, GOOD_TAG, NAMESPACE, image_name
from gospel_rollback_tui.drill.script_delivery import SyncScene
from tests.drill.argocd.bench import APP, MANUAL, Bench, MakeBench
from tests.drill.waiting import wait_for

ALL_RUN = "successfully synced (all tasks run)"
NO_MORE = "successfully synced (no more tasks)"
EXTRA = "infra/k8s/overlays/production/kustomization.yaml"


def writes(bench: Bench) -> list[dict[str, Any]]:
    """Return every state that the Application went through since the bench was made."""
    changes, _ = bench.kubernetes.store.changes_since(bench.kubernetes.store.oldest_version, by_name("applications")) or ([], 0)
    return [change.last for change in changes if change.last["metadata"]["name"] == APPLICATION]


def result(state: dict[str, Any], kind: str, name: str) -> dict[str, Any]:
    """Return what an operation says of one object."""
    found: dict[str, Any] = next(one for one in state["syncResult"]["resources"] if (one["kind"], one["name"]) == (kind, name))
    return found


def test_a_rollback_goes_through_the_recorded_writes(manual: Bench) -> None:
    """Operation without a state, Running without a message, history before the end, and the old sync and health at Succeeded."""
    good = manual.repository.releases[1][0]
    answered = manual.rollback(1)
    assert answered.status == 200
    source = manual.application()["spec"]["source"]
    assert answered.json["operation"] == {
        "sync": {"revision": good, "syncOptions": ["CreateNamespace=false"], "syncStrategy": {"apply": {}}, "source": source},
        "initiatedBy": {"username": "operator"},
        "retry": {},
    }
    assert "operationState" not in answered.json["status"]
    manual.ended()
    seen = writes(manual)
    started = next(number for number, one in enumerate(seen) if "operation" in one)
    states = [one["status"].get("operationState") for one in seen[started:]]
    assert states[0] is None
    begun = next(state for state in states if state is not None)  # the refresh that every controller makes may write in between
    assert set(begun) == {"operation", "phase", "startedAt"}
    entered = next(one for one in seen[started:] if len(one["status"]["history"]) == 4)
    assert (entered["status"]["operationState"]["phase"], "operation" in entered) == ("Running", True)
    last = next(one for one in seen[started:] if one["status"].get("operationState", {}).get("phase") == "Succeeded")
    assert "operation" not in last
    assert (last["status"]["sync"]["status"], last["status"]["health"]["status"]) == ("Synced", "Healthy")
    assert last["status"]["operationState"]["message"] == ALL_RUN
    assert manual.image() == image_name("gateway", GOOD_TAG)
    wait_for(lambda: manual.application()["status"]["sync"]["status"] == "OutOfSync")


def test_every_object_of_an_operation_is_told(manual: Bench) -> None:
    """Status, message and images; `hookPhase` stays Running for what was applied."""
    manual.rollback(1)
    state = manual.ended()
    gateway = result(state, "Deployment", "gospelib-gateway")
    assert gateway["message"] == "deployment.apps/gospelib-gateway configured"
    assert (gateway["status"], gateway["hookPhase"], gateway["syncPhase"]) == ("Synced", "Running", "Sync")
    assert gateway["images"] == [image_name("gateway", GOOD_TAG)]
    assert result(state, "Deployment", "gospelib-auth")["message"] == "deployment.apps/gospelib-auth unchanged"
    assert result(state, "ConfigMap", "gospelib-release")["message"] == "configmap/gospelib-release configured"


def test_a_dry_run_is_an_operation(manual: Bench) -> None:
    """It says Succeeded, of another revision, and has changed neither the cluster nor the history."""
    manual.rollback(1, dryRun=True)
    state = manual.ended()
    assert state["operation"]["sync"]["dryRun"] is True
    assert (state["phase"], state["message"]) == ("Succeeded", NO_MORE)
    gateway = result(state, "Deployment", "gospelib-gateway")
    assert (gateway["message"], gateway["hookPhase"]) == ("deployment.apps/gospelib-gateway configured (dry run)", "Succeeded")
    assert manual.image() == image_name("gateway", BAD_TAG)
    assert len(manual.application()["status"]["history"]) == 3


def test_one_operation_at_a_time(manual: Bench) -> None:
    """A second one is refused while the first is there; an unknown id is noticed before that."""
    assert manual.rollback(1).status == 200
    busy = (400, 9, "another operation is already in progress")
    assert manual.rollback(0).refusal == busy
    assert manual.call("POST", f"{APP}/sync", {}).refusal == busy
    assert manual.rollback(99).refusal == (400, 3, f"application argocd/{APPLICATION} does not have deployment with id 99")


def test_every_full_sync_makes_an_entry(manual: Bench) -> None:
    """A rollback, the rollback of it, and one to what runs already: ids go up, revisions repeat."""
    first, good, bad = (sha for sha, _ in manual.repository.releases)
    for entry in (1, 2, 2):
        manual.rollback(entry)
        manual.ended()
    history = manual.application()["status"]["history"]
    assert [(entry["id"], entry["revision"]) for entry in history] == [(0, first), (1, good), (2, bad), (3, good), (4, bad), (5, bad)]
    assert history[-1]["initiatedBy"] == {"username": "operator"}
    assert history[-1]["source"] == manual.application()["spec"]["source"]


def test_a_selective_sync_makes_no_entry(manual: Bench) -> None:
    """It applies what it names, and says so when that is nothing."""
    only = {"revision": manual.repository.releases[1][0], "resources": [{"group": "apps", "kind": "Deployment", "name": "gospelib-gateway"}]}
    manual.call("POST", f"{APP}/sync", only)
    assert [one["name"] for one in manual.ended()["syncResult"]["resources"]] == ["gospelib-gateway"]
    manual.call("POST", f"{APP}/sync", {"resources": [{"group": "", "kind": "Secret", "name": "nope"}]})
    wait_for(lambda: manual.ended()["operation"]["sync"]["revision"] == manual.repository.head)
    assert manual.ended()["message"] == NO_MORE
    assert len(manual.application()["status"]["history"]) == 3


def test_an_emptied_history_starts_at_nought_again(make: MakeBench) -> None:
    """With a limit of none nothing stays; when the limit is lifted the next id is 0."""
    bench = make(SyncScene(automated=False, history_limit=0))
    assert bench.rollback(2).refusal[2].endswith("does not have deployment with id 2")
    bench.merge({"spec": {"revisionHistoryLimit": 10}})
    bench.call("POST", f"{APP}/sync", {})
    wait_for(lambda: bool(bench.application()["status"].get("history")))
    assert [entry["id"] for entry in bench.application()["status"]["history"]] == [0]


def test_the_limit_counts_at_the_next_sync(manual: Bench) -> None:
    """Lowering it drops nothing by itself."""
    manual.merge({"spec": {"revisionHistoryLimit": 2}})
    manual.refresh()
    assert len(manual.application()["status"]["history"]) == 3
    manual.rollback(1)
    manual.ended()
    assert [entry["id"] for entry in manual.application()["status"]["history"]] == [2, 3]


def with_extra_object(bench: Bench) -> None:
    """Commit an object that releases before do not have, and sync it."""
    text = bench.repository.files(bench.repository.head)[EXTRA]
    extra = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: extra\ndata:\n  A: b\n"
    overlay = text.replace("- release.yaml\n", "- release.yaml\n- extra.yaml\n")
    bench.repository.write({EXTRA: overlay, EXTRA.replace("kustomization", "extra"): extra}, "one more object")
    bench.refresh()
    bench.call("POST", f"{APP}/sync", {})
    bench.ended()


def has_extra_object(bench: Bench) -> bool:
    """Return whether the extra object is in the cluster."""
    return any(one["metadata"]["name"] == "extra" for one in bench.registry.list("configmaps", NAMESPACE))


def test_without_prune_what_a_release_brought_stays(manual: Bench) -> None:
    """It is told as skipped."""
    with_extra_object(manual)
    manual.rollback(2)
    extra = result(manual.ended(), "ConfigMap", "extra")
    assert (extra["status"], extra["message"]) == ("PruneSkipped", "ignored (requires pruning)")
    assert has_extra_object(manual)


def test_after_a_pruning_rollback_the_health_stays_missing(manual: Bench) -> None:
    """What git's newest commit declares and the rollback took away is absent, for the Application's health at least."""
    with_extra_object(manual)
    manual.rollback(2, prune=True, dryRun=True)
    assert result(manual.ended(), "ConfigMap", "extra")["message"] == "pruned (dry run)"
    manual.rollback(2, prune=True)
    wait_for(lambda: not has_extra_object(manual))
    extra = result(manual.ended(), "ConfigMap", "extra")
    assert (extra["status"], extra["message"]) == ("Pruned", "pruned")
    assert manual.refresh()["status"]["health"]["status"] == "Missing"


def test_a_commit_that_is_gone_from_git_ends_in_an_error(manual: Bench) -> None:
    """The request is accepted; the operation ends at once, nothing is applied and no entry is written."""
    good = manual.repository.releases[1][0]
    manual.delivery.source.lose(good)
    manual.delivery.sources.forget(good)
    assert manual.rollback(1).status == 200
    state = manual.ended()
    assert state["phase"] == "Error"
    assert state["message"].startswith("ComparisonError: Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: ")
    assert f"fatal: git upload-pack: not our ref {good}" in state["message"]
    assert "resources" not in state["syncResult"]
    assert len(manual.application()["status"]["history"]) == 3
    assert manual.image() == image_name("gateway", BAD_TAG)


def test_a_cached_commit_survives_its_loss(manual: Bench) -> None:
    """What was rendered before is rolled back to."""
    manual.delivery.source.lose(manual.repository.releases[1][0])
    manual.rollback(1)
    assert manual.ended()["phase"] == "Succeeded"


STUCK = "waiting for completion of hook batch/Job/migrate and 1 more hooks"


def test_a_stuck_operation_blocks_until_it_is_terminated(make: MakeBench) -> None:
    """It was there when the estate started; a terminate answers at once and ends it a moment later."""
    bench = make(SyncScene(automated=False, stuck=STUCK))
    state = bench.application()["status"]["operationState"]
    assert (state["phase"], state["message"]) == ("Running", STUCK)
    assert bench.rollback(0).refusal[2] == "another operation is already in progress"
    answered = bench.call("DELETE", f"{APP}/operation")
    assert (answered.status, answered.json) == (200, {})
    ended = bench.ended()
    assert (ended["phase"], ended["message"]) == ("Failed", "Operation terminated")
    assert bench.rollback(0).status == 200


def test_a_terminate_before_anything_was_done_ends_the_operation(manual: Bench) -> None:
    """As soon as it is Running it can be terminated, and nothing is applied."""
    manual.rollback(1)
    wait_for(lambda: "operationState" in manual.application()["status"])
    manual.call("DELETE", f"{APP}/operation")
    assert manual.ended()["phase"] == "Failed"
    assert manual.image() == image_name("gateway", BAD_TAG)


def test_a_terminate_can_come_too_late(manual: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """When everything is applied the operation still says Succeeded, though the DELETE was answered 200."""
    monkeypatch.setattr(operating, "ENDING", 3.0)
    manual.rollback(1)
    wait_for(lambda: len(manual.application()["status"]["history"]) == 4)
    assert manual.call("DELETE", f"{APP}/operation").json == {}
    assert manual.application()["status"]["operationState"]["phase"] == "Terminating"
    state = manual.ended()
    assert (state["phase"], state["message"]) == ("Succeeded", ALL_RUN)
    assert manual.image() == image_name("gateway", GOOD_TAG)


def immutable(bench: Bench) -> None:
    """Commit a change of a field that cannot be changed."""
    base = "infra/k8s/base/gospelib-billing.yaml"
    text = bench.repository.files(bench.repository.head)[base]
    bench.repository.write({base: text.replace("matchLabels:\n      app: gospelib-billing", "matchLabels:\n      app: other")}, "another selector")


def test_what_the_api_refuses_is_told_and_the_rest_is_applied(manual: Bench) -> None:
    """By hand there is no second attempt."""
    immutable(manual)
    manual.repository.push("gateway", GOOD_TAG)
    manual.call("POST", f"{APP}/sync", {})
    state = manual.ended()
    assert state["phase"] == "Failed"
    assert state["message"].startswith('one or more objects failed to apply, reason: error when patching "/dev/shm/')
    assert "field is immutable" in state["message"]
    billing = result(state, "Deployment", "gospelib-billing")
    assert (billing["status"], billing["hookPhase"]) == ("SyncFailed", "Failed")
    assert manual.image() == image_name("gateway", GOOD_TAG)
    assert len(manual.application()["status"]["history"]) == 3


def test_a_failing_automated_sync_is_retried_and_blocks_meanwhile(automated: Bench) -> None:
    """It stays Running, with a count and the time of the next attempt; switching auto-sync off does not end it."""
    immutable(automated)
    automated.refresh()
    wait_for(lambda: "Retrying attempt #1 at" in automated.application()["status"].get("operationState", {}).get("message", ""))
    state = automated.application()["status"]["operationState"]
    assert (state["phase"], state["retryCount"]) == ("Running", 0)
    assert "finishedAt" in state
    automated.merge({"spec": {"syncPolicy": {"automated": None}}})
    assert automated.rollback(1).refusal[2] == "another operation is already in progress"
    automated.call("DELETE", f"{APP}/operation")
    assert automated.ended()["message"] == "Operation terminated"


def test_after_the_last_attempt_the_commit_is_left_alone(make: MakeBench) -> None:
    """Five retries, then Failed, a condition that says so, and no further operation of its own."""
    bench = make(speed=1000.0)
    immutable(bench)
    bench.refresh()
    wait_for(lambda: bench.application()["status"].get("operationState", {}).get("phase") == "Failed")
    assert bench.ended()["message"].endswith("(retried 5 times).")
    wait_for(lambda: bool(bench.application()["status"].get("conditions")))
    (condition,) = bench.application()["status"]["conditions"]
    assert condition["type"] == "SyncError"
    assert condition["message"].startswith(f"Failed last sync attempt to [{bench.repository.head}]: one or more objects failed to apply")
    bench.refresh()
    assert "operation" not in bench.application()


def test_a_dry_run_makes_auto_sync_try_the_failed_commit_again(make: MakeBench) -> None:
    """The memory of failure is the last operation and nothing else."""
    bench = make(speed=1000.0)
    immutable(bench)
    bench.refresh()
    wait_for(lambda: bench.application()["status"].get("operationState", {}).get("phase") == "Failed")
    bench.call("POST", f"{APP}/sync", {"revision": bench.repository.releases[0][0], "dryRun": True})
    wait_for(lambda: bench.application()["status"].get("operationState", {}).get("operation", {}).get("initiatedBy") == {"automated": True})


def test_a_rollback_ends_the_memory_of_a_failed_commit(automated: Bench) -> None:
    """With auto-sync back on the newest commit is tried at once, without any grace."""
    automated.freeze()
    automated.rollback(1)
    automated.ended()
    assert automated.image() == image_name("gateway", GOOD_TAG)
    automated.merge({"spec": {"syncPolicy": {"automated": {"prune": True, "selfHeal": True}}}})
    wait_for(lambda: automated.image() == image_name("gateway", BAD_TAG))
    state = automated.ended()
    assert state["operation"]["initiatedBy"] == {"automated": True}
    assert state["operation"]["retry"] == {"limit": 5}
    assert "resources" not in state["operation"]["sync"]


def test_the_stream_tells_every_write(manual: Bench) -> None:
    """First what is there, then each write, one JSON object a line."""
    connection = HTTPConnection(urlsplit(manual.delivery.server.url).netloc, timeout=60)
    try:
        connection.request("GET", f"/api/v1/stream/applications?name={APPLICATION}", headers={"Authorization": f"Bearer {manual.token('operator')}"})
        response = connection.getresponse()
        first = json.loads(response.readline())["result"]
        assert (first["type"], first["application"]["metadata"]["name"]) == ("ADDED", APPLICATION)
        manual.rollback(1)
        phases: list[str] = []
        while "Succeeded" not in phases:
            event = json.loads(response.readline())["result"]
            assert event["type"] == "MODIFIED"
            if phases or "operation" in event["application"]:
                phases.append(event["application"]["status"].get("operationState", {}).get("phase", "absent"))
        assert list(dict.fromkeys(phases)) == ["absent", "Running", "Succeeded"]
    finally:
        connection.close()


def test_a_stream_without_a_token_has_its_own_shape_of_error(manual: Bench) -> None:
    """The body nests the error and names the HTTP status."""
    answered = manual.call("GET", "/api/v1/stream/applications", token="")
    error = {"grpc_code": 16, "http_code": 401, "message": "no session information", "http_status": "Unauthorized"}
    assert (answered.status, answered.json) == (401, {"error": error})


def test_events_tell_a_rollback_from_a_sync(manual: Bench) -> None:
    """The event of the server is the only trace of what was asked for."""
    manual.rollback(1)
    manual.ended()
    messages = [event["message"] for event in manual.registry.list("events", "argocd") if event["reason"] == "OperationStarted"]
    assert messages == ["operator initiated rollback to 1"]


def test_changes_are_witnessed(manual: Bench) -> None:
    """Method, path, body and caller are on disk before the answer leaves; a dry run is told apart."""
    manual.rollback(1, dryRun=True)
    manual.ended()
    manual.rollback(1)
    lines = [json.loads(line) for line in manual.delivery.server.requests.path.read_text(encoding="utf-8").splitlines()]
    rollbacks = [line for line in lines if line["path"] == f"{APP}/rollback"]
    assert [(line["method"], line["user"], line["body"]["id"], line["dry_run"], line["status"]) for line in rollbacks] == [
        ("POST", "operator", 1, True, 200),
        ("POST", "operator", 1, False, 200),
    ]
    assert sum(record.changes_something for record in manual.delivery.server.requests.records()) == 1


@pytest.mark.parametrize("drop", [False, True])
def test_answers_can_be_held_back(manual: Bench, drop: bool) -> None:
    """The change is made, the answer waits, and may never come."""
    hold = manual.kubernetes.faults.hold("POST", f"{APP}/rollback")
    outcome: list[object] = []

    def send() -> None:
        try:
            outcome.append(manual.rollback(1).status)
        except (ConnectionError, OSError) as error:
            outcome.append(type(error).__name__)

    sending = Thread(target=send)
    sending.start()
    assert hold.arrived.wait(60)
    assert not outcome
    hold.drop() if drop else hold.release()
    sending.join()
    assert (outcome == [200]) is not drop
    assert manual.ended()["operation"]["sync"]["revision"] == manual.repository.releases[1][0]


def test_a_manual_bench_is_manual(make: MakeBench) -> None:
    """The Application of these tests has no auto-sync."""
    assert "automated" not in make(MANUAL).application()["spec"]["syncPolicy"]


def test_several_sources_are_told_in_the_plural(make: MakeBench) -> None:
    """`revisions` and `sources`, a `source` without an address, and no `revision`: in the operation and in the history."""
    bench = make(SyncScene(automated=False, several_sources=True))
    sources = bench.application()["spec"]["sources"]
    good, bad = bench.repository.releases[1][0], bench.repository.head
    sync = bench.rollback(1).json["operation"]["sync"]
    told = {"revisions": [good, good], "sources": sources, "source": {"repoURL": ""}}
    assert sync == {**told, "syncOptions": ["CreateNamespace=false"], "syncStrategy": {"apply": {}}}
    assert bench.ended()["phase"] == "Succeeded"
    assert bench.image() == image_name("gateway", GOOD_TAG)
    entry = bench.application()["status"]["history"][-1]
    assert (entry["revisions"], entry["sources"], "revision" in entry) == ([good, good], sources, False)
    assert bench.refresh()["status"]["sync"]["revisions"] == [bad, bad]
    bench.call("POST", f"{APP}/sync", {"revisions": [good], "sourcePositions": [1]})
    wait_for(lambda: bench.ended()["operation"]["sync"]["revisions"] == [good, bad])


def test_the_controller_tells_what_it_does(automated: Bench) -> None:
    """Events of the controller name an automated sync, its end, and every change of sync and health."""
    automated.repository.push("gateway", GOOD_TAG)
    automated.refresh()
    head = automated.repository.head
    told = {
        f"Initiated automated sync to [{head}]",
        f"Sync operation to {head} succeeded",
        "Updated sync status: Synced -> OutOfSync",
        "Updated sync status: OutOfSync -> Synced",
    }
    wait_for(lambda: told <= {event["message"] for event in automated.registry.list("events", "argocd")})
