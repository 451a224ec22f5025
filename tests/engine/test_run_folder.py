"""The folders of runs."""

from pathlib import Path

import pytest

from gospel_rollback_tui.domain.errors import JournalError, UsageError
from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.engine.journal_file import NAME, JournalFile
from gospel_rollback_tui.engine.run_folder import check_folder, find_run, list_runs, new_folder, open_runs, run_id, unreadable_runs
from tests.engine.bench import Bench
from tests.engine.worlds import VirtualClock
from tests.ordinary_user import give_away, ordinary_user

AT = 1_795_749_120.0


def _write(folder: Path, bench: Bench) -> None:
    journal = JournalFile.create(folder, VirtualClock())
    for event in bench.journal.events():
        journal.append(event.kind, event.data)
    journal.close()


def test_a_new_folder_is_named_by_its_time_and_closed_to_others(tmp_path: Path) -> None:
    """0700, and the id is the name without the date."""
    folder = new_folder(tmp_path / "deep" / "runs", AT)
    assert folder.name.startswith("20261127-0312-")
    assert run_id(folder).startswith("0312-")
    check_folder(folder)
    assert new_folder(folder.parent, AT) != folder


def test_runs_are_listed_newest_first_and_found_by_id(tmp_path: Path) -> None:
    """A folder in which nothing was opened is no run; one that cannot be read says why."""
    bench = Bench()
    bench.open()
    first, second, empty, broken = (new_folder(tmp_path, AT + day * 86400) for day in range(4))
    _write(first, bench)
    bench.decide_and_close()
    _write(second, bench)
    JournalFile.create(empty, VirtualClock()).close()
    (broken / NAME).write_text("nonsense\n")
    (broken / NAME).chmod(0o600)
    listed = list_runs(tmp_path)
    assert [run.folder for run in listed] == [broken, second, first]
    assert "not a journal record" in listed[0].problem
    assert [run.folder for run in open_runs(tmp_path)] == [first]
    assert find_run(tmp_path, run_id(second)).folder == second
    assert find_run(tmp_path, first.name).folder == first
    with pytest.raises(UsageError, match="no run 'x'"):
        find_run(tmp_path, "x")
    assert list_runs(tmp_path / "nowhere") == ()


def test_a_folder_that_is_open_to_others_or_a_link_is_refused(tmp_path: Path) -> None:
    """What others can change is not a run's own."""
    folder = new_folder(tmp_path, AT)
    folder.chmod(0o750)
    with pytest.raises(JournalError, match="0750"):
        check_folder(folder)
    link = tmp_path / "link"
    link.symlink_to(folder)
    with pytest.raises(JournalError, match="not a folder of its own"):
        check_folder(link)


def test_a_home_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    """Nothing is begun, and it says which folder and what to do."""
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError, match="cannot be made") as told:
        new_folder(tmp_path / "file" / "runs", AT)
    assert "runs_dir" in told.value.next_step


def test_a_home_without_the_right_to_write_is_a_sentence() -> None:
    """By its permissions: no folder is made, and there are no runs."""
    with ordinary_user() as home:
        home.chmod(0o555)
        with pytest.raises(JournalError, match="runs cannot be made: Permission denied"):
            new_folder(home / "runs", AT)
        assert list_runs(home / "runs") == ()
        home.chmod(0o755)
        (home / "runs").mkdir(mode=0o555)
        with pytest.raises(JournalError, match=r"runs/\S+ cannot be made: Permission denied"):
            new_folder(home / "runs", AT)


@pytest.mark.parametrize("whose", ["runs", "run"])
def test_a_folder_of_another_user_is_refused_by_name(whose: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No run is begun in it, none is read from it, and the sentence says whose it is and what to do."""
    bench = Bench()
    bench.open()
    runs_dir = tmp_path / "runs"
    folder = new_folder(runs_dir, AT)
    _write(folder, bench)
    uid = give_away(runs_dir if whose == "runs" else folder, monkeypatch)
    if whose == "runs":
        with pytest.raises(JournalError, match=f"belongs to another user .uid {uid}.") as told:
            new_folder(runs_dir, AT)
        assert "a folder of your own" in told.value.next_step
        return
    with pytest.raises(JournalError, match=f"{folder.name} belongs to another user .uid {uid}."):
        check_folder(folder)
    (listed,) = list_runs(runs_dir)
    assert listed.run is None
    assert "belongs to another user" in listed.problem
    assert [found.folder for found in unreadable_runs(runs_dir, str(bench.journal.events()[0].data["environment"]))] == [folder]


def test_the_record_of_a_run_is_what_the_engine_wrote(tmp_path: Path) -> None:
    """Folded from the file, the run is the run."""
    bench = Bench()
    bench.open()
    bench.confirm("roll-back")
    folder = new_folder(tmp_path, AT)
    _write(folder, bench)
    found = find_run(tmp_path, folder.name).run
    assert found is not None
    assert found.steps[0].status is bench.run.steps[0].status
    assert [event for event in bench.journal.events() if event.kind is Kind.INTENT]


def test_a_folder_that_cannot_be_looked_into_hides_no_other() -> None:
    """It is listed with what is wrong; the open run beside it is found."""
    bench = Bench()
    bench.open()
    with ordinary_user() as runs_dir:
        mine, closed_off = new_folder(runs_dir, AT), new_folder(runs_dir, AT + 86400)
        _write(mine, bench)
        closed_off.chmod(0)
        try:
            listed = list_runs(runs_dir)
            assert [found.folder for found in open_runs(runs_dir)] == [mine]
        finally:
            closed_off.chmod(0o700)
    assert [found.folder for found in listed] == [closed_off, mine]
    assert "cannot be read" in listed[0].problem


def test_a_damaged_run_may_be_open_unless_it_says_otherwise(tmp_path: Path) -> None:
    """Another environment's, or one whose last words close it, is not."""
    bench = Bench()
    bench.open()
    folder = new_folder(tmp_path, AT)
    _write(folder, bench)
    journal = folder / NAME
    environment = str(bench.journal.events()[0].data["environment"])
    lines = journal.read_text().splitlines()
    assert unreadable_runs(tmp_path, environment) == ()
    journal.write_text("\n".join([lines[0], "nonsense", *lines[1:]]) + "\n")
    assert [found.folder for found in unreadable_runs(tmp_path, environment)] == [folder]
    assert unreadable_runs(tmp_path, "another") == ()
    journal.write_text("\n".join([lines[0], "nonsense", '{"kind":"closed"}']) + "\n")
    assert unreadable_runs(tmp_path, environment) == ()
