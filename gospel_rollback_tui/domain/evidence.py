"""Readings and what they weigh: six rows, each with for, against and unknown."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from gospel_rollback_tui.domain.runbook import Matrix, Row, Weight

DATA_LOST = "data.lost"
"""The fact of the matrix that only people can tell: data is gone or wrong."""


class Truth(Enum):
    """A three-valued fact: a failed probe is neither health nor failure."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"

    @classmethod
    def of(cls, value: bool | None) -> "Truth":
        """Returns the truth of a boolean; None is unknown."""
        if value is None:
            return cls.UNKNOWN
        return cls.TRUE if value else cls.FALSE


@dataclass(frozen=True, slots=True)
class Reading:
    """One fact as a probe, or the operator, saw it."""

    fact: str
    truth: Truth
    words: str
    """What was seen, in a line."""
    source: str
    """Who saw it, e.g. `Kubernetes`, `operator`."""
    at: float
    """Wall time of the reading, seconds since the epoch."""
    raw: str = ""
    """The raw text behind it, cleaned."""


class Confidence(Enum):
    """How clear the evidence is; a word, never a percentage."""

    CLEAR = "clear"
    LEANING = "leaning"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class RowWeight:
    """What the readings say about one row."""

    row: Row
    score: int
    pro: tuple[str, ...]
    contra: tuple[str, ...]
    unknown: tuple[str, ...]
    """Facts of strong rules that nobody has read yet."""
    ruled_out: str = ""
    """Why it is out; empty: it is not."""


@dataclass(frozen=True, slots=True)
class Weighing:
    """All rows, in the matrix's order, and what they suggest."""

    rows: tuple[RowWeight, ...]
    confidence: Confidence
    suggested: str
    """Scenario id; empty while nothing stands out."""
    facts: tuple[tuple[str, str], ...] = ()
    """(fact, words) of the matrix: what each fact means when it is true."""

    def named(self, fact: str) -> str:
        """Returns a fact in words, as something that may or may not be so: `whether the release ran a migration`."""
        words = dict(self.facts).get(fact, "")
        return f"whether {words}" if words else fact

    def of(self, scenario: str) -> RowWeight:
        """Returns the weight of that scenario; raises KeyError if there is none."""
        for weight in self.rows:
            if weight.row.id == scenario:
                return weight
        raise KeyError(scenario)


CLEAR_GAP = 4
"""Score by which the first row must lead the second to be clear."""
CLEAR_UNKNOWN = 2
"""Unread strong facts that a clear row may still have."""


def weigh(matrix: Matrix, readings: Mapping[str, Reading]) -> Weighing:
    """Returns what the readings say about each row: strong ±3, weak ±1, unknown 0 but counted."""
    weights = tuple(_weigh_row(row, readings) for row in matrix.rows)
    standing = sorted((w for w in weights if not w.ruled_out), key=lambda w: -w.score)
    if not standing or standing[0].score <= 0:
        return Weighing(weights, Confidence.OPEN, "", matrix.facts)
    best = standing[0]
    gap = best.score - (standing[1].score if len(standing) > 1 else 0)
    if gap >= CLEAR_GAP and len(best.unknown) <= CLEAR_UNKNOWN and not best.contra:
        return Weighing(weights, Confidence.CLEAR, best.row.id, matrix.facts)
    leaning = gap > 0
    return Weighing(weights, Confidence.LEANING if leaning else Confidence.OPEN, best.row.id if leaning else "", matrix.facts)


def _weigh_row(row: Row, readings: Mapping[str, Reading]) -> RowWeight:
    score = 0
    pro: list[str] = []
    contra: list[str] = []
    unknown: list[str] = []
    out = ""
    for rule in row.rules:
        reading = readings.get(rule.fact)
        if reading is None or reading.truth is Truth.UNKNOWN:
            if abs(rule.weight.value) >= Weight.STRONG_FOR.value and rule.fact not in unknown:
                unknown.append(rule.fact)
            continue
        if (reading.truth is Truth.TRUE) is not rule.value:
            continue
        if rule.weight is Weight.RULES_OUT:
            out = out or rule.words
            continue
        score += rule.weight.value
        (pro if rule.weight.value > 0 else contra).append(rule.words)
    return RowWeight(row, score, tuple(pro), tuple(contra), tuple(unknown), out)
