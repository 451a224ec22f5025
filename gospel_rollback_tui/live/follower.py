"""Follows the log of one container across cuts, restarts and silence, in a thread of its own."""

import logging
import random
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event as Stop
from threading import Thread

from gospel_rollback_tui.domain.errors import Refused, RollbackError
from gospel_rollback_tui.domain.feed import FeedState, FeedStatus
from gospel_rollback_tui.domain.log_lines import marker_line, split_stamp
from gospel_rollback_tui.live.backoff import Backoff, patience, state_of, why_of
from gospel_rollback_tui.live.log_book import LogBook
from gospel_rollback_tui.live.ports import Clock, LogSource, LogStream, Silent
from gospel_rollback_tui.live.resume import Resume
from gospel_rollback_tui.live.rounds import take_rounds
from gospel_rollback_tui.live.status import StatusBoard

TAIL_LINES = 200
"""Lines before the present that a first stream begins with."""
PREVIOUS_LINES = 50
"""Lines of a crashed run that are fetched."""
SILENCE = 20.0
"""Seconds without a line after which a stream is opened anew: a quiet container and a dead connection look the same."""
BACKLOG_SECONDS = 10.0
"""Seconds after opening in which lines may be older than their arrival."""
RESUME_LINES = 2000
"""Lines that a resumed stream may bring at most: after a long cut the newest count."""
REOPEN_SECONDS = 1.0
"""Seconds before a stream that ended is opened again: the container may be starting."""
SLOWEST_REOPEN = 5.0
"""Seconds between openings of a stream that ends at once, as in a crash loop."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Followed:
    """The container whose log is followed."""

    uid: str
    """Of its pod."""
    pod: str
    container: str
    service: str


class Follower:
    """One container's log, written into the book; `restarted` tells it of a new run."""

    def __init__(
        self,
        followed: Followed,
        source: LogSource,
        book: LogBook,
        clock: Clock,
        *,
        reachable: Callable[[], bool],
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """`reachable` says whether the cluster answers other questions now."""
        self.followed = followed
        self._reachable = reachable
        self._source = source
        self._book = book
        self._clock = clock
        self._board = StatusBoard(clock)
        self._backoff = Backoff(jitter)
        self._resume = Resume()
        self._halt = Stop()
        self._awake = Stop()
        self._stream: LogStream | None = None
        self._crash = ""
        """Why the last run ended, while its last lines are still to be fetched."""
        self._restarts: int | None = None
        self._reopen = REOPEN_SECONDS
        self._opened = False
        self._thread = Thread(target=self._run, name=f"log-{followed.pod}", daemon=True)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Tells the thread to end and cuts its stream; returns at once."""
        self._halt.set()
        self._awake.set()
        stream = self._stream
        if stream is not None:
            stream.stop()

    def join(self, timeout: float) -> bool:
        """Waits for the thread's end and returns whether it came."""
        if self._thread.ident is not None:
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def restarted(self, restarts: int, reason: str, *, recently: bool) -> None:
        """Notes the container's restart count as the pods feed sees it; a higher one is a crash to tell about.

        A count met for the first time is one too, if the last restart was `recently`.
        """
        before, self._restarts = self._restarts, restarts
        if restarts > before if before is not None else (restarts > 0 and recently):
            self._crash = reason or "for a reason that is not said"
            self._awake.set()
            stream = self._stream
            if stream is not None:
                stream.stop()  # the stream may be the new run's already: opened again, the crash is told first

    def retry_now(self) -> None:
        """Cuts a waiting time short, e.g. after a new login."""
        self._awake.set()

    def status(self) -> FeedStatus:
        """Returns how the stream is doing."""
        return self._board.read()

    def _run(self) -> None:
        take_rounds(self._round, self._halt, self._awake, self._clock, self._board)

    def _round(self) -> float:
        """Tells of a crash, follows once, and returns the seconds to wait before the next round."""
        began = self._clock.now().monotonic
        try:
            self._tell_crash()
            self._follow()
        except Silent as error:
            return self._bear_silence(error)
        except Refused as error:
            # Before its container runs, a pod has no log: that is an answer, and a reason to ask again soon.
            self._board.hear()
            self._board.enter(FeedState.WAITING, error.text)
            return REOPEN_SECONDS * 2
        except RollbackError as error:
            self._board.enter(state_of(error, self._backoff.failures), error.text, why_of(error))
            return self._backoff.longer(patience(error))
        except Exception as error:  # noqa: BLE001 - the thread's one boundary: a fault of ours must show, not end the feed
            _log.exception("log of %s", self.followed.pod)
            self._board.enter(FeedState.FAULTY, type(error).__name__)
            return self._backoff.longer(at_least=1.0)
        self._reopen = REOPEN_SECONDS if self._clock.now().monotonic - began > REOPEN_SECONDS else min(SLOWEST_REOPEN, self._reopen * 2)
        return self._reopen

    def _bear_silence(self, error: Silent) -> float:
        """Takes silence for a quiet container if the cluster answers otherwise; the kubelet sends not even headers before the first line."""
        if self._reachable():
            self._opened = True
            self._board.live()
            self._backoff.reset()
            return 0.0
        self._board.enter(state_of(error, self._backoff.failures), error.text, why_of(error))
        return self._backoff.longer()

    def _tell_crash(self) -> None:
        """Writes a marker and the last lines of the run that crashed, leaving out those already read."""
        if not self._crash:
            return
        reason, self._crash = self._crash, ""
        lines = self._source.previous(self.followed.pod, self.followed.container, PREVIOUS_LINES)
        now = self._clock.now().wall
        self._resume.reopened()
        for line in lines:
            self._write(line, backlog=True)
        self._book.note(marker_line(f"container restarted: {reason}", self.followed.service, self.followed.pod, now))

    def _follow(self) -> None:
        """Opens a stream and reads it to its end; a cut after it was open is no failure, the next opening tells."""
        tail = RESUME_LINES if self._opened else TAIL_LINES
        stream = self._source.follow(self.followed.pod, self.followed.container, self._resume.since, tail, SILENCE)
        self._stream = stream
        self._opened = True
        self._resume.reopened()
        opened = self._clock.now()
        self._backoff.reset()
        self._board.live()
        try:
            for line in stream:
                self._board.live()
                self._write(line, backlog=self._clock.now().monotonic - opened.monotonic < BACKLOG_SECONDS)
                if self._halt.is_set():
                    return
        except RollbackError as error:
            _log.info("log of %s was cut: %s", self.followed.pod, error.text)
        finally:
            self._stream = None
            stream.close()

    def _write(self, raw: str, *, backlog: bool) -> None:
        if not self._resume.is_new(raw):
            return
        now = self._clock.now().wall
        stamp, _ = split_stamp(raw)
        happened = stamp / 1e9 if backlog and stamp is not None else now
        self._book.write(raw, self.followed.service, self.followed.pod, happened, now)
