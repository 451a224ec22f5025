"""How long the simulated account takes for what it does; a drill runs faster than Amazon."""

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds of each transition, as Amazon usually takes them."""

    creating: float = 900.0
    backing_up: float = 240.0
    modifying: float = 180.0
    renaming: float = 540.0
    lingering: float = 60.0
    """How long the old name still answers after a rename."""
    rebooting: float = 60.0
    deleting: float = 240.0
    unseen: float = 0.0
    """How long an accepted change does not show in what is described."""

    def faster(self, speed: float) -> "Pace":
        """Returns the pace of a drill that runs that many times faster."""
        return Pace(**{one.name: getattr(self, one.name) / speed for one in fields(self)})


RESTORABLE_LAG_SECONDS = 300.0
"""How far the latest restorable time is behind now."""
