"""What a command line asked for, as a value that the verbs read."""

from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asked for; a verb reads the fields it declares."""

    verb: Callable[["Options"], int]
    config: Path | None = None
    environment: str = ""
    read_only: bool = False
    json: bool = False
    what: str = ""
    """`list`, `show` or `verify` of `runs`."""
    subject: str = ""
    """A run's or a runbook's id."""
    directory: Path | None = None
    scenario: str = ""
    script: str = ""
    faults: tuple[str, ...] = ()
    estate: str = "simulated"
    serve: bool = False
    listing: bool = False
    folder: Path | None = None


def options_of(asked: Namespace) -> Options:
    """Returns the options of a parsed command line."""
    chosen = vars(asked)
    paths = {name: Path(chosen[name]) for name in ("config", "directory", "folder") if chosen.get(name) is not None}
    return Options(**{**chosen, **paths, "verb": _verb(chosen["verb"]), "faults": tuple(chosen.get("faults") or ())})


def _verb(name: str) -> Callable[[Options], int]:
    def _call(options: Options) -> int:
        from importlib import import_module

        module, _, function = name.partition(":")
        verb: Callable[[Options], int] = getattr(import_module(f"gospel_rollback_tui.cli.{module}"), function)
        return verb(options)

    return _call
