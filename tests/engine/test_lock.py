"""The lock between operators."""

from gospel_rollback_tui.domain.decisions import Verb
from gospel_rollback_tui.domain.errors import NoRoute
from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.domain.preview import PlannedCall
from gospel_rollback_tui.domain.run import StepStatus
from tests.engine.bench import Bench
from tests.engine.worlds import BAD, GOOD, OWNER, Estate

OTHER = "bob@jump-2"


def test_the_second_operator_is_told_who_holds_it_and_sends_nothing() -> None:
    """Opening answers with holder, step and last intent; confirmations are refused until the lock is taken over."""
    estate = Estate(lock_owner=(OTHER, "0305-x2"), lock_intent=("roll-back", "PATCH Deployment gospelib-gateway"))
    bench = Bench(estate)
    reply = bench.open()
    assert reply.taken
    for told in (OTHER, "0305-x2", "roll-back", "PATCH Deployment gospelib-gateway"):
        assert told in reply.text
    assert OTHER in bench.confirm("roll-back").text
    bench.settle(5)
    assert bench.sent() == []
    assert estate.lock_owner == (OTHER, "0305-x2")


def test_taking_over_takes_a_reason_and_previews_anew() -> None:
    """The world may have been changed by the one who held it: what was armed is read again before it can be confirmed."""
    estate = Estate(lock_owner=(OTHER, "0305-x2"), lock_intent=("roll-back", "PATCH it"))
    bench = Bench(estate)
    bench.open("short")
    before = bench.confirmation("roll-back")
    estate.values["gateway"] = "v2.14.9"
    assert not bench.decide(Verb.TAKE_OVER, reason="").taken
    reply = bench.decide(Verb.TAKE_OVER, reason="bob went to bed")
    assert reply.taken
    assert "PATCH it" in reply.text
    bench.settle()
    assert not bench.decide(Verb.CONFIRM, **before).taken
    assert bench.confirm("roll-back").taken
    assert bench.sent() == ["set:gateway"]
    locked = bench.records(Kind.LOCKED)[-1].data
    assert (locked["taken_over_from"], locked["reason"]) == (OTHER, "ada: bob went to bed")


def test_a_renewal_that_fails_during_the_patch_stops_the_rest_until_the_lock_was_read_as_ours() -> None:
    """The first call is waited for; the second is not sent: first the lock must be read as this run's own again."""
    bench = Bench()
    bench.open()

    def fail_renewal(_call: PlannedCall) -> None:
        bench.estate.renew = [NoRoute("The API server was not reached.")]
        bench.estate.trouble["ours"] = [NoRoute("The API server was not reached.")] * 2
        bench.parts.lock.beat()
        bench.estate.on_send = lambda _call: None

    bench.estate.on_send = fail_renewal
    bench.confirm("roll-back", 1)
    assert bench.run.lock_lost
    assert bench.sent() == ["set:auto-sync"]
    assert bench.step("roll-back").status is StepStatus.FAILED
    bench.settle(4)
    assert bench.run.lock_lost == ""
    assert bench.do("roll-back").status is StepStatus.VERIFIED


def test_somebody_who_took_over_during_the_patch_is_never_acted_against() -> None:
    """The first runner's later renewals and its waking change nothing of the new holder's lock, and it sends nothing more."""
    bench = Bench()
    bench.open()

    def take_over(_call: PlannedCall) -> None:
        bench.estate.lock_owner = (OTHER, "0320-zz")
        bench.clock.time += 45
        bench.estate.on_send = lambda _call: None

    bench.estate.on_send = take_over
    bench.confirm("roll-back", 1)
    assert bench.sent() == ["set:auto-sync"]
    bench.settle(10)
    assert bench.estate.lock_owner == (OTHER, "0320-zz")
    assert bench.run.lock_lost
    assert bench.step("roll-back").status is StepStatus.FAILED
    bench.arm("roll-back")
    assert not bench.confirm("roll-back").taken
    assert bench.sent() == ["set:auto-sync"]


def test_a_runner_that_slept_reads_the_lock_before_it_sends_again() -> None:
    """A laptop that woke after minutes: its own clock says that the last proof is old, whatever it believes."""
    bench = Bench()
    bench.open("short")
    bench.clock.time += 300
    bench.estate.lock_owner = (OTHER, "0320-zz")
    bench.decide(Verb.CONFIRM, **bench.confirmation("roll-back"))
    bench.engine.work_off()
    assert bench.sent() == []
    assert bench.estate.values["gateway"] == BAD
    assert "somebody else" in bench.step("roll-back").reason


def test_a_lock_that_cannot_be_taken_at_the_opening_is_taken_later() -> None:
    """The network comes back: no decision is needed for a lock that nobody holds."""
    bench = Bench()
    bench.estate.trouble["acquire"] = [NoRoute("The API server was not reached.")] * 2
    reply = bench.open("short")
    assert "not reached" in reply.text
    bench.settle(5)
    assert bench.run.lock_lost == ""
    assert bench.run.holder == OWNER
    assert bench.do("roll-back").status is StepStatus.VERIFIED
    assert bench.estate.values["gateway"] == GOOD


def test_the_lock_says_what_is_being_done_and_is_quiet_again_afterwards() -> None:
    """Step and intent stand in the lock while they are open."""
    bench = Bench()
    bench.open("short")
    seen: list[tuple[str, str]] = []
    bench.estate.on_send = lambda _call: seen.append(bench.estate.lock_intent)
    bench.confirm("roll-back")
    assert seen == [("roll-back", "SET gateway")]
    bench.parts.lock.beat()
    assert bench.estate.lock_intent == ("", "")
