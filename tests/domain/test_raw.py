"""Reading JSON that may hold anything."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gospel_rollback_tui.domain.cluster_events import event_from
from gospel_rollback_tui.domain.pod_state import pod_from
from gospel_rollback_tui.domain.pods import judge_pod
from gospel_rollback_tui.domain.raw import child, moment, number, text
from gospel_rollback_tui.domain.references import references_of
from gospel_rollback_tui.domain.rollout import judge_rollout
from gospel_rollback_tui.domain.workloads import deployment_from, replica_set_from
from tests.domain.cluster_objects import a_deployment, a_pod, a_replica_set

_LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=8)
_JSON = st.recursive(_LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3), max_leaves=8)


def _paths(value: object, at: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    found = [at] if at else []
    if isinstance(value, dict):
        found += [path for key, held in value.items() for path in _paths(held, (*at, key))]
    elif isinstance(value, list):
        found += [path for index, held in enumerate(value) for path in _paths(held, (*at, index))]
    return found


def _replaced(value: object, path: tuple[object, ...], new: object) -> object:
    if not path:
        return new
    if isinstance(value, dict):
        return {key: _replaced(held, path[1:], new) if key == path[0] else held for key, held in value.items()}
    if isinstance(value, list):
        return [_replaced(held, path[1:], new) if index == path[0] else held for index, held in enumerate(value)]
    return value


@given(st.data())
def test_one_broken_field_never_breaks_an_object(data: st.DataObject) -> None:
    """Any value in any place of a Deployment, ReplicaSet, pod or event is read without an error."""
    whole = {"deployment": a_deployment(), "set": a_replica_set(1), "pod": a_pod(), "event": {"involvedObject": {"name": "x"}, "eventTime": None}}
    path = data.draw(st.sampled_from(_paths(whole)))
    broken = child(_replaced(whole, path, data.draw(_JSON)))
    deployment = deployment_from(child(broken, "deployment"))
    replica_set = replica_set_from(child(broken, "set"))
    pod = pod_from(child(broken, "pod"))
    event = event_from(child(broken, "event"))
    judge_pod(pod)
    judge_rollout(deployment, replica_set, (pod,), (event,), 0.0)
    references_of(deployment.template)


@pytest.mark.parametrize(("value", "expected"), [("3", 3), (3, 3), (3.0, 3), ("x", 0), (None, 0), (True, 0), (2.5, 0), ([], 0)])
def test_numbers_are_read_leniently(value: object, expected: int) -> None:
    """A count written as a text still counts; nonsense is the default."""
    assert number(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-11-23T06:00:00Z", 1795413600.0),
        ("2026-11-23T06:00:00.250000Z", 1795413600.25),
        ("2026-11-23T07:00:00+01:00", 1795413600.0),
        ("2026-11-23T06:00:00", None),
        ("soon", None),
        (None, None),
        (5, None),
    ],
)
def test_times_need_a_zone(value: object, expected: float | None) -> None:
    """RFC 3339 times are read with and without fractions; a time without a zone is none."""
    assert moment(value) == expected


def test_text_is_harmless() -> None:
    """Escape sequences are gone once a text has been read."""
    assert text("a\x1b[31mb") == "ab"


def test_a_number_that_is_none_is_the_default() -> None:
    """Infinity and not-a-number, which JSON readers let through, are no whole numbers."""
    assert [number(float(words), 7) for words in ("inf", "-inf", "nan", "2.5", "3.0")] == [7, 7, 7, 7, 3]
