"""Reading objects and lists: shapes, pages, selectors, versions."""

from gospel_rollback_tui.drill.kubernetes.documents import JsonValue
from tests.real.conformance.case import Case, ask, story
from tests.real.conformance.client import METADATA, TABLE, Ask, Reply
from tests.real.conformance.comparing import outline, plain, refusal, whole
from tests.real.conformance.stage import Stage

WEB = "/apis/apps/v1/namespaces/{ns}/deployments/web"
SHELF = "/api/v1/namespaces/{ns}/configmaps"
PODS = "/api/v1/namespaces/{ns}/pods"
SCENE = "/apis/apps/v1/namespaces/{scene}"


def shelf(**query: str) -> Ask:
    """Returns the list of the five ConfigMaps, with more of a query."""
    return Ask("GET", SHELF, {"labelSelector": "app=shelf", **query})


def _readiness(reply: Reply) -> JsonValue:
    """Returns which node is ready and how that is said; kwok's nodes tell much else that no kubelet does, and the other way round."""
    nodes = reply.good()["items"]
    ready = [[one for one in node["status"]["conditions"] if one["type"] == "Ready"] for node in nodes]
    return [[node["metadata"]["name"], sorted(one), one["status"], "kind" in node] for node, (one,) in zip(nodes, ready, strict=True)]


@story
def pages_of_a_list(stage: Stage) -> JsonValue:
    """Three pages of two: names, tokens, what is left, and the version that all share."""
    pages: list[JsonValue] = []
    versions: set[str] = set()
    token: dict[str, str] = {}
    while True:
        page = stage.admin.get(stage.path("configmaps", group="v1"), limit="2", labelSelector="app=shelf", **token)
        versions.add(page["metadata"]["resourceVersion"])
        more = page["metadata"].get("continue")
        pages.append([[item["metadata"]["name"] for item in page["items"]], sorted(page["metadata"]), bool(more)])
        if not more:
            return {"pages": pages, "one version": len(versions) == 1}
        token = {"continue": more}


@story
def pages_without_a_selector(stage: Stage) -> JsonValue:
    """Without a selector the server says how many are left."""
    page = stage.admin.get(stage.path("configmaps", group="v1"), limit="2")
    return [sorted(page["metadata"]), isinstance(page["metadata"].get("remainingItemCount"), int)]


@story
def a_page_of_a_version(stage: Stage) -> JsonValue:
    """A token together with a version is refused."""
    path = stage.path("configmaps", group="v1")
    page = stage.admin.get(path, limit="2")
    return refusal(stage.admin.send(Ask("GET", path, {"limit": "2", "continue": page["metadata"]["continue"], "resourceVersion": "5"})))


@story
def versions_grow(stage: Stage) -> JsonValue:
    """Every write gives a higher version; a patch that changes nothing gives none; the list's is not below its items'."""
    metadata = {"name": stage.name}
    first = stage.create("configmaps", {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"a": "1"}}, group="v1")
    path = stage.path("configmaps", stage.name, group="v1")
    same = stage.patch(path, {"data": {"a": "1"}}, "application/merge-patch+json")
    second = stage.patch(path, {"data": {"a": "2"}}, "application/merge-patch+json")
    listed = stage.admin.get(stage.path("configmaps", group="v1"))
    one, two, three = (int(seen["metadata"]["resourceVersion"]) for seen in (first, second, listed))
    return {"no-op": same["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"], "grows": one < two <= three}


@story
def a_list_at_a_version(stage: Stage) -> JsonValue:
    """Exactly one version of the past: what was there then, not what is now."""
    path = stage.path("configmaps", group="v1")
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": stage.name, "labels": {"case": stage.name}}}
    made = stage.create("configmaps", body, group="v1")["metadata"]["resourceVersion"]
    stage.patch(f"{path}/{stage.name}", {"data": {"later": "1"}}, "application/merge-patch+json")
    then = stage.admin.get(path, labelSelector=f"case={stage.name}", resourceVersion=made, resourceVersionMatch="Exact")
    since = stage.admin.get(path, labelSelector=f"case={stage.name}", resourceVersion=made, resourceVersionMatch="NotOlderThan")
    return [[item.get("data") for item in page["items"]] for page in (then, since)] + [then["metadata"]["resourceVersion"] == made]


@story
def pods_of_a_selector(stage: Stage) -> JsonValue:
    """The two pods of `web`, whole: what the scheduler and the kubelet write as well."""
    found = stage.admin.get(stage.path("pods", group="v1"), labelSelector="app=web")
    return plain(found)


@story
def replica_sets_of_a_deployment(stage: Stage) -> JsonValue:
    """Old and new ReplicaSet of `web`, by revision: annotations, owner, template, status."""
    found = stage.admin.get(stage.path("replicasets"), labelSelector="app=web")["items"]
    return plain(sorted(found, key=lambda item: str(item["metadata"]["annotations"]["deployment.kubernetes.io/revision"])))


@story
def hashes_agree(stage: Stage) -> JsonValue:
    """The hash in a ReplicaSet's name, label, selector, template and pods is one; two templates have two."""
    sets = stage.admin.get(stage.path("replicasets"), labelSelector="app=web")["items"]
    hashes = [item["metadata"]["labels"]["pod-template-hash"] for item in sets]
    alike = [
        item["metadata"]["name"] == f"web-{hash_}"
        and item["spec"]["selector"]["matchLabels"]["pod-template-hash"] == hash_
        and item["spec"]["template"]["metadata"]["labels"]["pod-template-hash"] == hash_
        for item, hash_ in zip(sets, hashes, strict=True)
    ]
    pods = stage.admin.get(stage.path("pods", group="v1"), labelSelector="app=web")["items"]
    of_pods = {pod["metadata"]["labels"]["pod-template-hash"] for pod in pods}
    return [alike, len(set(hashes)), len(of_pods), of_pods < set(hashes)]


CASES: tuple[Case, ...] = (
    ask("a-deployment", Ask("GET", WEB), whole),
    ask("a-deployment-as-a-table", Ask("GET", WEB, accept=TABLE), outline),
    ask("a-deployment-without-body", Ask("GET", WEB, accept=METADATA), whole),
    ask("a-scale", Ask("GET", f"{WEB}/scale"), whole),
    ask("a-namespace", Ask("GET", "/api/v1/namespaces/{ns}"), whole),
    ask("nodes", Ask("GET", "/api/v1/nodes", {"limit": "500"}), _readiness, "operator"),
    ask("config-maps", shelf(), whole),
    ask("config-maps-by-two-labels", shelf(labelSelector="app=shelf,odd=true"), whole),
    ask("config-maps-by-set", shelf(labelSelector="app in (shelf, other),odd notin (true)"), whole),
    ask("config-maps-by-absence", shelf(labelSelector="app=shelf,!missing,odd"), whole),
    ask("config-maps-by-name", Ask("GET", SHELF, {"fieldSelector": "metadata.name=shelf-3"}), whole),
    ask("config-maps-as-a-table", Ask("GET", SHELF, {"labelSelector": "app=shelf"}, accept=TABLE), outline),
    ask("no-such-namespace", Ask("GET", "/api/v1/namespaces/nowhere/pods"), whole),
    ask("bad-label-selector", shelf(labelSelector="a b c"), refusal),
    ask("bad-field-selector", Ask("GET", PODS, {"fieldSelector": "spec.nonsense=1"}), refusal),
    ask("bad-version", shelf(resourceVersion="abc"), refusal),
    ask("bad-limit", shelf(limit="abc"), refusal),
    ask("bad-continue", Ask("GET", SHELF, {"limit": "2", "continue": "nonsense"}), refusal),
    ask("pods-as-a-table", Ask("GET", PODS, {"labelSelector": "app=web"}, accept=TABLE), outline),
    ask("pods-by-phase", Ask("GET", PODS, {"fieldSelector": "status.phase=Failed"}), whole),
    ask("scene-deployments", Ask("GET", f"{SCENE}/deployments", {"limit": "500"}), outline, "operator"),
    ask("scene-replica-sets", Ask("GET", f"{SCENE}/replicasets", {"limit": "500"}), outline, "operator"),
    ask("scene-autoscalers", Ask("GET", "/apis/autoscaling/v2/namespaces/{scene}/horizontalpodautoscalers", {"limit": "500"}), whole, "operator"),
    ask("scene-config-map", Ask("GET", "/api/v1/namespaces/{scene}/configmaps/gateway-env"), whole, "operator"),
    pages_of_a_list,
    pages_without_a_selector,
    a_page_of_a_version,
    versions_grow,
    a_list_at_a_version,
    pods_of_a_selector,
    replica_sets_of_a_deployment,
    hashes_agree,
)
