"""Label and field selectors."""

from typing import Any

import pytest

from gospel_rollback_tui.drill.kubernetes.selectors import selection
from gospel_rollback_tui.drill.kubernetes.statuses import ApiError

POD: dict[str, Any] = {
    "metadata": {"name": "web-1", "namespace": "kx", "labels": {"app": "web", "tier": "front"}},
    "spec": {"nodeName": "node-1"},
    "status": {"phase": "Running"},
}


@pytest.mark.parametrize(
    ("labels", "fields", "matches"),
    [
        ("app=web", "", True),
        ("app==web,tier=front", "", True),
        ("app!=web", "", False),
        ("app in (web, api),tier", "", True),
        ("app notin (web)", "", False),
        ("!app", "", False),
        ("!other", "", True),
        ("other!=x", "", True),
        ("", "status.phase=Running,spec.nodeName=node-1", True),
        ("", "metadata.name=web-2", False),
        ("", "metadata.namespace!=kx", False),
        ("", "status.phase!=Failed", True),
        ("", "spec.unknown=", True),
    ],
)
def test_terms_are_judged_together(labels: str, fields: str, matches: bool) -> None:
    """Every term of both selectors has to hold."""
    assert selection(labels, fields)(POD) is matches


def test_a_namespace_narrows_a_selection() -> None:
    """Objects of another namespace are not selected."""
    assert selection(namespace="kx")(POD)
    assert not selection(namespace="other")(POD)


@pytest.mark.parametrize(("labels", "fields"), [("a=b=c", ""), ("app in web", ""), ("", "status.phase")])
def test_what_is_no_selector_is_a_bad_request(labels: str, fields: str) -> None:
    """A text that cannot be read is 400."""
    with pytest.raises(ApiError) as refusal:
        selection(labels, fields)
    assert refusal.value.code == 400
