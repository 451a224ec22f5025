"""Triage as it runs: rounds of probes in a thread of its own, a new picture as each probe answers."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from gospel_rollback_tui.diagnosis.log_questions import LogQuestions
from gospel_rollback_tui.diagnosis.picture import paint
from gospel_rollback_tui.diagnosis.planning import PLAN_SECONDS, Planner, Planning, same_way
from gospel_rollback_tui.diagnosis.ports import EstateReads, LiveFeeds, SchemaGates, WebProbe
from gospel_rollback_tui.diagnosis.probes import DEADLINE, Round
from gospel_rollback_tui.diagnosis.scene import Scene
from gospel_rollback_tui.diagnosis.schema_questions import SchemaQuestions
from gospel_rollback_tui.domain.errors import RollbackError
from gospel_rollback_tui.domain.estate import Environment, HttpCheck
from gospel_rollback_tui.domain.evidence import Reading, Truth
from gospel_rollback_tui.domain.runbook import Answer, Library, Question
from gospel_rollback_tui.domain.text import clean, redact
from gospel_rollback_tui.domain.triage import Suggestion, TriagePicture, Trouble

ROUND_SECONDS = 4.0
"""Rest between two rounds."""
EAGER_SECONDS = 0.3
"""Rest while nothing is suggested yet: the log feed has only just begun to count."""
EAGER_ROUNDS = 12

T = TypeVar("T")


class Triage:
    """Takes rounds of probes until stopped; every method may be called from any thread."""

    def __init__(
        self,
        *,
        environment: Environment,
        library: Library,
        reads: EstateReads,
        probe: WebProbe,
        feeds: LiveFeeds,
        gates: SchemaGates,
        planner: Planner,
        now: Callable[[], float],
        plan_seconds: float = PLAN_SECONDS,
    ) -> None:
        """Asks nothing yet; `start` does. A round waits at most `plan_seconds` for the preview."""
        self._environment = environment
        self._library = library
        self._reads = reads
        self._probe = probe
        self._feeds = feeds
        self._planning = Planning(planner, now, self.refresh, plan_seconds)
        self._now = now
        self._lock = threading.Lock()
        self._answers: dict[str, Reading] = {}
        self._answered: dict[str, str] = {}
        self._symptom = environment.symptoms[0] if environment.symptoms else None
        self._logs = LogQuestions(environment, reads)
        self._schema = SchemaQuestions(gates, self.refresh)
        self._known: dict[str, Any] = {}
        """What the last rounds read, by probe: shown until the present round has read it anew."""
        self._picture = TriagePicture(at=now(), complete=False)
        self._wake = threading.Event()
        self._stop = threading.Event()

    def start(self) -> None:
        """Starts the rounds."""
        threading.Thread(target=self._rounds, name="triage", daemon=True).start()

    def stop(self) -> None:
        """Ends the rounds; probes under way are left to their deadlines."""
        self._stop.set()
        self._wake.set()

    def picture(self) -> TriagePicture:
        """Returns the newest picture."""
        with self._lock:
            return self._picture

    def answers(self) -> Mapping[str, str]:
        """Returns the wizard's answers so far: question → answer's key."""
        with self._lock:
            return dict(self._answered)

    def answer(self, question: Question, answer: Answer) -> None:
        """Takes the operator's answer; one without a fact takes an earlier one back."""
        with self._lock:
            for other in question.answers:
                self._answers.pop(other.fact, None)
            self._answered[question.id] = answer.key
            if answer.fact:
                self._answers[answer.fact] = Reading(answer.fact, Truth.of(answer.value), answer.words, "operator", self._now())
        self.refresh()

    def choose_symptom(self, check: HttpCheck | None) -> None:
        """Makes that request the symptom; None: there is none."""
        with self._lock:
            self._symptom = check
            self._logs = LogQuestions(self._environment, self._reads)
            self._known.pop("answer", None)
        self.refresh()

    def refresh(self) -> None:
        """Takes the next round at once."""
        self._wake.set()

    def _rounds(self) -> None:
        taken = 0
        while not self._stop.is_set():
            self._wake.clear()
            try:
                self._round()
            except Exception as error:  # noqa: BLE001 - the one boundary of this thread: whatever an object from outside breaks, triage goes on and says so
                self._say_failed(error)
            taken += 1
            suggestion = self.picture().suggestion
            eager = taken < EAGER_ROUNDS and (suggestion is None or suggestion.preview is None)
            self._wake.wait(EAGER_SECONDS if eager else ROUND_SECONDS)

    def _round(self) -> None:
        with self._lock:
            symptom = self._symptom
        probes = Round(self._probes(symptom))
        probes.start()
        deadline = self._now() + DEADLINE
        while not self._stop.is_set():
            over = probes.wait(max(0.0, min(1.0, deadline - self._now())))
            if over or self._now() >= deadline:
                break
            self._publish(self._scene(symptom, *probes.seen()), complete=False)
        probes.give_up()
        scene = self._scene(symptom, *probes.seen())
        self._publish(scene, complete=False)  # questions to logs take their time
        scene = self._logs.asked_of(scene)
        self._publish(self._schema.asked_of(scene), complete=True)

    def _probes(self, symptom: HttpCheck | None) -> dict[str, Callable[[], Any]]:
        reads = self._reads
        probes: dict[str, Callable[[], Any]] = {
            "who": reads.who,
            "alive": reads.alive,
            "deployments": reads.deployments,
            "replica_sets": reads.replica_sets,
            "pods": lambda: heard_or_read(self._feeds.pod_states, reads.pods),
            "events": reads.events,
            "nodes": lambda: heard_or_read(self._feeds.nodes, reads.nodes),
            "config_edits": reads.config_edits,
            "may_roll_back": reads.may_roll_back,
            "application": lambda: (reads.application(),),
            "beside": reads.beside,
        }
        if symptom is not None:
            probes["answer"] = lambda: self._probe.ask(symptom)
        if self._environment.endpoints:
            probes["elsewhere"] = lambda: self._probe.ask(self._environment.endpoints[0])
        return probes

    def _scene(self, symptom: HttpCheck | None, found: dict[str, Any], failures: dict[str, RollbackError], waiting: tuple[str, ...]) -> Scene:
        with self._lock:
            for name in failures:
                self._known.pop(name, None)
            self._known |= found
            known = dict(self._known)
        application = known.pop("application", None)
        return Scene(
            environment=self._environment,
            at=self._now(),
            symptom=symptom,
            application=application[0] if application else None,
            application_read=application is not None,
            logs=self._feeds.logs(),
            early=self._logs.early,
            asked=self._logs.asked,
            schema=self._schema.seen,
            failures=failures,
            waiting=waiting,
            **known,
        )

    def _publish(self, scene: Scene, *, complete: bool) -> None:
        """Shows the scene at once, under it the preview read last, with its age; a complete round then reads the preview anew."""
        with self._lock:
            answers = dict(self._answers)
            before = self._picture.suggestion
        picture = paint(scene, self._library, answers, complete=complete)
        suggestion = picture.suggestion
        if suggestion is None or suggestion.lacks:
            self._show(picture)
            return
        if before is not None and same_way(before, suggestion):
            self._show(replace(picture, suggestion=replace(suggestion, preview=before.preview, planned_at=before.planned_at)))
        else:
            self._show(picture)
        if complete:
            self._show(replace(picture, suggestion=self._planned(suggestion, scene.symptom)))

    def _planned(self, suggestion: Suggestion, symptom: HttpCheck | None) -> Suggestion:
        """Adds what `r` opens at once, or why there is nothing to open; a preview that is late leaves the one before it, with its age."""
        try:
            read = self._planning.read(suggestion, symptom)
        except RollbackError as error:
            return replace(suggestion, lacks=(error.text,))
        if read is not None:
            return replace(suggestion, preview=read[0], planned_at=read[1])
        shown = self.picture().suggestion
        if shown is not None and shown.preview is not None:
            return shown
        return replace(suggestion, lacks=("the preview has not come yet; it is waited for",))

    def _show(self, picture: TriagePicture) -> None:
        with self._lock:
            self._picture = picture

    def _say_failed(self, error: Exception) -> None:
        """Shows that triage itself failed: what was found before stands, and `r` does not exist."""
        what = clean(redact(f"{type(error).__name__}: {error}"), 200)
        trouble = Trouble(
            "triage", f"Triage itself failed in this round ({what}); it tries again.", "Nothing was changed. Press w to answer the questions yourself."
        )
        with self._lock:
            before = self._picture
            self._picture = replace(before, at=self._now(), complete=False, suggestion=None, trouble=trouble)


def heard_or_read(heard: Callable[[], T | None], read: Callable[[], T]) -> T:
    """Takes thousands of objects from the feed that has them anyway; asks for them where it cannot be believed, for the reason.

    What the feed may not read is not asked for again by every round: it raises Forbidden by itself.
    """
    found = heard()
    return read() if found is None else found
