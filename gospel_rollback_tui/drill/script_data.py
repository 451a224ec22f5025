"""The words in which a script tells what its databases hold: migrations by release, rows, and who else is at work in them.

Pure values, as in `script`.
"""

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MigrationScene:
    """One migration of a service, as its files say it."""

    service: str
    stem: str
    """Name of its files up to the direction, e.g. `000042_device_sessions`."""

    up: str
    down: str | None
    """None: the file is missing."""

    since: str = ""
    """The image tag of the release that brought it; empty for one that every release of the script ships."""

    drops: str = ""
    """The `table.column` that it drops; where that has been put back, older code runs as if it had not been migrated; empty: none."""

    @property
    def version(self) -> int:
        """The number that it makes the schema stand at."""
        return int(self.stem.partition("_")[0])


@dataclass(frozen=True, slots=True)
class Rows:
    """Statements that fill a service's database, run once the schema stands at a version."""

    service: str
    version: int
    sql: str


@dataclass(frozen=True, slots=True)
class DataScene:
    """What the databases of a script hold when the estate starts."""

    migrations: tuple[MigrationScene, ...]
    rows: tuple[Rows, ...] = ()
    stands_at: tuple[tuple[str, int], ...] = ()
    """(service, version) where a schema does not stand at the newest migration."""

    held: str = ""
    """A statement that somebody's open transaction began with in the first service's database; empty: there is none."""

    held_for: float = 20.0
    """Seconds until that transaction ends."""

    @property
    def services(self) -> tuple[str, ...]:
        """The services with a database, in the order of their first migrations."""
        return tuple(dict.fromkeys(migration.service for migration in self.migrations))

    def of(self, service: str) -> tuple[MigrationScene, ...]:
        """Return a service's migrations, the first one first."""
        return tuple(sorted((m for m in self.migrations if m.service == service), key=lambda migration: migration.version))

    def head(self, service: str) -> int:
        """Return the version that a service's schema stands at when the estate starts.

        Raises:
            KeyError: The service has no database.
        """
        versions = [migration.version for migration in self.of(service)]
        if not versions:
            raise KeyError(service)
        return dict(self.stands_at).get(service, versions[-1])

    def migrated_by(self, service: str, tags: Collection[str]) -> int | None:
        """Return the version that the releases of those tags made a service's schema stand at; None: it has no database."""
        return max((migration.version for migration in self.of(service) if not migration.since or migration.since in tags), default=None)

    def filled(self, service: str, version: int) -> tuple[str, ...]:
        """Return the statements that fill a service's database once its schema stands at a version."""
        return tuple(rows.sql for rows in self.rows if (rows.service, rows.version) == (service, version))
