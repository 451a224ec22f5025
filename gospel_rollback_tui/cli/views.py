"""What the screens see: live feeds, triage and previews, made in a thread after the first paint.

Until `begin` has run, every view answers at once that there is nothing yet: the first screen never waits for a client library.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gospel_rollback_tui.domain.errors import NoRoute, RollbackError
from gospel_rollback_tui.domain.estate import Environment, HttpCheck
from gospel_rollback_tui.domain.runbook import Answer, Library, Path, Question

if TYPE_CHECKING:  # imported after the first paint, in a thread
    import pathlib

    from gospel_rollback_tui.cli.adapters import Adapters
    from gospel_rollback_tui.cli.early_feeds import EarlyFeeds
    from gospel_rollback_tui.diagnosis.triage import Triage
    from gospel_rollback_tui.domain.preview import Preview
    from gospel_rollback_tui.domain.snapshots import EstateSnapshot
    from gospel_rollback_tui.domain.triage import Suggestion, TriagePicture
    from gospel_rollback_tui.engine.ports import Action, ChoiceList, StepRequest
    from gospel_rollback_tui.live.estate import EstateFeeds

START_SECONDS = 20.0
"""How long a preview waits for the clients to be imported."""


@dataclass(frozen=True, slots=True)
class _Started:
    adapters: Adapters
    feeds: EstateFeeds
    triage: Triage
    actions: Mapping[str, Action]


class Estate:
    """One environment as an app sees it; answers the screens' ports `EstateView`, `TriageView` and `Planner`."""

    def __init__(self, environment: Environment, library: Library, operator: str, clones: pathlib.Path) -> None:
        """Starts nothing; `clones` holds the clones of git repositories."""
        self._clones = clones
        self._environment = environment
        self._library = library
        self._operator = operator
        self._symptom: HttpCheck | None = environment.symptoms[0] if environment.symptoms else None
        self._ready = threading.Event()
        self._early: EarlyFeeds | None = None
        """The feeds, which run before everything else has been imported."""
        self._started: _Started | None = None
        self._failed: RollbackError | None = None
        """Why feeds and probes could not be started."""

    def begin_feeds(self) -> None:
        """Imports what reads the cluster and starts the feeds; called once, in a thread."""
        self._attempt(self._start_feeds)

    def begin(self) -> None:
        """Imports the other clients and starts probes; called once, in a thread, after `begin_feeds`."""
        if self._failed is None:
            self._attempt(self._start)
        self._ready.set()

    def _attempt(self, start: Callable[[], None]) -> None:
        try:
            start()
        except RollbackError as error:
            self._failed = error
        except Exception as error:  # noqa: BLE001  the boundary of this thread: a fault of ours must be said on the first screen, which would wait for ever
            from gospel_rollback_tui.diagnosis.probes import fault_of

            self._failed = fault_of("Feeds and probes", error)

    def _start_feeds(self) -> None:
        from gospel_rollback_tui.cli.early_feeds import start_feeds

        self._early = start_feeds(self._environment, self._symptom)

    def _start(self) -> None:
        early = self._early
        if early is None:
            raise RuntimeError("begin_feeds comes first")
        from gospel_rollback_tui.cli.adapters import Adapters

        made = Adapters(self._environment, self._clones, connection=early.connection)
        early.bring(made.probe, made.metrics)
        from gospel_rollback_tui.cli.acting import actions
        from gospel_rollback_tui.diagnosis.triage import Triage

        triage = Triage(
            environment=self._environment,
            library=self._library,
            reads=made.reads,
            probe=made.probe,
            feeds=early.feeds,
            gates=made.gates,
            planner=self._plan_suggestion,
            now=time.time,
        )
        self._started = _Started(made, early.feeds, triage, actions(made))
        triage.start()
        threading.Thread(target=made.fetch_early, name="fetch", daemon=True).start()

    def close(self) -> None:
        """Ends feeds and probes; returns at once."""
        if self._early is not None:
            self._early.feeds.stop()
        if self._started is not None:
            self._started.triage.stop()
            self._started.adapters.close()

    def renew(self) -> None:
        """Reads credentials again and lets everything that waited ask at once."""
        if self._started is not None:
            self._started.adapters.renew()
            self._started.feeds.retry_now()
            self._started.triage.refresh()

    def snapshot(self) -> EstateSnapshot | None:
        """Returns the feeds' newest picture."""
        return self._early.feeds.snapshot() if self._early is not None else None

    def follow(self, services: Sequence[str]) -> None:
        """Asks for the log lines of those services."""
        if self._early is not None:
            self._early.feeds.choose_logs(*services)

    def last_log(self, namespace: str, pod: str, container: str, previous: bool) -> tuple[str, ...]:
        """Returns the last lines of a container that no feed follows; blocks."""
        if self._early is None:
            raise NoRoute("The clients have not started yet.", next_step="Wait a second and try again.")
        from gospel_rollback_tui.infra.cluster.feeding import last_lines

        return last_lines(self._early.connection, namespace, pod, container, previous=previous)

    def picture(self) -> TriagePicture | None:
        """Returns the newest picture of triage; one that says why, where nothing could be started."""
        if self._started is not None:
            return self._started.triage.picture()
        if self._failed is None:
            return None
        from gospel_rollback_tui.domain.triage import TriagePicture, Trouble

        return TriagePicture(time.time(), complete=True, trouble=Trouble("program", self._failed.text, self._failed.next_step))

    def answer(self, question: Question, answer: Answer) -> None:
        """Notes the operator's answer."""
        if self._started is not None:
            self._started.triage.answer(question, answer)

    def answers(self) -> Mapping[str, str]:
        """Returns the answers so far."""
        return self._started.triage.answers() if self._started is not None else {}

    def choose_symptom(self, check: HttpCheck | None) -> None:
        """Makes that request the symptom, for triage and for the health pane."""
        self._symptom = check
        if self._started is not None:
            self._started.triage.choose_symptom(check)
        if self._early is not None and check is not None:
            self._early.feeds.choose_symptom(check)

    def refresh(self) -> None:
        """Asks every probe again."""
        if self._started is not None:
            self._started.triage.refresh()

    def skew(self) -> float:
        """Returns by how many seconds the cluster's clock is ahead of this host's; 0 until it has answered."""
        return self._started.adapters.skew() if self._started is not None else 0.0

    @property
    def symptom(self) -> HttpCheck | None:
        """The incident's symptom as chosen."""
        return self._symptom

    def choices(self, path: Path, step: str, inputs: Mapping[str, str]) -> tuple[ChoiceList, ...]:
        """Returns the live lists that set the step's inputs; blocks."""
        request = self._request(path, step, inputs, self._symptom)
        return self._action(request).choices(request)

    def plan(self, path: Path, step: str, inputs: Mapping[str, str]) -> Preview:
        """Returns what the step would do with those inputs; blocks."""
        request = self._request(path, step, inputs, self._symptom)
        return self._action(request).plan(request)

    def _plan_suggestion(self, suggestion: Suggestion, symptom: HttpCheck | None) -> Preview:
        path = self._library.runbook(suggestion.scenario).path(suggestion.path)
        request = self._request(path, suggestion.step, suggestion.inputs, symptom)
        return self._action(request).plan(request)

    def _request(self, path: Path, step: str, inputs: Mapping[str, str], symptom: HttpCheck | None) -> StepRequest:
        from gospel_rollback_tui.engine.ports import StepRequest

        return StepRequest("", self._environment, path.step(step), inputs, self._operator, symptom)

    def _action(self, request: StepRequest) -> Action:
        if self._started is None:
            self._ready.wait(START_SECONDS)
        if self._started is None:
            raise self._failed or NoRoute("The clients have not started yet.", next_step="Wait a second and try again.")
        return self._started.actions[request.step.action]
