"""The names that runbooks may use for parts of an estate, and what each stands for in one environment."""

from collections.abc import Mapping
from types import MappingProxyType

from gospel_rollback_tui.domain.estate import Environment, Service

PLAIN_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "api": "public address of the API, without a trailing slash",
        "grafana": "dashboard to watch",
        "prometheus": "address of Prometheus",
    }
)
"""Keys of an environment that are a name by themselves, and what they mean."""

SECTION_NAMES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "aws": {
            "account": "account number, in quotes",
            "region": "region of everything below",
            "profile": "profile of the AWS tools",
            "registry": "host of the image registry (ECR)",
            "cluster": "name of the EKS cluster",
            "endpoint": "written by a drill only: where its own account listens",
        },
        "git": {
            "repository": "address of the repository that Argo CD follows",
            "branch": "branch that Argo CD follows",
            "forge": "repository as the forge's own command line names it, for pull requests",
            "manifests": "folder of all Kubernetes manifests",
            "overlay": "folder of this environment's kustomization.yaml",
        },
        "rds": {
            "identifier": "DB instance identifier",
            "host": "host name that the services connect to",
            "user": "role for migrations and checks; its password comes from ~/.pgpass",
        },
        "falkordb": {
            "statefulset": "StatefulSet of the graph server",
            "container": "its container",
            "claim": "its PersistentVolumeClaim",
            "directory": "folder of its files inside the container",
            "graph": "key of the graph",
            "job": "manifest of the full ingest Job in the repository",
            "cronjob": "CronJob of the incremental ingest",
            "reader": "service (short name) that reads the graph",
        },
        "typesense": {
            "statefulset": "StatefulSet of the search server",
            "service": "its Service",
            "claim": "its PersistentVolumeClaim",
            "directory": "folder of its files inside the container",
        },
        "terraform": {
            "directory": "folder of this environment's configuration in the repository",
            "bucket": "bucket of the state",
            "key": "key of the state",
            "lock_table": "DynamoDB table of the state's lock",
        },
        "backups": {
            "bucket": "bucket of the backups",
            "falkordb": "key prefix of the graph's backups, with its slash",
            "typesense": "key prefix of the search index's backups, with its slash",
        },
    }
)
"""Sections of an environment that hold nothing but names: section, key and what it means."""

SERVICE_NAMES = ("name", "deployment", "container", "selector", "health_url", "ready_url", "migrations", "database")
"""What `{service.…}` may end in; it speaks of the service that was chosen or asked for under the name `service`."""

_FIXED_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "environment": "the environment's name",
        "cluster.context": "kubeconfig context",
        "cluster.namespace": "namespace of every service",
        "allowed.reingest": "rebuilding the graph from the corpus, which only `allowed: [graph.reingest]` permits",
        "services.deployments": "every service's Deployment, as kubectl takes several at once",
        "argocd.application": "Argo CD Application that owns the environment",
        "argocd.namespace": "namespace of the Application object",
        "argocd.server": "address of Argo CD",
    }
)

ESTATE_NAMES: Mapping[str, str] = MappingProxyType(
    {
        **_FIXED_NAMES,
        **PLAIN_NAMES,
        **{f"{section}.{key}": words for section, keys in SECTION_NAMES.items() for key, words in keys.items()},
    }
)
"""Every name that an environment may give, and what it means."""


def names_of(environment: Environment) -> dict[str, str]:
    """Returns the names that this environment gives, with their values; what it leaves empty is absent."""
    names = dict(environment.names)
    names.update(
        {
            "environment": environment.name,
            "cluster.context": environment.cluster.context,
            "cluster.namespace": environment.cluster.namespace,
            "allowed.reingest": "reingest" if "graph.reingest" in environment.allowed else "",
            "services.deployments": " ".join(f"deployment/{service.deployment}" for service in environment.services),
            "argocd.application": environment.argocd.application,
            "argocd.namespace": environment.argocd.namespace if environment.argocd.application else "",
            "argocd.server": environment.argocd.server,
        }
    )
    return {name: value for name, value in names.items() if value}


def names_of_service(service: Service) -> dict[str, str]:
    """Returns `service.name`, `service.deployment`, … of one service; what it leaves empty is absent."""
    values = {name: str(getattr(service, name)) for name in SERVICE_NAMES}
    return {f"service.{name}": value for name, value in values.items() if value}
