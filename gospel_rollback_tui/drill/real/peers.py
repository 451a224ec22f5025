"""Where the real estate's programs are: what `make peers` built, and redis, which the operating system brings."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from gospel_rollback_tui.domain.errors import UsageError

PROGRAMS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl", "kwok", "argocd", "kustomize", "migrate")
"""What the real estate is made of."""

REDIS = "redis-server"
"""Argo CD's cache: Debian's package of that name."""

REQUIRE_VARIABLE = "GOSPEL_ROLLBACK_REQUIRE_PEERS"
"""Set to 1, a test that finds no peers fails instead of being skipped."""


class PeersMissing(UsageError):
    """The real estate's programs have not been built."""


@dataclass(frozen=True, slots=True)
class Peers:
    """A folder that holds what was built for the real estate, and what it needs besides."""

    folder: Path
    redis_server: Path = Path(REDIS)

    @property
    def argocd_objects(self) -> Path:
        """Returns the folder of what Argo CD is installed with."""
        return self.folder / "argocd-objects"

    def program(self, name: str) -> Path:
        """Returns the path of one of `PROGRAMS`."""
        return self.folder / name


def default_folder() -> Path:
    """Returns where `make peers` builds: `build/peers` of the clone this package runs from."""
    return Path(__file__).resolve().parents[3] / "build" / "peers"


def find_peers(folder: Path | None = None) -> Peers:
    """Returns the programs of a folder, by default of `default_folder()`.

    Raises:
        PeersMissing: One or more of them are not there; the error names them.
    """
    folder = folder or default_folder()
    missing = [name for name in PROGRAMS if not os.access(folder / name, os.X_OK)]
    if missing:
        raise PeersMissing(
            f"The real estate needs {', '.join(missing)} in {folder}.",
            next_step="Run `make peers` in a clone of the repository (about twelve minutes the first time), or leave out `--estate real`.",
        )
    redis_server = shutil.which(REDIS)
    if redis_server is None:
        raise PeersMissing(
            f"The real estate needs {REDIS}, which is not on PATH.",
            next_step=f"Install the operating system's package (Debian: {REDIS}), or leave out `--estate real`.",
        )
    return Peers(folder, Path(redis_server))
