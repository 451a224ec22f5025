"""The metrics of an environment: defaults, queries with placeholders, and what cannot be."""

from pathlib import Path

import pytest

from gospel_rollback_tui.config.settings import load_settings
from gospel_rollback_tui.domain.errors import ConfigurationError
from gospel_rollback_tui.domain.estate import Metrics
from gospel_rollback_tui.domain.metric_queries import DEFAULT_QUERIES, MetricKind, Unit

BARE = """\
environments:
  test:
    tier: staging
    cluster: {context: kind-test, namespace: shop}
    services:
      web: {deployment: shop-web}
      cart: {deployment: shop-cart}
"""
ASKED = "    prometheus: https://prometheus.example/prom/\n"
OWN = """\
    grafana: https://grafana.example/d/shop
    metrics:
      token_file: token
      ca_file: ca.pem
      queries:
        - name: errors
          kind: error rate
          query: sum(rate(e{service="{service}",namespace="{namespace}"}[1m]))
          unit: per second
          worse_above: 2
        - name: p95
          kind: latency
          service: cart
          query: quantile(0.95, l{deployment="{deployment}"})
          tolerance: 1.5
          signal: false
"""


def load(folder: Path, text: str) -> Metrics:
    """Returns the metrics of the only environment of a configuration of that text."""
    file = folder / "config.yaml"
    file.write_text(text, encoding="utf-8")
    return load_settings(file, {}).environments[0].metrics


def test_without_an_address_there_are_no_metrics(tmp_path: Path) -> None:
    """Nothing is asked, and nothing counts as a signal."""
    assert load(tmp_path, BARE) == Metrics()


def test_an_address_alone_asks_the_usual_queries_of_the_namespace(tmp_path: Path) -> None:
    """Under the path that it is served at."""
    metrics = load(tmp_path, BARE + ASKED)
    assert (metrics.url, metrics.token_file, metrics.dashboard) == ("https://prometheus.example/prom", "", "")
    assert [query.name for query in metrics.queries] == [query.name for query in DEFAULT_QUERIES]
    assert all('"shop"' in query.promql and "{namespace}" not in query.promql for query in metrics.queries)


def test_queries_of_ones_own_replace_them_with_the_estates_names_filled_in(tmp_path: Path) -> None:
    """One that speaks of every service is asked for each; paths are meant from the configuration's folder."""
    metrics = load(tmp_path, BARE + ASKED + OWN)
    assert (metrics.token_file, metrics.ca_file, metrics.dashboard) == (str(tmp_path / "token"), str(tmp_path / "ca.pem"), "https://grafana.example/d/shop")
    assert [(q.label, q.kind, q.promql, q.unit, q.worse_above, q.tolerance, q.signal) for q in metrics.queries] == [
        ("web errors", MetricKind.ERROR_RATE, 'sum(rate(e{service="web",namespace="shop"}[1m]))', Unit.PER_SECOND, 2, 1.2, True),
        ("cart errors", MetricKind.ERROR_RATE, 'sum(rate(e{service="cart",namespace="shop"}[1m]))', Unit.PER_SECOND, 2, 1.2, True),
        ("cart p95", MetricKind.LATENCY, 'quantile(0.95, l{deployment="shop-cart"})', Unit.SECONDS, 0.05, 1.5, False),
    ]


@pytest.mark.parametrize(
    ("instead", "write", "told"),
    [
        (ASKED, "", ":9: environments.test.metrics: nobody is asked; write `prometheus: https://…` beside it, or leave it out"),
        ("token_file: token", "token_fil: token", ":11: environments.test.metrics.token_fil: unknown key; write 'token_file'"),
        ("kind: latency", "kind: latencies", ":20: environments.test.metrics.queries[1].kind: 'latencies' is not known; write 'latency'"),
        ("unit: per second", "unit: per minute", ":17: environments.test.metrics.queries[0].unit: 'per minute' is not known; known: ratio, percent"),
        ("service: cart", "service: card", ":21: environments.test.metrics.queries[1].service: there is no service 'card'; write 'cart'"),
        ("tolerance: 1.5", "tolerance: 0.5", ":23: environments.test.metrics.queries[1].tolerance: below 1 even the usual value would be worse"),
        ("name: p95", "name: errors", ":19: environments.test.metrics.queries[1]: the name 'errors' is already that of environments.test.metrics.queries[0]"),
        (
            "service: cart\n",
            "service: cart\n          worse_abov: 1\n",
            ":22: environments.test.metrics.queries[1].worse_abov: unknown key; write 'worse_above'",
        ),
    ],
)
def test_what_cannot_be_is_told_with_its_line_and_the_nearest_key(tmp_path: Path, instead: str, write: str, told: str) -> None:
    """A query that is asked for every service shares its name with none."""
    text = (BARE + ASKED + OWN).replace(instead, write, 1)
    assert instead in BARE + ASKED + OWN
    with pytest.raises(ConfigurationError) as refused:
        load(tmp_path, text)
    assert told in refused.value.text


def test_an_empty_list_of_queries_is_told(tmp_path: Path) -> None:
    """It would quietly mean that no metric counts."""
    with pytest.raises(ConfigurationError) as refused:
        load(tmp_path, BARE + ASKED + "    metrics: {queries: []}\n")
    assert "queries: names no query; write at least one" in refused.value.text


def test_two_services_may_have_a_query_of_one_name(tmp_path: Path) -> None:
    """They are told apart by the service."""
    queries = "".join(f"        - {{name: errors, kind: error rate, service: {service}, query: e}}\n" for service in ("web", "cart"))
    assert [query.label for query in load(tmp_path, BARE + ASKED + "    metrics:\n      queries:\n" + queries).queries] == ["web errors", "cart errors"]
