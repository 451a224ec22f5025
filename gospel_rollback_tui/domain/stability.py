"""The stability watch as a fold over samples: how long everything has held, what flapped, what is not known.

A flap, which is `failures_to_flap` bad samples of one signal in a row or one event that cannot be a lost answer,
starts the clock again. Unknown is not good: the clock stands still while any signal is unknown. Nothing but time
that was seen to be good makes a rollback stable.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from gospel_rollback_tui.domain.estate import StabilityRule
from gospel_rollback_tui.domain.feed import Moment
from gospel_rollback_tui.domain.health import Verdict

GAP_SAMPLES = 3.0
"""Sample intervals after which the time between two samples counts as not watched: a suspended machine saw nothing."""
HISTORY_LIMIT = 400
"""Stretches kept of each signal's history."""


@dataclass(frozen=True, slots=True)
class SignalSample:
    """One signal at one moment."""

    name: str
    """`symptom`, `pods`, `restarts`, `/health`, `/ready`, `error logs`, `nothing reverts`…"""
    verdict: Verdict
    words: str
    """What was seen, e.g. `12 of 12 ready`."""
    event: bool = False
    """Bad, and no lost answer: a restart, a reverted template. It flaps by itself."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Every signal at one moment."""

    at: Moment
    signals: tuple[SignalSample, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in which a signal's verdict did not change, for the time axis."""

    verdict: Verdict
    begin: float
    """Wall time."""
    end: float


@dataclass(frozen=True, slots=True)
class SignalWatch:
    """One signal, as it stands."""

    name: str
    verdict: Verdict = Verdict.UNKNOWN
    words: str = "not asked yet"
    since: float = 0.0
    """Wall time since when the verdict is what it is."""
    bad_in_a_row: int = 0
    """Bad samples since the last good one; unknown ones neither add nor clear."""
    flapping: bool = False
    """Whether the bad row already counted as a flap."""
    history: tuple[Stretch, ...] = ()


@dataclass(frozen=True, slots=True)
class Reset:
    """A flap, and what it cost."""

    at: float
    """Wall time."""
    signal: str
    words: str
    lost: float
    """Good seconds that no longer count."""


@dataclass(frozen=True, slots=True)
class Watch:
    """The whole watch, as it stands."""

    rule: StabilityRule
    signals: tuple[SignalWatch, ...]
    started: Moment | None = None
    """First sample."""
    last: Moment | None = None
    """Newest sample."""
    held: float = 0.0
    """Good seconds since the last flap."""
    all_good: bool = False
    """Whether the newest sample was good throughout."""
    resets: tuple[Reset, ...] = ()
    ended_early: str = ""
    """Why it was ended before its time, and by whom; empty: it was not."""

    @property
    def needed(self) -> float:
        """Good seconds that make it stable."""
        return self.rule.minutes * 60

    @property
    def stable(self) -> bool:
        """Whether it has held long enough and still does."""
        return not self.ended_early and self.all_good and self.held >= self.needed

    @property
    def clock_from(self) -> float:
        """Wall time from which the clock would have run without standing still; 0: not begun."""
        return 0.0 if self.last is None else self.last.wall - self.held

    def waits_for(self) -> tuple[SignalWatch, ...]:
        """Returns the signals that keep the clock from running: bad ones first, then unknown ones."""
        held_up = [signal for signal in self.signals if signal.verdict is not Verdict.GOOD]
        return tuple(sorted(held_up, key=lambda signal: signal.verdict is not Verdict.BAD))

    def newest_reset_at(self, moment: Moment) -> Reset | None:
        """Returns the flap that the sample taken at `moment` brought, if it brought one."""
        found = [reset for reset in self.resets if reset.at == moment.wall]
        return found[0] if found else None


def begin(rule: StabilityRule, signals: Iterable[str]) -> Watch:
    """Returns a watch of those signals that has seen nothing yet."""
    return Watch(rule, tuple(SignalWatch(name) for name in signals))


def fold(watch: Watch, sample: Sample) -> Watch:
    """Returns the watch after one more sample.

    A signal that the sample lacks is unknown. A sample that is not later than the last one changes nothing.
    """
    if watch.ended_early or (watch.last is not None and sample.at.monotonic <= watch.last.monotonic):
        return watch
    seen = {signal.name: signal for signal in sample.signals}
    missing = {signal.name: SignalSample(signal.name, Verdict.UNKNOWN, "not asked") for signal in watch.signals}
    moved = tuple(_advance(signal, seen.get(signal.name, missing[signal.name]), sample.at, watch.rule) for signal in watch.signals)
    all_good = bool(moved) and all(signal.verdict is Verdict.GOOD for signal in moved)
    held = watch.held + (_good_time(watch, sample.at) if all_good else 0.0)
    flapped = tuple(now for before, now in zip(watch.signals, moved, strict=True) if now.flapping and not before.flapping)
    events = tuple(s for s in moved if s.flapping and s not in flapped and s.name in seen and seen[s.name].event)
    resets = tuple(Reset(sample.at.wall, signal.name, signal.words, watch.held if first == 0 else 0.0) for first, signal in enumerate(flapped + events))
    if resets:
        held = 0.0
    return replace(
        watch,
        signals=moved,
        started=watch.started or sample.at,
        last=sample.at,
        held=held,
        all_good=all_good,
        resets=watch.resets + resets,
    )


def end_early(watch: Watch, decision: str) -> Watch:
    """Returns the watch ended by a written decision; raises ValueError when nothing is written."""
    if not decision.strip():
        raise ValueError("ending the stability watch early takes a written reason")
    return replace(watch, ended_early=decision.strip())


def _good_time(watch: Watch, at: Moment) -> float:
    """Returns the seconds since the last sample, if both ends were good and somebody watched in between."""
    if watch.last is None or not watch.all_good:
        return 0.0
    passed = at.monotonic - watch.last.monotonic
    return passed if passed <= watch.rule.sample_seconds * GAP_SAMPLES else 0.0


def _advance(signal: SignalWatch, sample: SignalSample, at: Moment, rule: StabilityRule) -> SignalWatch:
    bad = signal.bad_in_a_row
    if sample.verdict is Verdict.BAD:
        bad += 1
    elif sample.verdict is Verdict.GOOD:
        bad = 0
    flapping = bad > 0 and (signal.flapping or bad >= rule.failures_to_flap or (sample.event and sample.verdict is Verdict.BAD))
    same = sample.verdict is signal.verdict and signal.history
    return SignalWatch(
        signal.name,
        sample.verdict,
        sample.words,
        signal.since if same else at.wall,
        bad,
        flapping,
        _lengthened(signal.history, sample.verdict, at.wall),
    )


def _lengthened(history: tuple[Stretch, ...], verdict: Verdict, wall: float) -> tuple[Stretch, ...]:
    if not history:
        return (Stretch(verdict, wall, wall),)
    last = replace(history[-1], end=max(wall, history[-1].begin))
    if last.verdict is verdict:
        return (*history[:-1], last)
    return (*history[:-1], last, Stretch(verdict, wall, wall))[-HISTORY_LIMIT:]
