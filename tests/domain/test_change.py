"""The exact patches, and what moved when one is refused."""

from copy import deepcopy
from typing import Any

import pytest

from gospel_rollback_tui.domain.change import change_cause, moved_facts, pin_image, replace_template, replacement_refusal, resume_rollout, value_at
from gospel_rollback_tui.domain.errors import Refused
from gospel_rollback_tui.domain.workloads import deployment_from, replica_set_from
from tests.domain.cluster_objects import DEPLOYMENT_UID, a_deployment, a_replica_set, a_template

_LIVE = a_template("registry/web:v2")


def test_an_undo_tests_what_was_previewed_and_replaces_the_template() -> None:
    """Identity and template are tested exactly as read; the target goes without its hash label."""
    target = replica_set_from(a_replica_set(1)).template
    assert replace_template(deployment_from(a_deployment(_LIVE)), target, "why") == [
        {"op": "test", "path": "/metadata/uid", "value": DEPLOYMENT_UID},
        {"op": "test", "path": "/spec/template", "value": _LIVE},
        {"op": "replace", "path": "/spec/template", "value": a_template()},
        {"op": "add", "path": "/metadata/annotations/kubernetes.io~1change-cause", "value": "why"},
    ]


def test_without_annotations_the_map_is_added_whole() -> None:
    """A JSON Patch cannot add below a map that is not there."""
    raw = a_deployment(_LIVE)
    del raw["metadata"]["annotations"]
    cause = replace_template(deployment_from(raw), a_template(), "why")[-1]
    assert cause == {"op": "add", "path": "/metadata/annotations", "value": {"kubernetes.io/change-cause": "why"}}


@pytest.mark.parametrize(
    ("raw", "template", "words"),
    [
        (a_deployment(_LIVE, spec={"paused": True}), a_template(), "paused"),
        (a_deployment(a_template()), replica_set_from(a_replica_set(1)).template, "already runs"),
        (a_deployment(_LIVE), {"spec": {}}, "no containers"),
    ],
)
def test_what_cannot_be_replaced_is_refused_beforehand(raw: dict[str, Any], template: dict[str, Any], words: str) -> None:
    """A paused Deployment, an equal template and an empty one are refused with the reason."""
    assert words in replacement_refusal(deployment_from(raw), template)
    with pytest.raises(Refused, match=words):
        replace_template(deployment_from(raw), template, "why")


def test_pinning_an_image_changes_nothing_else() -> None:
    """One container of several gets another image, found by its name."""
    template = a_template()
    template["spec"]["containers"].insert(0, {"name": "side", "image": "r/side:v1"})
    operations = pin_image(deployment_from(a_deployment(template)), "web", "registry/web@sha256:abc", "why")
    assert operations[2] == {"op": "replace", "path": "/spec/template/spec/containers/1/image", "value": "registry/web@sha256:abc"}
    assert [operation["op"] for operation in operations] == ["test", "test", "replace", "add"]


@pytest.mark.parametrize(("container", "image", "words"), [("nope", "x", "no container"), ("web", "registry/web:v1", "already runs")])
def test_a_pin_that_would_do_nothing_is_refused(container: str, image: str, words: str) -> None:
    """An unknown container and the same image are no change."""
    with pytest.raises(Refused, match=words):
        pin_image(deployment_from(a_deployment()), container, image, "why")


def test_resuming_tests_that_it_is_paused() -> None:
    """Only a paused Deployment is resumed."""
    operations = resume_rollout(deployment_from(a_deployment(spec={"paused": True})))
    assert operations[2:] == [{"op": "test", "path": "/spec/paused", "value": True}, {"op": "remove", "path": "/spec/paused"}]
    with pytest.raises(Refused, match="not paused"):
        resume_rollout(deployment_from(a_deployment()))


def test_the_change_cause_names_run_and_operator_in_one_harmless_line() -> None:
    """It is copied into the cluster and read by others."""
    assert change_cause("0312-k7", "ana\x1b[2J", "back to v2.14.0") == "gospel-rollback 0312-k7: back to v2.14.0, by ana"


def test_what_moved_is_told_in_the_templates_own_words() -> None:
    """A template that changed under the prompt is shown as a diff, old to new."""
    operations = replace_template(deployment_from(a_deployment(_LIVE)), a_template(), "why")
    now = a_deployment(a_template("registry/web:v3", env=[{"name": "X", "value": "on"}]))
    assert moved_facts(operations, now) == (("web image", "v2", "v3"), ("web env X", "absent", "on"))


def test_an_object_made_again_has_moved() -> None:
    """Another uid under the same name is another object."""
    operations = replace_template(deployment_from(a_deployment(_LIVE)), a_template(), "why")
    now = a_deployment(_LIVE, metadata={"uid": "other"})
    assert moved_facts(operations, now) == (("identity (deleted and made again)", DEPLOYMENT_UID, "other"),)


def test_status_and_versions_may_move() -> None:
    """Only what was previewed counts."""
    operations = replace_template(deployment_from(a_deployment(_LIVE)), a_template(), "why")
    assert moved_facts(operations, a_deployment(deepcopy(_LIVE), metadata={"resourceVersion": "9"}, status={"replicas": 1})) == ()


def test_a_field_that_is_gone_reads_absent() -> None:
    """A tested path that no longer exists has moved too."""
    operations = resume_rollout(deployment_from(a_deployment(spec={"paused": True})))
    assert moved_facts(operations, a_deployment()) == (("spec.paused", "true", "absent"),)


def test_json_pointers_are_unescaped() -> None:
    """`~1` is a slash and `~0` a tilde (RFC 6901)."""
    assert value_at({"a/b": [{"~": 1}]}, "/a~1b/0/~0") == 1
    with pytest.raises(KeyError):
        value_at({"a": []}, "/a/0")
