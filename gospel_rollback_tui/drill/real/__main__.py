"""The process that the real estate lives in.

`python -m gospel_rollback_tui.drill.real --directory D --script NAME --fault NAME…` starts a control plane, brings it to the
script's scene, prints how to reach it as one line of JSON, and ends at SIGTERM or when its standard input ends. What it
is about is said on standard error; a start that fails prints `{"error": …}` instead of the endpoints.
"""

import argparse
import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from threading import Event, Thread

from gospel_rollback_tui.domain.errors import RollbackError
from gospel_rollback_tui.drill.endpoints import to_json
from gospel_rollback_tui.drill.fault import Fault, UnknownFaultError, find_fault
from gospel_rollback_tui.drill.kubernetes.statuses import ApiError
from gospel_rollback_tui.drill.real.control_plane import RealControlPlane
from gospel_rollback_tui.drill.real.estate import RealEstate
from gospel_rollback_tui.drill.real.troubles import FaultRefusedError
from gospel_rollback_tui.drill.script import Script
from gospel_rollback_tui.drill.scripts import DEFAULT_SCRIPT, UnknownScriptError, find_script


def main(arguments: Sequence[str]) -> int:
    """Serves an estate until told to stop, or until nobody holds the other end of standard input."""
    parser = argparse.ArgumentParser(prog="gospel_rollback_tui.drill.real")
    parser.add_argument("--directory", type=Path, required=True)
    parser.add_argument("--script", default=DEFAULT_SCRIPT)
    parser.add_argument("--fault", action="append", default=[])
    options = parser.parse_args(arguments)
    Thread(target=_watch_lifeline, name="lifeline", daemon=True).start()
    options.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        _serve(options.directory, find_script(options.script), [find_fault(name) for name in options.fault])
    except RollbackError as error:
        return _refuse(error.sentences())
    except (UnknownScriptError, UnknownFaultError, FaultRefusedError, ApiError) as error:
        return _refuse(str(error))
    return 0


def _serve(directory: Path, script: Script, faults: Sequence[Fault]) -> None:
    """Starts everything, prints how to reach it, and waits for the end.

    Until then a signal ends this process at once, and the control plane's supervisor clears away what was started.
    """
    _say("starting the control plane")
    with RealControlPlane() as plane, RealEstate(plane, script, _say) as estate:
        for fault in (*map(find_fault, script.faults), *faults):
            estate.troubles.switch_on(fault)
        stopping = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        sys.stdout.write(to_json(estate.describe(directory)) + "\n")
        sys.stdout.flush()
        _be_quiet(directory)
        stopping.wait()
        plane.close()  # first, so that no part of the estate waits for an answer


def _say(line: str) -> None:
    """Tells whoever waits what the estate is about."""
    sys.stderr.write(f"real estate: {line}\n")
    sys.stderr.flush()


def _be_quiet(directory: Path) -> None:
    """Sends standard error to a file from now on: the terminal belongs to the program that is drilled."""
    descriptor = os.open(directory / "estate.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(descriptor, sys.stderr.fileno())
    os.close(descriptor)


def _refuse(sentence: str) -> int:
    """Prints why there is no estate, and returns the exit code."""
    sys.stdout.write(json.dumps({"error": sentence}) + "\n")
    return 2


def _watch_lifeline() -> None:
    """Asks this process to end when standard input does."""
    while os.read(sys.stdin.fileno(), 1):
        continue
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
