"""Runs one external command to its end, its deadline, or the operator's cancel: one SIGINT first, then the whole session is killed."""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from threading import Event
from typing import BinaryIO

from gospel_rollback_tui.domain.errors import NotSent, ProgramFault
from gospel_rollback_tui.domain.text import clean, redact

GRACE_SECONDS = 3.0
"""Between the one SIGINT and the kill: time to take lock files away."""
LARGEST_OUTPUT = 64 * 1024 * 1024
"""Bytes of output after which a command is ended: nothing it is asked for is as long."""
_LOOK_SECONDS = 0.05
_LINE_WIDTH = 400
"""Characters of a line that are kept for a sentence."""


Stream = BinaryIO | int
"""An open file, or what `subprocess` makes of a number."""


class Ending(Enum):
    """How a command ended."""

    BY_ITSELF = "by itself"
    DEADLINE = "not within its time"
    CANCELLED = "cancelled"
    FLOOD = "wrote more than can be read"


@dataclass(frozen=True, slots=True)
class Command:
    """What is run."""

    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    """The whole environment of the child."""
    deadline: float
    """Seconds."""
    folder: Path | None = None
    """Where it runs; None: where this process does."""
    read: bytes = b""
    """What it finds on its standard input; empty: nothing is there."""
    output: Path | None = None
    """A new file (0600) that its output goes to; None: memory."""


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of a command."""

    code: int
    """Exit code; negative: the signal that ended it."""
    output: bytes = field(repr=False)
    """Empty where it went to a file."""
    complaint: bytes = field(repr=False)
    """Standard error."""
    how: Ending = Ending.BY_ITSELF

    @property
    def well(self) -> bool:
        """Whether it ended by itself with 0."""
        return self.how is Ending.BY_ITSELF and self.code == 0

    @property
    def text(self) -> str:
        """The output as text, undecodable bytes replaced; not cleaned."""
        return self.output.decode(errors="replace")

    @property
    def complaints(self) -> tuple[str, ...]:
        """The lines of standard error that say something: harmless, and without credentials."""
        lines = (redact(clean(line, _LINE_WIDTH)).strip() for line in self.complaint.decode(errors="replace").splitlines())
        return tuple(line for line in lines if line)

    def words(self, most: int = 3) -> str:
        """Returns the last lines it complained with, or how it ended."""
        said = " · ".join(self.complaints[-most:])
        if self.how is not Ending.BY_ITSELF:
            return f"{self.how.value}" + (f": {said}" if said else "")
        return said or (f"ended by signal {-self.code}" if self.code < 0 else f"exit code {self.code}")


def run(command: Command, cancel: Event | None = None) -> Ended:
    """Runs the command and returns how it ended.

    Raises:
        NotSent: It cannot be started.
        ProgramFault: One of its arguments looks like a secret, which every user of the host could read.
    """
    with _outputs(command) as (given, output, complaint):
        process = spawned(command.argv, command.environment, command.folder, (given, output, complaint))
        try:
            how = _wait(process, command, cancel, (output, complaint))
        finally:
            if process.poll() is None:
                _end(process)
        return Ended(process.returncode, b"" if command.output else _content(output), _content(complaint), how)


@contextmanager
def _outputs(command: Command) -> Iterator[tuple[BinaryIO | int, BinaryIO, BinaryIO]]:
    """Files rather than pipes: a grandchild that keeps one open cannot hold us up, and a full one cannot hold up the child."""
    with tempfile.TemporaryFile() as complaint, tempfile.TemporaryFile() as given:
        given.write(command.read)
        given.seek(0)
        if command.output is None:
            with tempfile.TemporaryFile() as output:
                yield (given if command.read else subprocess.DEVNULL), output, complaint
            return
        descriptor = os.open(command.output, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w+b") as output:
            yield (given if command.read else subprocess.DEVNULL), output, complaint


def spawned(
    argv: Sequence[str], environment: Mapping[str, str], folder: Path | None, streams: tuple[Stream, Stream, Stream], keep: Sequence[int] = ()
) -> "subprocess.Popen[bytes]":
    """Starts a command in a session of its own and returns it.

    Args:
        argv: The command.
        environment: The whole environment of the child.
        folder: Where it runs; None: where this process does.
        streams: What its standard input, output and error are.
        keep: Descriptors that it inherits besides.

    Raises:
        NotSent: It cannot be started.
        ProgramFault: One of its arguments looks like a secret, which every user of the host could read.
    """
    name = clean(Path(argv[0]).name, 80)
    if any(redact(part) != part for part in argv):
        raise ProgramFault(f"A secret was about to be given to {name} as an argument.")
    given, output, complaint = streams
    try:
        return subprocess.Popen(
            list(argv), stdin=given, stdout=output, stderr=complaint, cwd=folder, env=dict(environment), start_new_session=True, pass_fds=keep
        )
    except (OSError, ValueError) as error:
        reason = clean(getattr(error, "strerror", None) or str(error), 120)
        raise NotSent(f"{name} cannot be started: {reason}.", next_step=f"Install {name}, or go on by hand.") from error


def _wait(process: "subprocess.Popen[bytes]", command: Command, cancel: Event | None, outputs: tuple[BinaryIO, BinaryIO]) -> Ending:
    until = time.monotonic() + command.deadline
    while True:
        try:
            process.wait(_LOOK_SECONDS)
        except subprocess.TimeoutExpired:
            if time.monotonic() >= until:
                return Ending.DEADLINE
            if cancel is not None and cancel.is_set():
                return Ending.CANCELLED
            if any(os.fstat(output.fileno()).st_size > LARGEST_OUTPUT for output in outputs):
                return Ending.FLOOD
        else:
            return Ending.BY_ITSELF


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Asks once, then kills the whole session: its children may hold locks and connections."""
    _signal(process, signal.SIGINT)
    with suppress(subprocess.TimeoutExpired):
        process.wait(GRACE_SECONDS)
    _signal(process, signal.SIGKILL)
    process.wait()


def _signal(process: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return  # it ended meanwhile, and so did its session


def _content(output: BinaryIO) -> bytes:
    output.seek(0)
    return output.read(LARGEST_OUTPUT)
