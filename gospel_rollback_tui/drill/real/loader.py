"""Brings a control plane to the scene of a script: objects first, then one rollout after the other, as the estate went through them."""

import secrets
from collections.abc import Callable, Sequence
from functools import partial

from gospel_rollback_tui.drill.application import application_document
from gospel_rollback_tui.drill.kubernetes.documents import Json, SystemClock
from gospel_rollback_tui.drill.kubernetes.statuses import ApiError
from gospel_rollback_tui.drill.managed_objects import tracked
from gospel_rollback_tui.drill.manifests import config_maps, deployment_document
from gospel_rollback_tui.drill.real.control_plane import RealControlPlane
from gospel_rollback_tui.drill.real.documents import read_documents
from gospel_rollback_tui.drill.real.kwok_stages import KwokStages
from gospel_rollback_tui.drill.real.registry import CONFLICT, RealRegistry, collection_path
from gospel_rollback_tui.drill.real.scene import Rollout, early_behaviours, event_document, is_late, node, nonce_document, rounds
from gospel_rollback_tui.drill.real.waiting import wait_until
from gospel_rollback_tui.drill.repository.bare import EstateRepository
from gospel_rollback_tui.drill.script import APPLICATION, ARGOCD_NAMESPACE, NAMESPACE, Behaviour, PodFate, Script, deployment_name, image_name

_CLEARED = ("deployments", "replicasets", "pods", "configmaps", "services", "events", "leases", "logs")


class SceneLoader:
    """Loads one script into a control plane; what an earlier script left there goes first."""

    def __init__(self, plane: RealControlPlane, registry: RealRegistry, script: Script, git: EstateRepository, say: Callable[[str], None]) -> None:
        """Prepares; `load` does it, and says what it is about."""
        self._plane = plane
        self._registry = registry
        self._script = script
        self._git = git
        self._say = say
        self._stages = KwokStages(registry, plane.check)

    def load(self) -> str:
        """Builds the scene, waits until the cluster shows it, and returns the estate's nonce.

        Raises:
            EstateError: The cluster did not get there, or a program of it ended.
        """
        self._clear()
        self._found()
        self._set_stages(early_behaviours(self._script))
        nonce = secrets.token_hex(16)
        self._registry.writing_as("gospel-rollback").create(nonce_document(nonce))
        for document, edit in config_maps(self._script.config_edits):
            self._registry.writing_as(edit.manager if edit else self._registry.manager).create(document)
        for document in self._git.manifests(self._git.head):
            if document["kind"] != "Deployment":
                self._registry.create(tracked(document, APPLICATION))
        for rollouts in rounds(self._script):
            self._roll_out(rollouts)
        self._set_stages(self._script.behaviours)
        self._break_ready_pods()
        for number, event in enumerate(self._script.events):
            self._registry.create(event_document(event, number))
        self._registry.create(application_document(self._script, self._git, SystemClock().now()))
        return nonce

    def _clear(self) -> None:
        """Removes an earlier scene and waits until its pods are gone."""
        for application in self._registry.list("applications"):
            self._registry.delete("applications", ARGOCD_NAMESPACE, application["metadata"]["name"])
        if any(namespace["metadata"]["name"] == NAMESPACE for namespace in self._registry.list("namespaces")):
            for resource in _CLEARED:
                self._plane.api.delete(collection_path(resource, NAMESPACE))
        wait_until("the pods of the last script are gone", lambda: not self._registry.list("pods", NAMESPACE), alive=self._plane.check)
        for known in self._registry.list("nodes"):
            self._registry.delete("nodes", "", known["metadata"]["name"])

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
            wait_until(f"the pods of {image} crash", partial(self._has_failing_pod, image), alive=self._plane.check)

    def _roll_out(self, rollouts: list[Rollout]) -> None:
        """Rolls out one revision of each service named, and waits until the cluster shows what becomes of it."""
        tags = ", ".join(dict.fromkeys(rollout.revision.tag for rollout in rollouts))
        self._say(f"rolling out {tags} of {len(rollouts)} {'service' if len(rollouts) == 1 else 'services'}")
        for rollout in rollouts:
            self._registry.apply(deployment_document(rollout.history, rollout.revision))
        for rollout in rollouts:
            name = deployment_name(rollout.history.service)
            if rollout.ready:
                wait_until(f"{name} at {rollout.revision.tag} is rolled out", partial(self._is_rolled_out, name), alive=self._plane.check)
            else:
                image = image_name(rollout.history.service, rollout.revision.tag)
                wait_until(f"a pod of {image} fails", partial(self._has_failing_pod, image), alive=self._plane.check)

    def _is_rolled_out(self, name: str) -> bool:
        live = self._registry.get("deployments", NAMESPACE, name)
        status, wanted = live.get("status", {}), live["spec"]["replicas"]
        counts = [status.get(count, 0) for count in ("replicas", "updatedReplicas", "availableReplicas", "readyReplicas")]
        return status.get("observedGeneration", 0) >= live["metadata"]["generation"] and counts == [wanted] * len(counts)

    def _has_failing_pod(self, image: str) -> bool:
        for pod in self._registry.list("pods", NAMESPACE):
            for status in pod.get("status", {}).get("containerStatuses", []):
                if status["image"] == image and "waiting" in status.get("state", {}):
                    return True
        return False
