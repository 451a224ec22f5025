"""Keeps one valid credential for one connection, whoever asks, from whichever thread."""

import base64
import threading
import time
from collections.abc import Callable
from pathlib import Path

from gospel_rollback_tui.domain.errors import CredentialsExpired
from gospel_rollback_tui.domain.text import clean
from gospel_rollback_tui.infra.cluster.exec_plugin import Credential, run_plugin
from gospel_rollback_tui.infra.cluster.kubeconfig import Access

REFRESH_SECONDS = 120.0
"""How long before its end a credential is asked for anew."""
_FILE_SECONDS = 60.0
"""How long a token read from a file is trusted to be the file's."""
_SETTLE_SECONDS = 10.0
"""A credential younger than this is not asked for again because of a 401: it would be the same."""


class Credentials:
    """The credential of a kubeconfig's user: from a plugin, a file, or written there."""

    def __init__(self, access: Access, clock: Callable[[], float] = time.time) -> None:
        """Asks nobody yet."""
        self._access = access
        self._clock = clock
        self._lock = threading.Lock()
        self._held: Credential | None = None
        self._obtained = 0.0

    def current(self) -> Credential:
        """Returns a credential that is valid for a while; one thread asks for a new one, the others wait for it.

        Raises:
            CredentialsExpired: There is none to be had without logging in.
        """
        with self._lock:
            if self._held is None or self._is_due(self._held):
                self._held = self._obtain()
                self._obtained = self._clock()
            return self._held

    def reject(self) -> bool:
        """Forgets a credential that the server refused; returns whether asking again may give another one."""
        with self._lock:
            renewable = bool(self._access.user.get("exec") or self._access.user.get("tokenFile"))
            if not renewable or self._held is None or self._clock() - self._obtained < _SETTLE_SECONDS:
                return False
            self._held = None
            return True

    def _is_due(self, credential: Credential) -> bool:
        return credential.expires is not None and self._clock() >= credential.expires - self._margin(credential)

    def _margin(self, credential: Credential) -> float:
        """A credential that lives for less than the margin is kept for half its life, or the plugin would run for each call."""
        life = (credential.expires or 0.0) - self._obtained
        return min(REFRESH_SECONDS, max(0.0, life / 2))

    def _obtain(self) -> Credential:
        user = self._access.user
        if user.get("auth-provider"):
            name = clean(str((user["auth-provider"] or {}).get("name")), 60)
            raise CredentialsExpired(
                f"The kubeconfig logs in by the auth-provider {name!r}, which Kubernetes has given up.",
                next_step="Use a credential plugin (`exec`) instead; kubectl 1.26 and newer need one too.",
            )
        if user.get("tokenFile"):
            return self._from_file(str(user["tokenFile"]))
        if user.get("token"):
            return Credential(f"Bearer {str(user['token']).strip()}")
        if user.get("exec"):
            return run_plugin(user["exec"], self._access.cluster, self._access.folder)
        if user.get("username") and user.get("password"):
            pair = f"{user['username']}:{user['password']}".encode()
            return Credential("Basic " + base64.b64encode(pair).decode())
        return Credential()

    def _from_file(self, name: str) -> Credential:
        path = Path(self._access.folder) / Path(name).expanduser()
        try:
            token = path.read_text().strip()
        except (OSError, UnicodeError) as error:
            raise CredentialsExpired(f"The token file {clean(str(path))} cannot be read.", next_step="Press L to log in, then go on.") from error
        return Credential(f"Bearer {token}", expires=self._clock() + _FILE_SECONDS)
