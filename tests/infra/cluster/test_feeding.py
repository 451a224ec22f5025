"""The feeds' sources over real sockets: how each answer of a server reaches a reflector and a log."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from gospel_rollback_tui.domain.errors import CredentialsExpired, Refused
from gospel_rollback_tui.domain.feed import FeedState
from gospel_rollback_tui.domain.pod_state import PodState, pod_from
from gospel_rollback_tui.infra.cluster.connection import ClusterConnection
from gospel_rollback_tui.infra.cluster.feeding import ClusterLogs, ClusterObjects, feed_ports
from gospel_rollback_tui.infra.probes import HttpProbe
from gospel_rollback_tui.live.ports import Silent
from gospel_rollback_tui.live.reflector import Reflector
from tests.infra.cluster.scripted import RESET, Heard, Reply, Script, ScriptedServer, status
from tests.live.clocks import LeapingClock
from tests.live.documents import a_list, a_pod
from tests.live.waiting import until

Serve = Callable[[Script], ScriptedServer]
Connect = Callable[..., ClusterConnection]

PODS = "/api/v1/namespaces/ns/pods"
QUIET = Reply(lines=(), end="hang")
"""A watch that was accepted and says nothing."""


def event(kind: str, document: dict[str, Any]) -> str:
    """Returns a line of a watch, with its end."""
    return json.dumps({"type": kind, "object": document}) + "\n"


GONE = event("ERROR", {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old resource version: 1 (89262)"})


class Play:
    """A script of lists and watches; the last list and a quiet watch answer whatever comes after."""

    def __init__(self, lists: list[Reply], watches: list[Reply]) -> None:
        self.lists = lists
        self.watches = watches
        self.idle = threading.Event()

    def __call__(self, heard: Heard) -> Reply:
        """Answers one request."""
        assert heard.path == PODS
        if "watch" not in heard.query:
            return self.lists.pop(0) if len(self.lists) > 1 else self.lists[0]
        if self.watches:
            return self.watches.pop(0)
        self.idle.set()
        return QUIET


@contextmanager
def reflecting(server: ScriptedServer, connection: ClusterConnection, play: Play) -> Iterator[Reflector[PodState]]:
    """Reflects the pods until the script is over; stops at once."""
    reflector: Reflector[PodState] = Reflector("pods", ClusterObjects(connection, "api", "v1", kind="pods"), pod_from, LeapingClock(), jitter=lambda: 0.5)
    reflector.start()
    try:
        until(play.idle.is_set, f"the end of the script, heard {server.methods()}")
        until(lambda: reflector.read()[1].state is FeedState.LIVE, "a live feed")
        yield reflector
    finally:
        reflector.stop()
        assert reflector.join(10)


def uids(reflector: Reflector[PodState]) -> set[str]:
    """Returns what is mirrored."""
    return {pod.uid for pod in reflector.read()[0]}


ADDED = event("ADDED", a_pod("b", 8))
BOOKMARK = event("BOOKMARK", {"kind": "Pod", "metadata": {"resourceVersion": "90"}, "spec": {"containers": None}, "status": {}})


@pytest.mark.parametrize(
    ("lists", "watches", "expected", "versions"),
    [
        pytest.param([Reply(body=a_list(7, a_pod("a")))], [], {"a"}, ["7"], id="list"),
        pytest.param([Reply(body=a_list(7))], [Reply(lines=(ADDED,))], {"b"}, ["7", "8"], id="ADDED"),
        pytest.param([Reply(body=a_list(7))], [Reply(lines=(BOOKMARK,))], set(), ["7", "90"], id="BOOKMARK"),
        pytest.param([Reply(body=a_list(7))], [Reply(lines=("\n", ADDED, "\n\n"))], {"b"}, ["7", "8"], id="blank lines"),
        pytest.param([Reply(body=a_list(7))], [Reply(lines=()), Reply(lines=())], set(), ["7", "7", "7"], id="instant close"),
        pytest.param([Reply(body=a_list(7, a_pod("a"))), Reply(body=a_list(9, a_pod("b")))], [Reply(lines=(GONE,))], {"b"}, ["7", "9"], id="410 in the stream"),
        pytest.param([Reply(body=a_list(7)), Reply(body=a_list(9, a_pod("b")))], [status(410, "Expired", "old")], {"b"}, ["7", "9"], id="410 as a status"),
        pytest.param([Reply(body=a_list(7)), Reply(body=a_list(9, a_pod("b")))], [status(403, "Forbidden", "no")], {"b"}, ["7", "9"], id="403"),
        pytest.param([Reply(body=a_list(7)), Reply(body=a_list(9, a_pod("b")))], [status(500, "", "strconv")], {"b"}, ["7", "9"], id="500"),
        pytest.param([Reply(body=a_list(7)), Reply(body=a_list(9, a_pod("b")))], [RESET], {"b"}, ["7", "9"], id="reset before an answer"),
        pytest.param(
            [Reply(body=a_list(7)), Reply(body=a_list(9, a_pod("b")))],
            [Reply(lines=(event("ADDED", a_pod("a", 8)),), end="reset")],
            {"b"},
            ["7", "9"],
            id="cut",
        ),
        pytest.param([Reply(429, "slow down", {"Retry-After": "1"}), Reply(body=a_list(7, a_pod("a")))], [], {"a"}, ["7"], id="429"),
        pytest.param([status(401, "Unauthorized", "Unauthorized"), Reply(body=a_list(7, a_pod("a")))], [], {"a"}, ["7"], id="401"),
        pytest.param([Reply(body="<html>"), Reply(body=a_list(7, a_pod("a")))], [], {"a"}, ["7"], id="no API server"),
        pytest.param([status(404, "NotFound", "no such resource"), Reply(body=a_list(7, a_pod("a")))], [], {"a"}, ["7"], id="404"),
    ],
)
def test_what_a_server_does_and_what_is_mirrored(
    serve: Serve, connect: Connect, lists: list[Reply], watches: list[Reply], expected: set[str], versions: list[str]
) -> None:
    """Whatever happens, the feed comes back live with what is there, watching from where it must."""
    play = Play(list(lists), list(watches))
    server = serve(play)
    with reflecting(server, connect(server), play) as reflector:
        assert uids(reflector) == expected
        asked = [heard.query for heard in server.heard if "watch" in heard.query]
        assert [query["resourceVersion"] for query in asked] == versions
        assert {(query["watch"], query["allowWatchBookmarks"], query["timeoutSeconds"]) for query in asked} == {("true", "true", "20")}


def test_pages_are_followed_by_their_token(serve: Serve, connect: Connect) -> None:
    """Five hundred a page."""
    first = a_list(7, a_pod("a"))
    first["metadata"]["continue"] = "more"
    play = Play([Reply(body=first), Reply(body=a_list(7, a_pod("b")))], [])
    server = serve(play)
    with reflecting(server, connect(server), play) as reflector:
        assert uids(reflector) == {"a", "b"}
    asked = [heard.query for heard in server.heard if "watch" not in heard.query]
    assert asked == [{"limit": "500"}, {"limit": "500", "continue": "more"}]


def test_a_token_that_expires_between_pages_begins_the_list_again(serve: Serve, connect: Connect) -> None:
    """Half a list is never shown."""
    first = a_list(7, a_pod("a"))
    first["metadata"]["continue"] = "more"
    play = Play([Reply(body=first), status(410, "Expired", "too old"), Reply(body=a_list(9, a_pod("b")))], [])
    server = serve(play)
    with reflecting(server, connect(server), play) as reflector:
        assert uids(reflector) == {"b"}


def test_a_source_that_was_stopped_opens_nothing_more(serve: Serve, connect: Connect) -> None:
    """Stopping may come between two calls."""
    server = serve(lambda heard: QUIET)
    source = ClusterObjects(connect(server), "api", "v1", kind="pods")
    source.stop()
    assert list(source.watch_lines("7", 20)) == []
    assert list(source.list_pages(500)) == []
    assert server.heard == []


def test_a_log_is_open_when_it_is_returned_and_asks_for_what_is_missing(serve: Serve, connect: Connect) -> None:
    """Errors come at the opening, lines later."""
    server = serve(lambda heard: Reply(lines=("2026-11-23T03:12:01Z one\n", "2026-11-23T03:12:02Z two\n")))
    lines = ClusterLogs(connect(server)).follow("p", "web", 1_000_000.0, 200, 5.0)
    assert server.heard[0].query == {
        "container": "web",
        "follow": "true",
        "timestamps": "true",
        "sinceTime": "1970-01-12T13:46:40.000000Z",
        "tailLines": "200",
    }
    assert [line.partition(" ")[2] for line in lines] == ["one", "two"]


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (status(400, "BadRequest", 'container "web" in pod "p" is waiting to start: ContainerCreating'), Refused),
        (status(401, "Unauthorized", "Unauthorized"), CredentialsExpired),
        (Reply(0, end="hang"), Silent),
    ],
)
def test_a_log_that_cannot_be_opened_says_why(serve: Serve, connect: Connect, reply: Reply, error: type[Exception]) -> None:
    """Not even headers in time is silence, which a quiet container keeps too."""
    server = serve(lambda heard: reply)
    with pytest.raises(error):
        ClusterLogs(connect(server)).follow("p", "web", None, 200, 0.3)


def test_the_run_before_is_its_lines_or_nothing(serve: Serve, connect: Connect) -> None:
    """A container that never restarted has none."""
    server = serve(lambda heard: Reply(body="2026-11-23T03:12:01Z last words\n"))
    assert ClusterLogs(connect(server)).previous("p", "web", 50) == ("2026-11-23T03:12:01Z last words",)
    assert server.heard[0].query["previous"] == "true"
    server.script = lambda heard: status(400, "BadRequest", 'previous terminated container "web" in pod "p" not found')
    assert ClusterLogs(connect(server)).previous("p", "web", 50) == ()


def test_the_ports_read_the_environments_namespace_and_nothing_else(serve: Serve, connect: Connect) -> None:
    """Four lists and the logs."""
    server = serve(lambda heard: Reply(body=a_list(7)))
    ports = feed_ports(connect(server), HttpProbe())
    for source in (ports.pods, ports.deployments, ports.replica_sets, ports.events):
        assert list(source.list_pages(500)) == [a_list(7)]
    assert [heard.path for heard in server.heard] == [
        "/api/v1/namespaces/ns/pods",
        "/apis/apps/v1/namespaces/ns/deployments",
        "/apis/apps/v1/namespaces/ns/replicasets",
        "/api/v1/namespaces/ns/events",
    ]
    assert set(server.methods()) == {"GET"}
