"""What keeps the panes from being believed although each of them is right about itself."""

from __future__ import annotations

from textual.content import Content

from gospel_rollback_tui.domain.clock_skew import skew_words
from gospel_rollback_tui.ui.presentation.lines import line, wrapped
from gospel_rollback_tui.ui.sight import Glance
from gospel_rollback_tui.ui.signs import WARNING


def doubts(glance: Glance) -> list[str]:
    """Returns a sentence for each: where silence comes from, and whose clock is where."""
    snapshot = glance.snapshot
    return [words for words in (snapshot.vantage.words, skew_words(snapshot.skew)) if words] if snapshot is not None else []


def doubt_lines(glance: Glance, width: int) -> list[Content]:
    """Returns them as lines with their signs."""
    return [row for words in doubts(glance) for row in wrapped(words, width, "warn", first=line((f"{WARNING} ", "warn")), indent=2)]
