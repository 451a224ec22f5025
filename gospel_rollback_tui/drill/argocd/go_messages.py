"""Bodies of requests as Go's JSON decoder reads them into the API's messages: wrong types are refused, unknown fields are not."""

import json
from dataclasses import dataclass

from gospel_rollback_tui.drill.argocd.refusals import Code, Refusal
from gospel_rollback_tui.drill.kubernetes.documents import Json, JsonValue

_GO_TYPES = {"string": str, "bool": bool, "int64": int, "object": dict}


@dataclass(frozen=True, slots=True)
class Message:
    """A message of the API: its Go name, the types of its fields, and those that must be there."""

    name: str
    fields: dict[str, str]
    """Go type by field: `string`, `bool`, `int64`, `object`, or a list of one of them, `[]int64`; `a.b` for a field of an object."""

    required: tuple[str, ...] = ()
    """In the order in which a missing one is noticed."""

    def decode(self, body: bytes) -> Json:
        """Return the fields of a body.

        Raises:
            Refusal: 400 for what cannot be decoded, 500 for a required field that is missing.
        """
        value = _parsed(body)
        if not isinstance(value, dict):
            raise _bad(f"json: cannot unmarshal {_kind(value)} into Go value of type application.{self.name}")
        for field, wanted in self.fields.items():
            _check(self.name, field, wanted, _member(value, field))
        for field in self.required:
            if value.get(field) is None:
                raise Refusal(Code.INTERNAL, f'grpc: error while marshaling: proto: required field "{field}" not set')
        return value


ROLLBACK = Message("ApplicationRollbackRequest", {"id": "int64", "dryRun": "bool", "prune": "bool", "appNamespace": "string", "project": "string"}, ("id",))
SYNC = Message(
    "ApplicationSyncRequest",
    {
        "revision": "string",
        "dryRun": "bool",
        "prune": "bool",
        "strategy": "object",
        "resources": "[]object",
        "infos": "[]object",
        "retryStrategy": "object",
        "retryStrategy.limit": "int64",
        "syncOptions": "object",
        "appNamespace": "string",
        "project": "string",
        "sourcePositions": "[]int64",
        "revisions": "[]string",
    },
)
PATCH = Message("ApplicationPatchRequest", {"patch": "string", "patchType": "string", "appNamespace": "string", "project": "string"}, ("patchType", "patch"))
SPEC = Message("ApplicationSpec", {"project": "string", "source": "object", "sources": "[]object", "destination": "object", "syncPolicy": "object"})
SESSION = Message("SessionCreateRequest", {"username": "string", "password": "string"})
TOKEN = Message("CreateTokenRequest", {"expiresIn": "int64", "id": "string"})
NOTHING = Message("Empty", {})


def _parsed(body: bytes) -> JsonValue:
    if not body.strip():
        return {}
    text = body.decode(errors="replace")
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated"):
            raise _bad("unexpected EOF") from None
        raise _bad(f"invalid character {text[error.pos]!r} looking for beginning of value") from None


def _member(value: Json, field: str) -> JsonValue:
    name, _, rest = field.partition(".")
    found = value.get(name)
    return _member(found, rest) if rest and isinstance(found, dict) else None if rest else found


def _check(message: str, field: str, wanted: str, value: JsonValue) -> None:
    if value is None:
        return
    if wanted.startswith("[]"):
        if not isinstance(value, list):
            raise _mismatch(message, field, wanted, value)
        for item in value:
            _check(message, field, wanted[2:], item)
        return
    kind = _GO_TYPES[wanted]
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise _mismatch(message, field, wanted, value)


def _mismatch(message: str, field: str, wanted: str, value: JsonValue) -> Refusal:
    return _bad(f"json: cannot unmarshal {_kind(value)} into Go struct field {message}.{field} of type {wanted}")


def _kind(value: JsonValue) -> str:
    """Return the decoder's word for a JSON value; a number that does not fit is told with its digits."""
    match value:
        case bool():
            return "bool"
        case str():
            return "string"
        case dict():
            return "object"
        case list():
            return "array"
        case float():
            return f"number {value}"
        case _:
            return "number"


def _bad(message: str) -> Refusal:
    return Refusal(Code.INVALID_ARGUMENT, message)
