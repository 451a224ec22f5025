"""The endpoints about the server and the caller: version, health, login, userinfo, tokens, can-i."""

from gospel_rollback_tui.drill.argocd.access import authenticate, token_of
from gospel_rollback_tui.drill.argocd.accounts import ACTIONS, RESOURCES
from gospel_rollback_tui.drill.argocd.answers import good
from gospel_rollback_tui.drill.argocd.exchange import Exchange
from gospel_rollback_tui.drill.argocd.go_messages import SESSION
from gospel_rollback_tui.drill.argocd.refusals import Code, Refusal, permission_denied
from gospel_rollback_tui.drill.argocd.sessions import ISSUER, Sessions
from gospel_rollback_tui.drill.kubernetes.documents import Json
from gospel_rollback_tui.drill.kubernetes.http.messages import Answer, Request

VERSION = "v3.2.1"

_BUILD = {
    "BuildDate": "2025-11-30T10:23:10Z",
    "GoVersion": "go1.25.0",
    "Compiler": "gc",
    "Platform": "linux/amd64",
    "KustomizeVersion": "v5.7.0",
    "HelmVersion": "v3.18.4",
    "JsonnetVersion": "v0.21.0",
}


def version(sessions: Sessions, request: Request) -> Answer:
    """Return the version, with the build's details for those who are logged in."""
    return good({"Version": VERSION, **(_BUILD if _is_known(sessions, request) else {})})


def health() -> Answer:
    """Return that the server is there."""
    return Answer(200, b"ok", "text/plain; charset=utf-8")


def user_info(sessions: Sessions, request: Request) -> Answer:
    """Return who calls; a token that is missing, broken or expired is no refusal but an empty answer."""
    if not _is_known(sessions, request):
        return good({})
    return good({"loggedIn": True, "username": authenticate(sessions, request).name, "iss": ISSUER})


def log_in(sessions: Sessions, request: Request) -> Answer:
    """Return a token for a password, also as a cookie.

    Raises:
        Refusal: 401.
    """
    message = SESSION.decode(request.body)
    token = sessions.log_in(message.get("username") or "", message.get("password") or "")
    return good({"token": token}, {"Set-Cookie": f"argocd.token={token}; path=/; SameSite=lax; httpOnly"})


def log_out() -> Answer:
    """Forget the cookie."""
    return good({}, {"Set-Cookie": "argocd.token=; path=/; SameSite=lax; httpOnly; Max-Age=0"})


def can_i(exchange: Exchange) -> Answer:
    """Return whether the caller has a right; whether its object exists is not looked at.

    Raises:
        Refusal: 400 for an action or a resource that Argo CD does not know.
    """
    resource, action = exchange.path["resource"], exchange.path["action"]
    for known, asked in ((ACTIONS, action), (RESOURCES, resource)):
        if asked not in known:
            raise Refusal(Code.INVALID_ARGUMENT, f"[{' '.join(known)}] does not contain {asked}")
    return good({"value": "yes" if exchange.caller.session.account.may(resource, action, exchange.path["subject"]) else "no"})


def create_token(exchange: Exchange) -> Answer:
    """Return a new API token of an account: one's own, or anybody's for an administrator.

    Raises:
        Refusal: 403.
    """
    _check_own(exchange)
    message: Json = exchange.message
    return good({"token": exchange.parts.sessions.api_token(exchange.path["account"], message.get("expiresIn") or 0, message.get("id") or "")})


def delete_token(exchange: Exchange) -> Answer:
    """Revoke an API token of an account.

    Raises:
        Refusal: 403.
    """
    _check_own(exchange)
    exchange.parts.sessions.revoke(exchange.path["account"], exchange.path["token"])
    return good({})


def _check_own(exchange: Exchange) -> None:
    account = exchange.path["account"]
    if exchange.caller.name != account and not exchange.caller.session.account.may("accounts", "update", account):
        raise permission_denied(f"accounts, update, {account}, sub: {exchange.caller.name}")


def _is_known(sessions: Sessions, request: Request) -> bool:
    try:
        sessions.read(token_of(request))
    except Refusal:
        return False
    return True
