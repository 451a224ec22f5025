"""Points that a database can be restored to: snapshots and moments of the restore window, with what each would lose."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from gospel_rollback_tui.domain.raw import JsonObject, flag, moment, text
from gospel_rollback_tui.domain.spans import age, span

JUST_BEFORE_SECONDS = 60.0
"""How long before the bad event the default point lies (R10)."""
LONG_AGO_SECONDS = 3600.0
"""A point that loses more than this before the bad event is called old."""
_FURTHER_BACK = (5 * 60.0, 15 * 60.0, 3600.0)
"""Seconds before the bad event of the other moments on offer."""
SNAPSHOT, MOMENT = "snapshot:", "time:"


@dataclass(frozen=True, slots=True)
class RestorePoint:
    """One point, as the operator chooses it."""

    key: str
    """`snapshot:ID` or `time:2026-11-22T03:05:00Z`."""
    at: float
    """Wall time of the last transaction in it; 0: unknown."""
    title: str
    refused: str = ""
    """Why it cannot be restored; empty: it can."""
    former: bool = False
    """Whether it is of an earlier instance that had the name."""
    kms_key: str = ""
    """Key that a snapshot is encrypted with; empty: none, or it is a moment."""

    @property
    def snapshot(self) -> str:
        """Identifier of the snapshot; empty: it is a moment."""
        return self.key.removeprefix(SNAPSHOT) if self.key.startswith(SNAPSHOT) else ""

    @property
    def time(self) -> str:
        """The moment as the API takes it; empty: it is a snapshot."""
        return self.key.removeprefix(MOMENT) if self.key.startswith(MOMENT) else ""

    def loss(self, now: float, bad: float) -> str:
        """Returns what restoring it would lose, in words; `bad` is when the damage began, 0: not known."""
        if not self.at:
            return "nobody knows which moment it holds"
        lost = f"loses everything written since {stamp(self.at)}, {span(now - self.at)}"
        if bad and self.at >= bad:
            return f"{lost}; later than the damage: it holds the damage too"
        if bad and bad - self.at > LONG_AGO_SECONDS:
            return f"{lost}; old: {span(bad - self.at)} of it from before the damage"
        return lost


def stamp(wall: float) -> str:
    """Returns a wall time as the API takes it, to the second, in UTC."""
    return datetime.fromtimestamp(int(wall), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def points(snapshots: Sequence[JsonObject], window: tuple[float, float] | None, *, now: float, bad: float, resource_id: str = "") -> tuple[RestorePoint, ...]:
    """Returns moments of the restore window first, then the snapshots, newest first.

    Args:
        snapshots: Entries of DescribeDBSnapshots of this instance, and of earlier ones that had its name.
        window: Earliest and latest moment that can be restored; None: there is none.
        now: Wall time.
        bad: Wall time at which the damage began; 0: not known.
        resource_id: Of this very instance; empty: it does not matter whose snapshot it is.
    """
    moments = [] if window is None else _moments(window, bad)
    held = sorted((_of_snapshot(raw, now, resource_id) for raw in snapshots), key=lambda one: one.at, reverse=True)
    return (*moments, *held)


def _moments(window: tuple[float, float], bad: float) -> list[RestorePoint]:
    earliest, latest = window
    wanted = [(bad - back, f"{span(back)} before the damage") for back in (JUST_BEFORE_SECONDS, *_FURTHER_BACK)] if bad else []
    found = []
    for at, title in (*wanted, (latest, "the latest moment there is")):
        refused = f"the restore window begins at {stamp(earliest)}" if at < earliest else ""
        if at > latest:
            refused = f"the restore window ends at {stamp(latest)} so far; it follows within five minutes"
        found.append(RestorePoint(f"{MOMENT}{stamp(at)}", float(int(at)), f"{stamp(at)}, {title}", refused))
    return found


def suggested(found: Sequence[RestorePoint], bad: float) -> RestorePoint | None:
    """Returns the point to offer: the nearest that can be restored and holds no damage; without a known damage the latest of all."""
    usable = [one for one in found if not one.refused and one.at and (not bad or one.at < bad)]
    return max(usable, key=lambda one: (not one.former, one.at), default=None)


def _of_snapshot(raw: JsonObject, now: float, resource_id: str) -> RestorePoint:
    name, status = text(raw.get("DBSnapshotIdentifier")), text(raw.get("Status"))
    at = moment(raw.get("SnapshotDatabaseTime")) or moment(raw.get("SnapshotCreateTime")) or 0.0
    encrypted = ", encrypted" if flag(raw.get("Encrypted")) else ""
    size = f", {text(raw.get('AllocatedStorage'))} GiB" if raw.get("AllocatedStorage") else ""
    title = f"{name}, {text(raw.get('SnapshotType'))}, {age(now - at)} old, PostgreSQL {text(raw.get('EngineVersion'))}{size}{encrypted}"
    former = bool(resource_id) and text(raw.get("DbiResourceId")) not in ("", resource_id)
    refused = "" if status == "available" else f"it is {status or 'in an unknown state'}"
    words = f"{title}{', of an earlier instance of that name' if former else ''}"
    return RestorePoint(f"{SNAPSHOT}{name}", at, words, refused, former, text(raw.get("KmsKeyId")))
