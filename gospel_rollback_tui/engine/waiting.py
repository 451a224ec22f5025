"""Expired credentials: the run waits and says so, and nothing counts as failed meanwhile."""

from collections.abc import Callable
from typing import TypeVar

from gospel_rollback_tui.domain.errors import CredentialsExpired
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

    def read(self, look: Callable[[], T]) -> T:
        """Returns what the read returns; an expired login begins the waiting, and the first answer ends it.

        Raises whatever the read raises.
        """
        try:
            seen = look()
        except CredentialsExpired as error:
            self.expired(error)
            raise
        self.answered()
        return seen

    def expired(self, error: CredentialsExpired) -> None:
        """Records that the run waits for a login."""
        record = self._incident.record
        with record.mutex:
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
        """Reads the credentials again, then who we are, and returns whether the run goes on."""
        self._incident.world.renew()
        try:
            self.read(self._incident.world.identity.current)
        except CredentialsExpired:
            return False
        return True
