"""What changed, newest first: rollouts, edits of ConfigMaps and Secrets, node and quota events."""

from itertools import pairwise

from gospel_rollback_tui.diagnosis.scene import Scene
from gospel_rollback_tui.domain.estate import Service
from gospel_rollback_tui.domain.raw import JsonObject
from gospel_rollback_tui.domain.surroundings import OWN_MANAGERS
from gospel_rollback_tui.domain.template import template_diff
from gospel_rollback_tui.domain.triage import Change
from gospel_rollback_tui.domain.workloads import Deployment, ReplicaSetState

LOOK_BACK = 24 * 3600.0
"""Seconds before now beyond which a change is history."""
SUSPICIOUS = 15 * 60.0
"""Seconds before the onset within which a change may have caused it."""
AFTER_ONSET = 60.0
"""Seconds by which clocks and readiness may put the cause behind the onset."""
ROLLOUT_EDIT = 10.0
"""Seconds around a rollout within which an edit of the Deployment is the rollout itself."""
SHOWN_CHANGES = 3
"""Differences of one rollout that a line has room for."""
NEWS = frozenset({"FailedCreate", "NodeNotReady", "FailedMount", "FailedScheduling", "Evicted", "OOMKilling"})


def changes(scene: Scene, onset: float) -> tuple[Change, ...]:
    """Returns what changed within a day, newest first; `onset` 0 means that it is not known."""
    found = [*_rollouts(scene, onset), *_edits(scene, onset), *_nodes(scene, onset), *_events(scene, onset)]
    return tuple(sorted((c for c in found if scene.at - c.at <= LOOK_BACK), key=lambda c: -c.at))


def close_to(at: float, onset: float) -> bool:
    """Returns whether a change at that time may have caused what began at the onset."""
    return onset > 0 and onset - SUSPICIOUS <= at <= onset + AFTER_ONSET


def _rollouts(scene: Scene, onset: float) -> list[Change]:
    found = []
    for service in scene.environment.services:
        deployment = scene.deployment_of(service.name) if scene.deployments is not None else None
        if deployment is not None:
            found += _rollouts_of(scene, service, deployment, onset)
    return found


def _rollouts_of(scene: Scene, service: Service, deployment: Deployment, onset: float) -> list[Change]:
    revisions = scene.revisions_of(deployment)
    found = []
    for newer, older in pairwise(revisions):
        at = rolled_out_at(deployment, newer)
        if at is not None:
            words = _summary(older.template, newer.template) or "rolled out again"
            found.append(Change(at, service.name, words, close_to(at, onset)))
    return found


def _summary(old: JsonObject, new: JsonObject) -> str:
    """Returns what a rollout changed, images first, at most three things."""
    found = template_diff(old, new)
    words = [change.words.partition(" ")[2] if " image " in f" {change.subject} " else change.words for change in found[:SHOWN_CHANGES]]
    return ", ".join(words) + (f" and {len(found) - SHOWN_CHANGES} more" if len(found) > SHOWN_CHANGES else "")


def rolled_out_at(deployment: Deployment, revision: ReplicaSetState) -> float | None:
    """Returns when a revision was rolled out: its creation, or for one taken up again the Deployment's last progress."""
    progressing = deployment.condition("Progressing")
    if revision.former and revision.revision == deployment.revision and progressing and progressing.updated:
        return progressing.updated
    return revision.created


def _edits(scene: Scene, onset: float) -> list[Change]:
    found = [change for deployment in scene.deployments or () for change in _edits_beside_rollouts(scene, deployment, onset)]
    for edit in scene.config_edits or ():
        words = f"{edit.kind} {edit.name} {'created' if edit.created else 'edited'}{_by(edit.manager)}"
        found.append(Change(edit.at, _subject(scene, edit.name), words, close_to(edit.at, onset)))
    return found


def _edits_beside_rollouts(scene: Scene, deployment: Deployment, onset: float) -> list[Change]:
    """Returns edits of a Deployment that rolled nothing out: scaling, pausing, annotations."""
    rollouts = [at for r in scene.revisions_of(deployment) if (at := rolled_out_at(deployment, r)) is not None]
    edits = [e for e in deployment.edits if not e.subresource and e.manager not in OWN_MANAGERS and all(abs(e.at - at) > ROLLOUT_EDIT for at in rollouts)]
    return [Change(e.at, _subject(scene, deployment.name), f"Deployment edited{_by(e.manager)}", close_to(e.at, onset)) for e in edits]


def _by(manager: str) -> str:
    return f" ({manager})" if manager and manager not in ("kubectl-client-side-apply", "argocd-controller") else ""


def _subject(scene: Scene, name: str) -> str:
    """Returns the service that a configuration object's name speaks of, or `configuration`."""
    for service in scene.environment.services:
        if service.name in name or service.deployment in name:
            return service.name
    return "configuration"


def _nodes(scene: Scene, onset: float) -> list[Change]:
    return [
        Change(node.since, "node", f"{node.name} not ready: {node.message}" if node.message else f"{node.name} not ready", close_to(node.since, onset))
        for node in scene.nodes or ()
        if not node.ready and node.since is not None
    ]


def _events(scene: Scene, onset: float) -> list[Change]:
    told: dict[tuple[str, str], Change] = {}
    for event in scene.events or ():
        first = event.first or event.last
        if event.reason in NEWS and event.type == "Warning" and first is not None:
            key = (event.reason, event.name.rsplit("-", 1)[0])
            told.setdefault(key, Change(first, event.kind.lower(), f"{event.reason}: {event.message}", close_to(first, onset)))
    return list(told.values())
