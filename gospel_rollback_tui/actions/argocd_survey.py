"""Reads everything that a release rollback rests on, all of it at the same time."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

from gospel_rollback_tui.actions.argocd_release import Releases, Told
from gospel_rollback_tui.actions.live import LiveEstate
from gospel_rollback_tui.actions.ports import ArgoCdApi, Surveyor
from gospel_rollback_tui.actions.together import answer_of, together
from gospel_rollback_tui.domain.application import Application, application_from, owning_application
from gospel_rollback_tui.domain.errors import NotFound, Refused, RollbackError
from gospel_rollback_tui.domain.estate import Environment
from gospel_rollback_tui.domain.fighters import Survey
from gospel_rollback_tui.domain.manifests import ObjectKey
from gospel_rollback_tui.domain.newer_commits import Release
from gospel_rollback_tui.domain.raw import JsonObject, child, text
from gospel_rollback_tui.domain.release_diff import Managed, ReleaseDiff, managed_from, release_diff
from gospel_rollback_tui.domain.sync_history import Entry
from gospel_rollback_tui.domain.sync_windows import Windows, windows_from
from gospel_rollback_tui.domain.workloads import Deployment, deployment_from

_OTHER_WAY = "Roll the services back through Kubernetes, which needs none of this, or go by git."


@dataclass(frozen=True, slots=True)
class Surveyed:
    """What was read."""

    application: Application
    entry: Entry
    told: Told
    manifests: tuple[JsonObject, ...]
    diff: ReleaseDiff
    compared: str
    """Why what is live beside the services could not be compared; empty: it was."""
    survey: Survey
    deployments: tuple[Deployment, ...]
    refused: str
    """Why the rollback cannot be made; empty: nothing of this forbids it."""


@dataclass(frozen=True, slots=True)
class ReleaseSurvey:
    """Reads one Application's release."""

    api: ArgoCdApi
    releases: Releases
    live: LiveEstate
    surveyor: Surveyor

    def of(self, environment: Environment, raw: JsonObject, entry: Entry) -> Surveyed:
        """Returns what a rollback to the entry rests on; raises what makes a preview impossible."""
        application, namespace = application_from(raw), environment.cluster.namespace
        name, project = application.name, text(child(raw, "spec").get("project"))
        with ThreadPoolExecutor(max_workers=7, thread_name_prefix="preview") as pool:
            may = pool.submit(self.api.may, "sync", project, name)
            windows = pool.submit(self.api.sync_windows, name)
            manifests = pool.submit(self.releases.manifests, name, entry.revisions)
            told = pool.submit(self.releases.one, name, entry)
            managed = pool.submit(self.api.managed_resources, name)
            deployments = pool.submit(self._deployments, environment)
            beside = pool.submit(self.surveyor.beside, name)
        declared = answer_of(manifests.result)
        found = {one.name: one for one in map(deployment_from, deployments.result())}
        held = answer_of(windows.result)
        allowed = Windows(None) if isinstance(held, RollbackError) else windows_from(held)
        there, compared = _there(answer_of(managed.result), deployments.result(), namespace)
        objects = () if isinstance(declared, RollbackError) else declared
        return Surveyed(
            application=application,
            entry=entry,
            told=told.result(),
            manifests=objects,
            diff=release_diff(objects, there, namespace),
            compared=compared,
            survey=replace(
                beside.result(),
                application=application,
                application_read=True,
                can_sync=allowed.can_sync,
                window=allowed.words,
                release=Release(entry.revisions, entry.deployed),
            ),
            deployments=tuple(found.values()),
            refused=_gone(declared, entry) or _denied(answer_of(may.result), name) or _windowed(allowed) or _foreign(tuple(found.values()), name),
        )

    def _deployments(self, environment: Environment) -> tuple[JsonObject, ...]:
        """Returns the services' Deployments; one that is gone is left out, since a rollback makes it again."""
        found = together([partial(self._deployment, service.deployment) for service in environment.services])
        return tuple(one for one in found if one)

    def _deployment(self, name: str) -> JsonObject:
        try:
            return self.live.workloads.deployment(name)
        except NotFound:
            return {}


def _there(managed: Sequence[JsonObject] | RollbackError, deployments: Sequence[JsonObject], namespace: str) -> tuple[tuple[Managed, ...], str]:
    """Returns what is live: Deployments as the cluster has them, the rest as Argo CD knows it, and why that is not known."""
    known = () if isinstance(managed, RollbackError) else managed_from(managed)
    last = {one.key: one.last for one in known}
    fresh = {}
    for raw in deployments:
        key = ObjectKey("Deployment", text(child(raw, "metadata").get("name")), namespace, "apps")
        fresh[key] = Managed(key, {"kind": "Deployment", **raw}, last.get(key, {}))
    rest = {one.key: one for one in known if one.key not in fresh}
    return (*fresh.values(), *rest.values()), managed.text if isinstance(managed, RollbackError) else ""


def _gone(manifests: tuple[JsonObject, ...] | RollbackError, entry: Entry) -> str:
    if isinstance(manifests, Refused):
        return f"Argo CD cannot render {entry.short}: {manifests.sentences()}"
    if isinstance(manifests, RollbackError):
        return f"What {entry.short} declares cannot be read, and a rollback to it would fail the same way: {manifests.text} {_OTHER_WAY}"
    return ""


def _denied(may: bool | RollbackError, name: str) -> str:
    if isinstance(may, RollbackError):
        return f"Whether this account may roll back cannot be told: {may.sentences()}"
    return "" if may else f"This account may not sync Application {name}, which a rollback needs. {_OTHER_WAY}"


def _windowed(windows: Windows) -> str:
    if windows.can_sync is not False:
        return ""
    which = f" ({windows.words})" if windows.words else ""
    return f"A sync window is closed{which}: Argo CD would hold the operation, and run it by itself when the window opens. {_OTHER_WAY}"


def _foreign(deployments: Sequence[Deployment], name: str) -> str:
    owners = sorted({owning_application(one) for one in deployments} - {"", name})
    return f"Services belong to other Applications too ({', '.join(owners)}): a rollback of {name} leaves those alone. Go by the services." if owners else ""
