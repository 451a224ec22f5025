"""A client of one estate's API that hides nothing: status, headers and body as they came, and what was asked."""

import base64
import http.client
import json
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import yaml

from gospel_rollback_tui.drill.kubernetes.documents import Json, JsonValue
from tests.real.conformance.shapes import Shape, shape_of

JSON = "application/json"
JSON_PATCH = "application/json-patch+json"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
METADATA = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json"

ANSWER_SECONDS = 30.0
STREAM_SECONDS = 45.0
"""A stream that says nothing for so long is given up."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One request; `{ns}` and `{name}` in its path are filled in by whoever sends it."""

    method: str
    path: str
    query: Mapping[str, str] | None = None
    body: JsonValue = None
    """A JSON value, or text that is sent as it is."""
    content_type: str = JSON
    accept: str = JSON

    def at(self, **names: str) -> "Ask":
        """Returns the request with the names in its path filled in."""
        return replace(self, path=self.path.format(**names))


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, as it came."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    text: str

    @property
    def content_type(self) -> str:
        """The media type, with its parameters."""
        return self.headers.get("content-type", "")

    @property
    def document(self) -> Json:
        """The body as a JSON object."""
        found = json.loads(self.text)
        assert isinstance(found, dict), self.text[:200]
        return found

    def good(self) -> Json:
        """Returns the body of an answer that must be a success."""
        assert 200 <= self.status < 300, f"{self.status} {self.text[:500]}"
        return self.document


class ApiClient:
    """Sends requests to one API server as one user; each has a connection of its own."""

    def __init__(self, server: str, authority: str, token: str, sent: set[Shape]) -> None:
        """Trusts only that authority (PEM); an empty token sends no credentials. Shapes of what is sent go to `sent`."""
        self.server = server
        self.authority = authority
        self._host = urlsplit(server).netloc
        self._tls = ssl.create_default_context(cadata=authority)
        self._token = token
        self._sent = sent

    def with_token(self, token: str) -> "ApiClient":
        """Returns a client of the same server with another token; an empty one sends none."""
        return ApiClient(self.server, self.authority, token, self._sent)

    def send(self, ask: Ask) -> Reply:
        """Sends a request and returns its answer, whatever it is."""
        with closing(self._connection(ANSWER_SECONDS)) as connection:
            response = self._begin(connection, ask)
            return Reply(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read().decode())

    def get(self, path: str, **query: str) -> Json:
        """Returns the object or list at a path."""
        return self.send(Ask("GET", path, query)).good()

    def lines(self, ask: Ask, enough: Callable[[list[str]], bool] = lambda _lines: False) -> tuple[int, str, list[str]]:
        """Returns status, content type and lines of a stream, read until it ends or there are enough."""
        with closing(self._connection(STREAM_SECONDS)) as connection:
            response = self._begin(connection, ask)
            found: list[str] = []
            for line in _lines(response):
                found.append(line)
                if enough(found):
                    break
            return response.status, response.getheader("content-type", ""), found

    def watch(self, ask: Ask, enough: Callable[[list[Json]], bool]) -> list[Json]:
        """Returns the events of a watch, read until it ends or there are enough."""
        _, _, lines = self.lines(ask, lambda found: enough([json.loads(line) for line in found]))
        return [json.loads(line) for line in lines]

    def until(self, what: str, path: str, holds: Callable[[Json], bool], seconds: float = 60.0) -> Json:
        """Reads an object again and again until a condition of it holds, and returns it."""
        end = time.monotonic() + seconds
        while True:
            found = self.send(Ask("GET", path))
            if found.status == 200 and holds(found.document):
                return found.document
            assert time.monotonic() < end, f"not in {seconds:.0f} s: {what}; last seen: {found.text[:2000]}"
            time.sleep(0.05)  # nothing tells when it comes to be: the watch itself is under test

    def _connection(self, seconds: float) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection(self._host, context=self._tls, timeout=seconds)

    def _begin(self, connection: http.client.HTTPSConnection, ask: Ask) -> http.client.HTTPResponse:
        query = dict(ask.query or {})
        self._sent.add(shape_of(ask.method, ask.path, query, ask.content_type))
        headers = {"Accept": ask.accept, "User-Agent": "conformance/1"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        body = ask.body if isinstance(ask.body, str) or ask.body is None else json.dumps(ask.body)
        if body is not None:
            headers["Content-Type"] = ask.content_type
        connection.request(ask.method, ask.path + (f"?{urlencode(query)}" if query else ""), body, headers)
        return connection.getresponse()


def client_of(kubeconfig: Path, sent: set[Shape]) -> ApiClient:
    """Returns a client for the one context of a kubeconfig with a token."""
    document = yaml.safe_load(kubeconfig.read_text())
    cluster, user = document["clusters"][0]["cluster"], document["users"][0]["user"]
    return ApiClient(cluster["server"], base64.b64decode(cluster["certificate-authority-data"]).decode(), user["token"], sent)


def _lines(response: http.client.HTTPResponse) -> Iterator[str]:
    """Yields the lines of a body as they come."""
    while line := response.readline():
        yield line.decode().rstrip("\n")
