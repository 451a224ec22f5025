"""An engine in one thread, driven record by record."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from gospel_rollback_tui.domain.decisions import Decision, Reply, Verb
from gospel_rollback_tui.domain.errors import RollbackError
from gospel_rollback_tui.domain.estate import HttpCheck
from gospel_rollback_tui.domain.events import Event, Kind
from gospel_rollback_tui.domain.run import Run, StepRun
from gospel_rollback_tui.domain.runbook import Library
from gospel_rollback_tui.engine.engine import Engine
from gospel_rollback_tui.engine.process import Process
from tests.engine.worlds import ENVIRONMENT, IDENTITY, LIBRARY, OWNER, SERVER, SYMPTOM, Estate, MemoryJournal, VirtualClock, world


def opening(path: str = "main", symptom: HttpCheck | None = SYMPTOM, /, **more: object) -> dict[str, object]:
    """Returns the data of an OPEN decision."""
    asked = None
    if symptom is not None:
        asked = {"name": symptom.name, "url": symptom.url, "method": "GET", "expect_status": 200, "expect_text": ""}
    opened = {"environment": "production", "operator": "ada", "host": "jump-1", "server": SERVER, "identity": IDENTITY, "symptom": asked, **more}
    return {"run_opened": opened, "chosen": {"scenario": "bad-code", "path": path, "why": "it fails", "inputs": {}}}


class Bench:
    """An engine on a scripted estate, with the operator's hands on it."""

    def __init__(
        self,
        estate: Estate | None = None,
        *,
        read_only: bool = False,
        owner: str = OWNER,
        run: str = "0312-k7",
        library: Library = LIBRARY,
        clock: VirtualClock | None = None,
    ) -> None:
        """Makes the engine; nothing is open."""
        self.estate = estate or Estate()
        self.clock = clock or VirtualClock()
        self.journal = MemoryJournal(self.clock)
        self._read_only, self._owner, self._run = read_only, owner, run
        self._library = library
        self.engine = self._engine()

    def _engine(self) -> Engine:
        made = Engine(
            world(self.estate, self.clock),
            self.journal,
            self._library,
            ENVIRONMENT,
            process=Process(4711, 1.0),
            run=self._run,
            owner=self._owner,
            read_only=self._read_only,
        )
        self.parts = made._parts
        return made

    def restart(self) -> None:
        """Kills the engine and takes its journal up with a new one, as after `kill -9`."""
        self.journal = MemoryJournal(self.clock, self.journal.events())
        self.engine = self._engine()
        self.engine.begin()

    def decide(self, verb: Verb, who: str = "ada", /, **fields: object) -> Reply:
        """Decides and returns the answer."""
        return self.engine.decide(Decision(verb, who, fields))

    def open(self, path: str = "main", symptom: HttpCheck | None = SYMPTOM, /, **more: object) -> Reply:
        """Opens a run on that path and lets the engine come to rest."""
        reply = self.decide(Verb.OPEN, **opening(path, symptom, **more))
        self.settle()
        return reply

    def settle(self, rounds: int = 3) -> None:
        """Lets the engine and its threads do what they would in some seconds."""
        for _ in range(rounds):
            self.parts.symptom.beat()
            self.engine.work_off()
            self.engine.beat()
            if self.run.closed:
                return
            self.parts.lock.beat()
            self.parts.stability.beat()
            self.clock.time += 1.0

    def settle_guarded(self, rounds: int) -> None:
        """Settles as the threads of a runner do: an error of one beat ends that beat only."""
        for _ in range(rounds):
            for beat in (self.parts.symptom.beat, self.engine.work_off, self.engine.beat, self.parts.lock.beat, self.parts.stability.beat):
                if self.run.closed:
                    return
                with suppress(RollbackError):
                    beat()
            self.clock.time += 1.0

    def arm(self, step: str) -> StepRun:
        """Arms the step and returns it."""
        reply = self.decide(Verb.ARM, step=step)
        assert reply.taken, reply.text
        self.engine.work_off()
        return self.step(step)

    def confirmation(self, step: str, **other: object) -> dict[str, object]:
        """Returns what a prompt sends that shows what is armed now."""
        armed = self.step(step)
        assert armed.preview is not None
        fields: dict[str, object] = {
            "step": step,
            "attempt": armed.attempt,
            "fingerprint": armed.preview.fingerprint.digest,
            "danger": armed.preview.danger.word,
        }
        return {**fields, **other}

    def confirm(self, step: str, rounds: int = 3, /, **other: object) -> Reply:
        """Confirms what is armed, and lets the engine work."""
        reply = self.decide(Verb.CONFIRM, **self.confirmation(step, **other))
        self.settle(rounds)
        return reply

    def do(self, step: str, /, **other: object) -> StepRun:
        """Arms and confirms a step and returns what became of it."""
        self.arm(step)
        reply = self.confirm(step, **other)
        assert reply.taken, reply.text
        return self.step(step)

    @property
    def run(self) -> Run:
        """The run."""
        assert self.engine.state is not None
        return self.engine.state

    def decide_and_close(self) -> None:
        """Closes the run, whatever its state."""
        assert self.decide(Verb.CLOSE, reason="enough").taken

    def closed(self) -> str:
        """Returns how the run was closed."""
        return self.run.closed

    def step(self, step: str) -> StepRun:
        """One step of the run."""
        return self.run.step(step)

    def records(self, kind: Kind) -> list[Event]:
        """Returns the records of that kind."""
        return [event for event in self.journal.events() if event.kind is kind]

    def kinds(self) -> list[str]:
        """Returns what was recorded, in order."""
        return [event.kind.value for event in self.journal.events()]

    def sent(self) -> Sequence[str]:
        """Returns the calls that were sent, in order."""
        return [request.call for request in self.estate.sent]
