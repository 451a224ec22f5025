"""Status writes without end, as a crash loop causes them: what a fingerprint must not mind."""

from threading import Event, Thread

from gospel_rollback_tui.drill.kubernetes.statuses import ApiError
from gospel_rollback_tui.drill.ports import Registry
from gospel_rollback_tui.drill.script import NAMESPACE


class StatusChurn:
    """Rewrites the status of one Deployment every so many seconds, from `start` to `close`."""

    def __init__(self, registry: Registry, deployment: str, every: float) -> None:
        """Prepare the writes; `start` begins them."""
        self._registry = registry
        self._deployment = deployment
        self._every = every
        self._stopping = Event()
        self._thread = Thread(target=self._rewrite, name="status-churn", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def close(self) -> None:
        """Stop writing."""
        self._stopping.set()
        self._thread.join()

    def _rewrite(self) -> None:
        written = 0
        while not self._stopping.wait(self._every):
            written += 1
            try:
                self._registry.patch("deployments", NAMESPACE, self._deployment, {"status": {"collisionCount": written}}, subresource="status")
            except ApiError:
                return  # the Deployment is gone, and with it what there was to write
