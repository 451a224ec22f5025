"""Opens a run, or takes one up again that its runner has left."""

from gospel_rollback_tui.domain.decisions import Decision, Reply
from gospel_rollback_tui.domain.errors import RollbackError, UsageError
from gospel_rollback_tui.domain.estate import Environment
from gospel_rollback_tui.domain.events import JOURNAL_VERSION, Kind
from gospel_rollback_tui.domain.runbook import Library, Path, Runbook
from gospel_rollback_tui.engine.debts import Debts
from gospel_rollback_tui.engine.incident import Incident
from gospel_rollback_tui.engine.locks import LockKeeper
from gospel_rollback_tui.engine.process import Process


class Opening:
    """Writes a run's first records."""

    def __init__(self, incident: Incident, lock: LockKeeper, debts: Debts, process: Process) -> None:
        """Keeps what the first records say."""
        self._incident = incident
        self._lock = lock
        self._debts = debts
        self._process = process

    def open(self, decision: Decision) -> Reply:
        """Opens the run with what the app chose; the engine's own runbooks, not the app's, say which steps it has."""
        opened, chosen = decision.data.get("run_opened"), decision.data.get("chosen")
        if not isinstance(opened, dict) or not isinstance(chosen, dict):
            return Reply(taken=False, text="Opening a run takes `run_opened` and `chosen`.")
        environment = self._incident.environment
        if opened.get("environment") != environment.name:
            return Reply(taken=False, text=f"This runner is connected to {environment.name}, not to {opened.get('environment')}.")
        try:
            runbook, path = _chosen_path(self._incident.library, chosen)
        except KeyError as error:
            return Reply(taken=False, text=f"The runbooks have no {error.args[0]!r}.")
        server, identity = self._whereabouts(opened)
        with self._incident.record.mutex:
            if self._incident.record.run is not None:
                return Reply(taken=False, text="The run is open already.")
            self._record_opened({**opened, "server": server, "identity": identity}, decision.who)
            self._record_chosen(chosen, runbook, path, environment)
            self._record_runner("started")
        return Reply(taken=True)

    def _whereabouts(self, opened: dict[str, object]) -> tuple[str, str]:
        """Returns server and identity as the app saw them, or as they are if it has not seen them yet; empty: nobody can tell."""
        server, identity = str(opened.get("server") or ""), str(opened.get("identity") or "")
        if server and identity:
            return server, identity
        try:
            return self._incident.world.identity.current()
        except RollbackError:
            return server, identity

    def take_lock(self) -> str:
        """Takes the environment's lock for the run that was just opened; returns who holds it instead, if somebody does."""
        return "" if self._incident.record.opened.read_only else self._lock.acquire()

    def _record_opened(self, opened: dict[str, object], who: str) -> None:
        self._incident.record.append(
            Kind.RUN_OPENED,
            version=JOURNAL_VERSION,
            run=self._incident.run_id,
            environment=opened["environment"],
            operator=opened.get("operator") or who,
            host=opened.get("host", ""),
            server=opened.get("server", ""),
            identity=opened.get("identity", ""),
            symptom=opened.get("symptom"),
            symptom_failing=opened.get("symptom_failing"),
            onset=opened.get("onset") or 0.0,
            first_paint=opened.get("first_paint") or 0.0,
            read_only=self._incident.read_only or bool(opened.get("read_only")),
        )

    def _record_chosen(self, chosen: dict[str, object], runbook: Runbook, path: Path, environment: Environment) -> None:
        self._incident.record.append(
            Kind.CHOSEN,
            scenario=runbook.id,
            path=path.id,
            runbook=runbook.title,
            digest=runbook.digest,
            steps=[[step.id, step.title, step.required, step.usual, step.danger.word] for step in path.steps],
            objective=dict(environment.objectives).get(runbook.id, runbook.objective),
            why=chosen.get("why", ""),
            evidence=chosen.get("evidence", []),
            override=chosen.get("override", ""),
            inputs=chosen.get("inputs") or {},
        )

    def _record_runner(self, state: str) -> None:
        self._incident.record.append(Kind.RUNNER, pid=self._process.pid, started=self._process.started, state=state)

    def resume(self) -> None:
        """Takes the run up again: what was on its way is unknown from here on, and looked at before anything else.

        A read-only runner only follows: it takes no lock, and does not write itself down as the one that acts.

        Raises UsageError if the runbooks are not those that the run follows.
        """
        run = self._incident.record.opened
        read_only = run.read_only or self._incident.read_only
        state = "following" if read_only else "resumed"
        if not run.steps:
            self._record_runner(state)
            self._incident.record.append(Kind.CLOSED, how="aborted", reason="the runner stopped while the run was being opened: nothing was done")
            return
        if [step.id for step in run.steps] != [step.id for step in self._incident.path().steps]:
            raise UsageError(
                f"The runbook {run.runbook!r} has other steps now than when run {run.id} was opened.",
                next_step="Resume it with the runbooks it was opened with (`runbooks_dir`).",
            )
        self._record_runner(state)
        if run.digest != self._incident.library.runbook(run.scenario).digest:
            text = "The runbook's text was changed since the run was opened; the steps keep their names."
            self._incident.record.append(Kind.NOTE, text=text, who="gospel-rollback")
        self._debts.catch_up()
        if not read_only:
            self._lock.acquire()

    def leave(self) -> None:
        """Says that the runner stops, and gives the lock back if nothing is on its way."""
        run = self._incident.record.run
        if run is None:
            return
        if not run.unknown and not any(step.unresolved for step in run.steps):
            self._lock.release()
        try:
            self._record_runner("stopped")
        except RollbackError:
            return


def _chosen_path(library: Library, chosen: dict[str, object]) -> tuple[Runbook, Path]:
    """Returns the chosen runbook and path; raises KeyError with the name that is not there."""
    runbook = library.runbook(str(chosen.get("scenario", "")))
    return runbook, runbook.path(str(chosen.get("path", "")))
