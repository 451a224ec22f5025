"""The services of the simulated estate as users and probes meet them, following what their Ready pods run."""

import itertools
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from threading import Lock

from gospel_rollback_tui.drill.loopback_http import Request, Response, json_response
from gospel_rollback_tui.drill.script import SERVICE_PORTS, Answer, Script, deployment_name

VERSIONS = Callable[[str], int | None]
"""Returns where a service's schema stands; None: it has no database."""

READY_TAGS = Callable[[str], Sequence[str]]
"""Returns the image tag of each Ready pod of a service."""

ROUTES = (
    ("/v1/verses", "content"),
    ("/v1/search", "content"),
    ("/v1/account", "auth"),
    ("/v1/plans", "billing"),
    ("/v1/ask", "ai"),
    ("/v1/notifications", "notifications"),
)
"""Which service stands behind a path of the public API; the gateway stands before all of them."""

CONTENTS = {
    "/v1/verses/gen.1.1": {"ref": "gen.1.1", "text": "In the beginning God created the heaven and the earth."},
    "/v1/search": {"query": "grace", "hits": [{"ref": "eph.2.8"}, {"ref": "rom.3.24"}, {"ref": "gen.6.8"}]},
}

NO_POD = Answer(503, '{"error":"no healthy upstream"}')


class ServiceAnswers:
    """Answers the public API and the probes of every service; safe to use from any thread."""

    def __init__(self, script: Script, ready_tags: READY_TAGS, versions: VERSIONS = lambda _service: None) -> None:
        """Answer as the script says for the tags that run, on the schemas as they stand."""
        self._script = script
        self._versions = versions
        self._ready_tags = ready_tags
        self._turns: defaultdict[str, Iterator[int]] = defaultdict(itertools.count)
        self._lock = Lock()

    def __call__(self, request: Request) -> Response:
        """Answer a request to the public API, or to `/services/NAME/health` and `/services/NAME/ready`."""
        if request.method not in ("GET", "HEAD"):
            return json_response({"error": "method not allowed"}, 405)
        answer = self._answer(request.path)
        return Response(answer.status, answer.body.encode())

    def within(self, cluster_service: str, path: str) -> Response | None:
        """Answer a GET as a pod behind that Kubernetes Service does; None: nothing listens there."""
        service = cluster_service.removeprefix(deployment_name(""))
        if service not in SERVICE_PORTS:
            return None
        answer = self._service(service, path)
        return Response(answer.status, answer.body.encode())

    def _answer(self, path: str) -> Answer:
        if path.startswith("/services/"):
            _, _, service, probe = path.split("/", 3) if path.count("/") >= 3 else ("", "", "", "")
            if service not in SERVICE_PORTS or probe not in ("health", "ready"):
                return Answer(404, '{"error":"not found"}')
            return self._service(service, f"/{probe}")
        gateway = self._service("gateway", path)
        if gateway.status != 200 or path in ("/health", "/ready"):
            return gateway
        behind = next((service for prefix, service in ROUTES if path.startswith(prefix)), None)
        return self._service(behind, path) if behind else Answer(404, '{"error":"not found"}')

    def _service(self, service: str, path: str) -> Answer:
        """Answer as the service's next Ready pod does."""
        tags = self._ready_tags(service)
        if not tags:
            return NO_POD
        with self._lock:
            turn = next(self._turns[service])
        tag = tags[turn % len(tags)]
        for prefix, answer in self._script.behaviour(service, tag, self._versions(service)).answers:
            if path.startswith(prefix):
                return answer
        if path in ("/health", "/ready"):
            return Answer(200, json.dumps({"status": "ok", "service": service, "version": tag}))
        return Answer(200, json.dumps(CONTENTS.get(path, {"service": service, "path": path})))
