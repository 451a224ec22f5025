"""The drill's own way to the real API server: JSON over TLS with a bearer token, one request a connection."""

import http.client
import json
import ssl
import urllib.parse
from collections.abc import Iterator, Mapping
from contextlib import closing

from gospel_rollback_tui.drill.kubernetes.documents import Json, JsonValue
from gospel_rollback_tui.drill.kubernetes.statuses import ApiError

JSON = "application/json"
JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
YAML = "application/yaml"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"
NO_ANSWER = 0
"""The code of an `ApiError` that stands for a request without an answer."""

_SECONDS = 30.0


class DrillApi:
    """A connection to the API server that this process started; safe to use from several threads."""

    def __init__(self, server: str, authority: str, token: str) -> None:
        """Trusts only the authority given (PEM), so that no other server can answer in this one's place."""
        self._host = urllib.parse.urlsplit(server).netloc
        self._context = ssl.create_default_context(cadata=authority)
        self._token = token

    def get(self, path: str, **query: str) -> Json:
        """Returns the object or list at a path.

        Raises:
            ApiError: The server refused, or there was no answer; so do the other methods.
        """
        return self._request("GET", path, query)

    def create(self, path: str, body: Json, manager: str) -> Json:
        """Creates an object in the collection at a path, in the name of a field manager."""
        return self._request("POST", path, {"fieldManager": manager}, body, JSON)

    def create_yaml(self, path: str, text: bytes, manager: str) -> Json:
        """Creates the object that a YAML text describes, which the server reads by itself."""
        return self._request("POST", path, {"fieldManager": manager}, text, YAML)

    def replace(self, path: str, body: Json, manager: str) -> Json:
        """Replaces the object at a path; 409 when its resourceVersion has moved."""
        return self._request("PUT", path, {"fieldManager": manager}, body, JSON)

    def patch(self, path: str, body: JsonValue, manager: str, content_type: str = MERGE_PATCH) -> Json:
        """Changes the object at a path."""
        return self._request("PATCH", path, {"fieldManager": manager}, body, content_type)

    def delete(self, path: str) -> None:
        """Deletes the object or collection at a path, what it owns in the background."""
        self._request("DELETE", path, {}, {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Background"}, JSON)

    def text(self, path: str) -> str:
        """Returns what the server answers to GET, as text."""
        with closing(self._connection()) as connection:
            return _read(_send(connection, self._token, "GET", path)).decode(errors="replace")

    def watch(self, path: str, version: str) -> Iterator[Json]:
        """Yields the changes to a collection after a resourceVersion until the server ends the watch."""
        query = urllib.parse.urlencode({"watch": "1", "resourceVersion": version, "allowWatchBookmarks": "true", "timeoutSeconds": str(round(_SECONDS - 5))})
        with closing(self._connection()) as connection:
            response = _send(connection, self._token, "GET", f"{path}?{query}")
            if response.status != http.client.OK:
                _read(response)
            try:
                for line in response:
                    yield json.loads(line)
            except (OSError, http.client.HTTPException, ValueError) as error:
                raise _no_answer("watch", path, error) from error

    def _request(self, method: str, path: str, query: Mapping[str, str], body: JsonValue = None, content_type: str = "") -> Json:
        target = f"{path}?{urllib.parse.urlencode(query)}" if query else path
        encoded = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        with closing(self._connection()) as connection:
            answer = json.loads(_read(_send(connection, self._token, method, target, encoded, content_type)))
        assert isinstance(answer, dict)
        return answer

    def _connection(self) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection(self._host, timeout=_SECONDS, context=self._context)


def _send(
    connection: http.client.HTTPSConnection, token: str, method: str, target: str, body: bytes | None = None, content_type: str = ""
) -> http.client.HTTPResponse:
    """Sends one request and returns the answer, its body unread."""
    headers = {"Authorization": f"Bearer {token}", "Accept": JSON, "User-Agent": "gospel-rollback-drill"}
    if content_type:
        headers["Content-Type"] = content_type
    try:
        connection.request(method, target, body, headers)
        return connection.getresponse()
    except (OSError, http.client.HTTPException) as error:
        raise _no_answer(method, target, error) from error


def _read(response: http.client.HTTPResponse) -> bytes:
    """Returns a good answer's body, and raises what a bad one says."""
    try:
        body = response.read()
    except (OSError, http.client.HTTPException) as error:
        raise _no_answer("read", "", error) from error
    if response.status < http.client.BAD_REQUEST:
        return body
    try:
        status = json.loads(body)
        raise ApiError(response.status, status.get("reason", ""), status.get("message", ""), status.get("details"))
    except (ValueError, AttributeError):
        raise ApiError(response.status, "", body.decode(errors="replace")[:500]) from None


def _no_answer(method: str, target: str, error: Exception) -> ApiError:
    return ApiError(NO_ANSWER, "NoAnswer", f"{method} {target}: {error}")
