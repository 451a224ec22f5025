"""The engine: takes decisions, and works through them in one thread."""

from dataclasses import dataclass
from threading import Event as Stop

from gospel_rollback_tui.domain.decisions import Decision, Reply
from gospel_rollback_tui.domain.estate import Environment
from gospel_rollback_tui.domain.run import Run
from gospel_rollback_tui.domain.runbook import Library
from gospel_rollback_tui.engine.ports import Journal, World


@dataclass(frozen=True, slots=True)
class Process:
    """The process that an engine runs in, as the journal remembers it."""

    pid: int = 0
    started: float = 0.0
    """Wall time."""


class Engine:
    """Runs one run. `decide` may be called from any thread; `run` works until the run is closed or `stop` is set."""

    def __init__(
        self,
        world: World,
        journal: Journal,
        library: Library,
        environment: Environment,
        *,
        run: str,
        owner: str,
        read_only: bool = False,
        process: Process = Process(),
    ) -> None:
        """Takes up the journal's run if it holds one; raises JournalError if that cannot be read.

        `run` is the run's id, `owner` is operator@host.
        """

    @property
    def state(self) -> Run | None:
        """The run as it stands; None before OPEN."""
        raise NotImplementedError

    def decide(self, decision: Decision) -> Reply:
        """Takes a decision: refused at once with the reason, or taken and worked on."""
        raise NotImplementedError

    def run(self, stop: Stop) -> None:
        """Works until the run is closed or `stop` is set; a call that is on its way is waited for.

        Raises JournalError if the journal cannot be written and `stop` was set meanwhile.
        """
        raise NotImplementedError
