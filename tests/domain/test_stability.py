"""The stability watch: what counts as held, what flaps, what only makes it wait."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gospel_rollback_tui.domain.estate import StabilityRule
from gospel_rollback_tui.domain.feed import Moment
from gospel_rollback_tui.domain.health import Verdict
from gospel_rollback_tui.domain.stability import Reset, Sample, SignalSample, Watch, begin, end_early, fold

RULE = StabilityRule(minutes=1.0, sample_seconds=5.0, failures_to_flap=3)
VERDICTS = {"g": Verdict.GOOD, "b": Verdict.BAD, "u": Verdict.UNKNOWN, "e": Verdict.BAD}


def at(second: float) -> Moment:
    """Returns the moment of that second."""
    return Moment(second, 1000.0 + second)


def sample(second: float, letters: str) -> Sample:
    """Returns a sample of signals s0, s1…, each by a letter: good, bad, unknown, or a bad event; a dot leaves it out."""
    signals = (SignalSample(f"s{n}", VERDICTS[letter], letter, letter == "e") for n, letter in enumerate(letters) if letter != ".")
    return Sample(at(second), tuple(signals))


def watched(rows: list[str], rule: StabilityRule = RULE) -> Watch:
    """Returns the watch after one sample a row, five seconds apart."""
    watch = begin(rule, [f"s{n}" for n in range(len(rows[0]))])
    for number, row in enumerate(rows):
        watch = fold(watch, sample(number * 5.0, row))
    return watch


@pytest.mark.parametrize(
    ("rows", "held", "resets"),
    [
        (["g"], 0, []),
        (["g", "g"], 5, []),
        (["g", "b", "g"], 0, []),
        (["g", "g", "b", "g", "g"], 10, []),
        (["g", "g", "b", "b", "g"], 5, []),
        (["g", "g", "b", "b", "b"], 0, [("s0", 5)]),
        (["g", "g", "b", "b", "b", "b", "b", "g", "g"], 5, [("s0", 5)]),
        (["g", "b", "b", "u", "b"], 0, [("s0", 0)]),
        (["g", "b", "b", "g", "b", "b", "g"], 0, []),
        (["b", "b", "b", "g", "b", "b", "b"], 0, [("s0", 0), ("s0", 0)]),
        (["g", "g", "e", "g", "g"], 5, [("s0", 5)]),
        (["g", "g", "e", "e", "g"], 0, [("s0", 5), ("s0", 0)]),
        (["g", "g", "u", "u", "u", "u", "g", "g"], 10, []),
        (["gg", "gg", "g.", "gg", "gg"], 10, []),
        (["gg", "gu", "gg", "gg"], 5, []),
        (["gg", "gg", "gb", "gb", "eb"], 0, [("s0", 5), ("s1", 0)]),
    ],
)
def test_what_a_watch_holds_after_samples(rows: list[str], held: int, resets: list[tuple[str, int]]) -> None:
    """Time counts only between two good samples; three bad ones in a row, or one event, start the clock again."""
    watch = watched(rows)
    assert watch.held == held
    assert [(reset.signal, reset.lost) for reset in watch.resets] == resets


def test_it_is_stable_when_the_whole_time_was_good_and_still_is() -> None:
    """One minute at five seconds: thirteen good samples, not twelve."""
    assert not watched(["g"] * 12).stable
    assert watched(["g"] * 13).stable
    assert not watched([*["g"] * 13, "u"]).stable
    assert not watched([*["g"] * 13, "b"]).stable


def test_unknown_extends_the_watch_for_as_long_as_it_lasts() -> None:
    """Ten minutes of silence bring nothing nearer to stable."""
    watch = watched([*["g"] * 7, *["u"] * 120, *["g"] * 6])
    assert not watch.stable
    assert watch.held == 55
    assert fold(watch, sample(133 * 5.0, "g")).stable


def test_a_gap_in_which_nobody_watched_does_not_count() -> None:
    """A laptop or a runner that slept saw nothing."""
    watch = watched(["g", "g"])
    slept = fold(watch, sample(600.0, "g"))
    assert slept.held == 5
    assert fold(slept, sample(605.0, "g")).held == 10


def test_a_reset_says_which_signal_when_and_what_was_lost() -> None:
    """For the line under the signals."""
    watch = watched(["gg", "gg", "ge"])
    assert watch.resets == (Reset(1010.0, "s1", "e", 5.0),)
    assert watch.newest_reset_at(at(10.0)) == watch.resets[0]
    assert watch.newest_reset_at(at(15.0)) is None


def test_the_clock_runs_from_where_it_would_have_begun_without_standing_still() -> None:
    """So that now minus it is what was held."""
    watch = watched(["g", "g", "u", "g", "g"])
    assert watch.clock_from == 1020.0 - watch.held == 1010.0


def test_what_keeps_the_clock_from_running_is_named_bad_before_unknown() -> None:
    """Good signals are not."""
    assert [signal.name for signal in watched(["gub"]).waits_for()] == ["s2", "s1"]


def test_a_signal_remembers_since_when_and_its_stretches() -> None:
    """The time axis is drawn from them."""
    signal = watched(["g", "g", "b", "g"]).signals[0]
    assert signal.since == 1015.0
    assert [(stretch.verdict, stretch.begin, stretch.end) for stretch in signal.history] == [
        (Verdict.GOOD, 1000.0, 1010.0),
        (Verdict.BAD, 1010.0, 1015.0),
        (Verdict.GOOD, 1015.0, 1015.0),
    ]


def test_it_ends_early_only_by_a_written_decision() -> None:
    """And then it is over, and not stable."""
    watch = watched(["g", "g"])
    with pytest.raises(ValueError, match="written reason"):
        end_early(watch, "  ")
    ended = end_early(watch, "MK: handed over")
    assert ended.ended_early == "MK: handed over"
    assert not ended.stable
    assert fold(ended, sample(99.0, "g")) == ended


def test_a_sample_that_is_not_later_changes_nothing() -> None:
    """A clock that stands still cannot make time pass."""
    watch = watched(["g", "g"])
    assert fold(watch, sample(5.0, "b")) == watch


ROWS = st.lists(st.text(alphabet="gbue.", min_size=3, max_size=3), min_size=1, max_size=60)


@given(ROWS)
def test_no_history_holds_more_than_was_seen_to_be_good(rows: list[str]) -> None:
    """Held time never exceeds the good stretch at the end, bad and unknown samples apart; only good time makes it stable."""
    watch = watched(rows)
    good = [all(letter == "g" for letter in row) for row in rows]
    pairs = sum(before and after for before, after in itertools.pairwise(good))
    assert 0 <= watch.held <= 5.0 * pairs
    if watch.stable:
        assert good[-1]
        assert pairs >= 12


@given(ROWS)
def test_after_a_flap_only_what_came_later_counts(rows: list[str]) -> None:
    """The time held is never longer than the time since the last reset."""
    watch = watched(rows)
    if watch.resets:
        assert watch.held <= 1000.0 + (len(rows) - 1) * 5.0 - watch.resets[-1].at
    for reset in watch.resets:
        row = rows[int((reset.at - 1000.0) / 5)]
        assert row[int(reset.signal[1])] in "be"


@given(ROWS)
def test_without_three_bad_in_a_row_or_an_event_nothing_resets(rows: list[str]) -> None:
    """Lost answers on a bad link are no flap."""
    if any("e" in row for row in rows):
        rows = [row.replace("e", "g") for row in rows]
    columns = ["".join(row[n] for row in rows).replace(".", "u").replace("u", "") for n in range(3)]
    assert bool(watched(rows).resets) == any("bbb" in column for column in columns)


@given(ROWS, st.integers(min_value=1, max_value=5))
def test_a_stricter_rule_resets_no_less(rows: list[str], failures: int) -> None:
    """Fewer bad samples to flap never means more time held."""
    strict = watched(rows, replace(RULE, failures_to_flap=failures))
    lax = watched(rows, replace(RULE, failures_to_flap=failures + 1))
    assert strict.held <= lax.held
