"""The Application controller against a cluster in memory: what it reverts, what it leaves, and what it says."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gospel_rollback_tui.drill.argocd.controller_parts import ControllerParts
from gospel_rollback_tui.drill.argocd.repo_server import RepoServer
from gospel_rollback_tui.drill.argocd.source import EstateSource
from gospel_rollback_tui.drill.gitops import REFRESH_ANNOTATION, ApplicationController
from gospel_rollback_tui.drill.kubernetes.catalogue import by_object
from gospel_rollback_tui.drill.kubernetes.documents import SystemClock
from gospel_rollback_tui.drill.kubernetes.registry import Registry
from gospel_rollback_tui.drill.kubernetes.store import ObjectStore
from gospel_rollback_tui.drill.repository.bare import EstateRepository
from gospel_rollback_tui.drill.scene.start import opening_scene
from gospel_rollback_tui.drill.script import APPLICATION, ARGOCD_NAMESPACE, BAD_TAG, GOOD_TAG, NAMESPACE, image_name
from gospel_rollback_tui.drill.scripts import find_script
from gospel_rollback_tui.drill.simulated_registry import SimulatedRegistry
from tests.drill.waiting import wait_for

GATEWAY = "gospelib-gateway"


class Bench:
    """An estate of objects with an Application controller, and nothing that runs pods."""

    def __init__(self, script: str, directory: Path) -> None:
        """Put the opening scene of a script in and start the controller."""
        self.git = EstateRepository(directory / "gospelib.git", find_script(script), datetime.now(UTC))
        store = ObjectStore()
        for document in opening_scene(find_script(script), self.git, datetime.now(UTC)):
            store.put(by_object(document), document)
        self.registry = SimulatedRegistry(Registry(store, SystemClock()), "tests")
        sources = RepoServer(EstateSource(self.git), SystemClock())
        self.controller = ApplicationController(ControllerParts(self.registry, sources, SystemClock()))
        store.subscribe(lambda _change: self.controller.wake())
        self.controller.start()

    def application(self) -> dict[str, Any]:
        """Return the Application."""
        return self.registry.get("applications", ARGOCD_NAMESPACE, APPLICATION)

    def automated(self, automated: dict[str, Any] | None) -> None:
        """Merge into the Application's auto-sync."""
        self.registry.patch("applications", ARGOCD_NAMESPACE, APPLICATION, {"spec": {"syncPolicy": {"automated": automated}}})

    def refresh(self) -> None:
        """Have the controller look at git again, and wait until it has."""
        annotation = {"metadata": {"annotations": {REFRESH_ANNOTATION: "normal"}}}
        self.registry.patch("applications", ARGOCD_NAMESPACE, APPLICATION, annotation)
        wait_for(lambda: REFRESH_ANNOTATION not in self.application()["metadata"].get("annotations", {}))

    def image(self) -> str:
        """Return the gateway's image in its Deployment."""
        deployment = self.registry.get("deployments", NAMESPACE, GATEWAY)
        return str(deployment["spec"]["template"]["spec"]["containers"][0]["image"])

    def undo(self) -> None:
        """Roll the gateway back as `kubectl rollout undo` does: its whole template."""
        sets = [rs for rs in self.registry.list("replicasets", NAMESPACE) if rs["metadata"]["ownerReferences"][0]["name"] == GATEWAY]
        good = next(rs for rs in sets if rs["spec"]["template"]["spec"]["containers"][0]["image"].endswith(GOOD_TAG))
        template = {"spec": {"containers": good["spec"]["template"]["spec"]["containers"]}}
        self.registry.patch("deployments", NAMESPACE, GATEWAY, {"spec": {"template": template}})

    def settled(self, sync: str) -> bool:
        """Whether no operation runs and the Application says so of its sync."""
        application = self.application()
        return "operation" not in application and application["status"]["sync"]["status"] == sync


@pytest.fixture
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    """Yield a bench of the script that the test names, else of the default one."""
    bench = Bench(getattr(request, "param", "ready-but-failing"), tmp_path)
    yield bench
    bench.controller.close()


GOOD_IMAGE = image_name("gateway", GOOD_TAG)
BAD_IMAGE = image_name("gateway", BAD_TAG)


def test_an_estate_as_git_says_is_left_alone(bench: Bench) -> None:
    """At the start everything is Synced, and a look at it writes nothing that matters."""
    wait_for(lambda: "resources" in bench.application()["status"])
    assert bench.settled("Synced")
    assert bench.application()["status"]["operationState"]["phase"] == "Succeeded"
    assert [entry["id"] for entry in bench.application()["status"]["history"]] == [0, 1, 2]


def test_a_bare_undo_is_reverted(bench: Bench) -> None:
    """Self-heal puts the bad release back and counts the attempt."""
    bench.undo()
    assert bench.image() == GOOD_IMAGE
    wait_for(lambda: bench.image() == BAD_IMAGE)
    wait_for(lambda: bench.settled("Synced"))
    operation = bench.application()["status"]["operationState"]["operation"]
    assert operation["sync"]["autoHealAttemptsCount"] == 1
    assert operation["sync"]["resources"] == [{"group": "apps", "kind": "Deployment", "name": GATEWAY}]
    assert len(bench.application()["status"]["history"]) == 3


@pytest.mark.parametrize("automated", [{"enabled": False}, None], ids=["disabled", "removed"])
def test_after_a_freeze_an_undo_stays(bench: Bench, automated: dict[str, Any] | None) -> None:
    """With auto-sync off the Application is OutOfSync and nothing is reverted, also when asked to refresh."""
    bench.automated(automated)
    bench.undo()
    wait_for(lambda: bench.settled("OutOfSync"))
    bench.refresh()
    assert bench.settled("OutOfSync")
    assert bench.image() == GOOD_IMAGE


def test_thawing_before_git_is_equal_brings_the_bad_release_back(bench: Bench) -> None:
    """There is no grace: auto-sync back on with git unchanged reverts at once."""
    bench.automated({"enabled": False})
    bench.undo()
    wait_for(lambda: bench.settled("OutOfSync"))
    bench.automated({"enabled": True})
    wait_for(lambda: bench.image() == BAD_IMAGE)


def test_thawing_after_git_is_equal_keeps_the_good_release(bench: Bench) -> None:
    """A commit with the good tag is synced whole, with a history entry, and changes nothing live."""
    bench.automated({"enabled": False})
    bench.undo()
    bench.git.push("gateway", GOOD_TAG)
    bench.refresh()
    assert bench.application()["status"]["sync"]["revision"] == bench.git.head
    bench.automated({"enabled": True})
    wait_for(lambda: bench.settled("Synced"))
    assert bench.image() == GOOD_IMAGE


@pytest.mark.parametrize("bench", ["image-pull", "slow-start"], indirect=True)
def test_without_self_heal_a_drift_stays(bench: Bench) -> None:
    """Auto-sync without self-heal, or none, shows the drift and leaves it until the next commit."""
    bench.undo()
    wait_for(lambda: bench.settled("OutOfSync"))
    assert bench.image() == GOOD_IMAGE


@pytest.mark.parametrize("bench", ["undone-before"], indirect=True)
def test_heals_are_counted_on_from_what_happened_before(bench: Bench) -> None:
    """Somebody's undo was reverted before the estate started: the next heal is the second."""
    bench.undo()
    wait_for(lambda: bench.image() == BAD_IMAGE)
    wait_for(lambda: bench.settled("Synced"))
    assert bench.application()["status"]["operationState"]["operation"]["sync"]["autoHealAttemptsCount"] == 2


@pytest.mark.parametrize("bench", ["slow-start"], indirect=True)
def test_an_operation_written_into_the_application_is_run(bench: Bench) -> None:
    """Without Argo CD's own API a rollback is an operation in the object: it is run and adds to the history."""
    good = bench.git.releases[1][0]
    operation = {"initiatedBy": {"username": "operator"}, "sync": {"revision": good}}
    bench.registry.patch("applications", ARGOCD_NAMESPACE, APPLICATION, {"operation": operation, "status": {"operationState": None}})
    wait_for(lambda: bench.settled("OutOfSync"))
    assert bench.image() == GOOD_IMAGE
    entry = bench.application()["status"]["history"][-1]
    assert (entry["id"], entry["revision"], entry["initiatedBy"]) == (3, good, {"username": "operator"})


@pytest.mark.parametrize("bench", ["slow-start"], indirect=True)
def test_an_operation_on_an_unknown_revision_ends_in_error(bench: Bench) -> None:
    """A sha that git does not have is said, and nothing is changed."""
    patch = {"operation": {"sync": {"revision": "f" * 40}}, "status": {"operationState": None}}
    bench.registry.patch("applications", ARGOCD_NAMESPACE, APPLICATION, patch)
    wait_for(lambda: bench.application()["status"].get("operationState", {}).get("phase") == "Error")
    assert bench.image() == BAD_IMAGE


def test_a_deleted_deployment_is_made_again(bench: Bench) -> None:
    """Self-heal creates what git declares and the cluster lacks."""
    bench.registry.delete("deployments", NAMESPACE, GATEWAY)
    wait_for(lambda: any(d["metadata"]["name"] == GATEWAY for d in bench.registry.list("deployments", NAMESPACE)))
    assert bench.image() == BAD_IMAGE
