"""Who am I, and may I: the self reviews of authentication and authorisation."""

from gospel_rollback_tui.drill.kubernetes.access import DEFAULT_RULES, Attributes, Rule
from gospel_rollback_tui.drill.kubernetes.authorisation import Authoriser
from gospel_rollback_tui.drill.kubernetes.documents import Json, timestamp
from gospel_rollback_tui.drill.kubernetes.endpoints.exchange import Exchange
from gospel_rollback_tui.drill.kubernetes.http.messages import Reply, json_answer
from gospel_rollback_tui.drill.kubernetes.identities import User
from gospel_rollback_tui.drill.kubernetes.managed_fields import noted_write
from gospel_rollback_tui.drill.kubernetes.protobuf import MEDIA_TYPE, decode_review
from gospel_rollback_tui.drill.kubernetes.registry import Registry
from gospel_rollback_tui.drill.kubernetes.statuses import FieldError, Subject, bad_request, invalid, method_not_allowed

REVIEWS = ("selfsubjectreviews", "selfsubjectaccessreviews", "selfsubjectrulesreviews")


def answer_review(exchange: Exchange, authoriser: Authoriser, registry: Registry) -> Reply:
    """Answer a self review, sent as JSON or as protobuf.

    Raises:
        ApiError: 400, 405 or 415.
    """
    if exchange.info.verb != "create":
        raise method_not_allowed()
    if exchange.request.content_type == MEDIA_TYPE:
        try:
            asked = decode_review(exchange.request.body)
        except (ValueError, KeyError) as fault:
            raise bad_request(f"unable to decode the review: {fault}") from None
    else:
        asked = exchange.json_body()
    created = {"creationTimestamp": timestamp(registry.now())}
    if exchange.info.plural == "selfsubjectreviews":
        review: Json = {"kind": "SelfSubjectReview", "apiVersion": "authentication.k8s.io/v1", "metadata": created}
        review["status"] = {"userInfo": _user_info(exchange.user)}
        return json_answer(review, 201, pretty=exchange.pretty)
    spec = asked.get("spec") or {}
    if exchange.info.plural == "selfsubjectaccessreviews":
        review = {"kind": "SelfSubjectAccessReview", "apiVersion": "authorization.k8s.io/v1", "metadata": {}, "spec": spec}
        review = noted_write(review, exchange.manager, "Update", "", registry.now())
        review["status"] = {"allowed": authoriser.allows(exchange.user, _wanted(spec))}
    else:
        review = {"kind": "SelfSubjectRulesReview", "apiVersion": "authorization.k8s.io/v1", "metadata": {}, "spec": {}}
        review["status"] = _rules_status(authoriser.rules_of(exchange.user), spec.get("namespace", ""))
    return json_answer(review, 201, pretty=exchange.pretty)


def _user_info(user: User) -> Json:
    info: Json = {"username": user.name}
    if user.uid:
        info["uid"] = user.uid
    return info | {"groups": list(user.all_groups)}


def _wanted(spec: Json) -> Attributes:
    if path := spec.get("nonResourceAttributes"):
        return Attributes(verb=path.get("verb", ""), path=path.get("path", ""))
    asked = spec.get("resourceAttributes")
    if not asked:
        text = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
        raise invalid(Subject("", "", "authorization.k8s.io", ""), [FieldError("spec.resourceAttributes", "Invalid value", text)])
    resource, subresource = asked.get("resource", ""), asked.get("subresource", "")
    return Attributes(
        verb=asked.get("verb", ""),
        group=asked.get("group", ""),
        resource=f"{resource}/{subresource}" if subresource else resource,
        namespace=asked.get("namespace", ""),
        name=asked.get("name", ""),
    )


def _rules_status(rules: tuple[Rule, ...], namespace: str) -> Json:
    status: Json = {"resourceRules": [], "nonResourceRules": [], "incomplete": False}
    for rule in (*rules, *DEFAULT_RULES):
        if rule.paths:
            status["nonResourceRules"].append({"verbs": list(rule.verbs), "nonResourceURLs": list(rule.paths)})
        elif "*" in rule.namespaces or namespace in rule.namespaces:
            entry: Json = {"verbs": list(rule.verbs), "apiGroups": list(rule.groups), "resources": list(rule.resources)}
            if rule.names:
                entry["resourceNames"] = list(rule.names)
            status["resourceRules"].append(entry)
    return status
