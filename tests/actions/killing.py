"""An engine that carries one action out and is killed at a record of its journal: what may have been sent by then, and what may be claimed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pytest

from gospel_rollback_tui.domain.decisions import Verb
from gospel_rollback_tui.domain.estate import Environment
from gospel_rollback_tui.domain.events import Event, Kind
from gospel_rollback_tui.domain.run import StepStatus
from gospel_rollback_tui.domain.runbook import Path as Way
from gospel_rollback_tui.domain.runbook import Step
from gospel_rollback_tui.engine.engine import Engine
from gospel_rollback_tui.engine.ports import Action
from gospel_rollback_tui.engine.process import Process
from gospel_rollback_tui.engine.unknowns import DENY_SECONDS
from tests.drill.waiting import wait_for
from tests.engine.bench import Bench
from tests.engine.worlds import VirtualClock, library, world


class Killed(BaseException):
    """The process is gone: nothing of the engine runs on."""


@dataclass(frozen=True)
class Boundary:
    """A place in the journal of one confirmed step."""

    when: str
    """`before` or `after` the record is written."""
    kind: Kind
    number: int
    """Which record of that kind since the step was confirmed, from 1."""
    sent: int
    """How many of the step's calls have been made by then."""

    def __str__(self) -> str:
        """Names a test's case."""
        return f"{self.when} {self.kind.value} {self.number}"

    @property
    def lost(self) -> int | None:
        """Number, from 0, of the call that was intended and never sent; None: there is none."""
        return self.sent if self.kind in (Kind.INTENT, Kind.DEBT_OPENED) else None


def boundaries(calls: int, debts: Sequence[int] = ()) -> list[Boundary]:
    """Returns every boundary of a step of that many calls; `debts` are the numbers, from 1, of the calls that leave one."""
    found = [Boundary("after", Kind.CONFIRMED, 1, 0)]
    for call in range(1, calls + 1):
        found.append(Boundary("after", Kind.INTENT, call, call - 1))
        if call in debts:
            found.append(Boundary("after", Kind.DEBT_OPENED, debts.index(call) + 1, call - 1))
        found += [Boundary(when, kind, call, call) for kind in (Kind.RESULT, Kind.CALL_VERIFIED) for when in ("before", "after")]
    return [*found, Boundary("before", Kind.VERIFIED, 1, calls)]


@contextmanager
def killed(bench: Bench, at: Boundary) -> Iterator[None]:
    """Has the engine die at that boundary of what the block does; fails if it never comes there."""
    already = len(bench.records(at.kind))

    def kill_after(event: Event) -> None:
        if event.kind is at.kind and len(bench.records(at.kind)) == already + at.number:
            raise Killed

    def kill_before(next_kind: Kind) -> bool:
        if next_kind is at.kind and len(bench.records(at.kind)) == already + at.number - 1:
            raise Killed
        return False

    if at.when == "after":
        bench.journal.on_append = kill_after
    else:
        bench.journal.fail_at = kill_before
    with pytest.raises(Killed):
        yield


class ActionBench(Bench):
    """An engine on one path of real actions; `asked` is what has reached the systems that they change."""

    def __init__(
        self,
        actions: Callable[[], Mapping[str, Action]],
        environment: Environment,
        steps: Sequence[Step],
        asked: Callable[[], list[str]],
        *,
        inputs: Mapping[str, str] | None = None,
        clock: VirtualClock | None = None,
    ) -> None:
        """Makes the engine; nothing is open. The last step is the one under test."""
        self._actions, self._environment, self._asked = actions, environment, asked
        self._inputs = dict(inputs or {})
        self.tested = steps[-1].id
        self._earlier = 0
        """How much the path's earlier steps have asked for."""
        super().__init__(library=library(Way("main", "R", "", tuple(steps))), clock=clock)

    def _engine(self) -> Engine:
        ports = replace(world(self.estate, self.clock), actions=self._actions())
        made = Engine(ports, self.journal, self._library, self._environment, process=Process(4711, 1.0), run=self._run, owner=self._owner)
        self.parts = made._parts
        return made

    @property
    def status(self) -> StepStatus:
        """Where the step under test is."""
        return self.step(self.tested).status

    def asked(self) -> list[str]:
        """Returns what the step under test has asked for, oldest first, whatever became of it."""
        return self._asked()[self._earlier :]

    def told(self) -> str:
        """Returns the newest records, for a failure's message."""
        return str([(event.kind.value, event.data) for event in self.journal.events()][-6:])

    def begin(self) -> None:
        """Opens the run, chooses, and carries out what stands before the step under test."""
        reply = self.open("main", self._environment.symptoms[0], environment=self._environment.name)
        assert reply.taken, reply.text
        for step in [step.id for step in self.run.steps][:-1]:
            self.carry_out(step)
            assert self.step(step).status is StepStatus.VERIFIED, self.told()
        if self._inputs:
            reply = self.decide(Verb.CHOOSE, step=self.tested, inputs=self._inputs)
            assert reply.taken, reply.text
            self.settle(1)
        self._earlier = len(self._asked())

    def rest(self, step: str = "") -> None:
        """Lets the engine work until the step has nothing under way."""

        def resting() -> bool:
            self.settle(1)
            return self.step(step or self.tested).status not in (StepStatus.ACTING, StepStatus.VERIFYING, StepStatus.UNKNOWN)

        wait_for(resting)

    def carry_out(self, step: str = "") -> None:
        """Arms the step if need be, confirms it and lets it come to its end."""
        step = step or self.tested
        if self.step(step).status is not StepStatus.ARMED:
            self.arm(step)
        reply = self.confirm(step)
        assert reply.taken, reply.text
        self.rest(step)

    def dies_and_comes_back(self, at: Boundary, *asked: str) -> None:
        """Kills the engine while it carries out the step, and takes its journal up: every call is made once, and none is claimed that was not.

        Args:
            at: Where it is killed.
            asked: What the whole step asks for, in order.
        """
        with killed(self, at):
            self.carry_out()
        assert self.asked() == list(asked[: at.sent])
        self.restart()
        self.journal.on_append = self._claims_nothing_unseen
        self.settle(1)
        self.clock.time += DENY_SECONDS
        self.rest()
        self.settle(5)
        assert self.asked() == list(asked[: at.sent]), "sent unasked"
        again = at.sent < len(asked)
        assert (self.status is not StepStatus.VERIFIED) is again, self.told()
        assert [event.data["call"] for event in self.records(Kind.CALL_VERIFIED) if not event.data["passed"]] == self._lost(at)
        if again:
            self.carry_out()
        assert self.status is StepStatus.VERIFIED, self.told()
        assert self.asked() == list(asked)

    def _lost(self, at: Boundary) -> list[str]:
        """Returns the id of the call that must be found not to have been made, if there is one."""
        intents = [event.data["call"] for event in self.records(Kind.INTENT) if event.data["step"] == self.tested]
        return [] if at.lost is None else [intents[at.lost]]

    def _claims_nothing_unseen(self, event: Event) -> None:
        """Fails where more calls count as seen, or the step as verified, than have been made."""
        seen = {event.data["call"] for event in self.records(Kind.CALL_VERIFIED) if event.data["passed"] and event.data["step"] == self.tested}
        assert len(seen) <= len(self.asked()), f"{event.kind.value}: {seen} claimed, {self.asked()} made"
