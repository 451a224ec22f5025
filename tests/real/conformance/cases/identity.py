"""Who am I, may I, does it serve: what is asked before anything else."""

from gospel_rollback_tui.drill.kubernetes.documents import JsonValue
from tests.real.conformance.case import Case, ask
from tests.real.conformance.client import Ask
from tests.real.conformance.comparing import outline, refusal, whole

WHO = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
MAY = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
RULES = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"


def review(kind: str, path: str, group: str, spec: JsonValue = None) -> Ask:
    """Returns a self review."""
    body = {"apiVersion": f"{group}/v1", "kind": kind, **({"spec": spec} if spec is not None else {})}
    return Ask("POST", path, body=body)


def may(**attributes: str) -> Ask:
    """Returns the question whether something may be done."""
    return review("SelfSubjectAccessReview", MAY, "authorization.k8s.io", {"resourceAttributes": attributes})


WHO_AM_I = review("SelfSubjectReview", WHO, "authentication.k8s.io")
SCENE = "gospelib-production"

CASES: tuple[Case, ...] = (
    *(ask(f"who-am-i-{who}", WHO_AM_I, whole, who) for who in ("operator", "viewer", "admin")),
    ask("who-am-i-impostor", WHO_AM_I, refusal, "impostor"),
    ask("who-am-i-stranger", WHO_AM_I, refusal, "stranger"),
    ask("may-patch", may(verb="patch", group="apps", resource="deployments", namespace=SCENE, name="gospelib-gateway"), whole, "operator"),
    ask("may-patch-as-viewer", may(verb="patch", group="apps", resource="deployments", namespace=SCENE), whole, "viewer"),
    ask("may-read-logs", may(verb="get", resource="pods", subresource="log", namespace=SCENE), whole, "operator"),
    ask("may-read-secrets", may(verb="get", resource="secrets", namespace=SCENE), whole, "operator"),
    ask("may-patch-applications", may(verb="patch", group="argoproj.io", resource="applications", namespace="argocd"), whole, "operator"),
    ask("may-do-all", may(verb="*", group="*", resource="*"), whole),
    ask("may-ask-nothing", review("SelfSubjectAccessReview", MAY, "authorization.k8s.io", {}), refusal, "operator"),
    ask(
        "may-read-a-path",
        review("SelfSubjectAccessReview", MAY, "authorization.k8s.io", {"nonResourceAttributes": {"verb": "get", "path": "/metrics"}}),
        whole,
        "operator",
    ),
    ask("which-rules", review("SelfSubjectRulesReview", RULES, "authorization.k8s.io", {"namespace": SCENE}), outline, "operator"),
    *(ask(f"{health}-as-{who}", Ask("GET", f"/{health}"), whole, who) for health in ("readyz", "livez", "healthz") for who in ("stranger", "operator")),
    ask("readyz-of-an-impostor", Ask("GET", "/readyz"), refusal, "impostor"),
    ask("version-as-stranger", Ask("GET", "/version"), outline, "stranger"),
    ask("api", Ask("GET", "/api"), whole, "operator"),
    ask("api-as-stranger", Ask("GET", "/api"), refusal, "stranger"),
)
