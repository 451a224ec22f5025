"""Durations and ages read as operators say them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gospel_rollback_tui.domain import spans

DAY = 86400


@pytest.mark.parametrize(
    ("seconds", "words"), [(-3, "0:00"), (0, "0:00"), (58, "0:58"), (58.9, "0:58"), (412, "6:52"), (900, "15:00"), (3600, "1:00:00"), (3729, "1:02:09")]
)
def test_a_running_clock(seconds: float, words: str) -> None:
    """Minutes and seconds, hours only when there are some."""
    assert spans.clock(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-1, "0.0 s"), (0.3, "0.3 s"), (1, "1 s"), (71, "71 s"), (119.9, "119 s"), (120, "2 min"), (600, "10 min"), (7200, "2 h"), (3 * DAY, "3 d")],
)
def test_a_duration_has_one_telling_unit(seconds: float, words: str) -> None:
    """The larger unit comes only when the smaller one is noise."""
    assert spans.span(seconds) == words


@pytest.mark.parametrize(("seconds", "words"), [(0, "0 ms"), (0.009, "9 ms"), (0.9994, "999 ms"), (0.9996, "1.0 s"), (1.24, "1.2 s")])
def test_a_latency(seconds: float, words: str) -> None:
    """Milliseconds below a second."""
    assert spans.latency(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "<invalid>"),
        (-1, "0s"),
        (0, "0s"),
        (119, "119s"),
        (120, "2m"),
        (125, "2m5s"),
        (599, "9m59s"),
        (600, "10m"),
        (10799, "179m"),
        (10800, "3h"),
        (12000, "3h20m"),
        (28799, "7h59m"),
        (28800, "8h"),
        (172799, "47h"),
        (172800, "2d"),
        (187200, "2d4h"),
        (8 * DAY, "8d"),
        (729 * DAY, "729d"),
        (730 * DAY, "2y"),
        (810 * DAY, "2y80d"),
        (8 * 365 * DAY, "8y"),
    ],
)
def test_an_age_says_what_kubectl_says(seconds: float, words: str) -> None:
    """The buckets of Kubernetes' human duration, at their edges."""
    assert spans.age(seconds) == words


@pytest.mark.parametrize(("seconds", "words"), [(-4, "0 s"), (9, "9 s"), (420, "7 m"), (10800, "3 h"), (12 * DAY, "12 d")])
def test_a_short_age(seconds: float, words: str) -> None:
    """One unit for narrow columns."""
    assert spans.short_age(seconds) == words


@given(st.floats(min_value=-10, max_value=1e10))
def test_every_span_fits_a_narrow_column(seconds: float) -> None:
    """No duration takes more than nine characters below three centuries."""
    assert len(spans.span(seconds)) <= 9
    assert len(spans.age(seconds)) <= 9
    assert len(spans.short_age(seconds)) <= 9
