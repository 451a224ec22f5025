"""Reading one item ahead."""

from collections.abc import Iterator
from threading import Event as Stop

import pytest

from gospel_rollback_tui.live.ahead import read_ahead
from tests.live.waiting import until


def test_the_next_item_is_fetched_while_the_present_one_is_worked_on() -> None:
    """The second item has been made before the first one was let go of; the order stays."""
    made = [Stop(), Stop(), Stop()]

    def items() -> Iterator[int]:
        for number, done in enumerate(made):
            done.set()
            yield number

    taken = []
    for number in read_ahead(items()):
        if number + 1 < len(made):
            until(made[number + 1].is_set, "the next item")
        taken.append(number)
    assert taken == [0, 1, 2]


def test_nothing_is_nothing() -> None:
    """An iterator without items ends at once."""
    assert list(read_ahead(iter(()))) == []


def test_a_failure_comes_after_the_items_before_it() -> None:
    """What was read before an error is still handed out, then the error is raised where the item would have been."""

    def items() -> Iterator[int]:
        yield 1
        raise ValueError("the second page")

    reading = read_ahead(items())
    assert next(reading) == 1
    with pytest.raises(ValueError, match="the second page"):
        next(reading)


def test_who_stops_in_the_middle_asks_for_no_more_than_one() -> None:
    """Two items were asked for when one was taken: never a third."""
    asked: list[int] = []

    def items() -> Iterator[int]:
        for number in range(5):
            asked.append(number)
            yield number

    reading = read_ahead(items())
    assert next(reading) == 0
    until(lambda: len(asked) == 2, "the item ahead")
    del reading
    assert asked == [0, 1]
