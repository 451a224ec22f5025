"""Composition root: arguments → settings → adapters → app → exit code.

Rule: the only package that sees every other; imports nothing heavy at the top, so that `--help` is instant.
A package rather than one file, because it composes two processes (the app and the runner) and the drill.
"""

import errno
import gc
import io
import os
import sys
from collections.abc import Sequence

_OUTPUT_FAILS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""What a write to stdout fails with on a full disk or a terminal that is gone; such an error names no file."""
_COLLECT_AFTER = 50_000
"""New objects between two garbage collections: by Python's own 700 a hundred of them look through what start imports, which stays anyway."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line and exits with its code (DESIGN §10)."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Runs the command line and returns its exit code; sentences for the operator go to stderr."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a pipe in the C locale must not end a listing
    try:
        try:
            return _obey(arguments)
        finally:
            sys.stdout.flush()  # here a full disk is still a sentence
    except BrokenPipeError:
        _drop_output()
        return 141
    except OSError as error:
        if error.filename is not None or error.errno not in _OUTPUT_FAILS:
            raise
        _drop_output()
        print(f"gospel-rollback: The output cannot be written: {error.strerror}. Nothing was changed.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _obey(arguments: Sequence[str]) -> int:
    from gospel_rollback_tui.cli.grammar import parse

    asked = parse(arguments)  # `--help` ends here: what follows costs as much again
    gc.set_threshold(_COLLECT_AFTER)
    from gospel_rollback_tui.cli.arguments import options_of
    from gospel_rollback_tui.domain.errors import RollbackError, UsageError

    try:
        options = options_of(asked)
        return options.verb(options)
    except UsageError as error:
        print(f"gospel-rollback: {error.sentences()}", file=sys.stderr)
        return 2
    except RollbackError as error:
        print(f"gospel-rollback: {error.sentences()}", file=sys.stderr)
        return 1


def _drop_output() -> None:
    """Sends what is left for stdout nowhere, so that the interpreter's end does not fail on it."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
