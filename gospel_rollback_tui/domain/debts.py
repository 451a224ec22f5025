"""The debts that this program knows by name: what an act beside git leaves behind, whoever carries it out."""

from gospel_rollback_tui.domain.preview import DebtSpec

AUTO_SYNC_DEBT = DebtSpec("auto-sync", "auto-sync off", "switched off so that nothing reverts the rollback; put back once git equals what runs", 24 * 3600.0)
GIT_DEBT = DebtSpec("git", "git still says the bad release", "the cluster was changed beside git, and auto-sync would bring the bad release back", 24 * 3600.0)
OWNER_DEBT = DebtSpec("owner", "owner's auto-sync off", "switched off so that it does not put the Application's sync policy back", 24 * 3600.0)
IMAGE_UPDATER_DEBT = DebtSpec(
    "image-updater",
    "Image Updater does not follow",
    "its annotation was taken off so that it does not set the bad image again; put back once the newest is good",
    72 * 3600.0,
)
STOPPED_DEBT = DebtSpec(
    "stopped", "services stopped", "stopped so that nothing uses the database while it changes; users get errors until they run again", 3600.0
)
SNAPSHOT_DEBT = DebtSpec("rds-snapshot", "snapshot to delete", "manual snapshots never expire, and a region holds a hundred", 30 * 24 * 3600.0)
RESTORED_DEBT = DebtSpec(
    "rds-restored", "restored instance beside", "it costs money and confuses the next incident; it is swapped in, or deleted", 7 * 24 * 3600.0
)
OLD_INSTANCE_DEBT = DebtSpec(
    "rds-old", "old instance to delete", "it is the only way back from the swap, for a week; then it only costs money", 7 * 24 * 3600.0
)
TERRAFORM_DEBT = DebtSpec(
    "terraform",
    "Terraform's state names the old instance",
    "it follows the instance by its resource id: the next apply would rename it back; nobody applies anything until it is imported",
    24 * 3600.0,
)
STAGING_DEBT = DebtSpec(
    "repair-staging",
    "staging schema to drop",
    "it holds a copy of users' data that nothing reads; it is the way back from the repair until that has proved itself",
    7 * 24 * 3600.0,
)
DEBTS = {
    debt.id: debt
    for debt in (
        STOPPED_DEBT,
        AUTO_SYNC_DEBT,
        GIT_DEBT,
        OWNER_DEBT,
        IMAGE_UPDATER_DEBT,
        SNAPSHOT_DEBT,
        RESTORED_DEBT,
        OLD_INSTANCE_DEBT,
        TERRAFORM_DEBT,
        STAGING_DEBT,
    )
}
"""Every debt that a runbook's step may say it leaves."""
