"""Reads the configuration that the command line points at, and picks the environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gospel_rollback_tui.cli.arguments import Options
from gospel_rollback_tui.domain.estate import Environment, Settings


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration, and the environment that was picked from it."""

    settings: Settings
    environment: Environment

    @property
    def runbooks_dir(self) -> Path | None:
        """The team's own runbooks; None: the packaged ones only."""
        return Path(self.settings.runbooks_dir) if self.settings.runbooks_dir else None

    @property
    def runs_dir(self) -> Path:
        """Folder of the environment's runs."""
        return Path(self.settings.runs_dir)

    @property
    def clones(self) -> Path:
        """Folder of the clones of git repositories, kept between runs."""
        return self.runs_dir.parent / "git"


def load(options: Options, environ: Mapping[str, str]) -> Loaded:
    """Returns the settings and the environment; raises ConfigurationError or UsageError with file and line."""
    from gospel_rollback_tui.config.settings import choose_environment, load_settings

    settings = load_settings(options.config, environ)
    return Loaded(settings, choose_environment(settings, options.environment or None))
