"""Tokens of the simulated Argo CD: JSON web tokens signed by the estate, with the refusals of the real server.

Format of the tokens: RFC 7519, HS256, as argocd-server issues them.
"""

import base64
import hashlib
import hmac
import json
import secrets
import uuid
from dataclasses import dataclass
from threading import Lock
from typing import Any

from gospel_rollback_tui.drill.argocd.accounts import Account
from gospel_rollback_tui.drill.argocd.refusals import Code, Refusal
from gospel_rollback_tui.drill.kubernetes.documents import Clock

ISSUER = "argocd"
LOGIN_SECONDS = 24 * 3600
"""How long the token of a login is good for."""

REFUSED_LOGIN = "Invalid username or password"


@dataclass(frozen=True, slots=True)
class Session:
    """Who calls, and since when the token is good."""

    account: Account
    issued: int
    """Unix time of the token's issue."""


class Sessions:
    """Issues and reads tokens; safe to use from any thread."""

    def __init__(self, accounts: tuple[Account, ...], clock: Clock) -> None:
        """Begin with the accounts given and a secret of its own."""
        self._accounts = {account.name: account for account in accounts}
        self._clock = clock
        self._secret = secrets.token_bytes(32)
        self.passwords = {account.name: secrets.token_urlsafe(12) for account in accounts if account.login}
        self._keys: set[tuple[str, str]] = set()
        self._expired: set[str] = set()
        self._lock = Lock()

    def log_in(self, username: str, password: str) -> str:
        """Return a token for who knows the password.

        Raises:
            Refusal: 401, whether the account or the password is wrong.
        """
        known = self.passwords.get(username, "")
        if username not in self._accounts or not known or not hmac.compare_digest(known.encode(), password.encode()):
            raise Refusal(Code.UNAUTHENTICATED, REFUSED_LOGIN)
        return self._signed(f"{username}:login", LOGIN_SECONDS, str(uuid.uuid4()))

    def api_token(self, username: str, lifetime: int = 0, identity: str = "") -> str:
        """Return an API token of an account; `lifetime` in seconds, 0 for ever, negative for one that has expired."""
        identity = identity or str(uuid.uuid4())
        with self._lock:
            self._keys.add((username, identity))
        return self._signed(f"{username}:apiKey", lifetime, identity)

    def revoke(self, username: str, identity: str) -> None:
        """Take an API token back."""
        with self._lock:
            self._keys.discard((username, identity))

    def remove(self, username: str) -> None:
        """Delete an account."""
        with self._lock:
            self._accounts.pop(username, None)

    def expire(self, username: str) -> None:
        """Let every token of an account be refused as expired."""
        with self._lock:
            self._expired.add(username)

    def renew(self, username: str) -> None:
        """Let the expired tokens of an account be accepted again."""
        with self._lock:
            self._expired.discard(username)

    def read(self, token: str) -> Session:
        """Return who a token belongs to.

        Raises:
            Refusal: 401, in the words of the real server.
        """
        claims = self._claims(token)
        username, _, capability = str(claims["sub"]).partition(":")
        with self._lock:
            account = self._accounts.get(username)
            known = capability == "login" or (username, claims["jti"]) in self._keys
            expired = username in self._expired
        if expired or ("exp" in claims and claims["exp"] <= self._clock.now().timestamp()):
            raise _invalid("token has invalid claims: token is expired")
        if account is None:
            raise _invalid(f"rpc error: code = NotFound desc = account '{username}' does not exist")
        if not known:
            raise _invalid(f"account {username} does not have token with id {claims['jti']}")
        return Session(account, claims["iat"])

    def _signed(self, subject: str, lifetime: int, identity: str) -> str:
        now = int(self._clock.now().timestamp())
        claims: dict[str, Any] = {"iss": ISSUER, "sub": subject, "nbf": now, "iat": now, "jti": identity}
        if lifetime:
            claims["exp"] = now + lifetime
        signed = ".".join(_encoded(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
        return f"{signed}.{_encoded(self._signature(signed))}"

    def _signature(self, signed: str) -> bytes:
        return hmac.new(self._secret, signed.encode(), hashlib.sha256).digest()

    def _claims(self, token: str) -> dict[str, Any]:
        """Return the claims of a token that the estate has signed."""
        signed, _, signature = token.rpartition(".")
        try:
            header, claims = (json.loads(_decoded(part)) for part in signed.split("."))
            given = _decoded(signature)
        except ValueError:
            raise Refusal(Code.UNAUTHENTICATED, "no session information") from None
        if not isinstance(header, dict) or not isinstance(claims, dict):
            raise Refusal(Code.UNAUTHENTICATED, "no session information")
        if not hmac.compare_digest(given, self._signature(signed)):
            raise _invalid("token signature is invalid: signature is invalid")
        return claims


def _invalid(reason: str) -> Refusal:
    return Refusal(Code.UNAUTHENTICATED, f"invalid session: {reason}")


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
