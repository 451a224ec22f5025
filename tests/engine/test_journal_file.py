"""The journal as a file: what it refuses, what it keeps, what it says."""

import json
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gospel_rollback_tui.domain.chain import verify_chain
from gospel_rollback_tui.domain.errors import JournalError
from gospel_rollback_tui.domain.events import JOURNAL_VERSION, Event, Kind
from gospel_rollback_tui.engine import journal_file
from gospel_rollback_tui.engine.journal_file import JournalFile, journal_lines, read_journal
from tests.engine.worlds import VirtualClock


def _note(text: str) -> dict[str, object]:
    return {"text": text, "who": "ada"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A run's folder."""
    made = tmp_path / "20261127-0312-k7"
    made.mkdir(mode=0o700)
    return made


@pytest.fixture
def journal(folder: Path) -> Iterator[JournalFile]:
    """A journal with three records."""
    made = JournalFile.create(folder, VirtualClock())
    for text in ("one", "two", "three"):
        made.append(Kind.NOTE, _note(text))
    yield made
    made.close()


def test_records_are_chained_readable_and_closed_to_others(folder: Path, journal: JournalFile) -> None:
    """Three lines, 0600, each behind the one before; what is read back is what was written."""
    path = folder / journal_file.NAME
    assert oct(path.stat().st_mode & 0o777) == "0o600"
    assert [event.data["text"] for event in read_journal(folder)] == ["one", "two", "three"]
    assert read_journal(folder) == tuple(journal.events())
    assert len(journal_lines(folder)) == 3


def test_a_line_that_a_power_cut_cut_off_is_kept_aside_and_said(folder: Path, journal: JournalFile) -> None:
    """The whole records stand; the rest goes into a file of its own; the journal says so and goes on."""
    journal.close()
    path = folder / journal_file.NAME
    with path.open("ab") as file:
        file.write(b'{"at":1.0,"data":{"text":"fo')
    assert len(read_journal(folder)) == 3
    again = JournalFile.take_up(folder, VirtualClock())
    assert "28 bytes are kept in journal.cut-off-1" in again.events()[-1].data["text"]
    assert (folder / "journal.cut-off-1").read_bytes() == b'{"at":1.0,"data":{"text":"fo'
    again.append(Kind.NOTE, _note("five"))
    assert [event.seq for event in read_journal(folder)] == [0, 1, 2, 3, 4]
    again.close()


def test_a_whole_last_record_without_its_newline_counts(folder: Path, journal: JournalFile) -> None:
    """The cut came between the record and its newline: nothing is lost."""
    journal.close()
    path = folder / journal_file.NAME
    path.write_bytes(path.read_bytes()[:-1])
    assert len(read_journal(folder)) == 3
    again = JournalFile.take_up(folder, VirtualClock())
    again.append(Kind.NOTE, _note("four"))
    assert [event.data["text"] for event in read_journal(folder)] == ["one", "two", "three", "four"]
    again.close()


def test_an_edited_record_is_refused_with_its_line(folder: Path, journal: JournalFile) -> None:
    """Somebody changed a word: nothing goes on from there."""
    journal.close()
    path = folder / journal_file.NAME
    path.write_text(path.read_text().replace('"two"', '"TWO"'))
    with pytest.raises(JournalError, match=r"journal\.jsonl:2: record 1 was changed"):
        JournalFile.take_up(folder, VirtualClock())
    assert [problem.line for problem in verify_chain(journal_lines(folder))] == [1, 2]


def test_a_removed_record_is_refused(folder: Path, journal: JournalFile) -> None:
    """A line is missing: the next does not follow."""
    journal.close()
    path = folder / journal_file.NAME
    lines = path.read_text().splitlines(keepends=True)
    path.write_text(lines[0] + lines[2])
    with pytest.raises(JournalError, match="does not follow"):
        read_journal(folder)


def test_a_journal_of_a_newer_program_is_refused(folder: Path) -> None:
    """Its records may mean other things."""
    event = Event(0, 1.0, Kind.RUN_OPENED, {"version": JOURNAL_VERSION + 1}).sealed("0" * 64)
    path = folder / journal_file.NAME
    path.write_text(event.line() + "\n")
    path.chmod(0o600)
    with pytest.raises(JournalError, match="newer version"):
        JournalFile.take_up(folder, VirtualClock())


@contextmanager
def _room(size: int) -> Iterator[None]:
    """Files of this process cannot grow beyond that size: what a full disk looks like to a writer."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_refuses_the_record_and_loses_none(folder: Path, journal: JournalFile) -> None:
    """Half a record is taken back; once there is room, the journal goes on unbroken."""
    size = (folder / journal_file.NAME).stat().st_size
    with _room(size + 40), pytest.raises(JournalError, match="cannot be written"):
        journal.append(Kind.NOTE, _note("x" * 500))
    assert len(read_journal(folder)) == 3
    assert (folder / journal_file.NAME).stat().st_size == size
    journal.append(Kind.NOTE, _note("four"))
    assert [event.seq for event in read_journal(folder)] == [0, 1, 2, 3]


def test_no_run_is_begun_on_a_full_disk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A journal that could not be written would stop everything in the middle."""
    monkeypatch.setattr(journal_file, "ROOM_BYTES", 1 << 80)
    with pytest.raises(JournalError, match="full"):
        JournalFile.create(folder, VirtualClock())


def test_a_link_is_not_followed(folder: Path, tmp_path: Path) -> None:
    """Somebody else's file is neither read nor written."""
    target = tmp_path / "target"
    target.write_text("precious")
    (folder / journal_file.NAME).symlink_to(target)
    for use in (JournalFile.create, JournalFile.take_up):
        with pytest.raises(JournalError):
            use(folder, VirtualClock())
    with pytest.raises(JournalError):
        read_journal(folder)
    assert target.read_text() == "precious"


def test_a_journal_that_others_can_write_or_own_is_refused(folder: Path, journal: JournalFile, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its records could be anybody's."""
    journal.close()
    path = folder / journal_file.NAME
    path.chmod(0o660)
    with pytest.raises(JournalError, match="0660"):
        JournalFile.take_up(folder, VirtualClock())
    path.chmod(0o600)
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    with pytest.raises(JournalError, match="belongs to another user"):
        JournalFile.take_up(folder, VirtualClock())


def test_a_second_writer_is_refused(folder: Path, journal: JournalFile) -> None:
    """Two runners on one journal would break its chain and act twice."""
    assert journal.events()
    with pytest.raises(JournalError, match="Another process"):
        JournalFile.take_up(folder, VirtualClock())


def test_credentials_are_taken_out_of_free_text_and_captures_are_kept_exactly(folder: Path, journal: JournalFile) -> None:
    """What a server said may hold a token; what undo needs must not be touched."""
    data = {"detail": "401 for Bearer abcdefghijkl", "undo": {"token": "is a name here"}}
    journal.append(Kind.RESULT, data)
    written = json.loads(journal_lines(folder)[-1])["data"]
    assert written == {"detail": "401 for Bearer «redacted»", "undo": {"token": "is a name here"}}
