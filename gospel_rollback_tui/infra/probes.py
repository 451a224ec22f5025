"""Asks health, readiness and symptom requests over HTTP; every failure is a value."""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import httpx

from gospel_rollback_tui import __version__
from gospel_rollback_tui.domain.errors import ConfigurationError
from gospel_rollback_tui.domain.estate import HttpCheck
from gospel_rollback_tui.domain.health import HttpAnswer, NoAnswer
from gospel_rollback_tui.domain.text import clean, redact
from gospel_rollback_tui.infra.certificates import accepted, refused, with_times

CONNECT_SECONDS = 2.0
READ_SECONDS = 3.0
TOTAL_SECONDS = 4.0
"""From asking to the end of the body, whatever the server drips."""
BODY_LIMIT = 64 * 1024
"""Bytes of a body that are read."""
NONCE_HEADER = "Gospel-Rollback-Drill"
"""Header by which a drill's own endpoints are known."""

_TIMEOUT = httpx.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS, write=READ_SECONDS, pool=1.0)
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class HttpProbe:
    """Sends one request at a time a call; safe to use from many threads, each call has a connection of its own.

    A new connection each time shows what a new user would meet, and a kept one would outlive a changed name or route.
    `ca_file` adds a certificate authority (ConfigurationError if it cannot be read); `nonce` makes every answer without it `not the drill`.
    """

    def __init__(self, *, ca_file: str = "", nonce: str = "", total: float = TOTAL_SECONDS, clock: Callable[[], float] = time.perf_counter) -> None:
        self._context = ssl.create_default_context()
        if ca_file:
            try:
                self._context.load_verify_locations(ca_file)
            except (OSError, ValueError) as error:  # an SSLError is an OSError
                said = clean(str(getattr(error, "strerror", None) or error), 120)
                raise ConfigurationError(f"cannot be read as certificates: {said}", file=ca_file, next_step="Correct `ca_file` of the environment.") from error
        self._nonce = nonce
        self._total = total
        self._clock = clock

    def ask(self, check: HttpCheck) -> HttpAnswer:
        """Returns the answer, or why there is none, within the total deadline; never raises.

        The request runs in a thread of its own, because name resolution cannot be cut off: at the deadline its socket
        is shut down and the thread left to end by itself.
        """
        call = _Call()
        began = self._clock()
        threading.Thread(target=self._run, args=(call, check, began), name="probe", daemon=True).start()
        if not call.done.wait(self._total):
            come = call.answer  # what comes after the cut tells of the cut
            call.expire()
            return come or HttpAnswer(None, "", self._clock() - began, NoAnswer.TIMEOUT, f"no whole answer within {self._total:g} s")
        return call.answer or HttpAnswer(None, "", self._clock() - began, NoAnswer.NETWORK)

    def _run(self, call: "_Call", check: HttpCheck, began: float) -> None:
        try:
            with self._client(check.url) as client:
                call.answer = self._send(client, call, check, began)
        except httpx.HTTPError as error:
            call.answer = self._none(_problem(error), error, began)
            self._look_at_certificate(call, check, error)
        except (httpx.InvalidURL, httpx.CookieConflict, httpx.StreamError, ValueError, OSError, RuntimeError) as error:
            call.answer = self._none(NoAnswer.NETWORK, error, began)
        finally:
            call.done.set()

    def _client(self, url: str) -> httpx.Client:
        """Returns a client that honours the proxy environment, except for this machine itself."""
        loopback = (urlsplit(url).hostname or "") in _LOOPBACK
        headers = {"User-Agent": f"gospel-rollback/{__version__}", "Cache-Control": "no-cache", "Accept": "*/*"}
        return httpx.Client(verify=self._context, timeout=_TIMEOUT, follow_redirects=False, trust_env=not loopback, headers=headers)

    def _send(self, client: httpx.Client, call: "_Call", check: HttpCheck, began: float) -> HttpAnswer:
        with client.stream(check.method, check.url, extensions={"trace": call.trace}) as response:
            if self._nonce and response.headers.get(NONCE_HEADER) != self._nonce:
                return HttpAnswer(None, "", self._clock() - began, NoAnswer.NOT_THE_DRILL, "the answer does not carry this drill's nonce")
            certificate = accepted(response.extensions["network_stream"].get_extra_info("socket"))  # the last byte may close the connection
            body = b""
            for chunk in response.iter_bytes(8192):
                body += chunk
                if len(body) >= BODY_LIMIT:
                    break
            target = response.headers.get("Location", "") if response.is_redirect else ""
            text = body[:BODY_LIMIT].decode("utf-8", "replace")
            return HttpAnswer(response.status_code, text, self._clock() - began, redirected_to=target, certificate=certificate)

    def _look_at_certificate(self, call: "_Call", check: HttpCheck, error: Exception) -> None:
        """Adds to an answer why the certificate was refused, and then, if the deadline allows, its times."""
        failure = next((link for link in _chain(error) if isinstance(link, ssl.SSLError)), None)
        certificate = refused(failure) if failure is not None else None
        if call.answer is None or certificate is None:
            return
        call.answer = replace(call.answer, certificate=certificate)
        address = urlsplit(check.url)
        if address.hostname:
            call.answer = replace(call.answer, certificate=with_times(certificate, address.hostname, address.port or 443))

    def _none(self, problem: NoAnswer, error: Exception, began: float) -> HttpAnswer:
        return HttpAnswer(None, "", self._clock() - began, problem, clean(redact(str(error)), 200))


class _Call:
    """One request under way: its socket, so that it can be cut off, and its answer."""

    def __init__(self) -> None:
        self.done = threading.Event()
        self.answer: HttpAnswer | None = None
        self._lock = threading.Lock()
        self._expired = False
        self._socket: socket.socket | None = None

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Notes the socket of each new or upgraded connection; one that comes after the deadline is cut off at once."""
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            with self._lock:
                self._socket = info["return_value"].get_extra_info("socket")
                late = self._expired
            if late:
                self._cut()

    def expire(self) -> None:
        """Ends the request: a read that waits on the socket returns."""
        with self._lock:
            self._expired = True
        self._cut()

    def _cut(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)


def _problem(error: httpx.HTTPError) -> NoAnswer:
    """Returns what kind of failure an error is, by its causes."""
    if isinstance(error, httpx.TimeoutException):
        return NoAnswer.TIMEOUT
    for cause in _chain(error):
        if isinstance(cause, ssl.SSLError):
            return NoAnswer.NETWORK if isinstance(cause, ssl.SSLEOFError) else NoAnswer.TLS  # a cut handshake tells nothing of TLS
        if isinstance(cause, socket.gaierror):
            return NoAnswer.NAME_NOT_FOUND
        if isinstance(cause, ConnectionRefusedError):
            return NoAnswer.REFUSED
    return NoAnswer.NETWORK


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yields an error and what it came from."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
