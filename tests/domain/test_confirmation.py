"""The confirmation ladder: what each danger demands."""

from dataclasses import replace

import pytest

from gospel_rollback_tui.domain.confirmation import Confirmation, demand, shortfall
from gospel_rollback_tui.domain.danger import Danger


def _given(second_person: str = "", break_glass: str = "", typed: str = "db") -> Confirmation:
    return Confirmation("wipe", 1, "f", Danger.IRREVERSIBLE, "Ada", typed, second_person, break_glass)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (_given(), "break-glass"),
        (_given("bob"), "break-glass"),
        (_given("bob", "  "), "break-glass"),
        (_given("", "nobody answers"), ""),
        (_given("bob", "nobody answers"), ""),
        (_given(" ADA ", "nobody answers"), "another person"),
        (_given("bob", "nobody answers", "d"), "typed in full"),
    ],
)
def test_irreversible_takes_a_written_reason_whatever_second_name_is_typed(given: Confirmation, why: str) -> None:
    """A typed name proves nobody's approval, and one's own in other letters is still one's own."""
    found = shortfall(demand(Danger.IRREVERSIBLE, "db"), given)
    assert why in found
    assert bool(found) == bool(why)


@pytest.mark.parametrize(("danger", "word"), [(Danger.REVERSIBLE, ""), (Danger.DISRUPTIVE, "yes"), (Danger.DESTRUCTIVE, "db")])
def test_each_rung_below_takes_its_word_and_no_reason(danger: Danger, word: str) -> None:
    """A key, `yes`, or the target's name."""
    assert shortfall(demand(danger, "db"), Confirmation("wipe", 1, "f", danger, "ada", word)) == ""


@pytest.mark.parametrize("danger", list(Danger))
def test_what_nobody_could_prove_takes_a_written_reason_on_every_rung(danger: Danger) -> None:
    """Without a reason it is refused, and the refusal says what is unproved; with one the rung's own demands stand."""
    asked = demand(danger, "db", "Nobody could read the sync policy.")
    given = Confirmation("undo", 1, "f", danger, "ada", asked.word, "", "alone")
    assert "Nobody could read the sync policy." in shortfall(asked, given)
    assert shortfall(asked, replace(given, reason="the controller is scaled to none")) == ""
