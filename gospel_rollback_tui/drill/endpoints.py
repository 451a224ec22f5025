"""How to reach a running estate: the value that a launcher hands out and a drill is configured from."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

NONCE_HEADER = "Gospel-Rollback-Drill"
"""Every answer of a simulated estate carries its nonce under this name."""


class EndpointsError(ValueError):
    """A description of an estate that does not have the agreed shape."""


@dataclass(frozen=True, slots=True)
class ServiceEndpoints:
    """The probes of one service."""

    name: str
    health_url: str
    ready_url: str


@dataclass(frozen=True, slots=True)
class EstateEndpoints:
    """Everything a client needs to reach an estate; all of it is on loopback."""

    nonce: str
    """What the estate's answers carry: nothing else is this estate."""

    directory: Path
    """The estate's own folder: kubeconfig, certificates and configuration live in it."""

    pid: int
    script: str
    kubeconfig: Path
    context: str
    namespace: str
    api_url: str
    ca_file: Path
    public_url: str
    """Base of the public API, without a trailing slash."""

    services: tuple[ServiceEndpoints, ...]
    control_url: str
    """Base of the control endpoint for tests and for the drill, without a trailing slash."""

    users_failing_since: datetime
    """Aware, in UTC: when the first user failed, before the estate was started."""

    config_file: Path
    """The configuration that points the tool at this estate and nothing else."""

    argocd_url: str = ""
    """Base of Argo CD's API, without a trailing slash; empty where the estate has none."""

    argocd_token_file: Path = Path()
    """File with the operator's API token; tokens of other accounts lie beside it."""

    git_url: str = ""
    """What git clones the Application's repository by; empty where the estate has none."""

    prometheus_url: str = ""
    """Base of Prometheus' API, without a trailing slash; empty where the estate has none."""

    database_urls: tuple[tuple[str, str], ...] = ()
    """(service, file that holds its database's address with the password); none where the script has no databases, or the machine no PostgreSQL."""

    edge_url: str = ""
    """Base of the public API over TLS, without a trailing slash; empty where nothing in the configuration names it."""

    watched: tuple[str, ...] = ()
    """Further namespaces that the configuration watches."""

    aws_url: str = ""
    """Base of the AWS account's API, without a trailing slash; empty where the estate has none."""


_PATHS = ("directory", "kubeconfig", "ca_file", "config_file", "argocd_token_file")


def to_json(endpoints: EstateEndpoints) -> str:
    """Return the endpoints as one line of JSON."""
    fields = asdict(endpoints)
    for name in _PATHS:
        fields[name] = str(fields[name])
    fields["users_failing_since"] = endpoints.users_failing_since.isoformat()
    return json.dumps(fields)


def from_json(line: str) -> EstateEndpoints:
    """Return the endpoints that a line of JSON describes.

    Raises:
        EndpointsError: The line is not what `to_json` writes.
    """
    try:
        fields = json.loads(line)
        for name in _PATHS:
            fields[name] = Path(fields[name])
        fields["users_failing_since"] = datetime.fromisoformat(fields["users_failing_since"])
        fields["database_urls"] = tuple((service, file) for service, file in fields.get("database_urls", ()))
        fields["watched"] = tuple(fields.get("watched", ()))
        fields["services"] = tuple(ServiceEndpoints(**service) for service in fields["services"])
        return EstateEndpoints(**fields)
    except (ValueError, TypeError, KeyError) as error:
        raise EndpointsError(f"not a description of an estate: {error}") from error
