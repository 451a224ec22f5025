"""By how much the API server's clock differs from this host's, by the Date of its answers."""

import time
from collections.abc import Callable, Iterator

import pytest

from gospel_rollback_tui.domain.estate import HttpCheck, Service
from gospel_rollback_tui.infra.cluster.connection import ClusterConnection
from gospel_rollback_tui.infra.cluster.exchange import Request
from gospel_rollback_tui.infra.cluster.service_proxy import ServiceProxy
from tests.infra.cluster.conftest import QUICK
from tests.infra.cluster.scripted import Reply, Script, ScriptedServer

Serve = Callable[[Script], ScriptedServer]
HOUR = 3600.0
READ = Request("GET", "/api/v1/namespaces/ns/pods")


@pytest.fixture
def behind(serve: Serve) -> Iterator[ClusterConnection]:
    """A connection of a host whose clock is an hour behind."""
    connection = ClusterConnection(serve(lambda heard: Reply()).cluster(), timeouts=QUICK, clock=lambda: time.time() - HOUR)
    yield connection
    connection.close()


def test_an_answers_date_tells_the_skew(behind: ClusterConnection) -> None:
    """To the second, less what the way may have taken."""
    assert behind.skew() == 0.0
    behind.ask(READ)
    assert behind.skew() == pytest.approx(HOUR, abs=5.0)
    assert behind.cluster_now() == pytest.approx(time.time(), abs=5.0)


def test_a_streams_head_tells_it_too(behind: ClusterConnection) -> None:
    """A watch is opened again and again while nothing else is asked."""
    behind.open(READ, read=1.0).close()
    assert behind.skew() == pytest.approx(HOUR, abs=5.0)


def test_what_was_handed_on_has_somebody_elses_date(behind: ClusterConnection) -> None:
    """A pod's clock is not the API server's."""
    answer = ServiceProxy(behind).ask(Service("web", "web", "web", "app=web", cluster_service="web:http"), HttpCheck("x", "http://web/health"))
    assert answer.status == 200
    assert behind.skew() == 0.0


def test_clocks_that_agree_have_no_skew(serve: Serve) -> None:
    """Neither the way nor the Date's whole seconds make one."""
    connection = ClusterConnection(serve(lambda heard: Reply()).cluster(), timeouts=QUICK)
    for _ in range(5):
        connection.ask(READ)
        assert connection.skew() == 0.0
    connection.close()
