"""Finds config.yaml and turns it into settings; every complaint at once, with file, line and key."""

import re
from collections.abc import Mapping
from pathlib import Path

from gospel_rollback_tui.config.environments import build_environment, path_at
from gospel_rollback_tui.config.keys import SETTINGS_KEYS
from gospel_rollback_tui.config.locations import default_runs_dir, places
from gospel_rollback_tui.domain.document import Problem, compose
from gospel_rollback_tui.domain.errors import ConfigurationError
from gospel_rollback_tui.domain.estate import Environment, Settings, TerminalSettings
from gospel_rollback_tui.domain.schema import Reader, Record, nearest

_NAME = re.compile(r"[a-z][a-z0-9-]*")


def load_settings(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """Returns the settings of `path`, or of the first config.yaml that the XDG folders hold.

    Raises:
        ConfigurationError: There is none, or it says something that cannot be; the text lists every complaint.
    """
    file = path or _find(environ)
    node = compose(_content(file), str(file))
    if isinstance(node, Problem):
        raise _error([node])
    reader = Reader(str(file))
    record = reader.section(node, SETTINGS_KEYS)
    settings = _build(record, reader, file.absolute().parent, environ)
    if reader.problems or settings is None:
        raise _error(sorted(reader.problems))
    return settings


def choose_environment(settings: Settings, name: str | None) -> Environment:
    """Returns the environment of that name, or the default one.

    Raises:
        ConfigurationError: There is no such environment.
    """
    wanted = name or settings.default_environment
    known = tuple(environment.name for environment in settings.environments)
    if wanted not in known:
        raise ConfigurationError(f"there is no environment {wanted!r}{nearest(wanted, known)}", file=settings.source)
    return settings.environments[known.index(wanted)]


def _find(environ: Mapping[str, str]) -> Path:
    searched = places(environ)
    for place in searched:
        try:
            if place.exists():
                return place
        except OSError as error:
            raise ConfigurationError(
                f"cannot be looked for: {error.strerror}", file=str(place), next_step="Make its folder searchable for you, or name a file with --config."
            ) from None
    others = f" (nor {', '.join(map(str, searched[1:]))})" if searched[1:] else ""
    raise ConfigurationError(
        f"there is no configuration here{others}",
        file=str(searched[0]),
        next_step="Copy config.example.yaml there and fit it to your estate, or name a file with --config. `gospel-rollback drill` needs none.",
    )


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise ConfigurationError("there is no such file", file=str(file), next_step="Check the path given to --config.") from None
    except IsADirectoryError:
        raise ConfigurationError("is a folder; name the file in it", file=str(file)) from None
    except OSError as error:
        raise ConfigurationError(f"cannot be read: {error.strerror}", file=str(file), next_step="Make it readable for you, or name another file.") from None


def _error(problems: list[Problem]) -> ConfigurationError:
    first, *others = problems
    text = "\n".join([first.text, *(str(problem) for problem in others)])
    return ConfigurationError(text, file=first.file, line=first.line, next_step="config.example.yaml explains every key.")


def _build(record: Record, reader: Reader, folder: Path, environ: Mapping[str, str]) -> Settings | None:
    environments = []
    for name, entry in record.get("environments", ()):
        if not _NAME.fullmatch(name):
            reader.fault(entry.line, f"environments.{name}: a name is small letters, digits and hyphens")
        environment = build_environment(name, entry, reader, folder, own_runbooks="runbooks_dir" in record.lines)
        if environment is not None:
            environments.append(environment)
    default = _default(record, reader)
    if not environments:
        if record.get("environments") == ():
            reader.fault(record.line_of("environments"), "environments: names none; write at least one")
        return None
    return Settings(
        environments=tuple(environments),
        default_environment=default,
        runs_dir=path_at(record, "runs_dir", "runs_dir", folder, reader) or str(default_runs_dir(environ)),
        runbooks_dir=path_at(record, "runbooks_dir", "runbooks_dir", folder, reader),
        terminal=_terminal(record.get("terminal")),
        source=reader.file,
    )


def _default(record: Record, reader: Reader) -> str:
    names = tuple(name for name, _ in record.get("environments", ()))
    default: str = record.get("default_environment", "")
    if default and names and default not in names:
        reader.fault(record.line_of("default_environment"), f"default_environment: there is no environment {default!r}{nearest(default, names)}")
    if not default and len(names) > 1 and "default_environment" not in record.lines:
        reader.fault(record.line, f"default_environment is missing: say which is meant without --environment; known: {', '.join(names)}")
    return default or (names[0] if names else "")


def _terminal(record: Record | None) -> TerminalSettings:
    usual = TerminalSettings()
    if record is None:
        return usual
    return TerminalSettings(
        ascii=record.get("ascii", usual.ascii),
        mouse=record.get("mouse", usual.mouse),
        diff=record.get("diff", usual.diff),
        pace=record.get("pace", usual.pace),
        keymap=record.get("keymap", usual.keymap),
    )
