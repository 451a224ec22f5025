"""How the estate stood when a step began, for who asks whether it has become better since."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the first paint waits for none of them
    from gospel_rollback_tui.domain.run import Run
    from gospel_rollback_tui.domain.snapshots import EstateSnapshot


class Before:
    """Remembers the last picture taken before each attempt of a step began.

    An attempt that was under way when this app came has none: nobody here saw how it stood.
    """

    def __init__(self) -> None:
        """Has seen nothing yet."""
        self.begun: tuple[str, EstateSnapshot] | None = None
        """The step that was last begun, and how it stood then."""
        self._still: EstateSnapshot | None = None
        """The newest picture taken while no step was being sent."""
        self._seen: tuple[str, int] = ("", 0)

    def note(self, run: Run | None, snapshot: EstateSnapshot | None) -> None:
        """Takes a look at the run and the estate."""
        for step in run.steps if run is not None else ():
            fresh = bool(step.calls) and (step.id, step.attempt) != self._seen
            if fresh and self._still is not None and self._still.taken.wall <= step.started:
                self.begun, self._seen = (step.id, self._still), (step.id, step.attempt)
        current = run.current if run is not None else None
        if current is None or not current.calls:
            self._still = snapshot
