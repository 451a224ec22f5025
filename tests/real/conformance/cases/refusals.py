"""Requests that are refused: what the answer says, to the letter."""

from tests.real.conformance.case import Case, ask
from tests.real.conformance.client import APPLY, JSON_PATCH, MERGE, STRATEGIC, Ask
from tests.real.conformance.comparing import refusal
from tests.real.conformance.stage import deployment

WEB = "/apis/apps/v1/namespaces/{ns}/deployments/web"
DEPLOYMENTS = "/apis/apps/v1/namespaces/{ns}/deployments"
PODS = "/api/v1/namespaces/{ns}/pods"
LEASES = "/apis/coordination.k8s.io/v1/namespaces/{ns}/leases"
APPLICATION = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/gospelib-production"


def json_patch(*operations: dict[str, object]) -> Ask:
    """Returns a JSON Patch of the Deployment `web`."""
    return Ask("PATCH", WEB, body=list(operations), content_type=JSON_PATCH)


def merge(spec: object, content_type: str = MERGE, **query: str) -> Ask:
    """Returns a patch of the specification of the Deployment `web`."""
    return Ask("PATCH", WEB, query, {"spec": spec}, content_type)


def container(**fields: object) -> dict[str, object]:
    """Returns the specification of a Deployment with one container."""
    return {"template": {"spec": {"containers": [fields]}}}


def created(**spec: object) -> Ask:
    """Returns the creation of a Deployment that never comes to be."""
    return Ask("POST", DEPLOYMENTS, body=deployment("never", **spec))  # type: ignore[arg-type]  # wrong types are what is tested


_SURGE = {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 0}}}

REFUSED: tuple[tuple[str, Ask, str], ...] = (
    ("unknown-object", Ask("GET", f"{DEPLOYMENTS}/nope"), "admin"),
    ("unknown-object-patched", Ask("PATCH", f"{DEPLOYMENTS}/nope", {}, {}, MERGE), "admin"),
    ("unknown-object-json-patched", Ask("PATCH", f"{DEPLOYMENTS}/nope", {}, [], JSON_PATCH), "admin"),
    ("unknown-object-deleted", Ask("DELETE", f"{DEPLOYMENTS}/nope"), "admin"),
    ("unknown-pod", Ask("GET", f"{PODS}/nope"), "admin"),
    ("unknown-config-map", Ask("GET", "/api/v1/namespaces/{ns}/configmaps/nope"), "admin"),
    ("unknown-secret", Ask("GET", "/api/v1/namespaces/{ns}/secrets/nope"), "admin"),
    ("unknown-service-account", Ask("GET", "/api/v1/namespaces/{ns}/serviceaccounts/nope"), "admin"),
    ("unknown-claim", Ask("GET", "/api/v1/namespaces/{ns}/persistentvolumeclaims/nope"), "admin"),
    ("unknown-priority-class", Ask("GET", "/apis/scheduling.k8s.io/v1/priorityclasses/nope"), "admin"),
    ("unknown-node", Ask("GET", "/api/v1/nodes/nope"), "admin"),
    ("unknown-application", Ask("GET", "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/nope"), "admin"),
    ("unknown-lease", Ask("GET", f"{LEASES}/nope"), "admin"),
    ("unknown-log", Ask("GET", f"{PODS}/nope/log"), "admin"),
    ("unknown-resource", Ask("GET", "/apis/apps/v1/namespaces/{ns}/nonsenses"), "admin"),
    ("unknown-group", Ask("GET", "/apis/nonsense.example/v1/namespaces/{ns}/things"), "admin"),
    ("unknown-path", Ask("GET", "/nonsense"), "admin"),
    ("unknown-subresource", Ask("GET", f"{WEB}/nonsense"), "admin"),
    ("method-not-allowed", Ask("POST", WEB, body={}), "admin"),
    ("old-version-merged", Ask("PATCH", WEB, {}, {"metadata": {"resourceVersion": "1"}}, MERGE), "admin"),
    ("old-version-strategic", Ask("PATCH", WEB, {}, {"metadata": {"resourceVersion": "1"}}, STRATEGIC), "admin"),
    ("old-version-json-patched", json_patch({"op": "replace", "path": "/metadata/resourceVersion", "value": "1"}), "admin"),
    ("test-fails-uid", json_patch({"op": "test", "path": "/metadata/uid", "value": "other"}), "admin"),
    ("test-fails-replicas", json_patch({"op": "test", "path": "/spec/replicas", "value": 99}), "admin"),
    ("test-fails-missing-path", json_patch({"op": "test", "path": "/spec/nonsense/deep", "value": 1}), "admin"),
    (
        "test-fails-after-a-change",
        json_patch({"op": "replace", "path": "/spec/replicas", "value": 5}, {"op": "test", "path": "/spec/paused", "value": True}),
        "admin",
    ),
    ("replace-missing-path", json_patch({"op": "replace", "path": "/spec/nonsense", "value": 1}), "admin"),
    ("remove-missing-path", json_patch({"op": "remove", "path": "/spec/nonsense"}), "admin"),
    ("add-below-missing-path", json_patch({"op": "add", "path": "/spec/nonsense/deep", "value": 1}), "admin"),
    ("unknown-operation", json_patch({"op": "nonsense", "path": "/spec"}), "admin"),
    ("json-patch-no-list", Ask("PATCH", WEB, {}, {"op": "test"}, JSON_PATCH), "admin"),
    ("json-patch-no-json", Ask("PATCH", WEB, {}, "{nonsense", JSON_PATCH), "admin"),
    ("merge-no-json", Ask("PATCH", WEB, {}, "{nonsense", MERGE), "admin"),
    ("patch-as-json", Ask("PATCH", WEB, {}, {}, "application/json"), "admin"),
    ("patch-as-text", Ask("PATCH", WEB, {}, "x", "text/plain"), "admin"),
    ("create-as-text", Ask("POST", DEPLOYMENTS, {}, "x", "text/plain"), "admin"),
    ("strategic-on-a-custom-resource", Ask("PATCH", APPLICATION, {}, {}, STRATEGIC), "admin"),
    ("apply-without-manager", Ask("PATCH", WEB, {}, {"apiVersion": "apps/v1", "kind": "Deployment"}, APPLY), "admin"),
    ("dry-run-misspelt", merge({"replicas": 2}, dryRun="Some"), "admin"),
    ("negative-replicas", merge({"replicas": -1}), "admin"),
    ("replicas-as-text", merge({"replicas": "many"}), "admin"),
    ("negative-replicas-dry-run", merge({"replicas": -1}, dryRun="All"), "admin"),
    ("no-image", merge(container(name="web"), MERGE), "admin"),
    ("misspelt-container-without-image", merge(container(name="webb"), STRATEGIC), "admin"),
    ("two-faults", merge({**container(name="Web", image=" "), "replicas": -1}, MERGE), "admin"),
    ("selector-changed", merge({"selector": {"matchLabels": {"app": "other"}}}, MERGE), "admin"),
    ("no-surge-and-none-unavailable", merge(_SURGE), "admin"),
    ("strict-unknown-field", merge({"bogus": 1}, MERGE, fieldValidation="Strict"), "admin"),
    ("create-existing", Ask("POST", DEPLOYMENTS, body=deployment("web")), "admin"),
    ("create-without-selector", created(selector=None), "admin"),
    ("create-in-no-namespace", Ask("POST", "/apis/apps/v1/namespaces/nowhere/deployments", body=deployment("never")), "admin"),
    ("create-of-another-kind", Ask("POST", DEPLOYMENTS, body={"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "never"}}), "admin"),
    ("create-unnamed", Ask("POST", DEPLOYMENTS, body={**deployment("never"), "metadata": {}}), "admin"),
    ("create-misnamed", Ask("POST", DEPLOYMENTS, body={**deployment("never"), "metadata": {"name": "Not A Name"}}), "admin"),
    ("create-no-json", Ask("POST", DEPLOYMENTS, body="{nonsense"), "admin"),
    ("delete-other-uid", Ask("DELETE", WEB, {}, {"preconditions": {"uid": "abc"}}), "admin"),
    ("delete-old-version", Ask("DELETE", WEB, {}, {"preconditions": {"resourceVersion": "1"}}), "admin"),
    ("impostor", Ask("GET", PODS), "impostor"),
    ("impostor-patches", merge({"replicas": 1}), "impostor"),
    ("stranger-lists", Ask("GET", PODS), "stranger"),
    ("stranger-patches", merge({"replicas": 1}), "stranger"),
    ("viewer-patches", Ask("PATCH", "/apis/apps/v1/namespaces/{scene}/deployments/gospelib-auth", {}, {}, MERGE), "viewer"),
    ("viewer-takes-the-lock", Ask("POST", "/apis/coordination.k8s.io/v1/namespaces/{scene}/leases", body={}), "viewer"),
    ("operator-reads-secrets", Ask("GET", "/api/v1/namespaces/{scene}/secrets/gateway"), "operator"),
    ("operator-lists-secrets", Ask("GET", "/api/v1/namespaces/{scene}/secrets"), "operator"),
    ("operator-reads-service-accounts", Ask("GET", "/api/v1/namespaces/{scene}/serviceaccounts/default"), "operator"),
    ("operator-reads-priority-classes", Ask("GET", "/apis/scheduling.k8s.io/v1/priorityclasses/high"), "operator"),
    ("operator-deletes", Ask("DELETE", "/apis/apps/v1/namespaces/{scene}/deployments/gospelib-auth"), "operator"),
    ("operator-elsewhere", Ask("GET", PODS), "operator"),
    ("operator-everywhere", Ask("GET", "/api/v1/pods"), "operator"),
    ("operator-watches-secrets", Ask("GET", "/api/v1/namespaces/{scene}/secrets", {"watch": "true"}), "operator"),
    ("operator-scales-elsewhere", Ask("PATCH", f"{WEB}/scale", {}, {"spec": {"replicas": 1}}, MERGE), "operator"),
    ("operator-logs-elsewhere", Ask("GET", f"{PODS}/web/log"), "operator"),
    ("stranger-asks-for-metrics", Ask("GET", "/metrics"), "stranger"),
)

CASES: tuple[Case, ...] = tuple(ask(name, request, refusal, by) for name, request, by in REFUSED)
