"""How to reach an estate, as a value and as lines."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gospel_rollback_tui.drill.endpoints import EndpointsError, EstateEndpoints, ServiceEndpoints, from_json, to_json
from gospel_rollback_tui.drill.environment import export_lines

ENDPOINTS = EstateEndpoints(
    nonce="abc",
    directory=Path("/tmp/a drill"),
    pid=4242,
    script="ready-but-failing",
    kubeconfig=Path("/tmp/a drill/kubeconfig"),
    context="gospelib-production",
    namespace="gospelib-production",
    api_url="https://127.0.0.1:6443",
    ca_file=Path("/tmp/a drill/ca.pem"),
    public_url="http://127.0.0.1:8080",
    services=(ServiceEndpoints("gateway", "http://127.0.0.1:8080/services/gateway/health", "http://127.0.0.1:8080/services/gateway/ready"),),
    control_url="http://127.0.0.1:8081",
    users_failing_since=datetime(2026, 11, 27, 3, 6, 11, tzinfo=UTC),
    config_file=Path("/tmp/a drill/config.yaml"),
    argocd_url="http://127.0.0.1:8082",
    argocd_token_file=Path("/tmp/a drill/argocd/operator.token"),
    git_url="file:///tmp/a%20drill/git/gospelib.git",
    prometheus_url="http://127.0.0.1:9090",
)


def test_endpoints_survive_the_line_they_travel_in() -> None:
    """What the estate prints is what the launcher reads, on one line."""
    line = to_json(ENDPOINTS)
    assert "\n" not in line
    assert from_json(line) == ENDPOINTS


@pytest.mark.parametrize("line", ["", "null", "{}", "not JSON", '{"nonce": 1}'])
def test_other_lines_are_refused(line: str) -> None:
    """Anything else raises one error, whatever is wrong with it."""
    with pytest.raises(EndpointsError):
        from_json(line)


def test_export_lines_can_be_read_by_a_shell(tmp_path: Path) -> None:
    """Each line exports one variable, quoted where it must be, and loopback is spared from proxies."""
    token_file = tmp_path / "operator.token"
    token_file.write_text("a.b.c\n", encoding="utf-8")
    lines = export_lines(replace(ENDPOINTS, argocd_token_file=token_file)).splitlines()
    assert "export KUBECONFIG='/tmp/a drill/kubeconfig'" in lines
    assert "export GOSPEL_ROLLBACK_CONFIG='/tmp/a drill/config.yaml'" in lines
    assert "export NO_PROXY=127.0.0.1" in lines
    assert "export ARGOCD_SERVER=127.0.0.1:8082" in lines
    assert "export ARGOCD_AUTH_TOKEN=a.b.c" in lines
    assert "export ARGOCD_OPTS='--plaintext --grpc-web'" in lines
    assert "export PROMETHEUS_URL=http://127.0.0.1:9090" in lines
    assert "export GOSPEL_ROLLBACK_DRILL_GIT=file:///tmp/a%20drill/git/gospelib.git" in lines
