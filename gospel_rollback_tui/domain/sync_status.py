"""How an Application compares with git: what differs, and what is only left over because nothing prunes it."""

from dataclasses import dataclass

from gospel_rollback_tui.domain.manifests import ObjectKey
from gospel_rollback_tui.domain.raw import JsonObject, child, children, flag, text
from gospel_rollback_tui.domain.sync_history import revisions_of

SETTINGS = frozenset({"ConfigMap", "Secret", "Service", "ServiceAccount", "Ingress", "NetworkPolicy", "HorizontalPodAutoscaler", "PodDisruptionBudget"})
"""Kinds beside the workloads: a patch of Deployments leaves them as the bad release set them, and a sync makes them what git says, restarting nothing."""


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """The last comparison."""

    word: str
    """`Synced`, `OutOfSync` or `Unknown`; empty: never compared."""
    revisions: tuple[str, ...]
    """Commits of the branch, one a source, that it was compared with."""
    differing: tuple[ObjectKey, ...]
    """What git declares and the cluster has otherwise, or not at all."""
    left: tuple[ObjectKey, ...]
    """What the cluster has and git does not declare any more."""
    why: str = ""
    """Why it could not be compared."""

    @property
    def equals_git(self) -> bool:
        """Whether everything that git declares runs as declared; what is left over makes Argo CD say `OutOfSync` all the same."""
        return self.word == "Synced" or (self.word == "OutOfSync" and bool(self.left) and not self.differing)

    @property
    def workloads_equal_git(self) -> bool:
        """Whether a sync would start nothing else: at most settings differ, which a rollback of the workloads alone does not bring back."""
        return self.equals_git or (self.word == "OutOfSync" and bool(self.differing) and all(key.kind in SETTINGS for key in self.differing))

    @property
    def words(self) -> str:
        """The comparison in words."""
        if self.differing:
            shown = ", ".join(key.words for key in self.differing[:3])
            return f"{self.word}: {shown}" + (f" and {len(self.differing) - 3} more" if len(self.differing) > 3 else "")
        if self.left:
            return f"{self.word}, only because of what is left over: {', '.join(key.words for key in self.left[:3])}"
        return " ".join(part for part in (self.word or "not known to be in sync", self.why) if part)


def sync_status_from(application: JsonObject) -> SyncStatus:
    """Reads the comparison of an Application."""
    status = child(application, "status")
    differing: list[ObjectKey] = []
    left: list[ObjectKey] = []
    for resource in children(status, "resources"):
        if resource.get("status") != "OutOfSync":
            continue
        key = ObjectKey(text(resource.get("kind")), text(resource.get("name")), text(resource.get("namespace")), text(resource.get("group")))
        (left if flag(resource.get("requiresPruning")) else differing).append(key)
    errors = [text(one.get("message"), 200) for one in children(status, "conditions") if text(one.get("type")).endswith("Error")]
    sync = child(status, "sync")
    word = text(sync.get("status"))
    return SyncStatus(word, revisions_of(sync), tuple(differing), tuple(left), f"({errors[0]})" if errors and word != "Synced" else "")
