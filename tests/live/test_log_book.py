"""The log book: counts that age, kinds of error, bounded memory."""

from gospel_rollback_tui.domain.log_lines import marker_line
from gospel_rollback_tui.live.follower import TAIL_LINES
from gospel_rollback_tui.live.log_book import LINES_KEPT, LINES_OF_EACH, LINES_PER_SECOND, LINES_SAVED, MINUTES_KEPT, SIGNATURES_KEPT, LogBook
from gospel_rollback_tui.live.logs import STREAMS

NOW = 1_700_000_000.0


def a_book() -> LogBook:
    """Returns an empty book of two services."""
    return LogBook(["gateway", "auth"])


def test_errors_are_counted_by_service_and_minute() -> None:
    """The last minute is the last number; each earlier minute has its own."""
    book = a_book()
    for second in (0, 10, 50, 70, 130):
        book.write("panic: nil map", "gateway", "p", NOW - second, NOW)
    book.write("GET / 200", "gateway", "p", NOW, NOW)
    gateway, auth = book.errors(NOW, {"gateway": 1})
    assert gateway.per_minute == 3
    assert gateway.history[-3:] == (1, 1, 3)
    assert len(gateway.history) == MINUTES_KEPT
    assert (auth.per_minute, sum(auth.history)) == (0, 0)
    assert (gateway.known, auth.known) == (True, False)


def test_errors_leave_the_minute_as_time_goes_on() -> None:
    """Nothing needs to arrive for the count to fall."""
    book = a_book()
    book.write("panic: x", "gateway", "p", NOW, NOW)
    assert book.errors(NOW + 50, {})[0].per_minute == 1
    assert book.errors(NOW + 65, {})[0].per_minute == 0
    assert sum(book.errors(NOW + 65, {})[0].history) == 1
    assert sum(book.errors(NOW + 3600, {})[0].history) == 0


def test_a_line_from_the_future_counts_for_now() -> None:
    """A cluster whose clock runs ahead does not hide its errors."""
    book = a_book()
    book.write("panic: x", "gateway", "p", NOW + 500, NOW)
    assert book.errors(NOW, {})[0].per_minute == 1


def test_equal_kinds_are_counted_together_with_first_and_last() -> None:
    """Most frequent first, with the newest line as the sample."""
    book = a_book()
    book.write("panic: id 1", "gateway", "p", NOW - 30, NOW)
    book.write("panic: id 2", "gateway", "p", NOW - 90, NOW)
    book.write("panic: id 2", "auth", "p", NOW, NOW)
    book.write("panic: id 77", "gateway", "p", NOW - 5, NOW)
    first, second = book.signatures()
    assert (first.service, first.signature, first.count) == ("gateway", "panic: id …", 3)
    assert (first.sample, first.first_seen, first.last_seen) == ("panic: id 77", NOW - 90, NOW - 5)
    assert (second.service, second.count) == ("auth", 1)


def test_a_kind_has_a_headline_without_time_level_and_fields() -> None:
    """The whole line is kept beside it."""
    book = a_book()
    book.write('2026-11-23T03:12:01Z ERROR panic: nil map request="GET /x" status=500', "gateway", "p", NOW, NOW)
    (kind,) = book.signatures()
    assert (kind.message, kind.sample) == ("panic: nil map", 'ERROR panic: nil map request="GET /x" status=500')


def test_lines_are_kept_by_service_and_merged_by_time() -> None:
    """Two services side by side read in the order in which they were written; markers stand between."""
    book = a_book()
    book.write("2026-11-23T03:12:02Z b", "auth", "p", NOW, NOW)
    book.write("2026-11-23T03:12:01Z a", "gateway", "p", NOW, NOW)
    book.note(marker_line("container restarted", "gateway", "p", 1_795_403_523.0))
    assert [line.text for line in book.lines(["gateway"])] == ["a", "container restarted"]
    assert [line.text for line in book.lines(["gateway", "auth"])] == ["a", "b", "container restarted"]
    assert book.lines([]) == ()


def test_memory_is_bounded_and_what_is_left_out_is_counted() -> None:
    """Lines beyond the ring that nobody saw, lines too fast to read, and kinds beyond their limit."""
    book = a_book()
    for number in range(LINES_KEPT + 10):
        book.write(f"line {number}", "gateway", "p", NOW, NOW)
    assert len(book.lines(["gateway"])) == LINES_KEPT
    assert book.unshown == 10
    book.write("one more", "gateway", "p", NOW, NOW)
    assert len(book.lines(["gateway"])) == LINES_KEPT
    assert book.unshown == 10, "a line that was seen before it left is not lost"
    for _ in range(LINES_SAVED + 5):
        book.write("panic: storm", "auth", "p", NOW + 1, NOW + 1)
    assert (book.unread, book.unshown) == (5, 10)
    assert book.errors(NOW + 1, {})[1].per_minute == LINES_SAVED
    for number in range(SIGNATURES_KEPT + 50):
        letters = "".join(chr(ord("g") + int(digit)) for digit in str(number))
        book.write(f"panic: {letters}", "gateway", "p", NOW + 2, NOW + 2)
    assert len(book.signatures()) == SIGNATURES_KEPT


def test_a_count_is_a_lower_bound_while_lines_of_its_minute_were_not_read() -> None:
    """Of the service whose lines they were, and only until they are a minute old."""
    book = a_book()
    for _ in range(LINES_SAVED - 1):
        book.write("panic: storm", "auth", "p", NOW, NOW)
    book.write("panic: heard", "gateway", "p", NOW, NOW)
    assert [row.at_least for row in book.errors(NOW, {})] == [False, False]
    book.write("GET / 200", "auth", "p", NOW, NOW)
    assert [row.at_least for row in book.errors(NOW, {})] == [False, True]
    assert [row.at_least for row in book.errors(NOW + 50, {})] == [False, True]
    assert [row.at_least for row in book.errors(NOW + 65, {})] == [False, False]


def test_a_service_that_rages_leaves_no_other_unheard() -> None:
    """So many lines a second of each are read whatever the others write, and no more."""
    book = a_book()
    for _ in range(2 * LINES_SAVED):
        book.write("panic: storm", "auth", "p", NOW, NOW)
    for _ in range(LINES_OF_EACH):
        book.write("panic: heard", "gateway", "p", NOW, NOW)
    (gateway, auth) = book.errors(NOW, {})
    assert (gateway.per_minute, gateway.at_least) == (LINES_OF_EACH, False)
    assert (auth.per_minute, auth.at_least) == (LINES_SAVED, True)
    book.write("panic: one too many", "gateway", "p", NOW, NOW)
    assert book.errors(NOW, {})[0].at_least


def test_quiet_seconds_save_up_for_a_burst() -> None:
    """What pods wrote before the start is read whole; a storm that lasts is read at its rate, and calm fills the store again."""
    book = a_book()

    def storm(second: int, lines: int) -> int:
        before = book.unread
        for _ in range(lines):
            book.write("GET / 200", "auth", "p", NOW + second, NOW + second)
        return lines - (book.unread - before)

    assert storm(0, STREAMS * TAIL_LINES) == STREAMS * TAIL_LINES
    assert storm(1, 9000) == LINES_PER_SECOND
    assert storm(2, 9000) == LINES_PER_SECOND
    assert storm(1, 9000) == LINES_PER_SECOND, "a clock that is put back"
    assert storm(4, 2 * LINES_PER_SECOND) == 2 * LINES_PER_SECOND
    assert storm(1000, 9000) == LINES_SAVED


def test_lines_that_only_went_by_unseen_were_counted() -> None:
    """What is left out of the pictures takes nothing from the count."""
    book = a_book()
    for number in range(LINES_PER_SECOND):
        book.write(f"panic: {number}", "gateway", "p", NOW, NOW)
    book.lines(["gateway"])
    (gateway, _) = book.errors(NOW, {})
    assert (book.unshown, book.unread) == (LINES_PER_SECOND - LINES_KEPT, 0)
    assert (gateway.per_minute, gateway.at_least) == (LINES_PER_SECOND, False)


def test_a_flood_that_lasts_keeps_memory_of_its_last_minute_only() -> None:
    """However many hours it rages."""
    book = a_book()
    for second in range(0, 4000, 5):
        book._pass_over("auth", NOW + second, NOW + second)
    assert len(book._pages["auth"].unread) <= 25
