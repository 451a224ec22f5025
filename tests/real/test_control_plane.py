"""The control plane starts whole, knows its people apart, and ends on every way out."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gospel_rollback_tui.drill.real.control_plane import RealControlPlane
from gospel_rollback_tui.drill.real.peers import Peers
from gospel_rollback_tui.drill.real.processes import EstateError
from tests.real.conftest import LoadEstate, eventually

HOLDER = """
import sys
from gospel_rollback_tui.drill.real.control_plane import RealControlPlane
with RealControlPlane() as plane:
    print(plane.supervisor_pid, plane.folder, flush=True)
    sys.stdin.read()
"""
SERVERS = 9
"""etcd, three of Kubernetes, kwok, redis, and three of Argo CD."""


def processes_in(folder: Path) -> list[int]:
    """Returns the processes whose command line names a folder, or that work below it: redis writes over its command line."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and str(folder) in (entry / "cmdline").read_text() + str((entry / "cwd").readlink()):
                found.append(int(entry.name))
        except OSError:
            continue  # it ended while we looked
    return found


def held_control_plane() -> tuple[subprocess.Popen[str], int, Path]:
    """Starts a control plane in a process of its own; returns that process, the supervisor's id and the folder."""
    holder = subprocess.Popen([sys.executable, "-c", HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    supervisor, folder = holder.stdout.readline().split()
    return holder, int(supervisor), Path(folder)


def dispose(holder: subprocess.Popen[str]) -> None:
    """Waits for a process that was ended and closes its pipes."""
    holder.wait()
    for stream in (holder.stdin, holder.stdout):
        assert stream is not None
        stream.close()


def test_every_program_has_the_pinned_version(control_plane: RealControlPlane) -> None:
    """Server and kubectl say the version that the modules pin, which clients can parse."""
    versions = control_plane.kubectl("version").stdout
    assert "Client Version: v1.34.2" in versions
    assert "Server Version: v1.34.2" in versions


def test_the_folder_and_its_secrets_are_the_owners_alone(control_plane: RealControlPlane) -> None:
    """Nobody else on the machine can read a token."""
    assert control_plane.folder.stat().st_mode & 0o777 == 0o700
    secret_files = [control_plane.kubeconfig, control_plane.admin_kubeconfig, control_plane.folder / "tokens.csv", control_plane.folder / "sa.key"]
    assert {file.stat().st_mode & 0o777 for file in secret_files} == {0o600}


def test_no_token_is_on_a_command_line(control_plane: RealControlPlane) -> None:
    """A list of processes shows no secret."""
    lines = [(Path("/proc") / str(pid) / "cmdline").read_bytes() for pid in processes_in(control_plane.folder)]
    assert len(lines) >= SERVERS
    assert not any(token.encode() in line for line in lines for token in (control_plane.admin_token, control_plane.operator_token))


def test_the_operator_is_known_by_name(control_plane: RealControlPlane) -> None:
    """The kubeconfig that a drill hands out belongs to an operator, not to an administrator."""
    told = control_plane.kubectl("auth", "whoami", "-o", "jsonpath={.status.userInfo.username} {.status.userInfo.groups}", kubeconfig=control_plane.kubeconfig)
    assert told.stdout == 'operator ["operators","system:authenticated"]'


def test_a_wrong_token_is_refused(control_plane: RealControlPlane, tmp_path: Path) -> None:
    """A token that nobody issued is not let in."""
    stranger = control_plane.write_kubeconfig(tmp_path / "kubeconfig", "wrong")
    refused = control_plane.kubectl("get", "pods", kubeconfig=stranger, check=False)
    assert refused.returncode == 1
    assert "You must be logged in to the server" in refused.stderr


def test_kubectl_that_fails_says_why(control_plane: RealControlPlane) -> None:
    """A failing kubectl becomes an error with its own words."""
    with pytest.raises(EstateError, match="doesn't have a resource type"):
        control_plane.kubectl("get", "nothing-of-this-name")


def test_closing_leaves_nothing_behind(peers: Peers) -> None:
    """After the end of the block there is no process and no folder."""
    with RealControlPlane(peers) as plane:
        folder = plane.folder
        assert len(processes_in(folder)) >= SERVERS
    assert processes_in(folder) == []
    assert not folder.exists()


def test_an_exception_leaves_nothing_behind(peers: Peers) -> None:
    """An error in the block ends everything as well."""
    seen: list[Path] = []

    def fail_inside() -> None:
        with RealControlPlane(peers) as plane:
            seen.append(plane.folder)
            raise LookupError

    with pytest.raises(LookupError):
        fail_inside()
    assert processes_in(seen[0]) == []
    assert not seen[0].exists()


@pytest.mark.usefixtures("peers")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGHUP])
def test_a_signal_to_the_owner_leaves_nothing_behind(number: signal.Signals) -> None:
    """Whatever signal ends the process that holds the control plane, even one it cannot catch, everything ends."""
    holder, _supervisor, folder = held_control_plane()
    holder.send_signal(number)
    dispose(holder)
    eventually("no process is left", lambda: not processes_in(folder))
    eventually("the folder is gone", lambda: not folder.exists())


@pytest.mark.usefixtures("peers")
def test_the_death_of_the_supervisor_leaves_no_process_behind() -> None:
    """When the supervisor itself is killed, the kernel ends its programs."""
    holder, supervisor, folder = held_control_plane()
    os.kill(supervisor, signal.SIGKILL)
    eventually("no program is left", lambda: not processes_in(folder))
    holder.kill()
    dispose(holder)


def test_a_program_that_ends_is_named(peers: Peers) -> None:
    """A control plane that has lost a program says which, and what it said last."""
    with RealControlPlane(peers) as plane:
        scheduler = next(pid for pid in processes_in(plane.folder) if b"kube-scheduler" in (Path("/proc") / str(pid) / "cmdline").read_bytes())
        os.kill(scheduler, signal.SIGKILL)

        def is_named() -> bool:
            try:
                plane.check()
            except EstateError as error:
                return "kube-scheduler ended with exit code -9" in error.text
            return False

        eventually("the end of the scheduler is noticed", is_named)


def test_controllers_that_run_and_do_nothing_are_started_anew(control_plane: RealControlPlane, estate: LoadEstate) -> None:
    """A frozen kwok would hold every pod for ever; afterwards a scene loads, and the programs are the same nine."""
    (frozen,) = [pid for pid in processes_in(control_plane.folder) if b"/kwok" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0]]
    os.kill(frozen, signal.SIGSTOP)
    control_plane.restart_controllers()
    estate("slow-start")
    assert frozen not in processes_in(control_plane.folder)
    control_plane.check()
