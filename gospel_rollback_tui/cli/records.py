"""The verbs about runs: list them, print one's timeline, check its chain."""

import json
import os
import sys
from dataclasses import asdict
from datetime import UTC, datetime

from gospel_rollback_tui.cli.arguments import Options
from gospel_rollback_tui.cli.timeline import timeline_lines
from gospel_rollback_tui.domain.errors import UsageError
from gospel_rollback_tui.engine.journal_file import NAME, journal_lines, read_journal
from gospel_rollback_tui.engine.run_folder import RunFolder, find_run, list_runs


def start(options: Options) -> int:
    """Runs what `runs` was asked for and returns the exit code."""
    from gospel_rollback_tui.cli.settings import load

    runs_dir = load(options, os.environ).runs_dir
    if options.what == "list":
        if options.subject:
            raise UsageError(f"`runs list` takes no id; {options.subject!r} was given.", next_step="`gospel-rollback runs show ID` prints one.")
        return _list(list_runs(runs_dir), as_json=options.json)
    if not options.subject:
        raise UsageError(f"`runs {options.what}` takes a run's id.", next_step="`gospel-rollback runs` lists them.")
    return (_show if options.what == "show" else _verify)(find_run(runs_dir, options.subject), as_json=options.json)


def _list(found: tuple[RunFolder, ...], *, as_json: bool) -> int:
    if as_json:
        print(json.dumps([_summary(one) for one in found]))
        return 0
    for one in found:
        summary = _summary(one)
        print("\t".join(str(summary[key]) for key in ("id", "opened", "environment", "scenario", "state", "operator")))
    return 0


def _summary(found: RunFolder) -> dict[str, object]:
    run = found.run
    if run is None:
        return {"id": found.id, "opened": "", "environment": "", "scenario": "", "state": found.problem, "operator": "", "folder": str(found.folder)}
    return {
        "id": found.id,
        "opened": datetime.fromtimestamp(run.opened, UTC).strftime("%Y-%m-%d %H:%M:%S"),
        "environment": run.environment,
        "scenario": run.scenario,
        "state": f"closed: {run.closed}" if run.closed else "open",
        "operator": run.operator,
        "folder": str(found.folder),
    }


def _show(found: RunFolder, *, as_json: bool) -> int:
    """Prints the run's timeline: what was seen, what was chosen, what happened."""
    events = read_journal(found.folder)
    if as_json:
        print(json.dumps([{**asdict(event), "kind": event.kind.value} for event in events], default=str))
        return 0
    sys.stdout.write("".join(f"{line}\n" for line in timeline_lines(events)))
    return 0


def _verify(found: RunFolder, *, as_json: bool) -> int:
    """Checks every record's hash and the chain; 1 when something is wrong with it."""
    from gospel_rollback_tui.domain.chain import verify_chain

    path = found.folder / NAME
    lines = journal_lines(found.folder)
    problems = [f"{problem.line}: {problem.text}" for problem in verify_chain(lines)]
    if as_json:
        print(json.dumps({"id": found.id, "problems": problems}))
    else:
        print("\n".join(f"{path}:{problem}" for problem in problems) or f"{found.id}: {len(lines)} records, the chain holds")
    return 1 if problems else 0
