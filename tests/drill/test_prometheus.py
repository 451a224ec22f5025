"""The estate's Prometheus: calm before the onset, failing since, falling as good pods take over."""

import json
from threading import Event, Thread
from typing import Any

import pytest

from gospel_rollback_tui.domain.metric_queries import DEFAULT_QUERIES, MetricKind, expanded
from gospel_rollback_tui.drill.loopback_http import Request
from gospel_rollback_tui.drill.prometheus import MOST_POINTS, PrometheusAnswers, window_of
from gospel_rollback_tui.drill.script import BAD_TAG, GOOD_TAG, NAMESPACE, SERVICE_PORTS
from gospel_rollback_tui.drill.scripts import find_script
from tests.drill.waiting import wait_for

NOW = 1_000_000.0
ERRORS, LATENCY, *_ = expanded(DEFAULT_QUERIES, NAMESPACE, [(service, f"gospelib-{service}") for service in SERVICE_PORTS])


class Estate:
    """A Prometheus over pods and a clock that a test sets."""

    def __init__(self, script: str = "ready-but-failing", window: float = 10.0) -> None:
        self.gateway: tuple[str, ...] = (BAD_TAG, BAD_TAG)
        self.now = NOW
        self.script = find_script(script)
        self.answers = PrometheusAnswers(
            self.script, lambda service: self.gateway if service == "gateway" else (GOOD_TAG,), window=window, clock=lambda: self.now
        )

    def ask(self, endpoint: str, **query: str) -> tuple[int, Any]:
        """Returns status and document of an answer."""
        response = self.answers(Request("GET", f"/api/v1/{endpoint}", query, b""))
        return response.status, json.loads(response.body)

    def value(self, promql: str, at: float | None = None) -> float:
        """Returns the present value, or that of a wall time."""
        status, document = self.ask("query", query=promql, **({} if at is None else {"time": str(at)}))
        assert (status, document["status"], document["data"]["resultType"]) == (200, "success", "vector")
        return float(document["data"]["result"][0]["value"][1])


def test_errors_are_few_before_the_onset_and_all_since() -> None:
    """The default incident: every verse answers 500 while every pod is Ready."""
    estate = Estate()
    onset = NOW - estate.script.failing_before
    assert estate.value(ERRORS.promql) > 0.9
    assert estate.value(ERRORS.promql, onset - 60) < 0.005
    assert estate.value(ERRORS.promql, onset + 30) > 0.9
    assert estate.value(LATENCY.promql, onset - 60) < 0.15 < estate.value(LATENCY.promql)


def test_errors_fall_as_good_pods_take_over() -> None:
    """Half of the pods, half of the errors once the window is over; then none."""
    estate = Estate()
    assert estate.value(ERRORS.promql) > 0.9
    estate.gateway = (BAD_TAG, GOOD_TAG)
    estate.answers.observe()
    estate.now += 5
    assert 0.6 < estate.value(ERRORS.promql) < 0.9
    estate.now += 5
    assert 0.45 < estate.value(ERRORS.promql) < 0.55
    estate.gateway = (GOOD_TAG, GOOD_TAG)
    estate.answers.observe()
    estate.now += 10
    assert estate.value(ERRORS.promql) < 0.005


def test_without_a_pod_everything_fails_and_only_searches_fail_where_only_search_does() -> None:
    """What users meet, by their share of the traffic."""
    estate = Estate("crash-loop")
    estate.gateway = ()
    assert estate.value(ERRORS.promql) > 0.99
    graph = Estate("empty-graph")
    graph.gateway = (GOOD_TAG,)
    assert 0.15 < graph.value(ERRORS.promql) < 0.25


def test_a_range_has_a_value_a_step_and_none_from_before_there_was_a_prometheus() -> None:
    """Nor from the time to come."""
    estate = Estate()
    status, document = estate.ask("query_range", query=ERRORS.promql, start=str(NOW - 600), end=str(NOW + 600), step="60")
    assert (status, document["data"]["resultType"]) == (200, "matrix")
    values = document["data"]["result"][0]["values"]
    assert [at for at, _ in values] == [NOW - 600 + 60 * number for number in range(11)]
    assert all(isinstance(value, str) for _, value in values)
    assert estate.ask("query_range", query=ERRORS.promql, start="0", end="600", step="60")[1]["data"]["result"] == []


def test_every_usual_query_has_an_answer_and_any_other_finds_nothing() -> None:
    """As a metric that nobody writes: an empty vector, no error."""
    estate = Estate()
    assert all(estate.value(query.promql) > 0 for query in expanded(DEFAULT_QUERIES, NAMESPACE, []))
    assert estate.ask("query", query="up")[1] == {"status": "success", "data": {"resultType": "vector", "result": []}}
    assert ERRORS.kind is MetricKind.ERROR_RATE


@pytest.mark.parametrize(
    ("endpoint", "query"),
    [
        ("query", {"query": "sum(rate("}),
        ("query", {}),
        ("query", {"query": "up", "time": "soon"}),
        ("query_range", {"query": "up"}),
        ("query_range", {"query": "up", "start": "0", "end": "10", "step": "0"}),
        ("query_range", {"query": "up", "start": "10", "end": "0", "step": "1"}),
        ("query_range", {"query": "up", "start": "0", "end": str(10 * MOST_POINTS), "step": "1"}),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_as_prometheus_does(endpoint: str, query: dict[str, str]) -> None:
    """With 400, `bad_data` and a sentence."""
    status, document = Estate().ask(endpoint, **query)
    assert (status, document["status"], document["errorType"]) == (400, "error", "bad_data")
    assert document["error"]


def test_nothing_else_is_served() -> None:
    """Nor are metrics written."""
    assert Estate().answers(Request("GET", "/metrics", {}, b"")).status == 404


def test_a_silent_one_answers_nothing_until_it_speaks() -> None:
    """The question stays open, as with a process that was stopped."""
    estate = Estate()
    estate.answers.silence()
    answered = Event()

    def wait_for_it() -> None:
        estate.value(ERRORS.promql)
        answered.set()

    thread = Thread(target=wait_for_it, daemon=True)
    thread.start()
    assert not answered.wait(0.05)
    estate.answers.speak()
    wait_for(answered.is_set)
    thread.join()


@pytest.mark.parametrize(("hold", "window"), [(900.0, 15.0), (6.0, 0.5), (60.0, 5.0)])
def test_rates_are_taken_over_a_window_that_suits_the_watch(hold: float, window: float) -> None:
    """A test that holds for six seconds does not wait fifteen for its errors to fall."""
    assert window_of(hold) == window
