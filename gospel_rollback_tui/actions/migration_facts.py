"""What every step that runs migrate rests on, and the one call that it makes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial

from gospel_rollback_tui.actions.migration_calls import Migrating, statement_seconds
from gospel_rollback_tui.actions.migration_prompt import shell
from gospel_rollback_tui.actions.together import both
from gospel_rollback_tui.domain.databases import DatabaseIdentity, Session
from gospel_rollback_tui.domain.dirty_schema import Gone
from gospel_rollback_tui.domain.migrations.heads import SchemaHead
from gospel_rollback_tui.domain.preview import DiffLine, Fingerprint, Json, PlannedCall, Preview, digest_of
from gospel_rollback_tui.domain.processes import MigrateOrder
from gospel_rollback_tui.engine.ports import StepRequest


@dataclass(frozen=True, slots=True)
class Ground:
    """One service's database and the files that would run on it."""

    service: str
    identity: DatabaseIdentity
    head: SchemaHead
    holders: tuple[Session, ...]
    commit: str
    folder: str
    files: Mapping[str, str]

    @property
    def where(self) -> str:
        """Database, server, release and role, as they say themselves."""
        return f"{self.identity.words} · PostgreSQL {self.identity.version} · as {self.identity.user}"

    def fingerprint(self, target: int) -> Fingerprint:
        """Returns what a migration to that version rests on."""
        head = self.head
        return Fingerprint(
            (
                ("database", f"{self.identity.words} {self.identity.system}".strip()),
                ("schema", f"{head.version}{' dirty' if head.dirty else ''} in {head.table}"),
                ("goes to", str(target)),
                ("migrations", digest_of(dict(self.files))),
                ("lock of golang-migrate", ", ".join(session.words for session in self.holders) or "free"),
            )
        )


def ground(migrating: Migrating, service: str, commit: str, folder: str) -> Ground:
    """Reads the database's identity, version, flag and lock, and the files."""
    databases = migrating.databases
    files = migrating.sources.texts(commit, folder)
    identity, (head, holders) = both(partial(databases.identity, service), partial(both, partial(databases.head, service), partial(databases.holders, service)))
    return Ground(service, identity, head, holders, commit, folder, files)


def facts_again(migrating: Migrating, preview: Preview) -> Fingerprint:
    """Re-reads what a preview of one call rests on."""
    body = preview.calls[0].body
    return ground(migrating, body["service"], body["commit"], body["folder"]).fingerprint(body["to"])


@dataclass(frozen=True, slots=True)
class Move:
    """What migrate is told, and what will be seen of it."""

    id: str
    """Of its call, within the step."""
    verb: tuple[str, str]
    """e.g. `("goto", "41")`."""
    title: str
    """What its call says while it runs."""
    gone: Collection[Gone] = ()
    """What the catalogue will not hold afterwards."""
    back: Collection[Gone] = ()
    """What the catalogue will hold afterwards."""
    diff: tuple[DiffLine, ...] = ()


def migrate_call(request: StepRequest, migrating: Migrating, on: Ground, move: Move) -> PlannedCall:
    """Returns the call that runs migrate."""
    body: dict[str, Json] = {
        "kind": "migrate",
        "service": on.service,
        "commit": on.commit,
        "folder": on.folder,
        "from": on.head.version,
        "dirty": on.head.dirty,
        "to": int(move.verb[1]),
        "verb": list(move.verb),
        "digest": digest_of(dict(on.files)),
        "encrypted": on.identity.encrypted,
        "seconds": statement_seconds(request),
        "gone": [list(one) for one in move.gone],
        "back": [list(one) for one in move.back],
    }
    order = MigrateOrder(on.service, migrating.runner.source(move.id), move.verb, body["seconds"], on.identity.encrypted)
    return PlannedCall(
        id=move.id,
        title=move.title,
        where=f"migrate {' '.join(move.verb)} on {on.identity.words}",
        summary=f"version {on.head.version}{' (dirty)' if on.head.dirty else ''} → {move.verb[1]}",
        body=body,
        undo={**body, "at": on.identity.now, "position": on.identity.position},
        by_hand=shell(migrating.runner.command(order), on.folder),
        diff=move.diff,
    )
