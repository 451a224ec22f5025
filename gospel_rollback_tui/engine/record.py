"""The journal and the run it makes, kept together: no record is written that the run could not fold."""

from collections.abc import Callable
from threading import Event as Stop
from threading import RLock

from gospel_rollback_tui.domain.errors import JournalError
from gospel_rollback_tui.domain.events import Event, Kind
from gospel_rollback_tui.domain.fold import fold, fold_all
from gospel_rollback_tui.domain.run import Run
from gospel_rollback_tui.engine.ports import Clock, Journal

RETRY_SECONDS = 1.0
"""Between two tries to write down what has already happened."""


class Record:
    """The one way into the journal, for every thread.

    Hold `mutex` to look at the run and write behind it as one act.
    """

    def __init__(self, journal: Journal, clock: Clock) -> None:
        """Folds what the journal already holds; raises JournalError if it cannot be folded."""
        self.mutex = RLock()
        self.broken = ""
        """Why the journal cannot be written; empty: it can. While it is set nothing may be sent."""
        self._journal = journal
        self._clock = clock
        self._run = fold_all(journal.events())

    @property
    def run(self) -> Run | None:
        """The run as it stands; None before it is opened.

        Waits for a record that is being written: whoever has read it in the file must find the run behind it.
        """
        with self.mutex:
            return self._run

    @property
    def opened(self) -> Run:
        """The run as it stands; only after it was opened."""
        run = self.run
        assert run is not None, "the run is not open"
        return run

    def append(self, kind: Kind, **fields: object) -> Run:
        """Writes one record and returns the run after it.

        Raises IllegalTransition, with nothing written, if the record cannot follow; JournalError if it cannot be written.
        """
        with self.mutex:
            seq = self._run.seq + 1 if self._run else 0
            fold(self._run, Event(seq, self._clock.now(), kind, fields))
            try:
                event = self._journal.append(kind, fields)
            except JournalError as error:
                self.broken = error.sentences()
                raise
            self.broken = ""
            self._run = fold(self._run, event)
            return self._run

    def append_if(self, condition: Callable[[Run], bool], kind: Kind, **fields: object) -> bool:
        """Writes the record if the condition holds of the run at that moment, and returns whether it did."""
        with self.mutex:
            if not condition(self.opened):
                return False
            self.append(kind, **fields)
            return True

    def insist(self, stop: Stop, kind: Kind, **fields: object) -> Run:
        """Writes what has already happened, trying again until the journal takes it.

        Raises JournalError only once `stop` is set: whoever reads the journal then finds the call without its result, which is true.
        """
        while True:
            try:
                return self.append(kind, **fields)
            except JournalError:
                if not self.broken or self._clock.wait(stop, RETRY_SECONDS):
                    raise
