"""Feeds beside those of the services: nodes, and the pods of further namespaces; what one may not read holds no other up."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from gospel_rollback_tui.domain.errors import Forbidden, NoRoute, RollbackError
from gospel_rollback_tui.domain.estate import EVERY_NAMESPACE
from gospel_rollback_tui.domain.feed import FeedState
from gospel_rollback_tui.domain.health import Verdict
from gospel_rollback_tui.domain.namespaces import place_of, troubled
from gospel_rollback_tui.domain.nodes import NodeHealth
from gospel_rollback_tui.live.further import FurtherFeeds, FurtherPorts
from gospel_rollback_tui.live.nodes import NodeFeed
from tests.domain.test_nodes import a_node
from tests.live.clocks import LeapingClock, SteppedClock
from tests.live.documents import Document, a_list, a_pod
from tests.live.sources import GONE, ScriptedObjects, event
from tests.live.waiting import until

HOME = "gospelib-production"
FORBIDDEN = Forbidden('pods is forbidden: User "operator" cannot list resource "pods"')


def stranger(uid: str, namespace: str, version: int = 1, **status: Any) -> Document:  # noqa: ANN401 - any JSON
    """Returns a pod of another namespace that no Deployment of the services owns."""
    pod = a_pod(uid, version, **status)
    pod["metadata"] |= {"namespace": namespace, "name": f"ledger-{uid}", "labels": {"app": "ledger"}}
    return pod


def warning(uid: str, pod: str, at: str) -> Document:
    """Returns a warning about a pod."""
    return {"metadata": {"uid": uid, "name": uid}, "type": "Warning", "reason": "BackOff", "involvedObject": {"kind": "Pod", "uid": pod}, "lastTimestamp": at}


def quiet() -> ScriptedObjects:
    """Returns a source of events without any."""
    return ScriptedObjects([[a_list(1)]], [])


@contextmanager
def watching(ports: Sequence[FurtherPorts], clock: LeapingClock | SteppedClock) -> Iterator[FurtherFeeds]:
    """Runs the feeds of further namespaces."""
    feeds = FurtherFeeds(ports, HOME, clock, lambda: 0.5)
    for one in feeds.reflectors:
        one.start()
    try:
        yield feeds
    finally:
        for one in feeds.reflectors:
            one.stop()
        for one in feeds.reflectors:
            assert one.join(10)


def test_a_namespace_that_may_not_be_read_is_said_by_name_while_the_others_go_on() -> None:
    """Forbidden, said with the name; the rows of the other are live, and asking again becomes ever rarer."""
    clock = SteppedClock()
    denied = ScriptedObjects([[FORBIDDEN]] * 9, [])
    ports = [
        FurtherPorts("payments", ScriptedObjects([[a_list(3, stranger("a", "payments"))]], []), quiet()),
        FurtherPorts("vault", denied, quiet()),
    ]
    with watching(ports, clock) as feeds:
        until(lambda: len(feeds.read().pods) == 1 and clock.waiting(1), "the pods of the one, the refusal of the other")
        payments, vault = feeds.places()
        assert (payments.pods.known(0.0), vault.pods.known(0.0)) == (True, False)
        assert troubled(feeds.places(), 0.0) == ("vault: no right to read it",)
        asked = denied.listed
        clock.advance(4.0)
        assert denied.listed == asked  # the first refusal is borne for five seconds
        clock.advance(1.5)
        until(lambda: denied.listed == asked + 1, "the second question")
        until(lambda: clock.waiting(1), "its refusal")
        clock.advance(9.0)
        assert denied.listed == asked + 1


def test_a_namespace_that_falls_silent_is_stale_by_itself() -> None:
    """Half a minute after its last word its rows are no longer believed, those of the other are."""
    clock = SteppedClock()
    talking = ScriptedObjects([[a_list(3, stranger("a", "payments"))]], [[lambda: until(lambda: clock.now().monotonic > 30.0, "time"), ""]])
    silent = ScriptedObjects([[a_list(3, stranger("b", "search"))]], [])
    with watching([FurtherPorts("payments", talking, quiet()), FurtherPorts("search", silent, quiet())], clock) as feeds:
        until(lambda: len(feeds.read().pods) == 2, "both lists")
        assert troubled(feeds.places(), clock.now().monotonic) == ()
        clock.advance(31.0)
        until(talking.idle.is_set, "a word of the one")
        now = clock.now().monotonic
        assert troubled(feeds.places(), now) == ("search: stale 31 s",)
        assert [place.pods.known(now) for place in feeds.places()] == [True, False]
        assert len(feeds.read().pods) == 2  # what was last seen stays, under the question mark


def test_a_gap_in_the_watch_of_one_namespace_is_listed_over() -> None:
    """410 in one of them: listed anew by the difference, the other is not touched."""
    clock = LeapingClock()
    gone = ScriptedObjects([[a_list(3, stranger("a", "payments"))], [a_list(9, stranger("b", "payments"))]], [[GONE]])
    other = ScriptedObjects([[a_list(3, stranger("c", "search"))]], [])
    with watching([FurtherPorts("payments", gone, quiet()), FurtherPorts("search", other, quiet())], clock) as feeds:
        until(gone.idle.is_set, "the second list")
        until(other.idle.is_set, "the other list")
        assert {row.uid for row in feeds.read().pods} == {"b", "c"}
        assert (gone.listed, other.listed) == (2, 1)


def test_rows_of_further_namespaces_belong_to_no_service_and_are_made_once() -> None:
    """Judged as any pod is; a job's pod that has ended well is good; nothing is made anew while nothing changes."""
    done = stranger("d", "payments", phase="Succeeded", conditions=[], containerStatuses=[])
    crashing = {"name": "ledger", "ready": False, "restartCount": 4, "state": {"waiting": {"reason": "CrashLoopBackOff"}}}
    bad = stranger("b", "payments", conditions=[], containerStatuses=[crashing])
    events = ScriptedObjects([[a_list(1, warning("e1", "b", "2026-11-23T03:00:00Z"), warning("e2", "b", "2026-11-23T03:01:00Z"))]], [])
    source = ScriptedObjects([[a_list(3, stranger("a", "payments"), bad, done)]], [])
    with watching([FurtherPorts(EVERY_NAMESPACE, source, events)], LeapingClock()) as feeds:
        until(lambda: len(feeds.read().pods) == 3 and len(feeds.read().events) == 2, "everything")
        rows = {row.uid: row for row in feeds.read().pods}
        assert {(row.service, row.namespace, row.revision, row.newest) for row in rows.values()} == {("", "payments", None, None)}
        assert [rows[uid].verdict for uid in "abd"] == [Verdict.GOOD, Verdict.BAD, Verdict.GOOD]
        assert (rows["b"].state, rows["d"].ready) == ("CrashLoopBackOff", False)
        first, second = (one.last or 0.0 for one in feeds.read().events)
        assert first > second
        assert feeds.read() is feeds.read()
        place = place_of(feeds.places(), "payments")
        assert place is not None
        assert (place.shown, place_of(feeds.places(), HOME), place_of(feeds.places(), "")) == ("other namespaces", None, None)


@contextmanager
def nodes(source: ScriptedObjects, clock: LeapingClock | SteppedClock) -> Iterator[NodeFeed]:
    """Runs a feed of nodes."""
    feed = NodeFeed(source, clock, lambda: 0.5)
    feed.reflector.start()
    try:
        yield feed
    finally:
        feed.reflector.stop()
        assert feed.reflector.join(10)


def named(name: str, raw: Document) -> Document:
    """Returns the node under that name."""
    return {**raw, "metadata": {"name": name, "uid": name, "resourceVersion": "8"}}


def test_nodes_are_watched_and_judged_worst_first() -> None:
    """One of three falls silent, one is cordoned; what is ready is only counted."""
    listed = a_list(7, *(named(f"n{number}", a_node(cordoned=number == 0)) for number in range(3)))
    source = ScriptedObjects([[listed]], [[event("MODIFIED", named("n2", a_node("Unknown")))]])
    with nodes(source, LeapingClock()) as feed:
        until(source.idle.is_set, "the end of the script")
        seen = feed.snapshot()
        assert (seen.total, [(one.name, one.health) for one in seen.unwell]) == (3, [("n2", NodeHealth.SILENT), ("n0", NodeHealth.CORDONED)])
        assert seen.of("n1") is None
        assert seen.kubelets == {f"n{number}": "v1.34.2" for number in range(3)}
        assert feed.snapshot().unwell is seen.unwell
        assert [one.ready for one in feed.states(10.0) or ()] == [True, True, False]


def test_nodes_that_may_not_be_read_are_unknown_and_asked_for_ever_more_rarely() -> None:
    """The questions come after 5, 10, 20, then 30 seconds, and are answered once there is a right."""
    clock = LeapingClock()
    source = ScriptedObjects([*[[Forbidden('nodes is forbidden: User "operator"')]] * 5, [a_list(7, named("n1", a_node()))]], [])
    with nodes(source, clock) as feed:
        until(source.idle.is_set, "the right to read them")
        assert clock.waits == pytest.approx([5.0, 10.0, 20.0, 30.0, 30.0])
        assert feed.snapshot().total == 1


@pytest.mark.parametrize(("error", "state"), [(Forbidden("nodes is forbidden"), FeedState.FORBIDDEN), (NoRoute("dead"), FeedState.RECONNECTING)])
def test_only_a_missing_right_is_an_answer_for_triage(error: RollbackError, state: FeedState) -> None:
    """Forbidden is passed on, so that no round asks again by itself; anything else is not believed, and asked for."""
    clock = SteppedClock()
    with nodes(ScriptedObjects([[error]] * 3, []), clock) as feed:
        until(lambda: clock.waiting(1), "the first failure")
        assert feed.snapshot().status.state is state
        if state is FeedState.FORBIDDEN:
            with pytest.raises(Forbidden, match="nodes is forbidden"):
                feed.states(0.0)
        else:
            assert feed.states(0.0) is None
