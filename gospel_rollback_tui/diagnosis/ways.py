"""The ways back of a scenario, with the time each needs from now, who would revert it, and why it is refused."""

from dataclasses import replace

from gospel_rollback_tui.diagnosis.scene import Scene
from gospel_rollback_tui.domain.feed import Moment
from gospel_rollback_tui.domain.fighters import Fighter, Means, Survey, fighters, newer_commits, unfrozen
from gospel_rollback_tui.domain.health import Verdict, judge
from gospel_rollback_tui.domain.runbook import Path, Runbook
from gospel_rollback_tui.domain.triage import Way

CONFIRM_SECONDS = 5.0
"""What reading and answering one confirmation takes."""
_MEANS = {
    "deployment.undo": Means.LIVE,
    "deployment.pin": Means.LIVE,
    "kustomize.apply": Means.LIVE,
    "argocd.rollback": Means.ARGOCD,
    "git.restore": Means.GIT,
    "git.revert": Means.GIT,
    "git.pin": Means.GIT,
}
"""By what each action goes back."""
_FROM_GIT = frozenset({"git.restore", "git.revert", "git.pin", "kustomize.apply"})
"""Actions that begin with what git holds."""
_SCHEMA = frozenset({"migrations.goto", "postgres.copy-back", "rds.swap"})
"""Actions that take the schema back first."""


def ways_back(scene: Scene, runbook: Runbook) -> tuple[Way, ...]:
    """Returns the paths of the runbook, best first.

    While users fail that is the quickest that nothing reverts; when nobody does, git, which leaves nothing to be made equal.
    """
    survey = scene.survey()
    found = fighters(survey)
    failing = _users_fail(scene)
    ways = [
        (means_of(path), replace(_way(scene, path, found), syncs_back=_syncs_back(survey, means_of(path)), silent=_silent(survey, path)))
        for path in runbook.paths
    ]

    def _rank(entry: tuple[Means | None, Way]) -> tuple[bool, bool, bool, bool, bool, float]:
        means, way = entry
        after_git = not failing and means is not Means.GIT
        return (bool(way.refused), bool(way.crashes), bool(way.silent), bool(way.reverted_by), after_git, way.seconds or float("inf"))

    return tuple(way for _, way in sorted(ways, key=_rank))


def means_of(path: Path) -> Means | None:
    """Returns by what the path goes back; None: its changes are made by hand."""
    action = _goes_back_by(path)
    return _MEANS[action] if action else None


def _goes_back_by(path: Path) -> str:
    """Returns the action that puts the code back; empty: that is made by hand."""
    return next((step.action for step in path.steps if step.action in _MEANS), "") if path.automated else ""


def _users_fail(scene: Scene) -> bool:
    """Returns whether users may be failing: the symptom does, or nobody could tell."""
    if scene.symptom is None or scene.answer is None:
        return True
    return judge(scene.symptom, scene.answer, Moment(0.0, scene.at)).verdict is not Verdict.GOOD


def _way(scene: Scene, path: Path, found: tuple[Fighter, ...]) -> Way:
    means = means_of(path)
    against = unfrozen(found, means) if means else ()
    reverted_by = against[0].who if against else path.reverted_by
    crashes = "" if _moves_schema(path) else _crashes(scene, path)
    return Way(path.id, path.title, path.summary, _until_well(path), reverted_by, _refusal(scene, means, found), crashes, path.automated)


def _moves_schema(path: Path) -> bool:
    return any(step.action in _SCHEMA for step in path.steps)


def _crashes(scene: Scene, path: Path) -> str:
    """Returns why code that goes back without its schema would crash; empty: it would not, or the path puts no code back."""
    gate = scene.schema.gate if scene.schema is not None else None
    return gate.refuses if gate is not None and any(step.action in _MEANS for step in path.steps) else ""


def _syncs_back(survey: Survey, means: Means | None) -> str:
    """Returns what a sync would bring back behind a way beside git."""
    newer = newer_commits(survey) if means in (Means.LIVE, Means.ARGOCD) else ()
    if not newer:
        return ""
    more = f" and {len(newer) - 1} more" if len(newer) > 1 else ""
    return f"a sync would bring back {newer[0].subject}{more}"


def _silent(survey: Survey, path: Path) -> str:
    """Returns what the way goes through and does not answer: it is not refused, for that may be over before the key is pressed."""
    if survey.argocd_unread and means_of(path) is Means.ARGOCD:
        return f"Argo CD's API: {survey.argocd_unread}"
    if survey.branch_unread and _goes_back_by(path) in _FROM_GIT:
        return f"git: {survey.branch_unread}"
    return ""


def _refusal(scene: Scene, means: Means | None, found: tuple[Fighter, ...]) -> str:
    """Returns why the way cannot be taken as things are."""
    if means is Means.LIVE and scene.may_roll_back is False:
        return "this login may not patch Deployments here"
    application = scene.application
    if means in (Means.LIVE, Means.ARGOCD) and application is not None and application.reverts and not application.can_be_frozen:
        return f"{application.parent} cannot be frozen: it would switch auto-sync on again at once"
    blocking = next((fighter for fighter in found if means in fighter.blocks and not fighter.frozen), None)
    return blocking.words if blocking else ""


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
