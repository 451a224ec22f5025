"""The words of a release rollback's confirmation: what changes per service, what stays, which hooks do not run, who works against it."""

from collections.abc import Sequence

from gospel_rollback_tui.actions.prompt import against
from gospel_rollback_tui.domain.estate import Environment
from gospel_rollback_tui.domain.fighters import Means, Survey
from gospel_rollback_tui.domain.manifests import ObjectKey
from gospel_rollback_tui.domain.preview import DiffLine, Notice, Tone
from gospel_rollback_tui.domain.release_diff import ObjectChange, ReleaseDiff
from gospel_rollback_tui.engine.ports import StepRequest

LISTED = 6
"""Objects of one line; the rest is counted."""


def release_notices(request: StepRequest, diff: ReleaseDiff, survey: Survey, *, compared: str, sources: bool) -> tuple[Notice, ...]:
    """Returns the labelled lines of the prompt.

    Args:
        request: The step.
        diff: What changes.
        survey: What works against it.
        compared: Why what is live could not be compared; empty: it was.
        sources: Whether the sources are rendered otherwise now than when the entry was deployed.
    """
    return (
        *([Notice("Changes", _services(request.environment, diff))] if diff.changed else []),
        *([Notice("Not known", f"what changes: {compared}", warning=True)] if compared else []),
        *(
            [Notice("Not known", "the Application's sources have other settings now than at that deployment: it goes back to those of then", warning=True)]
            if sources
            else []
        ),
        *([Notice("Stays", f"{_listed(diff.left)}: not in that release and not pruned; what runs there runs on", warning=True)] if diff.left else []),
        *([Notice("Hooks", f"{', '.join(diff.hooks[:LISTED])}: a rollback runs no hooks", warning=True)] if diff.hooks else []),
        *([Notice("Stays", f"replicas of {', '.join(survey.autoscaled)} stay with the autoscaler")] if survey.autoscaled else []),
        *against(survey, Means.ARGOCD),
        *([Notice("Differs", request.step.differs)] if request.step.differs else []),
    )


def release_lines(diff: ReleaseDiff) -> tuple[DiffLine, ...]:
    """Returns the whole difference as lines, workloads first."""
    lines = [line for change in diff.changed for line in change.lines]
    lines += [DiffLine(Tone.SAME, f"{key.words} stays (not in that release)") for key in diff.left]
    return tuple(lines)


def service_words(change: ObjectChange) -> str:
    """Returns what becomes of a workload in a few words: image, replicas, then how much else."""
    if change.made:
        return "made"
    told = [one for one in change.changes if one.subject.endswith(" image") or one.subject == "replicas"]
    words = [one.words.replace(" image ", " ").partition(" ")[2] if one.subject.endswith(" image") else one.words for one in told]
    rest = len(change.changes) - len(told) + change.more
    return ", ".join([*words, *([f"{rest} other setting{'' if rest == 1 else 's'}"] if rest else [])])


def _services(environment: Environment, diff: ReleaseDiff) -> str:
    named = [(service.name, diff.of(ObjectKey("Deployment", service.deployment))) for service in environment.services]
    words = [f"{name} {service_words(change)}" for name, change in named if change is not None]
    deployments = {("Deployment", service.deployment) for service in environment.services}
    others = [change.key for change in diff.changed if (change.key.kind, change.key.name) not in deployments]
    return "; ".join([*words, *([_listed(others)] if others else [])])


def _listed(keys: Sequence[ObjectKey]) -> str:
    shown = ", ".join(key.words for key in keys[:LISTED])
    return shown + (f" and {len(keys) - LISTED} more" if len(keys) > LISTED else "")


def changed_services(environment: Environment, diff: ReleaseDiff) -> tuple[str, ...]:
    """Returns the services whose Deployment changes."""
    return tuple(service.name for service in environment.services if diff.of(ObjectKey("Deployment", service.deployment)) is not None)
