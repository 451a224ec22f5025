"""In which shape a client wants its answer: whole objects, tables, or metadata alone."""

import enum

from gospel_rollback_tui.drill.kubernetes.http.messages import Request

_PEOPLE_WITH_A_TERMINAL = ("curl/", "Wget/", "HTTPie/")


class Shape(enum.Enum):
    """The shapes an object can be answered in; protobuf is never chosen."""

    OBJECT = "object"
    TABLE = "Table"
    METADATA = "PartialObjectMetadata"


def wanted_shape(accept: str) -> Shape:
    """Return the first shape of an Accept header that this server can answer in."""
    for alternative in accept.split(","):
        media_type, *parameters = (part.strip() for part in alternative.split(";"))
        if media_type not in ("application/json", "*/*", "application/*"):
            continue
        settings = dict(parameter.partition("=")[::2] for parameter in parameters)
        wanted = settings.get("as", "")
        if wanted == "Table":
            return Shape.TABLE
        if wanted.startswith("PartialObjectMetadata"):
            return Shape.METADATA
        if not wanted:
            return Shape.OBJECT
    return Shape.OBJECT


def wants_pretty(request: Request) -> bool:
    """Whether an answer is indented: asked for, or by habit for people with a terminal."""
    asked = request.query.get("pretty")
    if asked is not None:
        return asked not in ("false", "0")
    return request.header("User-Agent").startswith(_PEOPLE_WITH_A_TERMINAL)
