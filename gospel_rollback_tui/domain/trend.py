"""Whether the estate is better or worse off than when a step began: what one asks before anything can be called stable."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

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


@dataclass(frozen=True, slots=True)
class Trend:
    """Two levels, compared."""

    direction: Direction
    words: str
    """What changed, each with what it was before; or how all of it stands where nothing did."""


def level_of(snapshot: EstateSnapshot, services: Sequence[str], now: float) -> Level:
    """Returns how those services stand at monotonic time `now`; no services: all of them."""
    ready = wanted = failing = errors = None
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
    return Level(ready, wanted, failing, errors)


def trend(before: Level, after: Level) -> Trend:
    """Returns where it went; what was not known at one of the two moments says nothing, and is named where nothing else is known."""
    parts = (_pods(before, after), _checks(before, after), _errors(before, after))
    known = [part for part in parts if part is not None]
    if not known:
        return Trend(Direction.UNKNOWN, "neither pods nor checks nor logs can be compared")
    better = [words for step, words in known if step > 0]
    worse = [words for step, words in known if step < 0]
    if better or worse:
        direction = Direction.MIXED if better and worse else Direction.BETTER if better else Direction.WORSE
        return Trend(direction, "; ".join((*worse, *better)))
    return Trend(Direction.SAME, "; ".join(words for _, words in known))


_Part = tuple[int, str] | None
"""(1 better, −1 worse, 0 the same, words); None: not known."""


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
    step = 0 if abs(moved) <= noise else -_sign(moved)
    return step, f"{after.errors} errors/min" + (f", {before.errors} before" if step else "")


def _sign(number: float) -> int:
    return (number > 0) - (number < 0)
