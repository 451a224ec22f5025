"""Commands that outlive their runner: started once, found again, asked to stop once, and judged by others than themselves."""

import os
import signal
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from gospel_rollback_tui.domain.errors import NotSent, ProgramFault, Refused
from gospel_rollback_tui.domain.processes import Progress
from gospel_rollback_tui.infra.processes.detached import FOLDER, DetachedCommands
from gospel_rollback_tui.infra.processes.environment import child_environment
from tests.infra.processes.test_command import gone, until

NAME = "migrate-1-goto"
WAITS = "import signal, sys, time; signal.signal(signal.SIGINT, lambda *_: sys.exit('asked')); print('ready', flush=True); time.sleep(600)"


def start(commands: DetachedCommands, program: str, name: str = NAME) -> None:
    """Starts a program text."""
    commands.start(name, (sys.executable, "-c", program), child_environment())


def looked(commands: DetachedCommands, name: str = NAME) -> Progress:
    """Returns where the command is; it must be known."""
    found = commands.look(name)
    assert found is not None
    return found


def test_it_has_nothing_to_read_a_session_of_its_own_and_an_output_of_its_owner_alone(tmp_path: Path) -> None:
    """Nobody else can read what it writes, and no terminal can end it."""
    commands = DetachedCommands(tmp_path)
    start(commands, "import os, sys; print(repr(sys.stdin.read()), os.getsid(0) == os.getpid(), flush=True); print('hm', file=sys.stderr); sys.exit(3)")
    until(lambda: looked(commands).code is not None)
    found = looked(commands)
    assert (found.lines, found.code, found.ours, found.interrupted) == (("'' True", "hm"), 3, True, False)
    assert [stat.S_IMODE(file.stat().st_mode) for file in sorted((tmp_path / FOLDER).iterdir())] == [0o600, 0o600]
    assert stat.S_IMODE((tmp_path / FOLDER).stat().st_mode) == 0o700


def test_a_name_is_used_once(tmp_path: Path) -> None:
    """Also by another runner, and also when the command has ended: nothing is started twice."""
    commands = DetachedCommands(tmp_path)
    start(commands, "pass")
    for again in (commands, DetachedCommands(tmp_path)):
        with pytest.raises(Refused, match="was started before"):
            start(again, "pass")
    assert commands.look("another") is None


@pytest.mark.parametrize("name", ["", "../x", "a/b", "A", "a" * 90])
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    """It becomes a file's."""
    with pytest.raises(Refused, match="no name of a command"):
        start(DetachedCommands(tmp_path), "pass", name)


def test_what_cannot_be_started_was_never_started(tmp_path: Path) -> None:
    """And that is what the next look says."""
    commands = DetachedCommands(tmp_path)
    with pytest.raises(NotSent, match="nothing-here cannot be started"):
        commands.start(NAME, ("/nothing-here",), {})
    assert commands.look(NAME) is None


def test_a_secret_among_the_arguments_is_never_started(tmp_path: Path) -> None:
    """Every user of the host could read it."""
    with pytest.raises(ProgramFault, match="A secret was about to be given"):
        DetachedCommands(tmp_path).start(NAME, ("migrate", "-database", "postgres://u:planted@h/d"), {})
    assert DetachedCommands(tmp_path).look(NAME) is None


def test_output_is_read_while_it_runs_without_secrets_and_harmless(tmp_path: Path) -> None:
    """Known values, and what has the shape of one."""
    commands = DetachedCommands(tmp_path)
    start(commands, f"print('pw planted-one \\x1b[31mred', 'postgres://u:other%ch' % 64); {WAITS}")
    until(lambda: "ready" in looked(commands).lines)
    found = commands.look(NAME, ("planted-one",))
    assert found is not None
    assert found.running
    assert found.lines[0] == "pw «redacted» red postgres://u:«redacted»@h"
    assert found.last == "ready"
    assert commands.interrupt(NAME)
    until(lambda: not looked(commands).running)


def test_it_is_asked_to_stop_once(tmp_path: Path) -> None:
    """A second SIGINT would end what had begun to end well."""
    commands = DetachedCommands(tmp_path)
    start(commands, WAITS)
    until(lambda: "ready" in looked(commands).lines)
    assert commands.interrupt(NAME)
    assert not commands.interrupt(NAME)
    assert not DetachedCommands(tmp_path).interrupt(NAME)
    until(lambda: not looked(commands).running)
    assert (looked(commands).interrupted, looked(commands).last) == (True, "asked")
    assert not commands.interrupt("never-started")


def _runner(folder: Path, then: str) -> "subprocess.Popen[str]":
    code = f"""
        import os, signal, sys, time
        from pathlib import Path
        from gospel_rollback_tui.infra.processes import detached
        from gospel_rollback_tui.infra.processes.environment import child_environment
        commands = detached.DetachedCommands(Path({str(folder)!r}))
        {then}
        commands.start({NAME!r}, (sys.executable, "-c", {WAITS!r}), child_environment())
        print("started", flush=True)
        time.sleep(600)
    """
    return subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize(
    "then",
    ["", "commands._write = lambda *_: os.kill(os.getpid(), signal.SIGKILL)"],
    ids=["after its pid was written down", "before its pid could be written down"],
)
def test_a_runner_that_is_killed_leaves_it_running_and_the_next_finds_it(tmp_path: Path, then: str) -> None:
    """By pid and start time, or by the file that its output goes to."""
    with _runner(tmp_path, then) as runner:
        assert runner.stdout is not None
        if not then:
            assert runner.stdout.readline() == "started\n"
            runner.kill()
        runner.wait()
    commands = DetachedCommands(tmp_path)
    until(lambda: looked(commands).last == "ready")
    found = looked(commands)
    assert (found.running, found.ours, found.code) == (True, False, None)
    assert not gone(found.pid)
    with pytest.raises(Refused, match="was started before"):
        start(commands, "pass")
    assert commands.interrupt(NAME)
    until(lambda: not looked(commands).running)
    assert looked(commands).last == "asked"


def test_a_number_that_another_process_has_now_is_not_it(tmp_path: Path) -> None:
    """Start time and boot must be the same; nobody else is ever signalled."""
    commands = DetachedCommands(tmp_path)
    start(commands, "pass")
    until(lambda: not looked(commands).running)
    record = tmp_path / FOLDER / f"{NAME}.json"
    record.write_text(f'{{"argv": [], "pid": {os.getpid()}, "ticks": 1, "boot": "{Path("/proc/sys/kernel/random/boot_id").read_text().strip()}"}}')
    assert not looked(DetachedCommands(tmp_path)).running
    before = signal.getsignal(signal.SIGINT)
    assert not DetachedCommands(tmp_path).interrupt(NAME)
    assert signal.getsignal(signal.SIGINT) is before


def test_a_record_that_was_cut_short_still_counts_as_started(tmp_path: Path) -> None:
    """A full disk, or a machine that fell over: it is not started again."""
    commands = DetachedCommands(tmp_path)
    start(commands, "pass")
    until(lambda: not looked(commands).running)
    (tmp_path / FOLDER / f"{NAME}.json").write_text('{"argv": [')
    found = looked(DetachedCommands(tmp_path))
    assert (found.running, found.pid, found.code) == (False, 0, None)
    with pytest.raises(Refused):
        start(DetachedCommands(tmp_path), "pass")
