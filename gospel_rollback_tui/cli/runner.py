"""The runner's process: one run, its engine and everything that can change the estate."""

import os
from typing import TYPE_CHECKING

from gospel_rollback_tui.cli.arguments import Options

if TYPE_CHECKING:  # the engine's world is imported once the socket listens
    from gospel_rollback_tui.engine.engine import Engine
    from gospel_rollback_tui.engine.ports import Journal
    from gospel_rollback_tui.engine.process import Process
    from gospel_rollback_tui.runner.host import EngineFactory


def start(options: Options) -> int:
    """Serves the run in the folder until it is closed; started by the app, never by hand."""
    from gospel_rollback_tui.runner.host import serve

    os.umask(0o077)
    assert options.folder is not None, "the parser requires it"
    return serve(options.folder, _factory(options))


def _factory(options: Options) -> "EngineFactory":
    def _make(journal: "Journal", run: str, process: "Process") -> "Engine":
        from gospel_rollback_tui.actions.catalogue import CATALOGUE
        from gospel_rollback_tui.cli.runs import owner
        from gospel_rollback_tui.cli.settings import load
        from gospel_rollback_tui.cli.world import runner_world
        from gospel_rollback_tui.engine.engine import Engine
        from gospel_rollback_tui.runbooks.loader import load_library

        loaded = load(options, os.environ)
        library = load_library(CATALOGUE, loaded.runbooks_dir)
        world = runner_world(loaded.environment)
        return Engine(world, journal, library, loaded.environment, run=run, owner=owner(), read_only=options.read_only, process=process)

    return _make
