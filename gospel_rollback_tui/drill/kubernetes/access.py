"""Who may do what: authorisation by a list of rules, as RBAC judges and words it."""

from collections.abc import Sequence
from dataclasses import dataclass

from gospel_rollback_tui.drill.kubernetes.identities import (
    AUTHENTICATED_GROUP,
    User,
)

ALL = ("*",)


@dataclass(frozen=True, slots=True)
class Attributes:
    """What a request wants, in RBAC's terms."""

    verb: str
    """`get list watch create update patch delete deletecollection`."""
    group: str = ""
    resource: str = ""
    """Plural name, with the subresource after a slash: `pods/log`."""
    namespace: str = ""
    """Empty for what has no namespace and for requests across all of them."""
    name: str = ""
    path: str = ""
    """The path of a request that names no resource; then the fields above are empty."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Allows its subjects some verbs on some resources; `*` stands for all."""

    subjects: tuple[str, ...]
    """Names of users or of groups."""
    verbs: tuple[str, ...] = ALL
    groups: tuple[str, ...] = ALL
    """API groups; the core group is the empty text."""
    resources: tuple[str, ...] = ALL
    """Plural names, subresources as `pods/log`; `*` includes subresources."""
    namespaces: tuple[str, ...] = ALL
    names: tuple[str, ...] = ()
    """Object names the rule is limited to; empty means any."""
    paths: tuple[str, ...] = ()
    """Paths outside resources (`/version`); a trailing `*` stands for what follows."""

    def binds(self, user: User) -> bool:
        """Whether the rule speaks of this user."""
        return user.name in self.subjects or any(g in self.subjects for g in user.all_groups)

    def allows(self, wanted: Attributes) -> bool:
        """Whether the rule allows what is wanted to those it binds."""
        if not _has(self.verbs, wanted.verb):
            return False
        if wanted.path:
            return any(_path_matches(pattern, wanted.path) for pattern in self.paths)
        return (
            not self.paths
            and _has(self.groups, wanted.group)
            and _has(self.resources, wanted.resource)
            and _has(self.namespaces, wanted.namespace)
            and (not self.names or wanted.name in self.names)
        )


DEFAULT_RULES: tuple[Rule, ...] = (
    Rule(
        subjects=(AUTHENTICATED_GROUP, "system:unauthenticated"),
        verbs=("get",),
        paths=("/healthz", "/livez", "/readyz", "/version", "/version/"),
    ),
    Rule(
        subjects=(AUTHENTICATED_GROUP,),
        verbs=("get",),
        paths=("/api", "/api/*", "/apis", "/apis/*", "/openapi", "/openapi/*", "/livez/*", "/readyz/*"),
    ),
    Rule(
        subjects=(AUTHENTICATED_GROUP,),
        verbs=("create",),
        groups=("authorization.k8s.io",),
        resources=("selfsubjectaccessreviews", "selfsubjectrulesreviews"),
    ),
    Rule(subjects=(AUTHENTICATED_GROUP,), verbs=("create",), groups=("authentication.k8s.io",), resources=("selfsubjectreviews",)),
)
"""What every cluster grants: health and version to all, discovery and self reviews to the known."""


def may(user: User, wanted: Attributes, rules: Sequence[Rule]) -> bool:
    """Whether any rule, or membership of `system:masters`, allows the request."""
    return user.is_master or any(rule.binds(user) and rule.allows(wanted) for rule in (*DEFAULT_RULES, *rules))


def refusal(user: User, wanted: Attributes) -> str:
    """Word a refusal as the API server does, without the leading `… is forbidden: `."""
    if wanted.path:
        return f'User "{user.name}" cannot {wanted.verb} path "{wanted.path}"'
    scope = f'in the namespace "{wanted.namespace}"' if wanted.namespace else "at the cluster scope"
    return f'User "{user.name}" cannot {wanted.verb} resource "{wanted.resource}" in API group "{wanted.group}" {scope}'


def _has(allowed: tuple[str, ...], value: str) -> bool:
    return "*" in allowed or value in allowed


def _path_matches(pattern: str, path: str) -> bool:
    if pattern.endswith("*"):
        return path.startswith(pattern[:-1])
    return path == pattern
