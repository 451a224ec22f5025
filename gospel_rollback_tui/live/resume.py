"""Where a log stream was, so that a new one neither repeats nor skips a line."""

from gospel_rollback_tui.domain.log_lines import split_stamp


class Resume:
    """Remembers the last stamp of a stream and the lines that carried it.

    A resumed stream starts at whole seconds, so it repeats lines: those before the last stamp are known, and those
    of the last stamp as often as they were seen. The first later line ends the repetition.
    """

    def __init__(self) -> None:
        self._last: int | None = None
        self._at_last: dict[str, int] = {}
        self._repeated: dict[str, int] | None = None
        """While a resumed stream repeats itself: the lines of the last stamp met again."""

    @property
    def since(self) -> float | None:
        """The wall time to resume from, in whole seconds, since the API keeps no more of it; None: from the beginning."""
        return None if self._last is None else float(self._last // 1_000_000_000)

    def reopened(self) -> None:
        """Notes that lines now come from a new stream."""
        self._repeated = None if self._last is None else {}

    def is_new(self, raw: str) -> bool:
        """Returns whether a line was not seen before, and remembers it."""
        stamp, rest = split_stamp(raw)
        if stamp is None:
            return self._repeated is None
        if self._repeated is not None and self._last is not None:
            if stamp < self._last:
                return False
            if stamp == self._last:
                met = self._repeated.get(rest, 0) + 1
                self._repeated[rest] = met
                if met <= self._at_last.get(rest, 0):
                    return False
            else:
                self._repeated = None
        if self._last is None or stamp > self._last:
            self._last, self._at_last = stamp, {}
        if stamp == self._last:
            self._at_last[rest] = self._at_last.get(rest, 0) + 1
        return True
