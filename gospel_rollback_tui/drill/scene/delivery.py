"""What delivers the services when the estate starts: the Application, its project and owner, and what else git declares."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from gospel_rollback_tui.drill.application import CLUSTER, application_document, source_of
from gospel_rollback_tui.drill.kubernetes.documents import Json, copy_json, timestamp
from gospel_rollback_tui.drill.managed_objects import tracked
from gospel_rollback_tui.drill.manifests import TRACKING_ANNOTATION
from gospel_rollback_tui.drill.repository.bare import EstateRepository
from gospel_rollback_tui.drill.scene.metadata import ago, existing, owned_by
from gospel_rollback_tui.drill.script import APPLICATION, ARGOCD_NAMESPACE, PROJECT, REGISTRY, SERVICE_PORTS, Script, deployment_name
from gospel_rollback_tui.drill.script_delivery import Owner, WindowScene

PARENT = "gospelib-apps"
"""The app-of-apps Application, where there is one."""

APPLICATION_SET = "gospelib"
IMAGE_LIST_ANNOTATION = "argocd-image-updater.argoproj.io/image-list"
_WRITE_BACK_ANNOTATION = "argocd-image-updater.argoproj.io/write-back-method"
_FINALIZER = "resources-finalizer.argocd.argoproj.io"


def delivery(script: Script, repository: EstateRepository, created: datetime, now: datetime) -> Iterator[Json]:
    """Yield every object of delivery, owners before what they own."""
    yield existing(_project(script.sync.window, now), created)
    application = _application(script, repository, now)
    if script.sync.owner is Owner.PARENT:
        yield existing(_parent(repository, now), created, (("argocd-controller", now),))
        application["metadata"]["annotations"][TRACKING_ANNOTATION] = f"{PARENT}:argoproj.io/Application:{ARGOCD_NAMESPACE}/{APPLICATION}"
    if script.sync.owner is Owner.APPLICATION_SET:
        owner = existing(_application_set(application), created, (("argocd-applicationset-controller", created),))
        yield owner
        application["metadata"] |= {"ownerReferences": owned_by(owner), "finalizers": [_FINALIZER]}
    stored = existing(application, created, (("argocd-controller", now),))
    stored["metadata"]["generation"] = 4182
    yield stored
    for document in repository.manifests(repository.head):
        if document["kind"] != "Deployment":
            yield existing(tracked(document, APPLICATION), created, (("argocd-controller", created),))


def _application(script: Script, repository: EstateRepository, now: datetime) -> Json:
    """Return the Application with what a script adds to it: an operation under way, Image Updater's annotations."""
    application = application_document(script, repository, now)
    application["metadata"]["annotations"] = {}
    if script.sync.image_updater is not None:
        followed = ",".join(f"{service}={REGISTRY}/{deployment_name(service)}" for service in SERVICE_PORTS)
        application["metadata"]["annotations"] |= {IMAGE_LIST_ANNOTATION: followed, _WRITE_BACK_ANNOTATION: "git"}
    if script.sync.stuck:
        status = application["status"]
        operation = status["operationState"]["operation"]
        application["operation"] = operation
        state: dict[str, Any] = {"operation": operation, "phase": "Running", "message": script.sync.stuck}
        status["operationState"] = state | {
            "startedAt": status["operationState"]["startedAt"],
            "syncResult": status["operationState"]["syncResult"],
        }
        status["history"] = status["history"][:-1]
    return application


def _project(window: WindowScene | None, now: datetime) -> Json:
    spec: Json = {"sourceRepos": ["*"], "destinations": [{"namespace": "*", "server": CLUSTER}]}
    if window is not None:
        spec["syncWindows"] = [_window(window, now)]
    metadata = {"name": PROJECT, "namespace": ARGOCD_NAMESPACE}
    return {"apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject", "metadata": metadata, "spec": spec}


def _window(window: WindowScene, now: datetime) -> Json:
    """Return a window that began an hour before it ends; it comes every day, in UTC."""
    began = now.astimezone(UTC) + timedelta(seconds=window.ends_after) - timedelta(hours=1)
    schedule = f"{began.minute} {began.hour} * * *"
    return {"kind": window.kind, "schedule": schedule, "duration": "1h", "applications": ["*"], "manualSync": window.manual}


def _parent(repository: EstateRepository, now: datetime) -> Json:
    """Return the Application that holds the estate's Application, with self-heal."""
    source = {**source_of(repository), "path": "infra/argocd"}
    synced = timestamp(ago(now, 86_400.0))
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": PARENT, "namespace": ARGOCD_NAMESPACE},
        "spec": {
            "project": PROJECT,
            "source": source,
            "destination": {"server": CLUSTER, "namespace": ARGOCD_NAMESPACE},
            "syncPolicy": {"automated": {"prune": False, "selfHeal": True}},
        },
        "status": {
            "reconciledAt": timestamp(now),
            "sync": {"status": "Synced", "revision": repository.head},
            "health": {"status": "Healthy"},
            "history": [{"id": 0, "revision": repository.releases[0][0], "deployStartedAt": synced, "deployedAt": synced, "source": source}],
            "resources": [
                {
                    "group": "argoproj.io",
                    "version": "v1alpha1",
                    "kind": "Application",
                    "namespace": ARGOCD_NAMESPACE,
                    "name": APPLICATION,
                    "status": "Synced",
                }
            ],
        },
    }


def _application_set(application: Json) -> Json:
    """Return the ApplicationSet that generates the estate's Application as it is."""
    template = {"metadata": {"name": APPLICATION}, "spec": copy_json(application["spec"])}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "ApplicationSet",
        "metadata": {"name": APPLICATION_SET, "namespace": ARGOCD_NAMESPACE},
        "spec": {"generators": [{"list": {"elements": [{"environment": "production"}]}}], "template": template},
    }
