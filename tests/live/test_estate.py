"""Every feed of an environment against the simulated estate, through the clients that production uses."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from gospel_rollback_tui.config.settings import choose_environment, load_settings
from gospel_rollback_tui.domain.estate import HttpCheck
from gospel_rollback_tui.domain.feed import FeedState
from gospel_rollback_tui.domain.health import Verdict
from gospel_rollback_tui.domain.snapshots import EstateSnapshot
from gospel_rollback_tui.drill.control_client import ControlClient
from gospel_rollback_tui.drill.launch import launch_simulated
from gospel_rollback_tui.infra.cluster.connection import ClusterConnection
from gospel_rollback_tui.infra.cluster.feeding import feed_ports
from gospel_rollback_tui.infra.probes import HttpProbe
from gospel_rollback_tui.live.estate import EstateFeeds
from tests.live.waiting import until


@dataclass
class Watched:
    """The simulated estate with feeds on it."""

    feeds: EstateFeeds
    control: ControlClient
    namespace: str

    def sees(self, condition: Callable[[EstateSnapshot], bool], what: str) -> EstateSnapshot:
        """Waits for a picture that meets the condition and returns the newest."""
        until(lambda: condition(self.feeds.snapshot()), what)
        return self.feeds.snapshot()


@contextmanager
def watching(folder: Path, script: str, *faults: str, beside: bool = False) -> Iterator[Watched]:
    """Serves a script's estate and feeds on it; `beside`: as an app has them, with nodes and further namespaces."""
    with launch_simulated(folder / "estate", script, faults) as estate:
        environment = choose_environment(load_settings(estate.endpoints.config_file, os.environ), None)
        connection = ClusterConnection(environment.cluster)
        feeds = EstateFeeds(environment, feed_ports(connection, HttpProbe(nonce=environment.cluster.nonce), beside=beside), health_interval=0.5)
        feeds.start()
        try:
            yield Watched(feeds, ControlClient(estate.endpoints.control_url, estate.endpoints.nonce), environment.cluster.namespace)
        finally:
            feeds.stop()
            assert feeds.join(60)
            connection.close()


@pytest.fixture
def estate(tmp_path: Path) -> Iterator[Watched]:
    """The default incident: every pod is ready, and the public API answers 500."""
    with watching(tmp_path, "ready-but-failing") as watched:
        yield watched


def test_the_default_incident_is_seen_whole(estate: Watched) -> None:
    """Green pods, a failing symptom, and the errors that tell who it is; each part live, with an age."""
    seen = estate.sees(
        lambda s: (
            len(s.pods.rows) == 12
            and all(row.newest for row in s.pods.rows)
            and bool(s.events.rows)
            and all(row.standing.asked for row in s.health.rows)
            and all(row.known for row in s.logs.errors)
        ),
        "pods, checks and logs of all services",
    )
    assert {row.state for row in seen.pods.rows} == {"Ready"}
    assert {row.revision for row in seen.pods.of("gateway")} == {3}
    assert len(seen.rollout.rows) == 6
    assert {row.progress for row in seen.rollout.rows} == {Verdict.GOOD}
    verses = seen.health.named("verses")
    assert verses is not None
    assert (verses.kind, verses.standing.verdict) == ("symptom", Verdict.BAD)
    assert {row.standing.verdict for row in seen.health.rows if row.kind in ("health", "ready")} == {Verdict.GOOD}
    seen = estate.sees(lambda s: bool(s.logs.signatures) and s.logs.signatures[0].service == "gateway", "the gateway's errors")
    assert "nil map" in seen.logs.signatures[0].signature
    assert any(event.reason == "ScalingReplicaSet" for event in seen.events.rows)
    assert {part.status.state for _, part in seen.parts()} == {FeedState.LIVE}
    name, age = seen.oldest(seen.taken.monotonic)
    assert name in {"pods", "rollout", "events", "health", "logs"}
    assert age is not None


def test_pods_are_given_to_who_asks_once_they_are_listed_and_never_from_a_feed_that_is_not_believed(tmp_path: Path) -> None:
    """The first asker waits for the list; with the API away the answer is that nothing is known."""
    with watching(tmp_path, "ready-but-failing") as watched:
        first = watched.feeds.pod_states()
        assert first is not None
        assert len(first) == 12
        watched.control.fault("api-gone")
        watched.sees(lambda s: not s.pods.known(s.taken.monotonic), "pods that are not known")
        assert watched.feeds.pod_states() is None


def test_nodes_and_neighbours_are_seen_and_are_none_of_the_services(tmp_path: Path) -> None:
    """Signals go by the services' rows, which hold no other pod; what may not be read is forbidden by name; triage is given nodes without asking."""
    with watching(tmp_path, "ready-but-failing", "neighbours", beside=True) as watched:
        seen = watched.sees(
            lambda s: len(s.pods.further) == 4 and any(row.state == "CrashLoopBackOff" for row in s.pods.further) and bool(s.events.further),
            "the pods of payments, and a warning about them",
        )
        assert (len(seen.pods.rows), {row.namespace for row in seen.pods.rows}) == (12, {watched.namespace})
        assert {row.namespace for row in seen.pods.further} == {"payments"}
        assert {event.type for event in seen.events.further} == {"Warning"}
        assert [(place.name, place.pods.state) for place in seen.pods.places] == [("payments", FeedState.LIVE), ("vault", FeedState.FORBIDDEN)]
        assert {part.status.state for _, part in seen.parts()} == {FeedState.LIVE}
        assert len(watched.feeds.pod_states() or ()) == len(watched.feeds.pods().rows) == 12
        assert [node.ready for node in watched.feeds.nodes() or ()] == [True] * 3
        watched.control.fault("node-not-ready")
        watched.sees(lambda s: s.nodes is not None and [one.health.value for one in s.nodes.unwell] == ["silent"], "the silent node")
        assert sum(node.ready for node in watched.feeds.nodes() or ()) == 2
        watched.sees(lambda s: [row.state for row in s.pods.of("gateway")] == ["Not ready", "Ready"], "the pod of the silent node")
        watched.control.fault("node-not-ready", on=False)
        seen = watched.sees(
            lambda s: s.nodes is not None and not s.nodes.unwell and {row.state for row in s.pods.rows} == {"Ready"}, "the node that speaks again"
        )
        assert seen.nodes is not None
        assert seen.nodes.total == 3


def test_a_runners_feeds_look_at_nothing_beside_the_services(estate: Watched) -> None:
    """The watch for stability pays for no node and no other namespace."""
    seen = estate.sees(lambda s: len(s.pods.rows) == 12, "the services' pods")
    assert (seen.nodes, seen.pods.places, estate.feeds.nodes()) == (None, (), None)
    assert not [one for one in estate.control.requests() if one["path"].startswith("/api/v1/nodes")]


def test_lines_follow_the_chosen_service_and_a_pause_freezes_the_picture(estate: Watched) -> None:
    """While paused the feeds go on: resuming shows the present at once."""
    estate.feeds.choose_logs("billing")
    estate.sees(lambda s: bool(s.logs.lines) and {line.service for line in s.logs.lines} == {"billing"}, "billing's lines")
    estate.feeds.pause()
    frozen = estate.feeds.snapshot()
    assert frozen.paused
    estate.feeds.choose_symptom(HttpCheck("books", frozen.health.rows[0].label.replace("GET ", "http://") + "/books"))
    assert estate.feeds.snapshot() == frozen
    estate.feeds.resume()
    seen = estate.sees(lambda s: s.health.rows[0].name == "books", "the other symptom")
    assert not seen.paused


def test_a_crash_loop_is_seen_in_pods_rollout_and_logs(tmp_path: Path) -> None:
    """The reason, not the phase; the rollout is called failing at once; the crash is told between the lines."""
    with watching(tmp_path, "crash-loop") as watched:
        seen = watched.sees(
            lambda s: (
                any(row.state == "CrashLoopBackOff" and row.newest for row in s.pods.of("gateway"))
                and [row.progress for row in s.rollout.rows if row.service == "gateway"] == [Verdict.BAD]
            ),
            "a crash loop of the newest revision, and a failing rollout",
        )
        crashing = next(row for row in seen.pods.of("gateway") if row.state == "CrashLoopBackOff")
        assert crashing.verdict is Verdict.BAD
        assert crashing.restarts > 0


def test_a_change_of_somebody_elses_is_seen_within_moments(estate: Watched) -> None:
    """The watch brings it; nothing polls."""
    estate.sees(lambda s: s.rollout.of("auth") is not None, "auth's Deployment")
    estate.control.edit("deployments", estate.namespace, "gospelib-auth", {"spec": {"replicas": 3}})
    seen = estate.sees(lambda s: len(s.pods.of("auth")) == 3 and [row.desired for row in s.rollout.rows if row.service == "auth"] == [3], "a third pod")
    assert len({row.name for row in seen.pods.of("auth")}) == 3


def test_an_expired_login_is_said_and_ends_with_the_renewal(estate: Watched) -> None:
    """What was seen before stays, and is no longer taken for what is."""
    estate.sees(lambda s: len(s.pods.rows) == 12, "the pods")
    estate.control.fault("expired-token")
    estate.control.edit("deployments", estate.namespace, "gospelib-auth", {"metadata": {"labels": {"touched": "yes"}}})
    seen = estate.sees(lambda s: s.logs.status.state is FeedState.REFUSED or s.pods.status.state is FeedState.REFUSED, "a refusal")
    assert len(seen.pods.rows) == 12
    estate.control.fault("expired-token", on=False)
    estate.feeds.retry_now()
    estate.sees(lambda s: s.pods.status.state is FeedState.LIVE and s.logs.status.state is FeedState.LIVE, "live feeds again")


def test_no_thread_outlives_the_feeds(tmp_path: Path) -> None:
    """Stopping cuts off whatever is in flight."""
    with watching(tmp_path, "ready-but-failing") as watched:
        watched.sees(lambda s: all(row.known for row in s.logs.errors), "all streams")
    until(lambda: not [t.name for t in threading.enumerate() if t.name.startswith(("feed-", "log-", "health-", "probe"))], "the end of every thread")
