"""`pods/log`: what a container wrote, whole or as it is written."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gospel_rollback_tui.drill.kubernetes.catalogue import by_name
from gospel_rollback_tui.drill.kubernetes.documents import Json, micro_timestamp, parse_timestamp
from gospel_rollback_tui.drill.kubernetes.endpoints.exchange import Exchange
from gospel_rollback_tui.drill.kubernetes.faults import Faults
from gospel_rollback_tui.drill.kubernetes.http.messages import LOG_TYPE, Answer, Reply, Streaming, text_answer
from gospel_rollback_tui.drill.kubernetes.log_source import LogLine, LogSource
from gospel_rollback_tui.drill.kubernetes.registry import Registry
from gospel_rollback_tui.drill.kubernetes.statuses import ApiError, FieldError, Subject, bad_request, invalid

_PODS = by_name("pods")
_POLL_SECONDS = 0.2
_ENDED = ("Succeeded", "Failed")


@dataclass(frozen=True, slots=True)
class LogOptions:
    """What a log request asks for."""

    container: str
    follow: bool = False
    previous: bool = False
    timestamps: bool = False
    tail_lines: int | None = None
    limit_bytes: int | None = None
    since: datetime | None = None

    def printed(self, line: LogLine) -> bytes:
        """Return a line as it is sent."""
        stamp = micro_timestamp(line.at).replace("Z", "000Z ") if self.timestamps else ""
        return (stamp + line.text + "\n").encode()


def answer_log(exchange: Exchange, registry: Registry, source: LogSource, faults: Faults) -> Reply:
    """Answer a request for a container's log.

    Raises:
        ApiError: 400, 404 or 422.
    """
    pod = registry.get(_PODS, exchange.info.namespace, exchange.info.name)
    options = _read_options(pod, exchange.request.query, registry.now())
    if not pod["spec"].get("nodeName"):
        return text_answer("", 204)
    _check_started(pod, options)
    lines = source.lines(pod, options.container, previous=options.previous, start=0)
    wanted = [line for line in lines if options.since is None or line.at >= options.since]
    if options.tail_lines is not None:
        wanted = wanted[len(wanted) - min(options.tail_lines, len(wanted)) :]
    if options.follow:
        return Streaming(_following(registry, source, pod, options, wanted, len(lines), faults), LOG_TYPE)
    body = b"".join(options.printed(line) for line in wanted)
    return Answer(200, body[: options.limit_bytes], LOG_TYPE)


def _following(
    registry: Registry, source: LogSource, pod: Json, options: LogOptions, wanted: Sequence[LogLine], start: int, faults: Faults
) -> Iterator[bytes | None]:
    ticket = faults.open_watch()
    budget = options.limit_bytes
    while True:
        sent = b"".join(options.printed(line) for line in wanted)[:budget]
        while faults.is_dead(ticket):
            time.sleep(_POLL_SECONDS)
            yield None
        yield sent or None
        if budget is not None and (budget := budget - len(sent)) <= 0:
            return
        live = registry.store.get(_PODS, pod["metadata"]["namespace"], pod["metadata"]["name"])
        gone = live is None or live["metadata"]["uid"] != pod["metadata"]["uid"]
        wanted = source.lines(pod if live is None else live, options.container, previous=options.previous, start=start)
        start += len(wanted)
        if not wanted and (gone or live is None or _container_ended(live, options.container)):
            return
        if not wanted:
            time.sleep(_POLL_SECONDS)


def _container_ended(pod: Json, container: str) -> bool:
    if pod["status"].get("phase") in _ENDED:
        return True
    status = _container_status(pod, container)
    return status is not None and "running" not in status.get("state", {})


def _container_status(pod: Json, container: str) -> Json | None:
    statuses: list[Json] = [*pod["status"].get("initContainerStatuses", []), *pod["status"].get("containerStatuses", [])]
    return next((one for one in statuses if one["name"] == container), None)


def _check_started(pod: Json, options: LogOptions) -> None:
    status = _container_status(pod, options.container)
    name = pod["metadata"]["name"]
    waiting = (status or {}).get("state", {}).get("waiting", {"reason": "ContainerCreating"} if status is None else {})
    ran_before = bool((status or {}).get("lastState", {}).get("terminated"))
    if options.previous and not ran_before:
        raise bad_request(f'previous terminated container "{options.container}" in pod "{name}" not found')
    if waiting and not ran_before and not options.previous:
        reason = waiting.get("reason", "")
        trying = "trying and failing to pull image" if reason in ("ErrImagePull", "ImagePullBackOff") else f"waiting to start: {reason}"
        prefix = "is waiting to start: " if trying.startswith("trying") else "is "
        raise bad_request(f'container "{options.container}" in pod "{name}" {prefix}{trying}')


def _read_options(pod: Json, query: dict[str, str], now: datetime) -> LogOptions:
    name = pod["metadata"]["name"]
    tail = _integer(name, query, "tailLines", 0)
    limit = _integer(name, query, "limitBytes", 1)
    seconds = _integer(name, query, "sinceSeconds", 1)
    since = now - timedelta(seconds=seconds) if seconds is not None else None
    if query.get("sinceTime"):
        if seconds is not None:
            fault = FieldError("[]", "Forbidden", "at most one of `sinceTime` or `sinceSeconds` may be specified")
            raise invalid(Subject("pods", "PodLogOptions", "", name), [fault])
        try:
            since = parse_timestamp(query["sinceTime"])
        except ValueError as fault:
            raise bad_request(str(fault)) from None
    return LogOptions(
        container=_container(pod, query.get("container", "")),
        follow=_flag(query, "follow"),
        previous=_flag(query, "previous"),
        timestamps=_flag(query, "timestamps"),
        tail_lines=tail,
        limit_bytes=limit,
        since=since,
    )


def _flag(query: dict[str, str], name: str) -> bool:
    return query.get(name, "").lower() in ("true", "1")


def _integer(pod: str, query: dict[str, str], field: str, least: int) -> int | None:
    text = query.get(field)
    if not text:
        return None
    try:
        number = int(text)
    except ValueError:
        raise ApiError(400, "BadRequest", f'strconv.ParseInt: parsing "{text}": invalid syntax') from None
    if number < least:
        rule = "must be greater than or equal to 0" if least == 0 else "must be greater than 0"
        raise invalid(Subject("pods", "PodLogOptions", "", pod), [FieldError(field, "Invalid value", rule, number)])
    return number


def _container(pod: Json, wanted: str) -> str:
    name = pod["metadata"]["name"]
    initial = [container["name"] for container in pod["spec"].get("initContainers", [])]
    usual = [container["name"] for container in pod["spec"]["containers"]]
    if not wanted:
        if len(usual) == 1 and not initial:
            return str(usual[0])
        choice = f"choose one of: [{' '.join(usual)}]"
        if initial:
            choice += f" or one of the init containers: [{' '.join(initial)}]"
        raise bad_request(f"a container name must be specified for pod {name}, {choice}")
    if wanted not in initial + usual:
        raise bad_request(f"container {wanted} is not valid for pod {name}")
    return wanted
