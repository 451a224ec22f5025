"""A small client of the API server: plain HTTP/1.1 over TLS, so that tests see exactly what was answered."""

import http.client
import json
import select
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from gospel_rollback_tui.drill.kubernetes import KubernetesApi
from gospel_rollback_tui.drill.kubernetes.documents import JsonValue

MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
JSON_PATCH = "application/json-patch+json"
APPLY = "application/apply-patch+yaml"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
TIMEOUT = 60.0
"""Seconds without a byte after which a test fails."""


@dataclass(frozen=True, slots=True)
class Received:
    """One answer."""

    status: int
    text: str
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def json(self) -> JsonValue:
        """The body as JSON."""
        return json.loads(self.text)

    @property
    def message(self) -> str:
        """The message of a Status object."""
        return str(self.json["message"])


class Stream:
    """An answer that is read line by line."""

    def __init__(self, connection: http.client.HTTPSConnection, response: http.client.HTTPResponse) -> None:
        """Read from a response that has begun."""
        self._connection = connection
        self._response = response
        self.status = response.status
        self.headers = dict(response.headers.items())

    def lines(self) -> Iterator[str]:
        """Yield lines until the server ends the answer."""
        for line in self._response:
            yield line.decode()

    def events(self) -> Iterator[Any]:
        """Yield the events of a watch."""
        return (json.loads(line) for line in self.lines())

    def event(self) -> JsonValue:
        """Return the next event."""
        return next(self.events())

    def ends(self) -> bool:
        """Read to the end, clean or broken, and tell whether it came before the client's own patience ended."""
        try:
            for _ in self.lines():
                pass
        except TimeoutError:
            return False
        except (OSError, http.client.HTTPException):
            return True
        return True

    def expect_silence(self) -> None:
        """Fail if anything was sent that has not been read: a byte, or the end."""
        readable, _, _ = select.select([self._connection.sock], [], [], 0)
        assert not readable

    def close(self) -> None:
        """Break the connection off."""
        self._response.close()
        self._connection.close()


class Client:
    """Speaks to an API server as one user; every request has a connection of its own."""

    def __init__(self, api: KubernetesApi, token: str | None) -> None:
        """Trust the server's own authority; `None` sends no token."""
        self._address = urlsplit(api.url)
        self._tls = ssl.create_default_context(cafile=str(api.ca_file))
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._streams: list[Stream] = []

    def send(self, method: str, path: str, body: object = None, *, content_type: str = "application/json", **headers: str) -> Received:
        """Send a request and return its answer; underscores of header names stand for hyphens."""
        connection, response = self._begin(method, path, body, content_type, headers)
        try:
            return Received(response.status, response.read().decode(), dict(response.headers.items()))
        finally:
            connection.close()

    def get(self, path: str, **query: str) -> Received:
        """Get a path with a query."""
        return self.send("GET", f"{path}?{urlencode(query)}" if query else path)

    def table(self, path: str) -> list[list[Any]]:
        """Return the cells of the rows that `kubectl get` would print."""
        return [row["cells"] for row in self.send("GET", path, Accept=TABLE).json["rows"]]

    def post(self, path: str, body: object) -> Received:
        """Post an object."""
        return self.send("POST", path, body)

    def patch(self, path: str, body: object, content_type: str = MERGE) -> Received:
        """Patch an object."""
        return self.send("PATCH", path, body, content_type=content_type)

    def stream(self, path: str, **query: str) -> Stream:
        """Begin an answer that goes on."""
        connection, response = self._begin("GET", f"{path}?{urlencode(query)}", None, "", {})
        stream = Stream(connection, response)
        self._streams.append(stream)
        return stream

    def watch(self, path: str, **query: str) -> Stream:
        """Begin a watch."""
        return self.stream(path, watch="true", **query)

    def close(self) -> None:
        """Break off what still goes on."""
        for stream in self._streams:
            stream.close()

    def _begin(
        self, method: str, path: str, body: object, content_type: str, headers: dict[str, str]
    ) -> tuple[http.client.HTTPSConnection, http.client.HTTPResponse]:
        connection = http.client.HTTPSConnection(self._address.hostname or "", self._address.port, timeout=TIMEOUT, context=self._tls)
        sent = {**self._headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        content: bytes | None = None
        if body is not None:
            sent["Content-Type"] = content_type
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
        try:
            connection.request(method, path, content, sent)
            return connection, connection.getresponse()
        except BaseException:
            connection.close()
            raise
