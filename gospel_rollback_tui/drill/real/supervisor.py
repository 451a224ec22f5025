"""Owns the estate's processes and its folder, and ends both when the process that started it is gone.

Run as a file of its own, so that it starts in milliseconds and imports nothing but the standard library. One JSON object a
line each way: on standard input `{"start": NAME, "argv": […], "env": {…}, "log": PATH}`, `{"stop": NAME}` or `{"exited": true}`;
on standard output first `{"folder": PATH}`, then one answer a request. The end of standard input is the order to finish: it
comes when the owner closes the estate, and also when the owner dies of a signal it could not catch. The children in turn
get SIGKILL from the kernel if this process dies first. The estate is throwaway, so nothing is ended gracefully.
"""

import contextlib
import ctypes
import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import FrameType

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_OWNER_CHECK_SECONDS = 1.0

Children = dict[str, subprocess.Popen[bytes]]


def _die_with(supervisor_pid: int, prctl: Callable[..., int]) -> None:
    """Runs in the child before exec: asks the kernel for SIGKILL at the supervisor's death."""
    prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != supervisor_pid:  # it died before the request was made
        os._exit(1)


def _start(children: Children, request: dict[str, object]) -> dict[str, object]:
    """Starts one child in a session of its own, its output in a file."""
    name, argv, env, log = (request[key] for key in ("start", "argv", "env", "log"))
    assert isinstance(argv, list)
    assert isinstance(env, dict)
    prctl, own_pid = ctypes.CDLL(None, use_errno=True).prctl, os.getpid()
    with Path(str(log)).open("ab") as output:
        child = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=env,
            cwd=Path(str(log)).parent,
            start_new_session=True,
            preexec_fn=lambda: _die_with(own_pid, prctl),  # noqa: PLW1509 - this process has a single thread
        )
    children[str(name)] = child
    return {"pid": child.pid}


def _kill(child: subprocess.Popen[bytes]) -> None:
    """Kills a child's whole group and waits for the child itself."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _answer(children: Children, request: dict[str, object]) -> dict[str, object]:
    """Does what one request asks for; an operating system error becomes part of the answer."""
    try:
        if "start" in request:
            return _start(children, request)
        if "stop" in request:
            child = children.pop(str(request["stop"]), None)
            if child is not None:
                _kill(child)
            return {}
    except OSError as error:
        return {"error": str(error)}
    return {"exited": {name: code for name, child in children.items() if (code := child.poll()) is not None}}


def _serve(children: Children, owner_pid: int) -> None:
    """Answers requests until standard input ends or the owner is gone."""
    pending = b""
    with selectors.DefaultSelector() as selector:
        selector.register(sys.stdin.fileno(), selectors.EVENT_READ)
        while os.getppid() == owner_pid:
            if not selector.select(_OWNER_CHECK_SECONDS):
                continue
            received = os.read(sys.stdin.fileno(), 65536)
            if not received:
                return
            *lines, pending = (pending + received).split(b"\n")
            for line in lines:
                print(json.dumps(_answer(children, json.loads(line))), flush=True)


def _stop_on_signal(number: int, _frame: FrameType | None) -> None:
    """Turns a signal into an ordinary end, so that the children and the folder are cleared."""
    raise SystemExit(128 + number)


def main() -> None:
    """Makes the estate's folder, serves its owner, and clears everything away."""
    owner_pid = os.getppid()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _stop_on_signal)
    children: Children = {}
    folder = tempfile.mkdtemp(prefix="gospel-rollback-estate-")  # mode 0700
    try:
        print(json.dumps({"folder": folder}), flush=True)
        _serve(children, owner_pid)
    finally:
        for child in children.values():
            _kill(child)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
