"""One authorised request on its way to its endpoint, and how its body is read."""

import json
from dataclasses import dataclass
from urllib.parse import unquote

from gospel_rollback_tui.drill.kubernetes.documents import Json, JsonValue
from gospel_rollback_tui.drill.kubernetes.endpoints.negotiation import Shape, wanted_shape, wants_pretty
from gospel_rollback_tui.drill.kubernetes.endpoints.request_info import RequestInfo
from gospel_rollback_tui.drill.kubernetes.http.messages import Request
from gospel_rollback_tui.drill.kubernetes.identities import User
from gospel_rollback_tui.drill.kubernetes.registry import WriteOptions
from gospel_rollback_tui.drill.kubernetes.statuses import FieldError, Subject, bad_request, invalid, unsupported_media_type

_JSON_TYPES = ("application/json", "")
_OPTIONS_BY_VERB = {"create": "CreateOptions", "update": "UpdateOptions", "patch": "PatchOptions", "delete": "DeleteOptions"}


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request, what it means and who makes it."""

    request: Request
    info: RequestInfo
    user: User

    @property
    def shape(self) -> Shape:
        """The shape the client wants."""
        return wanted_shape(self.request.header("Accept"))

    @property
    def pretty(self) -> bool:
        """Whether the answer is indented."""
        return wants_pretty(self.request)

    @property
    def manager(self) -> str:
        """The field manager: as stated, or the client's program name."""
        program = self.request.header("User-Agent").partition("/")[0]
        return self.request.query.get("fieldManager") or unquote(program).strip()[:128] or "unknown"

    def write_options(self, subresource: str = "") -> WriteOptions:
        """Return how a write is to be made.

        Raises:
            ApiError: 422, `dryRun` is neither absent nor `All`.
        """
        dry_run = self.request.query.get("dryRun", "")
        if dry_run not in ("", "All"):
            options = _OPTIONS_BY_VERB.get(self.info.verb, "UpdateOptions")
            fault = FieldError("dryRun", "Unsupported value", 'supported values: "All"', [dry_run])
            raise invalid(Subject(options, options, "meta.k8s.io", ""), [fault])
        checked = self.request.query.get("fieldValidation", "Warn")
        return WriteOptions(
            dry_run=dry_run == "All",
            manager=self.manager,
            subresource=subresource,
            strict=checked == "Strict",
            unknown=[] if checked == "Warn" else None,
        )

    def json_body(self, kind: str = "") -> Json:
        """Return the body as an object; `kind` is what it should be, for the words of a refusal.

        Raises:
            ApiError: 400 or 415.
        """
        if self.request.content_type not in _JSON_TYPES:
            raise unsupported_media_type(
                "the body of the request was in an unknown format - accepted media types include: "
                "application/json, application/yaml, application/vnd.kubernetes.protobuf"
            )
        body = self.parsed_body(f" (must be of type {kind})" if kind else "")
        if not isinstance(body, dict):
            raise bad_request("couldn't get version/kind; json parse error: json: cannot unmarshal into Go value of type struct")
        return body

    def parsed_body(self, wanted: str = "") -> JsonValue:
        """Return the body as whatever JSON value it is; `wanted` goes into the words of a refusal.

        Raises:
            ApiError: 400, it is no JSON.
        """
        try:
            return json.loads(self.request.body)
        except ValueError as error:
            text = self.request.body.decode(errors="replace")
            fault = _json_fault(text, error)
            if self.info.verb == "patch":
                raise bad_request(f"error decoding patch: {fault}") from None
            raise bad_request(f"the object provided is unrecognized{wanted}: couldn't get version/kind; json parse error: {fault} ({text[:64]})") from None


def _json_fault(text: str, error: ValueError) -> str:
    """Say what is wrong with a JSON text as Go's decoder does."""
    if not isinstance(error, json.JSONDecodeError) or error.pos >= len(text):
        return "unexpected end of JSON input"
    sought = "object key string" if error.msg.startswith("Expecting property name") else "value"
    return f"invalid character {text[error.pos]!r} looking for beginning of {sought}"
