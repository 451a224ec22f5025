"""The ways back of a scenario, with the time each needs from now and who would revert it."""

from gospel_rollback_tui.diagnosis.scene import Scene
from gospel_rollback_tui.domain.runbook import Path, Runbook
from gospel_rollback_tui.domain.triage import Way

CONFIRM_SECONDS = 5.0
"""What reading and answering one confirmation takes."""


def ways_back(scene: Scene, runbook: Runbook) -> tuple[Way, ...]:
    """Returns the paths of the runbook: the quickest that nothing reverts first, what is refused last."""
    ways = [_way(scene, path) for path in runbook.paths]
    return tuple(sorted(ways, key=lambda w: (bool(w.refused), bool(w.reverted_by), w.seconds or float("inf"))))


def _way(scene: Scene, path: Path) -> Way:
    application = scene.application
    refused = ""
    if path.automated and scene.may_roll_back is False:
        refused = "this login may not patch Deployments here"
    if path.automated and application is not None and application.reverts and not application.can_be_frozen:
        refused = f"{application.parent} would switch auto-sync on again at once"
    until_well = _until_well(path)
    return Way(path.id, path.title, path.summary, until_well, path.reverted_by, refused, path.automated)


def _until_well(path: Path) -> float:
    """Returns the usual seconds until users are well: the steps before the stability watch, and a confirmation each."""
    total = 0.0
    for step in path.steps:
        if step.action == "stability.watch":
            break
        if step.usual <= 0:
            return 0.0
        total += step.usual + CONFIRM_SECONDS
    return total
