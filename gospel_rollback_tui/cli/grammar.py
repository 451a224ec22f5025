"""The command line's grammar (DESIGN §10).

Imports argparse alone, and takes paths as text: `--help` ends in here, and waits for nothing else.
"""

import argparse
import sys
from collections.abc import Sequence

from gospel_rollback_tui import __version__

TYPE_CHECKING = False
"""As type checkers know it, without `typing`, which `--help` has no use for."""
if TYPE_CHECKING:
    from _typeshed import SupportsWrite


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Returns what was asked for; argparse exits with 2 and a usage line on anything it does not know."""
    return _parser().parse_args(list(arguments))


class _Grammar(argparse.ArgumentParser):
    """argparse, but for what it cannot write: it keeps silent about a full disk, and ends with 0."""

    def _print_message(self, message: str, file: "SupportsWrite[str] | None" = None) -> None:
        if message and (out := file or sys.stderr) is not None:
            out.write(message)


def _parser() -> _Grammar:
    parser = _Grammar(
        prog="gospel-rollback",
        description="Incident rollback in the terminal: triage by live evidence, then the matching runbook, one confirmed step at a time.",
        epilog="Exit codes: 0 closed clean or answered, 1 ended otherwise, 2 usage, configuration or runbook, 3 closed with debts, 4 left open.",
    )
    parser.set_defaults(verb="app:start")
    parser.add_argument("--version", action="version", version=f"gospel-rollback {__version__}")
    _estate_options(parser)
    parser.add_argument("--read-only", action="store_true", help="look, never change: every level above observe is out of reach")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB")
    _drill(verbs)
    check = verbs.add_parser("check", help="prove the packaged runbooks, or those of a directory")
    check.add_argument("directory", nargs="?", metavar="DIR")
    check.set_defaults(verb="procedures:check")
    runbook = verbs.add_parser("runbook", help="print a procedure with the estate's names, offline")
    runbook.add_argument("subject", nargs="?", default="", metavar="ID")
    _estate_options(runbook)
    runbook.set_defaults(verb="procedures:print_runbook")
    _runs(verbs)
    return parser


def _estate_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", metavar="FILE", default=argparse.SUPPRESS, help="configuration file (default: by the XDG rules)")
    parser.add_argument("--environment", metavar="NAME", default=argparse.SUPPRESS, help="environment of the configuration to act on")


def _drill(verbs: "argparse._SubParsersAction[_Grammar]") -> None:
    drill = verbs.add_parser("drill", help="practise against an estate of the drill's own, on loopback")
    drill.add_argument("--scenario", default="", metavar="ID", help="one of the six scenario ids (default: bad-code)")
    drill.add_argument("--script", default="", metavar="NAME", help="what is broken, and how the estate reacts")
    drill.add_argument("--fault", action="append", dest="faults", metavar="NAME", help="extra trouble; may be given several times")
    drill.add_argument("--estate", choices=("simulated", "real"), default="simulated", help="real: the components `make peers` builds")
    drill.add_argument("--list", action="store_true", dest="listing", help="print scenarios, scripts and faults, one a line")
    drill.add_argument("--serve", action="store_true", help="serve the estate, print `export NAME=value` lines, wait")
    drill.add_argument("--read-only", action="store_true", default=argparse.SUPPRESS, help="look, never change")
    drill.set_defaults(verb="drill:start")


def _runs(verbs: "argparse._SubParsersAction[_Grammar]") -> None:
    runs = verbs.add_parser("runs", help="list runs, print a run's timeline, check its chain")
    runs.add_argument("what", nargs="?", choices=("list", "show", "verify"), default="list")
    runs.add_argument("subject", nargs="?", default="", metavar="ID")
    runs.add_argument("--json", action="store_true", help="machine-readable output")
    _estate_options(runs)
    runs.set_defaults(verb="records:start")
    runner = verbs.add_parser("_runner")
    runner.add_argument("--folder", required=True)
    _estate_options(runner)
    runner.add_argument("--read-only", action="store_true", default=argparse.SUPPRESS)
    runner.set_defaults(verb="runner:start")
