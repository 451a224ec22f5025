"""Runs every probe of a round at once, each with its deadline; one that fails or is late is unknown, and so is one that this program breaks."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gospel_rollback_tui.domain.errors import NoRoute, ProgramFault, RollbackError
from gospel_rollback_tui.domain.text import clean, redact

DEADLINE = 5.0
"""Seconds after which a round no longer waits for a probe."""


@dataclass(slots=True)
class Round:
    """The probes of one round and what they have brought so far; read from any thread."""

    probes: Mapping[str, Callable[[], Any]]
    found: dict[str, Any] = field(default_factory=dict)
    failures: dict[str, RollbackError] = field(default_factory=dict)
    _settled: threading.Condition = field(default_factory=threading.Condition)

    def start(self) -> None:
        """Starts one thread a probe; they are daemons and hold nobody up."""
        for name, probe in self.probes.items():
            threading.Thread(target=self._take, args=(name, probe), name=f"probe-{name}", daemon=True).start()

    def _take(self, name: str, probe: Callable[[], Any]) -> None:
        value: Any = None
        failure: RollbackError | None = None
        try:
            value = probe()
        except RollbackError as error:
            failure = error
        except Exception as error:  # noqa: BLE001  the boundary of this thread: a fault of ours must be named as one, not pass for an estate that does not answer
            failure = fault_of(name, error)
        with self._settled:
            if failure is None:
                self.found[name] = value
            else:
                self.failures[name] = failure
            self._settled.notify_all()

    def wait(self, seconds: float) -> bool:
        """Waits until one more probe has answered, or the seconds are over; returns whether all have."""
        with self._settled:
            before = len(self.found) + len(self.failures)
            self._settled.wait_for(lambda: len(self.found) + len(self.failures) != before or self._over(), seconds)
            return self._over()

    def seen(self) -> tuple[dict[str, Any], dict[str, RollbackError], tuple[str, ...]]:
        """Returns (found, failures, probes still waited for) as they are now."""
        with self._settled:
            waiting = tuple(name for name in self.probes if name not in self.found and name not in self.failures)
            return dict(self.found), dict(self.failures), waiting

    def give_up(self) -> None:
        """Records what has not answered as not reached; what it brings later is dropped with the round."""
        with self._settled:
            for name in self.probes:
                if name not in self.found and name not in self.failures:
                    self.failures[name] = NoRoute(f"{name}: no answer within {DEADLINE:.0f} s.")

    def _over(self) -> bool:
        return len(self.found) + len(self.failures) >= len(self.probes)


def fault_of(what: str, error: Exception) -> ProgramFault:
    """Returns a fault of this program as the error that names it."""
    detail = clean(redact(f"{type(error).__name__}: {error}"), 200)
    return ProgramFault(
        f"{what}: a fault of this program, not of the estate ({detail}).", next_step="Look by hand (w asks, o prints the commands), and report the fault."
    )
