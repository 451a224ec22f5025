"""Who calls and what they may do: tokens, rules, and the reviews that tell about them."""

from typing import Any

import pytest

from tests.drill.kubernetes.builders import DEPLOYMENTS, NAMESPACE, PODS, WEB, a_deployment
from tests.drill.kubernetes.client import STRATEGIC, Client
from tests.drill.kubernetes.conftest import NONCE, Cluster

AUTHORIZATION = "/apis/authorization.k8s.io/v1"
WHO = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
REVIEW = {"kind": "SelfSubjectReview", "apiVersion": "authentication.k8s.io/v1"}
IN_NAMESPACE = f'in the namespace "{NAMESPACE}"'


def may(client: Client, **wanted: str) -> bool:
    """Ask a SelfSubjectAccessReview."""
    review = client.post(f"{AUTHORIZATION}/selfsubjectaccessreviews", {"spec": {"resourceAttributes": wanted}})
    assert review.status == 201
    assert review.json["spec"]["resourceAttributes"] == wanted
    return bool(review.json["status"]["allowed"])


@pytest.mark.parametrize("token", ["unknown-token", "operator-token"])
def test_a_token_nobody_knows_or_that_expired_is_unauthorized(cluster: Cluster, token: str) -> None:
    """401 with a bare Status, whatever is asked for; a renewed token works again."""
    cluster.api.tokens.expire("operator")
    client = cluster.client(token)
    refused = client.get(PODS)
    assert refused.status == 401
    assert refused.json == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": "Unauthorized",
        "reason": "Unauthorized",
        "code": 401,
    }
    assert client.get("/version").status == 401
    assert "X-Kubernetes-Pf-Flowschema-Uid" not in refused.headers
    cluster.api.tokens.renew("operator")
    assert cluster.client("operator-token").get(PODS).status == 200


def test_without_a_token_only_health_and_version_are_open(cluster: Cluster) -> None:
    """Anonymous callers see that the server lives, and nothing else."""
    nobody = cluster.client(None)
    assert [nobody.get(path).status for path in ("/healthz", "/livez", "/readyz", "/version")] == [200, 200, 200, 200]
    assert nobody.get("/readyz").text == "ok"
    assert nobody.get("/api").message == 'forbidden: User "system:anonymous" cannot get path "/api"'
    refused = nobody.post(WHO, REVIEW)
    assert (refused.status, refused.message) == (
        403,
        (
            'selfsubjectreviews.authentication.k8s.io is forbidden: User "system:anonymous" cannot create resource "selfsubjectreviews" '
            'in API group "authentication.k8s.io" at the cluster scope'
        ),
    )


@pytest.mark.parametrize(
    ("method", "path", "message", "details"),
    [
        ("GET", PODS, f'pods is forbidden: User "viewer" cannot list resource "pods" in API group "" {IN_NAMESPACE}', {"kind": "pods"}),
        (
            "GET",
            "/api/v1/pods",
            'pods is forbidden: User "viewer" cannot list resource "pods" in API group "" at the cluster scope',
            {"kind": "pods"},
        ),
        (
            "PATCH",
            WEB,
            f'deployments.apps "web" is forbidden: User "viewer" cannot patch resource "deployments" in API group "apps" {IN_NAMESPACE}',
            {"name": "web", "group": "apps", "kind": "deployments"},
        ),
        (
            "GET",
            f"{PODS}/p/log",
            f'pods "p" is forbidden: User "viewer" cannot get resource "pods/log" in API group "" {IN_NAMESPACE}',
            {"name": "p", "kind": "pods"},
        ),
        (
            "GET",
            f"{DEPLOYMENTS}?watch=true",
            f'deployments.apps is forbidden: User "viewer" cannot watch resource "deployments" in API group "apps" {IN_NAMESPACE}',
            {"group": "apps", "kind": "deployments"},
        ),
        (
            "GET",
            f"{DEPLOYMENTS}/other",
            f'deployments.apps "other" is forbidden: User "viewer" cannot get resource "deployments" in API group "apps" {IN_NAMESPACE}',
            {"name": "other", "group": "apps", "kind": "deployments"},
        ),
    ],
)
def test_what_no_rule_allows_is_forbidden_in_the_words_of_rbac(cluster: Cluster, method: str, path: str, message: str, details: dict[str, str]) -> None:
    """403 names the user, the verb, the resource and the scope, before it is even known whether the object exists."""
    refused = cluster.client("viewer-token").send(method, path, {} if method == "PATCH" else None, content_type=STRATEGIC)
    assert (refused.status, refused.json["reason"], refused.message) == (403, "Forbidden", message)
    assert refused.json["details"] == details
    assert refused.headers["X-Content-Type-Options"] == "nosniff"


def test_a_rule_allows_what_it_names(cluster: Cluster, operator: Client) -> None:
    """Verbs, groups, resources, namespaces and names all narrow a rule."""
    cluster.create_rolled_out(a_deployment(replicas=1))
    viewer = cluster.client("viewer-token")
    assert viewer.get(WEB).status == 200
    assert operator.get(PODS).status == 200
    assert operator.patch(WEB, {"spec": {"replicas": 2}}).status == 200
    assert operator.send("DELETE", WEB).status == 403
    assert operator.patch("/apis/apps/v1/namespaces/default/deployments/web", {}).status == 403


def test_the_self_review_tells_name_and_groups(operator: Client) -> None:
    """SelfSubjectReview answers 201 with the caller as the server sees it."""
    review = operator.post(WHO, REVIEW)
    assert review.status == 201
    assert review.json["status"]["userInfo"] == {"username": "operator", "uid": "operator", "groups": ["operators", "system:authenticated"]}
    assert review.json["metadata"]["creationTimestamp"]


def test_access_reviews_agree_with_what_happens(cluster: Cluster, operator: Client, client: Client) -> None:
    """What a review allows is then allowed, a right that a fault takes away included."""
    patch = {"verb": "patch", "group": "apps", "resource": "deployments", "namespace": NAMESPACE}
    assert may(operator, **patch)
    assert may(operator, verb="list", group="", resource="pods")
    assert not may(operator, verb="delete", group="", resource="pods", namespace=NAMESPACE)
    assert may(operator, **patch, subresource="scale")
    assert may(client, verb="delete", group="", resource="nodes")
    cluster.api.faults.forbid("operator", "patch", "deployments")
    assert not may(operator, **patch)
    cluster.api.faults.permit("operator", "patch", "deployments")
    assert may(operator, **patch)


def test_a_review_of_nothing_is_invalid(operator: Client) -> None:
    """A review has to ask about a resource or a path."""
    path = f"{AUTHORIZATION}/selfsubjectaccessreviews"
    assert operator.post(path, {"spec": {"nonResourceAttributes": {"verb": "get", "path": "/version"}}}).json["status"]["allowed"] is True
    refused = operator.post(path, {"spec": {}})
    assert (refused.status, refused.json["details"]["causes"][0]["field"]) == (422, "spec.resourceAttributes")


def test_the_rules_review_lists_what_binds_the_caller(operator: Client) -> None:
    """`kubectl auth can-i --list` gets the rules of the caller, those of a namespace only there."""
    review = operator.post(f"{AUTHORIZATION}/selfsubjectrulesreviews", {"spec": {"namespace": "elsewhere"}}).json["status"]
    verbs: list[list[str]] = [rule["verbs"] for rule in review["resourceRules"]]
    assert ["get", "list", "watch"] in verbs
    assert ["patch"] not in verbs
    assert any("/version" in rule["nonResourceURLs"] for rule in review["nonResourceRules"])


def test_every_answer_carries_the_drills_nonce(cluster: Cluster, client: Client) -> None:
    """By this header a drill knows that it talks to its own estate."""
    paths: list[tuple[Client, str]] = [(client, "/version"), (client, "/nope"), (client, f"{PODS}/nope"), (cluster.client("unknown"), PODS)]
    answers: list[Any] = [who.get(path).headers for who, path in paths]
    answers.append(client.watch(PODS).headers)
    assert {headers["Gospel-Rollback-Drill"] for headers in answers} == {NONCE}
    assert all(headers["Audit-Id"] and headers["Cache-Control"] for headers in answers)


def test_a_kubeconfig_holds_what_a_client_needs(cluster: Cluster) -> None:
    """One context with server, authority, token and namespace; a user without a token has none."""
    config = cluster.api.kubeconfig("operator", namespace=NAMESPACE, context="here")
    assert config["current-context"] == "here"
    assert config["contexts"][0]["context"] == {"cluster": "here", "user": "operator", "namespace": NAMESPACE}
    assert config["users"][0]["user"]["token"] == "operator-token"
    with pytest.raises(KeyError):
        cluster.api.kubeconfig("nobody")
