"""Who calls and what they may see: authentication, rights, and the rule by which a missing Application is 403 or 404."""

from dataclasses import dataclass
from datetime import UTC, datetime

from gospel_rollback_tui.drill.argocd.refusals import Code, Refusal, no_such_application, permission_denied
from gospel_rollback_tui.drill.argocd.sessions import Session, Sessions
from gospel_rollback_tui.drill.kubernetes.documents import Json, timestamp
from gospel_rollback_tui.drill.kubernetes.http.messages import Request
from gospel_rollback_tui.drill.kubernetes.statuses import ApiError
from gospel_rollback_tui.drill.ports import Registry
from gospel_rollback_tui.drill.script import ARGOCD_NAMESPACE

_COOKIE = "argocd.token"


def token_of(request: Request) -> str:
    """Return the token of a request, from the header or the cookie of a login; empty when there is none."""
    if request.bearer_token:
        return request.bearer_token
    cookies = (part.strip().partition("=") for part in request.header("Cookie").split(";"))
    return next((value for name, _, value in cookies if name == _COOKIE), "")


@dataclass(frozen=True, slots=True)
class Caller:
    """The account behind a request, and its rights."""

    session: Session

    @property
    def name(self) -> str:
        """The account's name, as operations and events tell it."""
        return self.session.account.name

    def may(self, action: str, application: Json) -> bool:
        """Whether the caller has a right on an Application."""
        return self.session.account.may("applications", action, _subject(application))

    def require(self, action: str, application: Json) -> None:
        """Refuse, in the long form, an action on an Application that the caller may see.

        Raises:
            Refusal: 403.
        """
        if not self.may(action, application):
            raise self.denied("applications", action, _subject(application))

    def denied(self, resource: str, action: str, subject: str) -> Refusal:
        """Return the long refusal, which names the right, the caller, and the time of the token."""
        issued = timestamp(datetime.fromtimestamp(self.session.issued, UTC))
        return permission_denied(f"{resource}, {action}, {subject}, sub: {self.name}, iat: {issued}")


def authenticate(sessions: Sessions, request: Request) -> Caller:
    """Return the caller of a request.

    Raises:
        Refusal: 401.
    """
    token = token_of(request)
    if not token:
        raise Refusal(Code.UNAUTHENTICATED, "no session information")
    return Caller(sessions.read(token))


def find_application(registry: Registry, caller: Caller, name: str, action: str, project: str = "", namespace: str = "") -> Json:
    """Return an Application on which the caller has the right to `action`.

    Raises:
        Refusal: 403, or 404 where the caller named a project that it may look into.
    """
    if project and not caller.session.account.may("applications", action, f"{project}/{name}"):
        raise permission_denied()
    if namespace not in ("", ARGOCD_NAMESPACE):
        raise permission_denied()
    missing = no_such_application(name) if project else permission_denied()
    try:
        application = registry.get("applications", ARGOCD_NAMESPACE, name)
    except ApiError:
        raise missing from None
    if not caller.may(action, application) or project not in ("", application["spec"]["project"]):
        raise missing
    _check_project(registry, application)
    return application


def _check_project(registry: Registry, application: Json) -> None:
    try:
        registry.get("appprojects", ARGOCD_NAMESPACE, application["spec"]["project"])
    except ApiError:
        raise unknown_project(application["spec"]["project"]) from None


def unknown_project(name: str) -> Refusal:
    """Return the refusal of an Application in a project that there is not."""
    return Refusal(Code.INVALID_ARGUMENT, f'app is not allowed in project "{name}", or the project does not exist')


def _subject(application: Json) -> str:
    return f"{application['spec']['project']}/{application['metadata']['name']}"
