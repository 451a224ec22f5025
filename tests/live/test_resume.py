"""A resumed log stream neither repeats nor skips a line."""

from hypothesis import given
from hypothesis import strategies as st

from gospel_rollback_tui.live.resume import Resume


def stamped(nanoseconds: int, text: str) -> str:
    """Returns a line as the kubelet writes it, near the beginning of time."""
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    return f"1970-01-01T00:00:{seconds:02}.{rest:09}Z {text}"


def test_the_first_stream_is_taken_as_it_is() -> None:
    """Equal lines of one moment are two lines."""
    resume = Resume()
    assert resume.since is None
    resume.reopened()
    assert [resume.is_new(stamped(5, "a")) for _ in range(2)] == [True, True]


def test_a_resumed_stream_repeats_from_its_second_and_only_what_is_new_counts() -> None:
    """Known lines of the last moment are left out as often as they were seen."""
    resume = Resume()
    resume.reopened()
    lines = [stamped(1_000_000_001, "a"), stamped(1_500_000_000, "b"), stamped(1_500_000_000, "b"), stamped(1_500_000_000, "c")]
    assert all(resume.is_new(line) for line in lines[:2])
    assert resume.since == 1.0
    resume.reopened()
    assert [resume.is_new(line) for line in lines] == [False, False, True, True]
    resume.reopened()
    assert [resume.is_new(line) for line in [*lines, stamped(2_000_000_000, "d")]] == [False, False, False, False, True]


def test_lines_without_a_stamp_are_left_out_only_while_a_stream_repeats_itself() -> None:
    """They cannot be told from known ones then."""
    resume = Resume()
    resume.reopened()
    assert resume.is_new("no stamp")
    assert resume.is_new(stamped(5, "a"))
    resume.reopened()
    assert not resume.is_new("no stamp")
    assert resume.is_new(stamped(6, "b"))
    assert resume.is_new("no stamp")


@given(st.lists(st.tuples(st.integers(0, 4_000_000_000), st.sampled_from("ab")), max_size=40), st.lists(st.integers(0, 40), max_size=5))
def test_any_cuts_bring_every_line_once(log: list[tuple[int, str]], cuts: list[int]) -> None:
    """However often a stream is cut, the lines taken are the log."""
    lines = [stamped(at, text) for at, text in sorted(log)]
    resume = Resume()
    taken: list[str] = []
    begin = 0
    for cut in [*sorted(cuts), len(lines)]:
        since = resume.since
        begin = next((n for n, line in enumerate(lines) if since is None or float(line[17:19]) >= since), len(lines))
        resume.reopened()
        taken += [line for line in lines[begin : max(cut, begin)] if resume.is_new(line)]
    assert taken == lines
