"""The way of a request: who, throttled or not, allowed or not, which endpoint, the witness."""

import sys
import traceback
import uuid
from dataclasses import dataclass
from email.utils import format_datetime
from threading import Event

from gospel_rollback_tui.drill.kubernetes.authorisation import Authoriser
from gospel_rollback_tui.drill.kubernetes.catalogue import GROUP_VERSIONS, ResourceType, by_path
from gospel_rollback_tui.drill.kubernetes.documents import Clock, Json, micro_timestamp
from gospel_rollback_tui.drill.kubernetes.endpoints.exchange import Exchange
from gospel_rollback_tui.drill.kubernetes.endpoints.logs import answer_log
from gospel_rollback_tui.drill.kubernetes.endpoints.negotiation import wants_pretty
from gospel_rollback_tui.drill.kubernetes.endpoints.objects import ObjectEndpoints
from gospel_rollback_tui.drill.kubernetes.endpoints.outside import answer_outside
from gospel_rollback_tui.drill.kubernetes.endpoints.proxy import SUBRESOURCE, Backend, answer_proxy, nobody
from gospel_rollback_tui.drill.kubernetes.endpoints.request_info import RequestInfo, request_info
from gospel_rollback_tui.drill.kubernetes.endpoints.reviews import REVIEWS, answer_review
from gospel_rollback_tui.drill.kubernetes.endpoints.scale import answer_scale
from gospel_rollback_tui.drill.kubernetes.endpoints.watching import read_watch, watch_events
from gospel_rollback_tui.drill.kubernetes.faults import Faults
from gospel_rollback_tui.drill.kubernetes.http.messages import Answer, Reply, Request, Streaming, json_answer, text_answer
from gospel_rollback_tui.drill.kubernetes.identities import Tokens, User
from gospel_rollback_tui.drill.kubernetes.log_source import LogSource
from gospel_rollback_tui.drill.kubernetes.registry import Registry
from gospel_rollback_tui.drill.kubernetes.request_log import MUTATING_METHODS, RequestLog, RequestRecord, logged_body
from gospel_rollback_tui.drill.kubernetes.statuses import ApiError, PlainError, internal_error, no_such_resource, not_found, throttled, unauthorized

_HOLD_TICK_SECONDS = 0.1
_FLOW = {
    "X-Kubernetes-Pf-Flowschema-Uid": "5a0b4ba1-0e8f-4a8b-9c33-1d0e55b1c6f2",
    "X-Kubernetes-Pf-Prioritylevel-Uid": "c3f1a7a4-5b1e-4f2e-8a41-7f2b8f0d9e11",
}


@dataclass(frozen=True, slots=True)
class Parts:
    """What the dispatcher works with."""

    registry: Registry
    tokens: Tokens
    authoriser: Authoriser
    faults: Faults
    requests: RequestLog
    log_source: LogSource
    clock: Clock
    nonce: str
    closing: Event
    """Set when the server ends."""
    backend: Backend = nobody
    """What listens in the pods behind Services."""


class Dispatcher:
    """Answers every request of every connection; safe to use from any thread."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._objects = ObjectEndpoints(parts.registry, parts.clock)

    def common_headers(self, status: int) -> dict[str, str]:
        """Return the headers that every answer of a status carries."""
        date = format_datetime(self._parts.clock.now(), usegmt=True)
        headers = {"Audit-Id": str(uuid.uuid4()), "Cache-Control": "no-cache, private", "Date": date, "Gospel-Rollback-Drill": self._parts.nonce}
        return headers if status == 401 else headers | _FLOW

    def answer(self, request: Request) -> Reply | None:
        """Answer a request; `None` when its connection is to be broken instead."""
        parts = self._parts
        if parts.faults.latency:
            parts.closing.wait(parts.faults.latency)
        while parts.faults.is_frozen and not parts.closing.wait(_HOLD_TICK_SECONDS):
            pass
        user = parts.tokens.authenticate(request.bearer_token)
        info = request_info(request)
        try:
            reply = self._route(request, info, user)
        except ApiError as refusal:
            headers = {"X-Content-Type-Options": "nosniff"} if refusal.code == 403 else {}
            reply = json_answer(refusal.status(), refusal.code, headers, pretty=wants_pretty(request))
        except PlainError as refusal:
            reply = text_answer(refusal.text, refusal.code, refusal.headers)
        except Exception as fault:  # noqa: BLE001 - the boundary of a connection's thread: as the real server, it answers 500 and lives on
            traceback.print_exc(file=sys.stderr)
            reply = json_answer(internal_error(repr(fault)).status(), 500)
        self._witness(request, user, reply)
        if parts.faults.is_down or not self._let_go(request, reply):
            return None
        return reply

    def _route(self, request: Request, info: RequestInfo, user: User | None) -> Reply:
        parts = self._parts
        if user is None:
            raise unauthorized()
        if not user.is_master and (retry_after := parts.faults.take_throttle(user.name)) is not None:
            raise throttled(retry_after)
        parts.authoriser.check(user, info.attributes, info.subject)
        if not info.plural:
            return answer_outside(request)
        if info.group not in {group for group, _ in GROUP_VERSIONS}:
            raise PlainError(404, "404 page not found\n", {"X-Content-Type-Options": "nosniff"})
        resource = by_path(info.group, info.version, info.plural)
        if resource.namespaced and info.name and not info.namespace:
            raise no_such_resource()
        return self._resource(Exchange(request, info, user), resource)

    def _resource(self, exchange: Exchange, resource: ResourceType) -> Reply:
        parts, info = self._parts, exchange.info
        if info.plural in REVIEWS:
            return answer_review(exchange, parts.authoriser, parts.registry)
        if info.plural == "services" and info.subresource == SUBRESOURCE:
            return answer_proxy(exchange, parts.registry, parts.backend)
        if info.subresource and info.subresource not in resource.subresources:
            raise not_found(resource.subject(info.name)) if resource.custom else no_such_resource()
        if info.subresource == "log":
            return answer_log(exchange, parts.registry, parts.log_source, parts.faults)
        if info.subresource == "scale":
            return answer_scale(exchange, resource, parts.registry)
        if info.verb == "watch":
            watch = read_watch(resource, info.namespace, info.name, exchange.request.query, exchange.shape)
            return Streaming(watch_events(parts.registry.store, watch, parts.clock, parts.faults))
        return self._objects.answer(exchange, resource)

    def _witness(self, request: Request, user: User | None, reply: Reply) -> None:
        body = logged_body(request.body) if request.method in MUTATING_METHODS else None
        record = RequestRecord(
            time=micro_timestamp(self._parts.clock.now()),
            method=request.method,
            path=request.path,
            query=request.query,
            content_type=request.header("Content-Type"),
            accept=request.header("Accept"),
            user=user.name if user else "",
            user_agent=request.header("User-Agent"),
            status=reply.status,
            dry_run=_is_dry_run(request, body),
            body=body,
        )
        self._parts.requests.write(record)

    def _let_go(self, request: Request, reply: Reply) -> bool:
        """Keep an answer back while a hold wants it; tell whether it may go at last."""
        if request.method not in MUTATING_METHODS or not isinstance(reply, Answer) or reply.status >= 300:
            return True
        if request.query.get("dryRun"):
            return True
        hold = self._parts.faults.take_hold(request.method, request.path)
        if hold is None:
            return True
        hold.arrived.set()
        while not hold.finished.wait(_HOLD_TICK_SECONDS):
            if self._parts.closing.is_set() or self._parts.faults.is_down:
                return False
        return not hold.dropped


def _is_dry_run(request: Request, body: Json | str | None) -> bool:
    return request.query.get("dryRun") == "All" or (isinstance(body, dict) and bool(body.get("dryRun")) and request.method == "DELETE")
