"""What was read from the logs, in bounded memory: last lines, errors a minute, and kinds of error."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Lock

from gospel_rollback_tui.domain.log_lines import LogLine, message_of, read_line
from gospel_rollback_tui.domain.snapshots import ServiceErrors, SignatureCount

LINES_KEPT = 500
"""Last lines kept of each service."""
MINUTES_KEPT = 15
"""Minutes of the error history."""
SIGNATURES_KEPT = 200
"""Kinds of error kept; the one not seen for longest goes first."""
LINES_PER_SECOND = 1000
"""Lines a second that are read; more are only counted, so that a raging pod cannot take the machine."""
LINES_SAVED = 4000
"""Lines that quiet seconds save up for a burst, and that there are to begin with: the first tails of twenty pods come within one second."""
LINES_OF_EACH = 100
"""Lines a second that are read of each service all the same: one that rages leaves no other unheard."""
_BUCKET = 5
"""Seconds of a bucket of the error counts."""
_MINUTE = 60 // _BUCKET
"""Buckets of a minute."""


@dataclass(slots=True)
class _ServicePages:
    """What is kept of one service."""

    lines: deque[LogLine] = field(default_factory=lambda: deque(maxlen=LINES_KEPT))
    second: int = 0
    in_second: int = 0
    """Lines that came in that second."""
    fresh: int = 0
    """Lines since the last picture of this service."""
    buckets: dict[int, int] = field(default_factory=dict)
    """Bucket number → error lines."""
    unread: set[int] = field(default_factory=set)
    """Numbers of buckets in which lines came that were not read."""


class LogBook:
    """Takes lines from many threads; gives pictures to any. Never holds more than its limits, and counts what it leaves out."""

    def __init__(self, services: Iterable[str]) -> None:
        self._lock = Lock()
        self._pages = {service: _ServicePages() for service in services}
        self._signatures: dict[tuple[str, str], SignatureCount] = {}
        self._unread = 0
        self._unshown = 0
        self._second = 0
        self._spare = LINES_SAVED
        """Lines that may be read now."""

    def write(self, raw: str, service: str, pod: str, happened: float, now: float) -> None:
        """Takes one line as it came.

        `happened` is the wall time it counts for, `now` the present; a line from the future counts for now.
        """
        with self._lock:
            if not self._admit(service, int(now)):
                self._pass_over(service, min(happened, now), now)
                return
        line = read_line(raw, service, pod)
        with self._lock:
            self._keep(line)
            if line.error:
                self._count(line, min(happened, now), now)

    def note(self, line: LogLine) -> None:
        """Takes a marker of this program's own."""
        with self._lock:
            self._keep(line)

    def lines(self, services: Iterable[str]) -> tuple[LogLine, ...]:
        """Returns the last lines of those services in the order they were written."""
        wanted = set(services)
        with self._lock:
            pages = [page for service, page in self._pages.items() if service in wanted]
            for page in pages:
                self._unshown += max(0, page.fresh - LINES_KEPT)
                page.fresh = 0
            found = [line for page in pages for line in page.lines]
        if len(pages) > 1:
            found.sort(key=lambda line: line.at or 0.0)
        return tuple(found[-LINES_KEPT:])

    def errors(self, now: float, streams: dict[str, int]) -> tuple[ServiceErrors, ...]:
        """Returns each service's errors at wall time `now`; `streams` says how many of its containers are followed."""
        with self._lock:
            return tuple(self._errors_of(service, page, now, streams.get(service, 0)) for service, page in self._pages.items())

    def signatures(self) -> tuple[SignatureCount, ...]:
        """Returns the kinds of error, most frequent first."""
        with self._lock:
            return tuple(sorted(self._signatures.values(), key=lambda one: (-one.count, -one.last_seen)))

    @property
    def unread(self) -> int:
        """Lines that came too fast to be read, so far."""
        return self._unread

    @property
    def unshown(self) -> int:
        """Lines that were read and went by between two pictures, so far."""
        return self._unshown

    def _admit(self, service: str, second: int) -> bool:
        page = self._pages.setdefault(service, _ServicePages())
        if second != page.second:
            page.second, page.in_second = second, 0
        page.in_second += 1
        if second != self._second:
            quiet = min(max(1, second - self._second), LINES_SAVED // LINES_PER_SECOND)  # a clock that was put back counts as one second
            self._second, self._spare = second, min(LINES_SAVED, self._spare + quiet * LINES_PER_SECOND)
        if self._spare > 0:
            self._spare -= 1
            return True
        return page.in_second <= LINES_OF_EACH

    def _pass_over(self, service: str, happened: float, now: float) -> None:
        """Counts a line that is not read, and notes when: it may have been an error."""
        self._unread += 1
        missed = self._pages.setdefault(service, _ServicePages()).unread
        missed.add(int(happened // _BUCKET))
        if len(missed) > 2 * _MINUTE:
            missed.intersection_update(range(int(now // _BUCKET) - _MINUTE, int(now // _BUCKET) + 1))

    def _keep(self, line: LogLine) -> None:
        page = self._pages.setdefault(line.service, _ServicePages())
        page.lines.append(line)
        page.fresh += 1

    def _count(self, line: LogLine, happened: float, now: float) -> None:
        buckets = self._pages[line.service].buckets
        bucket = int(happened // _BUCKET)
        oldest = int(now // _BUCKET) - MINUTES_KEPT * _MINUTE
        if bucket >= oldest:
            buckets[bucket] = buckets.get(bucket, 0) + 1
        if len(buckets) > 2 * MINUTES_KEPT * _MINUTE:
            for gone in [number for number in buckets if number < oldest]:
                del buckets[gone]
        key = (line.service, line.signature)
        before = self._signatures.pop(key, None)
        first = min(before.first_seen, happened) if before else happened
        last = max(before.last_seen, happened) if before else happened
        count = before.count + 1 if before else 1
        self._signatures[key] = SignatureCount(
            service=line.service,
            signature=line.signature,
            sample=line.text,
            message=message_of(line.text),
            count=count,
            first_seen=first,
            last_seen=last,
        )
        if len(self._signatures) > SIGNATURES_KEPT:
            del self._signatures[next(iter(self._signatures))]

    def _errors_of(self, service: str, page: _ServicePages, now: float, streams: int) -> ServiceErrors:
        newest = int(now // _BUCKET)
        history = [0] * MINUTES_KEPT
        for bucket, count in page.buckets.items():
            back = (newest - bucket) // _MINUTE
            if 0 <= back < MINUTES_KEPT:
                history[MINUTES_KEPT - 1 - back] += count
        at_least = any(0 <= newest - bucket < _MINUTE for bucket in page.unread)
        return ServiceErrors(service=service, per_minute=history[-1], history=tuple(history), streams=streams, known=streams > 0, at_least=at_least)
