"""Brings a control plane to the scene of a script: objects first, then one rollout after the other, as the estate went through them."""

import secrets
from collections.abc import Callable, Sequence
from functools import partial

from gospel_rollback_tui.drill.kubernetes.documents import Json
from gospel_rollback_tui.drill.kubernetes.statuses import ApiError
from gospel_rollback_tui.drill.manifests import config_maps
from gospel_rollback_tui.drill.real.control_plane import RealControlPlane
from gospel_rollback_tui.drill.real.documents import read_documents
from gospel_rollback_tui.drill.real.kwok_stages import KwokStages
from gospel_rollback_tui.drill.real.registry import CONFLICT, NOT_FOUND, RealRegistry, collection_path
from gospel_rollback_tui.drill.real.releasing import Releasing
from gospel_rollback_tui.drill.real.scene import early_behaviours, event_document, is_late, node, nonce_document
from gospel_rollback_tui.drill.real.waiting import once_more, wait_until
from gospel_rollback_tui.drill.repository.bare import EstateRepository
from gospel_rollback_tui.drill.script import ARGOCD_NAMESPACE, NAMESPACE, Behaviour, PodFate, Script, image_name

_DELIVERY = ("applicationsets", "applications")
"""Of Argo CD, owners first; its projects stay, since it may not see a new one before the Application that needs it."""

_CLEARED = ("jobs", "deployments", "replicasets", "pods", "configmaps", "services", "events", "leases", "logs")


class SceneLoader:
    """Loads one script into a control plane; what an earlier script left there goes first."""

    def __init__(self, plane: RealControlPlane, registry: RealRegistry, script: Script, git: EstateRepository, say: Callable[[str], None]) -> None:
        """Prepares; `load` does it, and says what it is about."""
        self._plane = plane
        self._registry = registry
        self._script = script
        self._releasing = Releasing(plane, registry, script, git, say)
        self._stages = KwokStages(registry, plane.check)

    def load(self) -> str:
        """Builds the scene, waits until the cluster shows it, and returns the estate's nonce.

        Raises:
            EstateError: The cluster did not get there, with its controllers started anew neither, or a program of it ended.
        """
        return once_more(self._load, self._plane.restart_controllers)

    def _load(self) -> str:
        self._clear()
        self._plane.argocd.await_ready(self._plane.api)
        self._found()
        self._set_stages(early_behaviours(self._script))
        nonce = secrets.token_hex(16)
        self._registry.writing_as("gospel-rollback").create(nonce_document(nonce))
        for document, edit in config_maps(self._script.config_edits):
            self._registry.writing_as(edit.manager if edit else self._registry.manager).create(document)
        self._releasing.open()
        self._releasing.release_all()
        self._set_stages(self._script.behaviours)
        self._break_ready_pods()
        for number, event in enumerate(self._script.events):
            self._registry.create(event_document(event, number))
        self._releasing.settle()
        return nonce

    def _clear(self) -> None:
        """Removes an earlier scene and waits until its pods are gone."""
        for resource in _DELIVERY:
            for document in self._registry.list(resource, ARGOCD_NAMESPACE):
                self._forget(resource, document["metadata"]["name"])
        if any(namespace["metadata"]["name"] == NAMESPACE for namespace in self._registry.list("namespaces")):
            for resource in _CLEARED:
                self._plane.api.delete(collection_path(resource, NAMESPACE))
        wait_until("the pods of the last script are gone", lambda: not self._registry.list("pods", NAMESPACE), alive=self._plane.check, deadline=300.0)
        for known in self._registry.list("nodes"):
            self._registry.delete("nodes", "", known["metadata"]["name"])

    def _forget(self, resource: str, name: str) -> None:
        """Deletes an object of Argo CD's and leaves what it delivered."""
        try:
            self._registry.patch(resource, ARGOCD_NAMESPACE, name, {"metadata": {"finalizers": None}})
            self._registry.delete(resource, ARGOCD_NAMESPACE, name)
        except ApiError as error:
            if error.code != NOT_FOUND:  # its owner may have gone before it
                raise

    def _found(self) -> None:
        """Creates what every scene stands on: namespaces, rights, nodes."""
        namespaces: list[Json] = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}} for name in (NAMESPACE, ARGOCD_NAMESPACE)]
        for document in [*namespaces, *read_documents("rights.yaml"), *map(node, self._script.nodes)]:
            try:
                self._registry.create(document)
            except ApiError as error:
                if error.code != CONFLICT:
                    raise

    def _set_stages(self, behaviours: Sequence[Behaviour]) -> None:
        """Makes kwok treat pods by these behaviours from now on."""
        self._stages.follow(behaviours, self._script.nodes[0].name)

    def _break_ready_pods(self) -> None:
        """Lets the pods that were Ready for a moment crash: their kubelet says that they are not Ready any more."""
        images = [image_name(b.service, b.tag) for b in self._script.behaviours if b.fate is PodFate.CRASH_LOOP and is_late(self._script, b)]
        for image in images:
            for pod in self._registry.list("pods", NAMESPACE):
                if image in (container["image"] for container in pod["spec"]["containers"]):
                    not_ready = {"conditions": [{"type": "Ready", "status": "False", "reason": "ContainersNotReady"}]}
                    self._registry.patch_status("pods", NAMESPACE, pod["metadata"]["name"], not_ready)
            wait_until(f"the pods of {image} crash", partial(self._releasing.has_failing_pod, image), alive=self._plane.check)
