"""Runs the real git so that it can neither ask, page, edit, nor be led elsewhere by what surrounds it."""

import os
import shlex
from dataclasses import dataclass, field
from pathlib import Path

from gospel_rollback_tui.domain.errors import NotSent
from gospel_rollback_tui.infra.processes.command import Command, Ended, run
from gospel_rollback_tui.infra.processes.environment import child_environment

LOCAL_SECONDS = 30.0
"""For what needs no network."""
_NAMES = frozenset({"EMAIL", "GIT_ASKPASS", "GIT_SSH", "GIT_SSH_VARIANT", "GNUPGHOME", "SSH_AUTH_SOCK", "SSH_AGENT_PID"})
_PREFIXES = ("AWS_", "GIT_AUTHOR_", "GIT_COMMITTER_", "GIT_CONFIG", "GIT_SSL_", "GIT_PROXY_", "KRB5")
"""`AWS_`: the credential helper of CodeCommit."""
_NEVER = frozenset({"GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"})
_SETTINGS = (
    "advice.detachedHead=false",
    "color.ui=never",
    "core.autocrlf=false",
    "core.fsmonitor=false",
    "core.quotePath=false",
    "gc.auto=0",
    "log.showSignature=false",
    "maintenance.auto=false",
    "push.followTags=false",
    "push.recurseSubmodules=no",
    "fetch.recurseSubmodules=no",
    "rerere.enabled=false",
    "user.useConfigOnly=true",
)
"""What of the operator's configuration would change an answer's form, start something beside us, or push more than one ref."""
NO_HOOKS = ("-c", "core.hooksPath=/dev/null")
"""For everything but the push: a hook before that may be the house's own rule."""


@dataclass(frozen=True, slots=True)
class Git:
    """Git in one repository folder."""

    folder: Path
    """The bare repository."""
    program: str = "git"
    environment: dict[str, str] = field(default_factory=dict, repr=False)
    """What is set for every command, over the operator's own."""

    def run(
        self,
        *arguments: str,
        deadline: float = LOCAL_SECONDS,
        index: Path | None = None,
        tree: Path | None = None,
        read: bytes = b"",
        output: Path | None = None,
        hooks: bool = False,
    ) -> Ended:
        """Runs one command and returns how it ended.

        Args:
            arguments: Without `git`.
            deadline: Seconds.
            index: An index of its own.
            tree: A work tree of its own.
            read: Standard input.
            output: A new file for standard output.
            hooks: Whether the operator's own hooks may run.

        Raises:
            NotSent: There is no git.
        """
        settings = [part for setting in _SETTINGS for part in ("-c", setting)]
        argv = [self.program, "--no-pager", "--literal-pathspecs", *settings, *(() if hooks else NO_HOOKS), "--git-dir", str(self.folder), *arguments]
        environment = {**git_environment(), **self.environment}
        if index is not None:
            environment["GIT_INDEX_FILE"] = str(index)
        if tree is not None:
            environment["GIT_WORK_TREE"] = str(tree)
        return run(Command(tuple(argv), environment, deadline, tree or self.folder.parent, read, output))

    def need(self, *arguments: str, deadline: float = LOCAL_SECONDS, index: Path | None = None, tree: Path | None = None, read: bytes = b"") -> str:
        """Runs one command that must succeed and returns what it wrote; raises NotSent with its own words."""
        ended = self.run(*arguments, deadline=deadline, index=index, tree=tree, read=read)
        if not ended.well:
            raise NotSent(f"git {arguments[0]} failed: {ended.words()}")
        return ended.text


def git_environment() -> dict[str, str]:
    """Returns the environment of a git that asks nobody anything."""
    found = child_environment(
        _NAMES,
        _PREFIXES,
        LC_ALL="C",
        GIT_TERMINAL_PROMPT="0",
        GIT_EDITOR="true",
        GIT_SEQUENCE_EDITOR="true",
        GIT_PAGER="cat",
        GIT_OPTIONAL_LOCKS="0",
        GIT_LFS_SKIP_SMUDGE="1",
        GCM_INTERACTIVE="never",
    )
    return {name: value for name, value in found.items() if name not in _NEVER}


def quiet_ssh(command: str) -> str:
    """Returns an ssh command that asks nothing and does not wait for a silent host; another program than ssh is left as it is.

    Args:
        command: The operator's own (`GIT_SSH_COMMAND` or `core.sshCommand`); empty: ssh.
    """
    command = command.strip() or "ssh"
    try:
        program = os.path.basename(shlex.split(command)[0])  # noqa: PTH119  a word of a command, not a path of ours
    except (ValueError, IndexError):
        return command
    return f"{command} -oBatchMode=yes -oConnectTimeout=10" if program == "ssh" else command
