"""Processes of an estate live and die with whoever started them."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from gospel_rollback_tui.drill.real.processes import EstateError, EstateProcesses
from gospel_rollback_tui.drill.real.waiting import wait_until

SLEEP = ["/bin/sleep", "1000"]


@pytest.fixture
def processes() -> Iterator[EstateProcesses]:
    """A supervisor without programs."""
    with EstateProcesses() as started:
        yield started


def is_alive(pid: int) -> bool:
    """Says whether a process exists."""
    return Path(f"/proc/{pid}").exists()


def ended(processes: EstateProcesses) -> str:
    """Returns what `check` complains about, empty when nothing has ended."""
    try:
        processes.check()
    except EstateError as error:
        return error.text
    return ""


def test_the_folder_is_the_owners_alone(processes: EstateProcesses) -> None:
    """Nobody else can look into it."""
    assert processes.folder.stat().st_mode & 0o777 == 0o700


def test_a_child_has_a_process_group_of_its_own(processes: EstateProcesses) -> None:
    """A key pressed in the drill's terminal does not reach it."""
    pid = processes.start("sleeper", SLEEP, {})
    assert os.getpgid(pid) == pid
    assert os.getsid(pid) != os.getsid(0)


def test_a_child_sees_only_the_environment_it_is_given(processes: EstateProcesses) -> None:
    """Nothing of the caller's environment gets in."""
    processes.start("printer", ["/usr/bin/env"], {"ONLY": "this"})
    wait_until("it has printed", lambda: processes.last_words("printer") != "")
    assert processes.last_words("printer") == "ONLY=this"


def test_closing_ends_the_children_and_removes_the_folder(processes: EstateProcesses) -> None:
    """Nothing is left, and a second close does nothing."""
    pid, folder = processes.start("sleeper", SLEEP, {}), processes.folder
    processes.close()
    processes.close()
    assert not is_alive(pid)
    assert not folder.exists()


def test_a_stopped_child_is_gone_and_not_missed(processes: EstateProcesses) -> None:
    """What was stopped on purpose counts as no failure."""
    pid = processes.start("sleeper", SLEEP, {})
    processes.stop("sleeper")
    processes.stop("sleeper")
    assert not is_alive(pid)
    processes.check()


def test_a_child_that_ends_is_named_with_its_last_words(processes: EstateProcesses) -> None:
    """The error says which program, how it ended and what it said."""
    processes.start("talker", ["/bin/sh", "-c", "echo no room left; exit 3"], {})
    wait_until("it has ended", lambda: ended(processes) != "")
    assert ended(processes) == "talker ended with exit code 3. Its last words: no room left"


def test_a_program_that_cannot_be_executed_is_an_error(processes: EstateProcesses) -> None:
    """The operating system's reason is part of the sentence."""
    with pytest.raises(EstateError, match=r"ghost could not be started: .*No such file"):
        processes.start("ghost", ["/nonexistent/ghost"], {})


def test_a_closed_estate_starts_nothing(processes: EstateProcesses) -> None:
    """Asking after the end is an error, not a hang."""
    processes.close()
    with pytest.raises(EstateError, match="closed"):
        processes.start("sleeper", SLEEP, {})
