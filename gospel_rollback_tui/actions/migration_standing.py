"""What a migration back rests on, as it was read: where the schema stands, what both releases ship, who works in the database."""

from collections.abc import Mapping
from dataclasses import dataclass

from gospel_rollback_tui.domain.databases import Column, Count, DatabaseIdentity, Session
from gospel_rollback_tui.domain.dirty_schema import DirtyJudgement, Gone, judge_dirty, removed_by_all
from gospel_rollback_tui.domain.estate import Service
from gospel_rollback_tui.domain.migrations.classification import Classified, classify
from gospel_rollback_tui.domain.migrations.files import MigrationFolder
from gospel_rollback_tui.domain.migrations.heads import SchemaHead


@dataclass(frozen=True, slots=True)
class Pods:
    """What runs of the service."""

    replicas: int
    migrates: bool
    """Whether its pods were seen to migrate when they start."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything that was read for one migration back."""

    service: Service
    identity: DatabaseIdentity
    head: SchemaHead
    bad: MigrationFolder
    good: MigrationFolder
    bad_commit: str
    good_commit: str
    files: Mapping[str, str]
    """The bad release's migrations, name → text."""
    columns: frozenset[Column]
    holders: tuple[Session, ...]
    long: tuple[Session, ...]
    cautions: tuple[str, ...]
    pods: Pods | None
    """None: the Deployment cannot be read."""
    counts: tuple[Count, ...] = ()

    @property
    def version(self) -> int:
        """Where the schema is; 0: nowhere."""
        return self.head.version or 0

    @property
    def target(self) -> int:
        """Where it goes; 0: the good release ships no migration."""
        return self.good.highest or 0

    @property
    def crossing(self) -> tuple[Classified, ...]:
        """The migrations that are taken back, in the order in which that happens."""
        return tuple(classify(each) for each in reversed(self.bad.between(self.target, self.version)))

    @property
    def gone(self) -> tuple[Gone, ...]:
        """What the catalogue holds now and will not hold afterwards."""
        return removed_by_all(self.crossing)

    @property
    def dirty(self) -> DirtyJudgement:
        """What is true where the version is marked dirty."""
        return judge_dirty(self.bad, self.version, self.columns)
