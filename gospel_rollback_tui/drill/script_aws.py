"""The words in which a script tells what its AWS account holds of the databases, and what goes wrong there.

Pure values, as in `script`.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AwsScene:
    """Backups of the production instance, and trouble that is on from the start."""

    snapshot_hours: float = 4.0
    """Age of the only snapshot."""
    retention_days: int = 14
    """How far back a point in time can be restored; 0: no backups are kept, and only the snapshot is there, taken by hand."""
    storage_fails: int = 0
    """How many restores end in `storage-full`."""
    rename_refused: str = ""
    """Why the second rename is refused, once; empty: it is not."""
    expires_after: str = ""
    """Action after which the login expires, once; `Rename`: the first of both; empty: it does not."""
