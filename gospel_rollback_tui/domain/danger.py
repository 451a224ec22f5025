"""How dangerous a resolved action is, and what the operator must do to confirm it."""

from enum import IntEnum


class Danger(IntEnum):
    """The five rungs of the confirmation ladder, in order."""

    OBSERVE = 0
    """Reads only."""
    REVERSIBLE = 1
    """Can be put back as it was."""
    DISRUPTIVE = 2
    """Users notice."""
    DESTRUCTIVE = 3
    """Data goes, or is long in rebuilding."""
    IRREVERSIBLE = 4
    """Nothing brings it back."""

    @property
    def word(self) -> str:
        """The word shown and written in runbooks."""
        return self.name.lower()


def danger_of(word: str) -> Danger:
    """Returns the level of that word; raises ValueError with the known words."""
    try:
        return Danger[word.upper()]
    except KeyError:
        known = ", ".join(level.word for level in Danger)
        raise ValueError(f"unknown danger {word!r}; known: {known}") from None


def raised(resolved: Danger, written: Danger) -> Danger:
    """Returns the level that holds: a runbook may raise what the resolved action says, never lower it."""
    return max(resolved, written)
