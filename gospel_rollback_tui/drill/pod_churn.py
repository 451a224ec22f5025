"""Pods whose state never stands still: status writes by the hundreds a second."""

import time
from collections.abc import Callable
from itertools import cycle
from threading import Event, Thread

from gospel_rollback_tui.drill.kubernetes.statuses import ApiError
from gospel_rollback_tui.drill.ports import Registry
from gospel_rollback_tui.drill.script import NAMESPACE, deployment_name

WRITES_PER_SECOND = 500
SERVICE = "gateway"
_BATCH_SECONDS = 0.05


class PodChurn:
    """Rewrites the status of a service's pods in turn, from `start` to `close`; what the kubelet says of them stays true."""

    def __init__(self, registry: Registry, *, ticks: Callable[[], float] = time.monotonic) -> None:
        """Prepares the writes; `start` begins them."""
        self._registry = registry
        self._ticks = ticks
        self._stopping = Event()
        self._thread: Thread | None = None

    def start(self) -> None:
        """Begins to write; once is enough."""
        if self._thread is None:
            self._stopping.clear()
            self._thread = Thread(target=self._rewrite, name="pod-churn", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Stops writing."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _rewrite(self) -> None:
        began, written = self._ticks(), 0
        while not self._stopping.wait(_BATCH_SECONDS):
            names = [pod["metadata"]["name"] for pod in self._registry.list("pods", NAMESPACE) if pod["metadata"]["name"].startswith(deployment_name(SERVICE))]
            owed = int((self._ticks() - began) * WRITES_PER_SECOND) - written
            for name, _ in zip(cycle(names), range(owed), strict=False):
                written += 1
                self._write(name, written)

    def _write(self, name: str, number: int) -> None:
        try:
            self._registry.patch("pods", NAMESPACE, name, {"status": {"message": f"write {number}"}}, subresource="status")
        except ApiError:
            return  # the pod is gone; the next round asks which there are
