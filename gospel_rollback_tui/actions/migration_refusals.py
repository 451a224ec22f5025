"""Why a schema cannot be migrated back: each reason in a sentence, with what to do instead."""

from gospel_rollback_tui.actions.migration_standing import Standing
from gospel_rollback_tui.domain.migration_tables import GOLANG_MIGRATE
from gospel_rollback_tui.domain.migrations.findings import Trait


def refusal(standing: Standing) -> str:
    """Returns why the schema cannot be migrated back, and what to do instead; empty: it can."""
    return _not_ours(standing) or _nowhere_to_go(standing) or _no_way(standing) or _in_the_way(standing)


def _not_ours(standing: Standing) -> str:
    """Looks at where the version is kept, and by whom."""
    head, service = standing.head, standing.service
    if head.read_only:
        return f"{standing.identity.words} takes no changes: it is a replica, or set to read-only. Name the primary's address."
    twins = [other for other in head.others if other.startswith(f"{GOLANG_MIGRATE} (")]
    if not head.table:
        if twins:
            return f"The version is not where it is looked for, but there is {', '.join(twins)}. Set services.{service.name}.migrations_table."
        if head.others:
            return f"This schema is migrated by {', '.join(head.others)}, which is not run from here. Go back with that tool, by hand."
        return f"Nothing was ever migrated in {standing.identity.words}: it has no table of versions. Correct the address, or migrations_table."
    if twins and not service.migrations_table:
        return (
            f"There are two tables of versions: {head.table} ({head.version}) and {', '.join(twins)}. Say which with services.{service.name}.migrations_table."
        )
    if head.version is None:
        return f"{head.table} holds no version: there is nothing to go back from."
    return ""


def _nowhere_to_go(standing: Standing) -> str:
    """Looks at the versions."""
    version, target, bad = standing.version, standing.target, standing.bad_commit[:7]
    if standing.head.dirty:
        return f"Version {version} is dirty: a migration failed. {standing.dirty.words} Settle that first; no migration runs before."
    if standing.bad.duplicates:
        return f"Two files of {bad} are version {', '.join(map(str, standing.bad.duplicates))}: migrate refuses the folder."
    if standing.bad.migration(version) is None:
        highest = f"up to {standing.bad.highest}" if standing.bad.highest is not None else "none"
        return f"Version {version}, where the schema is, is not among the migrations of {bad} ({highest}). Choose the commit of the release that brought it."
    if standing.good.highest is None:
        return f"{standing.good_commit[:7]} ships no migration in {standing.service.migrations}: which version it knows is not told. Choose another commit."
    if target == version:
        return f"The schema is at {version} already, the highest that {standing.good_commit[:7]} ships. Nothing has to go back."
    if target > version:
        return f"The schema is at {version}, and {standing.good_commit[:7]} ships migrations up to {target}: that way leads up. Choose another commit."
    if standing.bad.migration(target) is None:
        return f"Version {target}, which {standing.good_commit[:7]} ends with, is not among the migrations of {bad}: were they numbered anew?"
    return ""


def _no_way(standing: Standing) -> str:
    """Looks at the files; what nobody can read is not refused here, since a written reason may stand for it."""
    for each in standing.crossing:
        finding = next((one for one in each.findings if one.one_way and one.trait is not Trait.UNKNOWN), None)
        if finding is not None:
            return f"Version {each.migration.version} cannot be taken back: {finding.why} ({finding.place}). This is the row `irreversible migration`."
    broken = next((name for name, text in standing.files.items() if "\ufffd" in text), "")
    return f"{broken} is no UTF-8: what would run is not what was read." if broken else ""


def _in_the_way(standing: Standing) -> str:
    if not standing.holders:
        return ""
    who = ", ".join(session.words for session in standing.holders)
    return f"A migration is under way: {who} holds the lock of golang-migrate. Wait for it, or end it."


def unread(standing: Standing) -> str:
    """Returns what nobody could read of the files, for which a written reason must stand; empty: nothing."""
    for each in standing.crossing:
        finding = next((one for one in each.findings if one.trait is Trait.UNKNOWN), None)
        if finding is not None:
            return f"Nobody can tell what {finding.place} does: {finding.why}."
    return ""
