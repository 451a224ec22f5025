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
DEBTS = {debt.id: debt for debt in (AUTO_SYNC_DEBT, GIT_DEBT, OWNER_DEBT, IMAGE_UPDATER_DEBT)}
"""Every debt that a runbook's step may say it leaves."""
