"""The simulated Argo CD server: the way of a request from the socket to its answer, and the witness of both."""

import socket
import sys
import traceback
from pathlib import Path

from gospel_rollback_tui.drill.argocd import account_endpoints as account
from gospel_rollback_tui.drill.argocd.access import authenticate
from gospel_rollback_tui.drill.argocd.answers import refused, refused_plainly, refused_stream
from gospel_rollback_tui.drill.argocd.exchange import Exchange, ServerParts
from gospel_rollback_tui.drill.argocd.refusals import Code, PlainRefusal, Refusal
from gospel_rollback_tui.drill.argocd.routing import cleaned, find_route
from gospel_rollback_tui.drill.endpoints import NONCE_HEADER
from gospel_rollback_tui.drill.kubernetes.documents import JsonValue, micro_timestamp
from gospel_rollback_tui.drill.kubernetes.faults import Faults
from gospel_rollback_tui.drill.kubernetes.http.connection import serve_connection
from gospel_rollback_tui.drill.kubernetes.http.listener import LOOPBACK, Listener
from gospel_rollback_tui.drill.kubernetes.http.messages import Answer, Reply, Request
from gospel_rollback_tui.drill.kubernetes.request_log import MUTATING_METHODS, RequestLog, RequestRecord, logged_body

_SESSION = "/api/v1/session"
_STREAM = "/api/v1/stream/"
_HOLD_TICK_SECONDS = 0.1
_NO_SNIFFING = {"X-Content-Type-Options": "nosniff"}


class ArgoCdServer:
    """Argo CD's REST API on a loopback port of its own, in plain HTTP; safe to use from any thread.

    Its records go to `argocd-requests.jsonl` in the folder given.
    """

    def __init__(self, parts: ServerParts, nonce: str, directory: Path, faults: Faults) -> None:
        """Open the port; `start` begins to answer. Answers are held back by the same faults as the Kubernetes API's."""
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._parts = parts
        self._nonce = nonce
        self._faults = faults
        self.requests = RequestLog(directory / "argocd-requests.jsonl")
        self._listener = Listener(None, self._serve)

    @property
    def url(self) -> str:
        """Base URL without a trailing slash."""
        return f"http://{LOOPBACK}:{self._listener.port}"

    def start(self) -> None:
        """Begin to answer, or to answer again after `interrupt`."""
        self._listener.open()

    def interrupt(self) -> None:
        """Refuse connections until `start`."""
        self._listener.interrupt()

    def close(self) -> None:
        """End every connection and give the port back."""
        self._parts.closing.set()
        self._listener.close()
        self.requests.close()

    def _serve(self, connection: socket.socket) -> None:
        serve_connection(connection, self.answer, lambda _status: {NONCE_HEADER: self._nonce})

    def answer(self, request: Request) -> Reply | None:
        """Answer a request; `None` when its connection is to be broken instead."""
        try:
            reply = self._route(request)
        except PlainRefusal as refusal:
            reply = refused_plainly(refusal)
        except Refusal as refusal:
            reply = refused_stream(refusal) if request.path.startswith(_STREAM) else refused(refusal)
        except Exception as fault:  # noqa: BLE001 - the boundary of a connection's thread: as the real server, it answers 500 and lives on
            traceback.print_exc(file=sys.stderr)
            reply = refused(Refusal(Code.INTERNAL, repr(fault)))
        self._witness(request, reply)
        return reply if self._let_go(request, reply) else None

    def _route(self, request: Request) -> Reply:
        """Return the answer, refusing in the order of the real server: content type, path, body, token."""
        path = request.path
        if path == "/healthz":
            return account.health()
        if cleaned(path) != path:
            raise PlainRefusal(307, f'<a href="{cleaned(path)}">Temporary Redirect</a>.\n\n', {"Location": cleaned(path)})
        if request.method != "GET" and request.header("Content-Type").lower() != "application/json":
            raise PlainRefusal(415, "Invalid content type\n", _NO_SNIFFING)
        open_to_all = self._without_token(request)
        if open_to_all is not None:
            return open_to_all
        route, variables = find_route(request.method, path)
        message = route.message.decode(request.body)
        return route.endpoint(Exchange(request, self._parts, authenticate(self._parts.sessions, request), variables, message))

    def _without_token(self, request: Request) -> Reply | None:
        """Return the answer to a call that needs no token, None for all others."""
        sessions = self._parts.sessions
        match request.method, request.path:
            case "GET", "/api/version":
                return account.version(sessions, request)
            case "GET", "/api/v1/session/userinfo":
                return account.user_info(sessions, request)
            case "POST", "/api/v1/session":
                return account.log_in(sessions, request)
            case "DELETE", "/api/v1/session":
                return account.log_out()
        return None

    def _witness(self, request: Request, reply: Reply) -> None:
        body: JsonValue = logged_body(request.body) if request.method in MUTATING_METHODS and request.path != _SESSION else None
        record = RequestRecord(
            time=micro_timestamp(self._parts.clock.now()),
            method=request.method,
            path=request.path,
            query=request.query,
            content_type=request.header("Content-Type"),
            accept=request.header("Accept"),
            user=self._user(request),
            user_agent=request.header("User-Agent"),
            status=reply.status,
            dry_run=isinstance(body, dict) and bool(body.get("dryRun")),
            body=body,
        )
        self.requests.write(record)

    def _user(self, request: Request) -> str:
        """Return the name of the caller, empty when the token was refused."""
        try:
            return authenticate(self._parts.sessions, request).name
        except Refusal:
            return ""

    def _let_go(self, request: Request, reply: Reply) -> bool:
        """Keep an answer back while a hold wants it; tell whether it may go at last."""
        if request.method not in MUTATING_METHODS or not isinstance(reply, Answer) or reply.status >= 300:
            return True
        hold = self._faults.take_hold(request.method, request.path)
        if hold is None:
            return True
        hold.arrived.set()
        while not hold.finished.wait(_HOLD_TICK_SECONDS):
            if self._parts.closing.is_set():
                return False
        return not hold.dropped
