"""The page that the measurements write."""

import os
import platform
from collections.abc import Sequence
from pathlib import Path

REPORT = Path(__file__).parent / "README.md"
Row = tuple[str, str, str]
MEANINGS = """\
## What the figures measure

* `--help`: the whole process, from its start to its end; in turns with an interpreter that does nothing.
* The gate: every migration read by PostgreSQL's own parser, up and down, classified, and the order of code and schema computed.
* First paint: from the start of the process to the first bytes of the triage screen, on a pseudo-terminal of 120×36 and an
  estate without delay. Configuration and every runbook are read and proved before it; clients, feeds and the engine are
  imported behind it. In turns with `bare_app.py`: a header, a line, an empty table and a footer.
* Live pods: from the start of the process to the first row that the estate itself has told.
* First live pods → the suggested way: from the first pods on the screen to `r roll back now`, which is there once the
  evidence is clear, who works against the way is known, and its preview has been read, dry runs included.
* Difference of a release: the manifests of the release before against every live object, per object what changes.
* Key → paint: from `?` to the first bytes of the help, while a service's pods change ten times a second.
* Key → paint on a link: from a letter typed into the logs' filter to its paint, on a terminal that is read at that many
  bytes a second, the time included that the paint's own bytes take; the logs fill the screen and follow. Beside it the same
  app with `terminal.diff` and `terminal.pace` off. A median above its goal and a ratio
  above a half fail the measurement.
* Bytes on the link, processor: of the first screen, 120×36, for twenty seconds once the evidence is clear. Clocks, ages and
  every feed go on; the processor's share is that of the whole process, its threads included.
* Thousands of pods: on a real API server (`make peers`), from the start of the process until all of them are counted on the
  first screen, in turns with `kubectl get pods` and, where it is on PATH, k9s until its first row. Memory, processor and bytes on
  the terminal are those of each viewer's whole process, one viewer after the other on the same pods; "every pod changed" is
  a status write of each, as fast as eight connections bring them. Being slower than k9s fails the measurement.
* Change on the wire: the API server holds every request back for 300 ms. From the first paint to the journalled intent of
  the first call, which is sent as soon as it is on the disk. In it: the clients are imported, triage reads six services and
  their logs, the preview is read, `r`, the prompt is read, `y`, a process of its own opens the run, takes the lock and
  reads the preview again, and the gate reads once more what it rests on.
* Confirmation → intent: that gate alone.
"""


def write(rows: Sequence[Row], load: float) -> None:
    """Writes the table and what its figures measure; `load` is the machine's when the measurements began."""
    lines = [
        "# Benchmarks",
        "",
        f"`make bench` writes this page. Taken on {platform.system()} {platform.machine()}, Python {platform.python_version()}, {os.cpu_count()} cores",
        f"with a load of {load:.1f} from others when it began; medians of one run. Machines differ: the ratios are the lesson.",
        "",
        "| what | median | against |",
        "|---|---|---|",
        *(f"| {what} | {figure} | {against} |" for what, figure, against in rows),
        "",
        MEANINGS,
    ]
    REPORT.write_text("\n".join(lines))
