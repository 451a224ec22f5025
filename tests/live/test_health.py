"""The health feed: one thread a target, each on its own schedule."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from threading import Event as Stop
from threading import Lock

import pytest

from gospel_rollback_tui.domain.estate import Cluster, Environment, HttpCheck, Service, Tier
from gospel_rollback_tui.domain.feed import FeedState
from gospel_rollback_tui.domain.health import HttpAnswer, NoAnswer, Verdict
from gospel_rollback_tui.domain.snapshots import HealthRow
from gospel_rollback_tui.live.health import ELSEWHERE, HealthFeed, Target, targets_of
from tests.live.clocks import SteppedClock
from tests.live.waiting import until

GOOD = HttpAnswer(200, "", 0.01)
BAD = HttpAnswer(500, "", 0.01)
NONE = HttpAnswer(None, "", 4.0, NoAnswer.TIMEOUT)


class Answers:
    """An HttpAsker: each URL has an answer, and a gate that may be closed."""

    def __init__(self) -> None:
        self.answer: dict[str, HttpAnswer | Exception] = {}
        self.gates: dict[str, Stop] = {}
        self.asked: dict[str, int] = {}
        self.in_flight: dict[str, int] = {}
        self.most_in_flight = 0
        self._lock = Lock()

    def ask(self, check: HttpCheck) -> HttpAnswer:
        """Answers once the gate is open."""
        with self._lock:
            self.asked[check.url] = self.asked.get(check.url, 0) + 1
            self.in_flight[check.url] = self.in_flight.get(check.url, 0) + 1
            self.most_in_flight = max(self.most_in_flight, *self.in_flight.values())
        gate = self.gates.get(check.url)
        if gate is not None:
            gate.wait()
        with self._lock:
            self.in_flight[check.url] -= 1
        answer = self.answer.get(check.url, GOOD)
        if isinstance(answer, Exception):
            raise answer
        return answer


def target(name: str, kind: str = "ready") -> Target:
    """Returns a target."""
    return Target(name, kind, "", HttpCheck(name, f"http://{name}/"))


@contextmanager
def running(answers: Answers, *targets: Target) -> Iterator[tuple[HealthFeed, SteppedClock]]:
    """Runs a feed that asks every three seconds, without jitter."""
    clock = SteppedClock()
    feed = HealthFeed(answers, targets, clock, interval=3.0, jitter=lambda: 0.5)
    feed.start()
    try:
        until(lambda: clock.waiting(len(targets)), "the first waits")
        clock.advance(0.5)
        yield feed, clock
    finally:
        feed.stop()
        for gate in answers.gates.values():
            gate.set()


def asked_and_waiting(answers: Answers, clock: SteppedClock, names: list[str], count: int) -> bool:
    """Returns whether each target was asked that often and waits for its next turn."""
    return all(answers.asked.get(f"http://{name}/") == count for name in names) and clock.waiting(len(names))


def row(feed: HealthFeed, name: str) -> HealthRow:
    """Returns a row."""
    found = feed.snapshot().named(name)
    assert found is not None
    return found


def test_every_target_is_asked_on_its_schedule() -> None:
    """Once at the start and once an interval, never before its time."""
    answers = Answers()
    with running(answers, target("a"), target("b")) as (feed, clock):
        for count in (1, 2, 3):
            until(partial(asked_and_waiting, answers, clock, ["a", "b"], count), f"question {count}")
            clock.advance(2.9)
            assert clock.waiting(2)
            assert list(answers.asked.values()) == [count, count]
            clock.advance(0.1)
        assert feed.snapshot().status.state is FeedState.LIVE


def test_a_slow_target_delays_nobody_and_is_never_asked_twice_at_a_time() -> None:
    """Its row says that it is being asked; the others go on."""
    answers = Answers()
    answers.gates["http://slow/"] = Stop()
    with running(answers, target("slow"), target("fast")) as (feed, clock):
        for count in (1, 2, 3):
            until(partial(asked_and_waiting, answers, clock, ["fast"], count), f"question {count}")
            clock.advance(3.0)
        assert row(feed, "slow").in_flight
        assert answers.asked["http://slow/"] == 1
        assert row(feed, "slow").standing.latest is None
    assert answers.most_in_flight == 1


def test_what_is_only_compared_with_is_no_row_and_asked_seldom() -> None:
    """A place elsewhere neither makes health good nor keeps a dead feed alive."""
    answers = Answers()
    answers.answer["http://a/"] = NONE
    with running(answers, target("a"), target("else", ELSEWHERE)) as (feed, clock):
        until(partial(asked_and_waiting, answers, clock, ["a", "else"], 1), "the first answers")
        clock.advance(3.0)
        until(lambda: answers.asked["http://a/"] == 2 and clock.waiting(2), "the second question to the estate")
        assert answers.asked["http://else/"] == 1
        clock.advance(7.0)
        until(lambda: answers.asked["http://else/"] == 2 and clock.waiting(2), "the second question elsewhere")
        shown = feed.snapshot()
        assert ([row.name for row in shown.rows], [row.name for row in shown.elsewhere]) == (["a"], ["else"])
        assert (shown.status.state, shown.status.why) == (FeedState.UNREACHABLE, "no answer in time")


def test_one_lost_answer_changes_no_verdict_and_two_do() -> None:
    """The newest answer is shown all the same."""
    answers = Answers()
    with running(answers, target("a")) as (feed, clock):
        until(lambda: row(feed, "a").standing.asked == 1 and clock.waiting(1), "the first answer")
        answers.answer["http://a/"] = BAD
        clock.advance(3.0)
        until(lambda: row(feed, "a").standing.asked == 2 and clock.waiting(1), "the second answer")
        standing = row(feed, "a").standing
        assert standing.verdict is Verdict.GOOD
        assert standing.latest is not None
        assert standing.latest.words == "500, expected 200"
        clock.advance(3.0)
        until(lambda: row(feed, "a").standing.verdict is Verdict.BAD, "the verdict")
        assert row(feed, "a").standing.last_good is not None


def test_when_nothing_answers_the_feed_is_unreachable_and_says_why() -> None:
    """One answer from anywhere, even a bad one, proves that this side works."""
    answers = Answers()
    answers.answer = {"http://a/": NONE, "http://b/": NONE}
    with running(answers, target("a"), target("b")) as (feed, clock):
        until(lambda: feed.snapshot().status.state is FeedState.UNREACHABLE, "unreachable")
        assert feed.snapshot().status.detail == "no target answers; the last one: no answer in time"
        assert not feed.snapshot().known(clock.now().monotonic)
        answers.answer["http://b/"] = BAD
        until(lambda: clock.waiting(2), "both waits")
        clock.advance(3.0)
        until(lambda: feed.snapshot().status.state is FeedState.LIVE, "live")
        assert feed.snapshot().known(clock.now().monotonic)


def test_a_fault_of_this_program_makes_a_check_unknown_and_is_survived(caplog: pytest.LogCaptureFixture) -> None:
    """The thread goes on asking."""
    answers = Answers()
    answers.answer["http://a/"] = ZeroDivisionError("bug")
    with running(answers, target("a")) as (feed, clock):
        until(lambda: row(feed, "a").standing.asked == 1 and clock.waiting(1), "the fault")
        latest = row(feed, "a").standing.latest
        assert latest is not None
        assert (latest.verdict, latest.words) == (Verdict.UNKNOWN, "fault of this program: ZeroDivisionError")
        answers.answer["http://a/"] = GOOD
        clock.advance(3.0)
        until(lambda: row(feed, "a").standing.asked == 2, "the next question")
    assert "bug" in caplog.text


def test_another_symptom_replaces_the_one_before() -> None:
    """It comes first, and the old one is asked no longer."""
    answers = Answers()
    with running(answers, target("old", "symptom"), target("a")) as (feed, clock):
        until(lambda: clock.waiting(2), "both waits")
        feed.choose_symptom(HttpCheck("new", "http://new/"))
        until(lambda: clock.waiting(2), "the new wait")
        clock.advance(3.0)
        until(lambda: row(feed, "new").standing.asked == 1, "the new symptom's answer")
        assert [one.name for one in feed.snapshot().rows] == ["new", "a"]
        assert answers.asked["http://old/"] == 1
        before = row(feed, "new")
        feed.choose_symptom(HttpCheck("new", "http://new/"))
        assert row(feed, "new").standing.run_began == before.standing.run_began, "choosing it again keeps its history"


def test_stop_is_said() -> None:
    """A stopped feed is not known."""
    answers = Answers()
    with running(answers, target("a")) as (feed, _):
        pass
    assert feed.snapshot().status.state is FeedState.STOPPED
    feed.choose_symptom(HttpCheck("late", "http://late/"))
    assert feed.snapshot().named("late") is None


def test_what_an_environment_asks() -> None:
    """Symptoms first, public endpoints that are no symptom, then each service's own."""
    service = Service("gateway", "gospelib-gateway", "gateway", "app=x", "http://g/health", "http://g/ready")
    environment = Environment(
        "production",
        "PRODUCTION",
        Tier.PRODUCTION,
        Cluster("c", "n"),
        (service, replace(service, name="worker", health_url="", ready_url="")),
        endpoints=(HttpCheck("public", "https://x/"), HttpCheck("verses", "https://x/v")),
        symptoms=(HttpCheck("verses", "https://x/v"), HttpCheck("search", "https://x/s")),
    )
    usual = [(one.kind, one.name) for one in targets_of(environment)]
    assert usual == [("symptom", "verses"), ("symptom", "search"), ("endpoint", "public"), ("ready", "gateway /ready"), ("health", "gateway /health")]
    chosen = [(one.kind, one.name) for one in targets_of(environment, HttpCheck("mine", "https://x/m"))]
    assert chosen[:3] == [("symptom", "mine"), ("endpoint", "public"), ("endpoint", "verses")]
