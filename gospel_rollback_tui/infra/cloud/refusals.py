"""What an error of AWS, or a broken connection to it, means for the operator."""

import re
from typing import Any

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
from gospel_rollback_tui.domain.text import clean, redact

LOOK_FIRST = "Look whether the change was made before anything else is sent."
LOGIN = "Log in again (`L`), then go on."
CLOCK = "This host's clock is off, which no login mends: compare `date -u` with another host's and set it, then go on (`L`)."
_SKEWED = re.compile(r"signature (expired|not yet current)", re.IGNORECASE)
_EXPIRED = ("ExpiredToken", "ExpiredTokenException", "RequestExpired", "InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch")
_DENIED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation")
_THROTTLED = ("Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequestsException")
_HANDSHAKE = re.compile(r"certificate|handshake", re.IGNORECASE)
"""What TLS says before anything is sent; a connection that is cut behind a request ends in an error of TLS too."""
_WIDTH = 300
_ADVICE = {
    "DBInstanceAlreadyExists": "Something has that name already: look at the instances, then try again.",
    "DBSnapshotAlreadyExists": "A snapshot has that name already: try again, which gives it another.",
    "InvalidDBInstanceState": "Wait until the instance is available, then try again.",
    "InvalidDBSnapshotState": "Wait until the snapshot is available, or choose another.",
    "SnapshotQuotaExceeded": "Delete a manual snapshot that nobody needs, or ask AWS for a larger quota; nothing else can make room.",
    "InstanceQuotaExceeded": "Delete an instance that nobody needs, or ask AWS for a larger quota.",
    "StorageQuotaExceeded": "Ask AWS for a larger storage quota, or delete an instance that nobody needs.",
    "InsufficientDBInstanceCapacity": "Try again in some minutes; a larger class may be there when this one is not.",
    "KMSKeyNotAccessibleFault": "Ask for kms:CreateGrant and kms:DescribeKey on that key, or have it enabled; or copy the snapshot with your own key first.",
    "PointInTimeRestoreNotEnabled": "Choose a snapshot.",
    "InvalidRestoreFault": "Choose a moment inside the restore window.",
}
_MOVED = ("DBInstanceAlreadyExists", "DBSnapshotAlreadyExists", "InvalidDBInstanceState", "InvalidDBSnapshotState")


def judge(error: Exception, words: str, *, changing: bool) -> RollbackError:
    """Returns what an exception of botocore means.

    Args:
        error: What botocore raised.
        words: What was asked, e.g. `rds:ModifyDBInstance`.
        changing: Whether it would have changed something.
    """
    from botocore import exceptions as vendor

    if isinstance(error, vendor.ClientError):
        return _by_code(error.response, words, changing=changing)
    if isinstance(error, vendor.NoCredentialsError | vendor.CredentialRetrievalError | vendor.SSOError | vendor.TokenRetrievalError):
        return CredentialsExpired(f"AWS does not know who asks: {said(error)}", next_step=LOGIN)
    if isinstance(error, vendor.ProfileNotFound | vendor.PartialCredentialsError | vendor.NoRegionError):
        return NotSent(f"The AWS tools are not set up: {said(error)}", next_step="Check `aws.profile` and `aws.region`.")
    cut = changing and isinstance(error, vendor.SSLError) and not _HANDSHAKE.search(str(error))
    if not cut and isinstance(error, vendor.EndpointConnectionError | vendor.ConnectTimeoutError | vendor.ProxyConnectionError | vendor.SSLError):
        return NoRoute(f"AWS was not reached for {words}: {said(error)}", next_step="Check this host's network and proxy; a restore goes on without it.")
    if isinstance(error, vendor.ParamValidationError):
        return Refused(f"{words} was not sent, since AWS would not take it: {said(error)}")
    if changing:
        return OutcomeUnknown(f"No answer came to {words}: {said(error)}", next_step=LOOK_FIRST)
    return ServerDown(f"AWS did not answer {words}: {said(error)}", next_step="Try again in a moment.")


def said(error: Exception | str) -> str:
    """Returns a message in one harmless line, without secrets."""
    return redact(clean(str(error), _WIDTH)).strip().rstrip(".")


def _by_code(response: Any, words: str, *, changing: bool) -> RollbackError:  # noqa: ANN401 - botocore's
    code, message = str(response["Error"].get("Code", "")), said(str(response["Error"].get("Message", "")))
    status = int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if code in _EXPIRED:
        return CredentialsExpired(f"AWS does not know who asks: {message}.", next_step=CLOCK if _SKEWED.search(message) else LOGIN)
    if code in _DENIED:
        return _forbidden(message, words)
    if code in _THROTTLED:
        return Throttled(f"AWS serves others first ({code}).", next_step="Try again in a moment.")
    if status >= 500:
        if changing:
            return OutcomeUnknown(f"AWS answered {status} to {words}: {message}.", next_step=LOOK_FIRST)
        return ServerDown(f"AWS answers {status} to {words}: {message}.", next_step="Try again in a moment.")
    if code.endswith(("NotFound", "NotFoundFault")):
        return NotFound(f"AWS has no such thing: {message}.", next_step="Check `rds.identifier`, `aws.region` and `aws.profile`.")
    text = f"AWS refused {words}: {message} ({code})."
    return FactsMoved(text, next_step=_ADVICE[code]) if code in _MOVED else Refused(text, next_step=_ADVICE.get(code, ""))


def _forbidden(message: str, words: str) -> Forbidden:
    named = re.search(r"not authorized to perform: ([\w-]+:\w+)", message)
    who = re.search(r"User: (\S+)", message)
    action = named[1] if named else words
    return Forbidden(f"{who[1] if who else 'This identity'} lacks {action}.", next_step=f"Ask for {action}, or log in as somebody who has it.")
