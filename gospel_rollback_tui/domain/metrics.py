"""Judges a metric against its own past: what it was before the incident, what it is now, and what cannot be told.

Absent, empty, not a number, several series, too old: each is unknown in words, and never zero.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from gospel_rollback_tui.domain.feed import STALE_AFTER, Moment
from gospel_rollback_tui.domain.health import Verdict
from gospel_rollback_tui.domain.metric_queries import MetricKind, MetricQuery, Unit
from gospel_rollback_tui.domain.spans import latency, short_age

BASELINE_SECONDS = 3600.0
"""How long before the onset the usual value is taken from."""
BASELINE_GAP = 120.0
"""Seconds just before the onset that are left out: users notice after the metric has moved."""
LEAST_SAMPLES = 5
"""Samples that make a baseline."""
LEAST_LONG_SAMPLES = 120
"""Samples, of a minute each, that make a baseline where the onset is not known: an hour of failing is then not half of them."""
OLD_SAMPLE = 120.0
"""Seconds by Prometheus' own clock after which a sample says nothing about now."""
FALLEN = 0.8
"""Share of its peak that a falling metric has reached."""


@dataclass(frozen=True, slots=True)
class MetricSample:
    """One value at one time."""

    at: float
    """Wall time by Prometheus' clock."""
    value: float


@dataclass(frozen=True, slots=True)
class MetricAnswer:
    """What one question brought: series of samples, or why there are none."""

    series: tuple[tuple[MetricSample, ...], ...] = ()
    """Each oldest first; of a question about now each has one sample."""
    problem: str = ""
    """Why the query has no answer although the server answered, cleaned; empty: it has."""
    warnings: tuple[str, ...] = ()
    """What the server says beside a good answer, cleaned."""
    at: float = 0.0
    """Wall time by the server's clock; 0: it did not tell."""


@dataclass(frozen=True, slots=True)
class MetricSeries:
    """One query and everything known about it."""

    query: MetricQuery
    history: tuple[MetricSample, ...] = ()
    """Past and present, oldest first, as far as it was read."""
    present: MetricSample | None = None
    problem: str = ""
    """Why there is no present value; empty: there is one, or it was not asked for yet."""
    warnings: tuple[str, ...] = ()
    answered: Moment | None = None
    """When the present was last answered; None: never."""


class Standing(Enum):
    """How a metric stands against what was usual."""

    BACK = "as usual"
    BETTER = "falling, not back yet"
    WORSE = "worse"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class MetricState:
    """A metric, judged."""

    standing: Standing
    words: str
    """For a person: `31 %, usual 0.2 %`, or why it is unknown."""
    value: float | None = None
    """None: not known."""
    baseline: float | None = None
    """The usual value, before the onset; None: not known."""
    limit: float | None = None
    """Up to here it counts as usual; None: not known."""

    @property
    def verdict(self) -> Verdict:
        """Good only when back to the usual; falling is neither good nor bad."""
        return {Standing.BACK: Verdict.GOOD, Standing.WORSE: Verdict.BAD}.get(self.standing, Verdict.UNKNOWN)


def present_of(answer: MetricAnswer) -> tuple[MetricSample | None, str]:
    """Returns the one present value of an answer, or None and why there is none."""
    if answer.problem:
        return None, answer.problem
    if not answer.series or not answer.series[0]:
        return None, "absent: the query finds nothing"
    if len(answer.series) > 1:
        return None, f"{len(answer.series)} series where one is wanted: aggregate them, as with sum()"
    sample = answer.series[0][-1]
    if math.isnan(sample.value):
        return None, "not a number: no traffic, or nothing to divide by"
    if math.isinf(sample.value):
        return None, "infinite: divided by nothing"
    if answer.at and answer.at - sample.at > OLD_SAMPLE:
        return None, f"the newest sample is {short_age(answer.at - sample.at)} old"
    return sample, ""


def past_of(answer: MetricAnswer) -> tuple[MetricSample, ...]:
    """Returns the past of an answer that has exactly one series, without what is no number."""
    if answer.problem or len(answer.series) != 1:
        return ()
    return tuple(sample for sample in answer.series[0] if math.isfinite(sample.value))


def baseline_of(history: Sequence[MetricSample], onset: float) -> float | None:
    """Returns the median of the hour before the onset; None: the onset is not known (0), or too little is known before it."""
    if not onset:
        return None
    from statistics import median  # takes 10 ms to import, which the first paint need not wait for

    before = [sample.value for sample in history if onset - BASELINE_SECONDS <= sample.at <= onset - BASELINE_GAP]
    return median(before) if len(before) >= LEAST_SAMPLES else None


def long_baseline_of(query: MetricQuery, history: Sequence[MetricSample]) -> float | None:
    """Returns the median of the whole past, for an incident whose onset is not known; None: the past is too short to be told from the incident.

    An error rate that is above what is never worse is no usual value that could be believed.
    """
    from statistics import median  # takes 10 ms to import, which the first paint need not wait for

    if len(history) < LEAST_LONG_SAMPLES:
        return None
    usual = median(sample.value for sample in history)
    failing = query.kind is MetricKind.ERROR_RATE and query.worse_above is not None and usual > query.worse_above
    return None if failing else usual


def judge_metric(series: MetricSeries, onset: float, now: float) -> MetricState:
    """Returns how a metric stands at monotonic time `now` in an incident that began at wall time `onset`; 0: not known.

    At most `worse_above` is as usual whatever was usual before. Above it, without a baseline, nothing can be told.
    """
    baseline = baseline_of(series.history, onset) if onset else long_baseline_of(series.query, series.history)
    unknown = _unknown(series, now)
    if unknown or series.present is None:
        return MetricState(Standing.UNKNOWN, unknown or "not asked yet", baseline=baseline)
    query, value = series.query, series.present.value
    limit = _limit(query, baseline)
    shown = value_words(value, query.unit)
    if limit is not None and value <= limit:
        usual = f", usual {value_words(baseline, query.unit)}" if baseline is not None else f", at most {value_words(limit, query.unit)}"
        return MetricState(Standing.BACK, shown + usual, value, baseline, limit)
    if baseline is None or limit is None:
        reason = "usual value not known" if onset else "the onset is not known"
        return MetricState(Standing.UNKNOWN, f"{shown}: {reason}", value, baseline, limit)
    standing = _above(series, value, limit, onset)
    words = f"{shown}, usual {value_words(baseline, query.unit)}" + (", falling" if standing is Standing.BETTER else "")
    return MetricState(standing, words, value, baseline, limit)


def _unknown(series: MetricSeries, now: float) -> str:
    if series.answered is None:
        return series.problem or "not asked yet"
    old = now - series.answered.monotonic
    if old > STALE_AFTER:
        return f"no answer for {short_age(old)}" + (f": {series.problem}" if series.problem else "")
    return series.problem if series.present is None else ""


def _limit(query: MetricQuery, baseline: float | None) -> float | None:
    allowed = [] if query.worse_above is None else [query.worse_above]
    if baseline is not None:
        allowed.append(baseline * query.tolerance if baseline > 0 else baseline)
    return max(allowed, default=None)


def _above(series: MetricSeries, value: float, limit: float, onset: float) -> Standing:
    """Returns whether a value above the limit falls from its peak, or is worse: also when it had been back since."""
    since = [sample for sample in series.history if sample.at >= onset - BASELINE_GAP]
    peak = max(since, key=lambda sample: sample.value, default=None)
    if peak is None or value > peak.value * FALLEN:
        return Standing.WORSE
    been_back = any(sample.at > peak.at and sample.value <= limit for sample in since)
    return Standing.WORSE if been_back else Standing.BETTER


def value_words(value: float, unit: Unit) -> str:
    """Returns a value as people read it: `31 %`, `0.2 %`, `840 ms`, `12/s`."""
    match unit:
        case Unit.RATIO:
            return f"{_short(value * 100)} %"
        case Unit.PERCENT:
            return f"{_short(value)} %"
        case Unit.SECONDS:
            return latency(value)
        case Unit.MILLISECONDS:
            return latency(value / 1000)
        case Unit.PER_SECOND:
            return f"{_short(value)}/s"
        case Unit.COUNT:
            return _short(value)


def _short(value: float) -> str:
    """Returns a number in at most three digits that tell, without an exponent up to a million."""
    if abs(value) >= 1e6:
        return f"{value:.2e}"
    if abs(value) >= 99.95:
        return f"{value:.0f}"
    return f"{value:.2g}" if abs(value) < 9.95 else f"{value:.3g}"


def change_words(state: MetricState) -> str:
    """Returns how far the value is from the usual one: `155 times`, `half`, empty where one of them is not known."""
    if state.value is None or state.baseline is None:
        return ""
    if state.baseline <= 0:
        return "" if state.value <= 0 else "was none"
    factor = state.value / state.baseline
    return f"×{factor:.0f}" if factor >= 9.95 else f"×{factor:.1f}"


def spark_values(history: Sequence[MetricSample], newest: float, seconds: float, cells: int) -> tuple[float | None, ...]:
    """Returns the greatest value of each of `cells` equal times that end at wall time `newest`; None: nothing is known of that time."""
    width = seconds / cells
    found: list[float | None] = [None] * cells
    for sample in history:
        place = cells - 1 - math.floor((newest - sample.at) / width)
        if 0 <= place < cells:
            before = found[place]
            found[place] = sample.value if before is None else max(before, sample.value)
    return tuple(found)
