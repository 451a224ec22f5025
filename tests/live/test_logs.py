"""Following logs: cuts, restarts, crashes, silence and new pods, by a kubelet that plays a script."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from threading import Event as Stop
from threading import Lock

import pytest

from gospel_rollback_tui.domain.errors import CredentialsExpired, Forbidden, NoRoute, NotFound, Refused, ServerDown
from gospel_rollback_tui.domain.estate import Service
from gospel_rollback_tui.domain.feed import FeedState
from gospel_rollback_tui.domain.snapshots import LogsSnapshot, PodRow, PodsSnapshot
from gospel_rollback_tui.live.logs import LogFeed
from gospel_rollback_tui.live.ports import Silent
from tests.domain.pictures import live, pod_row
from tests.live.clocks import SteppedClock
from tests.live.waiting import until

SERVICES = [Service(name, f"gospelib-{name}", name, f"app=gospelib-{name}") for name in ("gateway", "auth")]


class ScriptedStream:
    """Yields lines that the test gives it, until it ends, is cut or is stopped."""

    def __init__(self, since: float | None, tail: int) -> None:
        self.since = since
        self.tail = tail
        self.lines: list[str | Exception | None] = []
        self.stopped = Stop()
        self._given = 0

    def give(self, *lines: str | Exception | None) -> None:
        """Gives more lines; an exception cuts the stream, None ends it."""
        self.lines += lines

    def __iter__(self) -> Iterator[str]:
        while not self.stopped.is_set():
            if self._given == len(self.lines):
                self.stopped.wait(0.002)
                continue
            line = self.lines[self._given]
            self._given += 1
            if isinstance(line, Exception):
                raise line
            if line is None:
                return
            yield line

    def stop(self) -> None:
        """Ends the stream."""
        self.stopped.set()

    def close(self) -> None:
        """Ends the stream."""
        self.stopped.set()


class Kubelet:
    """A LogSource: each opening of a pod's log is a new stream, or an error while one is set."""

    def __init__(self) -> None:
        self.streams: dict[str, list[ScriptedStream]] = {}
        self.errors: dict[str, Exception] = {}
        self.past: dict[str, tuple[str, ...]] = {}
        self.refused = 0
        self._lock = Lock()

    def follow(self, pod: str, container: str, since: float | None, tail: int, silence: float) -> ScriptedStream:
        """Opens a stream."""
        assert container in ("gateway", "auth")
        assert silence == 20.0
        with self._lock:
            error = self.errors.get(pod)
            if error is not None:
                self.refused += 1
                raise error
            self.streams.setdefault(pod, []).append(ScriptedStream(since, tail))
            return self.streams[pod][-1]

    def previous(self, pod: str, container: str, tail: int) -> tuple[str, ...]:
        """Returns the run before."""
        return self.past.get(pod, ())

    def stream(self, pod: str, number: int = 1) -> ScriptedStream:
        """Waits for the pod's log to be opened for that time and returns the stream."""
        until(lambda: len(self.streams.get(pod, ())) >= number, f"stream {number} of {pod}")
        return self.streams[pod][number - 1]


class Estate:
    """A log feed over a scripted kubelet and pods that the test sets."""

    def __init__(self, *rows: PodRow, limit: int = 20) -> None:
        self.clock = SteppedClock()
        self.kubelet = Kubelet()
        self.rows: Sequence[PodRow] = rows
        self.reachable = True
        self.feed = LogFeed(self.kubelet, self.pods, SERVICES, self.clock, limit=limit, jitter=lambda: 0.5)

    def pods(self) -> PodsSnapshot:
        """Returns the pods pane."""
        now = self.clock.now()
        status = replace(live(), heard=now) if self.reachable else live(-1000.0, FeedState.UNREACHABLE)
        return PodsSnapshot(source="Kubernetes", taken=now, status=status, rows=tuple(self.rows))

    def texts(self) -> list[str]:
        """Returns the shown lines."""
        return [line.text for line in self.feed.snapshot().lines]

    def shows(self, *texts: str) -> None:
        """Waits until exactly these lines are shown, moving the clock."""
        self.tick_until(lambda: self.texts() == list(texts), f"{texts}, seen {self.texts()}")

    def tick_until(self, condition: Callable[[], bool], what: str) -> None:
        """Moves the clock by small steps until the condition holds."""

        def ticked() -> bool:
            if condition():
                return True
            self.clock.advance(0.25)
            return False

        until(ticked, what)


@pytest.fixture
def estate() -> Iterator[Estate]:
    """A feed that follows one pod of the gateway and one of auth."""
    made = Estate(pod_row("gateway", 1), pod_row("auth", 1))
    made.feed.start()
    yield made
    made.feed.stop()
    made.clock.advance(100)
    assert made.feed.join(10)


GATEWAY, AUTH = "gospelib-gateway-abc-1", "gospelib-auth-abc-1"


def stamped(second: int, text: str) -> str:
    """Returns a line as the kubelet writes it."""
    return f"2023-11-14T22:13:{20 + second:02}Z {text}"


def test_lines_of_the_chosen_service_are_shown_and_errors_of_all_are_counted(estate: Estate) -> None:
    """Choosing another service shows its last lines at once."""
    estate.kubelet.stream(GATEWAY).give(stamped(0, "hello"))
    estate.kubelet.stream(AUTH).give(stamped(0, "panic: no key"))
    estate.shows("hello")
    estate.tick_until(lambda: sum(row.per_minute for row in estate.feed.snapshot().errors) == 1, "the error of auth")
    estate.feed.choose(["auth", "nobody"])
    estate.shows("panic: no key")
    seen = estate.feed.snapshot()
    assert (seen.status.state, seen.chosen) == (FeedState.LIVE, ("auth",))
    assert [(row.service, row.streams, row.known) for row in seen.errors] == [("gateway", 1, True), ("auth", 1, True)]


def test_a_cut_stream_goes_on_where_it_was(estate: Estate) -> None:
    """The resumed stream repeats its last second; nothing is shown twice; a cut alone is no bad state."""
    first = estate.kubelet.stream(GATEWAY)
    assert (first.since, first.tail) == (None, 200)
    first.give(stamped(0, "a"), stamped(1, "b"), NoRoute("the connection was cut"))
    estate.shows("a", "b")
    estate.tick_until(lambda: len(estate.kubelet.streams[GATEWAY]) == 2, "a second stream")
    second = estate.kubelet.stream(GATEWAY, 2)
    assert (second.since, second.tail) == (1_700_000_001.0, 2000)
    second.give(stamped(1, "b"), stamped(2, "c"))
    estate.shows("a", "b", "c")
    assert estate.feed.snapshot().status.state is FeedState.LIVE


def test_a_crash_is_told_with_the_last_lines_of_the_run_that_were_not_seen(estate: Estate) -> None:
    """A marker stands between the two runs."""
    estate.kubelet.past[GATEWAY] = (stamped(0, "serving"), stamped(1, "panic: nil map"))
    estate.kubelet.stream(GATEWAY).give(stamped(0, "serving"))
    estate.shows("serving")
    estate.kubelet.stream(GATEWAY).give(None)
    estate.rows = [pod_row("gateway", 1, restarts=1, restart_reason="Error"), pod_row("auth", 1)]
    estate.tick_until(lambda: any(line.marker for line in estate.feed.snapshot().lines), "the marker")
    estate.kubelet.streams[GATEWAY][-1].give(stamped(5, "started"))
    estate.shows("serving", "panic: nil map", "container restarted: Error", "started")


def test_a_crash_noticed_while_the_new_run_is_followed_already_is_told_at_once(estate: Estate) -> None:
    """Even if its log never pauses."""
    estate.kubelet.stream(GATEWAY).give(stamped(0, "started again"))
    estate.shows("started again")
    estate.rows = [pod_row("gateway", 1, restarts=1, restart_reason="OOMKilled"), pod_row("auth", 1)]
    estate.shows("started again", "container restarted: OOMKilled")
    estate.tick_until(lambda: len(estate.kubelet.streams[GATEWAY]) == 2, "the stream opened again")


def test_a_crash_just_before_the_feed_began_is_told_and_an_old_one_is_not() -> None:
    """Last week's restart brings no old lines."""
    for ago, told in ((60.0, True), (86_400.0, False)):
        made = Estate()
        wall = made.clock.now().wall
        made.rows = [pod_row("gateway", 1, restarts=2, restart_reason="OOMKilled", last_restart=wall - ago)]
        made.kubelet.past[GATEWAY] = ("2023-11-14T22:13:00Z last words",)
        made.feed.start()
        made.kubelet.stream(GATEWAY).give(stamped(0, "hello"))
        made.shows(*(["last words", "container restarted: OOMKilled"] if told else []), "hello")
        made.feed.stop()
        made.clock.advance(100)
        assert made.feed.join(10)


def test_new_pods_are_followed_and_gone_ones_no_longer(estate: Estate) -> None:
    """A rollout replaces the streams with the pods."""
    old = estate.kubelet.stream(GATEWAY)
    estate.rows = [pod_row("gateway", 2), pod_row("auth", 1)]
    estate.tick_until(lambda: "gospelib-gateway-abc-2" in estate.kubelet.streams and old.stopped.is_set(), "the new pod's stream")


def test_a_pod_without_a_log_is_waited_for(estate: Estate) -> None:
    """400 and 404 before the first run are answers, not faults; the service is not known to be quiet."""
    for error in (Refused("container is waiting to start: ContainerCreating"), NotFound("pods not found")):
        estate.kubelet.errors["gospelib-gateway-abc-3"] = error
        estate.rows = [pod_row("gateway", 3)]
        estate.tick_until(lambda: estate.feed.snapshot().status.state is FeedState.WAITING, "waiting")
        gateway = estate.feed.snapshot().of("gateway")
        assert gateway is not None
        assert not gateway.known
    del estate.kubelet.errors["gospelib-gateway-abc-3"]
    estate.tick_until(lambda: "gospelib-gateway-abc-3" in estate.kubelet.streams, "the log once there is one")


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (CredentialsExpired("401"), FeedState.REFUSED),
        (Forbidden("403"), FeedState.FORBIDDEN),
        (ServerDown("refused"), FeedState.DOWN),
        (ZeroDivisionError("bug"), FeedState.FAULTY),
    ],
)
def test_logs_that_cannot_be_read_are_said_and_unknown(error: Exception, state: FeedState) -> None:
    """Zero errors then mean nothing."""
    made = Estate(pod_row("gateway", 1))
    made.kubelet.errors[GATEWAY] = error
    made.feed.start()
    made.tick_until(lambda: made.feed.snapshot().status.state is state, state.value)
    gateway = made.feed.snapshot().of("gateway")
    assert gateway is not None
    assert not gateway.known
    del made.kubelet.errors[GATEWAY]
    made.feed.retry_now()
    made.kubelet.stream(GATEWAY)
    made.tick_until(lambda: made.feed.snapshot().status.state is FeedState.LIVE, "live again")
    made.feed.stop()
    made.clock.advance(100)
    assert made.feed.join(10)


def test_a_silent_container_is_quiet_while_the_cluster_answers_and_unknown_when_it_does_not() -> None:
    """Silence alone proves neither health nor failure."""
    made = Estate(pod_row("gateway", 1))
    made.kubelet.errors[GATEWAY] = Silent("no answer in time")
    made.feed.start()

    def known() -> bool:
        gateway = made.feed.snapshot().of("gateway")
        return gateway is not None and gateway.known

    made.tick_until(lambda: made.kubelet.refused > 2 and known(), "a quiet container")
    made.reachable = False
    made.tick_until(lambda: not known(), "an unknown one")
    made.feed.stop()
    made.clock.advance(100)
    assert made.feed.join(10)


def test_every_service_is_heard_before_any_gets_a_second_stream() -> None:
    """Beyond the limit the pods are named; newest first."""
    rows = [pod_row("gateway", number, created=1000.0 + number) for number in range(5)] + [pod_row("auth", 1)]
    made = Estate(*rows, limit=3)
    made.feed.reconcile()

    seen: LogsSnapshot = made.feed.snapshot()
    assert set(seen.not_followed) == {"gospelib-gateway-abc-0", "gospelib-gateway-abc-1", "gospelib-gateway-abc-2"}
    made.kubelet.stream("gospelib-gateway-abc-4")
    made.kubelet.stream("gospelib-gateway-abc-3")
    made.kubelet.stream(AUTH)
    made.feed.stop()


def test_without_pods_there_is_nothing_to_follow_and_without_knowledge_of_pods_nothing_is_known() -> None:
    """The two are told apart."""
    made = Estate()
    assert made.feed.snapshot().status.state is FeedState.WAITING
    made.reachable = False
    status = made.feed.snapshot().status
    assert (status.state, status.detail) == (FeedState.UNREACHABLE, "the pods are not known")


def test_a_pod_first_seen_on_its_way_out_is_left_alone_where_another_is_there() -> None:
    """What it wrote belongs to before; one that was followed already is followed to its end, and the last one of a service always."""
    old, new, last = pod_row("gateway", 1, leaving=True), pod_row("gateway", 2), pod_row("auth", 1, leaving=True)
    made = Estate(old, new, last)
    made.feed.reconcile()
    made.kubelet.stream(new.name)
    made.kubelet.stream(last.name)
    made.rows = (old, replace(new, leaving=True), pod_row("gateway", 3), last)
    made.feed.reconcile()
    made.kubelet.stream("gospelib-gateway-abc-3")
    assert not made.kubelet.stream(new.name).stopped.is_set()
    assert old.name not in made.kubelet.streams
    made.feed.stop()
    made.clock.advance(100)
