"""JSON merge patch, by its laws."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gospel_rollback_tui.drill.kubernetes.documents import copy_json
from gospel_rollback_tui.drill.kubernetes.patches.merge_patch import apply_merge_patch

scalars = st.booleans() | st.integers(-5, 5) | st.text("ab", max_size=2)
documents: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    st.text("abc", min_size=1, max_size=1),
    st.recursive(scalars, lambda children: st.lists(children, max_size=2) | st.dictionaries(st.text("abc", min_size=1, max_size=1), children, max_size=3)),
    max_size=3,
)


@given(document=documents, patch=documents)
def test_a_patch_applied_twice_changes_nothing_the_second_time(document: dict[str, Any], patch: dict[str, Any]) -> None:
    """Merging is idempotent and leaves the original alone."""
    before = copy_json(document)
    once = apply_merge_patch(document, patch)
    assert apply_merge_patch(once, patch) == once
    assert document == before


@given(document=documents)
def test_an_empty_patch_changes_nothing_and_nulls_remove(document: dict[str, Any]) -> None:
    """`{}` is no change; `null` for every member leaves nothing."""
    assert apply_merge_patch(document, {}) == document
    assert apply_merge_patch(document, dict.fromkeys(document)) == {}


def test_lists_are_replaced_whole() -> None:
    """A merge patch knows no merge keys: the sidecar and the old environment are gone."""
    document = {"containers": [{"name": "web", "env": [1]}, {"name": "side"}]}
    assert apply_merge_patch(document, {"containers": [{"name": "web"}]}) == {"containers": [{"name": "web"}]}
