"""The stability watch of a run: samples every signal from feeds of its own, without a screen."""

import weakref
from collections.abc import Callable
from dataclasses import replace
from threading import Event as Stop
from typing import Protocol

from gospel_rollback_tui.domain import signals
from gospel_rollback_tui.domain.errors import CredentialsExpired
from gospel_rollback_tui.domain.estate import Environment, HttpCheck
from gospel_rollback_tui.domain.feed import FeedState
from gospel_rollback_tui.domain.run import SignalState
from gospel_rollback_tui.domain.signals import ErrorBaseline, RestartBaseline, TemplateBaseline
from gospel_rollback_tui.domain.snapshots import EstateSnapshot
from gospel_rollback_tui.domain.stability import Sample, SignalSample, Watch, begin, end_early, fold
from gospel_rollback_tui.engine.ports import WatchReport
from gospel_rollback_tui.live.ports import Clock

FRESH_FACTOR = 3.0
"""An answer counts while it is no older than this many sample intervals."""


class Pictures(Protocol):
    """Where the watch sees the estate: `EstateFeeds`, started."""

    def snapshot(self) -> EstateSnapshot:
        """Returns everything as it stands, at once."""

    def stop(self) -> None:
        """Ends every feed; returns at once."""


class StabilityWatch:
    """Folds samples into a watch; one object a watch, used by one thread. The engine's `StabilityWatch` port.

    The pictures are the watch's own: they end when it is closed, or forgotten.
    """

    def __init__(
        self,
        environment: Environment,
        pictures: Pictures,
        clock: Clock,
        *,
        symptom: HttpCheck | None,
        recovered: float,
        guard: Callable[[], SignalSample] | None = None,
        onset: float = 0.0,
    ) -> None:
        """Begins without a sample.

        Args:
            environment: The estate.
            pictures: Where it is seen.
            clock: Time and waiting.
            symptom: The incident's request, if it has one.
            recovered: Wall time from which restarts count.
            guard: Tells whether something would revert or has reverted the change.
            onset: Wall time before which metrics were as usual; 0: not known.
        """
        self._rule = environment.stability
        self._services = tuple(service.name for service in environment.services)
        self._pictures = pictures
        self._clock = clock
        self._symptom = symptom
        self._guard = guard
        self._onset = onset
        self._metrics = any(query.signal for query in environment.metrics.queries)
        self._restarts = RestartBaseline({}, recovered)
        self._templates = TemplateBaseline({})
        self._errors = ErrorBaseline({})
        names = [signals.SYMPTOM] if symptom is not None else []
        names += [signals.PODS, signals.RESTARTS, signals.HEALTH, signals.READY, signals.ERROR_LOGS]
        names += [*([signals.METRICS] if self._metrics else []), signals.NOTHING_REVERTS]
        self._watch = begin(self._rule, names)
        self._end = weakref.finalize(self, pictures.stop)

    def close(self) -> None:
        """Ends the feeds; returns at once."""
        self._end()

    @property
    def watch(self) -> Watch:
        """The watch as it stands."""
        return self._watch

    def sample(self) -> WatchReport:
        """Takes one sample of each signal from the feeds' newest picture and judges; returns at once.

        Raises CredentialsExpired while the cluster does not know who asks: nothing can be seen then.
        """
        picture = self._pictures.snapshot()
        refused = next((part.status for name, part in picture.parts() if name != "metrics" and part.status.state is FeedState.REFUSED), None)
        if refused is not None:
            raise CredentialsExpired(refused.detail or refused.state.value)
        at = self._clock.now()
        before = len(self._watch.resets)
        self._watch = fold(self._watch, Sample(at, self._signals(picture, at.monotonic)))
        fresh = self._watch.resets[before:]
        states = tuple(SignalState(one.name, one.verdict.value, one.words, one.since) for one in self._watch.signals)
        return WatchReport(states, self._watch.clock_from, (fresh[0].signal, fresh[0].words) if fresh else None, self._watch.stable)

    def end_early(self, decision: str) -> None:
        """Ends the watch by a written decision; raises ValueError when nothing is written."""
        self._watch = end_early(self._watch, decision)

    def run(self, stop: Stop, publish: Callable[[WatchReport, Watch], None]) -> Watch:
        """Samples until stable, ended early or stopped, publishing each report; returns the watch as it ended."""
        while not stop.is_set():
            report = self.sample()
            publish(report, self._watch)
            if report.stable or self._watch.ended_early:
                break
            self._clock.wait(stop, self._rule.sample_seconds)
        return self._watch

    def _signals(self, picture: EstateSnapshot, now: float) -> tuple[SignalSample, ...]:
        fresh = self._rule.sample_seconds * FRESH_FACTOR
        restarts, self._restarts = signals.restarts_signal(picture.pods, self._restarts, self._services, now)
        templates, self._templates = signals.templates_signal(picture.rollout, self._templates, self._services, now)
        errors, self._errors = signals.errors_signal(picture.logs, self._rule, self._errors, self._services, now)
        found = [
            signals.pods_signal(picture.pods, picture.rollout, self._services, now),
            restarts,
            signals.health_signal(signals.HEALTH, picture.health, ("health",), now, fresh),
            signals.health_signal(signals.READY, picture.health, ("ready", "endpoint"), now, fresh),
            errors,
            self._guarded(templates),
        ]
        if self._metrics:
            found.append(signals.metrics_signal(picture.metrics, self._onset, now))
        if self._symptom is not None:
            found.insert(0, signals.symptom_signal(picture.health, self._symptom, now, fresh))
        return tuple(found)

    def _guarded(self, templates: SignalSample) -> SignalSample:
        """Returns what the templates say, or what the guard says where it knows worse or more."""
        if self._guard is None or templates.event:
            return templates
        guarded = replace(self._guard(), name=signals.NOTHING_REVERTS)
        return guarded if templates.verdict.value == "good" or guarded.verdict.value == "bad" else templates
