"""Changing the spec through Argo CD's API: patches, tests in them, and the way round an unreachable repository."""

import json

import pytest

from gospel_rollback_tui.drill.script import APPLICATION, GOOD_TAG, image_name
from tests.drill.argocd.bench import APP, FREEZE, Bench

POLICY = "/spec/syncPolicy/automated"


def test_auto_sync_is_switched_off_and_restored(automated: Bench) -> None:
    """`null` takes the policy away, the saved object brings it back; operation and status are not a PATCH's to change."""
    before = automated.application()["spec"]["syncPolicy"]
    answered = automated.patch(json.dumps({"spec": {"syncPolicy": {"automated": None}}, "status": {"sync": {"status": "Lie"}}, "operation": {"sync": {}}}))
    assert answered.json["spec"]["syncPolicy"] == {"syncOptions": before["syncOptions"]}
    assert answered.json["status"]["sync"]["status"] == "Synced"
    assert "operation" not in automated.application()
    automated.patch(json.dumps({"spec": {"syncPolicy": {"automated": before["automated"]}}}))
    assert automated.application()["spec"]["syncPolicy"] == before


def test_disabling_keeps_prune_and_self_heal(automated: Bench) -> None:
    """A merge of `enabled: false` is one field, and lets rollbacks through."""
    automated.patch(json.dumps({"spec": {"syncPolicy": {"automated": {"enabled": False}}}}))
    assert automated.application()["spec"]["syncPolicy"]["automated"] == {"prune": True, "selfHeal": True, "enabled": False}
    assert automated.rollback(1).status == 200


def test_annotations_are_patched_with_the_spec(automated: Bench) -> None:
    """They can be added and taken off."""
    automated.patch(json.dumps({"metadata": {"annotations": {"note": "x"}}}))
    assert automated.application()["metadata"]["annotations"]["note"] == "x"
    automated.patch(json.dumps({"metadata": {"annotations": {"note": None}}}))
    assert "note" not in automated.application()["metadata"].get("annotations", {})


def test_a_json_patch_is_applied_only_while_its_tests_hold(automated: Bench) -> None:
    """A test that fails says which, and nothing is changed."""
    live = automated.application()
    tests = [
        {"op": "test", "path": "/metadata/uid", "value": live["metadata"]["uid"]},
        {"op": "test", "path": POLICY, "value": {"selfHeal": True, "prune": True}},
        {"op": "add", "path": f"{POLICY}/enabled", "value": False},
    ]
    assert automated.patch(json.dumps(tests), "json").status == 200
    refused = automated.patch(json.dumps(tests), "json")
    assert refused.refusal == (500, 2, f"error applying patch: testing value {POLICY} failed: test failed")
    assert automated.application()["spec"]["syncPolicy"]["automated"]["enabled"] is False


@pytest.mark.parametrize("patch", ["{}", "[1]", "no JSON"])
def test_what_is_no_json_patch_is_refused(automated: Bench, patch: str) -> None:
    """It has to be a list of operations."""
    status, code, message = automated.patch(patch, "json").refusal
    assert (status, code) == (500, 2)
    assert message.startswith("error decoding json patch: ")


def test_while_git_is_unreachable_a_patch_is_refused_and_a_put_is_not(automated: Bench) -> None:
    """The PATCH wants to see the repository; the PUT can be told not to, and the object itself never asked."""
    before = automated.image()
    automated.delivery.take_repository_away()
    status, code, message = automated.patch(FREEZE).refusal
    assert (status, code) == (400, 3)
    expected = f"application spec for {APPLICATION} is invalid: InvalidSpecError: repository not accessible: repositories not accessible: "
    assert message.startswith(f'{expected}&Repository{{Repo: "{automated.repository.url}"')
    assert "automated" in automated.application()["spec"]["syncPolicy"]
    spec = automated.application()["spec"]
    assert automated.call("PUT", f"{APP}/spec", spec).status == 400
    frozen = {**spec, "syncPolicy": {"syncOptions": spec["syncPolicy"]["syncOptions"]}}
    answered = automated.call("PUT", f"{APP}/spec?validate=false&project=gospelib", frozen)
    assert (answered.status, answered.json) == (200, frozen)
    assert automated.rollback(1).status == 200
    assert automated.ended()["phase"] == "Succeeded"
    assert (before, automated.image()) != (before, before)
    assert automated.image() == image_name("gateway", GOOD_TAG)


def test_without_git_the_application_is_unknown_and_says_why(automated: Bench) -> None:
    """Sync is Unknown at the branch's name, health stays, and a sync of the branch is refused; it ends with the next refresh."""
    automated.delivery.take_repository_away()
    shown = automated.refresh()["status"]
    assert (shown["sync"]["status"], shown["sync"]["revision"], shown["health"]["status"]) == ("Unknown", "main", "Healthy")
    assert [one["type"] for one in shown["conditions"]] == ["ComparisonError"]
    assert shown["conditions"][0]["message"].endswith("failed to list refs: repository not found")
    status, code, message = automated.call("POST", f"{APP}/sync", {}).refusal
    assert (status, code) == (400, 9)
    assert message.startswith("error resolving repo revision: ")
    assert automated.call("GET", f"{APP}/manifests?revision={automated.repository.releases[1][0]}").status == 200
    automated.delivery.bring_repository_back()
    shown = automated.refresh()["status"]
    assert (shown["sync"]["status"], "conditions" in shown) == ("Synced", False)
