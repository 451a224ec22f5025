"""Who we are to the API server, what we may do there, and whether it serves at all."""

from dataclasses import dataclass

from gospel_rollback_tui.domain.errors import ConfigurationError, NoRoute, RollbackError, ServerDown
from gospel_rollback_tui.domain.evidence import Truth
from gospel_rollback_tui.domain.raw import child, text
from gospel_rollback_tui.infra.cluster.connection import ClusterConnection
from gospel_rollback_tui.infra.cluster.exchange import Request, path_of
from gospel_rollback_tui.infra.cluster.reading import ClusterReader
from gospel_rollback_tui.infra.cluster.refusals import judge, message_of

IDENTITY_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the API server takes us for."""

    server: str
    user: str
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Permission:
    """Whether something is allowed."""

    allowed: bool
    reason: str = ""
    """What the authorizer says; often nothing."""


@dataclass(frozen=True, slots=True)
class Serving:
    """Whether the API server serves, asked without credentials."""

    truth: Truth
    """UNKNOWN: it was not reached."""
    words: str


class ClusterIdentity:
    """Asks the API server about ourselves and about itself."""

    def __init__(self, connection: ClusterConnection, *, deadline: float = IDENTITY_SECONDS) -> None:
        """`deadline`: seconds for one question, all attempts together."""
        self._connection = connection
        self._reader = ClusterReader(connection, deadline=deadline)

    def who_am_i(self) -> Identity:
        """Returns the live identity; raises CredentialsExpired when there is none."""
        body = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
        answer = self._reader.ask(Request("POST", path_of("apis", "authentication.k8s.io", "v1", "selfsubjectreviews"), body=body)).json()
        info = child(answer, "status", "userInfo")
        groups = info.get("groups")
        return Identity(
            server=self._connection.server(),
            user=text(info.get("username")),
            groups=tuple(text(group) for group in groups) if isinstance(groups, list) else (),
        )

    def current(self) -> tuple[str, str]:
        """Returns (server, user) as the live calls report them."""
        identity = self.who_am_i()
        return identity.server, identity.user

    def may(self, verb: str, group: str, resource: str, name: str = "", namespace: str = "", subresource: str = "") -> Permission:
        """Returns whether the identity may do that; `namespace` empty: the environment's own."""
        attributes = {"verb": verb, "group": group, "resource": resource, "name": name, "subresource": subresource}
        attributes["namespace"] = namespace or self._connection.cluster.namespace
        body = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": {key: value for key, value in attributes.items() if value}},
        }
        path = path_of("apis", "authorization.k8s.io", "v1", "selfsubjectaccessreviews")
        status = child(self._reader.ask(Request("POST", path, body=body)).json(), "status")
        return Permission(status.get("allowed") is True, text(status.get("reason")))

    def ready(self) -> Serving:
        """Returns whether the API server says that it is ready; never raises."""
        return self._probe("readyz")

    def live(self) -> Serving:
        """Returns whether the API server says that it is alive; never raises."""
        return self._probe("livez")

    def _probe(self, endpoint: str) -> Serving:
        request = Request("GET", path_of(endpoint), anonymous=True)
        try:
            answer = self._connection.answer(request)
            if answer.status in {401, 403}:
                return Serving(Truth.TRUE, f"answers, but keeps /{endpoint} from strangers")
            judge(request, answer, self._connection.server())
        except ServerDown as down:
            return Serving(Truth.FALSE, down.text)
        except (NoRoute, ConfigurationError) as unknown:
            return Serving(Truth.UNKNOWN, unknown.text)
        except RollbackError as other:
            return Serving(Truth.UNKNOWN, other.text)
        return Serving(Truth.TRUE, f"/{endpoint} says {message_of(answer) or 'ok'}")
