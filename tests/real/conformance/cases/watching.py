"""Watches: what comes first, in which order, how they end."""

import json

from gospel_rollback_tui.drill.kubernetes.documents import Json, JsonValue
from tests.real.conformance.case import Case, ask, story
from tests.real.conformance.client import MERGE, TABLE, Ask
from tests.real.conformance.comparing import plain, refusal
from tests.real.conformance.stage import Stage

SHELF = "/api/v1/namespaces/{ns}/configmaps"


def _marked(stage: Stage, key: str = "case") -> Json:
    """Returns a ConfigMap that only this case selects."""
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": stage.name, "labels": {key: stage.name}}, "data": {"n": "0"}}


def _selected(stage: Stage, version: str | None = None, **query: str) -> Ask:
    """Returns a watch of what the case marked, ended by the server after some seconds at the latest."""
    asked = {"watch": "true", "labelSelector": f"case={stage.name}", "timeoutSeconds": "20", **query}
    return Ask("GET", stage.path("configmaps", group="v1"), {**asked, **({} if version is None else {"resourceVersion": version})})


def _told(events: list[Json]) -> list[JsonValue]:
    return [[event["type"], event["object"].get("data", {}).get("n"), event["object"]["kind"], event["object"]["apiVersion"]] for event in events]


@story
def a_watch_of_changes(stage: Stage) -> JsonValue:
    """From a version on: created, changed, out of the selection, back, deleted; in the order of the writes, whole objects."""
    path = stage.path("configmaps", group="v1")
    start = stage.admin.get(path, limit="1")["metadata"]["resourceVersion"]
    made = stage.create("configmaps", _marked(stage), group="v1")
    stage.patch(f"{path}/{stage.name}", {"data": {"n": "1"}}, MERGE)
    stage.patch(f"{path}/{stage.name}", {"data": {"n": "1"}}, MERGE)
    stage.patch(f"{path}/{stage.name}", {"metadata": {"labels": {"case": "other"}}}, MERGE)
    stage.patch(f"{path}/{stage.name}", {"metadata": {"labels": {"case": stage.name}}}, MERGE)
    stage.admin.send(Ask("DELETE", f"{path}/{stage.name}"))
    events = stage.admin.watch(_selected(stage, start), lambda found: len(found) == 5)
    versions = [int(event["object"]["metadata"]["resourceVersion"]) for event in events]
    later = stage.admin.watch(_selected(stage, made["metadata"]["resourceVersion"]), lambda found: len(found) == 4)
    return {"events": _told(events), "versions grow": versions == sorted(set(versions)), "later": _told(later), "first": plain(events[0])}


@story
def a_watch_without_a_version(stage: Stage) -> JsonValue:
    """What is there comes first, as added."""
    stage.create("configmaps", _marked(stage), group="v1")
    return [_told(stage.admin.watch(_selected(stage, version), lambda found: len(found) == 1)) for version in (None, "0")]


@story
def a_watch_that_ends(stage: Stage) -> JsonValue:
    """The time over, the body ends: a bookmark before, no error."""
    version = stage.create("configmaps", _marked(stage), group="v1")["metadata"]["resourceVersion"]
    query = {"timeoutSeconds": "2", "allowWatchBookmarks": "true"}
    status, content_type, lines = stage.admin.lines(_selected(stage, version, **query))
    quiet = stage.admin.lines(_selected(stage, version, timeoutSeconds="1"))
    return {"status": status, "type": content_type, "kinds": sorted({line.partition('"type":')[2][:10] for line in lines}), "quiet": quiet[2]}


@story
def a_bookmark(stage: Stage) -> JsonValue:
    """A bookmark is a nearly empty object of the watched kind, at a version not below the start's."""
    version = stage.admin.get(stage.path("pods", group="v1"), limit="1")["metadata"]["resourceVersion"]
    query = {"watch": "true", "allowWatchBookmarks": "true", "timeoutSeconds": "2", "resourceVersion": version, "labelSelector": "app=nothing"}
    events = stage.admin.watch(Ask("GET", stage.path("pods", group="v1"), query), bool)
    return [plain(events[:1]), all(int(event["object"]["metadata"]["resourceVersion"]) >= int(version) for event in events)]


@story
def initial_events(stage: Stage) -> JsonValue:
    """With `sendInitialEvents` a bookmark says that what was there has been told."""
    stage.create("configmaps", _marked(stage), group="v1")
    query = {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan", "allowWatchBookmarks": "true"}
    events = stage.admin.watch(_selected(stage, None, **query), lambda found: found[-1]["type"] == "BOOKMARK")
    return [_told(events), events[-1]["object"]["metadata"].get("annotations")]


@story
def a_watch_from_long_ago(stage: Stage) -> JsonValue:
    """A version whose history is gone: 200, one line of type ERROR with code 410, the end."""
    query = {"watch": "true", "resourceVersion": "1", "timeoutSeconds": "5"}
    status, content_type, lines = stage.admin.lines(Ask("GET", "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications", query))
    error = plain(json.loads(lines[0]))
    error["object"]["message"] = error["object"]["message"].replace(": 1 ", ": <number> ")
    return [status, content_type, len(lines), error]


@story
def a_watch_from_the_future(stage: Stage) -> JsonValue:
    """A version that is yet to come: silence."""
    status, _, lines = stage.admin.lines(_selected(stage, "99999999", timeoutSeconds="1"))
    return [status, lines]


@story
def a_watch_as_a_table(stage: Stage) -> JsonValue:
    """Columns with the first event only."""
    stage.create("configmaps", _marked(stage), group="v1")
    path = stage.path("configmaps", group="v1")
    query = {"watch": "true", "labelSelector": f"case={stage.name}", "timeoutSeconds": "20", "resourceVersion": "0"}
    stage.patch(f"{path}/{stage.name}", {"data": {"m": "1"}}, MERGE)
    events = stage.admin.watch(Ask("GET", path, query, accept=TABLE), lambda found: len(found) == 1)
    return [[event["type"], event["object"]["kind"], bool(event["object"].get("columnDefinitions")), len(event["object"]["rows"])] for event in events]


@story
def a_watch_of_one_object(stage: Stage) -> JsonValue:
    """Selected by name, as kubectl waits for a rollout."""
    query = {"watch": "true", "fieldSelector": "metadata.name=web", "timeoutSeconds": "20", "resourceVersion": "0", "allowWatchBookmarks": "true"}
    events = stage.admin.watch(Ask("GET", stage.path("deployments"), query), bool)
    return [[event["type"], event["object"]["metadata"]["name"]] for event in events[:1]]


CASES: tuple[Case, ...] = (
    a_watch_of_changes,
    a_watch_without_a_version,
    a_watch_that_ends,
    a_bookmark,
    initial_events,
    a_watch_from_long_ago,
    a_watch_from_the_future,
    a_watch_as_a_table,
    a_watch_of_one_object,
    ask("a-watch-of-no-number", Ask("GET", SHELF, {"watch": "true", "resourceVersion": "abc"}), refusal),
    ask("initial-events-alone", Ask("GET", SHELF, {"watch": "true", "sendInitialEvents": "true"}), refusal),
)
