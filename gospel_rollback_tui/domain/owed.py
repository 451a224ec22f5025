"""What earlier runs have left behind: debts that were signed for, or left by an abort, and that no later run has paid."""

from collections.abc import Sequence
from dataclasses import dataclass

from gospel_rollback_tui.domain.evidence import Truth
from gospel_rollback_tui.domain.run import Run

_KEPT_BY_GIT = ("auto-sync", "git")
"""Debts that are over once auto-sync is on: git rules the environment again."""


@dataclass(frozen=True, slots=True)
class Owed:
    """A debt of a run that is closed."""

    run: str
    debt: str
    """Its id, e.g. `auto-sync`."""
    title: str
    since: float
    """Wall time."""
    signed: str = ""
    """Who left it open, and why; empty: nobody signed for it."""


def owed_by(runs: Sequence[Run]) -> tuple[Owed, ...]:
    """Returns what the closed runs of one environment owe, newest first; a debt that a later run has paid is over.

    Args:
        runs: Runs of that environment, newest first.
    """
    paid: set[str] = set()
    found: list[Owed] = []
    for run in runs:
        for debt in run.debts:
            if debt.paid:
                paid.add(debt.id)
            elif run.closed and debt.id not in paid and all(one.debt != debt.id for one in found):
                found.append(Owed(run.id, debt.id, debt.title, debt.opened, debt.signed))
    return tuple(found)


def still_owed(owed: Sequence[Owed], auto_sync: Truth) -> tuple[Owed, ...]:
    """Returns what is owed as the estate is now: with auto-sync on, git rules again, whoever switched it on."""
    return tuple(one for one in owed if not (auto_sync is Truth.TRUE and one.debt in _KEPT_BY_GIT))
