"""What a case is: a name, what it does to an estate, and the comparable value of what a client sees."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from gospel_rollback_tui.drill.kubernetes.documents import Json, JsonValue
from tests.real.conformance.client import Ask, Reply
from tests.real.conformance.stage import Stage

Play = Callable[[Stage], JsonValue]
"""Plays on a stage and returns a JSON value that two equal estates have in common."""


@dataclass(frozen=True, slots=True)
class Case:
    """One call, or a short story of several."""

    name: str
    play: Play


def ask(name: str, request: Ask, shown: Callable[[Reply], JsonValue], by: str = "admin") -> Case:
    """Returns the case of a single request that changes nothing: what it looks at was there before."""
    return Case(name, lambda stage: shown(stage.send(request, by)))


def story(play: Play) -> Case:
    """Makes a function a case of that name; it is free to make objects under `stage.name`."""
    return Case(play.__name__.replace("_", "-"), play)


class Played:
    """One estate and what its cases said; each case is played once."""

    def __init__(self, stage: Stage) -> None:
        """Plays nothing yet."""
        self.stage = stage
        self._answers: Json = {}

    def answer(self, case: Case) -> JsonValue:
        """Returns what a case says of the estate."""
        if case.name not in self._answers:
            self._answers[case.name] = case.play(replace(self.stage, name=f"x-{case.name}"[:60].rstrip("-")))
        return self._answers[case.name]
