"""Whether the estate is better or worse off than when a step began: what one asks before anything can be called stable."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from gospel_rollback_tui.domain.counted import counted
from gospel_rollback_tui.domain.health import Verdict
from gospel_rollback_tui.domain.snapshots import EstateSnapshot

NOISE_SHARE = 0.2
"""Share by which a service's error lines may change and be the same."""
NOISE_LINES = 2
"""Error lines a minute by which they may."""


class Direction(Enum):
    """Where it goes; the value is the word shown."""

    BETTER = "better"
    WORSE = "worse"
    MIXED = "better and worse"
    SAME = "no change"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Level:
    """How some services stand at one moment; None: the feed could not be believed."""

    ready: int | None
    wanted: int | None
    """Pods that the services' Deployments want."""
    failing: int | None
    """Checks that answer badly, settled."""
    errors: int | None
    """Error lines of the last minute."""
    at_least: bool = False
    """Whether there may have been more of them: lines came too fast to be read."""


@dataclass(frozen=True, slots=True)
class Trend:
    """Two levels, compared."""

    direction: Direction
    words: str
    """What changed, each with what it was before; or how all of it stands where nothing did."""


def level_of(snapshot: EstateSnapshot, services: Sequence[str], now: float) -> Level:
    """Returns how those services stand at monotonic time `now`; no services: all of them."""
    ready = wanted = failing = errors = None
    at_least = False
    if snapshot.pods.known(now) and snapshot.rollout.known(now):
        rollouts = [row for row in snapshot.rollout.rows if not services or row.service in services]
        pods = [pod for pod in snapshot.pods.rows if not services or pod.service in services]
        wanted = sum(row.desired for row in rollouts)
        ready = min(wanted, sum(pod.ready and not pod.leaving for pod in pods))
    if snapshot.health.known(now):
        checks = [row for row in snapshot.health.rows if not services or not row.service or row.service in services]
        failing = sum(row.standing.verdict is Verdict.BAD for row in checks)
    if snapshot.logs.known(now):
        counted = [row for row in snapshot.logs.errors if not services or row.service in services]
        errors = sum(row.per_minute for row in counted) if counted and all(row.known for row in counted) else None
        at_least = errors is not None and any(row.at_least for row in counted)
    return Level(ready, wanted, failing, errors, at_least)


def trend(before: Level, after: Level) -> Trend:
    """Returns where it went; what was not known at one of the two moments says nothing, and is named where nothing else is known.

    Errors that could only be counted in part, and may be more by any number, keep everything from being better or the same.
    """
    parts = (_pods(before, after), _checks(before, after), _errors(before, after))
    known = [part for part in parts if part is not None]
    if not known:
        return Trend(Direction.UNKNOWN, "neither pods nor checks nor logs can be compared")
    better = [words for step, words in known if step is not None and step > 0]
    worse = [words for step, words in known if step is not None and step < 0]
    open_ended = [words for step, words in known if step is None]
    if open_ended and not worse:
        return Trend(Direction.UNKNOWN, "; ".join((*open_ended, *better)))
    if better or worse:
        direction = Direction.MIXED if better and worse else Direction.BETTER if better else Direction.WORSE
        return Trend(direction, "; ".join((*worse, *better)))
    return Trend(Direction.SAME, "; ".join(words for _, words in known))


_Part = tuple[int | None, str] | None
"""(1 better, −1 worse, 0 the same, None where it may be any of them, words); None: not known."""


def _pods(before: Level, after: Level) -> _Part:
    if before.ready is None or before.wanted is None or after.ready is None or after.wanted is None:
        return None
    step = (before.wanted - before.ready) - (after.wanted - after.ready)
    return _sign(step), f"{after.ready} of {after.wanted} pods ready" + (f", {before.ready} of {before.wanted} before" if step else "")


def _checks(before: Level, after: Level) -> _Part:
    if before.failing is None or after.failing is None:
        return None
    count = f"{after.failing or 'no'} check{'' if after.failing == 1 else 's'} failing"
    return _sign(before.failing - after.failing), count + (f", {before.failing} before" if before.failing != after.failing else "")


def _errors(before: Level, after: Level) -> _Part:
    if before.errors is None or after.errors is None:
        return None
    moved = after.errors - before.errors
    noise = max(NOISE_LINES, NOISE_SHARE * before.errors)
    step: int | None = 0 if abs(moved) <= noise else -_sign(moved)
    proved = (step == 1 and not after.at_least) or (step == -1 and not before.at_least)
    if (before.at_least or after.at_least) and not proved:
        step = None
    words = f"{counted(after.errors, at_least=after.at_least)} errors/min"
    return step, words + (f", {counted(before.errors, at_least=before.at_least)} before" if step != 0 else "")


def _sign(number: float) -> int:
    return (number > 0) - (number < 0)
