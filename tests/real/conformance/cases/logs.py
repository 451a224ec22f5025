"""Logs of the scene's pods, and what is said where there is none."""

import re

from gospel_rollback_tui.drill.kubernetes.documents import JsonValue
from tests.real.conformance.case import Case, story
from tests.real.conformance.client import Ask, Reply
from tests.real.conformance.comparing import refusal
from tests.real.conformance.stage import Stage

STAMPED = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z .")


def _pod(stage: Stage, app: str, namespace: str = "") -> str:
    """Returns the path of the log of one pod of an app."""
    pods = stage.path("pods", group="v1", namespace=namespace)
    found = stage.admin.get(pods, labelSelector=f"app={app}")["items"]
    return f"{pods}/{found[0]['metadata']['name']}/log"


def _told(reply: Reply) -> JsonValue:
    """Returns what a log looks like, without its lines."""
    if reply.status != 200:
        return refusal(reply)
    lines = reply.text.splitlines()
    return [reply.status, reply.content_type, len(lines), all(STAMPED.match(line) for line in lines), reply.text.endswith("\n")]


@story
def a_log(stage: Stage) -> JsonValue:
    """Tail, bytes, times and starts in the past, of a pod that has written for a while."""
    path = _pod(stage, "gospelib-auth", stage.endpoints.namespace)
    queries: dict[str, dict[str, str]] = {
        "two": {"tailLines": "2"},
        "two with times": {"tailLines": "2", "timestamps": "true"},
        "none": {"tailLines": "0"},
        "ten bytes": {"tailLines": "1", "limitBytes": "10"},
        "by container": {"tailLines": "1", "container": "gateway"},
        "from the future": {"sinceTime": "2100-01-01T00:00:00Z"},
        "since a moment with a fraction": {"sinceTime": "2100-01-01T00:00:00.000000Z", "timestamps": "true", "tailLines": "2"},
        "negative tail": {"tailLines": "-1"},
        "no seconds": {"sinceSeconds": "0"},
        "no bytes": {"limitBytes": "0"},
        "both sinces": {"sinceSeconds": "1", "sinceTime": "2100-01-01T00:00:00Z"},
        "tail that is no number": {"tailLines": "abc"},
        "other container": {"container": "nope"},
        "before its first start": {"previous": "true"},
        "previous with the tool's words": {"previous": "true", "timestamps": "true", "tailLines": "200"},
    }
    return {name: _told(stage.operator.send(Ask("GET", path, query, accept="*/*"))) for name, query in queries.items()}


@story
def a_log_that_is_followed(stage: Stage) -> JsonValue:
    """The last lines first, then more as they are written."""
    path = _pod(stage, "gospelib-auth", stage.endpoints.namespace)
    query = {"follow": "true", "tailLines": "2", "timestamps": "true"}
    status, content_type, lines = stage.operator.lines(Ask("GET", path, query, accept="*/*"), lambda found: len(found) == 3)
    by_container = {"container": path.split("/pods/gospelib-")[1].split("-")[0], **query, "sinceTime": "2020-01-01T00:00:00.000000Z"}
    again = stage.operator.lines(Ask("GET", path, by_container, accept="*/*"), lambda found: len(found) == 1)
    return [status, content_type, [bool(STAMPED.match(line)) for line in lines], again[0], [bool(STAMPED.match(line)) for line in again[2]]]


@story
def a_log_of_the_run_before(stage: Stage) -> JsonValue:
    """A crashed container's last run: its lines."""
    path = _pod(stage, "gospelib-gateway", stage.endpoints.namespace)
    plain_query = stage.operator.send(Ask("GET", path, {"previous": "true"}, accept="*/*"))
    query = {"previous": "true", "timestamps": "true", "tailLines": "2", "container": "gateway"}
    tail = stage.operator.send(Ask("GET", path, query, accept="*/*"))
    return [plain_query.status, plain_query.text.splitlines()[:4], _told(tail)]


@story
def a_log_of_several_containers(stage: Stage) -> JsonValue:
    """Which one must be said."""
    path = _pod(stage, "web")
    return [refusal(stage.admin.send(Ask("GET", path))), refusal(stage.admin.send(Ask("GET", path, {"container": "nope"})))]


CASES: tuple[Case, ...] = (a_log, a_log_that_is_followed, a_log_of_the_run_before, a_log_of_several_containers)
