"""The sources of live feeds over one cluster connection: lists in pages, watches and followed logs, all stoppable."""

import threading
from collections.abc import Iterator
from typing import Any

from gospel_rollback_tui.domain.errors import CredentialsExpired, NotFound, Refused
from gospel_rollback_tui.domain.raw import moment
from gospel_rollback_tui.infra.cluster.connection import ClusterConnection
from gospel_rollback_tui.infra.cluster.exchange import Request, path_of, query_of
from gospel_rollback_tui.infra.cluster.streams import ClusterStreams, LineStream, LogLines

LIST_SECONDS = 10.0
"""Silence that a page of a list is given."""


class ClusterObjects:
    """One kind of object in the environment's namespace, listed and watched raw."""

    def __init__(self, connection: ClusterConnection, *api: str, kind: str) -> None:
        """`api` and `kind` as in the API's path, e.g. `"apis", "apps", "v1", kind="deployments"`."""
        self._connection = connection
        self._path = path_of(*api, "namespaces", connection.cluster.namespace, kind)
        self._lock = threading.Lock()
        self._stream: LineStream | None = None

    def list_pages(self, limit: int) -> Iterator[dict[str, Any]]:
        """Yields each page of the list; nothing is tried again here, since the feed backs off by itself."""
        token: str | None = None
        while True:
            page = self._page(query_of(limit=limit, **({"continue": token} if token else {})))
            yield page
            metadata = page.get("metadata")
            found = metadata.get("continue") if isinstance(metadata, dict) else None
            token = str(found) if found else None
            if token is None:
                return

    def _page(self, query: tuple[tuple[str, str], ...]) -> dict[str, Any]:
        request = Request("GET", self._path, query)
        try:
            return self._connection.ask(request, read=LIST_SECONDS).json()
        except CredentialsExpired:
            if not self._connection.reject_credentials():
                raise
        return self._connection.ask(request, read=LIST_SECONDS).json()

    def watch_lines(self, resource_version: str, seconds: int, read_timeout: float) -> Iterator[bytes]:
        """Yields each line of a watch with bookmarks; ends when the server closes it, or at `stop`."""
        query = query_of(watch=True, allowWatchBookmarks=True, resourceVersion=resource_version, timeoutSeconds=seconds)
        stream = LineStream(self._connection, Request("GET", self._path, query), silence=read_timeout)
        with self._lock:
            self._stream = stream
        try:
            for line in stream:
                yield line.encode()
        finally:
            with self._lock:
                self._stream = None

    def stop(self) -> None:
        """Ends the watch in flight at once, from any thread."""
        with self._lock:
            stream = self._stream
        if stream is not None:
            stream.stop()


class FollowedLog:
    """One open stream of log lines."""

    def __init__(self, lines: LogLines) -> None:
        """Wraps the cluster's stream."""
        self._lines = lines

    def __iter__(self) -> Iterator[bytes]:
        """Yields lines without their newline; ends with the container."""
        for line in self._lines:
            yield line.encode()

    def close(self) -> None:
        """Ends the stream at once, from any thread."""
        self._lines.stop()


class ClusterLogs:
    """The logs of the namespace's containers."""

    def __init__(self, connection: ClusterConnection) -> None:
        """Opens nothing yet."""
        self._streams = ClusterStreams(connection)

    def follow(self, pod: str, container: str, since_time: str, tail_lines: int, read_timeout: float) -> FollowedLog:
        """Opens a following stream with the kubelet's time before each line; the silence borne is the connection's own."""
        since = moment(since_time) if since_time else None
        return FollowedLog(self._streams.log_lines(pod, container, follow=True, since=since, tail=None if since else tail_lines))

    def previous(self, pod: str, container: str, tail_lines: int) -> list[bytes]:
        """Returns the last lines of the container's run before this one; empty if there was none."""
        try:
            return [line.encode() for line in self._streams.log_lines(pod, container, tail=tail_lines, previous=True)]
        except (Refused, NotFound):
            return []
