"""The drill: an estate of its own, then the same app against it; the time against the objective at the end."""

import os
import signal
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from threading import Event

from gospel_rollback_tui.cli.arguments import Options
from gospel_rollback_tui.domain.errors import NotSent, UsageError
from gospel_rollback_tui.drill.launch import LaunchError, SimulatedProcess
from gospel_rollback_tui.drill.script import Script


def start(options: Options) -> int:
    """Runs what the drill verb asked for and returns the exit code."""
    if options.listing:
        from gospel_rollback_tui.drill.catalogue import catalogue_lines

        print("\n".join(catalogue_lines()))
        return 0
    script = chosen_script(options)
    return _serve(options, script) if options.serve else _play(options, script)


def chosen_script(options: Options) -> Script:
    """Returns the script that the options name; raises UsageError with those there are."""
    from gospel_rollback_tui.drill.fault import UnknownFaultError, find_fault
    from gospel_rollback_tui.drill.scripts import DEFAULT_SCRIPT, UnknownScriptError, find_script, first_script_of

    try:
        for name in options.faults:
            find_fault(name)
        script = find_script(options.script) if options.script else first_script_of(options.scenario) if options.scenario else find_script(DEFAULT_SCRIPT)
    except (UnknownScriptError, UnknownFaultError) as error:
        sentence = str(error)
        raise UsageError(f"{sentence[:1].upper()}{sentence[1:]}.", next_step="`gospel-rollback drill --list` prints them all.") from error
    if options.scenario and script.scenario != options.scenario:
        raise UsageError(f"Script {script.id} plays {script.scenario}, not {options.scenario}.", next_step="Leave one of the two out.")
    return script


def launch(options: Options, script: Script, directory: Path) -> SimulatedProcess:
    """Starts the estate; raises UsageError when its programs are missing, NotSent when it does not start."""
    if options.estate == "real":
        from gospel_rollback_tui.drill.real.launch import launch_real
        from gospel_rollback_tui.drill.real.peers import PeersMissing

        try:
            return launch_real(directory, script.id, options.faults)
        except PeersMissing as error:
            raise UsageError(str(error), next_step="`make peers` builds them.") from error
        except LaunchError as error:
            raise NotSent(f"{error}.") from error
    try:
        from gospel_rollback_tui.drill.launch import launch_simulated

        return launch_simulated(directory, script.id, options.faults)
    except LaunchError as error:
        hint = "The drill needs its extra: pip install 'gospel-rollback-tui[drill]'." if "cryptography" in str(error) else ""
        raise NotSent(f"{error}.", next_step=hint) from error


def _serve(options: Options, script: Script) -> int:
    """Serves the estate and waits until it is told to end."""
    from gospel_rollback_tui.drill.environment import export_lines

    ended = Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: ended.set())
    with tempfile.TemporaryDirectory(prefix="gospel-rollback-drill-") as folder, launch(options, script, Path(folder)) as estate:
        sys.stdout.write(export_lines(estate.endpoints))
        sys.stdout.flush()
        print(f"Serving {script.id}: {script.title}. Ctrl-C ends it.", file=sys.stderr)
        while not ended.wait(1.0):
            if not estate.is_running():
                raise NotSent("The estate ended by itself.")
    return 0


def _play(options: Options, script: Script) -> int:
    """Plays the script with the app; the process ends with the app's exit code."""
    from gospel_rollback_tui.actions.catalogue import CATALOGUE
    from gospel_rollback_tui.cli.app import prepare_terminal, run_app
    from gospel_rollback_tui.cli.drill_companion import Companion
    from gospel_rollback_tui.cli.settings import load
    from gospel_rollback_tui.drill.environment import AUTHOR
    from gospel_rollback_tui.runbooks.loader import load_library

    prepare_terminal()
    os.environ |= AUTHOR
    directory = Path(tempfile.mkdtemp(prefix="gospel-rollback-drill-"))
    estate = launch(options, script, directory)
    here = replace(options, config=estate.endpoints.config_file, environment="")
    loaded = load(here, {})
    companion = Companion(estate, script)
    run_app(here, loaded, load_library(CATALOGUE, None), begun=companion.start, left=companion.leave)
