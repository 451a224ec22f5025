"""The estate's Prometheus: the query API over what users meet, by the script before the drill began and as it happens since.

It knows the usual queries by their text and evaluates nothing else: any other query finds nothing, as a metric that nobody writes.
"""

import math
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from threading import Event, Lock

from gospel_rollback_tui.domain.metric_queries import DEFAULT_QUERIES, expanded
from gospel_rollback_tui.drill.loopback_http import Request, Response, json_response
from gospel_rollback_tui.drill.script import NAMESPACE, SERVICE_PORTS, Script, deployment_name
from gospel_rollback_tui.drill.services import READY_TAGS, ROUTES, VERSIONS

RETENTION = 86_400.0
"""Seconds before the drill's start from which there is something to find."""
MOST_POINTS = 11_000
"""Points of a range that the real one gives at most."""
LONGEST_WINDOW = 15.0
"""Seconds over which a rate is taken; the real two minutes would keep whoever practises waiting."""
LOOK_SECONDS = 1.0
"""Seconds that a look at all pods serves every question: an estate may have thousands."""

_TRAFFIC = {"/v1/verses": 0.6, "/v1/search": 0.2, "/v1/account": 0.08, "/v1/plans": 0.05, "/v1/ask": 0.04, "/v1/notifications": 0.03}
"""Share of the users' requests by path."""
_EXAMPLE = {"/v1/verses": "/v1/verses/gen.1.1"}
"""The whole path of a request, where scripts tell it from its beginning."""


@dataclass(frozen=True, slots=True)
class _Curve:
    """How a metric follows from the share of failing requests."""

    calm: float
    noise: float
    """Share of the calm value by which it wavers."""
    rise: float
    """What is added when every request fails."""

    def at(self, moment: float, failing: float) -> float:
        """Return the value at a wall time; the same for the same minute."""
        waver = zlib.crc32(str(int(moment // 60)).encode()) % 2000 / 1000 - 1
        return self.calm * (1 + self.noise * waver * (1 - failing)) + self.rise * failing


_CURVES = {
    "error rate": _Curve(0.002, 0.2, 0.998),
    "latency p95": _Curve(0.120, 0.05, 0.780),
    "CPU of limits": _Curve(0.34, 0.05, 0.08),
    "memory of limit": _Curve(0.46, 0.02, 0.0),
}


def failing_share(script: Script, ready_tags: READY_TAGS, versions: VERSIONS) -> float:
    """Return which share of the users' requests fails with what runs now."""

    def good(service: str, path: str) -> float:
        """Return which share of a service's pods answers a request well."""
        tags = ready_tags(service)
        if not tags:
            return 0.0
        version = versions(service)
        answers = [next((a for prefix, a in script.behaviour(service, tag, version).answers if path.startswith(prefix)), None) for tag in tags]
        return sum(answer is None or answer.status < 500 for answer in answers) / len(tags)

    behind = dict(ROUTES)
    paths = [(path, _EXAMPLE.get(path, path), share) for path, share in _TRAFFIC.items()]
    return sum(share * (1 - good("gateway", whole) * good(behind[path], whole)) for path, whole, share in paths)


class PrometheusAnswers:
    """Answers `/api/v1/query` and `/api/v1/query_range`; safe to use from any thread."""

    def __init__(
        self,
        script: Script,
        ready_tags: READY_TAGS,
        versions: VERSIONS = lambda _service: None,
        *,
        window: float = LONGEST_WINDOW,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Tell of an estate that starts now; rates are taken over `window` seconds."""
        self._look = partial(failing_share, script, ready_tags, versions)
        self._window = window
        self._clock = clock
        self._started = clock()
        self._onset = self._started - script.failing_before
        self._steps: list[tuple[float, float]] = []
        """(wall time, share of failing requests from then on), oldest first."""
        self._looked = -math.inf
        self._lock = Lock()
        self._spoken = Event()
        self._spoken.set()
        deployments = [(service, deployment_name(service)) for service in SERVICE_PORTS]
        self._curves = {query.promql: _CURVES[query.name] for query in expanded(DEFAULT_QUERIES, NAMESPACE, deployments)}

    def silence(self) -> None:
        """Accept every question from now on and answer none."""
        self._spoken.clear()

    def speak(self) -> None:
        """Answer again, also what was asked meanwhile."""
        self._spoken.set()

    def observe(self) -> None:
        """Note what users meet now."""
        share, now = self._look(), self._clock()
        with self._lock:
            self._looked = now
            if not self._steps:
                self._steps = [(self._onset, share)]
            if self._steps[-1][1] != share:
                self._steps.append((now, share))

    def __call__(self, request: Request) -> Response:
        """Answer a question as Prometheus 3 does."""
        self._spoken.wait()
        if self._clock() - self._looked >= LOOK_SECONDS:
            self.observe()
        if request.path not in ("/api/v1/query", "/api/v1/query_range"):
            return Response(404, b"404 page not found\n", "text/plain")
        promql = request.query.get("query", "")
        if not promql:
            return _refused('invalid parameter "query": unknown position: parse error: no expression found in input')
        if any(promql.count(begin) != promql.count(end) for begin, end in ("()", "{}", "[]")):
            return _refused(f'invalid parameter "query": 1:{len(promql) + 1}: parse error: unclosed left parenthesis')
        try:
            moments = self._moments(request)
        except (KeyError, ValueError):
            return _refused("invalid parameter: cannot parse to a valid timestamp or duration")
        if len(moments) > MOST_POINTS:
            return _refused("exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)")
        return self._found(promql, moments, ranged=request.path.endswith("_range"))

    def _moments(self, request: Request) -> Sequence[float]:
        """Return the times that a question asks for; raise KeyError or ValueError where it does not say them."""
        if not request.path.endswith("_range"):
            return (float(request.query.get("time", self._clock())),)
        begin, end, step = (float(request.query[name]) for name in ("start", "end", "step"))
        if end < begin or step <= 0 or not all(map(math.isfinite, (begin, end, step))):
            raise ValueError("time goes forward")
        return [begin + step * number for number in range(min(MOST_POINTS + 1, int((end - begin) // step) + 1))]

    def _found(self, promql: str, moments: Sequence[float], *, ranged: bool) -> Response:
        curve = self._curves.get(promql)
        now = self._clock()
        pairs = [[at, f"{curve.at(at, self._failing(at)):.6g}"] for at in moments if self._started - RETENTION <= at <= now + 1] if curve else []
        result = [{"metric": {}, "values": pairs} if ranged else {"metric": {}, "value": pairs[0]}] if pairs else []
        return json_response({"status": "success", "data": {"resultType": "matrix" if ranged else "vector", "result": result}})

    def _failing(self, at: float) -> float:
        """Return the mean share of failing requests over the window that ends then."""
        with self._lock:
            steps = [(-math.inf, 0.0), *self._steps, (math.inf, 0.0)]
        begin = at - self._window
        parts = [share * max(0.0, min(at, until) - max(begin, since)) for (since, share), (until, _) in pairwise(steps)]
        return sum(parts) / self._window


def _refused(words: str) -> Response:
    return json_response({"status": "error", "errorType": "bad_data", "error": words}, 400)


def window_of(hold: float) -> float:
    """Return the seconds over which rates are taken in a drill whose stability watch holds so long: short where nobody looks on."""
    return min(LONGEST_WINDOW, max(0.5, hold / 12))
