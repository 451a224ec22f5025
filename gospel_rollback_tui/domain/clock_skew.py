"""By how much this host's clock and the cluster's differ, as far as an answer's Date can tell, and the words for it."""

from gospel_rollback_tui.domain.spans import span

SAID_FROM = 30.0
"""Seconds of difference from which it is said: below, an answer that was long on its way looks the same."""

_MINUTES_FROM = 120.0


def skew_of(date: float, sent: float, received: float) -> float:
    """Returns by how many seconds the server's clock is ahead of this host's, at least; negative: behind; 0: they may agree.

    The server wrote its time, in whole seconds, somewhere between sending and receiving: whatever difference that
    explains is none.

    Args:
        date: The answer's Date, seconds since the epoch.
        sent: Wall time of this host before the request.
        received: Wall time of this host after the answer's head.
    """
    least, most = date - received, date + 1.0 - sent
    return least if least > 0 else most if most < 0 else 0.0


def skew_words(skew: float) -> str:
    """Returns `This host's clock is 4 min behind the cluster's, …`; empty where the difference is not worth a word."""
    if abs(skew) < SAID_FROM:
        return ""
    off = abs(skew) if abs(skew) < _MINUTES_FROM else round(abs(skew) / 60) * 60.0  # what the way took is missing from it
    return f"This host's clock is {span(off)} {'behind' if skew > 0 else 'ahead of'} the cluster's, which ages go by."
