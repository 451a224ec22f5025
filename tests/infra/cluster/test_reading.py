"""Reads are tried again while that can help."""

from collections.abc import Callable

import pytest
import stamina.instrumentation

from gospel_rollback_tui.domain.errors import CredentialsExpired, Forbidden, NotFound, ServerDown, VersionGone
from gospel_rollback_tui.domain.raw import child, text
from gospel_rollback_tui.infra.cluster.connection import ClusterConnection
from gospel_rollback_tui.infra.cluster.reading import ClusterReader
from gospel_rollback_tui.infra.cluster.refusals import Untrusted
from tests.infra.cluster.scripted import RESET, Heard, Reply, Script, ScriptedServer, status

Serve = Callable[[Script], ScriptedServer]
Connect = Callable[..., ClusterConnection]

PATH = "/api/v1/namespaces/ns/pods"


def _in_turn(*replies: Reply) -> Script:
    left = list(replies)

    def _next(heard: Heard) -> Reply:
        return left.pop(0) if len(left) > 1 else left[0]

    return _next


@pytest.mark.usefixtures("retries_without_waits")
@pytest.mark.parametrize("trouble", [status(503), status(500), RESET, Reply(429, "wait", {"Content-Type": "text/plain", "Retry-After": "0"})])
def test_a_read_survives_a_short_trouble(serve: Serve, connect: Connect, trouble: Reply) -> None:
    """What may be over in a moment is asked again."""
    server = serve(_in_turn(trouble, trouble, Reply(200, {"kind": "Pod"})))
    assert ClusterReader(connect(server)).get(PATH) == {"kind": "Pod"}
    assert len(server.heard) == 3


@pytest.mark.usefixtures("retries_without_waits")
@pytest.mark.parametrize(("reply", "kind"), [(status(403, message="no"), Forbidden), (status(404), NotFound)])
def test_an_answer_is_not_asked_again(serve: Serve, connect: Connect, reply: Reply, kind: type[Exception]) -> None:
    """A refusal stays one."""
    server = serve(lambda heard: reply)
    with pytest.raises(kind):
        ClusterReader(connect(server)).get(PATH)
    assert len(server.heard) == 1


@pytest.mark.usefixtures("retries_without_waits")
def test_a_server_that_stays_down_is_given_up(serve: Serve, connect: Connect) -> None:
    """After a few attempts the last trouble is told."""
    server = serve(lambda heard: status(503, message="shutting down"))
    with pytest.raises(ServerDown, match="shutting down"):
        ClusterReader(connect(server)).get(PATH)
    assert len(server.heard) == 4


def test_the_server_says_how_long_to_wait(serve: Serve, connect: Connect) -> None:
    """Retry-After is honoured rather than a back-off of our own."""
    waits: list[float] = []
    stamina.instrumentation.set_on_retry_hooks([lambda details: waits.append(details.wait_for)])
    try:
        throttle = Reply(429, "Too many requests\n", {"Content-Type": "text/plain", "Retry-After": "1"})
        ClusterReader(connect(serve(_in_turn(throttle, Reply())))).get(PATH)
    finally:
        stamina.instrumentation.set_on_retry_hooks(None)
    assert waits == [1.0]


def test_tls_that_does_not_hold_is_not_tried_again(serve: Serve) -> None:
    """A wrong certificate will be wrong the next time too."""
    server, other = serve(lambda heard: Reply()), serve(lambda heard: Reply())
    connection = ClusterConnection(server.cluster())
    server.kubeconfig(cluster={"certificate-authority": str(other.authority)})
    with pytest.raises(Untrusted):
        ClusterReader(connection).get(PATH)
    assert server.heard == []


def _pages(heard: Heard) -> Reply:
    token = heard.query.get("continue", "")
    items = [{"metadata": {"name": f"p{token}"}}, None]
    return Reply(200, {"metadata": {"resourceVersion": "7", "continue": {"": "a", "a": "b"}.get(token, "")}, "items": items})


def test_a_list_is_read_page_by_page(serve: Serve, connect: Connect) -> None:
    """Every page is followed; the first query is kept, and what is no object is dropped."""
    server = serve(_pages)
    page = ClusterReader(connect(server)).list_pages(PATH, {"labelSelector": "app=web"})
    assert [item["metadata"]["name"] for item in page.items] == ["p", "pa", "pb"]
    assert page.resource_version == "7"
    assert all(heard.query["labelSelector"] == "app=web" for heard in server.heard)


def test_a_list_that_expires_between_pages_begins_again(serve: Serve, connect: Connect) -> None:
    """A continue token that is too old costs one new list, and then it is told."""
    server = serve(_in_turn(_pages(Heard("GET", PATH, {}, {}, None)), status(410, "Expired", "too old"), Reply(200, {"metadata": {}, "items": []})))
    assert ClusterReader(connect(server)).list_pages(PATH).items == ()
    with pytest.raises(VersionGone):
        ClusterReader(connect(serve(lambda heard: status(410, "Expired", "too old")))).list_pages(PATH)


def test_of_a_long_list_only_what_is_kept_of_each_object_is_held(serve: Serve, connect: Connect) -> None:
    """Page by page, in order; a token that is too old costs one new list and no object twice."""
    first = _pages(Heard("GET", PATH, {}, {}, None))
    answers = iter([first, status(410, "Expired", "too old")])
    server = serve(lambda heard: next(answers, None) or _pages(heard))
    assert ClusterReader(connect(server)).list_kept(PATH, lambda raw: text(child(raw, "metadata").get("name"))) == ("p", "pa", "pb")


def test_a_null_list_is_empty(serve: Serve, connect: Connect) -> None:
    """Items and metadata may be null."""
    assert ClusterReader(connect(serve(lambda heard: Reply(200, {"metadata": None, "items": None})))).list_pages(PATH).items == ()


def test_a_written_token_is_not_asked_for_again(serve: Serve, connect: Connect) -> None:
    """A refused token that nothing can renew is expired at once."""
    server = serve(lambda heard: status(401))
    with pytest.raises(CredentialsExpired, match="expired or wrong"):
        ClusterReader(connect(server)).get(PATH)
    assert len(server.heard) == 1
