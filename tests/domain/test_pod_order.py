"""Pods as a list: filtered, ordered, grouped; failing ones first unless asked otherwise."""

import pytest

from gospel_rollback_tui.domain.health import Verdict
from gospel_rollback_tui.domain.pod_order import Grouping, Order, PodGroup, PodView, arranged
from gospel_rollback_tui.domain.snapshots import PodRow
from tests.ui.builders import NOW, pod

GOOD = pod("gateway", "ready", created=NOW.wall - 100, node="n1")
STARTING = pod("gateway", "starts", "Starting", Verdict.UNKNOWN, created=NOW.wall - 10, node="n2")
LEAVING = pod(
    "auth", "leaves", "Terminating", Verdict.UNKNOWN, leaving=True, created=NOW.wall - 900, node="n2", revision=41, template_hash="5b5c", newest=False
)
CRASHING = pod("billing", "crash", "CrashLoopBackOff", Verdict.BAD, created=NOW.wall - 50, restarts=7, node="")
OLD_CRASH = pod("billing", "older", "Error", Verdict.BAD, created=NOW.wall - 500, restarts=9, node="n1", revision=41, template_hash="5b5c", newest=False)
EVERY = (GOOD, STARTING, LEAVING, CRASHING, OLD_CRASH)


def names(view: PodView) -> list[str]:
    """The list as short names, headings in brackets."""
    return [f"[{entry.name} {entry.ready}/{entry.pods}]" if isinstance(entry, PodGroup) else entry.short for entry in arranged(EVERY, view)]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (Order.FAILING, ["crash", "older", "starts", "leaves", "ready"]),
        (Order.RESTARTS, ["older", "crash", "starts", "leaves", "ready"]),
        (Order.NEWEST, ["starts", "crash", "ready", "older", "leaves"]),
        (Order.NAME, ["leaves", "crash", "older", "ready", "starts"]),
        (Order.NODE, ["crash", "older", "ready", "starts", "leaves"]),
    ],
)
def test_each_order(order: Order, expected: list[str]) -> None:
    """Among equals the failing one stands first."""
    assert names(PodView(order=order)) == expected


def test_only_what_is_not_ready() -> None:
    """A pod on its way out is not ready, whatever its conditions say."""
    assert names(PodView(failing_only=True)) == ["crash", "older", "starts", "leaves"]


@pytest.mark.parametrize(
    ("needle", "expected"), [("CRASHloop", ["crash"]), ("n2", ["starts", "leaves"]), ("billing", ["crash", "older"]), ("v2.15", None), ("no such", [])]
)
def test_the_needle_is_looked_for_in_what_one_sees(needle: str, expected: list[str] | None) -> None:
    """Name, state, image, node and service; case does not count."""
    assert names(PodView(needle=needle)) == (names(PodView()) if expected is None else expected)


def test_groups_with_failing_pods_come_first_and_count_what_is_not_listed() -> None:
    """A filter hides rows, not the truth about their group."""
    view = PodView(grouping=Grouping.SERVICE, failing_only=True)
    assert names(view) == ["[billing 0/2]", "crash", "older", "[auth 0/1]", "leaves", "[gateway 1/2]", "starts"]


def test_old_and_new_replica_sets_are_told_apart() -> None:
    """The heading says which is current."""
    headings = [entry.name for entry in arranged(EVERY, PodView(grouping=Grouping.REPLICA_SET)) if isinstance(entry, PodGroup)]
    assert headings == ["billing 5b5c · revision 41", "billing 7c9f · revision 42, current", "auth 5b5c · revision 41", "gateway 7c9f · revision 42, current"]


def test_a_pod_without_a_node_or_a_revision_has_a_group_all_the_same() -> None:
    """Nothing is left out for what is not known of it."""
    odd: PodRow = pod("gateway", "odd", revision=None, template_hash="", node="")
    assert [entry.name for entry in arranged((odd,), PodView(grouping=Grouping.NODE)) if isinstance(entry, PodGroup)] == ["no node yet"]
    assert [entry.name for entry in arranged((odd,), PodView(grouping=Grouping.REPLICA_SET)) if isinstance(entry, PodGroup)] == ["gateway · revision unknown"]


def test_what_has_done_its_work_is_not_listed_as_not_ready() -> None:
    """A job's pod that ended well is neither failing nor on its way."""
    done = pod("", "job", "Completed", Verdict.GOOD, ready=False, namespace="batch")
    assert arranged((done, STARTING), PodView(failing_only=True)) == (STARTING,)
    assert arranged((done, STARTING), PodView()) == (STARTING, done)


def test_of_equal_urgency_the_services_own_pods_come_first() -> None:
    """What another namespace does is evidence, what the services do is the matter."""
    other = pod("", "other", "CrashLoopBackOff", Verdict.BAD, created=NOW.wall - 1, namespace="payments")
    assert [row.short for row in arranged((other, *EVERY), PodView(several=True)) if not isinstance(row, PodGroup)][:3] == ["crash", "older", "other"]


def test_the_needle_looks_at_namespaces_only_where_there_are_several() -> None:
    """Otherwise every pod would hold it."""
    row = pod("gateway", "a", namespace="production")
    assert arranged((row,), PodView(needle="production")) == ()
    assert arranged((row,), PodView(needle="production", several=True)) == (row,)
