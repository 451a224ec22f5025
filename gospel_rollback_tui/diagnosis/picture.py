"""Paints the triage picture from one scene: pure, so that a table of scenes proves it."""

from collections.abc import Mapping

from gospel_rollback_tui.diagnosis.changes import changes
from gospel_rollback_tui.diagnosis.failing import Onset, onset, troubles
from gospel_rollback_tui.diagnosis.readings import ReadingTaker
from gospel_rollback_tui.diagnosis.scene import Scene
from gospel_rollback_tui.diagnosis.suggestion import suggest, target_of
from gospel_rollback_tui.diagnosis.ways import ways_back
from gospel_rollback_tui.domain.errors import CredentialsExpired, Forbidden, NoRoute, ProgramFault, RollbackError, ServerDown
from gospel_rollback_tui.domain.evidence import Reading, Truth, weigh
from gospel_rollback_tui.domain.runbook import Library
from gospel_rollback_tui.domain.triage import FailingService, SymptomPicture, TriagePicture, Trouble

TELLING = ("who", "deployments", "pods", "alive")
"""Probes whose failure says what is wrong with the whole view, most telling first."""


def paint(scene: Scene, library: Library, answers: Mapping[str, Reading], *, complete: bool) -> TriagePicture:
    """Returns the picture of the scene; the operator's answers stand above what probes read."""
    stand = troubles(scene)
    since = onset(scene, stand)
    readings = {**ReadingTaker(scene, stand, since).take(), **answers}
    weighing = weigh(library.matrix, readings)
    failing = tuple(t for t in stand if t.fails)
    suggestion = suggest(scene, stand, since, readings, weighing, library)
    scenario = weighing.suggested or (suggestion.scenario if suggestion else "")
    server, identity = scene.who or ("", "")
    return TriagePicture(
        at=scene.at,
        complete=complete,
        server=server,
        identity=identity,
        symptom=_symptom(scene, readings, since),
        failing=tuple(FailingService(t.service.name, t.words) for t in failing),
        targets={t.service.name: str(target.number) for t in failing if (target := target_of(scene, t, since).target) is not None},
        says=failing[0].sample if failing else "",
        changes=changes(scene, since.at),
        readings=readings,
        weighing=weighing,
        suggestion=suggestion,
        ways=ways_back(scene, library.runbook(scenario)) if scenario else (),
        trouble=_trouble(scene),
    )


def _symptom(scene: Scene, readings: Mapping[str, Reading], since: Onset) -> SymptomPicture | None:
    if scene.symptom is None:
        return None
    reading = readings["symptom.failing"]
    answer = scene.answer
    words = reading.words if answer is None or answer.status is None else f"answers {answer.status}"
    failing = reading.truth is Truth.TRUE
    return SymptomPicture(scene.symptom, reading.truth, words, since.at if failing else 0.0, since.source if failing else "")


def _trouble(scene: Scene) -> Trouble | None:
    """Returns why the estate cannot be read: four different sentences, and a fifth for a fault of this program."""
    telling = (scene.failures[probe] for probe in TELLING if probe in scene.failures)
    faults = (failure for failure in scene.failures.values() if isinstance(failure, ProgramFault))
    failure = next(iter((*telling, *faults)), None)
    return Trouble(_kind(failure), failure.text, failure.next_step) if failure is not None else None


def _kind(failure: RollbackError) -> str:
    if isinstance(failure, CredentialsExpired):
        return "credentials"
    if isinstance(failure, Forbidden):
        return "rights"
    if isinstance(failure, ServerDown):
        return "server"
    if isinstance(failure, ProgramFault):
        return "program"
    return "route" if isinstance(failure, NoRoute) else "estate"
