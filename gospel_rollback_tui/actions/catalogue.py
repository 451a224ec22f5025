"""The catalogue of actions: what a runbook's step may name, so that runbooks are proved without running anything."""

from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.runbook import ActionSpec

UNDO = ActionSpec("deployment.undo", "Kubernetes", Danger.REVERSIBLE, undo=True, parameters=("services", "freeze"))
STOP = ActionSpec("deployment.stop", "Kubernetes", Danger.DISRUPTIVE, undo=True)
PIN = ActionSpec("deployment.pin", "Kubernetes", Danger.REVERSIBLE, undo=True, parameters=("services", "freeze"))
RESUME = ActionSpec("argocd.resume", "Argo CD", Danger.REVERSIBLE, undo=True, parameters=("pays", "what"))
ROLLBACK = ActionSpec("argocd.rollback", "Argo CD", Danger.REVERSIBLE, undo=True)
SYNC = ActionSpec("argocd.sync", "Argo CD", Danger.REVERSIBLE, undo=False, parameters=("pays",))
TERMINATE = ActionSpec("argocd.terminate", "Argo CD", Danger.REVERSIBLE, undo=False)
FREEZE = ActionSpec("argocd.freeze", "Argo CD", Danger.REVERSIBLE, undo=True, parameters=("what",))
GIT_RESTORE = ActionSpec("git.restore", "git", Danger.REVERSIBLE, undo=True, parameters=("pays",))
GIT_REVERT = ActionSpec("git.revert", "git", Danger.REVERSIBLE, undo=True, parameters=("pays",))
GIT_PIN = ActionSpec("git.pin", "git", Danger.REVERSIBLE, undo=True, parameters=("pays", "services"))
APPLY = ActionSpec("kustomize.apply", "Kubernetes", Danger.REVERSIBLE, undo=True, parameters=("services",))
RDS_SNAPSHOT = ActionSpec("rds.snapshot", "RDS", Danger.REVERSIBLE, undo=True)
RDS_RESTORE = ActionSpec("rds.restore", "RDS", Danger.REVERSIBLE, undo=True)
RDS_SETTLE = ActionSpec("rds.settle", "RDS", Danger.REVERSIBLE, undo=False)
RDS_DELETE = ActionSpec("rds.delete", "RDS", Danger.DESTRUCTIVE, undo=False)
RDS_SWAP = ActionSpec("rds.swap", "RDS", Danger.DESTRUCTIVE, undo=True)
MIGRATE = ActionSpec("migrations.goto", "PostgreSQL", Danger.DISRUPTIVE, undo=True, parameters=("service", "bad_commit", "good_commit"))
FORCE = ActionSpec("migrations.force", "PostgreSQL", Danger.DESTRUCTIVE, undo=False, parameters=("service", "bad_commit", "schema_version"))
SCHEMA_READ = ActionSpec("schema.read", "PostgreSQL", Danger.OBSERVE, undo=False, parameters=("service", "bad_commit", "good_commit"))
COPY_BACK = ActionSpec("postgres.copy-back", "PostgreSQL", Danger.DESTRUCTIVE, undo=True, parameters=("service", "bad_commit", "good_commit"))
DROP_STAGING = ActionSpec("postgres.drop-staging", "PostgreSQL", Danger.DESTRUCTIVE, undo=False)
PROVE = ActionSpec("postgres.prove", "PostgreSQL", Danger.OBSERVE, undo=False, parameters=("service", "bad_commit", "good_commit"))
WATCH = ActionSpec("stability.watch", "estate", Danger.OBSERVE, undo=False)
VERIFY = ActionSpec("verify.service", "estate", Danger.OBSERVE, undo=False, parameters=("services",))
MANUAL = ActionSpec("manual", "by hand", Danger.OBSERVE, undo=True, parameters=("pays",), automated=False)

_ALL = (
    UNDO,
    STOP,
    PIN,
    ROLLBACK,
    SYNC,
    TERMINATE,
    FREEZE,
    RESUME,
    GIT_RESTORE,
    GIT_REVERT,
    GIT_PIN,
    APPLY,
    SCHEMA_READ,
    MIGRATE,
    FORCE,
    RDS_SNAPSHOT,
    RDS_RESTORE,
    RDS_SETTLE,
    RDS_SWAP,
    RDS_DELETE,
    COPY_BACK,
    DROP_STAGING,
    PROVE,
    WATCH,
    VERIFY,
    MANUAL,
)
CATALOGUE = {spec.name: spec for spec in _ALL}
"""Every action by its name."""
