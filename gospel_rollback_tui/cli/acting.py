"""Makes every action of the catalogue from adapters: for the app, which only previews, and for the runner, which sends."""

from collections.abc import Mapping
from dataclasses import replace

from gospel_rollback_tui.actions.argocd_access import Applications
from gospel_rollback_tui.actions.argocd_freeze import SwitchAutoSyncOff
from gospel_rollback_tui.actions.argocd_release import Releases
from gospel_rollback_tui.actions.argocd_rollback import RollBackRelease
from gospel_rollback_tui.actions.argocd_sync import SyncRelease
from gospel_rollback_tui.actions.catalogue import (
    APPLY,
    COPY_BACK,
    DROP_STAGING,
    FORCE,
    GIT_PIN,
    GIT_RESTORE,
    GIT_REVERT,
    MANUAL,
    MIGRATE,
    PIN,
    PROVE,
    RDS_DELETE,
    RDS_RESTORE,
    RDS_SETTLE,
    RDS_SNAPSHOT,
    RDS_SWAP,
    ROLLBACK,
    SCHEMA_READ,
    SYNC,
    TERMINATE,
    UNDO,
    WATCH,
)
from gospel_rollback_tui.actions.deployment import RollBackDeployments
from gospel_rollback_tui.actions.freezing import Freezing
from gospel_rollback_tui.actions.git_change import ChangeInGit
from gospel_rollback_tui.actions.git_estate import GitEstate
from gospel_rollback_tui.actions.git_pin import PinnedImages
from gospel_rollback_tui.actions.git_push import GitPush
from gospel_rollback_tui.actions.git_restore import RestoredFolder
from gospel_rollback_tui.actions.git_revert import RevertedCommits
from gospel_rollback_tui.actions.kustomize_apply import ApplyPinnedImages
from gospel_rollback_tui.actions.migrate_down import MigrateDown
from gospel_rollback_tui.actions.migrate_force import ForceVersion
from gospel_rollback_tui.actions.migration_calls import Migrating
from gospel_rollback_tui.actions.migration_estate import MigrationEstate
from gospel_rollback_tui.actions.observing import VerifyService
from gospel_rollback_tui.actions.rds_began import ReleaseBegan
from gospel_rollback_tui.actions.rds_calls import RdsCalls
from gospel_rollback_tui.actions.rds_delete import DeleteRestored
from gospel_rollback_tui.actions.rds_estate import RdsEstate
from gospel_rollback_tui.actions.rds_restore import RestoreBeside
from gospel_rollback_tui.actions.rds_settle import SettleRestored
from gospel_rollback_tui.actions.rds_sides import DatabaseSides
from gospel_rollback_tui.actions.rds_snapshot import TakeSnapshot
from gospel_rollback_tui.actions.rds_swap import SwapNames
from gospel_rollback_tui.actions.repair_copy_back import CopyBack
from gospel_rollback_tui.actions.repair_drop import DropStaging
from gospel_rollback_tui.actions.repair_losses import GateLosses, RestoredBeside
from gospel_rollback_tui.actions.repair_prove import ProveRestored
from gospel_rollback_tui.actions.repair_standing import RepairEstate
from gospel_rollback_tui.actions.resuming import ResumeAutoSync
from gospel_rollback_tui.actions.schema_read import ReadSchema
from gospel_rollback_tui.actions.stopping import StopServices
from gospel_rollback_tui.actions.targets import ImageTargets, RevisionTargets
from gospel_rollback_tui.actions.terminating import TerminateOperation
from gospel_rollback_tui.actions.verification import ServiceVerification
from gospel_rollback_tui.actions.waiting import ByHandAction
from gospel_rollback_tui.cli.adapters import Adapters
from gospel_rollback_tui.domain.runbook import ActionSpec
from gospel_rollback_tui.engine.ports import Action
from gospel_rollback_tui.infra.cloud.rds import SystemNames
from gospel_rollback_tui.infra.cluster.applying import ClusterApply
from gospel_rollback_tui.infra.estate_reads import ClusterErrorLines
from gospel_rollback_tui.infra.sql.repair import PostgresRepair


def actions(made: Adapters) -> Mapping[str, Action]:
    """Returns every action of the catalogue; those whose system is not configured guide what is then done by hand."""
    verification = ServiceVerification(made.workloads, made.probe, ClusterErrorLines(made.connection), made.skew)
    cluster = (made.workloads, made.changes, made.rights)
    found: list[Action] = [
        RollBackDeployments(*cluster, made.probe, verification, made.survey, RevisionTargets(), UNDO, made.argocd, made.gates),
        RollBackDeployments(*cluster, made.probe, verification, made.survey, ImageTargets(), PIN, made.argocd, made.gates),
        StopServices(*cluster, made.survey, made.argocd),
        SwitchAutoSyncOff(*cluster, made.argocd),
        ResumeAutoSync(*cluster, api=made.argocd),
        VerifyService(made.rights, verification),
        *(_argocd(made, verification)),
        *(_git(made, verification)),
        *(_migrations(made)),
        *(_instances(made)),
        *(_repairs(made)),
        ByHandAction(MANUAL, made.rights),
        ByHandAction(WATCH, made.rights),
    ]
    return {action.spec.name: action for action in found}


def _argocd(made: Adapters, verification: ServiceVerification) -> list[Action]:
    api = made.argocd
    if api is None:
        return [_by_hand(spec, made) for spec in (ROLLBACK, SYNC, TERMINATE)]
    releases = Releases(api)
    return [
        RollBackRelease(made.workloads, made.changes, made.rights, verification, made.survey, api, releases, made.gates),
        SyncRelease(made.workloads, made.rights, verification, made.survey, api, releases, made.repository),
        TerminateOperation(api, made.rights),
    ]


def _git(made: Adapters, verification: ServiceVerification) -> list[Action]:
    if made.repository is None:
        return [_by_hand(spec, made) for spec in (GIT_RESTORE, GIT_REVERT, GIT_PIN, APPLY)]
    applications = Applications(made.workloads, made.changes, made.rights, made.argocd)
    estate = GitEstate(made.repository, made.workloads, applications)
    freezing = Freezing(applications)
    push = GitPush(estate, freezing, made.survey, made.gates)
    pins = PinnedImages(estate, made.images)
    return [
        ChangeInGit(GIT_RESTORE, push, RestoredFolder(estate)),
        ChangeInGit(GIT_REVERT, push, RevertedCommits(estate)),
        ChangeInGit(GIT_PIN, push, pins),
        ApplyPinnedImages(pins, ClusterApply(made.connection), freezing, made.rights, verification, made.survey, made.gates),
    ]


def _migrations(made: Adapters) -> list[Action]:
    if made.repository is None:
        return [_by_hand(spec, made) for spec in (SCHEMA_READ, MIGRATE, FORCE)]
    estate = MigrationEstate(made.databases, made.repository, made.workloads)
    migrating = Migrating(made.databases, made.repository, made.migrate)
    return [ReadSchema(estate), MigrateDown(MIGRATE, estate, migrating), ForceVersion(FORCE, estate, migrating)]


def _instances(made: Adapters) -> list[Action]:
    if made.rds is None:
        return [_by_hand(spec, made) for spec in (RDS_SNAPSHOT, RDS_RESTORE, RDS_SETTLE, RDS_SWAP, RDS_DELETE)]
    calls, sides = RdsCalls(made.rds), DatabaseSides(PostgresRepair(made.databases.address_of))
    return [
        TakeSnapshot(calls),
        RestoreBeside(calls, ReleaseBegan(made.argocd), sides),
        SettleRestored(calls),
        SwapNames(calls, SystemNames(), sides),
        DeleteRestored(calls, sides),
    ]


def _repairs(made: Adapters) -> list[Action]:
    if made.repository is None or made.rds is None:
        return [_by_hand(spec, made) for spec in (PROVE, COPY_BACK, DROP_STAGING)]
    losses = GateLosses(MigrationEstate(made.databases, made.repository, made.workloads), made.gates)
    estate = RepairEstate(losses, RestoredBeside(RdsEstate(RdsCalls(made.rds))), PostgresRepair(made.databases.address_of))
    return [ProveRestored(estate), CopyBack(estate), DropStaging(estate)]


def _by_hand(spec: ActionSpec, made: Adapters) -> Action:
    return ByHandAction(replace(spec, automated=False), made.rights)
