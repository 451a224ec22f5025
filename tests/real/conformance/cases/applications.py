"""The Application of Argo CD: a custom resource that is read, merged and JSON-patched."""

from gospel_rollback_tui.drill.kubernetes.documents import Json, JsonValue
from tests.real.conformance.case import Case, ask, story
from tests.real.conformance.client import JSON_PATCH, MERGE, TABLE, Ask, Reply
from tests.real.conformance.comparing import outline, plain, refusal
from tests.real.conformance.stage import Stage

GROUP = "argoproj.io/v1alpha1"
FOLDER = f"/apis/{GROUP}/namespaces/argocd/applications"
PATH = f"{FOLDER}/gospelib-production"


UNREAD = (
    ".status.controllerNamespace",
    ".status.health.lastTransitionTime",
    ".status.operationState.operation.sync.syncOptions",
    ".status.operationState.syncResult.resources",
    ".status.resourceHealthSource",
    ".status.sourceType",
    ".status.summary",
)
"""What Argo CD writes into an Application and nobody here reads."""


def read_outline(reply: Reply) -> Json:
    """Returns the answer's outline without the fields that nobody reads."""
    found = outline(reply)
    return {**found, "fields": [field for field in found["fields"] if not field.removeprefix(".items[]").startswith(UNREAD)]}


def application(name: str) -> Json:
    """Returns an Application that no controller minds: it lives in the quiet namespace."""
    policy = {"automated": {"enabled": True, "prune": True, "selfHeal": True}}
    spec = {
        "project": "default",
        "destination": {"server": "https://kubernetes.default.svc", "namespace": "default"},
        "syncPolicy": policy,
        "source": {"repoURL": "https://git.invalid/x", "path": "p", "targetRevision": "main"},
    }
    return {"apiVersion": GROUP, "kind": "Application", "metadata": {"name": name}, "spec": spec, "status": {"sync": {"status": "Synced"}}}


@story
def an_application_is_frozen_and_thawed(stage: Stage) -> JsonValue:
    """Auto-sync off by a tested patch, dry first; the test fails the second time; put back by a merge."""
    stage.create("applications", application(stage.name), group=GROUP)
    path = stage.path("applications", stage.name, group=GROUP)
    uid = stage.admin.get(path)["metadata"]["uid"]
    freeze = [
        {"op": "test", "path": "/metadata/uid", "value": uid},
        {"op": "test", "path": "/spec/syncPolicy/automated", "value": {"enabled": True, "prune": True, "selfHeal": True}},
        {"op": "add", "path": "/spec/syncPolicy/automated/enabled", "value": False},
    ]
    query = {"fieldManager": "gospel-rollback"}
    dry = stage.admin.send(Ask("PATCH", path, {**query, "dryRun": "All"}, freeze, JSON_PATCH))
    between = stage.admin.get(path)
    frozen = stage.admin.send(Ask("PATCH", path, query, freeze, JSON_PATCH))
    again = stage.admin.send(Ask("PATCH", path, query, freeze, JSON_PATCH))
    thawed = stage.admin.send(Ask("PATCH", path, query, {"spec": {"syncPolicy": {"automated": {"enabled": True}}}}, MERGE))
    removed = stage.admin.send(Ask("PATCH", path, query, {"spec": {"syncPolicy": {"automated": None}}, "status": {"sourceType": "Kustomize"}}, MERGE))
    generations = [reply.document["metadata"]["generation"] for reply in (dry, frozen, thawed, removed)]
    answers = {name: plain(reply.document) for name, reply in {"dry": dry, "frozen": frozen, "thawed": thawed, "removed": removed}.items()}
    return {**answers, "between": plain(between), "again": refusal(again), "generations": generations}


@story
def applications_that_are_refused(stage: Stage) -> JsonValue:
    """What the definition requires, and what it knows nothing of."""
    folder = stage.path("applications", group=GROUP)
    bare = {"apiVersion": GROUP, "kind": "Application", "metadata": {"name": stage.name}}
    bodies: dict[str, Json] = {
        "no spec": bare,
        "spec is text": {**bare, "spec": "x"},
        "other kind": {**bare, "kind": "Nonsense", "spec": {}},
        "other version": {**bare, "apiVersion": "argoproj.io/v1", "spec": {}},
    }
    refused = {name: refusal(stage.admin.send(Ask("POST", folder, body=body))) for name, body in bodies.items()}
    dropped = stage.admin.send(Ask("POST", folder, {"dryRun": "All"}, {**application(stage.name), "bogus": 1}))
    return {**refused, "dropped": plain(dropped.document)}


CASES: tuple[Case, ...] = (
    an_application_is_frozen_and_thawed,
    applications_that_are_refused,
    ask("the-scene-application", Ask("GET", PATH), read_outline, "operator"),
    ask("the-scene-application-as-a-table", Ask("GET", PATH, accept=TABLE), outline, "operator"),
    ask("the-scene-applications", Ask("GET", FOLDER, {"limit": "500"}), read_outline, "operator"),
    ask("the-scene-application-dry", Ask("PATCH", PATH, {"dryRun": "All", "fieldManager": "x"}, {"spec": {}}, MERGE), read_outline, "operator"),
    ask("the-scene-application-by-viewer", Ask("PATCH", PATH, {}, {"spec": {}}, MERGE), refusal, "viewer"),
)
