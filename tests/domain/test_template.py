"""Differences of pod templates in the operator's words."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gospel_rollback_tui.domain.preview import Tone
from gospel_rollback_tui.domain.template import diff_lines, image_tag, image_words, same_template, stripped, template_diff
from tests.domain.cluster_objects import a_template


def _words(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    return [change.words for change in template_diff(old, new)]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("r/web:v2.15.0", "r/web:v2.14.0", ("v2.15.0", "v2.14.0")),
        ("host:5000/web:v1", "host:5000/web:v2", ("v1", "v2")),
        ("r/web:v1", "other/web:v1", ("r/web:v1", "other/web:v1")),
        ("r/web", "r/web:v1", ("r/web", "r/web:v1")),
        ("r/web:v1@sha256:" + "a" * 64, "r/web:v1@sha256:" + "b" * 64, ("v1@sha256:" + "a" * 12, "v1@sha256:" + "b" * 12)),
    ],
)
def test_images_are_shortened_to_what_differs(old: str, new: str, expected: tuple[str, str]) -> None:
    """The repository is left out where it is the same on both sides."""
    assert image_words(old, new) == expected


def test_a_tag_is_what_comes_after_the_name() -> None:
    """A port of the registry is no tag."""
    assert image_tag("host:5000/web") == "host:5000/web"
    assert image_tag("host:5000/web:v3") == "v3"


def test_variables_are_added_removed_and_changed_by_name() -> None:
    """Their order does not matter, their names do."""
    old = a_template(env=[{"name": "A", "value": "1"}, {"name": "B", "value": "2"}])
    new = a_template(env=[{"name": "C", "value": "3"}, {"name": "A", "value": "9"}])
    assert _words(old, new) == ["web env A 1 → 9", "web env B removed: 2", "web env C added: 3"]


def test_a_variable_from_elsewhere_names_its_source() -> None:
    """A reference is shown as one, not as a value."""
    new = a_template(env=[{"name": "URL", "valueFrom": {"secretKeyRef": {"name": "db", "key": "url"}}}])
    assert _words(a_template(), new) == ["web env URL added: secretKeyRef.name db, secretKeyRef.key url"]


def test_secret_values_are_not_shown() -> None:
    """A literal that has the shape of a credential is redacted."""
    new = a_template(env=[{"name": "API_TOKEN", "value": "hunter2hunter2"}, {"name": "PG", "value": "postgres://u:pw123@db/x"}])
    assert all("hunter2" not in words and "pw123" not in words for words in _words(a_template(), new))


def test_resources_probes_and_volumes_are_named_by_their_paths() -> None:
    """Whatever else differs is shown where it is."""
    old = a_template(resources={"limits": {"memory": "512Mi"}}, readinessProbe={"periodSeconds": 10})
    new = a_template(resources={"limits": {"memory": "1Gi"}}, readinessProbe={"periodSeconds": 5})
    new["spec"]["volumes"] = [{"name": "config", "configMap": {"name": "web-7h2k"}}]
    new["spec"]["nodeSelector"] = {"disk": "ssd"}
    new["metadata"]["annotations"] = {"a/b": "x"}
    assert _words(old, new) == [
        "web resources.limits.memory 512Mi → 1Gi",
        "web readinessProbe.periodSeconds 10 → 5",
        "volume config added: configMap.name web-7h2k",
        "annotation a/b added: x",
        "nodeSelector.disk added: ssd",
    ]


def test_containers_come_and_go() -> None:
    """A sidecar that is new, or gone, is one change with its image."""
    new = a_template()
    new["spec"]["containers"].append({"name": "side", "image": "r/side:v1"})
    new["spec"]["initContainers"] = [{"name": "migrate", "image": "r/m:v1"}]
    assert _words(a_template(), new) == ["container side added: r/side:v1", "init container migrate added: r/m:v1"]
    assert [line.tone for line in diff_lines(new, a_template())] == [Tone.OLD, Tone.OLD]


def test_the_hash_label_and_empty_metadata_are_no_difference() -> None:
    """A ReplicaSet's template equals its Deployment's but for these."""
    replica_set = deepcopy(a_template())
    replica_set["metadata"]["labels"]["pod-template-hash"] = "abc"
    replica_set["metadata"]["creationTimestamp"] = None
    assert same_template(a_template(), replica_set)
    assert template_diff(a_template(), replica_set) == ()


def test_stripping_leaves_the_original_alone() -> None:
    """What was read stays as it was read, for the patch's test."""
    template = a_template()
    template["metadata"]["labels"]["pod-template-hash"] = "abc"
    assert "pod-template-hash" not in stripped(template)["metadata"]["labels"]
    assert template["metadata"]["labels"]["pod-template-hash"] == "abc"


def test_a_mere_reordering_is_still_a_change() -> None:
    """Variables may refer to earlier ones, so the order of a list is not nothing."""
    old = a_template(env=[{"name": "A", "value": "1"}, {"name": "B", "value": "2"}])
    new = a_template(env=[{"name": "B", "value": "2"}, {"name": "A", "value": "1"}])
    assert [change.subject for change in template_diff(old, new)] == ["order of the template's lists"]


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda v: st.lists(v, max_size=3) | st.dictionaries(st.text(max_size=4), v, max_size=3),
    max_leaves=6,
)
_CONTAINERS = st.lists(
    st.fixed_dictionaries({"name": st.sampled_from(["a", "b", "c"])}, optional={"image": st.text(max_size=6), "env": _VALUES, "x": _VALUES}), max_size=3
)
_TEMPLATES = st.fixed_dictionaries(
    {"metadata": _VALUES, "spec": st.fixed_dictionaries({"containers": _CONTAINERS}, optional={"volumes": _VALUES, "y": _VALUES})}
)


@given(_TEMPLATES, _TEMPLATES)
def test_templates_differ_exactly_when_the_diff_is_not_empty(old: dict[str, Any], new: dict[str, Any]) -> None:
    """No difference is ever hidden, and none is invented; each line is one harmless line."""
    changes = template_diff(old, new)
    assert bool(changes) is not same_template(old, new)
    assert all("\n" not in change.words for change in changes)
