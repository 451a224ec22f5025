"""Brings the estate from release to release as it went through them: by Argo CD's own syncs of the estate's repository."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial

from gospel_rollback_tui.drill.kubernetes.documents import Json
from gospel_rollback_tui.drill.manifests import CHANGE_CAUSE_ANNOTATION, TRACKING_ANNOTATION, deployment_document
from gospel_rollback_tui.drill.real.control_plane import RealControlPlane
from gospel_rollback_tui.drill.real.processes import EstateError
from gospel_rollback_tui.drill.real.registry import RealRegistry
from gospel_rollback_tui.drill.real.scene import Rollout, rollouts_of, undone
from gospel_rollback_tui.drill.real.waiting import wait_until
from gospel_rollback_tui.drill.repository.bare import EstateRepository
from gospel_rollback_tui.drill.scene.delivery import APPLICATION_SET, PARENT, delivery
from gospel_rollback_tui.drill.script import APPLICATION, ARGOCD_NAMESPACE, NAMESPACE, PROJECT, Script, deployment_name, image_name
from gospel_rollback_tui.drill.script_delivery import Owner
from gospel_rollback_tui.drill.several_sources import deployed, sources_of
from gospel_rollback_tui.drill.sync_rules import options_of

ENDED = ("Succeeded", "Failed", "Error")
_OF_GIT = ("name", "namespace", "labels", "annotations")


STUCK_HOOK = """apiVersion: batch/v1
kind: Job
metadata:
  name: smoke-test
  annotations:
    argocd.argoproj.io/hook: PostSync
spec:
  template:
    spec:
      restartPolicy: Never
      containers:
        - {name: smoke-test, image: gospelib-smoke-test, command: [sleep, infinity]}
"""
"""What a sync waits for without end: pods here run until they are deleted."""

APPLICATIONS_BRANCH = "applications"
"""Where the app-of-apps parent has the Application from."""


class Releasing:
    """The Application of a script, from its creation to the policy that the script begins with."""

    def __init__(self, plane: RealControlPlane, registry: RealRegistry, script: Script, repository: EstateRepository, say: Callable[[str], None]) -> None:
        """Prepares; the rest says what it is about."""
        self._plane = plane
        self._registry = registry
        self._script = script
        self._repository = repository
        self._say = say
        self._objects = {document["metadata"]["name"]: document for document in _declared(script, repository) if "spec" in document}

    def open(self) -> None:
        """Creates the project, without its windows yet, and the Application, which syncs nothing by itself yet."""
        project, application = self._objects[PROJECT], self._objects[APPLICATION]
        open_always = {key: value for key, value in project["spec"].items() if key != "syncWindows"}
        if any(known["metadata"]["name"] == PROJECT for known in self._registry.list("appprojects", ARGOCD_NAMESPACE)):
            self._registry.patch("appprojects", ARGOCD_NAMESPACE, PROJECT, {"spec": {**open_always, "syncWindows": None}})
        else:
            self._registry.create({**project, "spec": open_always})
        policy = {key: value for key, value in application["spec"]["syncPolicy"].items() if key != "automated"}
        self._registry.create({**application, "spec": {**application["spec"], "syncPolicy": policy}})

    def release_all(self) -> None:
        """Syncs each release of the repository, oldest first, and waits until the cluster shows what becomes of it."""
        releases = self._repository.releases
        for number, (sha, release) in enumerate(releases):
            rollouts = rollouts_of(self._script, number)
            self._say(f"releasing {release.version}: {len(rollouts)} {'service' if len(rollouts) == 1 else 'services'}")
            self._start_sync(sha)
            if not self._script.sync.stuck or number + 1 < len(releases):
                self._await_sync(sha)
            self._tell_cause(rollouts)
            self._await(rollouts, is_past=number + 2 < len(releases))
        if self._script.sync.stuck:
            wait_until(f"the sync is {self._script.sync.stuck}", self._is_stuck, alive=self._plane.check)
        elif self._repository.head != releases[-1][0]:
            self._start_sync(self._repository.head)
            self._await_sync(self._repository.head)

    def settle(self) -> None:
        """Gives project and Application what the script has them begin with; where somebody undid the release, self-heal strikes first."""
        by_hand, *healed = undone(self._script) or [[]]
        for rollout in by_hand:
            self._registry.apply(deployment_document(rollout.history, rollout.revision))
        self._await(by_hand)
        application = self._objects[APPLICATION]
        wanted: Json = {"metadata": {"annotations": application["metadata"].get("annotations", {})}, "spec": application["spec"]}
        self._registry.patch("applications", ARGOCD_NAMESPACE, APPLICATION, wanted)
        for rollouts in healed:
            self._await_images(rollouts)
            self._tell_cause(rollouts)
            self._await(rollouts)
        self._registry.patch("appprojects", ARGOCD_NAMESPACE, PROJECT, {"spec": self._objects[PROJECT]["spec"]})
        if self._script.sync.owner is Owner.PARENT:
            self._adopt_by_parent()
        elif self._script.sync.owner is Owner.APPLICATION_SET:
            self._plane.argocd.apply_sets()
            self._registry.create(self._objects[APPLICATION_SET])
            owned = "the ApplicationSet owns the Application"
            wait_until(owned, lambda: "ownerReferences" in self._application()["metadata"], alive=self._plane.check)

    def _adopt_by_parent(self) -> None:
        """Puts the Application under an app-of-apps parent, which has it from a branch of its own."""
        application, parent = self._objects[APPLICATION], self._objects[PARENT]
        path = f"{parent['spec']['source']['path']}/{APPLICATION}.yaml"
        self._repository.write({path: json.dumps(application, indent=2)}, "the Application itself", branch=APPLICATIONS_BRANCH)
        source = {**parent["spec"]["source"], "targetRevision": APPLICATIONS_BRANCH}
        self._registry.create({**parent, "spec": {**parent["spec"], "source": source}})
        wait_until("the parent has taken the Application over", self._is_adopted, alive=self._plane.check)

    def _is_adopted(self) -> bool:
        parent = self._registry.get("applications", ARGOCD_NAMESPACE, PARENT)
        tracked = self._application()["metadata"].get("annotations", {}).get(TRACKING_ANNOTATION, "")
        return bool(parent.get("status", {}).get("sync", {}).get("status") == "Synced" and tracked.startswith(f"{PARENT}:"))

    def _start_sync(self, sha: str) -> None:
        """Asks Argo CD for the sync of one commit, in the words in which it asks itself."""
        spec = self._objects[APPLICATION]["spec"]
        sync = {**deployed(spec, [sha] * len(sources_of(spec))), **options_of(spec), "prune": self._script.sync.prune}
        operation = {"sync": sync, "initiatedBy": {"automated": True}, "retry": {"limit": 5}}
        start: Json = {"operation": operation, "status": {"operationState": None}}
        self._registry.patch("applications", ARGOCD_NAMESPACE, APPLICATION, start)

    def _await_sync(self, sha: str) -> None:
        """Waits for the end of the sync under way.

        Raises:
            EstateError: It did not succeed.
        """
        wait_until(f"Argo CD has synced {sha[:7]}", self._has_ended, alive=self._plane.check)
        state = self._application()["status"]["operationState"]
        if state["phase"] != "Succeeded":
            raise EstateError(f"Argo CD could not sync {sha[:7]}: {state.get('message', state['phase'])}")

    def _has_ended(self) -> bool:
        application = self._application()
        return "operation" not in application and application.get("status", {}).get("operationState", {}).get("phase") in ENDED

    def _is_stuck(self) -> bool:
        state = self._application().get("status", {}).get("operationState", {})
        return bool(state.get("message") == self._script.sync.stuck)

    def _application(self) -> Json:
        return self._registry.get("applications", ARGOCD_NAMESPACE, APPLICATION)

    def _tell_cause(self, rollouts: list[Rollout]) -> None:
        """Writes each rollout's change cause beside it, as people do after a release; git does not declare it."""
        for rollout in rollouts:
            cause = {"metadata": {"annotations": {CHANGE_CAUSE_ANNOTATION: rollout.revision.change_cause}}}
            self._registry.writing_as("kubectl-annotate").patch("deployments", NAMESPACE, deployment_name(rollout.history.service), cause)

    def _await(self, rollouts: list[Rollout], *, is_past: bool = False) -> None:
        """Waits for what the rollouts come to; for one that another follows at once, only until it has begun."""
        for rollout in rollouts:
            name = deployment_name(rollout.history.service)
            if is_past:
                wait_until(f"{name} at {rollout.revision.tag} is begun", partial(self._is_begun, name), alive=self._plane.check)
            elif rollout.ready:
                wait_until(f"{name} at {rollout.revision.tag} is rolled out", partial(self._is_rolled_out, name), alive=self._plane.check)
            else:
                image = image_name(rollout.history.service, rollout.revision.tag)
                wait_until(f"a pod of {image} fails", partial(self.has_failing_pod, image), alive=self._plane.check)

    def _await_images(self, rollouts: list[Rollout]) -> None:
        """Waits until the templates name the images that Argo CD puts back by itself."""
        for rollout in rollouts:
            image = image_name(rollout.history.service, rollout.revision.tag)
            wait_until(f"Argo CD puts {image} back", partial(self._runs, deployment_name(rollout.history.service), image), alive=self._plane.check)

    def _runs(self, name: str, image: str) -> bool:
        live = self._registry.get("deployments", NAMESPACE, name)
        return bool(live["spec"]["template"]["spec"]["containers"][0]["image"] == image)

    def _is_begun(self, name: str) -> bool:
        live = self._registry.get("deployments", NAMESPACE, name)
        return bool(live.get("status", {}).get("observedGeneration", 0) >= live["metadata"]["generation"])

    def _is_rolled_out(self, name: str) -> bool:
        live = self._registry.get("deployments", NAMESPACE, name)
        status, wanted = live.get("status", {}), live["spec"]["replicas"]
        counts = [status.get(count, 0) for count in ("replicas", "updatedReplicas", "availableReplicas", "readyReplicas")]
        return status.get("observedGeneration", 0) >= live["metadata"]["generation"] and counts == [wanted] * len(counts)

    def has_failing_pod(self, image: str) -> bool:
        """Says whether some container of an image waits instead of running."""
        for pod in self._registry.list("pods", NAMESPACE):
            for status in pod.get("status", {}).get("containerStatuses", []):
                if status["image"] == image and "waiting" in status.get("state", {}):
                    return True
        return False


def _declared(script: Script, repository: EstateRepository) -> Iterator[Json]:
    """Yields the objects of delivery as somebody writes them, without what only a cluster knows."""
    now = datetime.now(UTC)
    for document in delivery(script, repository, now, now):
        metadata = {key: value for key, value in document["metadata"].items() if key in _OF_GIT}
        yield {key: document[key] for key in ("apiVersion", "kind", "spec") if key in document} | {"metadata": metadata}
