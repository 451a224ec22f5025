"""What a drill says when it is over: the time it took, set against the objective."""

from dataclasses import dataclass
from datetime import datetime

from gospel_rollback_tui.drill.script import Script


@dataclass(frozen=True, slots=True)
class DrillTimes:
    """The moments that a drill is judged by, all aware."""

    users_failing_since: datetime
    first_paint: datetime
    symptom_passing: datetime | None
    """When the symptom's request gave its expected answer again; None when it never did."""


def ending_text(script: Script, times: DrillTimes, objective: float, ended: datetime) -> str:
    """Return the block that is printed after a drill; `objective` in seconds, from first paint to recovery."""
    rows = [
        ("users failing since", f"{times.users_failing_since:%H:%M:%S}", ""),
        ("first paint", f"{times.first_paint:%H:%M:%S}", f"{_span(times.first_paint, times.users_failing_since)} after the first user failed"),
    ]
    if times.symptom_passing is None:
        rows.append(("symptom passing", "never", f"still failing after {_span(ended, times.first_paint)}"))
        verdict = f"Not recovered. The objective is {_minutes(objective)}."
    else:
        rows.append(("symptom passing", f"{times.symptom_passing:%H:%M:%S}", f"users failed for {_span(times.symptom_passing, times.users_failing_since)}"))
        verdict = _verdict((times.symptom_passing - times.first_paint).total_seconds(), objective)
    table = "\n".join(f"  {label:<20} {moment:>8}   {remark}".rstrip() for label, moment, remark in rows)
    return f"Drill {script.id}: {script.title}\n\n{table}\n\n{verdict}\n"


def _verdict(taken: float, objective: float) -> str:
    """Return the sentence that sets the time taken against the objective."""
    if taken <= objective:
        return f"Recovered in {_minutes(taken)}, objective {_minutes(objective)}: met with {_minutes(objective - taken)} to spare."
    return f"Recovered in {_minutes(taken)}, objective {_minutes(objective)}: missed by {_minutes(taken - objective)}."


def _span(later: datetime, earlier: datetime) -> str:
    return _minutes((later - earlier).total_seconds())


def _minutes(seconds: float) -> str:
    """Return a length of time as `m:ss`, or `h:mm:ss` from an hour on."""
    whole = max(0, round(seconds))
    hours, rest = divmod(whole, 3600)
    if hours:
        return f"{hours}:{rest // 60:02}:{rest % 60:02}"
    return f"{rest // 60}:{rest % 60:02}"
