"""The drill's own configuration: points the tool at one estate on loopback, and at nothing else.

The names that manual steps put into their commands are the drill's own, so that a command copied during a drill
and run elsewhere finds nothing: neither the context nor the buckets nor the hosts exist.
"""

import os
import sys
from pathlib import Path
from typing import Any

import yaml

from gospel_rollback_tui.drill.endpoints import EstateEndpoints, ServiceEndpoints
from gospel_rollback_tui.drill.script import APPLICATION, ARGOCD_NAMESPACE, PROJECT, REGISTRY, SEARCH, VERSES, Script, Symptom, deployment_name

ENVIRONMENT = "drill"
"""Name of the configuration's only environment."""

STABILITY_HOLD = "15m"
STABILITY_SAMPLE = "5s"

GRAFANA = "https://grafana.drill.invalid/d/gospelib"
"""A dashboard that does not exist: what is shown of it is its address."""

DATABASES = ("auth", "billing", "content")
"""Services with a database and migrations of their own."""

NAMES: dict[str, dict[str, str]] = {
    "aws": {"account": "123456789012", "region": "us-east-1", "profile": "gospelib-drill", "registry": REGISTRY, "cluster": "gospelib-drill"},
    "git": {
        "repository": "https://git.drill.invalid/gospelib/gospelib.git",
        "branch": "main",
        "forge": "gospelib-drill/gospelib",
        "manifests": "infra/k8s",
        "overlay": "infra/k8s/overlays/production",
    },
    "rds": {"identifier": "gospelib-drill", "host": "gospelib-drill.rds.drill.invalid", "user": "gospelib_admin"},
    "falkordb": {
        "statefulset": "falkordb",
        "container": "falkordb",
        "claim": "data-falkordb-0",
        "directory": "/var/lib/falkordb/data",
        "graph": "gospelib",
        "job": "infra/k8s/jobs/ingest-full.yaml",
        "cronjob": "ingest",
        "reader": "content",
    },
    "typesense": {"statefulset": "typesense", "service": "typesense", "claim": "data-typesense-0", "directory": "/data"},
    "terraform": {
        "directory": "infra/terraform/environments/drill",
        "bucket": "gospelib-terraform-state-drill",
        "key": "infrastructure/drill/terraform.tfstate",
        "lock_table": "gospelib-terraform-lock-drill",
    },
    "backups": {"bucket": "gospelib-backups-drill", "falkordb": "falkordb/", "typesense": "typesense/"},
}


def write_configuration(endpoints: EstateEndpoints, script: Script, hold: str = STABILITY_HOLD, sample: str = STABILITY_SAMPLE) -> Path:
    """Write the configuration of an estate to its `config_file` and return the path.

    `hold` and `sample` are the stability watch's durations, written as in any configuration.
    """
    document = {
        "default_environment": ENVIRONMENT,
        "runs_dir": str(endpoints.directory / "runs"),
        "environments": {ENVIRONMENT: _environment(endpoints, script, hold, sample)},
    }
    descriptor = os.open(endpoints.config_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=1000))
    return endpoints.config_file


def _environment(endpoints: EstateEndpoints, script: Script, hold: str, sample: str) -> dict[str, Any]:
    """Return the estate as the configuration describes one."""
    return {
        "title": "DRILL",
        "tier": "drill",
        "cluster": {
            "context": endpoints.context,
            "namespace": endpoints.namespace,
            "kubeconfig": str(endpoints.kubeconfig),
            **({"watch": list(endpoints.watched)} if endpoints.watched else {}),
            "kind": "drill",
            "login": [sys.executable, "-P", "-m", "gospel_rollback_tui.drill.login", endpoints.control_url, endpoints.nonce],
            "nonce": endpoints.nonce,
        },
        "services": {service.name: _service(endpoints, service) for service in endpoints.services},
        "endpoints": _public(endpoints),
        "symptoms": [_symptom(endpoints, symptom) for symptom in dict.fromkeys((*script.symptoms, VERSES, SEARCH))],
        "argocd": _argocd(endpoints),
        "stability": {"hold": hold, "sample": sample, "errors_per_minute": 4},
        "api": endpoints.public_url,
        **({"prometheus": endpoints.prometheus_url, "grafana": GRAFANA} if endpoints.prometheus_url else {}),
        **({"ca_file": str(endpoints.ca_file)} if endpoints.edge_url else {}),
        **NAMES,
        "aws": NAMES["aws"] | ({"endpoint": endpoints.aws_url} if endpoints.aws_url else {}),
        "git": NAMES["git"] | ({"repository": endpoints.git_url} if endpoints.git_url else {}),
    }


def _public(endpoints: EstateEndpoints) -> list[dict[str, str]]:
    """Return the public addresses as the configuration describes them."""
    found = [{"name": name, "url": f"{endpoints.public_url}/{name}"} for name in ("health", "ready")]
    return [*found, {"name": "edge", "url": f"{endpoints.edge_url}/health"}] if endpoints.edge_url else found


def _argocd(endpoints: EstateEndpoints) -> dict[str, str]:
    """Return Argo CD as the configuration describes it."""
    described = {"application": APPLICATION, "namespace": ARGOCD_NAMESPACE, "project": PROJECT}
    if not endpoints.argocd_url:
        return described | {"server": "https://argocd.drill.invalid"}
    return described | {"server": endpoints.argocd_url, "token_file": str(endpoints.argocd_token_file)}


def _service(endpoints: EstateEndpoints, service: ServiceEndpoints) -> dict[str, str]:
    """Return a service as the configuration describes one."""
    described = {"deployment": deployment_name(service.name), "health_url": service.health_url, "ready_url": service.ready_url}
    if service.name in DATABASES:
        described |= {"migrations": f"services/{service.name}/migrations", "database": service.name}
    addresses = dict(endpoints.database_urls)
    if service.name in addresses:
        described["database_url_file"] = addresses[service.name]
    return described


def _symptom(endpoints: EstateEndpoints, symptom: Symptom) -> dict[str, str | int]:
    """Return a symptom as the configuration describes one, named after the last word of its resource."""
    name = symptom.path.removeprefix("/v1/").partition("/")[0].partition("?")[0]
    return {"name": name, "url": endpoints.public_url + symptom.path, "expect_status": symptom.expected}
