"""External commands: nothing to read, nothing to inherit, ended in time, and harmless in what they say."""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

import pytest

from gospel_rollback_tui.domain.errors import NotSent, ProgramFault
from gospel_rollback_tui.infra.processes import command as module
from gospel_rollback_tui.infra.processes.command import Command, Ended, Ending, run
from gospel_rollback_tui.infra.processes.environment import child_environment, found_in


def python(program: str, *arguments: str, deadline: float = 30.0, output: Path | None = None, read: bytes = b"") -> Command:
    """Returns a command that runs a program text."""
    return Command((sys.executable, "-c", program, *arguments), child_environment(), deadline, output=output, read=read)


def until(holds: Callable[[], bool]) -> None:
    """Waits for a condition."""
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def gone(pid: int) -> bool:
    """Returns whether a process has ended (a zombie has)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_output_complaint_and_code_are_kept_apart() -> None:
    """No shell reads the arguments, and there is no terminal and no input."""
    program = "import os,sys; print(sys.argv[1], sys.stdin.read()); print('hm', file=sys.stderr); print(os.getsid(0) == os.getpid()); sys.exit(3)"
    ended = run(python(program, "$(id); `id`"))
    assert (ended.code, ended.text, ended.complaints, ended.well) == (3, "$(id); `id` \nTrue\n", ("hm",), False)
    assert run(python("import sys; print(sys.stdin.read())", read=b"given")).text == "given\n"


def test_a_child_sees_only_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords of other tools stay with us; proxies and the agent's socket go along where they are asked for."""
    for name, value in {"PG_URL": "x", "PGPASSWORD": "x", "HTTPS_PROXY": "p", "SSH_AUTH_SOCK": "s", "GIT_DIR": "x", "GIT_CONFIG_COUNT": "0"}.items():
        monkeypatch.setenv(name, value)
    seen = set(child_environment(frozenset({"SSH_AUTH_SOCK"}), ("GIT_CONFIG",), LC_ALL="C"))
    assert {"PATH", "HOME", "HTTPS_PROXY", "SSH_AUTH_SOCK", "GIT_CONFIG_COUNT", "LC_ALL"} <= seen
    assert not seen & {"PG_URL", "PGPASSWORD", "GIT_DIR"}


def test_output_can_go_to_a_file_that_nobody_else_reads(tmp_path: Path) -> None:
    """A new file, 0600; one that is there already is never written over."""
    place = tmp_path / "out"
    assert run(python("print('big')", output=place)).output == b""
    assert (place.read_text(), place.stat().st_mode & 0o777) == ("big\n", 0o600)
    with pytest.raises(FileExistsError):
        run(python("print('big')", output=place))


def test_a_secret_among_the_arguments_is_never_run() -> None:
    """Every user of the host could read it."""
    with pytest.raises(ProgramFault):
        run(python("pass", "https://bot:hunter22@example.com/x.git"))


def test_what_cannot_be_started_is_not_sent() -> None:
    """The sentence names the program."""
    with pytest.raises(NotSent, match="no-such-tool cannot be started: No such file"):
        run(Command(("no-such-tool",), child_environment(), 5.0))


def test_complaints_are_harmless_and_short() -> None:
    """Escapes, bidirectional marks and credentials are taken out before anybody sees them."""
    said = b"\x1b[31mred\x1b[0m\n\nfatal: https://bot:hunter22@h/x denied\n"
    words = run(python("import sys; sys.stderr.write(sys.stdin.read()); sys.exit(1)", read=said)).words()
    assert words == "red · fatal: https://bot:«redacted»@h/x denied"
    assert Ended(-9, b"", b"").words() == "ended by signal 9"
    assert Ended(2, b"", b"").words() == "exit code 2"


STUBBORN = """
import os, pathlib, signal, subprocess, sys, time
signal.signal(signal.SIGINT, lambda *_: pathlib.Path(sys.argv[1] + '.asked').touch())
child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])
pathlib.Path(sys.argv[1]).write_text(f'{os.getpid()} {child.pid}')
while True: time.sleep(0.05)
"""


@pytest.mark.parametrize("how", [Ending.DEADLINE, Ending.CANCELLED])
def test_it_is_asked_once_then_ended_with_its_children(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: Ending) -> None:
    """One SIGINT lets it take its lock files away; then nothing of its session is left."""
    monkeypatch.setattr(module, "GRACE_SECONDS", 5.0)
    note, cancel, found = tmp_path / "pids", Event(), []
    deadline = 12.0 if how is Ending.DEADLINE else 60.0
    thread = Thread(target=lambda: found.append(run(python(STUBBORN, str(note), deadline=deadline), cancel)))
    thread.start()
    until(lambda: note.exists() and len(note.read_text().split()) == 2)
    if how is Ending.CANCELLED:
        cancel.set()
    thread.join(120)
    assert [ended.how for ended in found] == [how]
    assert how.value in found[0].words()
    assert Path(f"{note}.asked").exists()
    until(lambda: all(gone(int(pid)) for pid in note.read_text().split()))


def test_one_that_ends_on_the_first_asking_is_not_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own exit code tells that it ended by itself."""
    monkeypatch.setattr(module, "GRACE_SECONDS", 60.0)
    note, cancel, found = tmp_path / "pid", Event(), []
    program = "import pathlib,signal,sys,time\nsignal.signal(signal.SIGINT, lambda *_: sys.exit(7))\npathlib.Path(sys.argv[1]).touch()\ntime.sleep(600)"
    thread = Thread(target=lambda: found.append(run(python(program, str(note), deadline=60.0), cancel)))
    thread.start()
    until(note.exists)
    cancel.set()
    thread.join(120)
    assert (found[0].code, found[0].how) == (7, Ending.CANCELLED)


def test_a_flood_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may fill neither memory nor disk."""
    monkeypatch.setattr(module, "LARGEST_OUTPUT", 100_000)
    ended = run(python("while True: print('x' * 1000)", deadline=60.0))
    assert ended.how is Ending.FLOOD
    assert len(ended.output) == 100_000


def test_a_daemon_that_keeps_the_output_open_does_not_hold_us_up() -> None:
    """A credential helper leaves its cache behind, which inherits everything."""
    ended = run(python("import subprocess,sys; print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']).pid)", deadline=30.0))
    assert ended.well
    os.kill(int(ended.text), signal.SIGKILL)


def test_programs_are_found_as_the_child_would_find_them(tmp_path: Path) -> None:
    """By its own PATH, and only what can be run."""
    (tmp_path / "tool").touch()
    assert found_in({"PATH": str(tmp_path)}, "tool") == ""
    (tmp_path / "tool").chmod(0o755)
    assert found_in({"PATH": f"/nowhere:{tmp_path}"}, "tool") == str(tmp_path / "tool")
    (tmp_path / "folder").mkdir()
    assert found_in({"PATH": str(tmp_path)}, "folder") == ""
