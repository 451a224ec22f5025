"""Waiting for the real estate: what waited in vain is mended once, and never twice."""

import pytest

from gospel_rollback_tui.drill.real.processes import EstateError
from gospel_rollback_tui.drill.real.waiting import once_more


@pytest.mark.parametrize(("failures", "made", "mended"), [(0, 1, 0), (1, 2, 1)])
def test_an_attempt_that_waited_in_vain_is_made_again_after_a_mend(failures: int, made: int, mended: int) -> None:
    """One that succeeds is mended by nobody."""
    done: list[str] = []

    def attempt() -> str:
        done.append("attempt")
        if done.count("attempt") <= failures:
            raise EstateError("Waited in vain.")
        return "there"

    assert once_more(attempt, lambda: done.append("mend")) == "there"
    assert (done.count("attempt"), done.count("mend")) == (made, mended)


def test_the_second_failure_counts() -> None:
    """An estate that is broken says so."""

    def attempt() -> str:
        raise EstateError("Waited in vain.")

    with pytest.raises(EstateError, match="Waited in vain"):
        once_more(attempt, lambda: None)
