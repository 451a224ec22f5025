"""JSON Patch: what it does, and the one refusal for everything it cannot do."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gospel_rollback_tui.drill.kubernetes.documents import JsonValue, copy_json, equal_json
from gospel_rollback_tui.drill.kubernetes.patches.json_patch import apply_json_patch
from gospel_rollback_tui.drill.kubernetes.statuses import ApiError

DOCUMENT: dict[str, Any] = {"metadata": {"uid": "u", "annotations": {"a/b": "1"}}, "spec": {"replicas": 1, "list": [1, 2, 3]}}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text("ab", max_size=2),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text("ab/~", max_size=2), children, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("operations", "expected"),
    [
        ([{"op": "test", "path": "/metadata/uid", "value": "u"}, {"op": "replace", "path": "/spec/replicas", "value": 2}], {"replicas": 2, "list": [1, 2, 3]}),
        ([{"op": "add", "path": "/spec/list/1", "value": 9}], {"replicas": 1, "list": [1, 9, 2, 3]}),
        ([{"op": "add", "path": "/spec/list/-", "value": 4}], {"replicas": 1, "list": [1, 2, 3, 4]}),
        ([{"op": "remove", "path": "/spec/list/0"}], {"replicas": 1, "list": [2, 3]}),
        ([{"op": "move", "from": "/spec/replicas", "path": "/spec/size"}], {"size": 1, "list": [1, 2, 3]}),
        ([{"op": "copy", "from": "/metadata/annotations/a~1b", "path": "/spec/replicas"}], {"replicas": "1", "list": [1, 2, 3]}),
        ([{"op": "test", "path": "/spec/paused", "value": None}], {"replicas": 1, "list": [1, 2, 3]}),
    ],
)
def test_operations_are_applied_in_order(operations: list[dict[str, Any]], expected: dict[str, Any]) -> None:
    """Each operation does what RFC 6902 says, and the document it starts from stays as it was."""
    before = copy_json(DOCUMENT)
    assert apply_json_patch(DOCUMENT, operations)["spec"] == expected
    assert before == DOCUMENT


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "test", "path": "/metadata/uid", "value": "other"},
        {"op": "test", "path": "/nowhere/at/all", "value": 1},
        {"op": "test", "path": "/spec/replicas", "value": True},
        {"op": "replace", "path": "/spec/absent/deep", "value": 1},
        {"op": "remove", "path": "/spec/absent"},
        {"op": "add", "path": "/metadata/labels/app", "value": "web"},
        {"op": "remove", "path": "/spec/list/3"},
        {"op": "add", "path": "spec", "value": 1},
        {"op": "increment", "path": "/spec/replicas"},
        {"path": "/spec/replicas"},
    ],
)
def test_whatever_cannot_be_applied_is_one_and_the_same_refusal(operation: dict[str, Any]) -> None:
    """A failed test and a missing path are both 422 with a text that tells nothing apart."""
    with pytest.raises(ApiError) as refusal:
        apply_json_patch(DOCUMENT, [operation])
    assert (refusal.value.code, refusal.value.reason, refusal.value.details) == (422, "Invalid", {})
    assert refusal.value.message == "the server rejected our request due to an error in our request"


def test_a_patch_that_is_no_list_is_a_bad_request() -> None:
    """An object in place of the list of operations is 400 with the decoder's words."""
    with pytest.raises(ApiError) as refusal:
        apply_json_patch(DOCUMENT, {"op": "test"})
    assert refusal.value.code == 400
    assert refusal.value.message == "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp"


@given(value=json_values, other=json_values)
def test_a_test_holds_exactly_for_equal_values(value: JsonValue, other: JsonValue) -> None:
    """`test` succeeds when the value is equal as JSON, whatever the order of its members, and fails otherwise."""
    document = {"value": value}
    operations = [{"op": "test", "path": "/value", "value": other}]
    if equal_json(value, other):
        assert apply_json_patch(document, operations) == document
    else:
        with pytest.raises(ApiError):
            apply_json_patch(document, operations)
