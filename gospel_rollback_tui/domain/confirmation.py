"""The confirmation ladder: what each danger demands, and whether a confirmation meets it."""

from dataclasses import dataclass

from gospel_rollback_tui.domain.danger import Danger

ARMING_SECONDS = 0.4
"""How long a prompt discards keys before it can be answered, so that typed-ahead keys never confirm."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What the operator did to confirm, as the app sends it to the runner."""

    step: str
    attempt: int
    fingerprint: str
    """Digest of the preview that was on the screen."""
    danger: Danger
    """The level that the prompt showed."""
    who: str
    """Operator's name."""
    typed: str = ""
    """The word or name typed, from `disruptive` upwards."""
    second_person: str = ""
    """Who else is said to approve; irreversible only. A note: it proves nothing."""
    break_glass: str = ""
    """Written reason for going alone; irreversible only."""
    reason: str = ""
    """Written reason for going on without what nobody could prove."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What a prompt asks for."""

    danger: Danger
    word: str = ""
    """What must be typed; empty: a key is enough."""
    second_person: bool = False
    """Break-glass with a written reason: nobody but the operator can be asked here, so a second name alone is not enough."""
    unproved: str = ""
    """What a written reason must stand for; empty: nothing."""


def demand(danger: Danger, target: str, unproved: str = "") -> Demand:
    """Returns what confirming an action of this danger on `target` takes (DESIGN §5), and a reason where something is unproved."""
    if danger is Danger.DISRUPTIVE:
        return Demand(danger, "yes", unproved=unproved)
    if danger is Danger.DESTRUCTIVE:
        return Demand(danger, target, unproved=unproved)
    if danger is Danger.IRREVERSIBLE:
        return Demand(danger, target, second_person=True, unproved=unproved)
    return Demand(danger, unproved=unproved)


def shortfall(asked: Demand, given: Confirmation) -> str:
    """Returns why the confirmation does not meet the demand, or an empty text when it does."""
    if given.danger < asked.danger:
        return f"it was confirmed as {given.danger.word}, but it is {asked.danger.word}"
    if asked.word and given.typed != asked.word:
        return f"it takes {asked.word!r} typed in full"
    if asked.second_person and not given.break_glass.strip():
        return "it takes break-glass with a written reason: a name that is typed proves nobody's approval"
    if asked.unproved and not given.reason.strip():
        return f"it takes a written reason: {asked.unproved}"
    if asked.second_person and _same_person(given.second_person, given.who):
        return "the second person must be another person"
    return ""


def _same_person(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold() != ""
