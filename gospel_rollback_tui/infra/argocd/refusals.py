"""What an answer of Argo CD, or a broken connection to it, means for the operator: by message and code, never by status alone."""

import re
import ssl
from collections.abc import Callable

import httpx

from gospel_rollback_tui.domain.errors import (
    CredentialsExpired,
    FactsMoved,
    Forbidden,
    NoRoute,
    NotFound,
    NotSent,
    OutcomeUnknown,
    Refused,
    RollbackError,
    ServerDown,
    Throttled,
)
from gospel_rollback_tui.domain.raw import number, text
from gospel_rollback_tui.domain.text import clean, redact
from gospel_rollback_tui.infra.argocd.exchange import Answer, Request
from gospel_rollback_tui.infra.argocd.token import OTHER_WAY

MESSAGE_WIDTH = 300
"""Characters of a server's message that are kept: some hold a whole repository object."""
LOOK_FIRST = "Look whether the change was made before anything else is sent."
LOGIN = f"Log in to Argo CD again (`L`), then go on. {OTHER_WAY}"
UNAUTHENTICATED, PERMISSION_DENIED, UNAVAILABLE = 16, 7, 14
"""Codes of gRPC that the API hands through."""


class RepositoryUnreachable(Refused):
    """Argo CD cannot reach git, which a PATCH of an Application needs and a PUT without validation does not."""


class PatchFailed(Refused):
    """A test of a JSON Patch does not hold, or its path is not there."""


def message_of(answer: Answer, width: int = MESSAGE_WIDTH) -> str:
    """Returns what the server says, in one harmless line, without secrets and cut."""
    said = answer.json_or_none()
    if said is None:
        return redact(clean(answer.body[:width].decode(errors="replace"), width)).strip()
    return redact(text(said.get("message") or said.get("error"), width)).strip()


def judge(request: Request, answer: Answer, server: str) -> None:
    """Raises what an answer other than success means; returns on success."""
    if 200 <= answer.status < 300:
        return
    said, body = message_of(answer), answer.json_or_none()
    if body is None:
        raise _no_api(request, answer, server, said)
    known = next((make for pattern, make in _MESSAGES if pattern.search(said)), None)
    if known is not None:
        raise known(said, request)
    raise _by_code(request, answer, server, number(body.get("code"), -1), said)


def _no_api(request: Request, answer: Answer, server: str, said: str) -> RollbackError:
    """An answer that is no JSON is not from a handler of the API."""
    if request.changing and answer.status >= 500:
        return OutcomeUnknown(f"Something before Argo CD answered {answer.status} to a change.", next_step=LOOK_FIRST)
    if answer.status == 415:
        return Refused(f"Argo CD did not take the request: {said}", next_step=OTHER_WAY)
    if answer.status == 429:
        return Throttled("Argo CD, or something before it, serves others first (429).", next_step="Try again in a moment.")
    if answer.status >= 500:
        return ServerDown(f"Argo CD at {server} does not serve ({answer.status}).", next_step=OTHER_WAY)
    return NoRoute(f"Something answers {answer.status} at {server} that is not Argo CD's API.", next_step="Check `argocd.server` and the proxy.")


def _by_code(request: Request, answer: Answer, server: str, code: int, said: str) -> RollbackError:
    if code == UNAUTHENTICATED or answer.status == 401:
        return CredentialsExpired(f"Argo CD does not know who asks: {said}", next_step=LOGIN)
    if code == PERMISSION_DENIED or answer.status == 403:
        return _forbidden(request, said)
    if answer.status == 404:
        return NotFound(f"Argo CD has no such thing: {said}", next_step=f"Check `argocd.application` and `argocd.project`. {OTHER_WAY}")
    if answer.status >= 500 and not request.changing:
        return ServerDown(f"Argo CD at {server} answers {answer.status}: {said}", next_step=OTHER_WAY)
    if code == UNAVAILABLE and "connection refused" in said:
        return ServerDown(f"A part of Argo CD does not answer: {said}", next_step=OTHER_WAY)
    if answer.status >= 500:
        return OutcomeUnknown(f"Argo CD answered {answer.status} to a change: {said}", next_step=LOOK_FIRST)
    return Refused(f"Argo CD refused it: {said}", next_step=OTHER_WAY)


def _forbidden(request: Request, said: str) -> Forbidden:
    """The long form names the right; the short one also stands for an Application that is not there, or another namespace."""
    named = re.search(r"permission denied: (\w+), (\w+), ([^,\s]+)(?:, sub: ([^,\s]+))?", said)
    if named:
        kind, right, what, who = named.groups()
        account = f"the account {who}" if who else "this account"
        return Forbidden(
            f"Argo CD does not allow {account} to {right} {what} ({kind}).", next_step=f"Ask for that right, or log in as somebody who has it. {OTHER_WAY}"
        )
    doubt = (
        "" if dict(request.query).get("project") or _project_of(request) else " Without `argocd.project` it says the same of an Application that is not there."
    )
    return Forbidden(
        f"Argo CD does not allow {request.words} ({said}).{doubt}",
        next_step=f"Check `argocd.application`, `argocd.project`, `argocd.namespace` and the account's rights. {OTHER_WAY}",
    )


def _project_of(request: Request) -> str:
    return str(request.body.get("project", "")) if isinstance(request.body, dict) else ""


def _refused(words: str, way_on: str) -> Callable[[str, Request], RollbackError]:
    return lambda said, _request: Refused(f"{words} ({said})", next_step=way_on)


def _unknown_entry(said: str, _request: Request) -> RollbackError:
    return FactsMoved(
        f"The history has no such entry any more: it was cut, or emptied and begun anew. ({said})",
        moved=(("history entry", "there", "gone"),),
        next_step="Choose from the history as it is now; what is not in it can be reached in git.",
    )


def _logged_out(words: str) -> Callable[[str, Request], RollbackError]:
    return lambda said, _request: CredentialsExpired(f"{words} ({said})", next_step=LOGIN)


_STOP_IT = "Wait for it, or stop it with a step of its own (terminate)."
_FREEZE = "Switch auto-sync off in the same step; if it was, look who switched it on again."
_GIT_IS_DOWN = "Through the Application object auto-sync can be switched off without git; a rollback works as far as Argo CD has the commit in its cache."

_MESSAGES: tuple[tuple[re.Pattern[str], Callable[[str, Request], RollbackError]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), make)
    for pattern, make in (
        ("rollback cannot be initiated when auto-sync is enabled", _refused("Auto-sync is on, and then Argo CD rolls nothing back.", _FREEZE)),
        ("another operation is already in progress", _refused("Another operation is under way.", _STOP_IT)),
        ("does not have deployment with id", _unknown_entry),
        (
            "blocked by sync window",
            _refused("A sync window of the project forbids it now.", "Wait until it is over, have its manual sync allowed, or go another path."),
        ),
        ("auto-sync currently set to", _refused("While auto-sync is on only the branch's own commit can be synced.", _FREEZE)),
        ("No operation is in progress", _refused("There is nothing to stop: the operation has ended by itself.", "Look how it ended.")),
        ("repository not accessible", lambda said, _request: RepositoryUnreachable(f"Argo CD cannot reach git: {said}", next_step=_GIT_IS_DOWN)),
        ("unable to ls-remote|error testing repo", lambda said, _request: RepositoryUnreachable(f"Argo CD cannot reach git: {said}", next_step=_GIT_IS_DOWN)),
        ("error applying patch|error decoding json patch", lambda said, _request: PatchFailed(f"The patch does not fit any more: {said}")),
        ("error calculating merge patch|error while marshaling|patchType", _refused("Argo CD could not read the request.", OTHER_WAY)),
        (
            "not our ref|Failed to checkout revision|unknown revision",
            _refused("That commit is gone from git.", "Choose another entry, or go by a patch or an image."),
        ),
        (
            "unable to resolve .* to a commit SHA|must be resolved",
            _refused("Argo CD finds no such commit in git.", "Choose another entry, or go by a patch or an image."),
        ),
        ("error resolving repo revision", _refused("Argo CD cannot ask git for the branch.", _GIT_IS_DOWN)),
        ("app is not allowed in project", _refused("The Application is not in that project.", "Check `argocd.project`.")),
        ("token is expired", _logged_out("The Argo CD token has expired.")),
        ("no session information", _logged_out("Argo CD got no token, or one that is none.")),
        ("token signature is invalid|SSO is not configured", _logged_out("The token was not made by this Argo CD.")),
        ("account '.*' does not exist", _logged_out("The token's account is gone.")),
        ("does not have token with id", _logged_out("The token was revoked.")),
    )
)
"""(what the server says, what it means), first match first; the texts are those of Argo CD 3.2."""


def judge_failure(error: Exception, request: Request, server: str, *, sent: bool) -> RollbackError:
    """Returns what a broken connection means; `sent`: the server may have got the request."""
    reason = _reason_of(error)
    if request.changing and sent:
        return OutcomeUnknown(f"{request.words} was sent, and the connection broke before the answer: {reason}.", next_step=LOOK_FIRST)
    causes = tuple(_causes(error))
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return NoRoute(f"No secure connection to Argo CD at {server}: {reason}.", next_step=f"Check `argocd.ca_file` and the server's certificate. {OTHER_WAY}")
    if isinstance(error, httpx.ProxyError):
        return NoRoute(f"The proxy on the way to {server} does not let it through: {reason}.", next_step="Check the proxy settings.")
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return ServerDown(f"Nothing listens at {server}: the connection was refused.", next_step=OTHER_WAY)
    if isinstance(error, httpx.ConnectTimeout | httpx.ConnectError | httpx.PoolTimeout):
        return NoRoute(f"Argo CD at {server} cannot be reached: {reason}.", next_step=f"Check name, network and VPN. {OTHER_WAY}")
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return NoRoute(f"No answer from Argo CD at {server} in time.", next_step=OTHER_WAY)
    return NotSent(f"Argo CD at {server} closed the connection without an answer: {reason}.", next_step="Try again in a moment.")


def _causes(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


def _reason_of(error: Exception) -> str:
    """Returns the innermost reason in a few words."""
    innermost = _causes(error)[-1]
    words = getattr(innermost, "verify_message", "") or getattr(innermost, "strerror", None) or str(innermost) or type(innermost).__name__
    return redact(clean(str(words), 120)).rstrip(".")
