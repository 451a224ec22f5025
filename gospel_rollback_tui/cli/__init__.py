"""Composition root: arguments → settings → adapters → app → exit code.

Rule: the only package that sees every other; imports nothing at the top but argparse, so that `--help` is instant.
A package rather than one file, because it composes two processes (the app and the runner) and the drill.
"""

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line and exits with its code (DESIGN §10)."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Runs the command line and returns its exit code; sentences for the operator go to stderr."""
    from gospel_rollback_tui.cli.arguments import parse
    from gospel_rollback_tui.domain.errors import RollbackError, UsageError

    options = parse(arguments)
    try:
        return options.verb(options)
    except UsageError as error:
        print(f"gospel-rollback: {error.sentences()}", file=sys.stderr)
        return 2
    except RollbackError as error:
        print(f"gospel-rollback: {error.sentences()}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        sys.stderr.close()
        return 141
    except KeyboardInterrupt:
        return 130
