"""The process a run lives in."""

from collections.abc import Callable
from pathlib import Path

from gospel_rollback_tui.engine.engine import Engine
from gospel_rollback_tui.engine.ports import Journal
from gospel_rollback_tui.engine.process import Process

EngineFactory = Callable[[Journal, str, Process], Engine]
"""(journal, run id, process) → the engine, with its world connected."""


def serve(folder: Path, engine_factory: EngineFactory) -> int:
    """Runs the run in that folder until it is closed, and returns the process's exit code.

    Listens first, then makes the engine (heavy imports belong in the factory), then waits for OPEN or goes on with what
    the journal holds.
    """
    raise NotImplementedError
