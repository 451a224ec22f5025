"""List, then watch: every way a stream can end, without real time."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gospel_rollback_tui.domain.errors import CredentialsExpired, Forbidden, NoRoute, RollbackError, ServerDown, Throttled, VersionGone
from gospel_rollback_tui.domain.feed import FeedState, FeedStatus
from gospel_rollback_tui.domain.pod_state import PodState, pod_from
from gospel_rollback_tui.live.backoff import Backoff
from gospel_rollback_tui.live.mirror import Mirror
from gospel_rollback_tui.live.reflector import Reflector
from tests.live.clocks import LeapingClock
from tests.live.documents import a_list, a_pod
from tests.live.sources import GONE, Play, ScriptedObjects, bookmark, event
from tests.live.waiting import until


@contextmanager
def running(source: ScriptedObjects, clock: LeapingClock | None = None) -> Iterator[Reflector[PodState]]:
    """Runs a reflector of pods until its script is over, then stops it."""
    reflector: Reflector[PodState] = Reflector("pods", source, pod_from, clock or LeapingClock(), jitter=lambda: 0.5)
    reflector.start()
    try:
        until(source.idle.is_set, "the end of the script")
        yield reflector
    finally:
        reflector.stop()
        assert reflector.join(10)


def names(reflector: Reflector[PodState]) -> set[str]:
    """Returns the uids in the mirror."""
    return {pod.uid for pod in reflector.read()[0]}


def test_every_page_is_listed_and_the_watch_starts_where_the_list_ended() -> None:
    """Pages add up; managedFields are not kept."""
    source = ScriptedObjects([[a_list(7, a_pod("a")), a_list(7, a_pod("b"))]], [])
    with running(source) as reflector:
        assert names(reflector) == {"a", "b"}
        assert source.watched_from == ["7"]
        assert reflector.read()[1].state is FeedState.LIVE
        assert "managedFields" not in repr(reflector.read()[0])


def test_half_a_list_is_no_word_of_the_whole() -> None:
    """While pages come, nothing is known yet, and how far the list has come is said; an older picture stays as old as it is."""
    clock, met = LeapingClock(), list[tuple[FeedStatus, set[str]]]()
    reflector: Reflector[PodState]

    def taken() -> None:
        until(lambda: reflector.read()[1].detail != "", "the first page's objects")

    def look() -> None:
        clock.seconds += 5
        met.append((reflector.read()[1], names(reflector)))

    relist: list[dict[str, Any] | Exception | Play] = [a_list(9, a_pod("a")), look, a_list(9, a_pod("c"))]
    source = ScriptedObjects([[a_list(7, a_pod("a")), taken, look, a_list(7, a_pod("b"))], relist], [[GONE]])
    reflector = Reflector("pods", source, pod_from, clock, jitter=lambda: 0.5)
    reflector.start()
    until(source.idle.is_set, "the end of the script")
    reflector.stop()
    assert reflector.join(10)
    (first, none), (second, before) = met
    assert (first.state, first.heard, first.detail, none) == (FeedState.LISTING, None, "1 so far", set())
    assert second.heard is not None
    assert (second.heard.monotonic, before) == (5.0, {"a", "b"})
    assert names(reflector) == {"a", "c"}


def test_events_and_bookmarks_move_the_version_and_bookmarks_are_no_objects() -> None:
    """ADDED, MODIFIED, DELETED, blank lines and a bookmark; the next watch starts behind the bookmark."""
    added, modified, deleted = event("ADDED", a_pod("b", 8)), event("MODIFIED", a_pod("a", 9, ready=False)), event("DELETED", a_pod("b", 10))
    source = ScriptedObjects([[a_list(7, a_pod("a"))]], [[added, "", "  ", modified, deleted, bookmark(90)]])
    with running(source) as reflector:
        assert names(reflector) == {"a"}
        assert not reflector.read()[0][0].containers[0].ready
        assert source.watched_from == ["7", "90"]
        assert source.listed == 1


@pytest.mark.parametrize("gone", [GONE, VersionGone("gone")])
def test_a_version_that_is_gone_lists_again_and_keeps_what_stayed(gone: str | Exception) -> None:
    """In the stream or as a status: the difference is applied, nothing is cleared in between."""
    clock = LeapingClock()
    source = ScriptedObjects([[a_list(7, a_pod("a"), a_pod("b"))], [a_list(20, a_pod("b"), a_pod("c"))]], [[gone]])
    with running(source, clock) as reflector:
        assert names(reflector) == {"b", "c"}
        assert source.watched_from == ["7", "20"]
        assert clock.waits == [0.2]


def test_a_relist_that_changes_nothing_is_no_change() -> None:
    """The change number stays, so no row is drawn again."""
    source = ScriptedObjects([[a_list(7, a_pod("a"))], [a_list(20, a_pod("a"))]], [[GONE]])
    with running(source) as reflector:
        assert reflector.read()[2] == 1


@pytest.mark.parametrize(
    ("error", "state", "waits"),
    [
        (CredentialsExpired("Unauthorized"), FeedState.REFUSED, [5.0, 10.0, 20.0, 30.0, 30.0]),
        (Forbidden("no"), FeedState.FORBIDDEN, [5.0, 10.0, 20.0, 30.0, 30.0]),
        (ServerDown("500"), FeedState.DOWN, [0.5, 1.0, 2.0, 4.0, 8.0]),
        (NoRoute("dead"), FeedState.UNREACHABLE, [0.5, 1.0, 2.0, 4.0, 8.0]),
        (Throttled("wait", retry_after=3.0), FeedState.BUSY, [3.0, 6.0, 12.0, 24.0, 30.0]),
    ],
)
def test_failures_are_shown_and_asked_again_ever_more_slowly(error: RollbackError, state: FeedState, waits: list[float]) -> None:
    """Each error has its state and its first delay; the delay doubles up to half a minute; a success forgets it."""
    clock = LeapingClock()
    seen: list[FeedState] = []

    def jitter() -> float:
        seen.append(reflector.read()[1].state)
        return 0.5

    source = ScriptedObjects([*[[error] for _ in waits], [a_list(7, a_pod("a"))]], [])
    reflector: Reflector[PodState] = Reflector("pods", source, pod_from, clock, jitter=jitter)
    reflector.start()
    until(source.idle.is_set, "the end of the script")
    assert clock.waits == pytest.approx(waits)
    assert set(seen[1:]) == {state}
    assert reflector.read()[1].state is FeedState.LIVE
    assert reflector.read()[1].detail == ""
    reflector.stop()
    assert reflector.join(10)


@pytest.mark.parametrize(("jitter", "wait"), [(0.0, 0.4), (0.5, 0.5), (1.0, 0.6)])
def test_jitter_moves_a_delay_by_a_fifth_either_way(jitter: float, wait: float) -> None:
    """So that feeds do not march in step."""
    assert Backoff(lambda: jitter).longer() == pytest.approx(wait)


def test_a_silent_connection_is_stale_within_half_a_minute() -> None:
    """What was heard last gets old; the read timeout ends the silence at 25 s; a list that fails too says unreachable."""
    clock = LeapingClock()

    def silence() -> None:
        clock.seconds += 25

    dead = NoRoute("no connection in time")
    source = ScriptedObjects([[a_list(7, a_pod("a"))], [dead], [dead], [a_list(9, a_pod("b"))]], [[silence, NoRoute("no answer in time")]])
    states: list[tuple[FeedState, bool]] = []

    def jitter() -> float:
        status = reflector.read()[1]
        states.append((status.state, status.known(clock.seconds + 5.1)))
        return 0.5

    reflector: Reflector[PodState] = Reflector("pods", source, pod_from, clock, jitter=jitter)
    reflector.start()
    until(source.idle.is_set, "the end of the script")
    assert states == [(FeedState.RECONNECTING, False), (FeedState.UNREACHABLE, False), (FeedState.UNREACHABLE, False)]
    assert names(reflector) == {"b"}
    reflector.stop()
    assert reflector.join(10)


def test_a_watch_that_is_accepted_and_never_fed_is_no_fresh_news() -> None:
    """Every silence ends in a new list, so that what is shown is never older than one silence."""
    clock = LeapingClock()
    ages: list[float | None] = []

    def silence() -> None:
        ages.append(reflector.read()[1].age(clock.seconds))
        clock.seconds += 25
        ages.append(reflector.read()[1].age(clock.seconds))

    silent: list[str | Exception | Play] = [silence, NoRoute("no answer in time")]
    source = ScriptedObjects([[a_list(number, a_pod(f"p{number}"))] for number in (7, 8, 9)], [silent, silent])
    reflector: Reflector[PodState] = Reflector("pods", source, pod_from, clock, jitter=lambda: 0.5)
    reflector.start()
    until(source.idle.is_set, "the end of the script")
    assert ages == [0.0, 25.0, 0.0, 25.0]
    assert names(reflector) == {"p9"}
    assert clock.waits == [0.5, 0.5]
    reflector.stop()
    assert reflector.join(10)


def test_a_server_that_closes_at_once_is_not_hammered() -> None:
    """A watch that lived less than a second is reopened with growing delays, a longer one at once."""
    clock = LeapingClock()

    def lived() -> None:
        clock.seconds += 20

    source = ScriptedObjects([[a_list(7)]], [[], [], [], [lived], [], []])
    with running(source, clock):
        assert clock.waits == pytest.approx([0.5, 1.0, 2.0, 0.5, 1.0])


@pytest.mark.parametrize(
    "line",
    ["{not json", "[]", '{"type":"ADDED"}', '{"type":"ADDED","object":{"metadata":{}}}', '{"type":"NOVEL","object":{}}', "\ufffd", "null"],
)
def test_a_line_without_sense_is_survived(line: str) -> None:
    """The feed goes on, by a new list where an event may have been lost."""
    source = ScriptedObjects([[a_list(7, a_pod("a"))], [a_list(9, a_pod("a"), a_pod("b"))]], [[line, event("ADDED", a_pod("b", 8))]])
    with running(source) as reflector:
        assert names(reflector) == {"a", "b"}


def test_an_error_event_other_than_gone_lists_again() -> None:
    """E.g. 500 in the stream."""
    source = ScriptedObjects([[a_list(7)], [a_list(9, a_pod("a"))]], [[event("ERROR", {"code": 500, "message": "etcd"})]])
    with running(source) as reflector:
        assert names(reflector) == {"a"}


def test_objects_that_make_no_sense_are_counted_and_said() -> None:
    """They do not hide the others, and leave when they make sense again."""
    broken: dict[str, Any] = {"metadata": {"name": "odd", "resourceVersion": "8"}}
    source = ScriptedObjects([[a_list(7, a_pod("a"), broken, broken)]], [])
    with running(source) as reflector:
        assert names(reflector) == {"a"}
        assert reflector.read()[1].malformed == 1
        assert "1 not understood" in reflector.read()[1].words(0.0)


def test_fields_of_the_wrong_type_do_not_end_the_feed() -> None:
    """Null containers, a text for a number, a missing status: the row is there all the same."""
    odd = a_pod("a")
    odd["spec"]["containers"] = None
    odd["status"] = {"phase": 7, "containerStatuses": [{"name": None, "restartCount": "3"}], "conditions": "none"}
    source = ScriptedObjects([[a_list(7, odd, {**a_pod("b"), "status": None})]], [])
    with running(source) as reflector:
        assert names(reflector) == {"a", "b"}


def test_a_list_without_a_version_is_asked_again() -> None:
    """Something else than an API server may answer in between."""
    source = ScriptedObjects([[{"items": [a_pod("a")]}], [a_list(9, a_pod("b"))]], [])
    with running(source) as reflector:
        assert names(reflector) == {"b"}


def test_a_fault_of_this_program_shows_and_does_not_end_the_feed(caplog: pytest.LogCaptureFixture) -> None:
    """The thread survives what nobody expected, and logs it."""
    source = ScriptedObjects([[ZeroDivisionError("bug")], [a_list(9, a_pod("b"))]], [])
    with running(source) as reflector:
        assert names(reflector) == {"b"}
    assert "ZeroDivisionError" in caplog.text


def test_stop_ends_a_silent_watch_and_says_so() -> None:
    """The thread ends; the feed is stopped, not stale."""
    source = ScriptedObjects([[a_list(7)]], [])
    with running(source) as reflector:
        pass
    assert reflector.read()[1].state is FeedState.STOPPED


UIDS = st.sampled_from("abcdef")
CHANGES = st.lists(st.tuples(st.sampled_from(["ADDED", "MODIFIED", "DELETED"]), UIDS, st.integers(0, 5)), max_size=40)


@given(st.dictionaries(UIDS, st.integers(0, 5)), CHANGES)
def test_a_fold_of_events_equals_a_new_list(before: dict[str, int], changes: list[tuple[str, str, int]]) -> None:
    """Whatever came in whatever order, the mirror holds what a list would bring."""
    held = {uid: a_pod(uid, restarts=restarts) for uid, restarts in before.items()}
    folded: Mirror[PodState] = Mirror(pod_from)
    folded.replace(held.values())
    for kind, uid, restarts in changes:
        document = a_pod(uid, restarts=restarts)
        if kind == "DELETED":
            held.pop(uid, None)
            folded.remove(document)
        else:
            held[uid] = document
            folded.put(document)
    listed: Mirror[PodState] = Mirror(pod_from)
    listed.replace(held.values())
    assert {pod.uid: pod for pod in folded.read()[0]} == {pod.uid: pod for pod in listed.read()[0]}
    changes_before = folded.read()[1]
    folded.replace(held.values())
    assert folded.read()[1] == changes_before
