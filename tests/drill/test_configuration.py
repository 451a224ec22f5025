"""The configuration that a drill writes for the tool."""

from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from gospel_rollback_tui.config.settings import load_settings
from gospel_rollback_tui.domain.estate import Tier
from gospel_rollback_tui.drill.configuration import write_configuration
from gospel_rollback_tui.drill.endpoints import ServiceEndpoints
from gospel_rollback_tui.drill.script import SERVICE_PORTS, Script
from gospel_rollback_tui.drill.scripts import SCRIPTS
from tests.drill.test_endpoints import ENDPOINTS


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.id)
def test_the_tool_loads_it_and_it_points_to_loopback_only(tmp_path: Path, script: Script) -> None:
    """One environment called `drill`, whose every address is this machine and whose symptoms are the script's first."""
    base = ENDPOINTS.public_url
    services = tuple(ServiceEndpoints(name, f"{base}/services/{name}/health", f"{base}/services/{name}/ready") for name in SERVICE_PORTS)
    endpoints = replace(ENDPOINTS, directory=tmp_path, config_file=tmp_path / "config.yaml", services=services)
    path = write_configuration(endpoints, script)
    settings = load_settings(path, {})
    environment = settings.environments[0]
    assert [one.name for one in settings.environments] == ["drill"]
    assert (environment.tier, environment.title, environment.cluster.nonce) == (Tier.DRILL, "DRILL", endpoints.nonce)
    assert environment.cluster.kubeconfig == str(endpoints.kubeconfig)
    assert [service.name for service in environment.services] == list(SERVICE_PORTS)
    urls = [check.url for check in (*environment.endpoints, *environment.symptoms)]
    urls += [url for service in environment.services for url in (service.health_url, service.ready_url)]
    assert {urlsplit(url).hostname for url in urls} == {"127.0.0.1"}
    assert environment.symptoms[0].url == base + script.symptoms[0].path
    assert settings.runs_dir == str(tmp_path / "runs")
    assert (environment.argocd.server, environment.argocd.project) == (endpoints.argocd_url, "gospelib")
    assert environment.argocd.token_file == str(endpoints.argocd_token_file)
    assert dict(environment.names)["git.repository"] == endpoints.git_url
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_stability_watch_can_be_shortened(tmp_path: Path) -> None:
    """Tests hold for seconds where an operator holds for a quarter of an hour."""
    endpoints = replace(ENDPOINTS, config_file=tmp_path / "config.yaml")
    write_configuration(endpoints, SCRIPTS[0])
    assert load_settings(endpoints.config_file, {}).environments[0].stability.minutes == 15
    write_configuration(endpoints, SCRIPTS[0], hold="3s", sample="1s")
    stability = load_settings(endpoints.config_file, {}).environments[0].stability
    assert (stability.minutes * 60, stability.sample_seconds) == (3, 1)
