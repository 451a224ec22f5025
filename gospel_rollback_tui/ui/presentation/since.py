"""Whether it has become better since the step began: one line above the step."""

from textual.content import Content

from gospel_rollback_tui.domain.trend import Direction, level_of, trend
from gospel_rollback_tui.ui.presentation.lines import line, start
from gospel_rollback_tui.ui.sight import Glance, services_of
from gospel_rollback_tui.ui.signs import BAD, GOOD, UNKNOWN, WAITING, WARNING

_SIGNS = {
    Direction.BETTER: (GOOD, "good"),
    Direction.WORSE: (BAD, "bad"),
    Direction.MIXED: (WARNING, "warn"),
    Direction.SAME: (WAITING, "dim"),
    Direction.UNKNOWN: (UNKNOWN, "warn"),
}


def since_began(glance: Glance, width: int) -> list[Content]:
    """Returns how it stands against the moment at which the last step began; nothing where this app did not see that moment.

    One line, however much there is to tell: what stands below it must not jump under a reader's eyes.
    """
    if glance.before is None or glance.snapshot is None or glance.run is None or glance.run.closed:
        return []
    step_id, then = glance.before
    number = next((number for number, step in enumerate(glance.run.steps, 1) if step.id == step_id), 0)
    if not number:
        return []
    services = services_of(glance.run)
    found = trend(level_of(then, services, then.taken.monotonic), level_of(glance.snapshot, services, glance.now.monotonic))
    sign, role = _SIGNS[found.direction]
    head = line((f"{sign} {found.direction.value}", role), (f" since step {number} began: ", "dim"))
    return [line(head, (start(found.words, width - head.cell_length), "text"))]
