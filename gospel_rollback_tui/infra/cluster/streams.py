"""Streams of lines that any thread can stop: watches and followed logs."""

import contextlib
import threading
from collections.abc import Generator, Iterator, Mapping
from datetime import UTC, datetime

import urllib3

from gospel_rollback_tui.domain.errors import CredentialsExpired
from gospel_rollback_tui.domain.text import clean
from gospel_rollback_tui.infra.cluster.connection import ClusterConnection
from gospel_rollback_tui.infra.cluster.exchange import Request, path_of, query_of
from gospel_rollback_tui.infra.cluster.refusals import judge_failure

WATCH_SECONDS = 20
"""After which the server ends a watch by itself; cheap to continue."""
SILENCE_SLACK = 5.0
"""Seconds that a watch may be silent beyond its own end: with it a dead link is noticed within 25 s."""
LOG_SILENCE = 35.0
"""Seconds that a followed log may be silent before it is opened again."""
_LOG_WIDTH = 4000
_WATCH_WIDTH = 8 * 1024 * 1024
"""Bytes of one line beyond which it is dropped: no object of the API is as large."""


class LineStream:
    """The lines of one answer that keeps coming; opened by the first `next`, ended by the server or by `stop`."""

    def __init__(self, connection: ClusterConnection, request: Request, *, silence: float, width: int = _WATCH_WIDTH) -> None:
        """`silence`: seconds without a byte that are borne; `width`: bytes that one line may have."""
        self._connection = connection
        self._request = request
        self._silence = silence
        self._width = width
        self._halted = threading.Event()
        self._response: urllib3.BaseHTTPResponse | None = None
        self._lines = self._read()
        self._reading = False

    def __iter__(self) -> Iterator[str]:
        """Returns itself: a stream is read once."""
        return self

    def __next__(self) -> str:
        """Returns the next line without its end.

        Raises:
            StopIteration: The server ended the stream, or it was stopped.
            RollbackError: It could not be opened, or the connection broke or went silent.
        """
        try:
            return next(self._lines)
        except ValueError:
            if self._halted.is_set():  # stop() is closing the generator at this moment
                raise StopIteration from None
            raise

    def stop(self) -> None:
        """Ends the stream at once, from any thread; a `next` that waits returns by StopIteration."""
        self._halted.set()
        response = self._response
        if response is None:
            return
        if self._reading:
            with contextlib.suppress(ValueError, RuntimeError, OSError):
                response.shutdown()
            with contextlib.suppress(ValueError):  # a reader that waits is let go by the shutdown and closes by itself
                self._lines.close()
        else:
            response.close()

    def close(self) -> None:
        """Ends the stream and gives its connection back; for the thread that reads it, wherever it stopped reading."""
        self.stop()
        self._lines.close()
        response = self._response
        if response is not None:
            self._response = None
            response.close()

    def open(self) -> None:
        """Opens the stream now rather than at the first `next`; raises what opening it meets. A stopped one stays closed."""
        if self._response is not None or self._halted.is_set():
            return
        response = self._response = self._open()
        if self._halted.is_set():
            response.close()
            self._response = None

    def _open(self) -> urllib3.BaseHTTPResponse:
        try:
            return self._connection.open(self._request, read=self._silence)
        except CredentialsExpired:
            if not self._connection.reject_credentials():
                raise
        return self._connection.open(self._request, read=self._silence)

    def _read(self) -> Generator[str, None, None]:
        self.open()
        response = self._response
        if response is None:
            return
        self._reading = True
        try:
            yield from self._split(response)
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            if not self._halted.is_set():
                raise judge_failure(error, self._request, self._connection.server(), sent=True) from error
        finally:
            response.close()
            self._response = None

    def _split(self, response: urllib3.BaseHTTPResponse) -> Iterator[str]:
        rest = bytearray()
        skipping = False
        while not self._halted.is_set():
            part = response.read1(64 * 1024)
            if not part:
                break
            *lines, tail = part.split(b"\n")
            for line in lines:
                rest += line
                if not skipping and not self._halted.is_set():
                    yield rest.decode(errors="replace")
                rest.clear()
                skipping = False
            rest += tail
            if len(rest) > self._width:
                rest.clear()
                skipping = True
        if rest and not skipping and not self._halted.is_set():
            yield rest.decode(errors="replace")


class LogLines:
    """The lines of one container's log, made harmless; as a `LineStream`."""

    def __init__(self, stream: LineStream) -> None:
        """Wraps the raw stream."""
        self._stream = stream

    def __iter__(self) -> Iterator[str]:
        """Returns itself: a stream is read once."""
        return self

    def __next__(self) -> str:
        """Returns the next line; ends and raises as `LineStream`."""
        return clean(next(self._stream).rstrip("\r"), _LOG_WIDTH)

    def open(self) -> None:
        """Opens the stream now, as `LineStream`."""
        self._stream.open()

    def close(self) -> None:
        """Ends the stream and gives its connection back, as `LineStream`."""
        self._stream.close()

    def stop(self) -> None:
        """Ends the stream at once, from any thread."""
        self._stream.stop()


class ClusterStreams:
    """Opens watches and logs in the environment's namespace."""

    def __init__(self, connection: ClusterConnection) -> None:
        """Streams over the given connection."""
        self._connection = connection

    def watch_lines(self, path: str, resource_version: str, *, query: Mapping[str, str] | None = None, timeout: int = WATCH_SECONDS) -> LineStream:
        """Returns the changes of a list after a resourceVersion, one JSON text a line.

        A version that is too old raises VersionGone, or comes as a line of type ERROR with code 410.

        Args:
            path: The list's path.
            resource_version: Where the list, or the last event, ended.
            query: Selectors of the list.
            timeout: Seconds until the server ends the watch.
        """
        watch = query_of(watch=True, allowWatchBookmarks=True, resourceVersion=resource_version, timeoutSeconds=timeout)
        request = Request("GET", path, (*(query or {}).items(), *watch))
        return LineStream(self._connection, request, silence=timeout + SILENCE_SLACK)

    def log_lines(
        self,
        pod: str,
        container: str = "",
        *,
        follow: bool = False,
        since: float | None = None,
        tail: int | None = None,
        previous: bool = False,
        silence: float = LOG_SILENCE,
        namespace: str = "",
    ) -> LogLines:
        """Returns the lines of a container's log, each beginning with its RFC 3339 time.

        Args:
            pod: Name of the pod.
            container: Empty only if it has just one.
            follow: Go on until the container ends.
            since: Lines from that time on, seconds since the epoch by the cluster's clock.
            tail: At most so many old lines.
            previous: Of the container's run before this one.
            silence: Seconds without a byte that are borne.
            namespace: Where the pod lives; empty: in the environment's namespace.
        """
        path = path_of("api", "v1", "namespaces", namespace or self._connection.cluster.namespace, "pods", pod, "log")
        started = datetime.fromtimestamp(since, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if since is not None else None
        query = query_of(
            container=container or None,
            follow=follow or None,
            previous=previous or None,
            timestamps=True,
            sinceTime=started,
            tailLines=tail,
        )
        return LogLines(LineStream(self._connection, Request("GET", path, query), silence=silence, width=64 * 1024))
