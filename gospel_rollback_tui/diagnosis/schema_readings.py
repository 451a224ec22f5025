"""Facts of the database: whether a migration lies between the releases, whether it can be taken back, whether one stopped half-way."""

from gospel_rollback_tui.diagnosis.scene import Scene, SchemaSeen
from gospel_rollback_tui.domain.migrations.gate import Gate

CODE_ALONE = "bad-code"
"""The row whose way back leaves the schema alone."""
FORWARD = "bad-code-irreversible-migration"

Seen = tuple[bool | None, str]


def migration_between(scene: Scene) -> Seen:
    """Returns whether a migration that old code must not meet lies between the releases."""
    seen = scene.schema
    if seen is None:
        return None, "which migrations lie between has not been read"
    if seen.failure is not None:
        return None, seen.failure.text
    if not seen.changes:
        return None, "no service goes back to another image"
    if seen.gate is None:
        return False, f"{_names(seen)}: no migrations found in git"
    return (None if seen.gate.unknown else seen.gate.scenario != CODE_ALONE), seen.gate.words


def migration_irreversible(scene: Scene) -> Seen:
    """Returns whether what lies between cannot be taken back without losing data."""
    gate = _judged(scene)
    if gate is None or not gate.crossing:
        return None, "no migration is known to lie between"
    return gate.scenario == FORWARD, gate.words


def migration_dirty(scene: Scene) -> Seen:
    """Returns whether a migration stopped half-way."""
    gate = _judged(scene)
    if gate is None or gate.head is None:
        return None, "the migrations table is not read"
    return gate.head.dirty, f"{gate.service}: version {gate.head.version}{', dirty' if gate.head.dirty else ''}"


def _judged(scene: Scene) -> Gate | None:
    return scene.schema.gate if scene.schema is not None else None


def _names(seen: SchemaSeen) -> str:
    return ", ".join(change.service.name for change in seen.changes)
