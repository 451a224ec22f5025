"""The switchboard of troubles, as clients feel them."""

import http.client
import socket
import time
from threading import Thread
from urllib.parse import urlsplit

import pytest

from gospel_rollback_tui.drill.kubernetes import LogLine
from tests.drill.kubernetes.builders import CONFIG_MAPS, DEPLOYMENTS, NAMESPACE, PODS, WEB, a_config_map, a_deployment
from tests.drill.kubernetes.client import Client, Received
from tests.drill.kubernetes.conftest import Cluster
from tests.drill.waiting import wait_for


def answers(client: Client) -> bool:
    """Whether the server can be reached."""
    try:
        return client.get("/readyz").status == 200
    except OSError:
        return False


def test_a_server_that_is_down_refuses_and_comes_back_on_its_port(cluster: Cluster, client: Client) -> None:
    """Connections are refused while it is down; afterwards the same address answers and nothing is lost."""
    cluster.create(a_config_map("kept"))
    stream = client.watch(PODS)
    cluster.api.faults.api_down()
    with pytest.raises(ConnectionRefusedError):
        client.get("/readyz")
    assert stream.ends()
    cluster.api.faults.api_up()
    assert client.get(f"{CONFIG_MAPS}/kept").status == 200


def test_an_outage_ends_by_itself(cluster: Cluster, client: Client) -> None:
    """An outage of some seconds mends without anyone's help; controllers work on meanwhile."""
    cluster.api.faults.api_down(0.5)
    assert cluster.api.faults.is_down
    cluster.create(a_deployment(replicas=1))
    wait_for(lambda: answers(client))
    wait_for(cluster.rolled_out)


def test_a_request_under_way_is_cut_off_by_an_outage(cluster: Cluster, client: Client) -> None:
    """A change that was made just before the outage is not told about."""
    cluster.create_rolled_out(a_deployment(replicas=1))
    hold = cluster.api.faults.hold("PATCH", WEB)
    failures: list[Exception] = []

    def patch() -> None:
        try:
            client.patch(WEB, {"spec": {"replicas": 2}})
        except OSError as failure:
            failures.append(failure)

    sender = Thread(target=patch)
    sender.start()
    assert hold.arrived.wait(30)
    cluster.api.faults.api_down()
    sender.join(30)
    assert len(failures) == 1
    assert cluster.deployment()["spec"]["replicas"] == 2


def test_too_many_requests_are_a_text_with_a_delay(cluster: Cluster, client: Client, operator: Client) -> None:
    """429 is no Status; masters are spared; a count runs out."""
    cluster.api.faults.throttle(retry_after=2, requests=2)
    for _ in range(2):
        refused = operator.get(PODS)
        assert (refused.status, refused.text) == (429, "Too many requests, please try again later.\n")
        assert (refused.headers["Retry-After"], refused.headers["Content-Type"]) == ("2", "text/plain; charset=utf-8")
        assert client.get(PODS).status == 200
    assert operator.get(PODS).status == 200
    cluster.api.faults.throttle()
    assert operator.get(PODS).status == 429
    cluster.api.faults.unthrottle()
    assert operator.get(PODS).status == 200


def test_a_dead_watch_stays_open_and_silent_for_good(cluster: Cluster, client: Client) -> None:
    """No byte comes any more, not even after new watches live again; other requests are answered all the time."""
    cluster.create(a_deployment(replicas=1))
    wait_for(cluster.rolled_out)
    (pod,) = cluster.pods()
    watch = client.watch(CONFIG_MAPS)
    log = client.stream(f"{PODS}/{pod['metadata']['name']}/log", follow="true")
    cluster.api.faults.silence_watches()
    stillborn = client.watch(CONFIG_MAPS)
    cluster.create(a_config_map("unseen"))
    cluster.log(pod["metadata"]["name"], "web", LogLine(cluster.api.registry.now(), "unread"))
    assert client.get(f"{CONFIG_MAPS}/unseen").status == 200
    cluster.api.faults.wake_watches()
    living = client.watch(CONFIG_MAPS)
    assert living.event()["object"]["metadata"]["name"] == "unseen"
    for stream in (watch, log, stillborn):
        stream.expect_silence()


def test_a_slow_server_delays_every_request(cluster: Cluster, client: Client) -> None:
    """The delay comes before the request is looked at."""
    cluster.api.faults.slow(0.3)
    began = time.monotonic()
    assert client.get("/readyz").status == 200
    assert time.monotonic() - began >= 0.3
    cluster.api.faults.slow(0)
    assert cluster.api.faults.latency == 0


def test_a_right_can_be_taken_away_and_given_back(cluster: Cluster, operator: Client) -> None:
    """A forbidden verb is refused in the words of RBAC though the rules allow it."""
    cluster.create_rolled_out(a_deployment(replicas=1))
    cluster.api.faults.forbid("operator", verb="patch")
    refused = operator.patch(WEB, {"spec": {"replicas": 2}})
    assert refused.status == 403
    assert refused.message.startswith('deployments.apps "web" is forbidden: User "operator" cannot patch resource "deployments"')
    assert operator.get(DEPLOYMENTS).status == 200
    cluster.api.faults.permit("operator", verb="patch")
    assert operator.patch(WEB, {"spec": {"replicas": 2}}).status == 200


def test_an_answer_is_held_while_its_change_is_done(cluster: Cluster, client: Client) -> None:
    """The change is stored and logged, the client waits; released, it gets its answer. One hold serves one request, dry runs pass."""
    cluster.create_rolled_out(a_deployment(replicas=1))
    hold = cluster.api.faults.hold("PATCH", "*/deployments/web")
    assert client.patch(WEB + "?dryRun=All", {"spec": {"replicas": 2}}).status == 200
    assert client.patch(f"{DEPLOYMENTS}/nope", {}).status == 404
    received: list[Received] = []
    sender = Thread(target=lambda: received.append(client.patch(WEB, {"spec": {"replicas": 2}})))
    sender.start()
    assert hold.arrived.wait(30)
    assert cluster.deployment()["spec"]["replicas"] == 2
    assert [record.body for record in cluster.api.requests.changes()] == [{"spec": {"replicas": 2}}]
    assert received == []
    assert client.patch(WEB, {"spec": {"replicas": 3}}).status == 200
    hold.release()
    sender.join(30)
    assert received[0].json["spec"]["replicas"] == 2


def test_a_dropped_answer_breaks_the_connection(cluster: Cluster, client: Client) -> None:
    """The client never learns that its change was made."""
    cluster.create_rolled_out(a_deployment(replicas=1))
    hold = cluster.api.faults.hold("PATCH", WEB)
    hold.drop()
    with pytest.raises((ConnectionError, http.client.BadStatusLine)):
        client.patch(WEB, {"spec": {"replicas": 2}})
    assert cluster.deployment()["spec"]["replicas"] == 2


def test_everything_can_be_mended_at_once(cluster: Cluster, operator: Client) -> None:
    """After `mend` nothing is broken any more."""
    faults = cluster.api.faults
    faults.api_down()
    faults.throttle()
    faults.forbid("operator")
    faults.silence_watches()
    faults.slow(9)
    faults.hold("PATCH", "*")
    faults.mend()
    assert operator.get(PODS).status == 200
    cluster.create(a_config_map("a"))
    assert operator.watch(CONFIG_MAPS).event()["type"] == "ADDED"


def test_a_connection_that_says_nothing_hinders_nobody(cluster: Cluster, client: Client) -> None:
    """A client that opens a connection and is silent does not keep others from being served."""
    address = urlsplit(cluster.api.url)
    with socket.create_connection((address.hostname, address.port)), socket.create_connection((address.hostname, address.port)):
        assert client.get("/readyz").status == 200


def test_closing_ends_every_connection_and_thread(cluster: Cluster, client: Client) -> None:
    """A server that closes leaves no watch hanging and gives its port back."""
    streams = [client.watch(f"/api/v1/namespaces/{NAMESPACE}/{name}") for name in ("pods", "secrets", "events")]
    cluster.api.close()
    for stream in streams:
        assert stream.ends()
    wait_for(lambda: cluster.api.connections == 0)
    assert not answers(client)
