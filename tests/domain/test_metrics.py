"""A metric against its own past: back, better, worse, and every way of not being known."""

import math
from dataclasses import replace

import pytest

from gospel_rollback_tui.domain.feed import Moment
from gospel_rollback_tui.domain.health import Verdict
from gospel_rollback_tui.domain.metric_queries import DEFAULT_QUERIES, MetricKind, MetricQuery, Unit, expanded, metric_query
from gospel_rollback_tui.domain.metrics import (
    MetricAnswer,
    MetricSample,
    MetricSeries,
    Standing,
    baseline_of,
    change_words,
    judge_metric,
    past_of,
    present_of,
    spark_values,
    value_words,
)

ONSET = 1_000_000.0
NOW = Moment(500.0, ONSET + 600)
ERRORS = metric_query("error rate", MetricKind.ERROR_RATE, "e")
LATENCY = metric_query("latency p95", MetricKind.LATENCY, "l")
BARE = metric_query("queue", MetricKind.SATURATION, "q", unit=Unit.COUNT)


def samples(begin: float, *values: float, step: float = 60.0) -> tuple[MetricSample, ...]:
    """Returns samples a minute apart."""
    return tuple(MetricSample(begin + step * index, value) for index, value in enumerate(values))


def series(query: MetricQuery, before: float | None, *since: float, answered: Moment | None = NOW) -> MetricSeries:
    """Returns a metric with a calm hour before the onset (None: nothing is known of it) and these values since; the last is the present one."""
    calm = () if before is None else samples(ONSET - 3600, *([before] * 60))
    past = (*calm, *samples(ONSET + 60, *since))
    return MetricSeries(query, past, past[-1] if since else None, answered=answered)


@pytest.mark.parametrize(
    ("query", "before", "since", "standing", "words"),
    [
        (ERRORS, 0.002, (0.31,), Standing.WORSE, "31 %, usual 0.2 %"),
        (ERRORS, 0.002, (0.31, 0.004), Standing.BACK, "0.4 %, usual 0.2 %"),
        (ERRORS, 0.002, (0.31, 0.12), Standing.BETTER, "12 %, usual 0.2 %, falling"),
        (ERRORS, 0.002, (0.31, 0.12, 0.002, 0.04), Standing.WORSE, "4 %, usual 0.2 %"),
        (ERRORS, 0.002, (0.31, 0.29), Standing.WORSE, "29 %, usual 0.2 %"),
        (ERRORS, 0.02, (0.023,), Standing.BACK, "2.3 %, usual 2 %"),
        (ERRORS, None, (0.003,), Standing.BACK, "0.3 %, at most 0.5 %"),
        (ERRORS, None, (0.31,), Standing.UNKNOWN, "31 %: usual value not known"),
        (ERRORS, 0.0, (0.0,), Standing.BACK, "0 %, usual 0 %"),
        (LATENCY, 0.120, (0.150,), Standing.BACK, "150 ms, usual 120 ms"),
        (LATENCY, 0.120, (0.840,), Standing.WORSE, "840 ms, usual 120 ms"),
        (LATENCY, 0.010, (0.030,), Standing.BACK, "30 ms, usual 10 ms"),
        (BARE, 10.0, (11.0,), Standing.BACK, "11, usual 10"),
        (BARE, 10.0, (130.0,), Standing.WORSE, "130, usual 10"),
        (BARE, 0.0, (1.0,), Standing.WORSE, "1, usual 0"),
        (BARE, None, (11.0,), Standing.UNKNOWN, "11: usual value not known"),
    ],
)
def test_a_value_is_held_against_the_hour_before_the_onset(
    query: MetricQuery, before: float | None, since: tuple[float, ...], standing: Standing, words: str
) -> None:
    """Back within its limit is good, above is bad, falling from the peak is neither, and above again after having been back is bad."""
    state = judge_metric(series(query, before, *since), ONSET, NOW.monotonic)
    assert (state.standing, state.words) == (standing, words)


@pytest.mark.parametrize(
    ("standing", "verdict"),
    [(Standing.BACK, Verdict.GOOD), (Standing.WORSE, Verdict.BAD), (Standing.BETTER, Verdict.UNKNOWN), (Standing.UNKNOWN, Verdict.UNKNOWN)],
)
def test_only_back_to_usual_is_good(standing: Standing, verdict: Verdict) -> None:
    """What is unknown or still falls is neither good nor bad."""
    state = judge_metric(series(ERRORS, 0.002, 0.31), ONSET, NOW.monotonic)
    assert replace(state, standing=standing).verdict is verdict


def test_without_an_onset_nothing_above_the_limit_is_judged() -> None:
    """There is too little past to be told from the incident itself."""
    state = judge_metric(series(ERRORS, 0.002, 0.31), 0.0, NOW.monotonic)
    assert (state.standing, state.words, state.baseline) == (Standing.UNKNOWN, "31 %: the onset is not known", None)


@pytest.mark.parametrize(
    ("query", "calm", "failing", "standing", "words"),
    [
        (ERRORS, 0.002, 0.31, Standing.WORSE, "31 %, usual 0.2 %"),
        (ERRORS, 0.002, 0.004, Standing.BACK, "0.4 %, usual 0.2 %"),
        (ERRORS, 0.20, 0.31, Standing.UNKNOWN, "31 %: the onset is not known"),
        (LATENCY, 0.120, 0.840, Standing.WORSE, "840 ms, usual 120 ms"),
        (LATENCY, 0.120, 0.130, Standing.BACK, "130 ms, usual 120 ms"),
    ],
)
def test_without_an_onset_the_median_of_a_long_past_counts(query: MetricQuery, calm: float, failing: float, standing: Standing, words: str) -> None:
    """Hours of calm outweigh what fails since; an error rate that was high all the time is not believed to be usual."""
    past = (*samples(ONSET - 18_000, *([calm] * 300)), *samples(ONSET + 60, *([failing] * 9)))
    state = judge_metric(MetricSeries(query, past, past[-1], answered=NOW), 0.0, NOW.monotonic)
    assert (state.standing, state.words) == (standing, words)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (MetricAnswer(), "absent: the query finds nothing"),
        (MetricAnswer(((),)), "absent: the query finds nothing"),
        (MetricAnswer((samples(ONSET, 1.0), samples(ONSET, 2.0))), "2 series where one is wanted: aggregate them, as with sum()"),
        (MetricAnswer((samples(ONSET, math.nan),)), "not a number: no traffic, or nothing to divide by"),
        (MetricAnswer((samples(ONSET, math.inf),)), "infinite: divided by nothing"),
        (MetricAnswer((samples(ONSET, 1.0),), at=ONSET + 300), "the newest sample is 5 m old"),
        (MetricAnswer(problem="the query is refused: parse error"), "the query is refused: parse error"),
    ],
)
def test_an_answer_without_one_number_is_unknown_in_words_and_never_zero(answer: MetricAnswer, words: str) -> None:
    """Absent, several, no number, infinite, too old, refused."""
    assert present_of(answer) == (None, words)
    present, problem = present_of(answer)
    state = judge_metric(MetricSeries(ERRORS, series(ERRORS, 0.002).history, present, problem, answered=NOW), ONSET, NOW.monotonic)
    assert (state.standing, state.words, state.value) == (Standing.UNKNOWN, words, None)


def test_an_answer_that_is_too_old_is_unknown_whatever_it_said() -> None:
    """A value that was good half a minute ago says nothing about now."""
    state = judge_metric(series(ERRORS, 0.002, 0.002), ONSET, NOW.monotonic + 45)
    assert (state.standing, state.words, state.value) == (Standing.UNKNOWN, "no answer for 45 s", None)
    silent = replace(series(ERRORS, 0.002, 0.002), problem="no whole answer within 4 s")
    assert judge_metric(silent, ONSET, NOW.monotonic + 45).words == "no answer for 45 s: no whole answer within 4 s"


def test_what_was_never_asked_is_unknown() -> None:
    """Not zero, and not good."""
    assert judge_metric(MetricSeries(ERRORS), ONSET, NOW.monotonic).words == "not asked yet"


def test_a_baseline_is_the_median_before_the_onset_without_its_last_two_minutes() -> None:
    """One spike and the first failures of the incident itself do not move it; four samples are none."""
    past = (*samples(ONSET - 600, 1, 1, 50, 1, 1, 1, 1, 1), *samples(ONSET - 100, 90, 90, 90))
    assert baseline_of(past, ONSET) == 1
    assert baseline_of(samples(ONSET - 600, 1, 1, 1, 1), ONSET) is None
    assert baseline_of(samples(ONSET - 7200, *([1.0] * 20)), ONSET) is None


def test_the_past_of_several_series_is_none() -> None:
    """A median of two services' numbers would be nobody's."""
    assert past_of(MetricAnswer((samples(0, 1.0), samples(0, 2.0)))) == ()
    assert past_of(MetricAnswer((samples(0, 1.0, math.nan, 2.0),))) == (MetricSample(0, 1.0), MetricSample(120, 2.0))


@pytest.mark.parametrize(
    ("before", "value", "words"), [(0.002, 0.31, "×155"), (0.1, 0.1, "×1.0"), (0.0, 0.3, "was none"), (0.0, 0.0, ""), (None, 0.3, ""), (0.1, 0.35, "×3.5")]
)
def test_a_change_is_a_factor_of_the_usual_value(before: float | None, value: float, words: str) -> None:
    """Nothing is divided by zero."""
    assert change_words(judge_metric(series(ERRORS, before, value), ONSET, NOW.monotonic)) == words


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (0.0023, Unit.RATIO, "0.23 %"),
        (1.0, Unit.RATIO, "100 %"),
        (99.96, Unit.PERCENT, "100 %"),
        (0.0401, Unit.SECONDS, "40 ms"),
        (1840.0, Unit.MILLISECONDS, "1.8 s"),
        (12.4, Unit.PER_SECOND, "12.4/s"),
        (123_456.0, Unit.COUNT, "123456"),
        (7_300_000.0, Unit.COUNT, "7.30e+06"),
    ],
)
def test_values_are_read_as_people_say_them(value: float, unit: Unit, words: str) -> None:
    """Two or three digits that tell, and the unit."""
    assert value_words(value, unit) == words


def test_a_sparkline_shows_peaks_and_leaves_gaps_where_nothing_is_known() -> None:
    """A gap is no zero."""
    past = (*samples(100, 1, 9, 2, step=1.0), MetricSample(129.0, 4.0))
    assert spark_values(past, 130.0, 30.0, 3) == (9.0, None, 4.0)
    assert spark_values(past[:3], 160.0, 30.0, 3) == (None, None, None)
    assert spark_values(past, 105.0, 30.0, 3) == (None, None, 9.0)
    assert spark_values((*past, MetricSample(111.0, 5.0)), 130.0, 40.0, 4) == (1.0, 9.0, 5.0, 4.0)


def test_placeholders_are_the_estates_names_and_one_query_may_ask_for_every_service() -> None:
    """PromQL's own braces stay as they are."""
    asked = (
        metric_query("errors", MetricKind.ERROR_RATE, 'x{job="{service}",ns="{namespace}",d="{deployment}"}'),
        metric_query("cart", MetricKind.LATENCY, "y{a='{service}'}", service="cart"),
        metric_query("all", MetricKind.SATURATION, "z{a=~'.{2}'}"),
    )
    made = expanded(asked, "shop", (("web", "shop-web"), ("cart", "shop-cart")))
    assert [(query.label, query.promql) for query in made] == [
        ("web errors", 'x{job="web",ns="shop",d="shop-web"}'),
        ("cart errors", 'x{job="cart",ns="shop",d="shop-cart"}'),
        ("cart", "y{a='cart'}"),
        ("all", "z{a=~'.{2}'}"),
    ]


def test_a_limit_is_told_in_the_querys_own_unit() -> None:
    """Half a percent of errors is 0.5 in percent, 50 ms is 50 in milliseconds, and a count has none."""
    assert metric_query("e", MetricKind.ERROR_RATE, "e", unit=Unit.PERCENT).worse_above == 0.5
    assert metric_query("l", MetricKind.LATENCY, "l", unit=Unit.MILLISECONDS).worse_above == 50
    assert metric_query("c", MetricKind.ERROR_RATE, "c", unit=Unit.PER_SECOND).worse_above is None
    assert metric_query("e", MetricKind.ERROR_RATE, "e", worse_above=0.02).worse_above == 0.02


def test_the_defaults_ask_for_errors_latency_and_saturation_of_the_namespace() -> None:
    """Each by one series, with no placeholder left."""
    made = expanded(DEFAULT_QUERIES, "shop", (("web", "shop-web"),))
    assert [query.kind for query in made] == [MetricKind.ERROR_RATE, MetricKind.LATENCY, MetricKind.SATURATION, MetricKind.SATURATION]
    for query in made:
        assert '="shop"' in query.promql
        assert "{namespace}" not in query.promql
        assert query.promql.count("(") == query.promql.count(")")
