"""Where the configuration is looked for and where runs are kept, by the XDG rules."""

from collections.abc import Mapping
from pathlib import Path

import platformdirs

_FOLDER = "gospel-rollback"
_FILE = "config.yaml"


def places(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Returns where config.yaml is looked for, the operator's own place first, then those of the whole host."""
    own = _base(environ, "XDG_CONFIG_HOME", platformdirs.user_config_dir())
    shared = environ.get("XDG_CONFIG_DIRS", "") or platformdirs.site_config_dir(multipath=True)
    folders = [own, *(Path(folder) for folder in shared.split(":") if Path(folder).is_absolute())]
    return tuple(folder / _FOLDER / _FILE for folder in folders)


def default_runs_dir(environ: Mapping[str, str]) -> Path:
    """Returns the folder of the runs where the configuration names none."""
    return _base(environ, "XDG_STATE_HOME", platformdirs.user_state_dir()) / _FOLDER / "runs"


def _base(environ: Mapping[str, str], name: str, otherwise: str) -> Path:
    """Returns the base folder of that variable; a relative one is not valid by the XDG rules and passed over."""
    given = Path(environ.get(name, ""))
    return given if given.is_absolute() else Path(otherwise)


def resolved(text: str, folder: Path) -> str:
    """Returns the absolute path of a text; a relative one is meant from the configuration's own folder.

    Raises:
        ValueError: It begins with the home of somebody who has none here.
    """
    try:
        return str(folder / Path(text).expanduser())
    except RuntimeError:
        raise ValueError(f"{text!r} names the home of nobody here; write the whole path") from None
