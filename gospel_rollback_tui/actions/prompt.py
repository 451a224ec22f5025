"""The words of a rollback's confirmation: what, where, reach, what stays, undo, what it rests on."""

from collections.abc import Mapping

from gospel_rollback_tui.actions.live import LiveService
from gospel_rollback_tui.actions.schema_check import SchemaCheck, needed
from gospel_rollback_tui.actions.started import stopped_by_this_run
from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.fighters import Means, Survey, fighters, unfrozen
from gospel_rollback_tui.domain.preview import Fingerprint, Notice, PlannedCall, Preview
from gospel_rollback_tui.domain.template import image_tag
from gospel_rollback_tui.engine.ports import StepRequest

NOT_LOOKED_AT = SchemaCheck()
"""Of a change that meets no database, or goes back to what ran a moment ago."""


def bundle_preview(
    request: StepRequest,
    *,
    title: str,
    where: tuple[str, str],
    lives: tuple[LiveService, ...],
    survey: Survey,
    calls: tuple[PlannedCall, ...],
    fingerprint: Fingerprint,
    stays: tuple[str, ...],
    refused: str,
    danger: Danger,
    schema: SchemaCheck = NOT_LOOKED_AT,
    yes: str = "roll back",
) -> Preview:
    """Returns the preview of a bundle of patches."""
    return Preview(
        step=request.step.id,
        title=title,
        target=request.environment.cluster.namespace,
        where=_where(request, where),
        danger=danger,
        calls=calls,
        fingerprint=fingerprint,
        notices=_notices(request, lives, survey, stays, schema),
        checks=_checks(request, lives),
        undo=f"back to {_running(lives)}" + (", auto-sync as it was" if survey.application is not None and survey.application.auto_sync else ""),
        by_hand=tuple(call.by_hand for call in calls),
        yes=yes,
        refused=refused,
        needs_reason=needed(unstopped(survey, Means.LIVE), schema.reason),
    )


def _where(request: StepRequest, where: tuple[str, str]) -> str:
    cluster = request.environment.cluster
    server, identity = where
    return f"{cluster.kind + ' ' if cluster.kind else ''}{cluster.context} · {server} · as {identity}"


def unstopped(survey: Survey, means: Means) -> str:
    """Returns who would still undo what goes back by these means once the step's own freeze is made; empty: nobody."""
    left = unfrozen(fighters(survey), means)
    return f"{left[0].words}." if left else ""


def against(survey: Survey, means: Means) -> list[Notice]:
    """Returns a line for each that would undo the change or stands in its way; what the step does not stop stands out."""
    found = [one for one in fighters(survey) if means in one.undoes | one.blocks]
    return [Notice("Against", one.words, warning=not one.frozen) for one in found]


def _notices(request: StepRequest, lives: tuple[LiveService, ...], survey: Survey, stays: tuple[str, ...], schema: SchemaCheck) -> tuple[Notice, ...]:
    return (
        *_reach(lives, stopped_by_this_run(request)),
        *([Notice("Stays", f"{', '.join(stays)}: not brought back by this", warning=True)] if stays else []),
        *([Notice("Stays", f"replicas of {', '.join(survey.autoscaled)} stay with the autoscaler")] if survey.autoscaled else []),
        *against(survey, Means.LIVE),
        *schema.notices,
        *([Notice("Differs", request.step.differs)] if request.step.differs else []),
    )


def _running(lives: tuple[LiveService, ...]) -> str:
    return ", ".join(dict.fromkeys(image_tag(dict(live.deployment.images).get(live.service.container, "")) for live in lives))


def _reach(lives: tuple[LiveService, ...], started: Mapping[str, int]) -> list[Notice]:
    pods = sum(live.deployment.replicas for live in lives)
    how = {live.deployment.strategy for live in lives}
    manner = "all at once: users notice (Recreate)" if "Recreate" in how else "replaced a few at a time"
    found = [Notice("Reaches", f"{pods} pod{'' if pods == 1 else 's'}, {manner}", warning="Recreate" in how)] if lives else []
    found += [
        Notice("Reaches", f"{live.service.name} is scaled to 0: nothing starts", warning=True)
        for live in lives
        if live.deployment.replicas == 0 and live.service.name not in started
    ]
    return found


def _checks(request: StepRequest, lives: tuple[LiveService, ...]) -> tuple[str, ...]:
    names = ", ".join(live.service.name for live in lives)
    checks = [
        f"nothing reverted {names}",
        "pods of the chosen release ready, none older",
        "no restart since",
        "/health and /ready answer",
        "no burst of errors",
    ]
    if request.symptom is not None:
        checks.append(f"{request.symptom.label()} answers {request.symptom.expect_status}")
    return tuple(checks)
