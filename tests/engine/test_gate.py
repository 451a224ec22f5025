"""What the gate lets through, and what it refuses with which reason."""

from dataclasses import replace

import pytest

from gospel_rollback_tui.domain.decisions import Verb
from gospel_rollback_tui.domain.errors import NoRoute
from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.domain.run import StepStatus
from tests.engine.bench import Bench
from tests.engine.worlds import ENVIRONMENT


def test_a_confirmation_of_another_preview_is_refused() -> None:
    """Attempt and fingerprint must be those that are armed now."""
    bench = Bench()
    bench.open()
    assert not bench.confirm("roll-back", fingerprint="something else").taken
    assert not bench.confirm("roll-back", attempt=2).taken
    assert bench.sent() == []


def test_a_second_y_is_not_a_second_confirmation() -> None:
    """The same confirmation sent twice acts once."""
    bench = Bench()
    bench.open()
    fields = bench.confirmation("roll-back")
    assert bench.decide(Verb.CONFIRM, **fields).taken
    assert not bench.decide(Verb.CONFIRM, **fields).taken
    bench.settle()
    assert bench.sent() == ["set:auto-sync", "set:gateway"]


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({}, "typed in full"),
        ({"typed": "yes"}, "typed in full"),
        ({"typed": "gateway", "danger": "reversible"}, "confirmed as reversible"),
    ],
)
def test_the_ladder_is_held_against_the_raised_danger(given: dict[str, object], missing: str) -> None:
    """The runbook raises the action's danger to destructive: the target's name must be typed."""
    bench = Bench()
    bench.open("danger")
    reply = bench.confirm("wipe", **given)
    assert not reply.taken
    assert missing in reply.text
    assert bench.confirm("wipe", typed="gateway").taken
    assert bench.sent() == ["set:host"]


def test_read_only_sends_nothing_whatever_is_confirmed() -> None:
    """Previews are shown, confirmations refused, no lock is taken."""
    bench = Bench(read_only=True)
    bench.open()
    assert bench.step("roll-back").preview is not None
    reply = bench.confirm("roll-back")
    assert "read-only" in reply.text
    assert bench.sent() == []
    assert bench.estate.lock_owner == ("", "")


def test_moved_facts_are_shown_old_to_new_and_armed_again() -> None:
    """What the preview rested on moved under the prompt: nothing is sent; the new preview takes a confirmation of its own."""
    bench = Bench()
    bench.open()
    before = bench.confirmation("roll-back")
    bench.estate.values["gateway"] = "v2.15.1"
    bench.confirm("roll-back")
    step = bench.step("roll-back")
    assert bench.sent() == []
    assert step.status is StepStatus.ARMED
    assert step.moved == (("gateway", "v2.15.0", "v2.15.1"),)
    assert not bench.decide(Verb.CONFIRM, **before).taken
    assert bench.confirm("roll-back").taken
    assert bench.sent() == ["set:auto-sync", "set:gateway"]


def test_unreadable_facts_are_refused_with_nothing_sent() -> None:
    """The world cannot be looked at: the step is put down with the reason, and may be armed again."""
    bench = Bench()
    bench.open()
    bench.estate.trouble["facts"] = [NoRoute("The API server was not reached.")]
    bench.confirm("roll-back")
    step = bench.step("roll-back")
    assert step.status is StepStatus.WAITING
    assert "not reached" in step.reason
    assert bench.sent() == []
    assert bench.do("roll-back").status is StepStatus.VERIFIED


def test_another_server_or_identity_than_at_the_opening_is_refused() -> None:
    """The context was switched or the login changed since: nothing is sent."""
    bench = Bench()
    bench.open()
    bench.estate.identity = ("https://other.test", "ada")
    bench.confirm("roll-back")
    assert "https://other.test" in bench.step("roll-back").reason
    assert bench.sent() == []


def test_what_the_app_had_not_seen_yet_is_read_at_the_opening() -> None:
    """The first picture had no identity: the runner's own is pinned, and a later change of it is refused."""
    bench = Bench()
    bench.open("short", server="", identity="")
    assert (bench.run.server, bench.run.identity) == bench.estate.identity
    bench.estate.identity = (bench.run.server, "mallory")
    bench.confirm("roll-back")
    assert "mallory" in bench.step("roll-back").reason
    assert bench.sent() == []


def test_earlier_required_steps_come_first() -> None:
    """A step whose required predecessor is not over is refused; a skipped optional one does not stand in the way."""
    bench = Bench()
    bench.open("hands")
    bench.arm("roll-back")
    assert "comes first" in bench.confirm("roll-back").text
    assert bench.decide(Verb.BY_HAND, step="by-hand", note="").taken
    assert bench.confirm("roll-back").taken
    assert bench.sent() == ["set:gateway"]


def test_a_no_is_a_no() -> None:
    """After `n` the old confirmation is worth nothing; the step can be armed again."""
    bench = Bench()
    bench.open()
    yes = bench.confirmation("roll-back")
    assert bench.decide(Verb.DECLINE, step="roll-back", attempt=1).taken
    assert not bench.decide(Verb.CONFIRM, **yes).taken
    assert bench.step("roll-back").status is StepStatus.WAITING
    bench.arm("roll-back")
    assert bench.step("roll-back").attempt == 1


def test_a_no_that_comes_while_the_gate_looks_still_counts() -> None:
    """Confirmed, declined before anything was sent: nothing is."""
    bench = Bench()
    bench.open()
    bench.decide(Verb.CONFIRM, **bench.confirmation("roll-back"))
    assert bench.decide(Verb.DECLINE, step="roll-back", attempt=1).taken
    bench.settle()
    assert bench.sent() == []
    assert bench.records(Kind.INTENT) == []


def test_an_asked_value_is_checked_by_its_pattern() -> None:
    """What nothing reads live is asked for; an answer of the wrong shape is refused, and without one nothing is confirmed."""
    bench = Bench()
    bench.open("danger")
    bench.arm("ask")
    assert "Which ticket?" in bench.confirm("ask").text
    refused = bench.decide(Verb.CHOOSE, step="ask", inputs={"ticket": "seven"})
    assert not refused.taken
    assert "INC-7" in refused.text
    assert bench.decide(Verb.CHOOSE, step="ask", inputs={"ticket": "INC-12"}).taken
    bench.settle()
    assert bench.confirm("ask").taken
    assert (bench.run.inputs or {})["ticket"] == "INC-12"
    assert bench.step("ask").status is StepStatus.VERIFIED


def test_a_runner_of_another_environment_opens_nothing() -> None:
    """The app and the runner must mean the same estate."""
    bench = Bench()
    reply = bench.decide(Verb.OPEN, run_opened={"environment": "staging"}, chosen={"scenario": "bad-code", "path": "main"})
    assert not reply.taken
    assert ENVIRONMENT.name in reply.text
    assert bench.engine.state is None


def test_an_unknown_step_is_refused_with_the_known_ones() -> None:
    """A decision about a step that the path does not have changes nothing."""
    bench = Bench()
    bench.open()
    reply = bench.decide(Verb.ARM, step="nonsense")
    assert not reply.taken
    assert "roll-back" in reply.text


def test_a_preview_that_says_no_cannot_be_confirmed() -> None:
    """The plan found it impossible: its reason is the refusal."""
    bench = Bench()
    bench.estate.values.update({"gateway": "v2.14.0", "auto-sync": "off"})
    bench.open()
    preview = bench.step("roll-back").preview
    assert preview is not None
    assert preview == replace(preview, refused="it is so already")
    assert "it is so already" in bench.confirm("roll-back").text.lower()


def test_a_read_only_runner_that_takes_a_run_up_only_follows_it() -> None:
    """The run was opened to act and is taken up read-only: no lock, no record as the one that acts, nothing sent, no taking over."""
    bench = Bench()
    bench.open()
    bench.estate.lock_owner = ("", "")
    bench._read_only = True
    bench.restart()
    bench.settle(15)
    assert [event.data["state"] for event in bench.records(Kind.RUNNER)] == ["started", "following"]
    assert bench.estate.lock_owner == ("", "")
    assert len(bench.records(Kind.LOCKED)) == 1
    assert "read-only" in bench.confirm("roll-back").text
    assert "read-only" in bench.decide(Verb.TAKE_OVER, reason="mine").text
    assert bench.sent() == []
