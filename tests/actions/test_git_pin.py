"""Pinning images in git: one line of the overlay, one image of the build, and an image that the registry has."""

from pathlib import Path

import pytest

from gospel_rollback_tui.actions.catalogue import GIT_PIN
from gospel_rollback_tui.domain.images import KnownImage
from tests.actions.git_places import Place, notices, request
from tests.infra.repository.remotes import KUSTOMIZATION, MANIFESTS, OVERLAY, REGISTRY, kustomization

GATEWAY = f"{REGISTRY}/gospelib-gateway"
DIGEST = "sha256:" + "a" * 64


class Registry:
    """A registry that has some images; None: it cannot be asked."""

    def __init__(self, has: tuple[str, ...] | None) -> None:
        """Has those tags of every repository."""
        self.has = has

    def exists(self, image: str) -> bool | None:
        """Returns whether the tag is one it has."""
        return None if self.has is None else image.rpartition(":")[2] in self.has

    def newest(self, repository: str, limit: int) -> tuple[KnownImage, ...]:
        """Returns its tags."""
        return tuple(KnownImage(DIGEST, (tag,), 1.0) for tag in self.has or ())


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """The estate with the bad release everywhere."""
    return Place.make(tmp_path)


@pytest.mark.parametrize("image", ["v2.13.2", f"{GATEWAY}:v2.13.2"])
def test_one_line_changes_and_one_image_of_the_build(place: Place, image: str) -> None:
    """The comment behind the tag stays; a bare tag means the repository that runs."""
    action = place.action(GIT_PIN, Registry(("v2.13.2",)))
    preview = action.plan(request(services="gateway", image_gateway=image))
    assert preview.refused == ""
    lines = [line.text for line in preview.calls[0].diff]
    assert lines == [
        "Deployment gospelib-gateway",
        "gateway image v2.15.0 → v2.13.2",
        "",
        "as files:",
        KUSTOMIZATION,
        "  newTag: v2.15.0 # set by the release",
        "  newTag: v2.13.2 # set by the release",
    ]
    assert "Registry" not in notices(preview)
    assert f"(cd ../rollback/{OVERLAY} && kustomize edit set image gospelib-gateway={GATEWAY}:v2.13.2 && git diff)" in preview.by_hand
    action.send(request(), preview.calls[0])
    assert place.remote.show(KUSTOMIZATION) == kustomization(gateway="v2.13.2", auth="v2.14.0")


def test_a_digest_replaces_the_tag_on_its_line(place: Place) -> None:
    """Both together would pull by the digest and read as the tag."""
    preview = place.action(GIT_PIN).plan(request(services="gateway", image_gateway=DIGEST))
    assert preview.refused == ""
    assert f"  digest: {DIGEST} # set by the release" in [line.text for line in preview.calls[0].diff]


def test_without_a_choice_git_is_made_to_say_what_runs(place: Place) -> None:
    """After a pin beside git: only what differs is written, and the debt is paid."""
    place.runs(gateway="v2.13.2", auth="v2.14.0")
    preview = place.action(GIT_PIN).plan(request())
    assert preview.title == "Pin gateway v2.13.2 on main"
    assert preview.calls[0].body["pays"] == ["git"]
    place.runs(gateway="v2.15.0")
    assert "git says what runs already" in place.action(GIT_PIN).plan(request()).refused


def test_an_image_that_the_registry_does_not_have_is_refused(place: Place) -> None:
    """Pods could not start; unknown is said and left to the operator."""
    chosen = request(services="gateway", image_gateway="v9.9.9")
    assert f"The registry has no {GATEWAY}:v9.9.9" in place.action(GIT_PIN, Registry(("v2.14.0",))).plan(chosen).refused
    for registry in (Registry(None), None):
        preview = place.action(GIT_PIN, registry).plan(chosen)
        assert preview.refused == ""
        assert notices(preview)["Registry"] == "not asked whether v9.9.9 is there"


@pytest.mark.parametrize(
    ("image", "words"),
    [
        ("registry.test/gospelib-gatway:v1", f"{KUSTOMIZATION} makes no image registry.test/gospelib-gatway; it makes {GATEWAY}"),
        ("/gospelib-gateway:abc", "is no image repository"),
        (f"{GATEWAY}:bad tag", "is no tag"),
    ],
)
def test_a_mistyped_image_is_refused(place: Place, image: str, words: str) -> None:
    """Kustomize takes each of these without a word, and changes nothing or breaks the build."""
    assert words in place.action(GIT_PIN).plan(request(services="gateway", image_gateway=image)).refused


def test_an_entry_that_no_manifest_uses_is_refused(place: Place) -> None:
    """The name must be in the build, not only in the overlay."""
    text = kustomization(gateway="v2.15.0", auth="v2.14.0") + f"- name: gospelib-ai\n  newName: {REGISTRY}/gospelib-ai\n  newTag: v1\n"
    place.remote.commit("An entry too many", {KUSTOMIZATION: text})
    place.cluster.deployments["gospelib-content"] = place.cluster.deployments["gospelib-auth"]
    refused = place.action(GIT_PIN).plan(request(services="content", image_content=f"{REGISTRY}/gospelib-ai:v2")).refused
    assert "is not among what the overlay builds" in refused


def test_an_edit_that_changes_more_than_the_image_is_refused(place: Place) -> None:
    """Here a generator takes the overlay's own file in: the build differs in a ConfigMap too."""
    text = kustomization(gateway="v2.15.0", auth="v2.14.0") + "configMapGenerator:\n- name: overlay\n  files: [kustomization.yaml]\n"
    place.remote.commit("Tell the overlay", {KUSTOMIZATION: text})
    refused = place.action(GIT_PIN).plan(request(services="gateway", image_gateway="v2.13.2")).refused
    assert "The build would differ in more than the images" in refused


def test_changes_that_wait_for_the_next_sync_are_said(place: Place) -> None:
    """What was pushed since the last deployment goes live with the pin."""
    place.remote.commit("Not deployed yet", {f"{MANIFESTS}/base/note.yaml": "# nothing\n"})
    preview = place.action(GIT_PIN).plan(request(services="gateway", image_gateway="v2.13.2"))
    assert "pushed since the last deployment" in notices(preview)["Also brings"]


def test_the_choices_know_the_registry_and_the_deployments_history(place: Place) -> None:
    """What ran before is marked; what runs is suggested."""
    lists = place.action(GIT_PIN, Registry(("v2.14.0", "v2.12.0"))).choices(request(services="gateway"))
    images = {option.label: option for option in lists[1].options}
    assert [choice.name for choice in lists] == ["services", "image:gateway", "where"]
    assert set(images) == {"v2.15.0", "v2.14.0", "v2.13.2", "v2.12.0"}
    assert images["v2.14.0"].detail.startswith("pushed ")
    assert images["v2.14.0"].detail.endswith("revision 2 of its Deployment")
    assert images["v2.15.0"].refused == "git says it already"
