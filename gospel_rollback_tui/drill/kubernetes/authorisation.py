"""The judgement on a request: the rules, and the rights a fault has taken away."""

from collections.abc import Sequence

from gospel_rollback_tui.drill.kubernetes.access import Attributes, Rule, may, refusal
from gospel_rollback_tui.drill.kubernetes.faults import Faults
from gospel_rollback_tui.drill.kubernetes.identities import User
from gospel_rollback_tui.drill.kubernetes.statuses import Subject, forbidden, forbidden_path


class Authoriser:
    """Says who may do what at this moment."""

    def __init__(self, rules: Sequence[Rule], faults: Faults) -> None:
        self._rules = rules
        self._faults = faults

    def allows(self, user: User, wanted: Attributes) -> bool:
        """Whether a user may do what is wanted now."""
        granted_to_all = may(user, wanted, ())  # no role binding grants this, so none can be taken away
        return granted_to_all or (may(user, wanted, self._rules) and not self._faults.forbids(user.name, wanted))

    def check(self, user: User, wanted: Attributes, subject: Subject) -> None:
        """Refuse what a user may not do.

        Raises:
            ApiError: 403 in the words of RBAC.
        """
        if self.allows(user, wanted):
            return
        text = refusal(user, wanted)
        if wanted.path:
            raise forbidden_path(text)
        raise forbidden(subject, text)

    def rules_of(self, user: User) -> tuple[Rule, ...]:
        """Return the rules that bind a user."""
        if user.is_master:
            everything = Rule(subjects=(user.name,))
            return (everything, Rule(subjects=(user.name,), paths=("*",)))
        return tuple(rule for rule in self._rules if rule.binds(user))
