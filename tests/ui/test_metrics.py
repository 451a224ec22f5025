"""The metrics pane: worse first, unknown in words and never zero, stale never green; short lines where another room has space."""

from dataclasses import replace

import pytest

from gospel_rollback_tui.domain.feed import FeedState, FeedStatus
from gospel_rollback_tui.domain.metric_queries import MetricKind, Unit, metric_query
from gospel_rollback_tui.domain.metrics import MetricSample, MetricSeries
from gospel_rollback_tui.domain.snapshots import MetricsSnapshot
from gospel_rollback_tui.ui.presentation.lines import Room
from gospel_rollback_tui.ui.presentation.metrics import metric_lines, metrics_pane
from gospel_rollback_tui.ui.presentation.strip import live_strip
from gospel_rollback_tui.ui.screens.pane import PaneScreen
from gospel_rollback_tui.ui.sight import Glance
from gospel_rollback_tui.ui.signs import to_ascii
from tests.ui.builders import NOW, ONSET, ago, live, picture, snapshot
from tests.ui.memory import Ports
from tests.ui.playing import Game, play

ROOM = Room(76, 20)


def metric(
    name: str, before: float, since: float, present: float | None, problem: str = "", unit: Unit = Unit.RATIO, kind: MetricKind = MetricKind.ERROR_RATE
) -> MetricSeries:
    """A metric with an hour before the onset, the time since, and the present."""
    past = [MetricSample(ONSET - 3600 + 60 * minute, before) for minute in range(60)]
    past += [MetricSample(at, since) for at in range(int(ONSET), int(NOW.wall), 30)]
    sample = None if present is None else MetricSample(NOW.wall, present)
    query = metric_query(name, kind, f"query of {name}", unit=unit)
    return MetricSeries(query, (*past, *([sample] if sample else [])), sample, problem, answered=ago(2))


ERRORS = metric("error rate", 0.002, 0.31, 0.31)
LATENCY = metric("latency p95", 0.12, 0.84, 0.3, unit=Unit.SECONDS, kind=MetricKind.LATENCY)
ABSENT = metric("queue", 3.0, 3.0, None, "absent: the query finds nothing", unit=Unit.COUNT)
CALM = metric("memory of limit", 0.4, 0.4, 0.41, kind=MetricKind.SATURATION)


def metrics(*rows: MetricSeries, status: FeedStatus | None = None, dashboard: str = "https://grafana.example/d/api") -> MetricsSnapshot:
    """What Prometheus says."""
    return MetricsSnapshot(source="Prometheus", taken=NOW, status=status or live(2), rows=rows, dashboard=dashboard)


def glance(shown: MetricsSnapshot | None, *, onset: bool = True) -> Glance:
    """A glance at the estate with those metrics, in an incident whose onset is known."""
    return Glance(Ports().desk(), NOW, NOW.wall, snapshot=snapshot(metrics=shown), picture=picture() if onset else None)


def text(lines: list[object]) -> list[str]:
    """The lines without their looks."""
    return [str(row) for row in lines]


def test_each_metric_is_its_sign_value_past_usual_value_and_change_and_worse_ones_come_first() -> None:
    """Falling comes next, then what is unknown, then what is as usual."""
    shown = text([*metrics_pane(glance(metrics(CALM, ABSENT, LATENCY, ERRORS)), ROOM)])
    rows = [row for row in shown if row[:1] in "✗!?✓" and row]
    assert [row.split("  ")[0] for row in rows] == ["✗ error rate", "! latency p95", "? queue", "✓ memory of limit"]
    assert "31 %" in rows[0]
    assert "usual 0.2 %" in rows[0]
    assert "×155" in rows[0]
    assert rows[0].endswith("worse")
    assert "300 ms" in rows[1]
    assert rows[1].endswith("falling")
    assert rows[2].endswith("absent: the query finds nothing")
    assert " 0 " not in rows[2]
    assert "41 %" in rows[3]
    assert "×1.0" in rows[3]
    assert shown[0].startswith("Metrics  against the hour before 03:06")
    assert shown[0].endswith("2 s")
    assert shown[-2:] == ["Grafana   https://grafana.example/d/api", "          c copies the address"]
    assert all(len(row) <= ROOM.width for row in shown)


def test_what_stands_behind_a_metric_is_below_it() -> None:
    """The limit, a warning, the query."""
    warned = replace(ERRORS, warnings=("a store is gone",))
    assert text([*metrics_pane(glance(metrics(warned)), ROOM)])[2] == "  up to 0.5 % counts as usual · Prometheus warns: a store is gone · query o…"


def test_a_sparkline_has_its_ascii_twin_and_leaves_blank_what_is_not_known() -> None:
    """A gap is no zero; numbers stand beside it."""
    late = replace(ERRORS, history=ERRORS.history[-8:])
    row = text([*metrics_pane(glance(metrics(late)), ROOM)])[1]
    assert "         ██  " in row
    assert to_ascii(row).isascii()
    assert "##" in to_ascii(row)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (FeedStatus(FeedState.LIVE, ago(60), ago(45)), "? stale 45 s"),
        (
            FeedStatus(FeedState.UNREACHABLE, ago(20), ago(40), "No answer from p within 4 s."),
            "? unreachable 40 s: No answer from p within 4 s.",
        ),
        (FeedStatus(FeedState.REFUSED, ago(20), None, "401"), "? login expired: 401"),
    ],
)
def test_metrics_that_may_not_be_believed_are_not_known_whatever_they_were(status: FeedStatus, words: str) -> None:
    """The reason stands in the title; nothing is green and no number stands for now."""
    shown = "\n".join(text([*metrics_pane(glance(metrics(CALM, status=status)), Room(100, 20))]))
    assert words in shown
    assert "✓" not in shown
    assert "41 %" not in shown
    assert "not known" in shown
    assert "? " in str(metric_lines(glance(metrics(CALM, status=status)), 40, 3)[0])


def test_without_an_onset_nothing_is_compared() -> None:
    """The value is there, and that a past of an hour is too short to say anything."""
    shown = text([*metrics_pane(glance(metrics(ERRORS), onset=False), ROOM)])
    assert "no onset known" in shown[0]
    assert shown[1].startswith("? error rate")
    assert "31 %" in shown[1]
    assert shown[1].endswith("the onset is not known")


def test_without_a_prometheus_the_pane_says_what_to_write() -> None:
    """And no other room mentions metrics."""
    shown = " ".join(text([*metrics_pane(glance(None), ROOM)]))
    assert "No Prometheus is configured: write `prometheus: https://…`" in shown
    assert metric_lines(glance(None), 40, 5) == []
    assert "not known" in str(metrics_pane(replace(glance(None), snapshot=None), ROOM)[1])


def test_the_strip_has_metrics_below_the_errors_where_there_is_room() -> None:
    """The worst first, the rest as a count; errors keep their lines."""
    seen = glance(metrics(CALM, ABSENT, LATENCY, ERRORS))
    shown = "\n".join(text([*live_strip(seen, Room(114, 11))]))
    assert "✗ error rate" in shown
    assert "… 2 more metrics" in shown
    assert all(service.name in shown for service in seen.desk.environment.services)
    low = "\n".join(text([*live_strip(seen, Room(114, 7))]))
    assert "error rate" not in low
    assert "more metrics" not in low


def test_the_fifth_pane_by_keys_filters_as_the_others_do() -> None:
    """`p` goes on from the events, and from here to the pods again."""
    ports = Ports()
    ports.estate.shown = snapshot(metrics=metrics(ERRORS, CALM))

    async def story(game: Game) -> None:
        await game.press("p", "p", "p", "p", "p")
        await game.sees("Metrics", "error rate", "memory of limit", "Grafana")
        await game.press("slash", *"mem", "enter")
        await game.until(lambda: "error rate" not in game.shown() and "memory of limit" in game.shown())
        await game.press("c")
        await game.until(lambda: game.app.clipboard == "https://grafana.example/d/api")
        await game.press("escape", "p")
        await game.until(lambda: isinstance(game.app.screen, PaneScreen) and "Metrics" not in game.shown())

    play(ports, story)
