"""Every case says the same of both estates, but for what is listed with its reason."""

import json

import pytest

from gospel_rollback_tui.drill.kubernetes.documents import JsonValue
from tests.real.conformance.case import Case, Played
from tests.real.conformance.cases import CASES
from tests.real.conformance.comparing import differences
from tests.real.conformance.known_differences import KNOWN, KnownDifference


def found_differences(case: Case, simulated: Played, real: Played) -> dict[str, tuple[JsonValue, JsonValue]]:
    """Returns where the two estates differ: place → (simulated, real)."""
    told = [json.loads(json.dumps(estate.answer(case))) for estate in (simulated, real)]
    return differences(*told)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_client_sees_the_same(case: Case, simulated: Played, real: Played) -> None:
    """What the simulated estate answers is what the real one answers."""
    unknown = {
        place: {"simulated": pair[0], "real": pair[1]}
        for place, pair in found_differences(case, simulated, real).items()
        if not any(known.covers(case.name, place) for known in KNOWN)
    }
    assert not unknown, json.dumps(unknown, indent=1)


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: f"{known.case}-{known.place}")
def test_a_known_difference_is_one(known: KnownDifference, simulated: Played, real: Played) -> None:
    """A difference that has gone is taken off the list."""
    case = next(case for case in CASES if case.name == known.case)
    assert any(known.covers(case.name, place) for place in found_differences(case, simulated, real))


def test_every_case_has_a_name_of_its_own() -> None:
    """A name is the key under which an estate's answer is kept."""
    names = [case.name for case in CASES]
    assert sorted(names) == sorted(set(names))
