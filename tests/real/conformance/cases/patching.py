"""Changes that succeed: what the answer holds, what is stored, and what a dry run leaves alone."""

from gospel_rollback_tui.drill.kubernetes.documents import Json, JsonValue
from tests.real.conformance.case import Case, story
from tests.real.conformance.client import APPLY, JSON, JSON_PATCH, MERGE, STRATEGIC, Ask
from tests.real.conformance.comparing import plain, refusal, whole
from tests.real.conformance.stage import V2, Stage, deployment

CONTAINERS = {"template": {"spec": {"containers": [{"name": "web", "image": V2}]}}}
PATCHES: dict[str, tuple[JsonValue, str]] = {
    "one-container": ({"spec": CONTAINERS}, STRATEGIC),
    "env-deleted": ({"spec": {"template": {"spec": {"containers": [{"name": "web", "env": [{"name": "B", "$patch": "delete"}]}]}}}}, STRATEGIC),
    "env-replaced": (
        {"spec": {"template": {"spec": {"containers": [{"name": "web", "env": [{"$patch": "replace"}, {"name": "Z", "value": "9"}]}]}}}},
        STRATEGIC,
    ),
    "ordered": (
        {
            "spec": {
                "template": {
                    "spec": {"$setElementOrder/containers": [{"name": "side"}, {"name": "web"}], "containers": [{"name": "web", "image": V2}]},
                }
            }
        },
        STRATEGIC,
    ),
    "template-replaced": (
        {"spec": {"template": {"$patch": "replace", "metadata": {"labels": {"app": "{name}"}}, "spec": {"containers": [{"name": "web", "image": V2}]}}}},
        STRATEGIC,
    ),
    "container-added": ({"spec": {"template": {"spec": {"containers": [{"name": "new", "image": V2}]}}}}, STRATEGIC),
    "list-merged-away": ({"spec": CONTAINERS}, MERGE),
    "null-removes": ({"spec": {"template": {"spec": {"containers": None}}, "revisionHistoryLimit": None}, "metadata": {"annotations": None}}, MERGE),
    "paused": ({"spec": {"paused": True}}, STRATEGIC),
    "paused-null": ({"spec": {"paused": None}}, STRATEGIC),
    "restarted": ({"spec": {"template": {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": "2026-01-01T00:00:00Z"}}}}}, STRATEGIC),
    "strategy-recreate": ({"spec": {"strategy": {"type": "Recreate", "rollingUpdate": None}}}, MERGE),
    "strategy-percent": ({"spec": {"strategy": {"rollingUpdate": {"maxSurge": "100%", "maxUnavailable": 1}}}}, MERGE),
    "tested": (
        [
            {"op": "test", "path": "/spec/template/spec/containers/0/name", "value": "web"},
            {"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": V2},
            {"op": "add", "path": "/metadata/annotations/kubernetes.io~1change-cause", "value": "second"},
            {"op": "add", "path": "/spec/template/spec/containers/0/env/-", "value": {"name": "C", "value": "3"}},
            {"op": "remove", "path": "/spec/template/spec/containers/0/env/0"},
            {"op": "copy", "from": "/metadata/labels/app", "path": "/metadata/labels/copied"},
            {"op": "move", "from": "/metadata/labels/copied", "path": "/metadata/labels/moved"},
        ],
        JSON_PATCH,
    ),
    "template-with-a-hash": (
        [{"op": "add", "path": "/spec/template/metadata/labels/pod-template-hash", "value": "left-over"}],
        JSON_PATCH,
    ),
    "unknown-field-dropped": ({"spec": {"bogus": 1}}, MERGE),
    "empty-json-patch": ([], JSON_PATCH),
}
"""Every way a Deployment is changed, each played as a dry run and then in earnest on a Deployment of its own, without pods."""


def patched(name: str, body: JsonValue, content_type: str) -> Case:
    """Returns the case of one patch: the dry run stores nothing and answers as if; then the real one."""

    def play(stage: Stage) -> JsonValue:
        made = stage.create("deployments", deployment(stage.name, replicas=0))
        path = stage.path("deployments", stage.name)
        stage.settled(stage.name)
        before = stage.admin.get(path)
        filled = _filled(body, stage.name)
        dry = stage.admin.send(Ask("PATCH", path, {"dryRun": "All", "fieldManager": "gospel-rollback"}, filled, content_type))
        after = stage.admin.get(path)
        real = stage.admin.send(Ask("PATCH", path, {"fieldManager": "gospel-rollback"}, filled, content_type))
        return {
            "dry run": _answered(dry, before),
            "stored by the dry run": before != after,
            "patch": _answered(real, before),
            "uid": real.status != 200 or real.document["metadata"]["uid"] == made["metadata"]["uid"],
        }

    return Case(f"patch-{name}", play)


def _answered(reply: JsonValue, before: Json) -> JsonValue:
    """Returns what an answer to a patch says, its status apart, and how its version and generation moved."""
    if reply.status != 200:
        return refusal(reply)
    document = reply.document
    moved = document["metadata"]["resourceVersion"] != before["metadata"]["resourceVersion"]
    generations = document["metadata"]["generation"] - before["metadata"]["generation"]
    told = plain({key: value for key, value in document.items() if key != "status"})
    del told["metadata"]["generation"]
    return {"version moved": moved, "generations": generations, "document": told, "warning": reply.headers.get("warning")}


def _filled(body: JsonValue, name: str) -> JsonValue:
    if isinstance(body, dict):
        return {key: _filled(value, name) for key, value in body.items()}
    return name if body == "{name}" else [_filled(value, name) for value in body] if isinstance(body, list) else body


@story
def create_as_a_dry_run(stage: Stage) -> JsonValue:
    """The answer looks created; nothing is there afterwards."""
    body = deployment(stage.name)
    answer = whole(stage.admin.send(Ask("POST", stage.path("deployments"), {"dryRun": "All", "fieldManager": "someone"}, body)))
    return [answer, stage.admin.send(Ask("GET", stage.path("deployments", stage.name))).status]


@story
def create_fills_in_defaults(stage: Stage) -> JsonValue:
    """What the server adds to a Deployment with probes, resources, volumes and an init container."""
    body = deployment(stage.name, replicas=0)
    pod = body["spec"]["template"]["spec"]
    pod["initContainers"] = [{"name": "init", "image": "busybox"}]
    pod["volumes"] = [
        {"name": "settings", "configMap": {"name": "shelf-1"}},
        {"name": "secret", "secret": {"secretName": "s"}},
        {"name": "scratch", "emptyDir": {}},
    ]
    probe = {"httpGet": {"path": "/health", "port": 8080}}
    pod["containers"][0].update(
        readinessProbe=probe,
        livenessProbe={"tcpSocket": {"port": 8080}, "periodSeconds": 3},
        resources={"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"memory": "64Mi"}},
        envFrom=[{"configMapRef": {"name": "shelf-1"}}],
    )
    pod["containers"][0]["env"].append({"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}})
    return plain({key: value for key, value in stage.create("deployments", body).items() if key != "status"})


@story
def put_replaces(stage: Stage) -> JsonValue:
    """A PUT of what was read, changed, is stored; the same again is a conflict; one without a version is taken."""
    stage.create("deployments", deployment(stage.name, replicas=0))
    path = stage.path("deployments", stage.name)
    live = stage.settled(stage.name)
    live["spec"]["template"]["spec"]["containers"][0]["image"] = V2
    first = stage.admin.send(Ask("PUT", path, body=live))
    again = stage.admin.send(Ask("PUT", path, body=live))
    live["metadata"].pop("resourceVersion")
    unconditional = stage.admin.send(Ask("PUT", path, body=live))
    return [first.status, first.document["spec"]["template"]["spec"]["containers"][0]["image"], refusal(again), unconditional.status]


@story
def scale_by_its_subresource(stage: Stage) -> JsonValue:
    """The scale is read, merged and put; the Deployment follows."""
    stage.create("deployments", deployment(stage.name, replicas=0))
    stage.settled(stage.name)
    path = stage.path("deployments", stage.name)
    dry = stage.admin.send(Ask("PATCH", f"{path}/scale", {"dryRun": "All"}, {"spec": {"replicas": 3}}, MERGE))
    after = stage.admin.get(path)["spec"]["replicas"]
    merged = stage.admin.send(Ask("PATCH", f"{path}/scale", {}, {"spec": {"replicas": 1}}, MERGE))
    bad = stage.admin.send(Ask("PATCH", f"{path}/scale", {}, {"spec": {"replicas": -1}}, MERGE))
    return [_scale(dry), after, _scale(merged), stage.admin.get(path)["spec"]["replicas"], refusal(bad)]


def _scale(reply: JsonValue) -> JsonValue:
    told = whole(reply)
    told["body"].pop("status", None)
    return told


@story
def status_by_its_subresource(stage: Stage) -> JsonValue:
    """A patch of `status` changes the version and neither specification nor generation."""
    stage.create("deployments", deployment(stage.name, replicas=0, paused=True))
    path = stage.path("deployments", stage.name)
    stage.admin.until("the controller has seen it", path, lambda live: bool(live.get("status", {}).get("observedGeneration")))
    before = stage.admin.get(path)
    answer = stage.patch(f"{path}/status", {"spec": {"replicas": 9}, "status": {"collisionCount": 7}}, MERGE)
    moved = answer["metadata"]["resourceVersion"] != before["metadata"]["resourceVersion"]
    return [moved, answer["spec"]["replicas"], answer["metadata"]["generation"] - before["metadata"]["generation"], answer["status"].get("collisionCount")]


@story
def generations(stage: Stage) -> JsonValue:
    """Which changes of a Deployment raise its generation."""
    stage.create("deployments", deployment(stage.name, replicas=0))
    path = stage.path("deployments", stage.name)
    last = stage.settled(stage.name)["metadata"]["generation"]
    seen: dict[str, int] = {}
    changes: Json = {
        "label": {"metadata": {"labels": {"x": "y"}}},
        "annotation": {"metadata": {"annotations": {"x": "y"}}},
        "the same annotation": {"metadata": {"annotations": {"x": "y"}}},
        "paused": {"spec": {"paused": True}},
        "replicas": {"spec": {"replicas": 1}},
        "template": {"spec": {"template": {"metadata": {"annotations": {"x": "y"}}}}},
    }
    for name, change in changes.items():
        now = stage.patch(path, change, MERGE)["metadata"]["generation"]
        seen[name], last = now - last, now
    return seen


@story
def applied_by_the_server(stage: Stage) -> JsonValue:
    """Server-side apply creates, changes, and takes back what its manager no longer names."""
    path = stage.path("configmaps", stage.name, group="v1")
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": stage.name}, "data": {"a": "1", "b": "2"}}
    query = {"fieldManager": "applier"}
    made = stage.admin.send(Ask("PATCH", path, query, body, APPLY))
    again = stage.admin.send(Ask("PATCH", path, query, {**body, "data": {"a": "3"}}, APPLY))
    return [made.status, plain(made.document), again.status, plain(again.document)]


@story
def a_deployment_applied_by_the_server(stage: Stage) -> JsonValue:
    """A dry run stores nothing; in earnest what is named is added; the group tells its resources before."""
    stage.create("deployments", deployment(stage.name, replicas=0))
    path, query = stage.path("deployments", stage.name), {"fieldManager": "applier"}
    named = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": stage.name}}
    added = {**named, "spec": {"template": {"spec": {"containers": [{"name": "web", "env": [{"name": "C", "value": "3"}]}]}}}}
    dry = stage.admin.send(Ask("PATCH", path, {**query, "dryRun": "All"}, added, APPLY))
    kept = _env(stage.admin.get(path))
    made = stage.admin.send(Ask("PATCH", path, query, added, APPLY))
    resources = {one["name"]: [one["kind"], one["namespaced"]] for one in stage.admin.get("/apis/apps/v1")["resources"]}
    return [dry.status, _env(dry.document), kept, made.status, _env(made.document), resources["deployments"]]


def _env(document: Json) -> JsonValue:
    return [one["name"] for one in document["spec"]["template"]["spec"]["containers"][0]["env"]]


@story
def deleted_in_the_background(stage: Stage) -> JsonValue:
    """A Deployment goes at once, and what it owns goes after it."""
    stage.create("deployments", deployment(stage.name))
    stage.settled(stage.name)
    path = stage.path("deployments", stage.name)
    options = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Background"}
    dry = stage.admin.send(Ask("DELETE", path, {"dryRun": "All"}, None))
    there = stage.admin.send(Ask("GET", path)).status
    answer = stage.admin.send(Ask("DELETE", path, {}, options, JSON))
    stage.admin.until("its pods are gone", stage.path("pods", group="v1") + f"?labelSelector=app%3D{stage.name}", lambda found: not found["items"])
    return [whole(dry), there, whole(answer), refusal(stage.admin.send(Ask("GET", path)))]


@story
def a_deleted_pod(stage: Stage) -> JsonValue:
    """The answer is the pod on its way out; another takes its place."""
    stage.create("deployments", deployment(stage.name))
    stage.settled(stage.name)
    pods = stage.path("pods", group="v1")
    selector = f"?labelSelector=app%3D{stage.name}"
    old = stage.admin.get(pods, labelSelector=f"app={stage.name}")["items"][0]["metadata"]
    answer = stage.admin.send(Ask("DELETE", f"{pods}/{old['name']}"))
    gone = answer.document["metadata"]
    stage.admin.until("the old pod is gone", pods + selector, lambda found: all(one["metadata"]["uid"] != old["uid"] for one in found["items"]))
    stage.settled(stage.name)
    return [answer.status, answer.document["kind"], gone["deletionGracePeriodSeconds"], "deletionTimestamp" in gone, answer.document["status"]["phase"]]


CASES: tuple[Case, ...] = (
    *(patched(name, body, content_type) for name, (body, content_type) in PATCHES.items()),
    create_as_a_dry_run,
    create_fills_in_defaults,
    put_replaces,
    scale_by_its_subresource,
    status_by_its_subresource,
    generations,
    applied_by_the_server,
    a_deployment_applied_by_the_server,
    deleted_in_the_background,
    a_deleted_pod,
)
