"""The words of a migration's confirmation: what each file does, what it loses in numbers, who is in the way, and how it goes back."""

import shlex
from collections.abc import Iterator

from gospel_rollback_tui.actions.migration_standing import Standing
from gospel_rollback_tui.domain.daytime import time_of_day
from gospel_rollback_tui.domain.errors import RollbackError
from gospel_rollback_tui.domain.git_place import git_place
from gospel_rollback_tui.domain.migrations.classification import Classified
from gospel_rollback_tui.domain.migrations.findings import Trait
from gospel_rollback_tui.domain.preview import DiffLine, Fingerprint, Notice, Preview, Tone
from gospel_rollback_tui.domain.runbook import ActionSpec
from gospel_rollback_tui.domain.spans import span
from gospel_rollback_tui.domain.text import clean
from gospel_rollback_tui.engine.ports import StepRequest

MOST_LINES = 2000
"""Lines of SQL that are shown."""
MOST_SHOWN, MOST_SIGNS = 3, 240
"""Files whose SQL stands in the prompt itself, and how much of each; the diff shows all of it."""
_FOLDER, _CLONE = "~/gospel-rollback/migrations", "~/gospel-rollback/git"


def sql_lines(crossing: tuple[Classified, ...], direction: str) -> tuple[DiffLine, ...]:
    """Returns the SQL of each file, word for word, in the order in which it runs."""
    lines: list[DiffLine] = []
    for each in crossing:
        migration = each.migration
        text = (migration.down if direction == "down" else migration.up) or ""
        lines.append(DiffLine(Tone.CHANGED, f"-- {migration.file(direction)}"))
        lines += [DiffLine(Tone.SAME, clean(line)) for line in text.splitlines()]
    if len(lines) > MOST_LINES:
        return (*lines[:MOST_LINES], DiffLine(Tone.CHANGED, f"-- and {len(lines) - MOST_LINES} lines more"))
    return tuple(lines)


def notices_of(request: StepRequest, standing: Standing, program: str) -> tuple[Notice, ...]:
    """Returns the prompt's lines for a migration down."""
    return (
        *(Notice("SQL", _in_a_line(each.migration.down or "")) for each in standing.crossing[:MOST_SHOWN]),
        *(Notice("Loses", f"{count.table}{'.' + count.column if count.column else ''}: {count.words}", warning=True) for count in standing.counts),
        *_running(standing),
        *waiting_behind(standing),
        *_files(standing),
        Notice("Before", f"{time_of_day(standing.identity.now)} UTC{' at ' + standing.identity.position if standing.identity.position else ''}: to restore to"),
        *(Notice("Address", caution, warning=True) for caution in standing.cautions),
        *((Notice("Beside", ", ".join(standing.head.others)),) if standing.head.others else ()),
        Notice("Runs", f"{program}, in a session of its own: it goes on where this screen or the link ends"),
        *((Notice("Differs", request.step.differs),) if request.step.differs else ()),
    )


def _in_a_line(sql: str) -> str:
    """Returns statements as one line; the diff shows them as they are written."""
    line = clean(" ".join(sql.split()))
    return f"{line[:MOST_SIGNS]} …" if len(line) > MOST_SIGNS else line


def _running(standing: Standing) -> Iterator[Notice]:
    pods = standing.pods
    if pods is None:
        yield Notice("Code", f"whether {standing.service.name} still runs cannot be read", warning=True)
    elif pods.replicas:
        starts = "; a pod that restarts migrates up again" if pods.migrates else ""
        yield Notice("Code", f"{standing.service.name} still runs {pods.replicas} replicas, which fail once this is gone{starts}", warning=True)


def waiting_behind(standing: Standing) -> Iterator[Notice]:
    """Yields the transactions that a changed table would wait behind, and everybody else behind it."""
    for session in standing.long:
        tables = f" on {', '.join(session.tables)}" if session.tables else ""
        doing = f": {session.doing}" if session.doing else ""
        age = f"{span(session.seconds)} old" if session.state else "of an age that this role may not see"
        yield Notice("Old", f"transaction of {session.words}, {age}{tables}{doing}", warning=True)


def _files(standing: Standing) -> Iterator[Notice]:
    for each in standing.crossing:
        if not each.down_transactional:
            yield Notice("In part", f"{each.migration.file('down')} is no single transaction: if it fails, a part of it stays", warning=True)
        for finding in each.findings:
            if finding.trait is Trait.LOCKING and finding.file == each.migration.file("down"):
                yield Notice("Locks", f"{finding.why} ({finding.place}); it waits 5 s for the lock, then ends")
    if standing.bad.ignored:
        yield Notice("Ignored", f"{', '.join(standing.bad.ignored)}: no migration by its name", warning=True)


def by_hand(request: StepRequest, commit: str, folder: str, command: str) -> tuple[str, ...]:
    """Returns the commands that an operator would type, from a clone to `command`, which is migrate's own as `shell` writes it."""
    place = git_place(request.environment)
    return (
        f"rm -rf {_FOLDER} && install -d -m 700 {_FOLDER}",
        *([f"test -d {_CLONE} || git clone --no-checkout {shlex.quote(place.repository)} {_CLONE}"] if place else []),
        f"git -C {_CLONE} fetch --prune --tags origin",
        f"git -C {_CLONE} archive {commit} {shlex.quote(folder)} | tar -x -C {_FOLDER}",
        command,
    )


def shell(command: tuple[str, ...], folder: str) -> str:
    """Returns migrate's command for a shell, on the folder that was unpacked by hand."""
    words = [f'"file://$HOME/gospel-rollback/migrations/{folder}"' if word.startswith("file://") else shlex.quote(word) for word in command]
    return f'PGOPTIONS="-c lock_timeout=5000" {" ".join(words)}'


def refused_preview(request: StepRequest, spec: ActionSpec, refused: str, where: str = "", *, by_hand: tuple[str, ...] = ()) -> Preview:
    """Returns the preview of a migration that cannot be."""
    return Preview(
        step=request.step.id,
        title=request.step.title,
        target=request.environment.name,
        where=where or request.environment.name,
        danger=max(spec.danger, request.step.danger),
        calls=(),
        fingerprint=Fingerprint(()),
        by_hand=by_hand,
        refused=refused,
    )


def said(error: RollbackError) -> str:
    """Returns an error as the reason of a refusal: what happened, and what to do."""
    return f"{error.text} {error.next_step}".strip()
