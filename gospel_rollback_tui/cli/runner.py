"""The runner's process: one run, its engine and everything that can change the estate."""

import os
import signal
import socket
import time
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gospel_rollback_tui.cli.arguments import Options

LOOK_SECONDS = 3.0
MISSED_LOOKS = 5
"""Refused connections in a row after which a drill's estate has ended, and its runs with it."""

if TYPE_CHECKING:  # the engine's world is imported once the socket listens
    from gospel_rollback_tui.domain.estate import Environment
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
        from gospel_rollback_tui.domain.estate import Tier
        from gospel_rollback_tui.engine.engine import Engine
        from gospel_rollback_tui.runbooks.loader import load_library

        loaded = load(options, os.environ)
        if loaded.environment.tier is Tier.DRILL:
            Thread(target=end_with_estate, args=(loaded.environment,), name="drill-estate", daemon=True).start()
        library = load_library(CATALOGUE, loaded.runbooks_dir)
        assert options.folder is not None, "the parser requires it"
        world = runner_world(loaded.environment, loaded.clones, options.folder)
        return Engine(world, journal, library, loaded.environment, run=run, owner=owner(), read_only=options.read_only, process=process)

    return _make


def end_with_estate(environment: "Environment") -> None:
    """Ends this process once the drill's own services refuse connections for good: nobody is left to practise with."""
    address = urlsplit(environment.symptoms[0].url if environment.symptoms else environment.services[0].health_url)
    missed = 0
    while missed < MISSED_LOOKS:
        time.sleep(LOOK_SECONDS)
        try:
            socket.create_connection((address.hostname, address.port), timeout=LOOK_SECONDS).close()
            missed = 0
        except OSError:
            missed += 1
    os.kill(os.getpid(), signal.SIGTERM)
