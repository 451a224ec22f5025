"""The door in front of the real Argo CD: passes each request on, adds the estate's nonce, and is its witness.

The server itself cannot say which estate it belongs to, and it keeps no log of requests.
"""

import base64
import http.client
import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from gospel_rollback_tui.drill.endpoints import NONCE_HEADER
from gospel_rollback_tui.drill.kubernetes.documents import JsonValue, micro_timestamp
from gospel_rollback_tui.drill.kubernetes.http.connection import serve_connection
from gospel_rollback_tui.drill.kubernetes.http.listener import LOOPBACK, Listener
from gospel_rollback_tui.drill.kubernetes.http.messages import Answer, Reply, Request, Streaming
from gospel_rollback_tui.drill.kubernetes.request_log import MUTATING_METHODS, RequestLog, RequestRecord, logged_body

STREAMS = "/api/v1/stream/"
_SESSION = "/api/v1/session"
_ANSWER_SECONDS = 120.0
_PIECE_BYTES = 65_536
_PASSED_ON = ("authorization", "content-type", "accept", "user-agent", "cookie")
_KEPT = ("grpc-metadata-content-type", "vary", "x-content-type-options", "location", "set-cookie", "allow")


class ArgoCdDoor:
    """A loopback port in plain HTTP whose answers are those of the server behind it; safe to use from any thread."""

    def __init__(self, port: int, nonce: str, record: Path) -> None:
        """Opens a port in front of the server's; `start` begins to answer. Requests are recorded in the file, one JSON object a line."""
        self._port = port
        self._nonce = nonce
        self._expired: dict[str, str] = {}
        self.requests = RequestLog(record)
        self._listener = Listener(None, self._serve)

    @property
    def url(self) -> str:
        """Returns the base URL without a trailing slash."""
        return f"http://{LOOPBACK}:{self._listener.port}"

    def start(self) -> None:
        """Begins to answer, or to answer again after `interrupt`."""
        self._listener.open()

    def interrupt(self) -> None:
        """Refuses connections until `start`."""
        self._listener.interrupt()

    def expire(self, account: str, expired: str) -> None:
        """Passes on, whatever token the account sends, one of its own that has expired, until `renew`."""
        self._expired[account] = expired

    def renew(self) -> None:
        """Passes every token on as it comes."""
        self._expired.clear()

    def close(self) -> None:
        """Ends every connection and gives the port back."""
        self._listener.close()
        self.requests.close()

    def _serve(self, connection: socket.socket) -> None:
        serve_connection(connection, self._answer, lambda _status: {NONCE_HEADER: self._nonce})

    def _answer(self, request: Request) -> Reply | None:
        """Passes a request on; without an answer from behind, its connection is broken."""
        server = http.client.HTTPConnection(LOOPBACK, self._port, timeout=_ANSWER_SECONDS)
        headers = {name: request.header(name) for name in _PASSED_ON if name in request.headers}
        expired = self._expired.get(account_of(request.bearer_token or ""))
        if expired:
            headers["authorization"] = f"Bearer {expired}"
        try:
            server.request(request.method, request.target, request.body or None, headers)
            response = server.getresponse()
            if request.path.startswith(STREAMS) and response.status == http.client.OK:
                self._witness(request, response.status)
                return Streaming(_pieces(server, response), response.getheader("Content-Type", ""), response.status, _kept(response))
            body = response.read()
        except (OSError, http.client.HTTPException):
            server.close()
            return None
        server.close()
        self._witness(request, response.status)
        return Answer(response.status, body, response.getheader("Content-Type", ""), _kept(response))

    def _witness(self, request: Request, status: int) -> None:
        changes = request.method in MUTATING_METHODS and request.path != _SESSION
        body: JsonValue = logged_body(request.body) if changes else None
        record = RequestRecord(
            time=micro_timestamp(datetime.now(UTC)),
            method=request.method,
            path=request.path,
            query=request.query,
            content_type=request.header("Content-Type"),
            accept=request.header("Accept"),
            user="" if status == http.client.UNAUTHORIZED else account_of(request.bearer_token or ""),
            user_agent=request.header("User-Agent"),
            status=status,
            dry_run=isinstance(body, dict) and bool(body.get("dryRun")),
            body=body,
        )
        self.requests.write(record)


def account_of(token: str) -> str:
    """Returns the account that a token says it belongs to, empty where it does not say so; who passes it on has judged it."""
    claims = token.split(".")[1:2]
    try:
        subject = json.loads(base64.urlsafe_b64decode(claims[0] + "=" * (-len(claims[0]) % 4)))["sub"]
    except (IndexError, ValueError, KeyError, TypeError):
        return ""
    return str(subject).partition(":")[0]


def _pieces(server: http.client.HTTPConnection, response: http.client.HTTPResponse) -> Iterator[bytes | None]:
    """Yields what the server sends as it comes, and closes the connection to it at the end."""
    try:
        while piece := response.read1(_PIECE_BYTES):
            yield piece
    except (OSError, http.client.HTTPException):
        return
    finally:
        server.close()


def _kept(response: http.client.HTTPResponse) -> dict[str, str]:
    return {name: value for name, value in response.getheaders() if name.lower() in _KEPT}
