"""Refusals of the simulated Argo CD: gRPC codes, the HTTP statuses that its gateway makes of them, and plain texts."""

from enum import IntEnum


class Code(IntEnum):
    """The gRPC codes that Argo CD's API answers with."""

    UNKNOWN = 2
    INVALID_ARGUMENT = 3
    NOT_FOUND = 5
    PERMISSION_DENIED = 7
    FAILED_PRECONDITION = 9
    INTERNAL = 13
    UNAVAILABLE = 14
    UNAUTHENTICATED = 16


HTTP_STATUS = {
    Code.UNKNOWN: 500,
    Code.INVALID_ARGUMENT: 400,
    Code.NOT_FOUND: 404,
    Code.PERMISSION_DENIED: 403,
    Code.FAILED_PRECONDITION: 400,
    Code.INTERNAL: 500,
    Code.UNAVAILABLE: 503,
    Code.UNAUTHENTICATED: 401,
}


class Refusal(Exception):
    """A call is refused with a gRPC code and a sentence."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    @property
    def status(self) -> int:
        """The HTTP status of the answer."""
        return HTTP_STATUS[self.code]


class PlainRefusal(Exception):
    """A request is refused before it is a call: a status and a text that is no JSON."""

    def __init__(self, status: int, text: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.headers = headers or {}


def permission_denied(detail: str = "") -> Refusal:
    """Return the refusal of a missing right; the short one does not even say whether the object exists."""
    return Refusal(Code.PERMISSION_DENIED, f"permission denied: {detail}" if detail else "permission denied")


def no_such_application(name: str) -> Refusal:
    """Return the refusal that callers get who named a project and may look into it."""
    return Refusal(Code.NOT_FOUND, f'applications.argoproj.io "{name}" not found')
