"""The stand-in for kustomize: what it renders, and the words it refuses in."""

import pytest

from gospel_rollback_tui.drill.repository.overlay import OverlayError, render

DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata: {name: a}
spec:
  replicas: 1
  template:
    spec:
      initContainers: [{name: first, image: 'side:1'}]
      containers: [{name: main, image: a}, {name: other, image: abc}]
"""
BASE = {"base/kustomization.yaml": "resources: [a.yaml]\n", "base/a.yaml": DEPLOYMENT + "---\nkind: Namespace\napiVersion: v1\nmetadata: {name: n}\n"}


def images(overlay: str) -> list[str]:
    """Return the images of the base's Deployment under an overlay."""
    document = render({**BASE, "over/kustomization.yaml": f"resources: [../base]\n{overlay}"}, "over")[1]
    pod = document["spec"]["template"]["spec"]
    return [container["image"] for container in (*pod["initContainers"], *pod["containers"])]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("{name: a, newTag: v2}", ["side:1", "a:v2", "abc"]),
        ("{name: a, newName: r/a, newTag: v2}", ["side:1", "r/a:v2", "abc"]),
        ("{name: a, newName: r/a}", ["side:1", "r/a", "abc"]),
        ("{name: side, newName: r/side}", ["r/side:1", "a", "abc"]),
        ("{name: a, newTag: v2, digest: 'sha256:00'}", ["side:1", "a:v2@sha256:00", "abc"]),
        ("{name: nothing, newTag: v2}", ["side:1", "a", "abc"]),
    ],
)
def test_images(change: str, expected: list[str]) -> None:
    """An entry changes the images of its name and no other, init containers included."""
    assert images(f"images: [{change}]\n") == expected


def test_namespace_and_replicas() -> None:
    """The namespace is set on what lives in one, the replicas on the workload of that name."""
    overlay = "resources: [../base]\nnamespace: prod\nreplicas: [{name: a, count: 3}]\n"
    namespace, deployment = render({**BASE, "over/kustomization.yaml": overlay}, "over")
    assert (deployment["metadata"]["namespace"], deployment["spec"]["replicas"]) == ("prod", 3)
    assert namespace["metadata"] == {"name": "prod"}


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory 'over'"),
        ({"over/kustomization.yaml": "", "over/kustomization.yml": ""}, "Found multiple kustomization files under: over"),
        ({"over/kustomization.yaml": "resources: [../nope]"}, "accumulating resources from '../nope'.*no such file or directory"),
        ({"over/kustomization.yaml": "resources: [a,"}, "invalid Kustomization: yaml: line "),
        ({"over/kustomization.yaml": "- a"}, "invalid Kustomization: json: cannot unmarshal"),
        ({"over/kustomization.yaml": "bogus: 1"}, 'invalid Kustomization: json: unknown field "bogus"'),
        ({"over/kustomization.yaml": "resources: [a.yaml]", "over/a.yaml": "a: ["}, "accumulating resources from 'a.yaml': line "),
        ({"over/kustomization.yaml": "resources: [../base]\nreplicas: [{name: b, count: 1}]", **BASE}, "resource with name b does not match"),
    ],
)
def test_what_does_not_build_is_refused_in_kustomizes_words(files: dict[str, str], words: str) -> None:
    """The first thing that is wrong is named as kustomize names it."""
    with pytest.raises(OverlayError, match=words):
        render(files, "over")
