"""Where schemas stand, for whoever looks again and again: a database that does not answer is not waited for at every look."""

import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Lock, Thread

from gospel_rollback_tui.domain.errors import NoRoute, RollbackError
from gospel_rollback_tui.domain.estate import Service
from gospel_rollback_tui.domain.migrations.heads import SchemaHead

LATE_SECONDS = 1.0
"""From when on an answer counts as late."""
AGAIN_SECONDS = 15.0
"""How long a failure that came late stands for the next looks: about a prompt's time, so that its confirmation waits no more."""


@dataclass(slots=True)
class SchemaHeads:
    """Asks databases; failures that came late are kept for a while, answers never."""

    read: Callable[[Service], SchemaHead]
    """Raises errors of `domain.errors`."""
    clock: Callable[[], float] = time.monotonic
    _late: dict[str, tuple[float, RollbackError]] = field(default_factory=dict)
    """Service → when it failed late, and how."""
    _lock: Lock = field(default_factory=Lock)

    def of(self, service: Service) -> SchemaHead:
        """Returns where the service's schema stands, however long that takes the first time; raises what reading raises."""
        failure = self._failed_late(service)
        if failure is not None:
            raise failure.with_traceback(None)
        return self._read(service)

    def at_once(self, service: Service) -> SchemaHead:
        """Returns the same where the answer is not late; raises NoRoute, always in the same words, where it is."""
        if self._failed_late(service) is None:
            asked: Future[SchemaHead] = Future()
            Thread(target=self._answer, args=(service, asked), name=f"head-{service.name}", daemon=True).start()
            try:
                return asked.result(LATE_SECONDS)
            except TimeoutError:
                pass
        raise NoRoute(f"{service.database} does not answer.")

    def _failed_late(self, service: Service) -> RollbackError | None:
        with self._lock:
            since, failure = self._late.get(service.name, (0.0, None))
        return failure if self.clock() - since < AGAIN_SECONDS else None

    def _answer(self, service: Service, asked: "Future[SchemaHead]") -> None:
        try:
            asked.set_result(self._read(service))
        except Exception as error:  # noqa: BLE001  the boundary of this thread: whoever waits gets what it ended with
            asked.set_exception(error)

    def _read(self, service: Service) -> SchemaHead:
        began = self.clock()
        try:
            return self.read(service)
        except RollbackError as error:
            if self.clock() - began >= LATE_SECONDS:
                with self._lock:
                    self._late[service.name] = self.clock(), error
            raise
