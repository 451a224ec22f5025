"""What goes wrong in the simulated account, set by a script or a test."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class AwsTroubles:
    """Trouble that is on; may be changed at any time."""

    denied: set[str] = field(default_factory=set)
    """Actions that the identity lacks, e.g. `rds:CreateDBSnapshot`."""
    granted_on: str = ""
    """How the ARNs of the resources begin that everything is granted on; empty: on every one."""
    expired: bool = False
    """Whether the session's credentials have expired."""
    expires_at: str = ""
    """Action that finds them expired, e.g. `ModifyDBInstance`; empty: none."""
    expires_after: str = ""
    """Action after whose answer they expire; `Rename` is a ModifyDBInstance with a new name; empty: none."""
    rename_refused: str = ""
    """Why the rename is refused whose turn it is; empty: none is."""
    renames_first: int = 0
    """How many renames are accepted before that one."""
    storage_fails: int = 0
    """How many more restores end in `storage-full`."""
    snapshot_quota: int = 100
    instance_quota: int = 40
    key_disabled: bool = False
    """Whether the KMS key of the instances can be used no more."""
    answer_lost: str = ""
    """Action whose next answer is an error of the server although it was carried out; empty: none."""
    cannot_simulate: bool = False
    """Whether the identity may not ask IAM what it may do."""
