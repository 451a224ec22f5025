"""The accounts of the real Argo CD, in its own words: those of the simulated one, with the same rights."""

from collections.abc import Sequence

from gospel_rollback_tui.drill.argocd.accounts import ACCOUNTS, ADMIN, OPERATOR, Account

API_ACCOUNTS: tuple[Account, ...] = tuple(account for account in ACCOUNTS if account is not ADMIN)
"""Those that get an API token; `admin` is there without being asked for."""

ON_CALL = OPERATOR
"""Whose token a drill hands out."""


def account_settings(accounts: Sequence[Account]) -> dict[str, str]:
    """Returns the entries of `argocd-cm` that create the accounts."""
    return {f"accounts.{account.name}": "apiKey, login" if account.login else "apiKey" for account in accounts}


def policy(accounts: Sequence[Account]) -> str:
    """Returns the policy of `argocd-rbac-cm` that gives each account its rights."""
    lines = [f"p, {account.name}, {grant.resource}, {grant.action}, {grant.pattern}, allow" for account in accounts for grant in account.grants]
    return "".join(f"{line}\n" for line in lines)
