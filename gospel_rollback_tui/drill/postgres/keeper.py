"""Makes one PostgreSQL, serves it while its owner lives, and clears it away.

Run as a file of its own, so that it imports nothing but the standard library: its first line of input is a JSON object with
`bin`, `port`, `user`, `password` and `settings`; it answers with one line, `{"folder": …}` or `{"error": …}`. The end of its
input is the order to finish: it comes when the owner closes the server, and also when the owner dies of a signal it could
not catch. The server in turn gets SIGQUIT from the kernel if this process dies first. It is throwaway: nothing is flushed.
"""

import contextlib
import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import FrameType
from typing import Any

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_START_SECONDS = 60.0
_STOP_SECONDS = 10.0
_LOOK_SECONDS = 0.02
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def main() -> None:
    """Serves until the end of input."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _stop_on_signal)
    wanted = json.loads(sys.stdin.readline())
    folder = Path(tempfile.mkdtemp(prefix="gospel-rollback-postgres-"))  # mode 0700
    if wanted["user"]:
        shutil.chown(folder, wanted["user"])
    server: subprocess.Popen[bytes] | None = None
    try:
        try:
            _initialise(folder, wanted)
            server = _start(folder, wanted)
            _wait_until_ready(folder, server)
        except (OSError, RuntimeError) as error:
            _say({"error": str(error)})
            return
        _say({"folder": str(folder)})
        sys.stdin.read()
    finally:
        if server is not None:
            _stop(server)
        shutil.rmtree(folder, ignore_errors=True)


def _stop_on_signal(number: int, _frame: FrameType | None) -> None:
    """Turns a signal into an ordinary end, so that the server and the folder are cleared."""
    raise SystemExit(128 + number)


def _say(answer: dict[str, str]) -> None:
    print(json.dumps(answer), flush=True)


def _initialise(folder: Path, wanted: dict[str, Any]) -> None:
    """Makes the cluster; every connection asks for the password, over the socket too."""
    password = folder / "password"
    password.write_text(wanted["password"] + "\n")
    password.chmod(0o600)
    if wanted["user"]:
        shutil.chown(password, wanted["user"])
    argv = [f"{wanted['bin']}/initdb", f"--pgdata={folder / 'data'}", "--no-sync", "--username=postgres", "--auth=scram-sha-256"]
    argv += [f"--pwfile={password}", "--encoding=UTF8", "--no-locale"]
    made = subprocess.run(argv, check=False, user=wanted["user"] or None, cwd=folder, env=_ENVIRONMENT, stdin=subprocess.DEVNULL, capture_output=True)
    password.unlink()
    if made.returncode != 0:
        raise RuntimeError(made.stderr.decode(errors="replace").strip())


def _start(folder: Path, wanted: dict[str, Any]) -> "subprocess.Popen[bytes]":
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": str(wanted["port"]),
        "unix_socket_directories": str(folder),
        "fsync": "off",
        "shared_buffers": "16MB",
        "max_connections": "40",
        "dynamic_shared_memory_type": "mmap",
        **wanted["settings"],
    }
    argv = [f"{wanted['bin']}/postgres", "-D", str(folder / "data"), *(f"--{name}={value}" for name, value in settings.items())]
    prctl, own_pid = ctypes.CDLL(None, use_errno=True).prctl, os.getpid()

    def die_with_us() -> None:
        """Runs in the child before exec, already as the other user, whose change would have taken the request back."""
        prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT, 0, 0, 0)
        if os.getppid() != own_pid:
            os._exit(1)

    with (folder / "log").open("ab") as output:
        return subprocess.Popen(
            argv,
            user=wanted["user"] or None,
            cwd=folder,
            env=_ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_us,  # noqa: PLW1509 - this process has a single thread
        )


def _wait_until_ready(folder: Path, server: "subprocess.Popen[bytes]") -> None:
    """Waits for the status line that the server itself writes once it takes connections (the eighth of postmaster.pid)."""
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        if server.poll() is not None:
            break
        with contextlib.suppress(OSError):
            lines = (folder / "data" / "postmaster.pid").read_text().splitlines()
            if len(lines) > 7 and lines[7].strip() == "ready":
                return
        time.sleep(_LOOK_SECONDS)
    raise RuntimeError((folder / "log").read_text(errors="replace")[-2000:].strip() or "the server did not start")


def _stop(server: "subprocess.Popen[bytes]") -> None:
    with contextlib.suppress(ProcessLookupError):
        server.send_signal(signal.SIGQUIT)
    try:
        server.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


if __name__ == "__main__":
    main()
