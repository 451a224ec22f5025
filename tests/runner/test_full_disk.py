"""A disk that fills up under an open run: nothing is sent that could not be recorded, and nothing that was sent is forgotten."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gospel_rollback_tui.domain.decisions import Verb
from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.domain.run import StepStatus
from gospel_rollback_tui.engine.journal_file import NAME, read_journal
from tests.runner.desk import App, wait_for
from tests.small_disk import SmallDisk, small_disk

NOTE_SIZES = (3000, 300, 30, 1)
"""Letters of notes that use up what is left of the journal's last block."""


@contextmanager
def _on_a_small_disk(tmp_path: Path) -> Iterator[tuple[App, SmallDisk]]:
    """Gives an app whose run is open and whose first step is armed, and ends its runner."""
    with small_disk(tmp_path / "runs") as disk:
        app = App(tmp_path)
        try:
            assert app.open().taken
            app.armed()
            yield app, disk
        finally:
            os.kill(app.runner_pid, signal.SIGKILL)
            app.dead()
            app.client.close()


def _fill(app: App, disk: SmallDisk) -> str:
    """Fills the disk up to the last letter that the journal takes, and returns what the runner says then."""
    disk.fill(app.runner_pid, app.client.folder / NAME)
    said = ""
    for letters in NOTE_SIZES:
        while (reply := app.decide(Verb.NOTE, text="x" * letters)).taken:
            pass
        said = reply.text
    return said


def test_on_a_full_disk_nothing_is_sent_and_with_room_again_the_run_goes_on(tmp_path: Path) -> None:
    """The confirmation is refused with the file, the reason and what to do; then it is taken, and the journal is whole."""
    with _on_a_small_disk(tmp_path) as (app, disk):
        assert "journal.jsonl cannot be written: " in _fill(app, disk)
        refused = app.confirm()
        assert not refused.taken
        assert "Nothing is sent without a journal: make room" in refused.text
        assert app.sent() == []
        disk.clear(app.runner_pid)
        assert app.confirm().taken
        app.reaches(StepStatus.VERIFIED)
        assert app.sent() == ["set:auto-sync", "set:gateway"]
        assert [event.seq for event in read_journal(app.client.folder)] == list(range(len(app.client.events())))


def test_what_was_sent_when_the_disk_filled_up_is_recorded_once_there_is_room(tmp_path: Path) -> None:
    """The answer comes and cannot be written: the next call waits for it, and nothing is sent twice."""
    with _on_a_small_disk(tmp_path) as (app, disk):
        app.estate.hold(answers=True)
        assert app.confirm().taken
        wait_for(lambda: app.sent() == ["set:auto-sync"], "the first call")
        _fill(app, disk)
        app.estate.hold(answers=False)
        wait_for(lambda: not app.decide(Verb.NOTE, text="still full").taken, "a runner that still answers")
        assert app.sent() == ["set:auto-sync"]
        assert not [event for event in app.client.events() if event.kind is Kind.RESULT]
        disk.clear(app.runner_pid)
        app.reaches(StepStatus.VERIFIED)
        assert app.sent() == ["set:auto-sync", "set:gateway"]
        assert [event.data["outcome"] for event in app.client.events() if event.kind is Kind.RESULT] == ["done", "done"]
