"""How a Deployment rolls out: the order of its writes, conditions, revisions, and what goes wrong on the way."""

from gospel_rollback_tui.drill.kubernetes.documents import Json, JsonValue
from gospel_rollback_tui.drill.script import BAD_TAG, image_name
from tests.real.conformance.case import Case, story
from tests.real.conformance.client import JSON_PATCH, MERGE, STRATEGIC, Ask
from tests.real.conformance.comparing import plain
from tests.real.conformance.stage import V1, V2, Stage, deployment, is_rolled_out

REVISION = "deployment.kubernetes.io/revision"
CRASHING = image_name("gateway", BAD_TAG)
"""An image whose containers crash by the script of both estates."""


def followed(stage: Stage, name: str, version: str, enough: JsonValue) -> list[Json]:
    """Returns every state of a Deployment after a version, until one of them is enough."""
    query = {"watch": "true", "fieldSelector": f"metadata.name={name}", "resourceVersion": version, "timeoutSeconds": "60"}
    events = stage.admin.watch(Ask("GET", stage.path("deployments"), query), lambda found: bool(enough(found[-1]["object"])))
    return [event["object"] for event in events]


def steps(states: list[Json]) -> list[JsonValue]:
    """Returns what the states say, each once: generations, revision, counts, conditions; times and hashes left out."""
    told: list[JsonValue] = []
    for state in states:
        metadata, status = state["metadata"], state.get("status", {})
        counts = {key: value for key, value in status.items() if key not in {"conditions", "observedGeneration"}}
        conditions = [[one["type"], one["status"], one["reason"], plain(one["message"])] for one in status.get("conditions", [])]
        step = [metadata["generation"], status.get("observedGeneration"), metadata.get("annotations", {}).get(REVISION), counts, conditions]
        if step not in told[-1:]:
            told.append(step)
    return told


def course(states: list[Json]) -> Json:
    """Returns of a rollout what holds however fast its pods are: how it begins and ends, and what comes before what.

    The real controllers sometimes write two of their steps as one, so the steps between cannot be compared one by one.
    """
    told = steps(states)
    generation, revision = told[-1][0], told[-1][2]
    return {
        "first": told[0],
        "last": told[-1],
        "reasons": _first_and_last(_reasons(states)),
        "revision before generation": next(step[1] for step in told if step[2] == revision) != generation,
        "fewest available": min(step[3].get("availableReplicas", 0) for step in told),
        "generations": sorted({step[0] for step in told}),
    }


def made(stage: Stage, body: Json) -> Json:
    """Creates a Deployment and waits until it is rolled out."""
    stage.create("deployments", body)
    return stage.settled(body["metadata"]["name"])


def to_image(stage: Stage, image: str, cause: str = "") -> Json:
    """Changes the image of the first container, and returns the answer."""
    body: Json = {"spec": {"template": {"spec": {"containers": [{"name": "web", "image": image}]}}}}
    if cause:
        body["metadata"] = {"annotations": {"kubernetes.io/change-cause": cause}}
    return stage.patch(stage.path("deployments", stage.name), body, STRATEGIC)


def history(stage: Stage) -> list[JsonValue]:
    """Returns the ReplicaSets of the case's Deployment by revision: image, annotations, replicas."""
    sets = stage.admin.get(stage.path("replicasets"), labelSelector=f"app={stage.name}")["items"]
    told = [
        [
            one["metadata"]["annotations"][REVISION],
            one["spec"]["template"]["spec"]["containers"][0]["image"],
            {key.rpartition("/")[2]: value for key, value in one["metadata"]["annotations"].items()},
            one["spec"]["replicas"],
        ]
        for one in sets
    ]
    return sorted(told, key=lambda one: int(one[0]))


@story
def the_writes_of_a_creation(stage: Stage) -> JsonValue:
    """From nothing to Available: conditions in order, the revision before the observed generation."""
    created = stage.create("deployments", deployment(stage.name))
    return course([created, *followed(stage, stage.name, created["metadata"]["resourceVersion"], is_rolled_out)])


@story
def the_writes_of_an_update(stage: Stage) -> JsonValue:
    """A new template: the revision before the observed generation, never less than before, and at last as before."""
    made(stage, deployment(stage.name))
    patched = to_image(stage, V2)
    return course([patched, *followed(stage, stage.name, patched["metadata"]["resourceVersion"], is_rolled_out)])


@story
def the_writes_of_an_update_of_three(stage: Stage) -> JsonValue:
    """Without surge one goes before one comes: what was true at some time, and what never was."""
    made(stage, deployment(stage.name, replicas=3, strategy={"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}}))
    patched = to_image(stage, V2)
    states = followed(stage, stage.name, patched["metadata"]["resourceVersion"], is_rolled_out)
    counts = [state["status"] for state in states]
    return {
        "fewest available": min(one.get("availableReplicas", 0) for one in counts),
        "updated": sorted({one.get("updatedReplicas", 0) for one in counts}),
        "last": steps(states)[-1],
    }


@story
def the_writes_of_a_recreation(stage: Stage) -> JsonValue:
    """Recreate: all old pods go before any new one comes."""
    made(stage, deployment(stage.name, strategy={"type": "Recreate"}))
    patched = to_image(stage, V2)
    told = course([patched, *followed(stage, stage.name, patched["metadata"]["resourceVersion"], is_rolled_out)])
    return {key: value for key, value in told.items() if key != "reasons"}


@story
def an_undo(stage: Stage) -> JsonValue:
    """Back to the first template by a tested JSON Patch: its ReplicaSet is used again under the next number, its past noted."""
    first = made(stage, deployment(stage.name))
    to_image(stage, V2, "second")
    second = stage.settled(stage.name)
    before = history(stage)
    path = stage.path("deployments", stage.name)
    body = [
        {"op": "test", "path": "/metadata/uid", "value": first["metadata"]["uid"]},
        {"op": "test", "path": "/spec/template", "value": second["spec"]["template"]},
        {"op": "replace", "path": "/spec/template", "value": first["spec"]["template"]},
        {"op": "add", "path": "/metadata/annotations/kubernetes.io~1change-cause", "value": "back"},
    ]
    patched = stage.admin.send(Ask("PATCH", path, {"fieldManager": "gospel-rollback"}, body, JSON_PATCH))
    states = [patched.good(), *followed(stage, stage.name, patched.document["metadata"]["resourceVersion"], is_rolled_out)]
    again = stage.admin.send(Ask("PATCH", path, {"fieldManager": "gospel-rollback"}, body, JSON_PATCH)).status
    names = {one["metadata"]["name"] for one in stage.admin.get(stage.path("replicasets"), labelSelector=f"app={stage.name}")["items"]}
    return {"before": before, "course": course(states), "after": history(stage), "again": again, "sets": len(names)}


@story
def a_pause_and_a_resumption(stage: Stage) -> JsonValue:
    """Paused: a template is noted and not rolled out; resumed: it is."""
    made(stage, deployment(stage.name))
    path = stage.path("deployments", stage.name)
    paused = stage.patch(path, {"spec": {"paused": True}}, STRATEGIC)
    first = followed(stage, stage.name, paused["metadata"]["resourceVersion"], _observed)
    changed = to_image(stage, V2)
    second = followed(stage, stage.name, changed["metadata"]["resourceVersion"], _observed)
    resumed = stage.patch(path, {"spec": {"paused": None}}, STRATEGIC)
    third = followed(stage, stage.name, resumed["metadata"]["resourceVersion"], is_rolled_out)
    return [steps(states)[-1] for states in (first, second, third)] + [_first_and_last(_reasons(third))]


@story
def scaled_to_nothing_and_back(stage: Stage) -> JsonValue:
    """Zero replicas: the counts are absent, the conditions stay."""
    made(stage, deployment(stage.name))
    path = stage.path("deployments", stage.name)
    down = stage.patch(path, {"spec": {"replicas": 0}}, MERGE)
    gone = followed(stage, stage.name, down["metadata"]["resourceVersion"], lambda live: _observed(live) and not live["status"].get("replicas"))
    up = stage.patch(path, {"spec": {"replicas": 1}}, MERGE)
    back = followed(stage, stage.name, up["metadata"]["resourceVersion"], is_rolled_out)
    return [steps(gone)[-1], steps(back)[-1], [one[2] for one in history(stage)]]


@story
def an_unschedulable_update(stage: Stage) -> JsonValue:
    """No node fits: the pod says so, the deadline passes, the old pod stays."""
    made(stage, deployment(stage.name, progressDeadlineSeconds=2))
    body = {"spec": {"template": {"spec": {"nodeSelector": {"no": "such-node"}}}}}
    patched = stage.patch(stage.path("deployments", stage.name), body, MERGE)
    states = followed(stage, stage.name, patched["metadata"]["resourceVersion"], lambda live: "ProgressDeadlineExceeded" in _reasons([live]))
    pods = stage.admin.get(stage.path("pods", group="v1"), labelSelector=f"app={stage.name}")["items"]
    pending = [pod["status"] for pod in pods if pod["status"]["phase"] == "Pending"]
    log = stage.admin.send(
        Ask(
            "GET",
            stage.path("pods", next(pod["metadata"]["name"] for pod in pods if pod["status"]["phase"] == "Pending"), group="v1") + "/log",
            {"container": "web"},
        )
    )
    condition = {key: value for key, value in pending[0]["conditions"][0].items() if not key.endswith("Time")}
    return {
        "reasons": _first_and_last(_reasons(states)),
        "last": steps(states)[-1],
        "pending": [sorted(pending[0]), plain(condition), len(pending)],
        "log": [log.status, log.content_type, log.text],
    }


@story
def a_crashing_update(stage: Stage) -> JsonValue:
    """The new container crashes: the rollout stands still, the pod says why."""
    made(stage, deployment(stage.name))
    to_image(stage, CRASHING)
    pods = stage.path("pods", group="v1") + f"?labelSelector=app%3D{stage.name}"
    found = stage.admin.until("a container waits for its next start", pods, lambda listed: bool(_waiting(listed)))
    waiting = _waiting(found)[0]
    status = next(one for one in waiting["status"]["containerStatuses"] if one["name"] == "web")
    live = stage.admin.get(stage.path("deployments", stage.name))
    ready = {one["type"]: [one["status"], one.get("reason")] for one in waiting["status"]["conditions"] if one["type"] in {"Ready", "PodScheduled"}}
    return {
        "phase": waiting["status"]["phase"],
        "reason": status["state"]["waiting"]["reason"],
        "last": sorted(status["lastState"]["terminated"].keys() & {"exitCode", "reason", "startedAt", "finishedAt"}),
        "exit": status["lastState"]["terminated"]["exitCode"],
        "ready": [status["ready"], ready],
        "deployment": steps([live])[0][3],
    }


@story
def a_quota_that_is_used_up(stage: Stage) -> JsonValue:
    """No pod may be created: ReplicaFailure, in the words of the quota. It plays in a namespace of its own."""
    namespace = f"quota-{stage.endpoints.nonce[:8]}"
    stage.admin.send(Ask("POST", "/api/v1/namespaces", body={"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})).good()
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q"}, "spec": {"hard": {"pods": "0"}}}
    quotas = stage.path("resourcequotas", group="v1", namespace=namespace)
    stage.admin.send(Ask("POST", quotas, body=quota)).good()
    stage.admin.until("the quota counts", f"{quotas}/q", lambda live: "pods" in live.get("status", {}).get("hard", {}))
    folder = stage.path("deployments", namespace=namespace)
    stage.admin.send(Ask("POST", folder, body=deployment("web"))).good()
    live = stage.admin.until("it fails", f"{folder}/web", lambda one: "FailedCreate" in _reasons([one]))
    return [[one["type"], one["status"], one["reason"], plain(one["message"])] for one in live["status"]["conditions"] if one["type"] == "ReplicaFailure"]


@story
def a_short_history(stage: Stage) -> JsonValue:
    """`revisionHistoryLimit: 1` keeps one old ReplicaSet and the current one."""
    made(stage, deployment(stage.name, revisionHistoryLimit=1))
    for number in (2, 3):
        to_image(stage, f"registry.invalid/web:v{number}")
        stage.settled(stage.name)
    sets = stage.path("replicasets") + f"?labelSelector=app%3D{stage.name}"
    stage.admin.until("the oldest is gone", sets, lambda listed: len(listed["items"]) == 2)
    return [one[:2] for one in history(stage)]


@story
def a_hash_that_comes_back(stage: Stage) -> JsonValue:
    """One template has one hash for as long as the estate lives: back and forth makes no third ReplicaSet."""
    made(stage, deployment(stage.name))
    names: list[set[str]] = []
    for image in (V2, V1, V2):
        to_image(stage, image)
        stage.settled(stage.name)
        names.append({one["metadata"]["name"] for one in stage.admin.get(stage.path("replicasets"), labelSelector=f"app={stage.name}")["items"]})
    return [len(names[0]), names[0] == names[1] == names[2], [one[:3] for one in history(stage)]]


def _observed(live: Json) -> bool:
    return bool(live.get("status", {}).get("observedGeneration") == live["metadata"]["generation"])


def _reasons(states: list[Json]) -> list[str]:
    """Returns the reasons of Progressing and ReplicaFailure in the order they came up."""
    found = [one["reason"] for live in states for one in live.get("status", {}).get("conditions", []) if one["type"] != "Available"]
    return list(dict.fromkeys(found))


def _first_and_last(reasons: list[str]) -> list[str]:
    return [reasons[0], reasons[-1]]


def _waiting(listed: Json) -> list[Json]:
    """Returns the pods with a container that has crashed and waits for its next start."""
    return [
        pod
        for pod in listed["items"]
        for one in pod.get("status", {}).get("containerStatuses", [])
        if one.get("state", {}).get("waiting", {}).get("reason") == "CrashLoopBackOff" and one.get("lastState", {}).get("terminated")
    ]


CASES: tuple[Case, ...] = (
    the_writes_of_a_creation,
    the_writes_of_an_update,
    the_writes_of_an_update_of_three,
    the_writes_of_a_recreation,
    an_undo,
    a_pause_and_a_resumption,
    scaled_to_nothing_and_back,
    an_unschedulable_update,
    a_crashing_update,
    a_quota_that_is_used_up,
    a_short_history,
    a_hash_that_comes_back,
)
