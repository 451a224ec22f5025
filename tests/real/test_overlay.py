"""The stand-in for kustomize renders what kustomize renders, and refuses in its words."""

import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from gospel_rollback_tui.drill.real.peers import Peers
from gospel_rollback_tui.drill.repository.bare import EstateRepository
from gospel_rollback_tui.drill.repository.overlay import OverlayError, render
from gospel_rollback_tui.drill.repository.tree import KUSTOMIZATION, MANIFESTS, OVERLAY
from gospel_rollback_tui.drill.script import Script
from gospel_rollback_tui.drill.scripts import SCRIPTS

NOW = datetime(2026, 11, 27, 22, 0, tzinfo=UTC)


def kustomize(peers: Peers, files: Mapping[str, str], folder: Path, overlay: str) -> subprocess.CompletedProcess[str]:
    """Write files below a folder and run kustomize on an overlay among them."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return subprocess.run([peers.program("kustomize"), "build", overlay], cwd=folder, capture_output=True, text=True, check=False)


def documents(output: str) -> list[Any]:
    """Return the objects that kustomize printed."""
    return list(yaml.safe_load_all(output))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: str(script.id))
def test_every_release_renders_as_by_kustomize(peers: Peers, script: Script, tmp_path: Path) -> None:
    """The same objects in the same order, for the newest commit of each script's branch and for its first release."""
    repository = EstateRepository(tmp_path / "gospelib.git", script, NOW)
    for number, sha in enumerate((repository.releases[0][0], repository.head)):
        built = kustomize(peers, repository.files(sha, MANIFESTS), tmp_path / str(number), OVERLAY)
        assert built.returncode == 0, built.stderr
        assert documents(built.stdout) == repository.manifests(sha)


@pytest.mark.parametrize(
    "change",
    [
        "images: [{name: a, newTag: v2}]",
        "images: [{name: a, newName: r/a}]",
        "images: [{name: side, newName: r/side}]",
        "images: [{name: a, newName: r/a, newTag: v2, digest: 'sha256:0123456789012345678901234567890123456789012345678901234567890123'}]",
        "images: [{name: nothing, newTag: v2}]",
        "namespace: prod\nreplicas: [{name: a, count: 3}]",
    ],
)
def test_fields_work_as_kustomizes(peers: Peers, tmp_path: Path, change: str) -> None:
    """Each field that the stand-in knows does what kustomize does with it."""
    template = {
        "spec": {"initContainers": [{"name": "first", "image": "side:1"}], "containers": [{"name": "main", "image": "a"}, {"name": "o", "image": "abc"}]}
    }
    workload = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a"}, "spec": {"replicas": 1, "template": template}}
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n"}}
    files = {
        "base/kustomization.yaml": "resources: [a.yaml]\n",
        "base/a.yaml": yaml.safe_dump_all([workload, space]),
        "over/kustomization.yaml": f"resources: [../base]\n{change}\n",
    }
    built = kustomize(peers, files, tmp_path, "over")
    assert built.returncode == 0, built.stderr
    assert documents(built.stdout) == render(files, "over")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("resources: [../nope]\n", "accumulating resources: accumulation err='accumulating resources from '../nope'"),
        ("resources: [a,\n", "invalid Kustomization: yaml: line"),
        ("bogus: 1\n", 'invalid Kustomization: json: unknown field "bogus"'),
        ("replicas: [{name: b, count: 1}]\n", "resource with name b does not match a config with the following GVK"),
    ],
)
def test_refusals_begin_with_kustomizes_words(peers: Peers, tmp_path: Path, text: str, words: str) -> None:
    """Both refuse, and both say these words."""
    files = {KUSTOMIZATION: text}
    built = kustomize(peers, files, tmp_path, OVERLAY)
    assert built.returncode == 1
    assert words in built.stderr
    with pytest.raises(OverlayError) as refused:
        render(files, OVERLAY)
    assert words in str(refused.value)
