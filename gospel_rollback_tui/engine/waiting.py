"""Expired credentials: the run waits and says so, and nothing counts as failed meanwhile."""

from collections.abc import Callable
from typing import TypeVar

from gospel_rollback_tui.domain.errors import CredentialsExpired, RollbackError
from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.engine.incident import Incident

CREDENTIALS = "credentials"
"""`reason` of WAITING while nobody knows who we are."""
TRY_SECONDS = 5.0
"""Between two tries of a read while waiting."""

T = TypeVar("T")


class Credentials:
    """Every read of the engine goes through here, and turns an expired login into waiting."""

    def __init__(self, incident: Incident) -> None:
        """Knows nothing of the login yet."""
        self._incident = incident
        self.waited = 0.0
        """Seconds waited so far; they count against no timeout."""
        self._since = 0.0
        self._missed: Callable[[], object] | None = None
        """The read that found the login expired, where it is one of several logins."""

    def read(self, look: Callable[[], T], *, repeatable: bool = False) -> T:
        """Returns what the read returns; an expired login begins the waiting, and an answer ends it.

        Args:
            look: The read; raises what it raises.
            repeatable: Whether it may be made again at any time to find out whether the login is good: while one system's
                login has expired, another's answers say nothing.
        """
        try:
            seen = look()
        except CredentialsExpired as error:
            self.expired(error, look if repeatable else None)
            raise
        if self._missed is None:
            self.answered()
        return seen

    def expired(self, error: CredentialsExpired, look: Callable[[], object] | None = None) -> None:
        """Records that the run waits for a login; `look` is a read that needs it."""
        record = self._incident.record
        with record.mutex:
            self._missed = look or self._missed
            if record.run and not record.run.waiting and not record.run.closed:
                self._since = self._incident.now()
                record.append(Kind.WAITING, reason=CREDENTIALS, detail=error.text)

    def answered(self) -> None:
        """Records that the run goes on, if it was waiting."""
        record = self._incident.record
        with record.mutex:
            if record.run and record.run.waiting == CREDENTIALS:
                self.waited += max(0.0, self._incident.now() - self._since) if self._since else 0.0
                record.append(Kind.GOING_ON, reason="the login is good again")

    def try_again(self) -> bool:
        """Reads the credentials again, then who we are and what was missed, and returns whether the run goes on."""
        self._incident.world.renew()
        missed = self._missed
        try:
            self._incident.world.identity.current()
            if missed is not None:
                _answers(missed)
        except CredentialsExpired as error:
            self.expired(error)
            return False
        self._missed = None
        self.answered()
        return True


def _answers(look: Callable[[], object]) -> None:
    """Makes a read again; whatever it says, somebody knows who asks, unless it raises CredentialsExpired."""
    try:
        look()
    except CredentialsExpired:
        raise
    except RollbackError:
        return
