"""Asks the configured command which deployments are under way, so that nothing is rolled back under a release that is still coming."""

from dataclasses import dataclass

from gospel_rollback_tui.domain.errors import NotSent
from gospel_rollback_tui.domain.text import clean, redact
from gospel_rollback_tui.infra.processes.command import Command, run
from gospel_rollback_tui.infra.processes.environment import child_environment

ASK_SECONDS = 4.0
_MOST_RUNS = 5
_WIDTH = 200
_PREFIXES = ("GH_", "GITHUB_", "GITLAB_", "CI_", "AWS_")
"""What the forges' own commands log in with."""


@dataclass(frozen=True, slots=True)
class CiRuns:
    """The command that an environment's configuration names."""

    command: tuple[str, ...]
    """An argument list; prints one deployment a line, and nothing if there is none."""

    def under_way(self) -> tuple[str, ...]:
        """Returns the deployments under way; raises NotSent when the command fails or does not answer, since its silence would then say nothing."""
        ended = run(Command(self.command, child_environment(prefixes=_PREFIXES, GH_PROMPT_DISABLED="1", GIT_TERMINAL_PROMPT="0"), ASK_SECONDS))
        if not ended.well:
            raise NotSent(f"Which deployments are under way is not known: {clean(self.command[0], 80)} {ended.words()}")
        lines = (redact(clean(line, _WIDTH)).strip() for line in ended.text.splitlines())
        return tuple(line for line in lines if line)[:_MOST_RUNS]
