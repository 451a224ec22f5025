"""The way back that the evidence suggests, and what `r` still lacks."""

from collections.abc import Mapping

from gospel_rollback_tui.diagnosis.failing import Onset, ServiceTrouble
from gospel_rollback_tui.diagnosis.scene import Scene
from gospel_rollback_tui.diagnosis.ways import means_of, ways_back
from gospel_rollback_tui.domain.evidence import Confidence, Reading, Truth, Weighing
from gospel_rollback_tui.domain.fighters import Means
from gospel_rollback_tui.domain.revisions import Revision, TargetChoice, choose_target, history
from gospel_rollback_tui.domain.runbook import Library, Path, Runbook
from gospel_rollback_tui.domain.spans import span
from gospel_rollback_tui.domain.template import image_tag
from gospel_rollback_tui.domain.triage import Point, Suggestion

SCENARIO = "bad-code"
"""The one row whose way back is automated."""


def target_of(scene: Scene, trouble: ServiceTrouble, onset: Onset) -> TargetChoice:
    """Returns the revision that the failing service should go back to."""
    if trouble.deployment is None:
        return TargetChoice(None, "its Deployment was not read")
    revisions = history(trouble.deployment, scene.revisions_of(trouble.deployment), scene.pods_of(trouble.deployment), scene.events or (), onset.at or None)
    return choose_target(revisions, onset.at or None)


def suggest(
    scene: Scene,
    failing: tuple[ServiceTrouble, ...],
    onset: Onset,
    readings: Mapping[str, Reading],
    weighing: Weighing,
    library: Library,
) -> Suggestion | None:
    """Returns the suggested way back of row 1, with everything it lacks named; None while nothing stands out."""
    guilty = tuple(t for t in failing if t.fails and t.deployment is not None and len(scene.revisions_of(t.deployment)) > 1)
    if not guilty or weighing.suggested not in ("", SCENARIO) or weighing.of(SCENARIO).ruled_out:
        return None
    runbook = library.runbook(SCENARIO)
    path = _first_path(scene, runbook)
    if path is None:
        return None
    if means_of(path) is Means.GIT:
        return _by_git(scene, path, guilty, readings, weighing)
    targets = {t.service.name: target_of(scene, t, onset) for t in guilty}
    chosen = {name: choice.target for name, choice in targets.items() if choice.target is not None}
    lacks = [*_unclear(weighing), *_unfit(targets), *_rights(scene), *_schema(scene, readings)]
    inputs = {"services": ",".join(chosen), **{f"revision:{name}": str(r.number) for name, r in chosen.items()}}
    return Suggestion(
        scenario=SCENARIO,
        path=path.id,
        step=path.steps[0].id,
        title=_title(scene, chosen) if chosen else f"Roll {', '.join(targets)} back",
        detail=_detail(chosen, targets),
        inputs=inputs,
        points=_points(scene, weighing, readings, chosen),
        lacks=tuple(lacks),
    )


def _first_path(scene: Scene, runbook: Runbook) -> Path | None:
    """Returns the path that `r` takes: the first automated way that nothing refuses or reverts, otherwise the first automated one."""
    automated = [way for way in ways_back(scene, runbook) if way.automated and means_of(runbook.path(way.path))]
    free = [way for way in automated if not (way.refused or way.crashes or way.reverted_by)]
    return runbook.path((free or automated)[0].path) if automated else None


def _by_git(scene: Scene, path: Path, guilty: tuple[ServiceTrouble, ...], readings: Mapping[str, Reading], weighing: Weighing) -> Suggestion:
    """Returns the way by git: its own preview finds the commit to go back to, and says what it lacks."""
    services = ", ".join(trouble.service.name for trouble in guilty)
    return Suggestion(
        scenario=SCENARIO,
        path=path.id,
        step=path.steps[0].id,
        title=f"{path.title}: {services} fails",
        detail="the commit is found by the preview",
        inputs={},
        points=(*_common_points(weighing, readings), *_reverted(scene)),
        lacks=(*_unclear(weighing), *_schema(scene, readings)),
    )


def _title(scene: Scene, chosen: Mapping[str, Revision]) -> str:
    container = {s.name: s.container for s in scene.environment.services}
    tags = {image_tag(r.image(container[name])) for name, r in chosen.items()}
    return f"Roll {', '.join(chosen)} back to {tags.pop()}" if len(tags) == 1 else f"Roll {', '.join(chosen)} back"


def _detail(chosen: Mapping[str, Revision], targets: Mapping[str, TargetChoice]) -> str:
    if len(chosen) != 1:
        return f"{len(chosen)} services" if chosen else "; ".join(choice.why for choice in targets.values())
    revision = next(iter(chosen.values()))
    ran = f", ran {span(revision.ran)}" if revision.ran else ""
    ready = {Truth.TRUE: ", ready", Truth.FALSE: ", never ready", Truth.UNKNOWN: ""}[revision.once_ready]
    return f"revision {revision.number}{ran}{ready}"


def _points(scene: Scene, weighing: Weighing, readings: Mapping[str, Reading], chosen: Mapping[str, Revision]) -> tuple[Point, ...]:
    points = _common_points(weighing, readings)
    if scene.may_roll_back is not None:
        points.append(Point(Truth.of(scene.may_roll_back), "you may do it" if scene.may_roll_back else "you may not patch Deployments"))
    points += _reverted(scene)
    points += [Point(r.once_ready, f"{name}: {r.once_ready_words}") for name, r in chosen.items() if r.once_ready is not Truth.TRUE]
    return tuple(points)


def _reverted(scene: Scene) -> list[Point]:
    """Returns the line that says what Argo CD would do to a change beside git, and whether its owner can be frozen."""
    application = scene.application
    if application is None or not application.reverts:
        return []
    if application.can_be_frozen:
        return [Point(Truth.FALSE, "Argo CD would revert it: freeze goes with it")]
    return [Point(Truth.FALSE, f"{application.parent} cannot be frozen: only git holds")]


def _common_points(weighing: Weighing, readings: Mapping[str, Reading]) -> list[Point]:
    """Returns what is to be said of every way: how clear the row is, and whether a migration lies between."""
    row = weighing.of(SCENARIO)
    clear = Point(Truth.of(weighing.confidence is Confidence.CLEAR), _clarity(weighing, len(row.pro), len(row.contra)))
    schema = readings["migration.between"]
    fits = {Truth.FALSE: Truth.TRUE, Truth.TRUE: Truth.FALSE, Truth.UNKNOWN: Truth.UNKNOWN}[schema.truth]
    return [clear, Point(fits, f"Schema: {schema.words}")]


def _clarity(weighing: Weighing, pro: int, contra: int) -> str:
    against = f"{contra} against" if contra else "none against"
    return f"{weighing.confidence.value}: {pro} fact{'' if pro == 1 else 's'} for, {against}"


def _unclear(weighing: Weighing) -> list[str]:
    if weighing.suggested == SCENARIO and weighing.confidence is Confidence.CLEAR:
        return []
    return [f"the evidence is {weighing.confidence.value}: answer the questions (w)"]


def _unfit(targets: Mapping[str, TargetChoice]) -> list[str]:
    found = [f"{name}: {choice.why}" for name, choice in targets.items() if choice.target is None]
    return found + [
        f"{name}: revision {choice.target.number} is not known to have been ready"
        for name, choice in targets.items()
        if choice.target is not None and choice.target.once_ready is not Truth.TRUE
    ]


def _schema(scene: Scene, readings: Mapping[str, Reading]) -> list[str]:
    """Returns what keeps `r` from being a key for code that may not fit its database; the operator's own answer stands above the probe's."""
    seen = scene.schema
    if readings["migration.between"].source == "operator":
        return []
    if seen is None:
        return ["whether a migration lies between has not been read yet"]
    if seen.failure is not None:
        return [f"whether a migration lies between is not known: {seen.failure.text}"]
    gate = seen.gate
    if gate is None:
        return []
    return [gate.refuses] if gate.refuses else [f"the schema is not known: {gate.unknown}"] if gate.unknown else []


def _rights(scene: Scene) -> list[str]:
    found = []
    if scene.may_roll_back is False:
        found.append("this login may not patch Deployments here")
    if scene.may_roll_back is None:
        found.append("whether you may do it is not known yet")
    application = scene.application
    if not scene.application_read:
        found.append("what Argo CD would do is not known yet")
    elif application is not None and application.reverts and not application.can_be_frozen:
        found.append(f"{application.parent} would switch auto-sync on again: go by git")
    return found
