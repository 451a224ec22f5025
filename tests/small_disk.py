"""A disk that can be full: a small file system of its own where the tests may mount one, otherwise a limit on the size of the runner's files."""

import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

SIZE = "8m"
"""Twice what a run takes to begin."""
FILLER = "filler"


@dataclass(frozen=True, slots=True)
class SmallDisk:
    """The folder of the runs, on a disk that can be filled."""

    folder: Path
    mounted: bool
    """False: nobody but root may mount, and a process that writes `file` is limited to the size it has."""

    def fill(self, pid: int, file: Path) -> None:
        """Leaves no room for another block, or for the process to let the file grow."""
        if not self.mounted:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (file.stat().st_size, resource.RLIM_INFINITY))
            return
        with suppress(OSError), (self.folder / FILLER).open("wb", buffering=0) as filler:
            while True:
                filler.write(bytes(4096))

    def clear(self, pid: int) -> None:
        """Makes room again."""
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        (self.folder / FILLER).unlink(missing_ok=True)


@contextmanager
def small_disk(folder: Path) -> Iterator[SmallDisk]:
    """Gives a small disk at that folder, and takes it away again."""
    folder.mkdir(mode=0o700)
    mounted = _succeeds("mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=700", "tmpfs", str(folder))
    try:
        yield SmallDisk(folder, mounted)
    finally:
        if mounted:
            _succeeds("umount", "--lazy", str(folder))


def _succeeds(*command: str) -> bool:
    try:
        return subprocess.run(command, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False
