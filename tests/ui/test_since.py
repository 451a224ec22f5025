"""Better or worse since the step began: said above the step, from what this app saw before it."""

from dataclasses import replace

from gospel_rollback_tui.domain.health import Verdict
from gospel_rollback_tui.domain.run import CallRun, Run, StepStatus
from gospel_rollback_tui.domain.snapshots import EstateSnapshot
from gospel_rollback_tui.ui.before import Before
from gospel_rollback_tui.ui.presentation.since import since_began
from gospel_rollback_tui.ui.sight import Glance
from tests.ui.builders import NOW, ago, snapshot
from tests.ui.memory import Ports
from tests.ui.runs import armed, run

CALL = CallRun("c1", "PATCH deployment", {}, {}, NOW.wall)


def at(seconds_ago: float, ready: int = 12) -> EstateSnapshot:
    """A picture taken so many seconds ago with so many pods ready."""
    base = snapshot()
    rows = tuple(replace(row, ready=index < ready, verdict=Verdict.GOOD if index < ready else Verdict.BAD) for index, row in enumerate(base.pods.rows))
    return replace(base, taken=ago(seconds_ago), pods=replace(base.pods, rows=rows))


def acting(**changes: object) -> Run:
    """A run whose first step sent its call five seconds ago."""
    base = run()
    step = replace(armed(), status=StepStatus.ACTING, calls=(CALL,), attempt=1, started=NOW.wall - 5, **changes)  # type: ignore[arg-type] # fields of StepRun
    return replace(base, steps=(step, *base.steps[1:]), inputs={})


def said(before: Before, now: EstateSnapshot, seen: Run) -> str:
    """What stands above the step."""
    glance = Glance(Ports().desk(), NOW, NOW.wall, snapshot=now, run=seen, before=before.begun)
    return "\n".join(str(row) for row in since_began(glance, 100))


def test_it_is_told_against_the_last_picture_before_the_step() -> None:
    """Pictures taken while it acts do not move what it is compared with."""
    before = Before()
    before.note(None, at(8, ready=10))
    before.note(run(), at(6, ready=10))
    seen = acting()
    for number, ready in ((4, 9), (1, 12)):
        before.note(seen, at(number, ready))
    assert said(before, at(0, ready=12), seen).startswith("✓ better since ")
    assert "12 of 12 pods ready, 10 of 12 before" in said(before, at(0, ready=12), seen)
    assert said(before, at(0, ready=12), seen).startswith("✓ better since step 1 began: ")
    assert said(before, at(0, ready=7), seen).startswith("✗ worse since ")
    assert said(before, at(0, ready=10), seen).startswith("· no change since ")


def test_it_is_one_line_at_any_width() -> None:
    """What stands below it does not jump."""
    before = Before()
    before.note(None, at(8, ready=10))
    seen = acting()
    before.note(seen, at(1, ready=12))
    glance = Glance(Ports().desk(), NOW, NOW.wall, snapshot=at(0, ready=12), run=seen, before=before.begun)
    for width in (40, 60, 120):
        rows = since_began(glance, width)
        assert len(rows) == 1
        assert rows[0].cell_length <= width


def test_an_app_that_comes_later_says_nothing() -> None:
    """It did not see how it stood, and does not guess."""
    before = Before()
    before.note(None, at(2))
    before.note(acting(), at(1))
    assert said(before, at(0), acting()) == ""


def test_a_second_attempt_is_told_against_what_was_before_it() -> None:
    """Not against the first one's beginning."""
    before = Before()
    before.note(None, at(60, ready=4))
    before.note(acting(), at(50, ready=6))
    again = replace(run(), inputs={})
    before.note(again, at(7, ready=8))
    base = acting()
    seen = replace(base, steps=(replace(base.steps[0], attempt=2), *base.steps[1:]))
    before.note(seen, at(1, ready=12))
    assert "12 of 12 pods ready, 8 of 12 before" in said(before, at(0, ready=12), seen)
