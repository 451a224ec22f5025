"""The engine: takes decisions, and works through them in one thread."""

from threading import Event as Stop
from threading import RLock

from gospel_rollback_tui.domain.decisions import Decision, Reply, Verb
from gospel_rollback_tui.domain.errors import CredentialsExpired, RollbackError
from gospel_rollback_tui.domain.estate import Environment
from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.domain.run import Run, StepStatus
from gospel_rollback_tui.domain.runbook import Library
from gospel_rollback_tui.engine.beats import Beats
from gospel_rollback_tui.engine.incident import Incident
from gospel_rollback_tui.engine.order import first_open
from gospel_rollback_tui.engine.parts import Parts
from gospel_rollback_tui.engine.ports import Journal, World
from gospel_rollback_tui.engine.process import Process
from gospel_rollback_tui.engine.record import Record
from gospel_rollback_tui.engine.replies import refused, taken
from gospel_rollback_tui.engine.waiting import TRY_SECONDS
from gospel_rollback_tui.engine.work import Job

POLL_SECONDS = 1.0
"""Between two looks at the conditions of a step."""
IDLE_SECONDS = 0.5
"""Between two looks for work while nothing is under way."""
READY_SECONDS = 30.0
"""How long a decision waits while a run is being taken up again."""
END_SECONDS = 5.0
"""How long the end of the engine waits for threads that are still asking something."""
_UNDER_WAY = (StepStatus.ACTING, StepStatus.VERIFYING, StepStatus.UNKNOWN)


class Engine:
    """Runs one run. `decide` may be called from any thread; `run` works until the run is closed or `stop` is set."""

    def __init__(
        self,
        world: World,
        journal: Journal,
        library: Library,
        environment: Environment,
        *,
        run: str,
        owner: str,
        read_only: bool = False,
        process: Process = Process(),  # noqa: B008  a frozen value
    ) -> None:
        """Takes up the journal's run if it holds one; raises JournalError if that cannot be read.

        `run` is the run's id, `owner` is operator@host.
        """
        self._record = Record(journal, world.clock)
        self._incident = Incident(world, self._record, library, environment, run, owner, read_only)
        self._parts = Parts(self._incident, process)
        self._opening = RLock()
        self._ready = Stop()
        if self._record.run is None:
            self._ready.set()
        self._next_poll = 0.0
        self._next_try = 0.0

    @property
    def state(self) -> Run | None:
        """The run as it stands; None before OPEN."""
        return self._record.run

    def decide(self, decision: Decision) -> Reply:
        """Takes a decision: refused at once with the reason, or taken and worked on."""
        try:
            if not self._ready.wait(READY_SECONDS):
                return refused("the run is still being taken up again: try again")
            if decision.verb is Verb.OPEN:
                return self._open(decision)
            run = self._record.run
            if run is None:
                return refused("no run is open yet")
            if run.closed and decision.verb is not Verb.NOTE:
                return refused(f"run {run.id} is closed: {run.closed}")
            desk = self._parts.step_desk if decision.verb in self._parts.step_desk.verbs else self._parts.run_desk
            reply = desk.decide(decision)
        except RollbackError as error:
            return Reply(taken=False, text=error.sentences())
        self._parts.work.wake.set()
        return reply

    def _open(self, decision: Decision) -> Reply:
        with self._opening:
            reply = self._parts.opening.open(decision)
            if not reply.taken:
                return reply
            self._arm_first()
            held = self._parts.opening.take_lock()
        return taken(f"{held}: this run only follows until you take over" if held else "")

    def _arm_first(self) -> None:
        run = self._record.opened
        step = first_open(run, self._incident.path())
        if step is not None:
            self._parts.work.put(lambda: self._parts.arming.arm(step.id))

    def run(self, stop: Stop) -> None:
        """Works until the run is closed or `stop` is set; a call that is on its way is waited for.

        Raises JournalError if the journal cannot be written and `stop` was set meanwhile.
        """
        self._incident.stop = stop
        beats = Beats(self._incident)
        try:
            self.begin()
            for name, beat in (("lock", self._parts.lock.beat), ("symptom", self._parts.symptom.beat), ("stability", self._parts.stability.beat)):
                beats.start(name, beat)
            while not stop.is_set() and not (self.state and self.state.closed):
                self.work_off()
                self.beat()
                self._incident.world.clock.wait(self._parts.work.wake, self._pause())
                self._parts.work.wake.clear()
        finally:
            beats.end(END_SECONDS)
            self._parts.opening.leave()

    def begin(self) -> None:
        """Takes an open run up again; before a run is opened, connects so that its first step need not."""
        if not self._ready.is_set():
            if self.state is not None and not self.state.closed:
                self._parts.opening.resume()
            self._ready.set()
            return
        self._guarded(self._connect)

    def _connect(self) -> None:
        self._incident.world.identity.current()

    def work_off(self) -> None:
        """Does every job that is waiting."""
        while (job := self._parts.work.next()) is not None:
            self._guarded(job)

    def _guarded(self, job: Job) -> None:
        """Does one piece of work: a fault in it ends the work, not the run."""
        try:
            job()
        except RollbackError:
            return
        except Exception as error:  # noqa: BLE001  the boundary of the working thread: a fault in one action must not end the run
            self._note_fault(error)

    def _note_fault(self, error: Exception) -> None:
        try:
            if self.state is not None and not self.state.closed:
                self._record.append(Kind.NOTE, text=f"fault of this program: {error!r}", who="gospel-rollback")
        except RollbackError:
            return

    def beat(self) -> None:
        """Looks once at everything that is under way, and closes the run if all is well and over."""
        run = self.state
        if run is None or run.closed:
            return
        now = self._incident.now()
        if run.waiting and now >= self._next_try:
            self._next_try = now + TRY_SECONDS
            self._guarded(self._try_login)
        self._guarded(self._parts.executor.settle_left_over)
        if now >= self._next_poll and not run.waiting:
            self._next_poll = now + POLL_SECONDS
            self._guarded(self._parts.unknowns.beat)
            self._guarded(self._parts.verification.beat)
        self._guarded(self._parts.arming.catch_up)
        self._guarded(self._close_by_itself)

    def _try_login(self) -> None:
        try:
            self._parts.credentials.try_again()
        except CredentialsExpired:
            return

    def _close_by_itself(self) -> None:
        self._parts.closer.by_itself()

    def _pause(self) -> float:
        run = self.state
        if run is None or not any(step.status in _UNDER_WAY for step in run.steps):
            return IDLE_SECONDS
        return min(POLL_SECONDS, max(0.0, self._next_poll - self._incident.now()))
