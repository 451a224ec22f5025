"""Makes kwok follow another set of stages, and knows when it does.

kwok learns of stages by a watch and looks at a pod only when the pod changes. So a stage that is stored is not yet a stage
that counts: a witness, a pod that nobody sees, is changed until kwok has done to it what the newest stage says.
"""

from collections.abc import Callable, Sequence

from gospel_rollback_tui.drill.kubernetes.documents import Json
from gospel_rollback_tui.drill.real.registry import RealRegistry
from gospel_rollback_tui.drill.real.stages import stages
from gospel_rollback_tui.drill.real.waiting import wait_until
from gospel_rollback_tui.drill.script import Behaviour

WITNESS = "stage-witness"
WITNESS_NAMESPACE = "kube-system"
_SET_ANNOTATION = "drill.gospel-rollback/stage-set"
_TRY_ANNOTATION = "drill.gospel-rollback/try"


class KwokStages:
    """The stages in force; one after the other, each set is numbered."""

    def __init__(self, registry: RealRegistry, alive: Callable[[], None]) -> None:
        """Prepares; `alive` may raise while waiting."""
        self._registry = registry
        self._alive = alive
        self._tries = 0

    def follow(self, behaviours: Sequence[Behaviour], node: str) -> None:
        """Makes kwok treat pods by these behaviours; returns when it does. The witness stands on a node of that name.

        Raises:
            EstateError: kwok did not follow.
        """
        present = {document["metadata"]["name"] for document in self._registry.list("stages")}
        number = str(1 + max((int(name.rpartition("-")[2]) for name in present if name.startswith("witness-")), default=0))
        wanted = stages(behaviours)
        for name in present - {document["metadata"]["name"] for document in wanted}:
            self._registry.delete("stages", "", name)
        for document in [*wanted, _witness_stage(number)]:
            self._registry.apply(document)
        self._registry.apply(_witness(number, node))
        wait_until("kwok follows the stages of the script", lambda: self._is_followed(number), alive=self._alive)
        self._registry.delete("pods", WITNESS_NAMESPACE, WITNESS)
        wait_until("kwok lets the witness go", lambda: not self._registry.list("pods", WITNESS_NAMESPACE), alive=self._alive)

    def _is_followed(self, number: str) -> bool:
        """Changes the witness, so that kwok looks at it, and says whether the stage of this set has reached it."""
        self._tries += 1
        change = {"metadata": {"annotations": {_TRY_ANNOTATION: str(self._tries)}}}
        witness = self._registry.patch("pods", WITNESS_NAMESPACE, WITNESS, change)
        return bool(witness["status"].get("message") == number)


def _witness_stage(number: str) -> Json:
    """Returns the stage that writes the number of its set into the witness; its weight lets no other stage come first."""
    marked = {"key": f'.metadata.annotations["{_SET_ANNOTATION}"]', "operator": "In", "values": [number]}
    alive = {"key": ".metadata.deletionTimestamp", "operator": "DoesNotExist"}
    unwritten = {"key": ".status.message", "operator": "NotIn", "values": [number]}
    return {
        "apiVersion": "kwok.x-k8s.io/v1alpha1",
        "kind": "Stage",
        "metadata": {"name": f"witness-{number}"},
        "spec": {
            "resourceRef": {"apiGroup": "v1", "kind": "Pod"},
            "selector": {"matchExpressions": [marked, alive, unwritten]},
            "weight": 100,
            "next": {"patches": [{"subresource": "status", "root": "status", "type": "merge", "template": f'message: "{number}"'}]},
        },
    }


def _witness(number: str, node: str) -> Json:
    """Returns the witness; it is bound to its node, so that no scheduler needs to look at it."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": WITNESS, "namespace": WITNESS_NAMESPACE, "annotations": {_SET_ANNOTATION: number}},
        "spec": {"nodeName": node, "tolerations": [{"operator": "Exists"}], "containers": [{"name": "witness", "image": "witness"}]},
    }
