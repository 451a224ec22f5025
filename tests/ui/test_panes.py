"""Live panes: failing first, stale visible, unknown never green; alone with filter and details."""

from collections.abc import Sequence
from dataclasses import replace

from gospel_rollback_tui.domain.errors import RollbackError
from gospel_rollback_tui.domain.feed import FeedState, FeedStatus
from gospel_rollback_tui.domain.health import Verdict
from gospel_rollback_tui.domain.snapshots import EstateSnapshot, SignatureCount
from gospel_rollback_tui.ui.presentation import health, logs, pods
from gospel_rollback_tui.ui.presentation.lines import Room
from gospel_rollback_tui.ui.presentation.strip import live_strip
from gospel_rollback_tui.ui.presentation.times import hour
from gospel_rollback_tui.ui.screens.pane import PaneScreen
from gospel_rollback_tui.ui.screens.triage import TriageScreen
from gospel_rollback_tui.ui.sight import Glance
from gospel_rollback_tui.ui.signs import to_ascii
from tests.ui.builders import NOW, ago, pod, rollout, snapshot
from tests.ui.memory import Ports
from tests.ui.playing import Game, play

WIDE = Room(60, 12)


def glance(shown: EstateSnapshot | None) -> Glance:
    """A glance at that picture."""
    return Glance(Ports().desk(), NOW, NOW.wall, snapshot=shown)


def text(lines: list[object] | tuple[object, ...]) -> str:
    """The lines without their looks."""
    return "\n".join(str(line) for line in lines)


def stale() -> EstateSnapshot:
    """The pods were last heard 45 seconds ago, when all were ready."""
    base = snapshot()
    status = FeedStatus(FeedState.RECONNECTING, ago(44), ago(45), "the connection was cut")
    return replace(base, pods=replace(base.pods, status=status), logs=replace(base.logs, status=status))


def test_a_stale_pane_says_so_and_shows_nothing_as_good() -> None:
    """A frozen green pane is the worst failure there is."""
    shown = text([*pods.pods_pane(glance(stale()), WIDE)])
    assert "? stale 45 s: the connection was cut" in shown
    assert "✓" not in shown
    assert "unknown" in text([*pods.service_lines(glance(stale()), 30, 6)])
    assert "not known" in str(pods.headline(glance(stale())))
    assert "not known" in text([*logs.error_lines(glance(stale()), 40, 6)])


def test_a_forbidden_feed_is_unknown_and_says_why() -> None:
    """No right is not zero pods."""
    base = snapshot()
    status = FeedStatus(FeedState.FORBIDDEN, ago(10), None, "pods is forbidden")
    shown = text([*pods.pods_pane(glance(replace(base, pods=replace(base.pods, status=status, rows=()))), WIDE)])
    assert "no right to read it: pods is forbidden" in shown
    assert "not known" in shown


def test_failing_pods_come_first_and_healthy_ones_fold_into_a_count() -> None:
    """The count says what is folded."""
    base = snapshot()
    crashing = pod("billing", "xxxxx", "CrashLoopBackOff", Verdict.BAD, restarts=7)
    rows = pods.pods_pane(glance(replace(base, pods=replace(base.pods, rows=(*base.pods.rows, crashing)))), Room(60, 7))
    assert "CrashLoopBackOff" in str(rows[2])
    assert "7" in str(rows[2])
    assert str(rows[-1]) == "✓ 9 more ready"


def test_a_service_that_lacks_pods_comes_first_in_the_strip() -> None:
    """One of two ready is bad, in words."""
    base = snapshot()
    few = tuple(row for row in base.pods.rows if row.uid != "notifications-9d2ls")
    shown = glance(replace(base, pods=replace(base.pods, rows=few), rollout=replace(base.rollout, rows=(*base.rollout.rows[:-1], rollout("notifications")))))
    assert str(pods.service_lines(shown, 30, 6)[0]).startswith("✗ notifications")
    assert "11 of 12 notifications" in str(pods.headline(shown))


def test_an_old_answer_is_unknown_whatever_it_said() -> None:
    """Health goes stale by its own clock."""
    old = replace(glance(snapshot()), now=replace(NOW, monotonic=NOW.monotonic + 60))
    assert "61 s old" in text([*health.health_lines(old, 60, 20)])
    assert "unknown" in str(health.headline(old))


def test_the_strip_has_a_column_for_each_feed_with_its_age() -> None:
    """Also when there is no picture yet."""
    assert "Pods" in str(live_strip(glance(snapshot()), Room(114, 11))[0])
    assert "not started" in str(live_strip(glance(None), Room(114, 11))[0])


def test_a_pane_alone_filters_and_says_how_many_of_how_many() -> None:
    """Enter keeps the filter, Esc clears it, Esc again goes back."""

    async def story(game: Game) -> None:
        await game.press("p")
        await game.until(lambda: isinstance(game.app.screen, PaneScreen))
        await game.sees("gospelib-gateway-7c9f-9d2ls", "ip-10-0-1-12")
        await game.press("slash", *"auth", "enter")
        await game.sees("2 of 12 with 'auth'")
        await game.press("escape")
        await game.until(lambda: "of 12 with" not in game.shown())
        await game.press("escape")
        await game.until(lambda: isinstance(game.app.screen, TriageScreen))

    play(Ports(), story)


def test_a_log_line_is_chosen_and_shown_in_full_and_end_follows_again() -> None:
    """Lines stand still while one is looked at, and say so."""

    async def story(game: Game) -> None:
        await game.press("p", "p", "p")
        await game.sees("Logs", "panic: nil map in route table")
        await game.press("up")
        await game.sees("standing still")
        await game.press("enter")
        await game.sees("Log line", "gospelib-gateway-7c9f-9d2ls", "panic: nil map in route table")
        await game.press("escape", "end")
        await game.until(lambda: "standing still" not in game.shown())

    play(Ports(), story)


def test_the_kinds_of_error_stand_above_the_lines_with_count_and_first_sight() -> None:
    """Of the chosen services; the rest is counted."""
    base = snapshot()
    counts = tuple(
        SignatureCount(
            service="gateway", signature=f"s{number}", sample=f"kind {number} of trouble", count=900 - number, first_seen=NOW.wall, last_seen=NOW.wall
        )
        for number in range(6)
    )
    other = replace(counts[0], service="billing", sample="somebody else's", count=9000)
    shown = glance(replace(base, logs=replace(base.logs, chosen=("gateway",), signatures=(other, *counts))))
    lines = [str(row) for row in logs.logs_pane(shown, Room(70, 20), kinds=4)]
    assert lines[1].startswith("   900× gateway: kind 0 of trouble")
    assert lines[1].endswith(f"since {hour(NOW.wall)}")
    assert lines[5] == "2 more kinds of error"
    assert "somebody else's" not in "\n".join(lines)


def test_log_lines_are_written_to_a_file_and_its_path_is_said() -> None:
    """What the filter leaves, with UTC times; a file that cannot be written is said too."""
    ports = Ports()
    kept: list[list[str]] = []

    def _keep(kind: str, lines: Sequence[str]) -> str:
        kept.append([kind, *lines])
        if len(kept) > 1:
            raise RollbackError("The disk is full.")
        return "/runs/kept/logs-1.txt"

    async def story(game: Game) -> None:
        game.app.sight.desk = replace(game.app.sight.desk, keep=_keep)
        await game.look()
        await game.press("p", "p", "p", "slash", *"panic", "enter")
        await game.sees("with 'panic'")
        await game.press("W")
        await game.sees("lines: logs-1.txt in /runs/kept")
        await game.press("W")
        await game.sees("The disk is full.")

    play(ports, story)
    assert kept[0][0] == "logs"
    assert all("panic" in text for text in kept[0][1:])
    assert "T" in kept[0][1].split()[0]


def test_the_log_feed_follows_the_services_that_fail() -> None:
    """Asked for once, not at every look."""
    ports = Ports()

    async def story(game: Game) -> None:
        await game.look()
        await game.look()

    play(ports, story)
    assert ports.estate.followed == [("gateway",)]


def test_a_count_of_errors_that_is_too_small_says_so_wherever_it_stands() -> None:
    """While lines are left out unread; lines that were only not shown take nothing from it."""
    base = snapshot()
    rows = tuple(replace(row, per_minute=60000 if row.service == "gateway" else 0, at_least=row.service in {"gateway", "auth"}) for row in base.logs.errors)
    shown = glance(replace(base, logs=replace(base.logs, errors=rows, unread=2_940_000, unshown=700)))
    pane = [str(row) for row in logs.logs_pane(shown, Room(80, 12))]
    assert "gateway, ≥ 60000 errors/min" in pane[0]
    assert pane[1] == "2,940,000 lines left out unread · 700 left out of view"
    services = {row.split()[0]: row for row in map(str, logs.error_lines(shown, 40, 9))}
    assert services["gateway"].endswith(" ≥60000/min")
    assert services["auth"].endswith(" ≥0/min")
    assert services["billing"].endswith(" 0")
    assert str(logs.headline(shown)) == "≥ 60000/min"
    assert to_ascii("≥ 60000/min") == "> 60000/min"
    went_by = glance(replace(base, logs=replace(base.logs, unshown=700)))
    assert "≥" not in text([*logs.logs_pane(went_by, Room(80, 12)), *logs.error_lines(went_by, 40, 9), logs.headline(went_by)])
