"""Events: their shape, their words, and how they are selected."""

from gospel_rollback_tui.drill.kubernetes.documents import Json, JsonValue
from tests.real.conformance.case import Case, story
from tests.real.conformance.client import Ask
from tests.real.conformance.comparing import outline, plain
from tests.real.conformance.stage import Stage, deployment

KUBELET_REASONS = {"Pulled", "Pulling", "Created", "Started", "Killing", "BackOff"}
"""What a kubelet tells, and kwok in its place does not, or otherwise."""


def _words(event: Json) -> list[JsonValue]:
    involved = event["involvedObject"]
    return [
        event["type"],
        event["reason"],
        plain(event["message"]).replace(involved["name"], "<it>") if involved["kind"] == "Pod" else plain(event["message"]),
        involved["kind"],
        sorted(involved),
        event["source"].get("component", ""),
        event.get("reportingComponent", ""),
        "count" in event,
        sorted(key for key, value in event.items() if value is not None and key.endswith(("Time", "Timestamp"))),
        event.get("action", ""),
    ]


@story
def what_a_rollout_tells(stage: Stage) -> JsonValue:
    """Everything but the kubelet's: from the first ReplicaSet to the last pod of an update, and of a scale to nothing."""
    stage.create("deployments", deployment(stage.name))
    stage.settled(stage.name)
    path = stage.path("deployments", stage.name)
    stage.patch(path, {"spec": {"template": {"metadata": {"annotations": {"x": "y"}}}}}, "application/merge-patch+json")
    stage.settled(stage.name)
    stage.patch(path, {"spec": {"replicas": 0}}, "application/merge-patch+json")
    stage.settled(stage.name)
    folder = stage.path("events", group="v1")
    listed = stage.admin.until("all is told", folder, lambda found: _told_of(found, stage.name, "SuccessfulDelete") == 2)
    told = [_words(one) for one in _of(listed, stage.name) if one["reason"] not in KUBELET_REASONS]
    return sorted(told, key=str)


def _of(listed: Json, name: str) -> list[Json]:
    """Returns the events about the objects whose names begin with one."""
    return [one for one in listed["items"] if one["involvedObject"]["name"].startswith(name)]


def _told_of(listed: Json, name: str, reason: str) -> int:
    return len([one for one in _of(listed, name) if one["reason"] == reason])


@story
def events_of_an_object(stage: Stage) -> JsonValue:
    """Selected as describe and as the tool select them."""
    uid = stage.admin.get(stage.path("deployments", "web"))["metadata"]["uid"]
    folder = stage.path("events", group="v1")
    fields = {
        "kind and name": "involvedObject.kind=Deployment,involvedObject.name=web",
        "uid": f"involvedObject.uid={uid}",
        "all": f"involvedObject.uid={uid},involvedObject.name=web,involvedObject.namespace={folder.split('/')[4]},involvedObject.kind=Deployment",
        "version": "involvedObject.kind=Deployment,involvedObject.apiVersion=apps/v1,involvedObject.name=web",
        "type": "involvedObject.name=web,type=Warning",
        "reason": "involvedObject.name=web,reason=ScalingReplicaSet",
        "nothing": "involvedObject.kind=Node",
    }
    return {name: len(stage.admin.get(folder, fieldSelector=selector, limit="500")["items"]) for name, selector in fields.items()}


@story
def events_of_a_kind(stage: Stage) -> JsonValue:
    """The fields of an event of the controllers, in the old group and in the new."""
    query = {"fieldSelector": "involvedObject.kind=Deployment", "limit": "1"}
    old = stage.admin.send(Ask("GET", stage.path("events", group="v1"), query))
    new = stage.admin.send(Ask("GET", stage.path("events", group="events.k8s.io/v1"), {"limit": "1"}))
    return [_without_page(outline(reply)) for reply in (old, new)]


def _without_page(told: Json) -> Json:
    return {**told, "fields": [field for field in told["fields"] if field not in {".metadata.continue", ".metadata.remainingItemCount"}]}


CASES: tuple[Case, ...] = (what_a_rollout_tells, events_of_an_object, events_of_a_kind)
