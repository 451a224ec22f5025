"""Applying images beside git: built first, only what differs, only images, conflicts shown, and nothing that auto-sync would undo."""

import copy
import shutil
from pathlib import Path

import pytest

from gospel_rollback_tui.actions.argocd_access import Applications
from gospel_rollback_tui.actions.freezing import Freezing
from gospel_rollback_tui.actions.git_estate import GitEstate
from gospel_rollback_tui.actions.git_pin import PinnedImages
from gospel_rollback_tui.actions.kustomize_apply import ApplyPinnedImages
from gospel_rollback_tui.actions.verification import ServiceVerification
from gospel_rollback_tui.domain.errors import FieldConflict, Refused
from gospel_rollback_tui.domain.raw import JsonObject
from gospel_rollback_tui.drill.kubernetes.patches import APPLY_PATCH, apply_patch
from tests.actions.cluster import Answers, MemoryCluster, Quiet
from tests.actions.git_places import Place, done, notices, request
from tests.diagnosis import scenes

FIELD = '.spec.template.spec.containers[name="gateway"].image'
CHOSEN = request(services="gateway", image_gateway="v2.14.0", conflicts="take")


class MemoryApply:
    """Applies to Deployments in memory; `owner` holds the images until they are taken over."""

    def __init__(self, cluster: MemoryCluster, owner: str = "") -> None:
        """Takes the cluster."""
        self.cluster, self.owner = cluster, owner
        self.meddling: dict[str, object] = {}
        self.sent: list[tuple[JsonObject, bool]] = []

    def live(self, manifest: JsonObject) -> JsonObject:
        """Returns the Deployment."""
        metadata = manifest["metadata"]
        assert isinstance(metadata, dict)
        return {"apiVersion": "apps/v1", "kind": "Deployment", **self.cluster.deployment(metadata["name"])}

    def apply(self, manifest: JsonObject, *, dry_run: bool = False, force: bool = False) -> JsonObject:
        """Applies as the API server does."""
        if self.owner and not force:
            raise FieldConflict("Fields belong to others.", fields=((self.owner, FIELD),))
        after = apply_patch(copy.deepcopy(dict(self.live(manifest))), copy.deepcopy(dict(manifest)), APPLY_PATCH, custom=False)
        after = {**after, "spec": {**after["spec"], **self.meddling}}
        if not dry_run:
            self.sent.append((manifest, force))
            self.cluster.deployments[after["metadata"]["name"]] = after
        return after


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """The estate with the bad release everywhere."""
    return Place.make(tmp_path)


def action(place: Place, owner: str = "argocd-controller") -> tuple[ApplyPinnedImages, MemoryApply]:
    """Returns the action on that estate, and what it applies with."""
    applying = MemoryApply(place.cluster, owner)
    pins = PinnedImages(GitEstate(place.repository, place.cluster, place))
    freezing = Freezing(Applications(place.cluster, place.cluster, place.cluster))
    verification = ServiceVerification(place.cluster, Answers(), Quiet())
    return ApplyPinnedImages(pins, applying, freezing, place.cluster, verification, place.cluster), applying


def test_auto_sync_goes_off_then_only_the_image_of_the_object_that_differs_is_applied(place: Place) -> None:
    """One of two Deployments, one field of it, by force only because it was chosen."""
    doing, applying = action(place)
    preview = doing.plan(CHOSEN)
    assert preview.refused == ""
    assert [call.id for call in preview.calls] == ["freeze", "apply:Deployment gospelib-gateway"]
    freeze, apply = preview.calls
    assert [line.text for line in apply.diff] == ["Deployment gospelib-gateway", "gateway image v2.15.0 → v2.14.0"]
    assert notices(preview)["Taken over"] == f"{FIELD} of Deployment gospelib-gateway belongs to argocd-controller"
    assert apply.debt is not None
    assert apply.debt.id == "git"
    assert doing.facts(CHOSEN, preview) == preview.fingerprint
    assert doing.happened(request(), apply) is False
    for call in preview.calls:
        doing.send(request(), call)
        assert doing.happened(request(), call)
    ((manifest, force),) = applying.sent
    assert force
    assert manifest["spec"] == {"template": {"spec": {"containers": [{"name": "gateway", "image": "registry.test/gospelib-gateway:v2.14.0"}]}}}
    runs = doing.checks(request(), preview, scenes.NOW)[0]
    assert (runs.name, runs.passed) == ("Deployment gospelib-gateway runs it", True)
    assert freeze.id == "freeze"


def test_fields_of_others_are_not_taken_over_unasked(place: Place) -> None:
    """Whose they are is said; without an owner nothing is forced."""
    doing, _ = action(place)
    refused = doing.plan(request(services="gateway", image_gateway="v2.14.0")).refused
    assert f"{FIELD} of Deployment gospelib-gateway belongs to argocd-controller: choose to take them over" in refused
    free, _ = action(place, owner="")
    preview = free.plan(request(services="gateway", image_gateway="v2.14.0"))
    assert preview.calls[-1].body["force"] is False


def test_auto_sync_that_came_back_stops_the_apply(place: Place) -> None:
    """Looked at again just before it is sent."""
    doing, applying = action(place)
    preview = doing.plan(CHOSEN)
    with pytest.raises(Refused, match="on again"):
        doing.send(request(), preview.calls[1])
    assert applying.sent == []


def test_a_server_that_would_change_more_is_refused(place: Place) -> None:
    """An admission webhook may meddle: what is confirmed is what happens."""
    doing, applying = action(place)
    applying.meddling = {"replicas": 9}
    assert "more than the images: replicas 2 → 9" in doing.plan(CHOSEN).refused


def test_what_runs_already_and_what_was_not_chosen_changes_nothing(place: Place) -> None:
    """No freeze is planned for nothing."""
    doing, _ = action(place)
    place.runs(gateway="v2.14.0")
    preview = doing.plan(CHOSEN)
    assert (preview.refused, preview.calls) == ("Nothing would change: these images run already.", ())
    assert "No service is chosen" in doing.plan(request()).refused


def test_without_a_builder_nothing_is_applied(place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What is not built cannot be proved to change only the image."""
    only_git = tmp_path / "bin"
    only_git.mkdir()
    (only_git / "git").symlink_to(shutil.which("git") or "")
    monkeypatch.setenv("PATH", str(only_git))
    place.repository = place.remote.repository(tmp_path / "state")
    doing, _ = action(place)
    assert "neither kustomize nor kubectl is here" in doing.plan(CHOSEN).refused


def test_undo_applies_what_ran_before_and_gives_auto_sync_back(place: Place) -> None:
    """Newest first, and the debt goes with it."""
    doing, applying = action(place)
    preview = doing.plan(CHOSEN)
    for call in preview.calls:
        doing.send(request(), call)
    undo = doing.undo_plan(CHOSEN, done(preview))
    assert (undo.refused, [call.id for call in undo.calls]) == ("", ["apply:Deployment gospelib-gateway", "thaw"])
    assert undo.calls[0].body["pays"] == ["git"]
    assert doing.facts(CHOSEN, undo) == undo.fingerprint
    for call in undo.calls:
        doing.send(request(), call)
        assert doing.happened(request(), call)
    assert applying.live(preview.calls[1].body["manifest"])["spec"]["template"]["spec"]["containers"][0]["image"].endswith(":v2.15.0")  # type: ignore[index]
    assert [check.passed for check in doing.checks(request(), undo, scenes.NOW)] == [True]
