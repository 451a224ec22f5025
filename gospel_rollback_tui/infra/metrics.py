"""Asks a Prometheus for one query's present value or past; what is wrong with a query is a value, what is wrong with the server an error."""

import os
import socket
import ssl
import threading
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from gospel_rollback_tui import __version__
from gospel_rollback_tui.domain.errors import CredentialsExpired, NoRoute, NotSent, ServerDown
from gospel_rollback_tui.domain.estate import Metrics
from gospel_rollback_tui.domain.metrics import MetricAnswer
from gospel_rollback_tui.domain.text import clean, redact
from gospel_rollback_tui.infra.loopback import is_loopback
from gospel_rollback_tui.infra.metrics_answer import BODY_LIMIT, Received, answer_of
from gospel_rollback_tui.infra.probes import NONCE_HEADER

TOTAL_SECONDS = 4.0
"""From asking to the end of the body, whatever the server drips."""
TOKEN_VARIABLE = "PROMETHEUS_TOKEN"  # noqa: S105  the name of a variable
_TIMEOUT = httpx.Timeout(connect=2.0, read=TOTAL_SECONDS, write=3.0, pool=1.0)


class PrometheusApi:
    """Prometheus' query API: the feeds' `MetricSource`. Each question has a connection of its own, which shows a changed name or route."""

    def __init__(self, metrics: Metrics, *, nonce: str = "", environment: Mapping[str, str] = os.environ, total: float = TOTAL_SECONDS) -> None:
        """Asks and reads nothing yet; `nonce` is what every answer of a drill's own estate carries."""
        self._url = metrics.url
        self._host = urlsplit(metrics.url).netloc
        self._token_file = metrics.token_file
        self._ca_file = metrics.ca_file
        self._nonce = nonce
        self._environment = environment
        self._total = total
        self._context: ssl.SSLContext | None = None

    def __repr__(self) -> str:
        """Names the server and nothing that is secret."""
        return f"PrometheusApi({self._host!r})"

    def now(self, promql: str) -> MetricAnswer:
        """Returns the query's value by the server's own clock, within the deadline.

        Raises:
            NotSent: The server was not reached, does not serve, or does not know who asks.
        """
        return self._ask("query", {"query": promql})

    def past(self, promql: str, begin: float, end: float, step: float) -> MetricAnswer:
        """Returns the query's values from wall time `begin` to `end`, one every `step` seconds; raises as `now` does."""
        return self._ask("query_range", {"query": promql, "start": f"{begin:.3f}", "end": f"{end:.3f}", "step": f"{step:g}"})

    def _ask(self, endpoint: str, parameters: Mapping[str, str]) -> MetricAnswer:
        call = _Call(self._client(), f"{self._url}/api/v1/{endpoint}", parameters)
        threading.Thread(target=call.run, name="prometheus", daemon=True).start()
        if not call.done.wait(self._total):
            call.cut()
            raise NoRoute(f"No answer from {self._host} within {self._total:g} s.", why="no answer in time")
        if call.failure is not None:
            raise _meaning(call.failure, self._host) from call.failure
        assert call.received is not None, "a call that is done has an answer or a failure"
        if self._nonce and call.received.headers.get(NONCE_HEADER.lower()) != self._nonce:
            raise NoRoute(f"What answers at {self._host} is not this drill's own.")
        return answer_of(call.received, self._host)

    def _client(self) -> httpx.Client:
        """Returns a client that honours the proxy environment, except for this machine itself."""
        local = is_loopback(self._url)
        if self._nonce and not local:
            raise NoRoute(f"A drill talks to this machine only, and {self._host} is elsewhere.")
        headers = {"User-Agent": f"gospel-rollback/{__version__}", "Accept": "application/json"}
        token = self._token()
        if token:
            if self._url.startswith("http://") and not local:
                raise CredentialsExpired(f"{self._url} is plain HTTP: the token would travel in the clear.", next_step="Write `prometheus: https://…`.")
            headers["Authorization"] = f"Bearer {token}"
        return httpx.Client(verify=self._trust(), timeout=_TIMEOUT, follow_redirects=False, trust_env=not local, headers=headers)

    def _token(self) -> str:
        """Returns the token as it is now: a login may have written another one; a drill sends none."""
        if self._nonce:
            return ""
        token = self._environment.get(TOKEN_VARIABLE, "").strip() if not self._token_file else self._read_token()
        if not all("!" <= sign <= "~" for sign in token):
            raise CredentialsExpired(f"What stands in {self._token_file or TOKEN_VARIABLE} is no token.", next_step="Check `metrics.token_file`.")
        return token

    def _read_token(self) -> str:
        try:
            return Path(self._token_file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeError) as error:
            raise CredentialsExpired(f"The token file {self._token_file} cannot be read.", next_step="Check `metrics.token_file`.") from error

    def _trust(self) -> ssl.SSLContext:
        if self._context is None:
            try:
                self._context = ssl.create_default_context(cafile=self._ca_file or None)
            except (OSError, ssl.SSLError) as error:
                raise NoRoute(f"The certificate authority {self._ca_file} cannot be read.", next_step="Check `metrics.ca_file`.") from error
        return self._context


class _Call:
    """One question under way, in a thread of its own: name resolution cannot be cut off."""

    def __init__(self, client: httpx.Client, url: str, parameters: Mapping[str, str]) -> None:
        self.done = threading.Event()
        self.received: Received | None = None
        self.failure: Exception | None = None
        self._client = client
        self._url = url
        self._parameters = dict(parameters)

    def run(self) -> None:
        """Asks, and notes the answer or why there is none."""
        try:
            with self._client as client, client.stream("GET", self._url, params=self._parameters) as response:
                headers = {name.lower(): value for name, value in response.headers.items()}
                self.received = Received(response.status_code, headers, _body(response), _date(headers))
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, httpx.CookieConflict, ValueError, OSError, RuntimeError) as error:
            self.failure = error
        finally:
            self.done.set()

    def cut(self) -> None:
        """Ends the question: a read that waits on the socket returns."""
        self._client.close()


def _body(response: httpx.Response) -> bytes:
    body = b""
    for chunk in response.iter_bytes(65536):
        body += chunk
        if len(body) > BODY_LIMIT:
            break
    return body


def _date(headers: Mapping[str, str]) -> float:
    """Returns the server's own time, 0 if it does not tell it."""
    try:
        return parsedate_to_datetime(headers.get("date", "")).timestamp()
    except (TypeError, ValueError):
        return 0.0


def _meaning(error: Exception, host: str) -> NotSent:
    """Returns what a broken connection means, by its causes."""
    causes: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in causes:
        causes.append(cause)
        cause = cause.__cause__ or cause.__context__
    for found in causes:
        if isinstance(found, ssl.SSLError):
            return NoRoute(f"The certificate of {host} is not accepted: {_said(found)}", next_step="Check `metrics.ca_file`.", why="certificate not accepted")
        if isinstance(found, socket.gaierror):
            return NoRoute(f"The name {host} is not found.", why="name not found")
        if isinstance(found, ConnectionRefusedError):
            return ServerDown(f"Nothing listens at {host}: connection refused.", why="connection refused")
    if isinstance(error, httpx.TimeoutException):
        return NoRoute(f"No answer from {host} in time.", why="no answer in time")
    return NoRoute(f"The connection to {host} broke: {_said(causes[-1])}")


def _said(error: BaseException) -> str:
    words = getattr(error, "verify_message", "") or getattr(error, "strerror", "") or str(error) or type(error).__name__
    return clean(redact(str(words)), 160)


def metric_source(metrics: Metrics, nonce: str = "") -> PrometheusApi | None:
    """Returns the environment's Prometheus; None: there is none, and nothing is asked."""
    return PrometheusApi(metrics, nonce=nonce) if metrics.url else None
