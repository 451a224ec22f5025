"""Asks a service's health through the API server's proxy: GET only, with the connection's own credentials, within the probe's own bounds."""

import re
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from gospel_rollback_tui.domain.errors import CredentialsExpired, Forbidden, NotFound, NotSent, RollbackError
from gospel_rollback_tui.domain.estate import HttpCheck, Service
from gospel_rollback_tui.domain.health import HttpAnswer, NoAnswer
from gospel_rollback_tui.domain.raw import JsonObject, children, number, text
from gospel_rollback_tui.infra.cluster.connection import ClusterConnection
from gospel_rollback_tui.infra.cluster.exchange import Answer, Request, path_of
from gospel_rollback_tui.infra.cluster.refusals import message_of

READ_SECONDS = 3.0
TOTAL_SECONDS = 4.0
"""From asking to the end of the answer, as for a direct request."""
BODY_LIMIT = 64 * 1024
LOGIN_EXPIRED = "the login to the API server has expired"
_BUSY = b"Too many requests, please try again later."
"""What a server that serves others first says, without a Status (priority and fairness)."""
_IN_CLUSTER = re.compile(r"(?P<name>[a-z]([a-z0-9-]*[a-z0-9])?)\.(?P<namespace>[a-z0-9-]+)\.svc(\.|$)")


@dataclass(frozen=True, slots=True)
class _Place:
    """A Service as the proxy's path names it."""

    name: str
    port: str = ""
    """Number or name; empty: looked up."""
    scheme: str = ""

    def segment(self, port: str) -> str:
        """Returns `name:port` or `scheme:name:port`."""
        return f"{self.scheme}:{self.name}:{port}" if self.scheme else f"{self.name}:{port}" if port else self.name


class ServiceProxy:
    """Asks through `services/NAME/proxy` of the environment's namespace; safe to use from many threads."""

    def __init__(self, connection: ClusterConnection, *, total: float = TOTAL_SECONDS) -> None:
        """Asks over the given connection; `total`: seconds for one request."""
        self._connection = connection
        self._total = total
        self._ports: dict[str, str] = {}

    def ask(self, service: Service, check: HttpCheck) -> HttpAnswer:
        """Returns what one of the service's pods answers to the check's path, or why there is no answer; never raises.

        The request runs in a thread of its own, which at the deadline is left to end by its own timeouts.
        """
        began = time.perf_counter()
        found: list[HttpAnswer] = []
        done = threading.Event()

        def run() -> None:
            """Asks, and says that it is done whatever came."""
            try:
                found.append(self._ask(service, check, began))
            finally:
                done.set()

        threading.Thread(target=run, name="proxied-probe", daemon=True).start()
        done.wait(self._total)
        late = _none(NoAnswer.TIMEOUT, f"no whole answer through the API server within {self._total:g} s", began)
        return found[0] if found else late

    def _ask(self, service: Service, check: HttpCheck, began: float) -> HttpAnswer:
        place = place_of(service, check.url)
        address = urlsplit(check.url)
        try:
            port = place.port or self._port(place.name)
            base = path_of("api", "v1", "namespaces", self._connection.cluster.namespace, "services")
            path = f"{base}/{place.segment(port)}/proxy{address.path or '/'}"
            query = tuple(parse_qsl(address.query, keep_blank_values=True))
            answer = self._connection.answer(Request(check.method, path, query, handed_on=True), read=READ_SECONDS, limit=BODY_LIMIT)
        except RollbackError as error:
            return _none(NoAnswer.PROXY, _words(error), began)
        refused = _of_the_proxy(answer)
        if refused is None:
            target = answer.headers.get("location", "") if 300 <= answer.status < 400 else ""
            body = answer.body[:BODY_LIMIT].decode("utf-8", "replace")
            return HttpAnswer(answer.status, body, time.perf_counter() - began, redirected_to=target, through=True)
        self._ports.pop(place.name, None)
        return _none(*refused, began)

    def _port(self, name: str) -> str:
        """Returns the port of a Service that health is asked at: `http`, `https`, or its first; remembered until it fails."""
        if name not in self._ports:
            path = path_of("api", "v1", "namespaces", self._connection.cluster.namespace, "services", name)
            ports = children(self._connection.ask(Request("GET", path), read=READ_SECONDS).json(), "spec", "ports")
            self._ports[name] = _chosen(ports)
        return self._ports[name]


def place_of(service: Service, url: str) -> _Place:
    """Returns which Service answers a check: the configured one, the one that the address names inside the cluster, or the Deployment's namesake."""
    if service.cluster_service:
        parts = service.cluster_service.split(":")
        scheme = parts.pop(0) if parts[0] in ("http", "https") and len(parts) > 1 else ""
        return _Place(parts[0], parts[1] if len(parts) > 1 else "", scheme)
    address = urlsplit(url)
    scheme = "https" if address.scheme == "https" else ""
    inside = _IN_CLUSTER.match(address.hostname or "")
    if inside is None:
        return _Place(service.deployment)
    return _Place(inside["name"], str(address.port or (443 if scheme else 80)), scheme)


def _chosen(ports: Sequence[JsonObject]) -> str:
    named = [text(port.get("name")) for port in ports]
    for wanted in ("http", "https", "web"):
        if wanted in named:
            return wanted
    return str(number(ports[0].get("port"))) if ports else ""


def _of_the_proxy(answer: Answer) -> tuple[NoAnswer, str] | None:
    """Returns why the API server itself could not hand the request on; None: the answer is the service's own.

    It speaks of itself by a Status of `v1`; whatever else came, status 503 included, a pod has said.
    """
    if answer.status == 429 and answer.body.startswith(_BUSY):
        return NoAnswer.PROXY, "the API server serves others first (429)"
    status = answer.json_or_none()
    if answer.status < 400 or status is None or status.get("kind") != "Status" or status.get("apiVersion") != "v1":
        return None
    said = message_of(answer)
    if answer.status == 503 and "no endpoints available" in said:
        return NoAnswer.NO_PODS, said
    if answer.status == 503 and "connection refused" in said:
        return NoAnswer.REFUSED, said
    if answer.status == 401:
        return NoAnswer.PROXY, LOGIN_EXPIRED
    if answer.status == 403:
        return NoAnswer.PROXY, f"no right to ask it through the API server: {said}"
    if answer.status == 404:
        return NoAnswer.PROXY, f"there is no such Service: {said}"
    return NoAnswer.PROXY, f"the API server could not hand it on ({answer.status}): {said}"


def _words(error: RollbackError) -> str:
    if isinstance(error, CredentialsExpired):
        return LOGIN_EXPIRED
    if isinstance(error, Forbidden):
        return f"no right to look the Service up: {error.text}"
    if isinstance(error, NotFound):
        return f"there is no such Service: {error.text}"
    return error.why if isinstance(error, NotSent) and error.why else error.text


def _none(problem: NoAnswer, detail: str, began: float) -> HttpAnswer:
    return HttpAnswer(None, "", time.perf_counter() - began, problem, detail, through=True)
