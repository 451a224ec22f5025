"""Troubles of too much, and of text that is not meant well: what the live panes have to bear."""

from collections.abc import Callable

from gospel_rollback_tui.drill.fault import Fault
from gospel_rollback_tui.drill.hostile import write_everywhere
from gospel_rollback_tui.drill.kubernetes.faults import Faults
from gospel_rollback_tui.drill.pod_churn import PodChurn
from gospel_rollback_tui.drill.ports import Registry
from gospel_rollback_tui.drill.raging_logs import RagingLogs

Switch = tuple[Callable[[], object], Callable[[], object]]


class Floods:
    """Switches them on and off; safe to use from any thread."""

    def __init__(self, faults: Faults, logs: RagingLogs, registry: Registry) -> None:
        """Starts with nothing switched on."""
        self._faults = faults
        self._logs = logs
        self._registry = registry
        self._churn = PodChurn(registry)

    def switches(self) -> dict[Fault, Switch]:
        """Returns what switches each fault on and off."""
        return {
            Fault.WATCH_EXPIRED: (lambda: self._expire(on=True), lambda: self._expire(on=False)),
            Fault.LOG_FLOOD: (self._logs.flood, lambda: self._logs.flood(on=False)),
            Fault.POD_CHURN: (self._churn.start, self._churn.close),
            Fault.HOSTILE_TEXT: (self._poison, self._cleanse),
        }

    def close(self) -> None:
        """Ends what has a thread."""
        self._churn.close()

    def _expire(self, *, on: bool) -> None:
        self._faults.watches_expire = on

    def _poison(self) -> None:
        self._logs.hostile = True
        write_everywhere(self._registry)

    def _cleanse(self) -> None:
        """Ends what is written from now on; what was written stays, as it would."""
        self._logs.hostile = False
