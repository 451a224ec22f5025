"""What two estates cannot have in common is taken out of an answer; everything else is compared."""

import re

from gospel_rollback_tui.drill.kubernetes.documents import Json, JsonValue
from tests.real.conformance.client import Reply

_TIMES = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
_UIDS = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
_VERSIONS = re.compile(r"\b\d{2,}\b")
_HASHES = re.compile(r"(?<=-)[0-9bcdf-hj-np-tv-z]{6,10}(-[0-9bcdf-hj-np-tv-z]{5})?\b")
"""What the controllers append to a name: safe letters only, which no word of ours is made of."""
_NODES = re.compile(r"\bip-10-0-[\d-]+\.ec2\.internal\b")
_IPS = re.compile(r"\b(10|127)\.\d+\.\d+\.\d+(:\d+)?\b")
_VERSION_FIELDS = ("resourceVersion",)


def refusal(reply: Reply) -> Json:
    """Returns what a client learns from an answer that is none: status, content type, headers that steer it, the Status."""
    told: Json = {"http": reply.status, "type": reply.content_type, "retry-after": reply.headers.get("retry-after")}
    if reply.content_type.startswith("application/json"):
        return {**told, "status": plain(_short(reply.document))}
    return {**told, "text": reply.text}


def whole(reply: Reply) -> Json:
    """Returns the whole answer, with what differs by nature replaced by what kind of thing it is."""
    told: Json = {"http": reply.status, "type": reply.content_type, "warning": reply.headers.get("warning")}
    return {**told, "body": plain(reply.document) if reply.content_type.startswith("application/json") else reply.text}


def outline(reply: Reply) -> Json:
    """Returns the answer's status and which fields it has, without their values."""
    return {"http": reply.status, "type": reply.content_type, "fields": fields_of(reply.document)}


def fields_of(value: JsonValue, path: str = "") -> list[str]:
    """Returns the paths of every field of a JSON value; entries of lists share theirs, keys of free maps are one."""
    if isinstance(value, dict):
        parts = {key: part for key, part in value.items() if key != "managedFields"}
        found = {below for key, part in parts.items() for below in fields_of(part, f"{path}.{_key(path, key)}")} or {path}
    elif isinstance(value, list):
        found = {below for part in value for below in fields_of(part, f"{path}[]")} or {f"{path}[]"}
    else:
        found = {path}
    return sorted(found)


def plain(value: JsonValue, field: str = "") -> JsonValue:
    """Returns a JSON value without identities, versions, times, hashes and addresses."""
    if field == "managedFields":
        return sorted((entry["manager"], entry["operation"], entry.get("subresource", "")) for entry in value)
    if isinstance(value, dict):
        return {plain_text(key): plain(part, key) for key, part in value.items()}
    if isinstance(value, list):
        return [plain(part, field) for part in value]
    if isinstance(value, str):
        return "<version>" if field in _VERSION_FIELDS and value else plain_text(value, field)
    return value


def plain_text(text: str, field: str = "") -> str:
    """Returns a text without identities, versions, times, hashes and addresses."""
    if match := _TIMES.match(text):
        return "<micro time>" if match.group(1) else "<time>"
    if field in {"pod-template-hash", "templateHash"}:
        return "<hash>"
    for pattern, kind in ((_UIDS, "<uid>"), (_NODES, "<node>"), (_IPS, "<address>"), (_HASHES, "<hash>")):
        text = pattern.sub(kind, text)
    if "ersion" in text:
        text = _VERSIONS.sub("<number>", text)
    return text


def differences(left: JsonValue, right: JsonValue, path: str = "") -> dict[str, tuple[JsonValue, JsonValue]]:
    """Returns where two JSON values differ: path → (left, right)."""
    if isinstance(left, dict) and isinstance(right, dict):
        keys = [*left, *(key for key in right if key not in left)]
        found = [differences(left.get(key, "<absent>"), right.get(key, "<absent>"), f"{path}.{key}") for key in keys]
    elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        found = [differences(one, other, f"{path}[{number}]") for number, (one, other) in enumerate(zip(left, right, strict=True))]
    else:
        return {} if left == right and type(left) is type(right) else {path: (left, right)}
    return {place: pair for part in found for place, pair in part.items()}


def _short(status: Json) -> Json:
    """Returns a Status whose message quotes no whole object: that part is as long as the object."""
    message = re.sub(r'(Invalid value: )"\{.*\}"', r'\1"<object>"', str(status.get("message", "")), flags=re.DOTALL)
    causes = status.get("details", {}).get("causes")
    shortened: Json = {**status, "message": message}
    if causes:
        short = [{**cause, "message": re.sub(r'"\{.*\}"', '"<object>"', str(cause.get("message", "")), flags=re.DOTALL)} for cause in causes]
        shortened["details"] = {**status["details"], "causes": short}
    return shortened


def _key(path: str, key: str) -> str:
    return "*" if path.endswith((".labels", ".annotations", ".matchLabels", ".data")) else key
