"""`pods/log`: what is sent, followed, and refused."""

from datetime import UTC, datetime, timedelta

import pytest

from gospel_rollback_tui.drill.kubernetes import LogLine
from tests.drill.kubernetes.builders import CRASHING, PODS, UNPLACEABLE, UNPULLABLE, a_container, a_deployment
from tests.drill.kubernetes.client import Client
from tests.drill.kubernetes.conftest import Cluster
from tests.drill.waiting import wait_for

BEGIN = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


@pytest.fixture
def log(cluster: Cluster) -> str:
    """The path of the log of a pod with two containers; `web` wrote five lines, the last one just now."""
    cluster.create_rolled_out(a_deployment(containers=[a_container(), a_container("side")], replicas=1))
    name = pod_name(cluster)
    for number in range(4):
        cluster.log(name, "web", LogLine(BEGIN + timedelta(seconds=number), f"line {number}"))
    cluster.log(name, "web", LogLine(datetime.now(UTC), "line 4"))
    cluster.log(name, "side", LogLine(BEGIN, "from the side"))
    return f"{PODS}/{name}/log"


def pod_name(cluster: Cluster) -> str:
    """Return the name of the only pod."""
    (pod,) = cluster.pods()
    return str(pod["metadata"]["name"])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"container": "web"}, "line 0\nline 1\nline 2\nline 3\nline 4\n"),
        ({"container": "side"}, "from the side\n"),
        ({"container": "web", "tailLines": "2"}, "line 3\nline 4\n"),
        ({"container": "web", "tailLines": "0"}, ""),
        ({"container": "web", "tailLines": "99"}, "line 0\nline 1\nline 2\nline 3\nline 4\n"),
        ({"container": "web", "sinceSeconds": "600"}, "line 4\n"),
        ({"container": "web", "sinceTime": "2026-11-23T06:00:02Z"}, "line 2\nline 3\nline 4\n"),
        ({"container": "web", "limitBytes": "9"}, "line 0\nli"),
        ({"container": "web", "tailLines": "1", "timestamps": "true", "sinceTime": "2026-11-23T06:00:00Z"}, None),
    ],
)
def test_options_choose_what_is_sent(client: Client, log: str, query: dict[str, str], expected: str | None) -> None:
    """Container, tail, since, limit and timestamps do what their names say."""
    answered = client.get(log, **query)
    assert (answered.status, answered.headers["Content-Type"]) == (200, "text/plain")
    if expected is not None:
        assert answered.text == expected
    else:
        stamp, _, text = answered.text.partition(" ")
        assert text == "line 4\n"
        assert stamp.endswith("000Z")


@pytest.mark.parametrize(
    ("query", "status", "message"),
    [
        ({}, 400, "a container name must be specified for pod {pod}, choose one of: [web side]"),
        ({"container": "nope"}, 400, "container nope is not valid for pod {pod}"),
        (
            {"container": "web", "tailLines": "-1"},
            422,
            'PodLogOptions "{pod}" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0',
        ),
        (
            {"container": "web", "sinceSeconds": "0"},
            422,
            'PodLogOptions "{pod}" is invalid: sinceSeconds: Invalid value: 0: must be greater than 0',
        ),
        ({"container": "web", "previous": "true"}, 400, 'previous terminated container "web" in pod "{pod}" not found'),
    ],
)
def test_what_cannot_be_read_is_refused(cluster: Cluster, client: Client, log: str, query: dict[str, str], status: int, message: str) -> None:
    """Refusals name the pod and what to choose from."""
    refused = client.get(log, **query)
    assert (refused.status, refused.message) == (status, message.format(pod=pod_name(cluster)))


def test_a_pod_that_does_not_exist_has_no_log(client: Client) -> None:
    """404 names the pod."""
    assert client.get(f"{PODS}/nope/log").message == 'pods "nope" not found'


def test_a_pod_without_a_node_has_nothing_to_say(cluster: Cluster, client: Client) -> None:
    """Before it is scheduled the answer is empty, not an error."""
    cluster.create(a_deployment(image=UNPLACEABLE, replicas=1))
    wait_for(lambda: len(cluster.pods()) == 1)
    answered = client.get(f"{PODS}/{pod_name(cluster)}/log")
    assert (answered.status, answered.text) == (204, "")


def test_a_container_that_never_ran_says_why(cluster: Cluster, client: Client) -> None:
    """An image that cannot be pulled leaves nothing to read."""
    cluster.create(a_deployment(image=UNPULLABLE, replicas=1))
    wait_for(lambda: cluster.container().get("state", {}).get("waiting", {}).get("reason") == "ImagePullBackOff")
    refused = client.get(f"{PODS}/{pod_name(cluster)}/log")
    assert refused.status == 400
    assert refused.message == f'container "web" in pod "{pod_name(cluster)}" is waiting to start: trying and failing to pull image'


def test_a_crashed_run_can_still_be_read(cluster: Cluster, client: Client) -> None:
    """`previous` shows the run before the last restart."""
    cluster.create(a_deployment(image=CRASHING, replicas=1))
    wait_for(lambda: cluster.container().get("restartCount", 0) > 0)
    cluster.log(pod_name(cluster), "web", LogLine(BEGIN, "panic: no database"), previous=True)
    assert client.get(f"{PODS}/{pod_name(cluster)}/log", previous="true").text == "panic: no database\n"


def test_a_followed_log_sends_lines_as_they_are_written_and_ends_with_its_pod(cluster: Cluster, client: Client, log: str) -> None:
    """Following starts with the tail, goes on with new lines, and ends when the pod is gone."""
    name = pod_name(cluster)
    stream = client.stream(log, container="web", follow="true", tailLines="1")
    lines = stream.lines()
    assert next(lines) == "line 4\n"
    cluster.log(name, "web", LogLine(BEGIN, "line 5"))
    assert next(lines) == "line 5\n"
    cluster.log(name, "web", LogLine(BEGIN, "line 6"))
    assert next(lines) == "line 6\n"
    cluster.api.registry.patch("deployments", "kx", "web", {"spec": {"replicas": 0}})
    assert list(lines) == []
