"""The few protobuf bodies that kubectl insists on sending: self reviews.

Field numbers are those of the published `generated.proto` files of
`authorization.k8s.io/v1` and `authentication.k8s.io/v1`.
"""

from collections.abc import Iterator

from gospel_rollback_tui.drill.kubernetes.documents import Json

MEDIA_TYPE = "application/vnd.kubernetes.protobuf"
_MAGIC = b"k8s\x00"
_RESOURCE_FIELDS = {1: "namespace", 2: "verb", 3: "group", 4: "version", 5: "resource", 6: "subresource", 7: "name"}
_PATH_FIELDS = {1: "path", 2: "verb"}


def decode_review(body: bytes) -> Json:
    """Return a self review from its protobuf envelope.

    Raises:
        ValueError: the body is no such review.
    """
    if not body.startswith(_MAGIC):
        raise ValueError("no Kubernetes envelope")
    envelope = dict(_fields(body[len(_MAGIC) :]))
    described = _texts(envelope[1], {1: "apiVersion", 2: "kind"})
    spec = dict(_fields(dict(_fields(envelope.get(2, b""))).get(2, b"")))
    review: Json = {**described, "metadata": {}}
    match described.get("kind"):
        case "SelfSubjectReview":
            return review
        case "SelfSubjectRulesReview":
            return review | {"spec": {"namespace": spec.get(1, b"").decode()}}
        case "SelfSubjectAccessReview":
            wanted: Json = {}
            if 1 in spec:
                wanted["resourceAttributes"] = _texts(spec[1], _RESOURCE_FIELDS)
            if 2 in spec:
                wanted["nonResourceAttributes"] = _texts(spec[2], _PATH_FIELDS)
            return review | {"spec": wanted}
        case kind:
            raise ValueError(f"no self review but {kind}")


def _texts(message: bytes, names: dict[int, str]) -> dict[str, str]:
    return {names[number]: value.decode() for number, value in _fields(message) if number in names and value}


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the length-delimited fields of a message and skip all others."""
    position = 0
    while position < len(message):
        tag, position = _varint(message, position)
        match tag & 7:
            case 0:
                _, position = _varint(message, position)
            case 1:
                position += 8
            case 2:
                length, position = _varint(message, position)
                yield tag >> 3, message[position : position + length]
                position += length
            case 5:
                position += 4
            case unknown:
                raise ValueError(f"wire type {unknown}")


def _varint(message: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if position >= len(message):
            raise ValueError("cut short")
        byte = message[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7
