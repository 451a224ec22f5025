"""The verbs about procedures: `check` proves a directory of runbooks, `runbook` prints one offline."""

import os
import sys

from gospel_rollback_tui.cli.arguments import Options


def check(options: Options) -> int:
    """Proves the packaged runbooks, or those of a directory laid over them; prints what was proved."""
    from gospel_rollback_tui.actions.catalogue import CATALOGUE
    from gospel_rollback_tui.runbooks import load_library

    library = load_library(CATALOGUE, options.directory)
    for runbook in library.runbooks:
        steps = sum(len(path.steps) for path in runbook.paths)
        print(f"{runbook.id}: {len(runbook.paths)} paths, {steps} steps")
    return 0


def print_runbook(options: Options) -> int:
    """Prints the procedure of that id with the estate's names, or the ids there are."""
    from gospel_rollback_tui.actions.catalogue import CATALOGUE
    from gospel_rollback_tui.cli.settings import load
    from gospel_rollback_tui.domain.errors import UsageError
    from gospel_rollback_tui.runbooks import load_library
    from gospel_rollback_tui.runbooks.render import render

    loaded = load(options, os.environ)
    library = load_library(CATALOGUE, loaded.runbooks_dir)
    if not options.subject:
        for row in library.matrix.rows:
            print(f"{row.id}\t{row.title}\t{row.objective}")
        return 0
    try:
        runbook = library.runbook(options.subject)
    except KeyError:
        known = ", ".join(runbook.id for runbook in library.runbooks)
        raise UsageError(f"There is no runbook {options.subject!r}.", next_step=f"There are: {known}.") from None
    sys.stdout.write(render(runbook, loaded.environment))
    return 0
