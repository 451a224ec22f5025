"""The sources of live feeds over one cluster connection: lists in pages, watches and logs that are open when they are returned."""

import threading
from collections.abc import Iterator
from typing import Any

import urllib3

from gospel_rollback_tui.domain.errors import CredentialsExpired, NoRoute, Refused
from gospel_rollback_tui.domain.estate import EVERY_NAMESPACE
from gospel_rollback_tui.domain.log_lines import split_stamp
from gospel_rollback_tui.infra.cluster.connection import ClusterConnection
from gospel_rollback_tui.infra.cluster.exchange import Request, path_of, query_of
from gospel_rollback_tui.infra.cluster.streams import ClusterStreams, LineStream, LogLines
from gospel_rollback_tui.live.estate import FeedPorts
from gospel_rollback_tui.live.further import FurtherPorts
from gospel_rollback_tui.live.ports import HttpAsker, MetricSource, Silent

LAST_LINES = 12
"""Lines of a log that nobody follows."""
LIST_SECONDS = 10.0
"""Silence that a page of a list is given."""


class ClusterObjects:
    """One kind of object, listed and watched raw: the feeds' `ObjectSource`."""

    def __init__(self, connection: ClusterConnection, *api: str, kind: str, namespace: str | None = None, fields: str = "") -> None:
        """Asks nothing yet.

        Args:
            connection: The environment's cluster.
            api: As in the API's path, e.g. `"apis", "apps", "v1"`.
            kind: As in the API's path, e.g. `deployments`.
            namespace: Where; None: the services' namespace; empty: of the whole cluster, or a kind without namespaces.
            fields: A field selector.
        """
        self._connection = connection
        self._streams = ClusterStreams(connection)
        place = connection.cluster.namespace if namespace is None else namespace
        self._path = path_of(*api, *(("namespaces", place) if place else ()), kind)
        self._selected = {"fieldSelector": fields} if fields else {}
        self._lock = threading.Lock()
        self._stopped = False
        self._stream: LineStream | None = None

    def list_pages(self, limit: int) -> Iterator[dict[str, Any]]:
        """Yields each page of the list; nothing is tried again here, since the feed backs off by itself."""
        token: str | None = None
        while not self._stopped:
            page = self._page((*self._selected.items(), *query_of(limit=limit, **({"continue": token} if token else {}))))
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

    def watch_lines(self, resource_version: str, seconds: int) -> Iterator[str]:
        """Returns the lines of a watch that the server has accepted."""
        stream = self._streams.watch_lines(self._path, resource_version, query=self._selected, timeout=seconds)
        with self._lock:
            self._stream = stream
            if self._stopped:
                stream.stop()
        stream.open()
        return _closing(stream)

    def stop(self) -> None:
        """Ends the watch in flight at once and every later one, from any thread."""
        with self._lock:
            self._stopped = True
            stream = self._stream
        if stream is not None:
            stream.stop()


def _closing(stream: LineStream) -> Iterator[str]:
    """Yields a stream's lines and closes it, also when nobody reads it to its end."""
    try:
        yield from stream
    finally:
        stream.close()


class ClusterLogs:
    """The logs of the namespace's containers: the feeds' `LogSource`."""

    def __init__(self, connection: ClusterConnection) -> None:
        """Opens nothing yet."""
        self._streams = ClusterStreams(connection)

    def follow(self, pod: str, container: str, since: float | None, tail: int, silence: float) -> LogLines:
        """Opens a following stream; raises Silent when not even headers came in time, as from a container that writes nothing."""
        lines = self._streams.log_lines(pod, container, follow=True, since=since, tail=tail, silence=silence)
        try:
            lines.open()
        except NoRoute as error:
            if isinstance(error.__cause__, urllib3.exceptions.ReadTimeoutError):
                raise Silent(error.text, next_step=error.next_step) from error
            raise
        return lines

    def previous(self, pod: str, container: str, tail: int) -> tuple[str, ...]:
        """Returns the last lines of the container's run before this one; empty if there was none, or it is kept no longer."""
        lines = self._streams.log_lines(pod, container, tail=tail, previous=True)
        try:
            return tuple(lines)
        except Refused:
            return ()
        finally:
            lines.close()


def last_lines(connection: ClusterConnection, namespace: str, pod: str, container: str, *, previous: bool) -> tuple[str, ...]:
    """Returns the last lines of a container in any namespace, without their times; of its run before this one if `previous`.

    Raises the errors of `domain.errors`, NoRoute after some seconds of silence.
    """
    lines = ClusterStreams(connection).log_lines(pod, container, tail=LAST_LINES, previous=previous, namespace=namespace, silence=LIST_SECONDS)
    try:
        return tuple(split_stamp(one)[1] for one in lines)
    finally:
        lines.close()


def further_ports(connection: ClusterConnection) -> tuple[FurtherPorts, ...]:
    """Returns where the feeds of further namespaces read: each its own, or all others at once, those of the services left out by the server."""
    cluster = connection.cluster
    about_pods = "involvedObject.kind=Pod,type=Warning"
    if cluster.watch == (EVERY_NAMESPACE,):
        others = f"metadata.namespace!={cluster.namespace}"
        pods = ClusterObjects(connection, "api", "v1", kind="pods", namespace="", fields=others)
        events = ClusterObjects(connection, "api", "v1", kind="events", namespace="", fields=f"{about_pods},{others}")
        return (FurtherPorts(EVERY_NAMESPACE, pods, events),)
    return tuple(
        FurtherPorts(
            name,
            ClusterObjects(connection, "api", "v1", kind="pods", namespace=name),
            ClusterObjects(connection, "api", "v1", kind="events", namespace=name, fields=about_pods),
        )
        for name in cluster.watch
    )


def feed_ports(connection: ClusterConnection, http: HttpAsker, metrics: MetricSource | None = None, *, beside: bool = False) -> FeedPorts:
    """Returns everything the feeds of the connection's namespace read; `beside`: nodes and further namespaces too, which are for the eye alone."""
    return FeedPorts(
        pods=ClusterObjects(connection, "api", "v1", kind="pods"),
        deployments=ClusterObjects(connection, "apis", "apps", "v1", kind="deployments"),
        replica_sets=ClusterObjects(connection, "apis", "apps", "v1", kind="replicasets"),
        events=ClusterObjects(connection, "api", "v1", kind="events"),
        logs=ClusterLogs(connection),
        http=http,
        skew=connection.skew,
        metrics=metrics,
        nodes=ClusterObjects(connection, "api", "v1", kind="nodes", namespace="") if beside else None,
        further=further_ports(connection) if beside else (),
    )
