"""Strategic merge patch: lists merged by key, directives obeyed."""

from typing import Any

import pytest

from gospel_rollback_tui.drill.kubernetes.documents import copy_json
from gospel_rollback_tui.drill.kubernetes.patches.strategic_patch import apply_strategic_patch
from gospel_rollback_tui.drill.kubernetes.statuses import ApiError

WEB = {"name": "web", "image": "v1", "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}], "ports": [{"containerPort": 80}]}
SIDE = {"name": "side", "image": "s1"}
POD_SPEC: dict[str, Any] = {"containers": [WEB, SIDE], "volumes": [{"name": "v", "emptyDir": {}}], "tolerations": [{"key": "a"}]}


def patched(patch: dict[str, Any]) -> dict[str, Any]:
    """Return the pod specification with a patch merged in."""
    before = copy_json(POD_SPEC)
    result = apply_strategic_patch({"spec": POD_SPEC}, {"spec": patch})["spec"]
    assert before == POD_SPEC
    assert isinstance(result, dict)
    return result


def test_only_the_named_container_changes() -> None:
    """`kubectl set image` leaves the environment and the sidecar as they are."""
    result = patched({"$setElementOrder/containers": [{"name": "web"}, {"name": "side"}], "containers": [{"name": "web", "image": "v2"}]})
    assert result["containers"] == [{**WEB, "image": "v2"}, SIDE]
    assert not any(key.startswith("$") for key in result)


def test_an_item_is_deleted_by_directive() -> None:
    """`$patch: delete` takes one variable away and keeps the other."""
    result = patched({"containers": [{"name": "web", "env": [{"name": "B", "$patch": "delete"}]}]})
    assert result["containers"][0]["env"] == [{"name": "A", "value": "1"}]


def test_a_list_is_replaced_by_directive() -> None:
    """`$patch: replace` among the items leaves only the items beside it."""
    result = patched({"containers": [{"name": "web", "env": [{"$patch": "replace"}, {"name": "Z", "value": "9"}]}]})
    assert result["containers"][0]["env"] == [{"name": "Z", "value": "9"}]
    assert patched({"containers": [{"$patch": "replace"}, {"name": "web", "image": "v9"}]})["containers"] == [{"name": "web", "image": "v9"}]


def test_an_object_is_replaced_by_directive() -> None:
    """`$patch: replace` in an object, as a StatefulSet's undo sends it, drops everything else."""
    assert patched({"$patch": "replace", "containers": [{"name": "web", "image": "v3"}]}) == {"containers": [{"name": "web", "image": "v3"}]}


def test_a_null_removes_a_member() -> None:
    """`null` removes; nested members beside it stay."""
    assert "volumes" not in patched({"volumes": None})
    assert patched({"containers": [{"name": "web", "env": None}]})["containers"][0] == {"name": "web", "image": "v1", "ports": [{"containerPort": 80}]}


def test_an_unknown_name_adds_a_container() -> None:
    """A misspelt name adds a container in front of those that are only on the server."""
    names = [container["name"] for container in patched({"containers": [{"name": "wbe", "image": "v2"}]})["containers"]]
    assert sorted(names) == ["side", "wbe", "web"]


def test_order_is_set_by_directive() -> None:
    """`$setElementOrder` reorders items, also without a change to any."""
    result = patched({"$setElementOrder/containers": [{"name": "side"}, {"name": "web"}]})
    assert [container["name"] for container in result["containers"]] == ["side", "web"]


def test_lists_without_a_merge_key_are_replaced() -> None:
    """Tolerations and arguments are atomic."""
    assert patched({"tolerations": [{"key": "b"}]})["tolerations"] == [{"key": "b"}]


def test_retain_keys_drop_the_others() -> None:
    """`$retainKeys`, as `kubectl apply` sends it for a strategy, drops what it does not name."""
    document = {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}}
    assert apply_strategic_patch(document, {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}) == {"strategy": {"type": "Recreate"}}


def test_primitive_lists_are_merged_and_deleted_from() -> None:
    """Finalizers are added to, and taken from by `$deleteFromPrimitiveList`."""
    document = {"metadata": {"finalizers": ["a", "b"]}}
    assert apply_strategic_patch(document, {"metadata": {"finalizers": ["c"]}})["metadata"]["finalizers"] == ["a", "b", "c"]
    assert apply_strategic_patch(document, {"metadata": {"$deleteFromPrimitiveList/finalizers": ["a"]}})["metadata"]["finalizers"] == ["b"]


def test_ports_of_services_are_merged_by_their_own_key() -> None:
    """A service's ports are told apart by `port`, a container's by `containerPort`."""
    service = {"kind": "Service", "spec": {"ports": [{"port": 80, "name": "http"}]}}
    assert apply_strategic_patch(service, {"spec": {"ports": [{"port": 80, "targetPort": 8080}]}})["spec"]["ports"] == [
        {"port": 80, "name": "http", "targetPort": 8080}
    ]


@pytest.mark.parametrize(("patch", "code"), [({"containers": [{"image": "v2"}]}, 500), ({"$patch": "merge-somehow"}, 400)])
def test_what_cannot_be_merged_is_refused(patch: dict[str, Any], code: int) -> None:
    """An item without its key is the server's own error, as in reality; a directive that does not exist is a bad request."""
    with pytest.raises(ApiError) as refusal:
        patched(patch)
    assert refusal.value.code == code
