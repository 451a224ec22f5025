"""Just enough of a Kubernetes client for the drill itself: JSON over TLS with a bearer token, one request a connection."""

import http.client
import json
import ssl
import urllib.parse
from collections.abc import Mapping
from typing import Any

from gospel_rollback_tui.drill.real.processes import EstateError

Object = dict[str, Any]
"""A Kubernetes object, or any other JSON object."""

MERGE_PATCH = "application/merge-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"
_SECONDS = 30.0


class ApiError(EstateError):
    """The API server answered with an error; `status` is its HTTP status code, 0 when there was no answer."""

    def __init__(self, text: str, status: int) -> None:
        """Keeps the status code beside the text."""
        super().__init__(text)
        self.status = status


class DrillApi:
    """The drill's own connection to the API server it started; safe to use from several threads."""

    def __init__(self, server: str, authority: str, token: str) -> None:
        """Trusts only the authority given (PEM), so that no other server can answer in this one's place."""
        self._host = urllib.parse.urlsplit(server).netloc
        self._context = ssl.create_default_context(cadata=authority)
        self._token = token

    def get(self, path: str, **query: str) -> Object:
        """Returns the object or list at a path.

        Raises:
            ApiError: The server answered otherwise than with success, or not at all.
        """
        return self._request("GET", path, query)

    def create(self, path: str, body: Object) -> Object:
        """Creates an object in the collection at a path; raises ApiError, with status 409 when it exists."""
        return self._request("POST", path, {}, body, "application/json")

    def patch(self, path: str, body: Object, content_type: str = MERGE_PATCH, **query: str) -> Object:
        """Changes the object at a path; raises ApiError."""
        return self._request("PATCH", path, query, body, content_type)

    def apply(self, path: str, body: Object, manager: str) -> Object:
        """Makes the object at a path what `body` says, in the name of a field manager; raises ApiError."""
        return self.patch(path, body, APPLY_PATCH, fieldManager=manager, force="true")

    def delete(self, path: str) -> None:
        """Deletes the object or collection at a path, in the background; one that is not there is fine."""
        try:
            self._request("DELETE", path, {}, {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Background"}, "application/json")
        except ApiError as error:
            if error.status != http.client.NOT_FOUND:
                raise

    def text(self, path: str) -> str:
        """Returns what the server answers to GET, as text; raises ApiError."""
        return self._exchange("GET", path, None, {}).decode(errors="replace")

    def _request(self, method: str, path: str, query: Mapping[str, str], body: Object | None = None, content_type: str = "") -> Object:
        target = f"{path}?{urllib.parse.urlencode(query)}" if query else path
        headers = {"Content-Type": content_type} if content_type else {}
        answer = json.loads(self._exchange(method, target, None if body is None else json.dumps(body).encode(), headers))
        assert isinstance(answer, dict)
        return answer

    def _exchange(self, method: str, target: str, body: bytes | None, headers: Mapping[str, str]) -> bytes:
        connection = http.client.HTTPSConnection(self._host, timeout=_SECONDS, context=self._context)
        try:
            connection.request(method, target, body, {"Authorization": f"Bearer {self._token}", "Accept": "application/json", **headers})
            response = connection.getresponse()
            answer = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise ApiError(f"{method} {target}: no answer ({error}).", 0) from error
        finally:
            connection.close()
        if response.status >= http.client.BAD_REQUEST:
            raise ApiError(f"{method} {target}: {response.status} {answer.decode(errors='replace')[:500]}", response.status)
        return answer
