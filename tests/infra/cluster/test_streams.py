"""Streams of lines, and how they end."""

import threading
from collections.abc import Callable

import pytest

from gospel_rollback_tui.domain.errors import NoRoute, RollbackError, ServerDown, VersionGone
from gospel_rollback_tui.infra.cluster.connection import ClusterConnection
from gospel_rollback_tui.infra.cluster.exchange import Request
from gospel_rollback_tui.infra.cluster.streams import ClusterStreams, LineStream
from tests.infra.cluster.scripted import Reply, Script, ScriptedServer, status

Serve = Callable[[Script], ScriptedServer]
Connect = Callable[..., ClusterConnection]

PATH = "/api/v1/namespaces/ns/pods"


def _stream(connection: ClusterConnection, silence: float = 0.5, width: int = 1000) -> LineStream:
    return LineStream(connection, Request("GET", PATH), silence=silence, width=width)


def test_lines_are_whole_however_they_arrive(serve: Serve, connect: Connect) -> None:
    """Chunks do not end where lines do; the last line needs no end of its own."""
    chunks = Reply(lines=('{"a"', ':1}\n{"b":', "2}\n", "\n", '{"c":3}'))
    assert list(_stream(connect(serve(lambda heard: chunks)))) == ['{"a":1}', '{"b":2}', "", '{"c":3}']


def test_a_line_beyond_all_measure_is_dropped(serve: Serve, connect: Connect) -> None:
    """Memory is bounded, and the lines after it are read."""
    chunks = Reply(lines=("x" * 900, "x" * 900, "x\nafter\n"))
    assert list(_stream(connect(serve(lambda heard: chunks)))) == ["after"]


def test_silence_ends_a_stream(serve: Serve, connect: Connect) -> None:
    """A connection that says nothing for too long is taken for dead, after what it had said."""
    stream = _stream(connect(serve(lambda heard: Reply(lines=("one\n",), end="hang"))), silence=0.3)
    assert next(stream) == "one"
    with pytest.raises(NoRoute):
        next(stream)


def test_a_stream_that_breaks_is_told(serve: Serve, connect: Connect) -> None:
    """A reset in the middle is an error, not an end."""
    stream = _stream(connect(serve(lambda heard: Reply(lines=("one\n",), end="reset"))))
    with pytest.raises(ServerDown):
        list(stream)


def test_stopping_ends_a_stream_that_waits(serve: Serve, connect: Connect) -> None:
    """A reader that waits for the next line is let go at once, without an error."""
    stream = _stream(connect(serve(lambda heard: Reply(lines=("one\n",), end="hang"))), silence=25)
    seen: list[str] = []
    waits = threading.Event()
    failures: list[RollbackError] = []

    def _read() -> None:
        try:
            for line in stream:
                seen.append(line)
                waits.set()
        except RollbackError as error:
            failures.append(error)

    reader = threading.Thread(target=_read)
    reader.start()
    assert waits.wait(10)
    stream.stop()
    reader.join(10)
    assert not reader.is_alive()
    assert (seen, failures) == (["one"], [])


def test_a_stopped_stream_is_never_opened(serve: Serve, connect: Connect) -> None:
    """Stopping comes before reading when it must."""
    server = serve(lambda heard: Reply(lines=("one\n",)))
    stream = _stream(connect(server))
    stream.stop()
    assert list(stream) == []
    assert server.heard == []


def test_a_stream_opened_and_stopped_unread_is_closed(serve: Serve, connect: Connect) -> None:
    """Nothing is left open behind it."""
    stream = _stream(connect(serve(lambda heard: Reply(lines=("one\n",), end="hang"))))
    stream.open()
    stream.stop()
    assert list(stream) == []


def test_a_watch_asks_for_bookmarks_and_an_end(serve: Serve, connect: Connect) -> None:
    """It continues from the given version, and the server ends it by itself."""
    server = serve(lambda heard: Reply(lines=('{"type":"BOOKMARK"}\n',)))
    lines = ClusterStreams(connect(server)).watch_lines(PATH, "42", query={"labelSelector": "app=web"}, timeout=20)
    assert list(lines) == ['{"type":"BOOKMARK"}']
    assert server.heard[0].query == {
        "labelSelector": "app=web",
        "watch": "true",
        "allowWatchBookmarks": "true",
        "resourceVersion": "42",
        "timeoutSeconds": "20",
    }


def test_a_version_that_is_gone_is_told(serve: Serve, connect: Connect) -> None:
    """Status 410 to a watch means that the list must be read again."""
    with pytest.raises(VersionGone):
        list(ClusterStreams(connect(serve(lambda heard: status(410, "Expired")))).watch_lines(PATH, "1"))


def test_log_lines_are_harmless(serve: Serve, connect: Connect) -> None:
    """Escape sequences and carriage returns of a log never reach the screen."""
    server = serve(lambda heard: Reply(lines=("2026-01-01T00:00:00Z \x1b[31mred\x1b[0m\r\n",)))
    lines = ClusterStreams(connect(server)).log_lines("web-1", "web", since=1_780_000_000.5, tail=10, previous=True)
    assert list(lines) == ["2026-01-01T00:00:00Z red"]
    assert server.heard[0].path == "/api/v1/namespaces/ns/pods/web-1/log"
    assert server.heard[0].query == {
        "container": "web",
        "previous": "true",
        "timestamps": "true",
        "sinceTime": "2026-05-28T20:26:40.500000Z",
        "tailLines": "10",
    }


def test_a_name_never_reaches_another_path(serve: Serve, connect: Connect) -> None:
    """A hostile pod name is quoted as one part of the path."""
    server = serve(lambda heard: Reply(lines=()))
    list(ClusterStreams(connect(server)).log_lines("../../secrets?x=", "web"))
    assert server.heard[0].path == "/api/v1/namespaces/ns/pods/..%2F..%2Fsecrets%3Fx%3D/log"
