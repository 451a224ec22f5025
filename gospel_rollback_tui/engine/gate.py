"""The gate: a confirmation that does not match what is armed, or a world that has moved, lets nothing through."""

from concurrent.futures import ThreadPoolExecutor

from gospel_rollback_tui.domain.confirmation import Confirmation, demand, shortfall
from gospel_rollback_tui.domain.errors import FactsMoved, Refused
from gospel_rollback_tui.domain.preview import Fingerprint, Preview
from gospel_rollback_tui.domain.run import Run, StepRun, StepStatus
from gospel_rollback_tui.engine.incident import Incident
from gospel_rollback_tui.engine.locks import LockKeeper
from gospel_rollback_tui.engine.order import blocking, pays_open_debt
from gospel_rollback_tui.engine.symptom import SymptomWatch
from gospel_rollback_tui.engine.waiting import Credentials


def intent_of(preview: Preview) -> str:
    """Returns what the lock says is about to be done."""
    return "; ".join(call.where for call in preview.calls)


class Gate:
    """Judges a confirmation: at once by the record, then by the world as it is now."""

    def __init__(self, incident: Incident, credentials: Credentials, lock: LockKeeper, symptom: SymptomWatch) -> None:
        """Keeps what it judges by."""
        self._incident = incident
        self._credentials = credentials
        self._lock = lock
        self._symptom = symptom

    def refusal(self, run: Run, given: Confirmation) -> str:
        """Returns why the confirmation is not taken, judged by the record alone; empty: it is."""
        step_run = run.step(given.step)
        if step_run.status is not StepStatus.ARMED or step_run.preview is None:
            return f"step {step_run.title!r} is not waiting for a confirmation: it is {step_run.status.value}"
        preview = step_run.preview
        if given.attempt != step_run.attempt or given.fingerprint != preview.fingerprint.digest:
            return "another preview is armed now than the one that was confirmed: look at it again"
        return preview.refused or self._not_in_turn(run, step_run) or (self._not_allowed(run, step_run, preview, given) if preview.calls else "")

    def _not_in_turn(self, run: Run, step_run: StepRun) -> str:
        step = self._incident.step(step_run.id)
        if run.unknown:
            return f"first it must be known what became of {run.unknown[0].title!r}"
        if step_run.undo_of is None and (earlier := blocking(run, self._incident.path(), step)):
            return f"{earlier.title!r} comes first: it is {earlier.status.value}"
        missing = [ask.question for ask in step.asks if not (run.inputs or {}).get(ask.name)]
        return f"it still asks: {missing[0]}" if missing and step_run.undo_of is None else ""

    def _not_allowed(self, run: Run, step_run: StepRun, preview: Preview, given: Confirmation) -> str:
        """Returns why the tool may not send anything; steps that it only guides or observes need none of this."""
        if self._incident.read_only or run.read_only:
            return "this run is read-only: nothing is sent"
        if run.aborted and step_run.undo_of is None and not pays_open_debt(run, self._incident.step(step_run.id)):
            return "the run was aborted: nothing further is sent but what puts back"
        if run.waiting:
            return f"the run waits for {run.waiting}: log in again (`L`)"
        if run.lock_lost and self._lock.other:
            return f"nothing is sent without the environment's lock: {run.lock_lost}"
        busy = next((step for step in run.steps if step.status is StepStatus.ACTING), None)
        if busy:
            return f"{busy.title!r} is being carried out"
        return shortfall(demand(preview.danger, preview.target, preview.needs_reason), given)

    def look(self, step_run: StepRun, preview: Preview) -> None:
        """Looks at the world once more, all reads at once.

        Raises FactsMoved if what the preview rests on has moved, and Refused or NotSent with the reason otherwise.
        """
        action = self._incident.action(self._incident.step(step_run.id))
        request = self._incident.request(step_run)
        with ThreadPoolExecutor(3, thread_name_prefix="gate") as readers:
            facts = readers.submit(self._credentials.read, lambda: action.facts(request, preview), repeatable=True)
            identity = readers.submit(self._credentials.read, self._incident.world.identity.current)
            lock = readers.submit(self._lock.prove, step_run.id, intent_of(preview))
            self._symptom.await_first_look()
        self._same_identity(identity.result())
        lock.result()
        self._same_facts(preview, facts.result())

    def _same_identity(self, now: tuple[str, str]) -> None:
        """Raises Refused if server or identity differ from the opening's; what nobody could tell then differs from nothing."""
        run = self._incident.record.opened
        for what, then, is_now in (("server", run.server, now[0]), ("identity", run.identity, now[1])):
            if then and then != is_now:
                raise Refused(f"The {what} is {is_now} now; the run was opened with {then}.", next_step="Open a new run.")

    def _same_facts(self, preview: Preview, now: Fingerprint) -> None:
        moved = preview.fingerprint.moved(now)
        if moved:
            raise FactsMoved("What the preview rested on has moved.", moved=moved)
