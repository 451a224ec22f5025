"""The files of the estate's repository at one release: base, production overlay, and the services' migrations."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import yaml

from gospel_rollback_tui.drill.kubernetes.documents import Json
from gospel_rollback_tui.drill.manifests import REPLICAS, deployment_document
from gospel_rollback_tui.drill.repository.releases import Release
from gospel_rollback_tui.drill.script import NAMESPACE, REGISTRY, SERVICE_PORTS, History, Revision, Script, deployment_name
from gospel_rollback_tui.drill.script_data import MigrationScene

MANIFESTS = "infra/k8s"
BASE = f"{MANIFESTS}/base"
OVERLAY = f"{MANIFESTS}/overlays/production"
KUSTOMIZATION = f"{OVERLAY}/kustomization.yaml"

_HOOK = "hook.yaml"
_FIRST_MIGRATIONS = (
    MigrationScene("auth", "000041_sessions", "CREATE TABLE sessions (id uuid PRIMARY KEY, user_id uuid NOT NULL);", "DROP TABLE sessions;"),
    MigrationScene("billing", "000018_plans", "CREATE TABLE plans (id int PRIMARY KEY, plan_code text NOT NULL);", "DROP TABLE plans;"),
    MigrationScene("content", "000007_passages", "CREATE TABLE passages (ref text PRIMARY KEY, body text NOT NULL);", "DROP TABLE passages;"),
)
"""What every release ships of services whose databases play no part in the script."""

_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_README = """# gospelib

Services under `services/`, what runs in the cluster under `infra/k8s`. A tag `release/vX.Y.Z` releases.
"""


def release_files(script: Script, release: Release, hook: str = "") -> dict[str, str]:
    """Return every file of the repository at a release, by path; the overlay takes a hook in where there is one."""
    files = {"README.md": _README}
    names = [f"{deployment_name(service)}.yaml" for service in SERVICE_PORTS]
    files[f"{BASE}/kustomization.yaml"] = _dump({**_KIND, "resources": names})
    for service, revision in release.revisions:
        files[base_file(service)] = _base_text(service, revision.env, script.history(service).recreate)
    files[KUSTOMIZATION] = _overlay(release, [_HOOK] if hook else [])
    if hook:
        files[f"{OVERLAY}/{_HOOK}"] = hook
    files[f"{OVERLAY}/release.yaml"] = _dump(_release_settings(release))
    return files | _migrations(script, release)


@lru_cache(maxsize=64)  # most releases leave most of the base as it is
def _base_text(service: str, env: tuple[tuple[str, str], ...], recreate: bool) -> str:
    """Return a service's file in the base: its Deployment, without what an overlay sets, and its Service."""
    revision = Revision("", 0.0, "", env)
    document = deployment_document(History(service, (revision,), recreate=recreate), revision)
    del document["metadata"]["namespace"], document["metadata"]["annotations"]
    document["spec"]["replicas"] = 1
    document["spec"]["template"]["spec"]["containers"][0]["image"] = deployment_name(service)
    return "---\n".join(map(_dump, (document, _service(service))))


def base_file(service: str) -> str:
    """Return the path of a service's file in the base."""
    return f"{BASE}/{deployment_name(service)}.yaml"


def with_image(kustomization: str, service: str, tag: str) -> str:
    """Return the overlay's text with another tag of a service's image.

    Raises:
        KeyError: The overlay has no image of that service.
    """
    entry = re.compile(rf"(- name: {re.escape(deployment_name(service))}\n\s+newName: \S+\n\s+newTag: )\S+")
    changed, count = entry.subn(lambda match: match[1] + tag, kustomization)
    if not count:
        raise KeyError(service)
    return changed


def changed_files(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str]:
    """Return the files that are new or different; no release takes one away."""
    return {path: text for path, text in after.items() if before.get(path) != text}


_KIND = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"}


def _overlay(release: Release, hooks: list[str]) -> str:
    """Return the production overlay: a comment, as people leave them, and then what a release sets."""
    images = [{"name": deployment_name(s), "newName": f"{REGISTRY}/{deployment_name(s)}", "newTag": revision.tag} for s, revision in release.revisions]
    replicas = [{"name": deployment_name(service), "count": REPLICAS} for service, _ in release.revisions]
    document = {**_KIND, "namespace": NAMESPACE, "resources": ["../../base", "release.yaml", *hooks], "images": images, "replicas": replicas}
    return "# Production. The release workflow sets the tags of the images.\n" + _dump(document)


def _release_settings(release: Release) -> Json:
    """Return the settings that every release sets anew."""
    settings = {"RELEASE": release.version, "PUBLIC_HOST": "api.gospelib.com"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "gospelib-release"}, "data": settings}


def _service(service: str) -> Json:
    name = deployment_name(service)
    ports = [{"name": "http", "port": SERVICE_PORTS[service], "targetPort": "http"}]
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "labels": {"app": name}}, "spec": {"selector": {"app": name}, "ports": ports}}


def _migrations(script: Script, release: Release) -> dict[str, str]:
    """Return the migrations that each service ships at a release: those of every release, and those that came with one up to it."""
    told = script.data.migrations if script.data is not None else ()
    ours = {migration.service for migration in told}
    migrations = (*told, *(first for first in _FIRST_MIGRATIONS if first.service not in ours))
    return {path: text for service, live in release.revisions for path, text in _shipped(script, service, live, migrations).items()}


def _shipped(script: Script, service: str, live: Revision, migrations: Sequence[MigrationScene]) -> dict[str, str]:
    """Return the migrations that a revision of a service ships, by path."""
    reached = {revision.tag for revision in script.history(service).revisions if revision.applied_before >= live.applied_before}
    files = {}
    for migration in migrations:
        if migration.service != service or (migration.since and migration.since not in reached):
            continue
        for direction, statements in (("up", migration.up), ("down", migration.down)):
            if statements is not None:
                files[f"services/{service}/migrations/{migration.stem}.{direction}.sql"] = statements + "\n"
    return files


def _dump(document: Mapping[str, Any]) -> str:
    written: str = yaml.dump(dict(document), Dumper=_DUMPER, sort_keys=False, width=1000)
    return written
