"""What a server's Date tells of two clocks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gospel_rollback_tui.domain.clock_skew import skew_of, skew_words


@pytest.mark.parametrize(
    ("date", "sent", "received", "skew"),
    [
        (1000.0, 1000.2, 1000.3, 0.0),
        (1000.0, 1000.9, 1001.4, 0.0),
        (1000.0, 1000.0, 1008.0, 0.0),
        (1240.0, 1000.0, 1000.5, 239.5),
        (1240.0, 1000.0, 1008.0, 232.0),
        (760.0, 1000.0, 1000.5, -239.0),
        (760.0, 1000.0, 1008.0, -239.0),
    ],
)
def test_what_the_way_may_explain_is_no_skew(date: float, sent: float, received: float, skew: float) -> None:
    """A slow link makes the difference smaller, never larger."""
    assert skew_of(date, sent, received) == pytest.approx(skew)


@given(st.floats(-1e5, 1e5), st.floats(0, 30), st.floats(0, 30), st.floats(0, 0.999))
def test_the_skew_found_is_never_more_than_the_real_one(real: float, there: float, back: float, fraction: float) -> None:
    """And has its sign, whatever the way takes and wherever in its second the server stands."""
    sent = 1e6 + fraction
    written = float(int(sent + there + real))
    found = skew_of(written, sent, sent + there + back)
    assert abs(found) <= abs(real) + 1e-6
    assert found == 0 or (found > 0) == (real > 0)


@pytest.mark.parametrize(
    ("skew", "words"),
    [
        (0.0, ""),
        (29.9, ""),
        (-29.9, ""),
        (240.0, "This host's clock is 4 min behind the cluster's, which ages go by."),
        (238.6, "This host's clock is 4 min behind the cluster's, which ages go by."),
        (-45.0, "This host's clock is 45 s ahead of the cluster's, which ages go by."),
    ],
)
def test_a_skew_is_said_from_half_a_minute_on(skew: float, words: str) -> None:
    """Which clock is where, in words."""
    assert skew_words(skew) == words
