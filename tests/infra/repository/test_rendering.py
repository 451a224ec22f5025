"""Manifests of a commit or tree: built from files of our own, with a builder that is here, into a file."""

from pathlib import Path

import pytest

from gospel_rollback_tui.domain.errors import NotFound, Refused
from gospel_rollback_tui.domain.rendered import image_repositories, images_of, more_than_images, rendered_lines
from gospel_rollback_tui.infra.kustomize import Kustomize
from gospel_rollback_tui.infra.processes.environment import child_environment
from gospel_rollback_tui.infra.repository.repository import GitRepository
from tests.infra.repository.remotes import KUSTOMIZATION, MANIFESTS, OVERLAY, REGISTRY, Remote, kustomization

GATEWAY = ("Deployment gospelib-gateway", "gateway")


def test_a_commit_and_a_tree_that_is_not_committed_are_built(remote: Remote, repository: GitRepository) -> None:
    """The same builder, the same files, whatever name they have."""
    now, good = repository.rendered(repository.head(), OVERLAY), repository.rendered("release/v2.14.0", OVERLAY)
    assert images_of(now)[GATEWAY] == f"{REGISTRY}/gospelib-gateway:v2.15.0"
    assert repository.rendered(repository.restored("release/v2.14.0", (MANIFESTS,)).tree, OVERLAY) == good
    assert [line.text for line in rendered_lines(now, good)] == ["Deployment gospelib-gateway", "gateway image v2.15.0 → v2.14.0"]
    assert image_repositories(images_of(now).values()) == {f"{REGISTRY}/gospelib-gateway", f"{REGISTRY}/gospelib-auth"}


def test_only_what_was_wanted_may_differ(remote: Remote, repository: GitRepository) -> None:
    """Compared object by object: another image, another field, and no effect at all are told."""
    now, good = repository.rendered(repository.head(), OVERLAY), repository.rendered("release/v2.14.0", OVERLAY)
    wanted = {f"{REGISTRY}/gospelib-gateway:v2.15.0": f"{REGISTRY}/gospelib-gateway:v2.14.0"}
    assert more_than_images(now, good, wanted) == ""
    assert "gateway image" in more_than_images(now, good, {})
    assert more_than_images(now, now, wanted)
    assert "not declared any more" in more_than_images(now, good[1:], wanted)


def test_a_build_that_needs_more_than_the_manifests_gets_it(remote: Remote, repository: GitRepository) -> None:
    """A base elsewhere in the repository is written out too."""
    moved = kustomization(gateway="v3", auth="v3").replace("../../base", "../../../../base")
    base = {f"base/{name}.yaml": remote.show(f"{MANIFESTS}/base/{name}.yaml") for name in ("gateway", "auth", "kustomization")}
    remote.commit("Move the base", {**base, KUSTOMIZATION: moved})
    repository.fetch()
    assert images_of(repository.rendered(repository.head(), OVERLAY))[GATEWAY].endswith(":v3")


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({KUSTOMIZATION: "resources: [nowhere.yaml]\n"}, r"does not build: 'nowhere\.yaml'"),
        ({KUSTOMIZATION: "bogus: 1\n"}, "unknown field"),
        ({KUSTOMIZATION: "resources: []\n"}, "does not build|builds to nothing"),
        ({f"{OVERLAY}/kustomization.yml": "resources: []\n"}, "multiple kustomization files"),
    ],
)
def test_a_build_that_fails_says_why_without_our_own_paths(
    remote: Remote, repository: GitRepository, tmp_path: Path, files: dict[str, str], words: str
) -> None:
    """Its exit code counts, not what it has written by then."""
    remote.commit("Broken", files)
    repository.fetch()
    with pytest.raises(Refused, match=words) as caught:
        repository.rendered(repository.head(), OVERLAY)
    assert str(tmp_path) not in caught.value.text


def test_an_overlay_that_is_not_there_is_said(repository: GitRepository) -> None:
    """A commit from before it existed."""
    with pytest.raises(Refused, match="overlays/staging is not in"):
        repository.rendered(repository.head(), "infra/k8s/overlays/staging")


def builder(folder: Path, name: str, script: str) -> Kustomize:
    """Returns a builder that finds only that program."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)
    return Kustomize({**child_environment(), "PATH": f"{folder}:/usr/bin:/bin" if name == "kustomize" else str(folder)})


def test_kustomize_comes_before_kubectl_and_one_of_them_is_enough(tmp_path: Path) -> None:
    """Kubectl carries its own."""
    assert builder(tmp_path / "both", "kustomize", "").builder() == (str(tmp_path / "both" / "kustomize"), "build")
    assert builder(tmp_path / "one", "kubectl", "").builder() == (str(tmp_path / "one" / "kubectl"), "kustomize")
    with pytest.raises(NotFound, match="neither kustomize nor kubectl"):
        Kustomize({"PATH": str(tmp_path / "none")}).builder()


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("echo 'kind: Deployment'; echo 'Error: half' >&2; exit 1", "does not build: Error: half"),
        ("exit 0", "builds to nothing"),
        ("echo 'a: [b'", "no YAML"),
        ('echo "Error: $1 in $2" >&2; exit 1', "Error: build in o$"),
    ],
)
def test_half_a_build_is_no_build(tmp_path: Path, script: str, words: str) -> None:
    """A failing build that has written something, an empty one, and one that is no YAML."""
    with pytest.raises(Refused, match=words):
        builder(tmp_path / "bin", "kustomize", script).build(tmp_path, "o")


def test_a_builder_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A base on another host that does not answer."""
    monkeypatch.setattr("gospel_rollback_tui.infra.kustomize.BUILD_SECONDS", 0.5)
    with pytest.raises(Refused, match="not within its time"):
        builder(tmp_path / "bin", "kustomize", "exec sleep 600").build(tmp_path, "o")


def test_times_stay_texts(tmp_path: Path) -> None:
    """As in Kubernetes; a date object could not be compared with what the cluster says."""
    script = "printf 'kind: ConfigMap\\ndata:\\n  at: 2026-11-27\\n'"
    assert builder(tmp_path / "bin", "kustomize", script).build(tmp_path, "o")[0]["data"] == {"at": "2026-11-27"}
