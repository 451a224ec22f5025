"""Accounts of the simulated Argo CD and what each may do.

Rule of the rights: a policy line of Argo CD's RBAC, `p, subject, resource, action, object`, with `*` in patterns.
"""

import fnmatch
from dataclasses import dataclass

from gospel_rollback_tui.drill.script import PROJECT

ACTIONS = ("get", "create", "update", "delete", "sync", "override", "action", "invoke")
"""What may be asked of a right; a rollback is a `sync`."""

RESOURCES = (
    "clusters",
    "projects",
    "applications",
    "applicationsets",
    "repositories",
    "write-repositories",
    "certificates",
    "accounts",
    "gpgkeys",
    "logs",
    "exec",
    "extensions",
)


@dataclass(frozen=True, slots=True)
class Grant:
    """One right: an action on what a pattern names."""

    resource: str
    action: str
    pattern: str = "*"
    """`PROJECT/NAME` of an Application, the name of a project."""

    def covers(self, resource: str, action: str, subject: str) -> bool:
        """Whether the right holds for that action on that subject."""
        wanted = ((resource, self.resource), (action, self.action), (subject, self.pattern))
        return all(fnmatch.fnmatchcase(value, pattern) for value, pattern in wanted)


@dataclass(frozen=True, slots=True)
class Account:
    """A local account."""

    name: str
    grants: tuple[Grant, ...] = ()
    login: bool = False
    """Whether it may log in by a password; the others have API tokens only."""

    def may(self, resource: str, action: str, subject: str) -> bool:
        """Whether some right of the account covers an action."""
        return any(grant.covers(resource, action, subject) for grant in self.grants)


_OWN = f"{PROJECT}/*"
_READ = (Grant("applications", "get", _OWN), Grant("projects", "get", PROJECT))

ADMIN = Account("admin", (Grant("*", "*"),), login=True)
OPERATOR = Account("operator", (*_READ, Grant("applications", "sync", _OWN), Grant("applications", "update", _OWN)), login=True)
SYNCER = Account("syncer", (*_READ, Grant("applications", "sync", _OWN)))
READONLY = Account("readonly", (Grant("*", "get"),))
NOBODY = Account("nobody")

ACCOUNTS = (ADMIN, OPERATOR, SYNCER, READONLY, NOBODY)
"""Everybody that the estate knows; the drill hands out the operator's token."""
