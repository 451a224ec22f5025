"""Real runner processes: detached, attached to, killed, resumed, left alone."""

import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gospel_rollback_tui.domain.decisions import Decision, Reply, Verb
from gospel_rollback_tui.domain.errors import JournalError
from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.domain.run import StepStatus
from gospel_rollback_tui.engine.journal_file import NAME, read_journal
from gospel_rollback_tui.engine.run_folder import list_runs, new_folder
from gospel_rollback_tui.engine.unknowns import DENY_SECONDS
from gospel_rollback_tui.runner import addresses, server
from gospel_rollback_tui.runner.client import RunnerClient
from gospel_rollback_tui.runner.liveness import RunnerMark, lives, read_mark, this_process, write_mark
from tests.engine.bench import opening
from tests.ordinary_user import NOBODY, give_away, ordinary_user
from tests.runner.desk import App, command, wait_for


@pytest.fixture
def apps() -> Iterator[list[App]]:
    """Apps of a test; their runners are ended with it."""
    made: list[App] = []
    yield made
    for app in made:
        app.client.close()
        mark = read_mark(app.client.folder)
        if mark is not None and lives(mark):
            os.kill(mark.pid, signal.SIGKILL)
            app.dead()


def _attach(app: App, apps: list[App], *more: str) -> App:
    """Returns a new app on the same run."""
    path = app.runs.parent
    other = App(path, client=RunnerClient.attach(app.client.folder, command(path / "estate.json", *more)))
    apps.append(other)
    return other


def test_a_run_goes_on_when_its_app_is_gone_and_closes_by_itself(tmp_path: Path, apps: list[App]) -> None:
    """The screen dies after the confirmation; the bundle, the verification and the watch go on; the next app finds a stable run."""
    app = App(tmp_path, "--minutes", "0.02")
    apps.append(app)
    assert app.open().taken
    assert app.confirm().taken
    app.client.close()
    wait_for(lambda: (found := list_runs(app.runs)[0].run) and found.watch and found.watch.stable_at, "stability")
    other = _attach(app, apps)
    assert other.sent() == ["set:auto-sync", "set:gateway"]
    assert other.decide(Verb.SKIP, step="git-equal", reason="tomorrow").taken
    assert other.decide(Verb.ARM, step="auto-sync-on").taken
    other.confirm("auto-sync-on")
    wait_for(lambda: other.run.closed == "clean", "the end of the run")
    other.dead()
    assert not (other.client.folder / addresses.NAME).exists()


def test_the_runner_is_detached_and_its_files_are_closed_to_others(tmp_path: Path, apps: list[App]) -> None:
    """A session of its own, nothing of the terminal, SIGHUP ignored, 0700 and 0600."""
    app = App(tmp_path)
    apps.append(app)
    app.open()
    mark = read_mark(app.client.folder)
    assert mark is not None
    assert os.getsid(mark.pid) == mark.pid != os.getsid(0)
    assert (app.run.runner_pid, app.run.runner_state) == (mark.pid, "started")
    assert str(Path(f"/proc/{mark.pid}/fd/0").readlink()) == os.devnull
    os.kill(mark.pid, signal.SIGHUP)
    assert app.decide(Verb.NOTE, text="still here").taken
    modes = {entry.name: oct(entry.lstat().st_mode & 0o777) for entry in app.client.folder.iterdir()}
    assert set(modes.values()) == {"0o600"}
    assert oct(app.client.folder.stat().st_mode & 0o777) == "0o700"


def test_a_second_app_attaches_and_both_see_and_decide(tmp_path: Path, apps: list[App]) -> None:
    """What one confirms the other sees; the same prompt confirmed twice acts once."""
    app = App(tmp_path)
    apps.append(app)
    app.open()
    other = _attach(app, apps)
    other.armed()
    assert other.confirm().taken
    app.reaches(StepStatus.VERIFIED)
    assert app.sent() == ["set:auto-sync", "set:gateway"]
    assert read_mark(app.client.folder) == read_mark(other.client.folder)


def test_a_runner_asked_to_end_waits_for_what_is_on_its_way(tmp_path: Path, apps: list[App]) -> None:
    """SIGTERM in the middle of a call: its result is recorded, nothing further is sent, the next app resumes."""
    app = App(tmp_path)
    apps.append(app)
    app.open()
    app.estate.hold(answers=True)
    app.confirm()
    wait_for(lambda: app.sent() == ["set:auto-sync"], "the first change")
    os.kill(app.runner_pid, signal.SIGTERM)
    app.estate.hold(answers=False)
    app.dead()
    wait_for(lambda: app.run.runner_state == "stopped", "its last record")
    assert app.sent() == ["set:auto-sync"]
    assert app.step().calls[0].outcome is not None
    assert "died" in app.client.problem
    other = _attach(app, apps)
    other.reaches(StepStatus.FAILED)
    assert other.sent() == ["set:auto-sync"]
    other.decide(Verb.ARM, step="roll-back")
    other.confirm()
    other.reaches(StepStatus.VERIFIED)
    assert other.sent() == ["set:auto-sync", "set:gateway"]


def test_killed_while_the_estate_holds_the_answer_back(tmp_path: Path, apps: list[App]) -> None:
    """The change was made, the answer never came: the next runner sees its effect and sends it no second time."""
    app = App(tmp_path)
    apps.append(app)
    app.open("short")
    app.estate.hold(answers=True)
    app.confirm()
    wait_for(lambda: app.sent() == ["set:gateway"], "the change")
    os.kill(app.runner_pid, signal.SIGKILL)
    app.dead()
    app.estate.hold(answers=False)
    other = _attach(app, apps)
    wait_for(lambda: other.run.closed == "clean", "the end of the run")
    assert other.sent() == ["set:gateway"]
    assert [event.data["passed"] for event in other.client.events() if event.kind is Kind.CALL_VERIFIED] == [True]


def _records(tmp_path: Path, apps: list[App]) -> list[Kind]:
    app = App(tmp_path)
    apps.append(app)
    app.open()
    app.confirm()
    app.reaches(StepStatus.VERIFIED)
    os.kill(app.runner_pid, signal.SIGKILL)
    app.dead()
    app.client.close()
    return [event.kind for event in read_journal(app.client.folder)]


def test_killed_at_every_record_each_change_is_made_once(tmp_path: Path, apps: list[App]) -> None:
    """Kill -9 at every record of a run: resumed and confirmed again where asked, each change was sent exactly once.

    Killed before a record is killed after the one before it and after whatever was done between the two; only behind
    an intent and a confirmation is something done, so that these are killed right after, too.
    """
    (tmp_path / "whole").mkdir()
    records = _records(tmp_path / "whole", apps)
    assert len(records) >= 14
    places = [(number, "") for number in range(len(records))]
    places += [(number, "--die-after") for number, kind in enumerate(records) if kind in (Kind.INTENT, Kind.CONFIRMED)]
    for number, after in places:
        place = tmp_path / f"{number}{after}"
        place.mkdir()
        _killed_and_resumed(App(place, "--die-at", str(number), *filter(None, (after,))), apps)


def _killed_and_resumed(app: App, apps: list[App]) -> None:
    apps.append(app)
    app.decide(Verb.OPEN, **opening())
    wait_for(lambda: not app.client.alive() or (app.client.run() and app.run.steps and app.step().status is StepStatus.ARMED), "armed or dead")
    if app.client.alive():
        app.confirm()
        wait_for(lambda: not app.client.alive() or app.step().status is StepStatus.VERIFIED, "verified or dead")
    app.dead()  # a record behind the verification comes by itself
    app.client.close()
    sent = app.sent()
    if not read_journal(app.client.folder):
        assert sent == []
        return
    other = _attach(app, apps, "--later", str(DENY_SECONDS))
    wait_for(lambda: other.run.runner_state == "resumed" or other.run.closed, "the new runner")
    if other.run.steps:
        _finish(other, sent)
        assert sorted(other.sent()) == ["set:auto-sync", "set:gateway"]
    mark = read_mark(other.client.folder)
    other.client.close()
    if mark is not None and lives(mark):
        os.kill(mark.pid, signal.SIGKILL)
    wait_for(lambda: not other.client.alive(), "the end")


def _finish(app: App, sent: list[str]) -> None:
    """Brings the step home as an operator would, who looks at its status and confirms again where asked."""
    for _ in range(3):
        wait_for(lambda: app.step().status not in (StepStatus.ACTING, StepStatus.VERIFYING, StepStatus.UNKNOWN), "a standing")
        if app.step().status is StepStatus.VERIFIED:
            return
        assert app.sent() == sent, "sent unasked"
        if app.step().status is not StepStatus.ARMED:
            assert app.decide(Verb.ARM, step="roll-back").taken
        assert app.confirm().taken
        app.reaches(StepStatus.VERIFIED)


def test_a_runner_in_which_nothing_was_opened_leaves_with_its_app(tmp_path: Path, apps: list[App], monkeypatch: pytest.MonkeyPatch) -> None:
    """It was only warm: its folder is removed."""
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    app = App(tmp_path)
    apps.append(app)
    assert "not open" in app.decide(Verb.NOTE, text="x").text.lower() or app.client.run() is None
    folder = app.client.folder
    assert folder.exists()
    app.client.close()
    wait_for(lambda: not folder.exists(), "the folder's end")
    assert list_runs(app.runs) == ()


def test_a_runner_that_cannot_connect_says_why_and_leaves_nothing(tmp_path: Path, apps: list[App]) -> None:
    """The configuration is wrong in its eyes: the sentence reaches the app."""
    app = App(tmp_path, "--broken", "There is no such context.")
    apps.append(app)
    assert "There is no such context." in app.decide(Verb.OPEN, **opening()).text
    app.dead()
    assert not app.client.folder.exists()


def test_a_program_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    """Nothing is left behind."""
    with pytest.raises(JournalError, match="could not be started"):
        RunnerClient.start(tmp_path / "runs", ("/nowhere/python",))
    assert list((tmp_path / "runs").iterdir()) == []


def test_a_deep_folder_has_a_socket_all_the_same(tmp_path: Path, apps: list[App]) -> None:
    """Linux takes 107 bytes of a socket's path; the folder's own may be longer."""
    deep = tmp_path / ("d" * 120)
    deep.mkdir()
    app = App(deep)
    apps.append(app)
    assert app.open().taken
    assert len(str(app.client.folder / addresses.NAME)) > addresses.LONGEST


def test_an_app_of_another_version_only_follows(tmp_path: Path, apps: list[App]) -> None:
    """The runner greets with its version; the app says which is which and sends nothing."""
    folder = new_folder(tmp_path, time.time())
    listener = addresses.listen(folder)
    write_mark(folder, this_process())
    client = RunnerClient(folder, ())
    client._follow()
    connection, _ = listener.accept()
    connection.sendall(b'{"runner": 99, "run": "x"}\n')
    reply = client.send(Decision(Verb.NOTE, "ada", {"text": "x"}), 10)
    assert not reply.taken
    assert "version 99" in reply.text
    assert "only follows" in client.problem
    client.close()
    connection.close()
    listener.close()


def test_a_decision_of_another_version_is_refused(tmp_path: Path, apps: list[App]) -> None:
    """An old app on a new runner changes nothing; rubbish ends its connection only."""
    app = App(tmp_path)
    apps.append(app)
    app.open()
    with addresses.connect(app.client.folder, 10) as connection, connection.makefile("rw") as file:
        file.readline()
        file.write('{"id": 1, "decision": {"version": 0, "verb": "note", "who": "x", "data": {}}}\n')
        file.flush()
        assert "protocol version 0" in file.readline()
        file.write("rubbish\n")
        file.flush()
        assert file.readline() == ""
    assert app.decide(Verb.NOTE, text="still here").taken


def test_an_edited_journal_is_not_resumed(tmp_path: Path, apps: list[App]) -> None:
    """A dead run whose record was changed is not gone on with; the sentence says where."""
    app = App(tmp_path)
    apps.append(app)
    app.open()
    os.kill(app.runner_pid, signal.SIGKILL)
    app.dead()
    app.client.close()
    journal = app.client.folder / NAME
    journal.write_text(journal.read_text().replace('"ada"', '"eve"'))
    with pytest.raises(JournalError, match="changed after it was written"):
        RunnerClient.attach(app.client.folder, command(tmp_path / "estate.json"))


def test_an_app_without_a_command_speaks_to_a_living_runner_and_starts_no_dead_one(tmp_path: Path, apps: list[App]) -> None:
    """It decides as long as the runner lives; a dead one is followed, whatever is open."""
    app = App(tmp_path)
    apps.append(app)
    app.open()
    other = App(tmp_path, client=RunnerClient.attach(app.client.folder, ()))
    apps.append(other)
    assert other.decide(Verb.NOTE, text="from elsewhere").taken
    mark = read_mark(app.client.folder)
    assert mark is not None
    os.kill(mark.pid, signal.SIGKILL)
    wait_for(lambda: not app.client.alive(), "the end of the runner")
    assert not other.client.resume()
    third = App(tmp_path, client=RunnerClient.attach(app.client.folder, ()))
    apps.append(third)
    assert third.run.id == app.run.id
    assert "follows" in third.decide(Verb.NOTE, text="nobody hears it").text
    assert read_mark(app.client.folder) == mark


def test_a_folder_of_somebody_else_is_not_attached_to(tmp_path: Path) -> None:
    """Open to others: it could be anybody's."""
    folder = new_folder(tmp_path, time.time())
    folder.chmod(0o777)
    with pytest.raises(JournalError, match="0777"):
        RunnerClient.attach(folder, ())


def test_a_folder_of_another_user_is_not_attached_to(tmp_path: Path, apps: list[App], monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither spoken to nor followed, and no runner is started in it."""
    app = App(tmp_path)
    apps.append(app)
    app.open()
    uid = give_away(app.client.folder, monkeypatch)
    words = f"belongs to another user .uid {uid}."
    with pytest.raises(JournalError, match=words):
        RunnerClient.attach(app.client.folder, ("false",))
    with pytest.raises(JournalError, match=words):
        RunnerClient.follow(app.client.folder)


def test_a_socket_of_another_user_is_not_spoken_to(tmp_path: Path, apps: list[App], monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever put it there hears nothing: the run is followed by its journal, and decisions say why they are not sent."""
    app = App(tmp_path)
    apps.append(app)
    app.open()
    uid = give_away(app.client.folder / addresses.NAME, monkeypatch)
    other = _attach(app, apps)
    assert other.run.id == app.run.id
    reply = other.decide(Verb.NOTE, text="to a stranger")
    assert not reply.taken
    assert reply.text == f"The runner's socket belongs to another user (uid {uid}): this app only follows."
    assert other.client.problem == reply.text
    assert app.decide(Verb.NOTE, text="by the connection that was there before").taken


@contextmanager
def _heard_by_another_user(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """Gives a connection that the runner takes for another user's: really one, or, where nobody else can be, one that it is told is none of its own."""
    if os.geteuid() != 0:
        served = server.Server(folder, "0312-k7", lambda _decision: Reply(taken=True))
        monkeypatch.setattr(os, "geteuid", lambda: NOBODY)
        with addresses.connect(folder, 5.0) as connection:
            yield connection
        served.close(1.0)
        return
    folder.chmod(0o711)
    (folder / addresses.NAME).chmod(0o666)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    with ordinary_user(), socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(20.0)
        connection.connect(f"/proc/self/fd/{descriptor}/{addresses.NAME}")
        yield connection
    os.close(descriptor)
    folder.chmod(0o700)


def test_a_runner_hears_nobody_but_its_own_user(tmp_path: Path, apps: list[App], monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the folder would let others in: the kernel says who calls, and the connection ends before the first word."""
    app = App(tmp_path)
    apps.append(app)
    app.open()
    with _heard_by_another_user(app.client.folder, monkeypatch) as connection:
        assert connection.recv(1) == b""
    assert app.decide(Verb.NOTE, text="and goes on").taken


def test_a_used_up_process_number_is_not_the_runner() -> None:
    """The number lives, as another program: start time and boot tell them apart."""
    mine = this_process()
    assert lives(mine)
    assert not lives(RunnerMark(mine.pid, mine.ticks + 1, mine.boot))
    assert not lives(RunnerMark(mine.pid, mine.ticks, "another boot"))
    assert not lives(None)


def test_a_socket_left_by_a_dead_runner_is_replaced(tmp_path: Path) -> None:
    """Binding again works where the old one still lies."""
    folder = new_folder(tmp_path, time.time())
    addresses.listen(folder).close()
    with addresses.listen(folder) as listener:
        assert listener.family == socket.AF_UNIX
        with addresses.connect(folder, 5) as connection:
            assert connection.getpeername()
