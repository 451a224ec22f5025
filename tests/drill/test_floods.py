"""Troubles of too much, as a client of the estate meets them."""

from datetime import UTC, datetime, timedelta

import pytest

from gospel_rollback_tui.drill.hostile import MARK, PAYLOADS
from gospel_rollback_tui.drill.kubernetes.documents import Json, SystemClock
from gospel_rollback_tui.drill.kubernetes.log_source import LogLine, WrittenLogs
from gospel_rollback_tui.drill.raging_logs import FLOODING, LINES_PER_SECOND, LONG_LINE, RagingLogs

POD: Json = {"metadata": {"namespace": "n", "name": "gateway-1", "uid": "u1"}}


class Ticks:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        """Begins at an arbitrary moment."""
        self.at = 100.0

    def __call__(self) -> float:
        """The present."""
        return self.at


@pytest.fixture
def written() -> WrittenLogs:
    """Three lines of a quiet container."""
    logs = WrittenLogs()
    for number in range(3):
        logs.write("n", "gateway-1", FLOODING, LogLine(datetime.now(UTC) - timedelta(seconds=9 - number), f"quiet {number}"))
    return logs


def test_a_flood_begins_behind_the_containers_own_lines_and_keeps_their_numbers(written: WrittenLogs) -> None:
    """The first line of it is the longest; as many follow as the time has brought, and no more than asked for at once."""
    ticks = Ticks()
    logs = RagingLogs(written, SystemClock(), ticks=ticks)
    assert [line.text for line in logs.lines(POD, FLOODING, previous=False, start=1)] == ["quiet 1", "quiet 2"]
    logs.flood()
    ticks.at += 0.125
    seen = logs.lines(POD, FLOODING, previous=False, start=2)
    assert len(seen) == 1 + LINES_PER_SECOND // 8 + 1
    assert seen[0].text == "quiet 2"
    assert len(seen[1].text) > LONG_LINE
    again = logs.lines(POD, FLOODING, previous=False, start=2 + len(seen) - 1)
    assert again[0].text == seen[-1].text
    assert [line.at for line in seen[2:]] == sorted(line.at for line in seen[2:])
    ticks.at += 3600.0
    assert len(logs.lines(POD, FLOODING, previous=False, start=3)) < LINES_PER_SECOND


def test_only_one_container_rages_and_a_flood_ends(written: WrittenLogs) -> None:
    """What it wrote before is there again."""
    written.write("n", "gateway-1", "sidecar", LogLine(datetime.now(UTC), "calm"))
    logs = RagingLogs(written, SystemClock())
    logs.flood()
    assert [line.text for line in logs.lines(POD, "sidecar", previous=False, start=0)] == ["calm"]
    assert logs.lines(POD, FLOODING, previous=True, start=0) == []
    logs.flood(on=False)
    assert [line.text for line in logs.lines(POD, FLOODING, previous=False, start=0)] == ["quiet 0", "quiet 1", "quiet 2"]


def test_hostile_lines_keep_their_numbers(written: WrittenLogs) -> None:
    """Every fifth line is one that a terminal would obey; asked for again it is the same."""
    logs = RagingLogs(written, SystemClock())
    logs.hostile = True
    first = logs.lines(POD, FLOODING, previous=False, start=0)
    assert [MARK in line.text for line in first] == [True, False, False]
    assert logs.lines(POD, FLOODING, previous=False, start=1) == first[1:]
    assert first[0].text == f"ERROR {PAYLOADS[0]}"
