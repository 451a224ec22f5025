"""Who calls: bearer tokens and the users behind them."""

from dataclasses import dataclass, field
from threading import Lock

ANONYMOUS_GROUP = "system:unauthenticated"
AUTHENTICATED_GROUP = "system:authenticated"
MASTERS_GROUP = "system:masters"


@dataclass(frozen=True, slots=True)
class User:
    """A caller as SelfSubjectReview shows it."""

    name: str
    groups: tuple[str, ...] = ()
    """Groups without `system:authenticated`, which every known caller has."""
    uid: str = ""

    @property
    def all_groups(self) -> tuple[str, ...]:
        """Groups as authorisation sees them."""
        if self == ANONYMOUS:
            return (ANONYMOUS_GROUP,)
        return (*self.groups, AUTHENTICATED_GROUP)

    @property
    def is_master(self) -> bool:
        """Whether no rule binds this user."""
        return MASTERS_GROUP in self.groups


ANONYMOUS = User("system:anonymous")


@dataclass(slots=True)
class Tokens:
    """The bearer tokens that the API server knows; safe to use from any thread."""

    users: dict[str, User] = field(default_factory=dict)
    """User by token."""
    _expired: set[str] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)

    def issue(self, token: str, user: User) -> None:
        """Make a token valid, or valid again, for a user."""
        with self._lock:
            self.users[token] = user
            self._expired.discard(token)

    def expire(self, user: str) -> None:
        """Let every token of the user of that name be refused with 401 from now on."""
        with self._lock:
            self._expired.update(t for t, owner in self.users.items() if owner.name == user)

    def renew(self, user: str) -> None:
        """Let the expired tokens of the user of that name be accepted again."""
        with self._lock:
            self._expired -= {t for t, owner in self.users.items() if owner.name == user}

    def token_of(self, user: str) -> str:
        """Return the newest token issued to the user of that name.

        Raises:
            KeyError: no token was issued to such a user.
        """
        with self._lock:
            for token, owner in reversed(self.users.items()):
                if owner.name == user:
                    return token
        raise KeyError(user)

    def authenticate(self, token: str | None) -> User | None:
        """Return the caller behind a bearer token.

        No token at all is the anonymous user; `None` means 401: unknown or expired.
        """
        if token is None:
            return ANONYMOUS
        with self._lock:
            return None if token in self._expired else self.users.get(token)
