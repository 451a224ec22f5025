"""Lists, watches and logs with exactly the parameters that the tool sends, on the incident's own objects, by its operator."""

from gospel_rollback_tui.drill.kubernetes.documents import Json, JsonValue
from tests.real.conformance.case import Case, ask, story
from tests.real.conformance.client import Ask, Reply
from tests.real.conformance.comparing import fields_of, refusal
from tests.real.conformance.stage import Stage

PAGE = {"limit": "500"}
APPS, CORE = "apps/v1", "v1"
WATCHED = (("pods", CORE), ("deployments", APPS), ("replicasets", APPS), ("events", CORE))

USED_OF_AN_EVENT = frozenset({
    ".items[].involvedObject.kind",
    ".items[].involvedObject.name",
    ".items[].involvedObject.uid",
    ".items[].lastTimestamp",
    ".items[].message",
    ".items[].metadata.creationTimestamp",
    ".items[].metadata.uid",
    ".items[].reason",
    ".items[].type",
})  # fmt: skip
"""What the tool reads of an event; which other fields there are depends on who told it."""


def _edited(reply: Reply) -> JsonValue:
    """Returns who edited which ConfigMap of the services, and its keys."""
    services = [one for one in reply.good()["items"] if one["metadata"]["name"].endswith("-env")]
    return sorted([one["metadata"]["name"], sorted(one["data"]), [entry["manager"] for entry in one["metadata"]["managedFields"]]] for one in services)


def _event_fields(reply: Reply) -> JsonValue:
    return sorted(USED_OF_AN_EVENT & set(fields_of(reply.good())))


def _names(reply: Reply) -> JsonValue:
    """Returns which ReplicaSets a Deployment has, by revision and image."""
    kept = [[one["metadata"]["annotations"]["deployment.kubernetes.io/revision"], *_images(one)] for one in reply.good()["items"]]
    return sorted(kept)


def _images(item: Json) -> list[str]:
    return [container["image"] for container in item["spec"]["template"]["spec"]["containers"]]


def _running(reply: Reply) -> JsonValue:
    """Returns what the pods of a service run and whether they are Ready."""
    told = []
    for pod in reply.good()["items"]:
        ready = [one["status"] for one in pod["status"]["conditions"] if one["type"] == "Ready"]
        told.append([pod["status"]["phase"], ready, [one["image"] for one in pod["status"]["containerStatuses"]], pod["spec"]["nodeName"] != ""])
    return sorted(told)


def watched(plural: str, group: str) -> Case:
    """Returns the case of a feed: a list in pages, then a watch from where it ended."""

    def play(stage: Stage) -> JsonValue:
        path = stage.path(plural, group=group, namespace=stage.endpoints.namespace)
        version = stage.operator.get(path, **PAGE)["metadata"]["resourceVersion"]
        query = {"watch": "true", "allowWatchBookmarks": "true", "resourceVersion": version, "timeoutSeconds": "1"}
        status, content_type, lines = stage.operator.lines(Ask("GET", path, query))
        return [status, content_type, [line for line in lines if not line.startswith('{"type":"')], any('"ERROR"' in line[:20] for line in lines)]

    return Case(f"feed-of-{plural}", play)


WARNINGS = "involvedObject.kind=Pod,type=Warning"
"""Of further namespaces only these events are read."""


def _heard(stage: Stage, by: str, path: str, fields: str = "") -> JsonValue:
    """Returns how a feed of that path goes: the fields of a list without items, then a watch, whose changes and bookmarks come when each server wills."""
    client = stage.admin if by == "admin" else stage.operator
    selected = {"fieldSelector": fields} if fields else {}
    listed = client.get(path, **PAGE, **selected)
    query = {"watch": "true", "allowWatchBookmarks": "true", "resourceVersion": listed["metadata"]["resourceVersion"], "timeoutSeconds": "2", **selected}
    status, content_type, lines = client.lines(Ask("GET", path, query))
    return [
        listed["kind"],
        sorted(listed["metadata"]),
        status,
        content_type,
        any('"ERROR"' in line[:20] for line in lines),
    ]


@story
def a_feed_of_nodes(stage: Stage) -> JsonValue:
    """Nodes live in no namespace; the operator may read them."""
    return _heard(stage, "operator", "/api/v1/nodes")


@story
def a_feed_of_all_namespaces(stage: Stage) -> JsonValue:
    """Pods and warnings of every namespace but the services' own, which the server leaves out."""
    others = f"metadata.namespace!={stage.endpoints.namespace}"
    told = [_heard(stage, "admin", "/api/v1/pods", others), _heard(stage, "admin", "/api/v1/events", f"{WARNINGS},{others}")]
    spaces = [{pod["metadata"]["namespace"] for pod in stage.admin.get("/api/v1/pods", fieldSelector=fields, **PAGE)["items"]} for fields in (others, "")]
    return [told, [stage.endpoints.namespace in found for found in spaces]]


@story
def a_feed_of_warnings(stage: Stage) -> JsonValue:
    """The warnings about the pods of one namespace."""
    path = stage.path("events", group=CORE, namespace=stage.endpoints.namespace)
    found = stage.operator.get(path, fieldSelector=WARNINGS, **PAGE)["items"]
    return [_heard(stage, "operator", path, WARNINGS), all(one["type"] == "Warning" and one["involvedObject"]["kind"] == "Pod" for one in found)]


@story
def pages_of_the_scene(stage: Stage) -> JsonValue:
    """A list in pages of two: every name once, the same version on all."""
    told: list[JsonValue] = []
    for plural, group in WATCHED:
        path = stage.path(plural, group=group, namespace=stage.endpoints.namespace)
        first = stage.operator.get(path, limit="2")
        second = stage.operator.send(Ask("GET", path, {"limit": "2", "continue": first["metadata"]["continue"]}))
        names = [item["metadata"]["name"] for page in (first, second.good()) for item in page["items"]]
        told.append([len(names), len(set(names)), names == sorted(names), first["metadata"]["resourceVersion"] == second.good()["metadata"]["resourceVersion"]])
    return told


@story
def logs_of_the_scene(stage: Stage) -> JsonValue:
    """Every combination of parameters that the log pane, the checks and triage use."""
    pods = stage.path("pods", group=CORE, namespace=stage.endpoints.namespace)
    pod = stage.operator.get(pods, labelSelector="app=gospelib-auth", **PAGE)["items"][0]["metadata"]["name"]
    past, base = {"sinceTime": "2020-01-01T00:00:00.000000Z"}, {"container": "auth", "timestamps": "true"}
    queries: list[dict[str, str]] = [
        {**base, "tailLines": "2"},
        {**base, **past, "tailLines": "2"},
        {**base, **past},
        {**base, "previous": "true", "tailLines": "2"},
    ]
    told: list[JsonValue] = []
    for query in queries:
        reply = stage.operator.send(Ask("GET", f"{pods}/{pod}/log", query))
        told.append([reply.status, reply.content_type, len(reply.text.splitlines()) >= 2 if reply.status == 200 else refusal(reply)["status"]["reason"]])
    for more in ({"tailLines": "2"}, past, {**past, "tailLines": "2"}):
        status, content_type, lines = stage.operator.lines(Ask("GET", f"{pods}/{pod}/log", {**base, "follow": "true", **more}), lambda found: len(found) == 2)
        told.append([status, content_type, len(lines)])
    return told


SCENE_PODS = "/api/v1/namespaces/{scene}/pods"
SCENE_SETS = "/apis/apps/v1/namespaces/{scene}/replicasets"
SCENE_EVENTS = "/api/v1/namespaces/{scene}/events"

CASES: tuple[Case, ...] = (
    *(watched(plural, group) for plural, group in WATCHED),
    a_feed_of_nodes,
    a_feed_of_all_namespaces,
    a_feed_of_warnings,
    pages_of_the_scene,
    logs_of_the_scene,
    ask("pods-of-a-service", Ask("GET", SCENE_PODS, {**PAGE, "labelSelector": "app=gospelib-billing"}), _running, "operator"),
    ask("sets-of-a-service", Ask("GET", SCENE_SETS, {**PAGE, "labelSelector": "app=gospelib-gateway"}), _names, "operator"),
    ask("events-of-the-scene", Ask("GET", SCENE_EVENTS, PAGE), _event_fields, "operator"),
    ask("events-of-a-service", Ask("GET", SCENE_EVENTS, {**PAGE, "fieldSelector": "involvedObject.kind=Pod"}), _event_fields, "operator"),
    ask("pods-of-all-namespaces-for-the-operator", Ask("GET", "/api/v1/pods", PAGE), refusal, "operator"),
    ask("pods-of-a-namespace-without-a-right", Ask("GET", "/api/v1/namespaces/kube-system/pods", PAGE), refusal, "operator"),
    ask(
        "warnings-of-a-namespace-without-a-right", Ask("GET", "/api/v1/namespaces/kube-system/events", {**PAGE, "fieldSelector": WARNINGS}), refusal, "operator"
    ),
    ask("config-maps-of-the-scene", Ask("GET", "/api/v1/namespaces/{scene}/configmaps", PAGE), _edited, "operator"),
)
