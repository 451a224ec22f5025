"""A simulated estate in the test's own process: for nights that no script of the drill tells, and for a look behind its scenes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gospel_rollback_tui.drill.endpoints import EstateEndpoints
from gospel_rollback_tui.drill.script import Script
from gospel_rollback_tui.drill.simulated import SimulatedEstate
from tests.e2e.drilling import Drill, end_runners


@dataclass(frozen=True)
class ServedHere:
    """A simulated estate that this process serves."""

    endpoints: EstateEndpoints
    simulated: SimulatedEstate

    def is_running(self) -> bool:
        """Returns whether it answers: until the block ends, always."""
        return True


@contextmanager
def served_here(directory: Path, script: Script, *, hold: str = "6s", sample: str = "1s") -> Iterator[Drill]:
    """Serves the estate of a script until the block ends."""
    estate = SimulatedEstate(directory, script, hold, sample)
    try:
        drill = Drill(ServedHere(estate.start(), estate))
        try:
            yield drill
        finally:
            end_runners(drill)
    finally:
        estate.close()
