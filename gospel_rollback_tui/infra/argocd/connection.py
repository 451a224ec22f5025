"""One connection to one Argo CD server: lazily made, kept alive, shared by every thread, honest about what became of a request."""

import json
import os
import ssl
import threading
import time
from collections.abc import Mapping
from typing import Any

import httpx

from gospel_rollback_tui import __version__
from gospel_rollback_tui.domain.errors import NotSent, OutcomeUnknown, Refused, UsageError
from gospel_rollback_tui.domain.estate import ArgoCd
from gospel_rollback_tui.infra.argocd.address import base_url
from gospel_rollback_tui.infra.argocd.exchange import Answer, Request
from gospel_rollback_tui.infra.argocd.refusals import LOOK_FIRST, judge, judge_failure
from gospel_rollback_tui.infra.argocd.token import TokenSource
from gospel_rollback_tui.infra.loopback import is_loopback

HEADER = "gospel-rollback-drill"
"""Header by which the answers of a drill's own estate are known."""
CONNECT_SECONDS = 3.05
READ_SECONDS = 10.0
CHANGE_SECONDS = 20.0
BODY_LIMIT = 64 * 1024 * 1024
"""Bytes of an answer that are read: the manifests of a large Application are a few megabytes."""
_NEXT = "Start the drill again; nothing was sent to change anything."


class ArgoCdConnection:
    """Sends requests to the configured server, with the token that is read when it is needed."""

    def __init__(self, argocd: ArgoCd, *, nonce: str = "", environment: Mapping[str, str] = os.environ) -> None:
        """Connects and reads nothing yet.

        Args:
            argocd: Server, token file and certificate authority.
            nonce: For drills: every answer must carry it.
            environment: Where tokens and the argocd command's folders are named.

        Raises:
            UsageError: The address is none, or would carry the token in the clear.
        """
        self.server = base_url(argocd.server)
        self._ca_file = argocd.ca_file
        self._nonce = nonce
        self._tokens = TokenSource(argocd.token_file, self.server, environment=environment)
        self._lock = threading.Lock()
        self._client: httpx.Client | None = None
        self._proved = not nonce
        if nonce and not is_loopback(self.server):
            raise Refused(f"A drill talks to this machine only, and {self.server} is elsewhere.", next_step=_NEXT)

    def __repr__(self) -> str:
        """Names the server and nothing that is secret."""
        return f"ArgoCdConnection({self.server!r})"

    def renew(self) -> None:
        """Reads the token again at the next request: a login may have written it."""
        with self._lock:
            self._tokens.forget()

    def close(self) -> None:
        """Closes every idle connection; a later request makes new ones."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def ask(self, request: Request) -> Answer:
        """Sends one request once and returns its successful answer.

        Raises:
            RollbackError: Every other answer and every failure, as `refusals` maps them.
        """
        if not self._proved:
            self._exchange(Request("GET", "/api/version", anonymous=True))
            self._proved = True
        answer = self._exchange(request)
        if answer.status == 401:
            self.renew()
        judge(request, answer, self.server)
        return answer

    def _exchange(self, request: Request) -> Answer:
        headers = self._headers(request)
        sent = _Sent()
        seconds = request.seconds or (CHANGE_SECONDS if request.changing else READ_SECONDS)
        content = None if request.body is None else json.dumps(request.body).encode()
        timeout = httpx.Timeout(connect=CONNECT_SECONDS, read=seconds, write=seconds, pool=CONNECT_SECONDS)
        try:
            with self._made().stream(
                request.method, self.server + request.target, content=content, headers=headers, timeout=timeout, extensions={"trace": sent.trace}
            ) as response:
                answer = _received(response, time.monotonic() + CONNECT_SECONDS + seconds)
        except (httpx.HTTPError, httpx.StreamError, OSError) as error:
            raise judge_failure(error, request, self.server, sent=sent.begun) from error
        except (httpx.InvalidURL, ValueError) as error:
            raise NotSent(f"{request.words} could not be sent to {self.server}.", next_step="Check `argocd.server`.") from error
        self._belongs(request, answer)
        return answer

    def _headers(self, request: Request) -> dict[str, str]:
        headers = {"Accept": "application/json", "User-Agent": f"gospel-rollback/{__version__}"}
        if request.method != "GET":
            # Exactly this: with a charset, or without any on a DELETE, the server answers 415.
            headers["Content-Type"] = "application/json"
        if not request.anonymous:
            with self._lock:
                headers["Authorization"] = f"Bearer {self._tokens.current()}"
        return headers

    def _belongs(self, request: Request, answer: Answer) -> None:
        """Refuses an answer that is not the drill's own."""
        if not self._nonce or answer.headers.get(HEADER) == self._nonce:
            return
        if request.changing:
            raise OutcomeUnknown("A change was answered by something else than this drill's own Argo CD.", next_step=LOOK_FIRST)
        raise Refused("What answers at the address of the drill's Argo CD is not this drill's own.", next_step=_NEXT)

    def _made(self) -> httpx.Client:
        with self._lock:
            if self._client is None:
                limits = httpx.Limits(max_connections=16, max_keepalive_connections=8, keepalive_expiry=20.0)
                self._client = httpx.Client(
                    verify=self._trust(),
                    trust_env=not is_loopback(self.server),
                    follow_redirects=False,
                    limits=limits,
                )
            return self._client

    def _trust(self) -> ssl.SSLContext:
        try:
            return ssl.create_default_context(cafile=self._ca_file or None)
        except (OSError, ssl.SSLError) as error:
            raise UsageError(f"The certificate authority {self._ca_file} cannot be read.", next_step="Check `argocd.ca_file`.") from error


class _Sent:
    """Knows whether a request has begun to leave: until then the server cannot have acted on it."""

    def __init__(self) -> None:
        self.begun = False

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Notes the first bytes of the request itself; those of a proxy's CONNECT carry nothing that could be acted on."""
        if event == "http11.send_request_headers.started" and getattr(info.get("request"), "method", b"") != b"CONNECT":
            self.begun = True


def _received(response: httpx.Response, deadline: float) -> Answer:
    """Reads a whole answer; one that only trickles in, or never ends, is given up."""
    parts: list[bytes] = []
    size = 0
    for part in response.iter_bytes():
        parts.append(part)
        size += len(part)
        if time.monotonic() > deadline:
            raise TimeoutError("the answer trickles in too slowly")
        if size > BODY_LIMIT:
            raise httpx.StreamError("the answer is larger than any of Argo CD's")
    return Answer(response.status_code, {name.lower(): value for name, value in response.headers.items()}, b"".join(parts))
