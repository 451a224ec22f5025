"""What an answer or a broken connection means for the operator."""

import ssl
from email.utils import parsedate_to_datetime

import urllib3.exceptions as failures

from gospel_rollback_tui.domain.certificates import Certificate, CertificateFault, utc
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
    VersionGone,
)
from gospel_rollback_tui.domain.raw import child, number, text
from gospel_rollback_tui.domain.text import clean, redact
from gospel_rollback_tui.infra.cluster.exchange import Answer, Request

MESSAGE_WIDTH = 300
"""Characters of a server's message that are kept: some repeat the whole object."""

LOGIN = "Press L to log in, then go on."
LOOK_FIRST = "Look whether the change was made before anything else is sent."


class Untrusted(NoRoute):
    """TLS does not hold: trying again will not help."""


def message_of(answer: Answer) -> str:
    """Returns what the server says, in one harmless line, without secrets and cut."""
    status = answer.json_or_none()
    said = text(status.get("message"), MESSAGE_WIDTH) if status is not None else clean(answer.body[:MESSAGE_WIDTH].decode(errors="replace"), MESSAGE_WIDTH)
    return redact(said.strip())


def judge(request: Request, answer: Answer, server: str) -> None:
    """Raises what an answer other than success means; returns on success."""
    if 200 <= answer.status < 300:
        return
    if answer.status >= 500:
        raise _broken(request, answer, server)
    status = answer.json_or_none()
    page = "html" in answer.headers.get("content-type", "")
    if answer.status < 400 or (status is None and page):
        raise NoRoute(f"Something before the API server at {server} answered {answer.status} instead of it.", next_step="Check the proxy and the address.")
    raise _refused(answer)


def _refused(answer: Answer) -> RollbackError:
    said = message_of(answer)
    if answer.status == 401:
        return CredentialsExpired("The API server does not know who asks: the credentials are expired or wrong (401).", next_step=LOGIN)
    if answer.status == 403:
        if "system:anonymous" in said:
            return CredentialsExpired("The request carried no valid credentials: the API server took it for a stranger's (403).", next_step=LOGIN)
        return Forbidden(f"Not allowed: {said}", next_step="Ask for the right, or do it by hand as somebody who has it.")
    if answer.status == 404:
        return NotFound(f"Not there: {said}" if said else "Not there.")
    if answer.status == 409:
        return FactsMoved(f"It has changed meanwhile: {said}", next_step="Look at it as it is now, then decide again.")
    if answer.status == 410:
        return VersionGone(said or "The list must be read again.")
    if answer.status == 429:
        return Throttled("The API server serves others first (429).", retry_after=retry_after(answer), next_step="Try again in a moment.")
    return Refused(f"The API server refused it ({answer.status}): {said}")


def retry_after(answer: Answer) -> float:
    """Returns the seconds that the server asks to wait, by header or by its details; 1 if it does not say."""
    seconds = number(answer.headers.get("retry-after"), -1)
    if seconds < 0:
        seconds = number(child(answer.json_or_none(), "details").get("retryAfterSeconds"), 1)
    return float(max(seconds, 0))


def _broken(request: Request, answer: Answer, server: str) -> RollbackError:
    """A 5xx to a change tells nothing, unless the server says that it did not get so far."""
    said = message_of(answer)
    status = answer.json_or_none()
    if answer.status == 500 and "failed calling webhook" in said:
        return Refused(f"An admission webhook did not let it through: {said}")
    if request.changing and not (status is not None and answer.status == 503):
        return OutcomeUnknown(f"The API server answered {answer.status} to a change: {said}", next_step=LOOK_FIRST)
    if "containerLogs" in said:
        return NotSent(f"The node that has the logs does not answer: {said}", next_step="Look at the node.")
    again = "Nothing can be read or changed until it serves again."
    return ServerDown(f"The API server at {server} answers {answer.status}: {said}", next_step=again, why=f"answers {answer.status}")


def refused_certificate(error: Exception) -> ssl.SSLCertVerificationError | None:
    """Returns the verification that a failure comes from; None: it has other reasons."""
    return next((link for link in _chain(error) if isinstance(link, ssl.SSLCertVerificationError)), None)


def judge_failure(error: Exception, request: Request, server: str, *, sent: bool, certificate: Certificate | None = None) -> RollbackError:
    """Returns what a broken connection means.

    Args:
        error: The library's.
        request: What was to be sent.
        server: The address.
        sent: The server may have got the request.
        certificate: What the server showed, if its certificate was refused.
    """
    if request.changing and sent:
        return OutcomeUnknown(f"{request.words} was sent, and the connection broke before the answer: {reason_of(error)}.", next_step=LOOK_FIRST)
    chain = tuple(_chain(error))
    reason = reason_of(error)
    if _holds(chain, failures.SSLError, ssl.SSLError) and not _holds(chain, ssl.SSLEOFError, ConnectionResetError):  # a cut handshake tells nothing of TLS
        return _untrusted(server, reason, certificate)
    if _holds(chain, failures.ProxyError):
        return NoRoute(f"The proxy on the way to {server} does not let it through: {reason}.", next_step="Check the proxy settings.", why="proxy refuses")
    if _holds(chain, failures.NameResolutionError):
        return NoRoute(f"The name in {server} does not resolve.", next_step="Check DNS and the VPN.", why="name not found")
    if _holds(chain, ConnectionRefusedError):
        again = "Nothing can be read or changed until it serves again."
        return ServerDown(f"Nothing listens at {server}: the connection was refused.", next_step=again, why="connection refused")
    if _holds(chain, failures.ConnectTimeoutError, failures.NewConnectionError):
        why = "no answer in time" if _holds(chain, failures.ConnectTimeoutError) else "no route"
        return NoRoute(f"{server} cannot be reached: {reason}.", next_step="Check the network and the VPN.", why=why)
    if _holds(chain, failures.TimeoutError, TimeoutError):
        return NoRoute(f"No answer from {server} in time.", next_step="Check the network; if it is well, the server hangs.", why="no answer in time")
    return ServerDown(f"{server} closed the connection without an answer: {reason}.", next_step="Try again in a moment.", why="connection cut")


def _untrusted(server: str, reason: str, certificate: Certificate | None) -> Untrusted:
    """Says what is wrong with the server's certificate, and when it ended or begins where that was read."""
    fault = (certificate.fault if certificate is not None else None) or CertificateFault.OTHER
    if certificate is None or fault in (CertificateFault.OTHER, CertificateFault.AUTHORITY):
        return Untrusted(
            f"No secure connection to {server}: {reason}.", next_step="Check the cluster's certificate authority in the kubeconfig.", why=fault.value
        )
    words = {
        CertificateFault.EXPIRED: "has expired" + (f": it held until {utc(certificate.ends)}" if certificate.ends is not None else ""),
        CertificateFault.NOT_YET_VALID: "is not valid yet" + (f": it holds from {utc(certificate.begins)}" if certificate.begins is not None else ""),
        CertificateFault.NAME: "is one of another name",
    }
    step = {
        CertificateFault.EXPIRED: "Renew it on the control plane, or correct this host's clock if that is wrong.",
        CertificateFault.NOT_YET_VALID: "Correct this host's clock, or the certificate.",
        CertificateFault.NAME: "Check the server's address in the kubeconfig, and who answers there.",
    }
    return Untrusted(f"The certificate of {server} {words[fault]}.", next_step=step[fault], why=fault.value)


def _holds(chain: tuple[BaseException, ...], *kinds: type[BaseException]) -> bool:
    return any(isinstance(link, kinds) for link in chain)


def reason_of(error: Exception) -> str:
    """Returns the innermost reason of a failure in a few words."""
    innermost = _chain(error)[-1]
    words = getattr(innermost, "verify_message", "") or getattr(innermost, "strerror", None) or str(innermost) or type(innermost).__name__
    return redact(clean(str(words), 120)).rstrip(".")


def _chain(error: BaseException | None) -> list[BaseException]:
    """Returns an error and what it came from: urllib3 keeps causes as context or as an argument."""
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        inner = [part for part in error.args if isinstance(part, BaseException)]
        error = error.__cause__ or (inner[0] if inner else None) or error.__context__
    return found


def date_of(header: str) -> float | None:
    """Returns the server's own time by an answer's Date, in seconds since the epoch."""
    try:
        return parsedate_to_datetime(header).timestamp()
    except (TypeError, ValueError):
        return None
