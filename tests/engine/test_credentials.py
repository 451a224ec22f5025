"""Expired logins: the run waits, says so, and nothing counts as failed."""

from gospel_rollback_tui.domain.decisions import Verb
from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.domain.preview import CheckState, PlannedCall
from gospel_rollback_tui.domain.run import StepStatus
from tests.engine.bench import Bench


def test_an_expired_login_at_the_gate_sends_nothing_and_arms_again_after_the_login() -> None:
    """Confirmed with an expired login: the run waits; after `L` the step is previewed anew and confirmed anew."""
    bench = Bench()
    bench.open()
    bench.estate.expired = True
    bench.confirm("roll-back")
    assert bench.run.waiting == "credentials"
    assert bench.step("roll-back").status is StepStatus.WAITING
    assert "still refused" in bench.decide(Verb.CREDENTIALS).text
    bench.estate.expired = False
    assert bench.decide(Verb.CREDENTIALS).taken
    bench.settle()
    assert bench.run.waiting == ""
    assert bench.step("roll-back").status is StepStatus.ARMED
    assert bench.confirm("roll-back").taken
    assert bench.step("roll-back").status is StepStatus.VERIFIED
    assert bench.records(Kind.FAILED) == []


def test_the_login_that_is_tried_is_the_one_on_disk_now() -> None:
    """Somebody logged in: credentials are read again before they are tried."""
    bench = Bench()
    bench.open("short")
    bench.estate.expired = True
    bench.decide(Verb.ARM, step="roll-back")
    bench.settle(2)
    assert bench.run.waiting
    bench.estate.renewable = True
    bench.settle(7)
    assert bench.run.waiting == ""


def test_a_login_that_expires_between_two_calls_fails_nothing() -> None:
    """The first call was made, the second never sent: armed again for the rest after the login."""
    bench = Bench()
    bench.open()

    def expire(call: PlannedCall) -> None:
        if call.id == "set:auto-sync":
            bench.estate.expired = True

    bench.estate.on_send = expire
    bench.confirm("roll-back")
    assert bench.sent() == ["set:auto-sync"]
    assert bench.records(Kind.FAILED) == []
    assert bench.run.waiting == "credentials"
    assert [debt.id for debt in bench.run.open_debts] == ["auto-sync"]
    bench.estate.on_send = lambda _call: None
    bench.estate.expired = False
    bench.settle(10)
    step = bench.step("roll-back")
    assert step.status is StepStatus.ARMED
    assert [call.id for call in step.done_calls] == ["set:auto-sync"]
    assert bench.confirm("roll-back").taken
    assert bench.sent() == ["set:auto-sync", "set:gateway"]
    assert bench.step("roll-back").status is StepStatus.VERIFIED


def test_waiting_for_a_login_counts_against_no_timeout() -> None:
    """A rollout that is verified across an expired login has its whole time."""
    bench = Bench()
    bench.estate.rollout = [(CheckState("pods", None, "1 of 2"),)] * 5
    bench.open("short")
    bench.confirm("roll-back", 2)
    bench.estate.expired = True
    bench.settle(2)
    assert bench.run.waiting == "credentials"
    bench.clock.time += 600
    bench.settle(2)
    bench.estate.expired = False
    bench.settle(15)
    assert bench.step("roll-back").status is StepStatus.VERIFIED


def test_by_hand_needs_no_login() -> None:
    """While the run waits, the operator's word is taken."""
    bench = Bench()
    bench.open("hands")
    bench.estate.expired = True
    bench.decide(Verb.ARM, step="by-hand")
    bench.settle()
    assert bench.run.waiting
    assert bench.decide(Verb.BY_HAND, step="by-hand", note="console").taken
    bench.settle()
    assert bench.step("by-hand").status is StepStatus.ASSERTED


def test_the_next_good_read_ends_the_waiting_by_itself() -> None:
    """Somebody logged in elsewhere: no key is needed."""
    bench = Bench()
    bench.open()
    bench.estate.expired = True
    bench.decide(Verb.ARM, step="git-equal")
    bench.settle(2)
    assert bench.run.waiting
    bench.estate.expired = False
    bench.settle(8)
    assert bench.run.waiting == ""
    assert bench.step("git-equal").status is StepStatus.ARMED
