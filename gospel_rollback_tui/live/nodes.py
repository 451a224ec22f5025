"""The cluster's nodes, watched as pods are, each judged once a change."""

from collections.abc import Callable

from gospel_rollback_tui.domain.errors import Forbidden
from gospel_rollback_tui.domain.feed import FeedState
from gospel_rollback_tui.domain.nodes import NodeHealth, NodeState, NodeVerdict, judge_node, node_from
from gospel_rollback_tui.domain.snapshots import NodesSnapshot
from gospel_rollback_tui.live.ports import Clock, ObjectSource
from gospel_rollback_tui.live.reflector import Reflector

SOURCE = "Kubernetes nodes"
_WORST_FIRST = {health: place for place, health in enumerate(NodeHealth)}


class NodeFeed:
    """Lists and watches nodes. Many roles may not read them: that is unknown, and holds nothing else up."""

    def __init__(self, source: ObjectSource, clock: Clock, jitter: Callable[[], float]) -> None:
        """Starts nothing."""
        self._clock = clock
        self.reflector: Reflector[NodeState] = Reflector("nodes", source, node_from, clock, jitter=jitter)
        """The feed itself, to start and to stop."""
        self._judged: tuple[int, tuple[NodeVerdict, ...], dict[str, str]] = (-1, (), {})

    def states(self, patience: float) -> tuple[NodeState, ...] | None:
        """Returns every node as last heard; None: the feed cannot be believed now. Waits so many seconds for the first list.

        Raises:
            Forbidden: They may not be read.
        """
        self.reflector.await_first(patience)
        nodes, status, _ = self.reflector.read()
        if status.state is FeedState.FORBIDDEN:
            raise Forbidden(status.detail, next_step="Ask for the right to list and watch nodes.")
        return nodes if status.known(self._clock.now().monotonic) else None

    def snapshot(self) -> NodesSnapshot:
        """Returns those that are anything but ready; judged anew only if one changed."""
        nodes, status, changes = self.reflector.read()
        judged = self._judged
        if judged[0] != changes:
            verdicts = [judge_node(node) for node in nodes]
            unwell = sorted((one for one in verdicts if one.health is not NodeHealth.READY), key=lambda one: (_WORST_FIRST[one.health], one.name))
            judged = self._judged = (changes, tuple(unwell), {node.name: node.kubelet for node in nodes})
        return NodesSnapshot(source=SOURCE, taken=self._clock.now(), status=status, total=len(nodes), unwell=judged[1], kubelets=judged[2])
