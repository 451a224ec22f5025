"""Questions asked at the same time: answers in order, the first error raised, and really at once."""

import threading

import pytest

from gospel_rollback_tui.actions.together import both, together
from gospel_rollback_tui.domain.errors import Forbidden, NotFound


def test_answers_come_in_the_order_of_the_questions_though_all_are_under_way_at_once() -> None:
    """Each waits until all the others have begun: asked one after the other they would never answer."""
    barrier = threading.Barrier(3, timeout=30)

    def ask(number: int) -> int:
        barrier.wait()
        return number

    assert together([lambda: ask(1), lambda: ask(2), lambda: ask(3)]) == (1, 2, 3)


def test_the_first_error_in_order_is_raised() -> None:
    """Whichever ends first, what is told does not depend on chance."""

    def fail(error: Exception) -> int:
        raise error

    with pytest.raises(Forbidden):
        together([lambda: 1, lambda: fail(Forbidden("no")), lambda: fail(NotFound("gone"))])


def test_no_question_needs_no_thread() -> None:
    """Nothing asked, nothing answered."""
    assert together([]) == ()


def test_two_questions_of_different_kinds_are_under_way_at_once() -> None:
    """Each waits for the other, and the answers keep their places."""
    barrier = threading.Barrier(2, timeout=30)

    def ask(answer: str | int) -> str | int:
        barrier.wait()
        return answer

    assert both(lambda: ask("one"), lambda: ask(2)) == ("one", 2)
