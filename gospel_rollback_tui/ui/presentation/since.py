"""Whether it has become better since the step began: one line above the step."""

from textual.content import Content

from gospel_rollback_tui.domain.trend import Direction, level_of, trend
from gospel_rollback_tui.ui.presentation.lines import line, wrapped
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
    """Returns how it stands against the moment at which the last step began; nothing where no app of this operator saw that moment."""
    if glance.before is None or glance.snapshot is None or glance.run is None or glance.run.closed:
        return []
    step_id, then = glance.before
    step = next((step for step in glance.run.steps if step.id == step_id), None)
    if step is None:
        return []
    services = services_of(glance.run)
    found = trend(level_of(then, services, then.taken.monotonic), level_of(glance.snapshot, services, glance.now.monotonic))
    sign, role = _SIGNS[found.direction]
    head = line((f"{sign} {found.direction.value}", role), (f" since {step.title[:1].lower()}{step.title[1:]} began: ", "dim"))
    return wrapped(found.words, width, "text", first=head, indent=2)
