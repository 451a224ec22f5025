"""What Argo CD is installed with: its custom resources and its configuration as they are shipped, and the estate's accounts."""

import base64
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from gospel_rollback_tui.drill.kubernetes.documents import Json
from gospel_rollback_tui.drill.real.api import DrillApi
from gospel_rollback_tui.drill.real.argocd.accounts import API_ACCOUNTS, account_settings, policy
from gospel_rollback_tui.drill.script import ARGOCD_NAMESPACE

DEFINITIONS = ("application-crd.yaml", "appproject-crd.yaml")
"""Of the custom resources that Argo CD is shipped with; that of ApplicationSets is 18,000 lines, which cost seconds, and stands in `definitions.yaml`."""

SECRET = "argocd-secret"  # noqa: S105 - the name of an object
INITIAL_SECRET = "argocd-initial-admin-secret"  # noqa: S105 - the name of an object

_CONFIGURATION = ("argocd-cm", "argocd-cmd-params-cm", "argocd-gpg-keys-cm", "argocd-rbac-cm", SECRET, "argocd-ssh-known-hosts-cm", "argocd-tls-certs-cm")


def define_resources(api: DrillApi, objects: Path, manager: str) -> None:
    """Adds Argo CD's custom resources, from the folder of what it is shipped with; the API server serves them a moment later."""
    for name in DEFINITIONS:
        api.create_yaml("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", (objects / name).read_bytes(), manager)


def configure(api: DrillApi, objects: Path, manager: str) -> None:
    """Creates the namespace and the configuration of Argo CD."""
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": ARGOCD_NAMESPACE}}
    api.create("/api/v1/namespaces", namespace, manager)
    for document in configuration(objects):
        api.create(f"/api/v1/namespaces/{ARGOCD_NAMESPACE}/{document['kind'].lower()}s", document, manager)


def configuration(objects: Path) -> Iterator[Json]:
    """Yields the configuration as it is shipped, with the estate's accounts and their rights.

    The key that signs sessions is there from the start: without one the application controller takes no cluster as its own.
    """
    additions: dict[str, dict[str, str]] = {
        "argocd-cm": account_settings(API_ACCOUNTS),
        "argocd-rbac-cm": {"policy.csv": policy(API_ACCOUNTS)},
        SECRET: {"server.secretkey": base64.b64encode(base64.b64encode(secrets.token_bytes(32))).decode()},
    }
    for name in _CONFIGURATION:
        document: dict[str, Any] = yaml.safe_load((objects / f"{name}.yaml").read_text(encoding="utf-8"))
        document["data"] = {**(document.get("data") or {}), **additions.get(name, {})}
        yield document
