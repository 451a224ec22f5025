"""Tells a source that is silent from a host that hears nobody: what else answers from here is the second vantage."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from gospel_rollback_tui.domain.feed import FeedState, FeedStatus
from gospel_rollback_tui.domain.health import HealthResult, NoAnswer

KUBERNETES = "the Kubernetes API"
NAMED = 2
"""Sources that a sentence names; of more, the first, and how many."""


class Reach(Enum):
    """How far a request from this host got."""

    ANSWERED = "answered"
    """Something came back, be it a refusal of login or a certificate."""
    REFUSED = "refused"
    """The host was reached, and nobody listens there."""
    SILENT = "silent"
    """Nothing came back: no name, no route, no answer in time."""
    UNKNOWN = "unknown"
    """Not asked yet, or nothing can be told."""


class Fault(Enum):
    """Where silence comes from, as far as can be told from here."""

    NONE = "none"
    SOURCE = "source"
    """Others answer from here: it is that source."""
    ESTATE = "estate"
    """Only what has nothing to do with the estate answers, or every host refuses."""
    HERE = "here"
    """Nothing answers: probably this host's network."""
    ALONE = "alone"
    """There is nothing to compare with."""


@dataclass(frozen=True, slots=True)
class Source:
    """Something that is asked from this host."""

    name: str
    """As a sentence names it, e.g. `the Kubernetes API`, `api.example.com`."""
    reach: Reach
    independent: bool = False
    """Whether it has nothing to do with the estate."""
    inside: bool = False
    """Whether what is behind it answers inside the cluster, asked through the API server."""


@dataclass(frozen=True, slots=True)
class Vantage:
    """The judgement, and the sentence that says it; empty: nothing is silent."""

    fault: Fault = Fault.NONE
    words: str = ""


NOTHING_SILENT = Vantage()


def judge_vantage(sources: Sequence[Source]) -> Vantage:
    """Returns where the silence of the estate's sources comes from, by what else answers from here."""
    dead = [source for source in sources if source.reach in (Reach.SILENT, Reach.REFUSED) and not source.independent]
    if not dead:
        return NOTHING_SILENT
    answering = [source for source in sources if source.reach is Reach.ANSWERED]
    theirs = [source.name for source in answering if not source.independent]
    if theirs and all(source.inside for source in dead):
        names = [source.name for source in dead]
        return Vantage(Fault.SOURCE, f"{_listed(names)} {_answer(names)} inside the cluster, through the API server: it is the way to it from here.")
    if theirs:
        return Vantage(Fault.SOURCE, _sentence(f"{_listed(theirs)} {_answer(theirs)} from here: it is {_listed([source.name for source in dead])}."))
    if answering:
        names = [source.name for source in answering]
        words = f"{_listed(names)} {_answer(names)} from here, nothing of the estate does: it is the estate, or the way to it."
        return Vantage(Fault.ESTATE, _sentence(words))
    known = [source for source in sources if source.reach is not Reach.UNKNOWN]
    if any(source.reach is Reach.REFUSED for source in dead):
        hosts = "Its host is" if len(dead) == 1 else "Hosts are"
        return Vantage(Fault.ESTATE, f"{hosts} reached and refuse{'s' if len(dead) == 1 else ''} the connection: it is the estate, not this host's network.")
    if len(known) < 2:
        return Vantage(Fault.ALONE, f"Nothing else is asked from here to compare {dead[0].name} with: ask from a second place.")
    return Vantage(Fault.HERE, "Nothing answers from this host: probably this host's network, not the estate.")


def reach_of_feed(status: FeedStatus, now: float) -> Reach:
    """Returns how far the requests of a feed get at monotonic time `now`."""
    seen = status.seen_at(now)
    if seen.state in (FeedState.UNREACHABLE, FeedState.DOWN, FeedState.STALE):
        return _reach_of_words(seen.why)
    if seen.state in (FeedState.REFUSED, FeedState.FORBIDDEN, FeedState.FAILING, FeedState.BUSY):
        return Reach.ANSWERED
    return Reach.ANSWERED if seen.known(now) else Reach.UNKNOWN


def _reach_of_words(why: str) -> Reach:
    if why == NoAnswer.REFUSED.value:
        return Reach.REFUSED
    if why.startswith(("certificate", "answers")):
        return Reach.ANSWERED
    return Reach.SILENT


def reach_of_result(result: HealthResult | None) -> Reach:
    """Returns how far the newest request of a check got."""
    if result is None or result.through or result.direct is not None:  # an address that only the cluster reaches tells nothing of the way from here
        return Reach.UNKNOWN
    if result.problem is NoAnswer.REFUSED:
        return Reach.REFUSED
    if result.problem in (None, NoAnswer.NOT_THE_DRILL) or (result.problem is NoAnswer.TLS and result.certificate is not None):
        return Reach.ANSWERED
    return Reach.SILENT


def furthest(reaches: Iterable[Reach]) -> Reach:
    """Returns the furthest that any request to one host got."""
    found = set(reaches)
    return next((reach for reach in (Reach.ANSWERED, Reach.REFUSED, Reach.SILENT) if reach in found), Reach.UNKNOWN)


def _listed(names: Sequence[str]) -> str:
    """Returns `a`, `a and b`, or `a and 3 more`."""
    return " and ".join(names) if len(names) <= NAMED else f"{names[0]} and {len(names) - 1} more"


def _sentence(words: str) -> str:
    """Returns the words with a capital where they begin with a word; a host's name stays as it is."""
    return words[:1].upper() + words[1:] if words.startswith("the ") else words


def _answer(names: Sequence[str]) -> str:
    return "answers" if len(names) == 1 else "answer"
