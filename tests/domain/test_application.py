"""Whether an Application reverts a rollback, and how its auto-sync is suspended and put back."""

from typing import Any

import pytest

from gospel_rollback_tui.domain.application import application_from, owning_application, restore_auto_sync, suspend_auto_sync, suspended
from gospel_rollback_tui.domain.errors import Refused
from gospel_rollback_tui.domain.workloads import deployment_from
from tests.domain.cluster_objects import a_deployment


def _application(automated: object = None, **parts: object) -> dict[str, Any]:
    spec = {"syncPolicy": {"automated": automated, "syncOptions": ["X=true"]}} if automated is not None else {}
    return {"metadata": {"name": "app", "namespace": "argocd", "uid": "u"}, "spec": spec} | parts


@pytest.mark.parametrize(
    ("automated", "on", "words", "reverts"),
    [
        (None, False, "no auto-sync", ""),
        ({}, True, "auto-sync", "overwritten by the next commit's sync"),
        ({"selfHeal": True}, True, "auto-sync with self-heal", "reverted within seconds by self-heal"),
        ({"selfHeal": True, "enabled": True}, True, "auto-sync with self-heal", "reverted within seconds by self-heal"),
        ({"selfHeal": True, "enabled": False}, False, "auto-sync suspended", ""),
    ],
)
def test_auto_sync_is_read_as_argo_cd_reads_it(automated: object, on: bool, words: str, reverts: str) -> None:
    """An empty policy is on; only `enabled: false` or no policy is off."""
    application = application_from(_application(automated))
    assert (application.auto_sync, application.policy_words, application.reverts) == (on, words, reverts)


def test_suspending_keeps_everything_else() -> None:
    """Only `enabled` is written, and only if the policy is still the one that was read."""
    policy = {"prune": True, "selfHeal": True}
    assert suspend_auto_sync(application_from(_application(policy))) == [
        {"op": "test", "path": "/metadata/uid", "value": "u"},
        {"op": "test", "path": "/spec/syncPolicy/automated", "value": policy},
        {"op": "add", "path": "/spec/syncPolicy/automated/enabled", "value": False},
    ]


@pytest.mark.parametrize("automated", [None, {"enabled": False}])
def test_nothing_to_suspend_is_refused(automated: object) -> None:
    """An Application that does not auto-sync is left alone, so that nothing is put back later that was not there."""
    with pytest.raises(Refused, match="does not auto-sync"):
        suspend_auto_sync(application_from(_application(automated)))


@pytest.mark.parametrize("policy", [{"prune": True, "selfHeal": True}, {}, {"enabled": True}])
def test_restoring_is_exact(policy: dict[str, Any]) -> None:
    """The captured policy comes back as it was, also without an `enabled` of its own."""
    operations = restore_auto_sync(application_from(_application(suspended(policy))), policy)
    assert operations[1]["value"] == {**policy, "enabled": False}
    assert operations[2] == {"op": "replace", "path": "/spec/syncPolicy/automated", "value": policy}


def test_restoring_twice_or_over_somebodys_change_is_refused() -> None:
    """A policy that is back already, or was changed meanwhile, is not overwritten."""
    policy = {"selfHeal": True}
    with pytest.raises(Refused, match="back already"):
        restore_auto_sync(application_from(_application(policy)), policy)
    with pytest.raises(Refused, match="not the one"):
        restore_auto_sync(application_from(_application({"enabled": False, "prune": True})), policy)


def test_operations_heals_and_parents_are_seen() -> None:
    """What is under way, how often it healed, and who made it."""
    last = {"phase": "Succeeded", "operation": {"sync": {"autoHealAttemptsCount": 3}}}
    raw = _application({"selfHeal": True}, status={"operationState": last, "sync": {"status": "OutOfSync", "revision": "abc"}})
    raw["metadata"]["ownerReferences"] = [{"kind": "ApplicationSet", "name": "fleet"}]
    application = application_from(raw)
    assert (application.heals, application.operating, application.parent, application.sync_status) == (3, False, "ApplicationSet fleet", "OutOfSync")
    assert application_from({**raw, "operation": {"sync": {}}}).operating
    raw["metadata"] = {"name": "app", "annotations": {"argocd.argoproj.io/tracking-id": "root:argoproj.io/Application:argocd/app"}}
    assert application_from(raw).parent == "Application root"


def test_a_deployment_names_its_application() -> None:
    """By the tracking annotation."""
    tracked = {"annotations": {"argocd.argoproj.io/tracking-id": "gospelib:apps/Deployment:ns/web"}}
    assert owning_application(deployment_from(a_deployment(metadata=tracked))) == "gospelib"
    assert owning_application(deployment_from(a_deployment())) == ""


@pytest.mark.parametrize(
    ("operation", "state", "words"),
    [
        ({}, {}, ""),
        ({}, {"phase": "Succeeded", "startedAt": "2026-11-22T03:05:12Z"}, ""),
        ({"initiatedBy": {"username": "ada"}}, {}, "sync by ada"),
        (
            {"initiatedBy": {"automated": True}},
            {"phase": "Running", "startedAt": "2026-11-22T03:05:12Z", "message": "one or more tasks are running"},
            "sync by Argo CD itself since 03:05:12: one or more tasks are running",
        ),
        ({}, {"phase": "Terminating", "operation": {"initiatedBy": {}}}, "sync by somebody"),
    ],
)
def test_the_operation_under_way_is_named_with_its_author(operation: dict[str, object], state: dict[str, object], words: str) -> None:
    """One that has ended is none, also while its state is still there to read."""
    read = application_from({"metadata": {"name": "a"}, "operation": operation, "status": {"operationState": state}})
    assert (read.operation, read.operating) == (words, bool(words))


def test_what_image_updater_follows_is_read_from_the_annotation() -> None:
    """It stands on the Application itself."""
    annotations = {"argocd-image-updater.argoproj.io/image-list": "gw=ecr.test/gw"}
    assert application_from({"metadata": {"name": "a", "annotations": annotations}}).images_followed == "gw=ecr.test/gw"
