"""One connection to one API server: lazily made, shared by every thread, honest about what became of a request."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import urllib3

from gospel_rollback_tui.domain.certificates import Certificate
from gospel_rollback_tui.domain.clock_skew import skew_of
from gospel_rollback_tui.domain.errors import OutcomeUnknown, RollbackError, UsageError
from gospel_rollback_tui.domain.estate import Cluster
from gospel_rollback_tui.infra.certificates import refused, with_times
from gospel_rollback_tui.infra.cluster.credentials import Credentials
from gospel_rollback_tui.infra.cluster.drill_guard import DrillGuard
from gospel_rollback_tui.infra.cluster.exchange import Answer, Request, WatchedBody
from gospel_rollback_tui.infra.cluster.kubeconfig import Access, load_access, make_pool
from gospel_rollback_tui.infra.cluster.refusals import LOOK_FIRST, date_of, judge, judge_failure, refused_certificate
from gospel_rollback_tui.infra.cluster.transport import lowered, received, send


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds that one attempt may take."""

    connect: float = 3.05
    read: float = 10.0
    """Between two parts of an answer, and for a read's whole answer."""
    change: float = 20.0
    """For the answer to a change: admission webhooks may take ten."""


@dataclass(frozen=True, slots=True)
class _Session:
    """What is known after the kubeconfig was read."""

    access: Access
    credentials: Credentials
    pool: urllib3.PoolManager
    strangers: urllib3.PoolManager
    """Without the client certificate, for questions asked without credentials."""
    certificate: tuple[str, str] | None = None


class ClusterConnection:
    """The API server of one environment's pinned context."""

    def __init__(self, cluster: Cluster, *, timeouts: Timeouts | None = None, clock: Callable[[], float] = time.time) -> None:
        """Reads and imports nothing yet."""
        self.cluster = cluster
        self.timeouts = timeouts or Timeouts()
        self._clock = clock
        self._lock = threading.RLock()
        self._made: _Session | None = None
        self._pinned = ""
        self._guard = DrillGuard(cluster)
        self._proving = threading.Lock()
        self._unproved: RollbackError | None = None
        """Why the newest proof failed; None: none did."""
        self._skew = 0.0

    def warm(self) -> None:
        """Imports the client, reads the kubeconfig and gets a credential; for a thread that has time."""
        self._session(known=True).credentials.current()

    def server(self) -> str:
        """Returns the API server's address.

        Raises:
            ConfigurationError: The kubeconfig lacks the context.
        """
        return self._session(known=False).access.server

    def cluster_now(self) -> float:
        """Returns the time by the API server's clock, to the second, as far as its answers told."""
        return self._clock() + self._skew

    def skew(self) -> float:
        """Returns by how many seconds the API server's clock is ahead of this host's, as far as its newest answer told."""
        return self._skew

    def renew(self) -> None:
        """Reads kubeconfig and credentials again at the next request: a login may have written both.

        The address stays the one the connection began with: another one is refused.
        """
        with self._lock:
            self._drop()

    def close(self) -> None:
        """Closes every idle connection; a later request makes new ones."""
        with self._lock:
            self._drop()

    def reject_credentials(self) -> bool:
        """Forgets a refused credential; returns whether asking again may help."""
        with self._lock:
            return self._made is not None and self._made.credentials.reject()

    def ask(self, request: Request, *, read: float | None = None) -> Answer:
        """Sends one request once and returns its successful answer.

        Args:
            request: What to send.
            read: Seconds for the answer; the connection's own timeout if None.

        Raises:
            RollbackError: Every other answer and every failure, as `refusals` maps them.
        """
        answer = self.answer(request, read=read)
        judge(request, answer, self._pinned)
        return answer

    def answer(self, request: Request, *, read: float | None = None, limit: int = 0) -> Answer:
        """Sends one request once and returns its answer whatever the status; raises only what keeps an answer away.

        Of a body longer than `limit` bytes the rest is not read; 0: it is read whole.
        """
        self._prove()
        seconds = read if read is not None else self.timeouts.change if request.changing else self.timeouts.read
        return self._exchange(request, seconds, limit)

    def open(self, request: Request, *, read: float) -> urllib3.BaseHTTPResponse:
        """Opens a stream: a successful answer whose body the caller reads and closes.

        Args:
            request: What to send; a read without a body.
            read: Seconds of silence that are borne.

        Raises:
            RollbackError: Every other answer and every failure.
        """
        self._prove()
        body = WatchedBody(b"")
        with self._failures(request, body):
            response = self._send(request, body, read)
            if response.status == 200 and self._guard.belongs(lowered(response)):
                return response
            answer = received(response, time.monotonic() + self.timeouts.read)
        judge(request, answer, self._pinned)
        raise self._guard.stranger()

    def _exchange(self, request: Request, seconds: float, limit: int = 0) -> Answer:
        body = WatchedBody(b"" if request.body is None else json.dumps(request.body).encode())
        deadline = time.monotonic() + self.timeouts.connect + seconds
        with self._failures(request, body):
            answer = received(self._send(request, body, seconds), deadline, limit)
        if not self._guard.belongs(answer.headers):
            if request.changing:
                raise OutcomeUnknown("A change was answered by something else than this drill's own estate.", next_step=LOOK_FIRST)
            raise self._guard.stranger()
        return answer

    @contextmanager
    def _failures(self, request: Request, body: WatchedBody) -> Iterator[None]:
        """Turns the library's failures into what they mean."""
        try:
            yield
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise judge_failure(error, request, self._pinned, sent=body.begun, certificate=self._shown(error)) from error

    def _shown(self, error: Exception) -> Certificate | None:
        """Returns the certificate that was refused, with its times where they can be read at once; None: none was."""
        refusal = refused_certificate(error)
        found = refused(refusal) if refusal is not None else None
        address = urlsplit(self._pinned)
        return with_times(found, address.hostname, address.port or 443) if found is not None and address.hostname else found

    def _send(self, request: Request, body: WatchedBody, read: float) -> urllib3.BaseHTTPResponse:
        session = self._session(known=not request.anonymous)
        server = session.access.server
        # As kubectl: a secret is never sent over plain HTTP.
        proven = not request.anonymous and server.startswith("https://")
        authorization = session.credentials.current().authorization if proven else ""
        pool = session.strangers if request.anonymous else session.pool
        sent = self._clock()
        response = send(pool, server, request, body, authorization, urllib3.Timeout(connect=self.timeouts.connect, read=read))
        date = date_of(response.headers.get("Date", ""))
        if date is not None and not request.handed_on:
            self._skew = skew_of(date, sent, self._clock())
        return response

    def _prove(self) -> None:
        """For a drill: asks the other side to show that it is the drill's own before anything else is sent."""
        if self._guard.proved:
            return
        seen = self._unproved
        with self._proving:
            if self._unproved is not None and self._unproved is not seen:
                raise self._unproved.with_traceback(None)  # who waited for a proof that failed does not ask, and wait, once more
            try:
                if not self._guard.proved and not self._guard.accept_probe(self._exchange(self._guard.probe(), self.timeouts.read).headers):
                    self._guard.accept_marker(self._exchange(self._guard.marker(), self.timeouts.read).status)
            except RollbackError as error:
                self._unproved = error
                raise

    def _session(self, *, known: bool) -> _Session:
        """Returns the session; `known`: with the client certificate that a plugin may give."""
        with self._lock:
            if self._made is None:
                self._made = self._make(None, None)
            if known and self._made.access.user.get("exec"):
                certificate = self._made.credentials.current().certificate
                if certificate != self._made.certificate:
                    self._made = self._make(certificate, self._made)
            return self._made

    def _make(self, certificate: tuple[str, str] | None, before: _Session | None) -> _Session:
        access = load_access(self.cluster, certificate)
        self._guard.check_address(access.server)
        if self._pinned and access.server != self._pinned:
            raise UsageError(
                f"The context {access.context!r} now names {access.server}, but this run began with {self._pinned}.",
                next_step="Start again if that is meant.",
            )
        self._pinned = access.server
        credentials = before.credentials if before is not None else Credentials(access, self._clock)
        return _Session(access, credentials, make_pool(access, known=True), make_pool(access, known=False), certificate)

    def _drop(self) -> None:
        if self._made is not None:
            self._made.pool.clear()
            self._made.strangers.clear()
            self._made = None
