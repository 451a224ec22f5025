"""Text from outside is harmless in every pane, whatever it holds."""

from dataclasses import replace

import pytest

from gospel_rollback_tui.domain.cluster_events import ClusterEvent
from gospel_rollback_tui.domain.evidence import Reading, Truth
from gospel_rollback_tui.domain.health import Verdict
from gospel_rollback_tui.domain.log_lines import LogLine
from gospel_rollback_tui.domain.preview import CheckState, DiffLine, Notice, Tone
from gospel_rollback_tui.domain.snapshots import EstateSnapshot
from gospel_rollback_tui.domain.triage import Change, FailingService, Point, Trouble
from gospel_rollback_tui.ui.screens.triage import TriageScreen
from gospel_rollback_tui.ui.widgets.sheet import Sheet
from tests.ui import runs
from tests.ui.builders import NOW, check, picture, pod, preview, snapshot, suggestion
from tests.ui.memory import Following, Ports
from tests.ui.playing import Game, play

PAYLOADS = (
    "[/foo] x [/]",
    "[ERROR] [$primary]x[/]",
    '[link=http://x]y[/link] a [b c="d] e',
    "[@click=app.quit]x[/]",
    "\x1b]52;c;ZXZpbA==\x07copied",
    "\x1b[2Jgone\x9b31m",
    "\u202eevil\u2066\x7f\x00",
    "漢字 e\u0301 👩\u200d👩\u200d👧 wide",
)
"""Markup, clipboard writes, screen wipes, C1 controls, bidirectional overrides, wide and combined characters."""


def hostile_snapshot(text: str) -> EstateSnapshot:
    """Every live text is the payload."""
    base = snapshot()
    rows = (pod("gateway", text, text, Verdict.BAD, message=text, image=text, node=text, restart_reason=text, last_restart=NOW.wall - 5), *base.pods.rows)
    lines = (LogLine(NOW.wall, "gateway", f"gateway-{text}", text, "error", error=True, signature=text),)
    health = (check(text, "symptom", "", f"GET {text}/{text}", None, 0.1, Verdict.BAD, text), *base.health.rows)
    status = replace(base.logs.status, detail=text)
    events = (ClusterEvent("Warning", text, text, "Pod", text, last=NOW.wall),)
    return replace(
        base,
        pods=replace(base.pods, rows=rows),
        logs=replace(base.logs, lines=lines, status=status, chosen=(text,)),
        health=replace(base.health, rows=health),
        events=replace(base.events, rows=events),
    )


def hostile_ports(text: str) -> Ports:
    """Every text of the first screen is the payload."""
    ports = Ports()
    base = picture()
    ports.estate.shown = hostile_snapshot(text)
    bad = suggestion(
        title=text,
        detail=text,
        points=(Point(Truth.TRUE, text),),
        preview=preview(
            title=text,
            where=text,
            undo=text,
            notices=(Notice("Stays", text, warning=True), Notice(text, text)),
            by_hand=(text,),
            calls=(replace(preview().calls[0], where=text, summary=f"{text} → {text}, - {text}", diff=(DiffLine(Tone.OLD, text),)),),
        ),
    )
    ports.triage.shown = replace(
        base,
        identity=text,
        says=text,
        failing=(FailingService(text, text),),
        changes=(Change(NOW.wall - 500, text, text, suspicious=True),),
        readings={"schema.same": Reading("schema.same", Truth.TRUE, text, text, NOW.wall)},
        suggestion=bad,
        trouble=Trouble("route", text, text),
    )
    return ports


def harmless(game: Game) -> None:
    """Fails if any visible line could reach a terminal with more than printable text."""
    for sheet in game.app.screen.query(Sheet):
        for number in range(sheet.size.height):
            for segment in sheet.render_line(number):
                assert segment.text.isprintable() or segment.text == "", repr(segment.text)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_the_first_screen_its_prompt_evidence_and_panes_survive(payload: str) -> None:
    """Markup stays literal, control characters never reach the terminal, nothing crashes."""

    async def story(game: Game) -> None:
        harmless(game)
        await game.press("e")
        harmless(game)
        await game.press("escape", "w")
        harmless(game)
        await game.press("escape", "p")
        for _ in range(4):
            harmless(game)
            await game.press("p")
        await game.press("escape")
        await game.until(lambda: isinstance(game.app.screen, TriageScreen))
        await game.press("r")
        await game.armed()
        harmless(game)
        await game.press("d")
        harmless(game)

    play(hostile_ports(payload), story)


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
@pytest.mark.parametrize("payload", PAYLOADS)
def test_the_runbook_survives(payload: str, size: tuple[int, int]) -> None:
    """Also what a journal holds is shown as text."""
    step = replace(
        runs.rolling_out().steps[0],
        title=payload,
        reason=payload,
        checks=(CheckState(payload, passed=None, words=payload),),
        preview=replace(preview(), title=payload, notices=(Notice("Stays", payload, warning=True),)),
    )
    ports = Ports()
    ports.estate.shown = hostile_snapshot(payload)
    run = runs.run(steps=(step, *runs.steps()[1:]), holder=payload, runbook=payload, lock_lost=payload, waiting=payload, inputs={"services": payload})
    ports.runs.open_run = Following(run, runs.opened_events())

    async def story(game: Game) -> None:
        harmless(game)
        await game.press("tab", "tab")
        harmless(game)

    play(ports, story, size=size)


def test_markup_is_shown_as_it_was_written() -> None:
    """A tag is evidence, not a command: nothing of it is eaten."""

    async def story(game: Game) -> None:
        await game.sees("[ERROR] disk [/foo] full")

    ports = Ports()
    ports.triage.shown = picture(says="[ERROR] disk [/foo] full")
    play(ports, story)
