"""The header: one line that never changes place."""

from textual.content import Content

from gospel_rollback_tui.domain.estate import Environment
from gospel_rollback_tui.domain.spans import clock, short_age
from gospel_rollback_tui.ui.presentation.lines import EMPTY, Part, Room, fit, line, sides
from gospel_rollback_tui.ui.sight import Glance
from gospel_rollback_tui.ui.signs import BAR, DOT, UNKNOWN
from gospel_rollback_tui.ui.theme import TIER_ROLE

BAR_CELLS = 10
WIDE = 100
"""Cells from which the header has room for identity and run."""
_AMBER_FROM = 0.6
"""Share of the objective from which the clock's bar turns amber."""


def block(environment: Environment, *, read_only: bool) -> Content:
    """Returns the environment's block: filled in its tier's colour, or hollow when nothing can be changed."""
    if read_only:
        return line((f" {environment.title} READ-ONLY ", "tier-read-only"))
    return line((f" {environment.title} ", TIER_ROLE[environment.tier]))


def header(glance: Glance, room: Room) -> list[Content]:
    """Returns the header: environment, name, identity, run, clock, age of the oldest feed, debts."""
    environment = glance.desk.environment
    wide = room.width >= WIDE
    name = environment.cluster.context or environment.name
    parts: list[Part] = [" ", block(environment, read_only=glance.desk.read_only or bool(glance.follows)), "  " if wide else " ", (fit(name, 28), "strong")]
    tail = _tail(glance, wide=wide)
    run = line("   ", ("run ", "dim"), (glance.run.id, "text")) if glance.run and wide else EMPTY
    used = line(*parts).cell_length + tail.cell_length + run.cell_length + 4
    who = _identity(glance) if wide else ""
    if who and room.width - used > 12:
        parts.append((" " + fit(who, room.width - used), "dim"))
    return [sides(line(*parts, run), line(tail, " "), room.width)]


def _tail(glance: Glance, *, wide: bool) -> Content:
    parts: list[Part] = [_clock(glance, wide=wide), "   ", _oldest(glance)]
    debts = len(glance.run.open_debts) if glance.run else 0
    if debts:
        parts += ["  ", (f"{debts} debt{'s' if debts > 1 else ''}", "warn")]
    return line(*parts)


def _identity(glance: Glance) -> str:
    kind = glance.desk.environment.cluster.kind
    who = (glance.run.identity if glance.run else "") or (glance.picture.identity if glance.picture else "")
    return " · ".join(part for part in (kind, who) if part)


def _clock(glance: Glance, *, wide: bool) -> Content:
    recovered = bool(glance.run and glance.run.recovered_at)
    passed, objective = glance.clock, glance.objective
    share = passed / objective if objective else 0.0
    role = "good" if recovered and share <= 1 else "bad" if share > 1 else "warn" if share >= _AMBER_FROM or not recovered else "key"
    word = "recovered " if recovered else "clock "
    parts: list[Part] = [(word, "dim"), (clock(passed), "strong" if share <= 1 else "bad bold")]
    if objective:
        filled = min(BAR_CELLS, round(share * BAR_CELLS))
        parts += [(f" of {clock(objective)} " if wide else f"/{clock(objective)} ", "dim"), (BAR * filled, role), (BAR * (BAR_CELLS - filled), "rail")]
    return line(*parts)


def _oldest(glance: Glance) -> Content:
    if glance.snapshot is None:
        return line((f"{UNKNOWN} no feed yet", "dim"))
    name, age = glance.snapshot.oldest(glance.now.monotonic)
    if age is None:
        return line((f"{UNKNOWN} {name} not heard yet", "warn"))
    snapshot = dict(glance.snapshot.parts())[name]
    if not snapshot.known(glance.now.monotonic):
        return line((f"{UNKNOWN} {name} {short_age(age)}", "warn"))
    return line((DOT, "good"), (f" {short_age(age)}", "dim"))
