"""The one thread in which all controllers work: a queue of keys with due times."""

import heapq
import itertools
import sys
import traceback
from collections.abc import Callable
from threading import Condition, Thread
from typing import TypeAlias

from gospel_rollback_tui.drill.kubernetes.documents import Clock
from gospel_rollback_tui.drill.kubernetes.statuses import ApiError

Key: TypeAlias = tuple[str, str, str]
"""Controller, namespace, name."""
Reconcile: TypeAlias = Callable[[str, str], None]

_AFTER_REFUSAL_SECONDS = 0.02
_AFTER_FAULT_SECONDS = 1.0


class ControlLoop:
    """Runs reconciliations one after another, each key as soon as it is due."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._reconcilers: dict[str, Reconcile] = {}
        self._changed = Condition()
        self._queue: list[tuple[float, int, Key]] = []
        self._due: dict[Key, float] = {}
        self._numbers = itertools.count()
        self._busy = False
        self._stopped = False
        self._thread = Thread(target=self._run, name="drill-kubernetes-controllers", daemon=True)

    def register(self, controller: str, reconcile: Reconcile) -> None:
        """Name the function that reconciles the keys of a controller."""
        self._reconcilers[controller] = reconcile

    def enqueue(self, controller: str, namespace: str, name: str, delay: float = 0.0) -> None:
        """Ask for a reconciliation in so many real seconds; of several for one key the earliest counts."""
        key = (controller, namespace, name)
        due = self._clock.monotonic() + delay
        with self._changed:
            if self._due.get(key, due + 1) <= due:
                return
            self._due[key] = due
            heapq.heappush(self._queue, (due, next(self._numbers), key))
            self._changed.notify_all()

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def stop(self) -> None:
        """End after the reconciliation under way."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join()

    def settle(self, timeout: float) -> bool:
        """Wait until nothing is due at once; tell whether that came to be."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._busy and self._seconds_to_next() != 0.0, timeout)

    def _seconds_to_next(self) -> float | None:
        while self._queue and self._due.get(self._queue[0][2]) != self._queue[0][0]:
            heapq.heappop(self._queue)
        if not self._queue:
            return None
        return max(0.0, self._queue[0][0] - self._clock.monotonic())

    def _run(self) -> None:
        while (key := self._next()) is not None:
            self._reconcile(key)
            with self._changed:
                self._busy = False
                self._changed.notify_all()

    def _next(self) -> Key | None:
        with self._changed:
            while not self._stopped:
                wait = self._seconds_to_next()
                if wait == 0.0:
                    _, _, key = heapq.heappop(self._queue)
                    del self._due[key]
                    self._busy = True
                    return key
                self._changed.wait(wait)
            return None

    def _reconcile(self, key: Key) -> None:
        controller, namespace, name = key
        try:
            self._reconcilers[controller](namespace, name)
        except ApiError as refusal:
            if refusal.code != 404:
                self.enqueue(controller, namespace, name, _AFTER_REFUSAL_SECONDS)
        except Exception:  # noqa: BLE001 - the boundary of this thread: one object's fault must not stop the cluster
            traceback.print_exc(file=sys.stderr)
            self.enqueue(controller, namespace, name, _AFTER_FAULT_SECONDS)
