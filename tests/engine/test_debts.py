"""Debts that a step keeps though its runbook says that it pays them, and those that an undo brings back."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from gospel_rollback_tui.domain.decisions import Verb
from gospel_rollback_tui.domain.errors import Refused
from gospel_rollback_tui.domain.events import Event, Kind
from gospel_rollback_tui.domain.preview import PlannedCall, Preview
from gospel_rollback_tui.domain.run import CallRun, StepStatus
from gospel_rollback_tui.domain.runbook import Path
from gospel_rollback_tui.engine.engine import Engine
from gospel_rollback_tui.engine.incident import captured
from gospel_rollback_tui.engine.ports import StepRequest
from gospel_rollback_tui.engine.process import Process
from tests.engine.bench import Bench
from tests.engine.worlds import AUTO_SYNC, ENVIRONMENT, OWNER, Estate, SetValues, library, step, world


class Owing(SetValues):
    """Captures with what leaves the debt; what puts its payment back owes it again."""

    def __init__(self, estate: Estate) -> None:
        """Pays as its runbook says."""
        super().__init__(estate)
        self.keeps: list[str] = []

    def _call(self, name: str, value: str) -> PlannedCall:
        call = super()._call(name, value)
        return replace(call, undo={**call.undo, "captured": call.undo["value"]}, body={**call.body, "keeps": self.keeps})

    def undo_plan(self, request: StepRequest, done: Sequence[CallRun]) -> Preview:
        """Plans setting back; it owes again what the step had paid."""
        preview = super().undo_plan(request, done)
        return replace(preview, calls=tuple(replace(call, body={**call.body, "owes": ["auto-sync"]}) for call in preview.calls))


class OwingBench(Bench):
    """An engine on a step that leaves a debt and one that pays it."""

    def __init__(self) -> None:
        """Opens the run and takes both steps."""
        self.action: Owing | None = None
        super().__init__(library=library(Path("main", "Main", "", (step("stop", "auto-sync=off"), AUTO_SYNC))))
        self.open()
        self.do("stop")
        assert captured(self.run) == {"captured:auto-sync": '"on"'}

    def _engine(self) -> Engine:
        self.action = self.action or Owing(self.estate)
        ports = replace(world(self.estate, self.clock), actions={"estate.set": self.action})
        made = Engine(ports, self.journal, self._library, ENVIRONMENT, process=Process(4711, 1.0), run=self._run, owner=OWNER)
        self.parts = made._parts
        return made

    def put_back(self) -> StepStatus:
        """Undoes the step that paid."""
        assert self.decide(Verb.UNDO, step=AUTO_SYNC.id).taken
        self.settle()
        assert self.confirm(AUTO_SYNC.id).taken
        return self.step(AUTO_SYNC.id).status


def test_a_call_keeps_a_debt_that_the_runbook_says_its_step_pays() -> None:
    """Only the action knows whether the act was a part of what is owed."""
    bench = OwingBench()
    assert bench.action
    bench.action.keeps = ["auto-sync"]
    assert bench.do(AUTO_SYNC.id).status is StepStatus.VERIFIED
    assert [debt.id for debt in bench.run.open_debts] == ["auto-sync"]


def test_what_a_step_had_paid_is_owed_again_once_it_is_put_back() -> None:
    """With what was captured when it was first left, for the next attempt; a restart changes nothing of that, and pays nothing twice."""
    bench = OwingBench()
    assert bench.do(AUTO_SYNC.id).status is StepStatus.VERIFIED
    assert bench.run.open_debts == ()
    assert bench.put_back() is StepStatus.UNDONE
    assert captured(bench.run) == {"captured:auto-sync": '"on"'}
    bench.restart()
    assert captured(bench.run) == {"captured:auto-sync": '"on"'}
    assert bench.do(AUTO_SYNC.id).status is StepStatus.VERIFIED
    bench.restart()
    assert bench.run.open_debts == ()


@pytest.mark.parametrize("restarts", [False, True])
def test_a_putting_back_that_is_refused_owes_nothing(*, restarts: bool) -> None:
    """What was paid stays paid."""
    bench = OwingBench()
    bench.do(AUTO_SYNC.id)
    bench.estate.trouble["send"] = [Refused("Admission said no.")]
    bench.put_back()
    if restarts:
        bench.restart()
    assert bench.run.open_debts == ()
    assert bench.estate.values["auto-sync"] == "on"


def test_a_runner_killed_before_the_debt_was_written_down_owes_it_after_its_restart() -> None:
    """The call may have been made: until somebody has looked, it is owed."""
    bench = OwingBench()
    bench.do(AUTO_SYNC.id)

    class Killed(BaseException):
        """The process is gone."""

    def kill(event: Event) -> None:
        if event.kind is Kind.INTENT:
            raise Killed

    bench.journal.on_append = kill
    with pytest.raises(Killed):
        bench.put_back()
    assert not bench.run.open_debts
    bench.restart()
    assert [debt.id for debt in bench.run.open_debts] == ["auto-sync"]
