"""The estate's processes as their owner sees them: start one, see whether it lives, end all of them."""

import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from gospel_rollback_tui.domain.errors import RollbackError
from gospel_rollback_tui.drill.real import supervisor

_END_SECONDS = 20.0
_LOG_TAIL_BYTES = 2000


class EstateError(RollbackError):
    """The real estate cannot be started, or something of it has ended by itself."""

    changed = "Nothing outside the drill was touched."


class EstateProcesses:
    """A folder and the processes that live in it; both end with this object or with the process that holds it.

    Every method may be called from any thread. Process output goes to `logs/NAME.log` in the folder.
    """

    def __init__(self) -> None:
        """Starts the supervisor and learns the folder (0700) it made."""
        self._lock = threading.Lock()
        self._supervisor = subprocess.Popen(
            [sys.executable, "-I", supervisor.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # a Ctrl-C on the terminal is the owner's to act on
        )
        self.folder = Path(str(self._read()["folder"]))
        (self.folder / "logs").mkdir()

    @property
    def supervisor_pid(self) -> int:
        """Returns the process id that every process of the estate descends from."""
        return self._supervisor.pid

    def start(self, name: str, argv: Sequence[str | Path], environment: Mapping[str, str]) -> int:
        """Starts a process and returns its id.

        Raises:
            EstateError: The program cannot be executed.
        """
        answer = self._ask({"start": name, "argv": [str(part) for part in argv], "env": dict(environment), "log": str(self._log(name))})
        if "error" in answer:
            raise EstateError(f"{name} could not be started: {answer['error']}.")
        return int(str(answer["pid"]))

    def stop(self, name: str) -> None:
        """Ends one process; one that has ended or never started is fine."""
        self._ask({"stop": name})

    def check(self) -> None:
        """Does nothing while every process runs.

        Raises:
            EstateError: A process has ended; the error says which and quotes its last words.
        """
        exited = self._ask({"exited": True})["exited"]
        assert isinstance(exited, dict)
        for name, code in exited.items():
            raise EstateError(f"{name} ended with exit code {code}. Its last words: {self.last_words(name)}")

    def last_words(self, name: str) -> str:
        """Returns the end of what a process wrote, empty when it wrote nothing."""
        try:
            return self._log(name).read_bytes()[-_LOG_TAIL_BYTES:].decode(errors="replace").strip()
        except FileNotFoundError:
            return ""

    def close(self) -> None:
        """Ends every process and removes the folder; a second call does nothing."""
        with self._lock:
            for pipe in (self._supervisor.stdin, self._supervisor.stdout):
                assert pipe is not None
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        try:
            self._supervisor.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._supervisor.kill()  # the kernel takes its children with it
            self._supervisor.wait()

    def __enter__(self) -> Self:
        """Returns itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Closes."""
        self.close()

    def _log(self, name: str) -> Path:
        return self.folder / "logs" / f"{name}.log"

    def _ask(self, request: Mapping[str, object]) -> dict[str, object]:
        with self._lock:
            assert self._supervisor.stdin is not None
            try:
                self._supervisor.stdin.write(json.dumps(request).encode() + b"\n")
                self._supervisor.stdin.flush()
            except (BrokenPipeError, ValueError) as error:
                raise EstateError("The estate has been closed.") from error
            return self._read()

    def _read(self) -> dict[str, object]:
        assert self._supervisor.stdout is not None
        line = self._supervisor.stdout.readline()
        if not line:
            raise EstateError("The estate's supervisor has ended.")
        answer = json.loads(line)
        assert isinstance(answer, dict)
        return answer
