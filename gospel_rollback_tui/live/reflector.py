"""List, then watch: keeps one kind of Kubernetes object current in a thread of its own that never dies silently."""

import json
import logging
import random
from collections.abc import Callable, Iterator
from threading import Event as Stop
from threading import Thread
from typing import Generic, TypeVar

from gospel_rollback_tui.domain.errors import RollbackError, VersionGone
from gospel_rollback_tui.domain.feed import FeedState, FeedStatus, Moment
from gospel_rollback_tui.domain.raw import JsonObject, child, number, text
from gospel_rollback_tui.live.ahead import read_ahead
from gospel_rollback_tui.live.backoff import Backoff, patience, state_of, why_of
from gospel_rollback_tui.live.mirror import Mirror
from gospel_rollback_tui.live.ports import Clock, ObjectSource
from gospel_rollback_tui.live.rounds import take_rounds
from gospel_rollback_tui.live.status import StatusBoard

PAGE = 500
"""Objects a page; what kubectl asks for."""
WATCH_SECONDS = 20
"""The server ends a watch after this long, so that a quiet one is heard and a dead one noticed within 25 s."""
SHORT_LIVED = 1.0
"""Seconds: a connection that ends sooner is not reopened at once."""

T = TypeVar("T")
_log = logging.getLogger(__name__)


class StreamFault(Exception):
    """The watch sent what is no event, or an ERROR event other than 410."""


class Reflector(Generic[T]):
    """A thread that mirrors a kind of object; `parse` keeps of each only what is needed."""

    def __init__(
        self,
        name: str,
        source: ObjectSource,
        parse: Callable[[JsonObject], T],
        clock: Clock,
        *,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._name = name
        self._source = source
        self._clock = clock
        self._mirror = Mirror(parse)
        self._board = StatusBoard(clock)
        self._backoff = Backoff(jitter)
        self._halt = Stop()
        self._awake = Stop()
        self._tried = Stop()
        """Set once the first list has come, or has failed."""
        self._version = ""
        """Version to watch from; empty: list first."""
        self._listed_version = ""
        self._thread = Thread(target=self._run, name=f"feed-{name}", daemon=True)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Tells the thread to end, cutting off its call in flight; returns at once."""
        self._halt.set()
        self._awake.set()
        self._source.stop()

    def join(self, timeout: float) -> bool:
        """Waits for the thread's end and returns whether it came."""
        if self._thread.ident is not None:
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def await_first(self, timeout: float) -> None:
        """Blocks until the first list has come or has failed, so many seconds at most."""
        self._tried.wait(timeout)

    def retry_now(self) -> None:
        """Cuts a waiting time short, e.g. after a new login."""
        self._awake.set()

    def read(self) -> tuple[tuple[T, ...], FeedStatus, int]:
        """Returns the objects, how the feed is doing, and a number that grows with every change of the objects."""
        objects, changes = self._mirror.read()
        return objects, self._board.read(), changes

    def _run(self) -> None:
        take_rounds(self._tried_round, self._halt, self._awake, self._clock, self._board)

    def _tried_round(self) -> float:
        delay = self._round()
        self._tried.set()
        return delay

    def _round(self) -> float:
        """Lists if need be, watches once, and returns the seconds to wait before the next round."""
        began = self._clock.now()
        try:
            if not self._version:
                self._list()
            self._watch()
        except VersionGone:
            self._version = ""
            return self._backoff.longer(at_least=0.2)
        except RollbackError as error:
            return self._fail(error, began)
        except StreamFault as error:
            self._version = ""
            self._board.enter(FeedState.RECONNECTING, str(error))
            return self._backoff.longer()
        except Exception as error:  # noqa: BLE001 - the thread's one boundary: a fault of ours must show in the pane, not end the feed
            _log.exception("feed %s", self._name)
            self._version = ""
            self._board.enter(FeedState.FAULTY, type(error).__name__)
            return self._backoff.longer(at_least=1.0)
        if self._clock.now().monotonic - began.monotonic < SHORT_LIVED:
            return self._backoff.longer()
        self._backoff.reset()
        return 0.0

    def _fail(self, error: RollbackError, began: Moment) -> float:
        """Shows an error and returns the seconds to wait.

        What came after the last word is not known, and a server may accept a watch that it never feeds: the next round
        lists anew. A round in which the server was heard and which lasted is no failure in a row with the one before.
        """
        self._version = ""
        heard = self._board.read().heard
        now = self._clock.now().monotonic
        if heard is not None and heard.monotonic >= began.monotonic and now - began.monotonic > SHORT_LIVED:
            self._backoff.reset()
        self._board.enter(state_of(error, self._backoff.failures), error.text, why_of(error))
        return self._backoff.longer(patience(error))

    def _list(self) -> None:
        """Lists every page, then replaces the mirror by the difference, so that nothing blinks."""
        if self._backoff.failures == 0:
            self._board.enter(FeedState.LISTING)
        self._listed_version = ""
        self._mirror.replace(self._listed())
        if not self._listed_version:
            raise StreamFault("the list has no resourceVersion")
        self._board.malformed(self._mirror.malformed)
        self._version = self._listed_version
        self._board.live()
        self._tried.set()

    def _listed(self) -> Iterator[object]:
        """Yields each listed object, page after page, so that no more than two pages are held unparsed.

        A page is not yet word of the whole: what the mirror holds stays as old as it is until the last one has come.
        """
        taken = 0
        for page in read_ahead(self._source.list_pages(PAGE)):
            self._listed_version = text(child(page, "metadata").get("resourceVersion"))
            found = page.get("items")
            items = found if isinstance(found, list) else []
            yield from items
            taken += len(items)
            self._board.progress(f"{taken:,} so far")
            if self._halt.is_set():
                raise StreamFault("stopped in the middle of a list")

    def _watch(self) -> None:
        if self._halt.is_set():
            return
        lines = self._source.watch_lines(self._version, WATCH_SECONDS)
        self._board.enter(FeedState.LIVE)
        for line in lines:
            self._board.live()
            if line.strip():
                self._apply(line)
                self._board.malformed(self._mirror.malformed)
            if self._halt.is_set():
                return
        self._board.live()

    def _apply(self, line: str) -> None:
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            raise StreamFault("a line of the watch was no JSON") from None
        kind, raw = text(child(event).get("type")), child(event, "object")
        if kind == "ERROR":
            if number(raw.get("code")) == 410:
                raise VersionGone("the server no longer has the watched version")
            raise StreamFault(f"the watch ended: {number(raw.get('code'))} {text(raw.get('message'), 200)}")
        if kind == "DELETED":
            self._mirror.remove(raw)
        elif kind in ("ADDED", "MODIFIED"):
            self._mirror.put(raw)
        self._version = text(child(raw, "metadata").get("resourceVersion")) or self._version
