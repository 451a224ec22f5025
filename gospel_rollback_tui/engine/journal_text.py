"""A journal's bytes as records."""

from pathlib import Path

from gospel_rollback_tui.domain.errors import JournalError
from gospel_rollback_tui.domain.events import GENESIS, JOURNAL_VERSION, Event, Kind, event_from_line


def cut_off(text: bytes) -> int:
    """Returns where the whole lines end: behind the last newline, or behind a whole record that lacks only that."""
    end = text.rfind(b"\n") + 1
    rest = text[end:]
    if not rest:
        return end
    try:
        event_from_line(rest.decode())
    except ValueError:
        return end
    return len(text)


def read_records(path: Path, text: bytes) -> tuple[tuple[Event, ...], int]:
    """Returns the records of a journal's bytes, and how many bytes hold them; a cut-off last line holds none.

    Raises JournalError, naming the line, if a record was changed, is missing, or comes from a newer program.
    """
    whole = cut_off(text)
    events: list[Event] = []
    prev = GENESIS
    for number, line in enumerate(text[:whole].splitlines(), start=1):
        try:
            event = event_from_line(line.decode())
        except ValueError as error:
            raise JournalError(f"{path}:{number}: {error}.", next_step=f"See what is wrong with `gospel-rollback runs verify {path.parent.name}`.") from error
        if event.prev != prev or event.seq != len(events):
            raise JournalError(
                f"{path}:{number}: record {event.seq} does not follow the one before it.",
                next_step=f"See what is wrong with `gospel-rollback runs verify {path.parent.name}`.",
            )
        version = event.data.get("version") if event.kind is Kind.RUN_OPENED else None
        if isinstance(version, int) and version > JOURNAL_VERSION:
            raise JournalError(f"{path}: written by a newer version of this program.", next_step="Open the run with the program that wrote it.")
        events.append(event)
        prev = event.hash
    return tuple(events), whole
