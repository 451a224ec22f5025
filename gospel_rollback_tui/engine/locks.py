"""Keeps the environment's lock: takes it, renews it, and says when it is not known to be ours."""

from threading import RLock

from gospel_rollback_tui.domain.errors import CredentialsExpired, NotSent, OutcomeUnknown, Refused, RollbackError
from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.engine.incident import Incident
from gospel_rollback_tui.engine.ports import LockHolder
from gospel_rollback_tui.engine.waiting import Credentials

RENEW_SECONDS = 10.0
"""Between two renewals; the lock lasts three times as long."""
DOUBT_SECONDS = 20.0
"""Age of the last proof beyond which the lock is read again before anything is sent: the machine may have slept."""
RECOVER_SECONDS = 2.0
"""Between two looks while the lock is not known to be ours."""
SOMEBODY_ELSE = "it is somebody else's now"


def held_by(holder: LockHolder) -> str:
    """Returns who holds the environment and what they last meant to do, without a full stop."""
    words = f"the environment is held by {holder.owner} with run {holder.run}"
    if holder.step:
        words += f", at step {holder.step}"
    if holder.intent:
        words += f", last intent {holder.intent}"
    return words + (" (not renewed any more)" if holder.expired else "")


class LockKeeper:
    """The one user of the lock port; safe to call from any thread."""

    def __init__(self, incident: Incident, credentials: Credentials) -> None:
        """Holds nothing yet."""
        self._incident = incident
        self._credentials = credentials
        self._mutex = RLock()
        self._proved = 0.0
        self._note = ("", "")
        self._ever_ours = False
        self.other = ""
        """Who holds it instead, as far as was seen; empty: nobody is known to."""

    def acquire(self) -> str:
        """Takes the lock if it may be taken, and returns why not otherwise; either is recorded."""
        with self._mutex:
            try:
                holder = self._credentials.read(lambda: self._incident.world.lock.acquire(self._incident.owner, self._incident.run_id))
            except RollbackError as error:
                return self._lost("", f"the environment's lock could not be taken: {error.text}")
            if holder is None:
                self._won()
                return ""
            self.other = held_by(holder)
            return self._lost(holder.owner, self.other)

    def take_over(self, who: str, reason: str) -> LockHolder | None:
        """Takes the lock whoever holds it, and returns who held it; raises what the port raises."""
        with self._mutex:
            holder = self._credentials.read(lambda: self._incident.world.lock.take_over(self._incident.owner, self._incident.run_id, reason))
            self._won(holder.owner if holder else "", f"{who}: {reason}")
            return holder

    def prove(self, step: str, intent: str) -> None:
        """Renews the lock with what is about to be done; raises Refused, naming the reason, if it is not ours."""
        with self._mutex:
            self._note = (step, intent)
            if self._incident.record.opened.lock_lost:
                self._recover()
            elif self._ever_ours:
                self._renew()
            else:
                self.acquire()
            lost = self._incident.record.opened.lock_lost
            if lost:
                raise Refused(f"Nothing is sent without the environment's lock: {lost}.", next_step="Take over with a reason, or do it by hand (`h`).")

    def still_ours(self) -> str:
        """Returns why nothing more may be sent, reading the lock again if its last proof is old; empty: it is ours."""
        with self._mutex:
            run = self._incident.record.opened
            if run.lock_lost or self._incident.now() - self._proved > DOUBT_SECONDS:
                self._recover()
            return self._incident.record.opened.lock_lost

    def rest(self) -> None:
        """Forgets the last intent: what was meant is over. The next renewal says so."""
        with self._mutex:
            self._note = ("", "")

    def beat(self) -> float:
        """Renews, or looks whether the lock is ours again; returns the seconds until the next time."""
        run = self._incident.record.run
        if run is None or run.closed or self._incident.read_only or not (self._ever_ours or run.lock_lost):
            return RECOVER_SECONDS
        with self._mutex:
            if not run.lock_lost:
                self._renew()
            elif self._ever_ours:
                self._recover()
            elif not self.other:
                self.acquire()
            return RECOVER_SECONDS if self._incident.record.opened.lock_lost else RENEW_SECONDS

    def release(self) -> None:
        """Gives the lock back if it is ours; a lock that cannot be given back expires."""
        run = self._incident.record.run
        if run is None or run.lock_lost or not self._ever_ours:
            return
        with self._mutex:
            try:
                self._incident.world.lock.release()
            except (NotSent, Refused, OutcomeUnknown):
                return

    def _written(self) -> tuple[str, str]:
        """Returns step and intent as the lock should say them: what nobody knows the outcome of stays until it is known."""
        for step in self._incident.record.opened.unknown:
            return step.id, "; ".join(call.where for call in step.unresolved) or step.title
        return self._note

    def _renew(self) -> None:
        step, intent = self._written()
        try:
            ours = self._credentials.read(lambda: self._incident.world.lock.renew(step, intent))
        except (NotSent, Refused, OutcomeUnknown) as error:
            self._lost("", f"it could not be renewed: {error.text}")
            return
        if ours:
            self._proved = self._incident.now()
        else:
            self.other = SOMEBODY_ELSE
            self._lost("", SOMEBODY_ELSE)

    def _recover(self) -> None:
        try:
            ours = self._credentials.read(self._incident.world.lock.ours)
        except CredentialsExpired:
            self._lost("", "it cannot be read: the login has expired")
            return
        except (NotSent, Refused) as error:
            self._lost("", f"it cannot be read: {error.text}")
            return
        if not ours:
            self.other = self.other or SOMEBODY_ELSE
            self._lost("", self.other)
            return
        step, intent = self._written()
        try:
            renewed = self._credentials.read(lambda: self._incident.world.lock.renew(step, intent))
        except (NotSent, Refused, OutcomeUnknown) as error:
            self._lost("", f"it could not be renewed: {error.text}")
            return
        if renewed:
            self._won("", "read as our own again")

    def _won(self, taken_over_from: str = "", reason: str = "") -> None:
        record = self._incident.record
        self._proved = self._incident.now()
        self.other = ""
        with record.mutex:
            if not self._ever_ours or record.opened.lock_lost or taken_over_from:
                record.append(Kind.LOCKED, holder=self._incident.owner, taken_over_from=taken_over_from, reason=reason)
        self._ever_ours = True

    def _lost(self, holder: str, detail: str) -> str:
        record = self._incident.record
        with record.mutex:
            if record.opened.lock_lost != detail and not record.opened.closed:
                record.append(Kind.LOCK_LOST, holder=holder or record.opened.holder, detail=detail)
        return detail
