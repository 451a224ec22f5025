"""Refusals, as `metav1.Status` objects with the API server's own words."""

from collections.abc import Sequence
from dataclasses import dataclass

from gospel_rollback_tui.drill.kubernetes.documents import Json, JsonValue, compact


class ApiError(Exception):
    """A request is refused; carries the Status object of the answer."""

    def __init__(self, code: int, reason: str, message: str, details: Json | None = None, *, metadata: Json | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details
        self.metadata = metadata or {}

    def status(self) -> Json:
        """Return the Status object."""
        body: Json = {"kind": "Status", "apiVersion": "v1", "metadata": self.metadata, "status": "Failure", "message": self.message}
        if self.reason:
            body["reason"] = self.reason
        if self.details is not None:
            body["details"] = self.details
        body["code"] = self.code
        return body


class UndecodableError(ApiError):
    """A value has the wrong type: 400 in an object, 422 in what a patch leaves."""

    def __init__(self, kind: str, version: str, cause: str) -> None:
        super().__init__(400, "BadRequest", f'{kind} in version "{version}" cannot be handled as a {kind}: {cause}')
        self.cause = cause


class PlainError(Exception):
    """A request is refused with a text that is no Status object."""

    def __init__(self, code: int, text: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.headers = headers or {}


@dataclass(frozen=True, slots=True)
class Subject:
    """The object a refusal speaks of, in the terms its Status needs."""

    plural: str
    kind: str
    group: str
    name: str

    @property
    def qualified(self) -> str:
        """The plural with its group, as messages name it."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def qualified_kind(self) -> str:
        """The kind with its group, as validation names it."""
        return f"{self.kind}.{self.group}" if self.group else self.kind

    def details(self, kind: str = "") -> Json:
        """Return `details` with the given kind, by default the plural."""
        details: Json = {"name": self.name} if self.name else {}
        if self.group:
            details["group"] = self.group
        if kind or self.plural:
            details["kind"] = kind or self.plural
        return details


_CAUSES = {
    "Invalid value": "FieldValueInvalid",
    "Required value": "FieldValueRequired",
    "Duplicate value": "FieldValueDuplicate",
    "Unsupported value": "FieldValueNotSupported",
    "Forbidden": "FieldValueForbidden",
}


@dataclass(frozen=True, slots=True)
class FieldError:
    """One fault that validation found."""

    field: str
    problem: str
    """A key of the table of causes, such as `Invalid value` or `Forbidden`."""
    text: str
    value: JsonValue = None
    reason: str = ""
    """What the cause is called where the problem has another name; empty: as the table says."""

    @property
    def message(self) -> str:
        """The fault without its field."""
        if self.problem in ("Required value", "Forbidden"):
            return f"{self.problem}: {self.text}" if self.text else self.problem
        shown = compact(self.value).decode()
        return f"{self.problem}: {shown}: {self.text}" if self.text else f"{self.problem}: {shown}"

    def cause(self) -> Json:
        """Return the entry of `details.causes`."""
        return {"reason": self.reason or _CAUSES[self.problem], "message": self.message, "field": self.field}


def invalid(subject: Subject, faults: Sequence[FieldError], named: str = "") -> ApiError:
    """422 with every fault validation found; the object is named by its kind unless said otherwise."""
    texts = [f"{fault.field}: {fault.message}" for fault in faults]
    joined = texts[0] if len(texts) == 1 else "[" + ", ".join(texts) + "]"
    details = subject.details(kind=subject.kind)
    details["causes"] = [fault.cause() for fault in faults]
    return ApiError(422, "Invalid", f'{named or subject.qualified_kind} "{subject.name}" is invalid: {joined}', details)


def missing_version(subject: Subject) -> ApiError:
    """422 for an update of a resource that takes none without `resourceVersion`."""
    fault = FieldError("metadata.resourceVersion", "Invalid value", "must be specified for an update", 0)
    return invalid(Subject(subject.plural, subject.plural, subject.group, subject.name), [fault], named=subject.qualified)


def not_found(subject: Subject) -> ApiError:
    """404 for an object that does not exist."""
    return ApiError(404, "NotFound", f'{subject.qualified} "{subject.name}" not found', subject.details())


def no_such_resource() -> ApiError:
    """404 for a resource that a known group does not have."""
    return ApiError(404, "NotFound", "the server could not find the requested resource", {})


def gone_meanwhile(subject: Subject, place: str, uid: str) -> ApiError:
    """409 for an update, of a resource that an update may create, that means an object which is gone."""
    text = f"StorageError: invalid object, Code: 4, Key: /registry/{subject.plural}/{place}/{subject.name}, ResourceVersion: 0, "
    text += f"AdditionalErrorMsg: Precondition failed: UID in precondition: {uid}, UID in object meta: "
    return ApiError(409, "Conflict", f'Operation cannot be fulfilled on {subject.qualified} "{subject.name}": {text}', subject.details())


def already_exists(subject: Subject) -> ApiError:
    """409 for a second object of one name."""
    return ApiError(409, "AlreadyExists", f'{subject.qualified} "{subject.name}" already exists', subject.details())


def conflict(subject: Subject) -> ApiError:
    """409 for a change that rests on an old version of the object."""
    text = "the object has been modified; please apply your changes to the latest version and try again"
    return ApiError(409, "Conflict", f'Operation cannot be fulfilled on {subject.qualified} "{subject.name}": {text}', subject.details())


def precondition_failed(subject: Subject, text: str) -> ApiError:
    """409 for a deletion whose precondition does not hold."""
    message = f'Operation cannot be fulfilled on {subject.qualified_kind} "{subject.name}": {text}'
    return ApiError(409, "Conflict", message, subject.details(kind=subject.kind))


def forbidden(subject: Subject, text: str) -> ApiError:
    """403 of authorisation or admission."""
    named = f'{subject.qualified} "{subject.name}"' if subject.name else subject.qualified
    return ApiError(403, "Forbidden", f"{named} is forbidden: {text}", subject.details())


def forbidden_path(text: str) -> ApiError:
    """403 for a path that names no resource."""
    return ApiError(403, "Forbidden", f"forbidden: {text}", {})


def unauthorized() -> ApiError:
    """401 for a token nobody knows, or one that expired."""
    return ApiError(401, "Unauthorized", "Unauthorized")


def bad_request(message: str) -> ApiError:
    """400 for what cannot be understood."""
    return ApiError(400, "BadRequest", message)


def unusable_patch() -> ApiError:
    """422 for a JSON Patch that cannot be applied; it never says which operation failed."""
    return ApiError(422, "Invalid", "the server rejected our request due to an error in our request", {})


def undecodable_patch(patched: Json, reason: str) -> ApiError:
    """422 for a patch that leaves a value of the wrong type; it quotes the whole object."""
    quoted = compact(compact(patched).decode()).decode()
    text = f"Invalid value: {quoted}: {reason}"
    causes = [{"reason": "FieldValueInvalid", "message": text, "field": "patch"}]
    return ApiError(422, "Invalid", f' "" is invalid: patch: {text}', {"causes": causes})


def unsupported_media_type(message: str = "") -> ApiError:
    """415 for a body of an unknown format."""
    if not message:
        return ApiError(415, "UnsupportedMediaType", "415: Unsupported Media Type", {})
    return ApiError(415, "UnsupportedMediaType", message)


def method_not_allowed() -> ApiError:
    """405 for a verb that the resource does not have."""
    return ApiError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {})


def unavailable(message: str) -> ApiError:
    """503 for what cannot be reached behind the server."""
    return ApiError(503, "ServiceUnavailable", message)


def expired(message: str, *, continue_token: str = "") -> ApiError:
    """410 for a version whose history is gone."""
    return ApiError(410, "Expired", message, metadata={"continue": continue_token} if continue_token else None)


def internal_error(text: str) -> ApiError:
    """500 for a fault of the server itself."""
    return ApiError(500, "InternalError", f"Internal error occurred: {text}", {"causes": [{"message": text}]})


def too_large_version(wanted: int, current: int) -> ApiError:
    """504 for a version the store has not reached."""
    text = f"Too large resource version: {wanted}, current: {current}"
    details = {"causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}], "retryAfterSeconds": 1}
    return ApiError(504, "Timeout", f"Timeout: {text}", details)


def throttled(retry_after: int) -> PlainError:
    """429 of priority and fairness: a text, no Status."""
    return PlainError(429, "Too many requests, please try again later.\n", {"Retry-After": str(retry_after)})
