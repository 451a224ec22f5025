"""The API token: from a file, the environment, or the argocd command's own configuration; never shown, never kept elsewhere."""

import os
from collections.abc import Mapping
from pathlib import Path

import yaml

from gospel_rollback_tui.domain.errors import CredentialsExpired
from gospel_rollback_tui.domain.raw import JsonObject, child, children, text
from gospel_rollback_tui.infra.argocd.address import authority

VARIABLE = "ARGOCD_AUTH_TOKEN"
OTHER_WAY = "Meanwhile the services can be rolled back through Kubernetes, or in git."


class TokenSource:
    """Reads the token when it is first needed and after each renewal, so that a login made meanwhile counts."""

    def __init__(self, file: str, url: str, *, environment: Mapping[str, str] = os.environ) -> None:
        """Reads nothing yet.

        Args:
            file: The configured token file; empty: none.
            url: The server; of the argocd command's configuration only a token for this server is taken.
            environment: Names the variable and the folders.
        """
        self._file = file
        self._url = url
        self._environment = environment
        self._token = ""

    def current(self) -> str:
        """Returns the token.

        Raises:
            CredentialsExpired: There is none, or what is there is none.
        """
        if not self._token:
            self._token = _usable(self._read(), self.place)
        return self._token

    def forget(self) -> None:
        """Makes the next request read the token again."""
        self._token = ""

    @property
    def place(self) -> str:
        """Where the token is looked for, in words."""
        if self._file:
            return f"the file {self._file}"
        return VARIABLE if self._environment.get(VARIABLE) else f"{VARIABLE} or the argocd command's configuration"

    def _read(self) -> str:
        if self._file:
            return self._from_file()
        return self._environment.get(VARIABLE, "") or self._from_command()

    def _from_file(self) -> str:
        try:
            return Path(self._file).expanduser().read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is no text"
            raise CredentialsExpired(f"The Argo CD token cannot be read from {self.place}: {reason}.", next_step=f"Put a token there. {OTHER_WAY}") from error

    def _from_command(self) -> str:
        for path in self._configurations():
            try:
                read = yaml.safe_load(path.read_text(encoding="utf-8"))
            except (OSError, UnicodeDecodeError, yaml.YAMLError):
                continue
            return _token_of(read if isinstance(read, dict) else {}, authority(self._url))
        return ""

    def _configurations(self) -> tuple[Path, ...]:
        folder = self._environment.get("ARGOCD_CONFIG_DIR", "")
        if folder:
            return (Path(folder) / "config",)
        home = Path(self._environment.get("HOME", "~")).expanduser()
        return (Path(self._environment.get("XDG_CONFIG_HOME") or home / ".config") / "argocd" / "config", home / ".argocd" / "config")


def _token_of(configuration: JsonObject, server: str) -> str:
    """Returns the token that the argocd command keeps for that server, or an empty text."""
    users = {text(context.get("user")) for context in children(configuration, "contexts") if text(context.get("server")).lower() == server}
    return next((text(user.get("auth-token")) for user in children(configuration, "users") if text(user.get("name")) in users), "")


def _usable(read: str, place: str) -> str:
    """Returns the token without the space around it; what could not be a header is refused unseen."""
    token = read.strip()
    if not token:
        raise CredentialsExpired(f"There is no Argo CD token in {place}.", next_step=f"Log in with `argocd login`, or put a token there. {OTHER_WAY}")
    if not token.isascii() or not token.isprintable() or " " in token:
        raise CredentialsExpired(f"What stands in {place} is no Argo CD token.", next_step=f"Put a token there. {OTHER_WAY}")
    return token


def subject_of(answer: JsonObject) -> str:
    """Returns the account that `userinfo` names; empty: nobody is logged in, which the server says with 200 and an empty object."""
    return text(child(answer).get("username")) if answer.get("loggedIn") is True else ""
