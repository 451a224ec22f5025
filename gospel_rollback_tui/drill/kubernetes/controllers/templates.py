"""Pod templates: equality without the hash label, and the hash itself."""

from gospel_rollback_tui.drill.kubernetes.documents import Json, canonical, copy_json, equal_json
from gospel_rollback_tui.drill.kubernetes.preparation import SAFE_ALPHABET

HASH_LABEL = "pod-template-hash"
_FNV_OFFSET, _FNV_PRIME, _MASK = 0x811C9DC5, 0x01000193, 0xFFFFFFFF


def template_hash(template: Json, collisions: int = 0) -> str:
    """Return a short hash of a template, made of the alphabet of generated names."""
    value = _FNV_OFFSET
    for byte in canonical(without_hash(template)) + (str(collisions).encode() if collisions else b""):
        value = ((value ^ byte) * _FNV_PRIME) & _MASK
    return "".join(SAFE_ALPHABET[ord(digit) % len(SAFE_ALPHABET)] for digit in str(value))


def without_hash(template: Json) -> Json:
    """Return a template without its hash label."""
    labels = template.get("metadata", {}).get("labels", {})
    if HASH_LABEL not in labels:
        return template
    metadata = dict(template["metadata"], labels={key: value for key, value in labels.items() if key != HASH_LABEL})
    if not metadata["labels"]:
        del metadata["labels"]
    return dict(template, metadata=metadata)


def with_label(template: Json, label: str, value: str) -> Json:
    """Return a copy of a template with one label more."""
    labelled: Json = copy_json(template)
    labelled.setdefault("metadata", {}).setdefault("labels", {})[label] = value
    return labelled


def same_template(one: Json, other: Json) -> bool:
    """Whether two templates make the same pods."""
    return equal_json(without_hash(one), without_hash(other))
