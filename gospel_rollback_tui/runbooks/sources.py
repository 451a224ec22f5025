"""Where runbooks come from: the packaged files, and a team's own folder that overrides or adds."""

import re
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from gospel_rollback_tui.domain.document import Problem

MATRIX = "matrix"
COMMON = "common"
"""Name of the file with the steps that several runbooks share."""
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Source:
    """One file of a library."""

    name: str
    """File name without `.yaml`: `matrix`, `common` or the scenario's id."""
    file: str
    """How complaints name it."""
    content: bytes


def gather(extra_dir: Path | None) -> tuple[dict[str, Source], list[Problem]]:
    """Returns the files of a library by name, a team's own before the packaged ones, and what could not be read."""
    packaged = resources.files("gospel_rollback_tui.runbooks")
    sources = {}
    for entry in packaged.iterdir():
        if entry.name.endswith(".yaml"):
            name = entry.name.removesuffix(".yaml")
            sources[name] = Source(name, str(entry), entry.read_bytes())
    problems: list[Problem] = []
    if extra_dir is not None:
        _add_own(extra_dir, sources, problems)
    return dict(sorted(sources.items())), problems


def _add_own(folder: Path, sources: dict[str, Source], problems: list[Problem]) -> None:
    """Puts a team's own files over the packaged ones."""
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        problems.append(Problem(str(folder), 0, f"is no folder of runbooks that can be read: {error.strerror}"))
        return
    found = False
    for entry in entries:
        if entry.suffix == ".yml":
            problems.append(Problem(str(entry), 0, f"would be passed over; name it {entry.stem}.yaml"))
        if entry.suffix != ".yaml":
            continue
        found = True
        if not _NAME.fullmatch(entry.stem):
            problems.append(Problem(str(entry), 0, "a runbook's file is named after its scenario, in small letters and hyphens"))
            continue
        try:
            sources[entry.stem] = Source(entry.stem, str(entry), entry.read_bytes())
        except OSError as error:
            problems.append(Problem(str(entry), 0, f"cannot be read: {error.strerror}"))
    if not found and not problems:
        problems.append(Problem(str(folder), 0, "holds no runbook: no file there ends in .yaml"))
