"""Which applied migrations the target of a rollback lacks, and what about that nobody can know."""

from dataclasses import dataclass

from gospel_rollback_tui.domain.migration_tables import GOLANG_MIGRATE
from gospel_rollback_tui.domain.migrations.files import Migration, MigrationFolder
from gospel_rollback_tui.domain.migrations.heads import SchemaHead


@dataclass(frozen=True, slots=True)
class Crossing:
    """What lies between the database and the target's migrations."""

    migrations: tuple[Migration, ...] = ()
    """Applied and not in the target, newest first."""
    missing: tuple[Migration, ...] = ()
    """In the target and not applied, ascending."""
    doubts: tuple[str, ...] = ()
    """Why nobody can say what is applied; empty: it is known."""
    remarks: tuple[str, ...] = ()
    """What was not read and does not stand in the way."""


def crossing(head: SchemaHead, bad: MigrationFolder, good: MigrationFolder) -> Crossing:
    """Returns what lies between a database and a target.

    A dirty version may be the one that an up was to reach or that a down was to go back to, so that the next one above it
    is taken along: it may still be in effect.
    """
    version = -1 if head.version is None else head.version
    above = next((each for each in bad.migrations if each.version > version), None) if head.dirty else None
    applied = [*(each for each in bad.migrations if each.version <= version), *((above,) if above else ())]
    lacking = [each for each in applied if each.version not in good.versions]
    missing = tuple(each for each in good.migrations if each.version > version)
    doubts = [*_of_folders(bad, good), *_of_order(lacking, good), *_of_head(head, bad, good)]
    return Crossing(tuple(reversed(lacking)), missing, tuple(doubts), tuple(_remarks(head)))


def _of_folders(bad: MigrationFolder, good: MigrationFolder) -> list[str]:
    doubts = []
    for folder, whose in ((bad, "running"), (good, "target")):
        if folder.duplicates:
            doubts.append(f"the {whose} release has version {_listed(folder.duplicates)} twice, so that {GOLANG_MIGRATE} refuses its folder")
    texts = {each.version: each for each in good.migrations}
    edited = [each.version for each in bad.migrations if each.version in texts and (each.up, each.down) != (texts[each.version].up, texts[each.version].down)]
    if edited:
        doubts.append(f"version {_listed(edited)} is not the same file in both releases: nobody can tell which of them ran")
    absent = [each.version for each in good.migrations if bad.highest is not None and each.version < bad.highest and each.version not in bad.versions]
    if absent:
        doubts.append(f"version {_listed(absent)} is in the target and not in the running release")
    return doubts


def _of_order(lacking: list[Migration], good: MigrationFolder) -> list[str]:
    """Returns the doubt about versions below the target's highest: whoever was at the highest already never ran them."""
    below = [each.version for each in lacking if good.highest is not None and each.version < good.highest]
    return [f"version {_listed(below)} came in below the target's {good.highest}: nobody can tell whether it ran"] if below else []


def _of_head(head: SchemaHead, bad: MigrationFolder, good: MigrationFolder) -> list[str]:
    doubts = []
    if head.dirty:
        doubts.append(f"version {head.version} is dirty: a step to it failed, and what of it took effect has to be looked at")
    if not head.table and (bad.migrations or good.migrations or head.others):
        doubts.append(f"the database has no table of {GOLANG_MIGRATE}{f', but {_others(head)}' if head.others else ', so that nobody knows what ran'}")
    same = [each for each in head.others if each.startswith(GOLANG_MIGRATE)]
    if head.table and same:
        doubts.append(f"there are two tables of migrations, {head.table} and {', '.join(same)}: nobody can tell which one counts")
    version = head.version
    if version is not None and version >= 0 and version not in bad.versions | good.versions:
        doubts.append(f"version {version} is in neither release")
    return doubts


def _remarks(head: SchemaHead) -> list[str]:
    remarks = []
    if head.read_only:
        remarks.append("the address leads to a read-only replica, which may lag behind, and where no migration can run")
    others = [each for each in head.others if not each.startswith(GOLANG_MIGRATE)]
    if head.table and others:
        remarks.append(f"{', '.join(others)} is there too, and its migrations are not read")
    return remarks


def _others(head: SchemaHead) -> str:
    return f"{', '.join(head.others)}, whose migrations are not read"


def _listed(versions: list[int] | tuple[int, ...]) -> str:
    shown = ", ".join(map(str, versions[:5]))
    return f"{shown} and {len(versions) - 5} more" if len(versions) > 5 else shown
