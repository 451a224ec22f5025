"""The drill's own way to Argo CD's API: JSON over loopback, for setting the scene."""

import http.client
import json
from contextlib import closing

from gospel_rollback_tui.drill.kubernetes.documents import Json
from gospel_rollback_tui.drill.kubernetes.statuses import ApiError
from gospel_rollback_tui.drill.real.api import NO_ANSWER

_SECONDS = 30.0


class ArgoCdClient:
    """Calls with one token; safe to use from several threads."""

    def __init__(self, port: int, token: str = "") -> None:
        """Calls the server on that port of loopback."""
        self._port = port
        self._token = token

    def call(self, method: str, path: str, body: Json | None = None) -> Json:
        """Returns what the API answers.

        Raises:
            ApiError: It refused, or there was no answer.
        """
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {self._token}"} if self._token else {})
        with closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=_SECONDS)) as connection:
            try:
                connection.request(method, path, None if body is None else json.dumps(body), headers)
                response = connection.getresponse()
                text = response.read()
            except (OSError, http.client.HTTPException) as error:
                raise ApiError(NO_ANSWER, "NoAnswer", f"{method} {path}: {error}") from error
        if response.status >= http.client.BAD_REQUEST:
            raise ApiError(response.status, "", text.decode(errors="replace")[:500])
        answer = json.loads(text)
        assert isinstance(answer, dict)
        return answer

    def log_in(self, username: str, password: str) -> "ArgoCdClient":
        """Returns a client with the session of an account.

        Raises:
            ApiError: The password is wrong, or there was no answer.
        """
        return ArgoCdClient(self._port, self.call("POST", "/api/v1/session", {"username": username, "password": password})["token"])

    def new_api_token(self, account: str, lifetime: int = 0) -> str:
        """Returns a new API token of an account, good for so many seconds, 0 for ever.

        Raises:
            ApiError: The account is unknown or may have none, or there was no answer.
        """
        token: str = self.call("POST", f"/api/v1/account/{account}/token", {"name": account, "expiresIn": lifetime})["token"]
        return token
