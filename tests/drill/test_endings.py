"""What a drill says at its end."""

from datetime import UTC, datetime, timedelta

import pytest

from gospel_rollback_tui.drill.endings import DrillTimes, ending_text
from gospel_rollback_tui.drill.scripts import find_script

ONSET = datetime(2026, 11, 27, 3, 6, 11, tzinfo=UTC)
PAINT = ONSET + timedelta(seconds=412)
SCRIPT = find_script("ready-but-failing")


@pytest.mark.parametrize(
    ("seconds", "sentence"),
    [
        (38, "Recovered in 0:38, objective 2:00: met with 1:22 to spare."),
        (120, "Recovered in 2:00, objective 2:00: met with 0:00 to spare."),
        (131, "Recovered in 2:11, objective 2:00: missed by 0:11."),
        (3661, "Recovered in 1:01:01, objective 2:00: missed by 59:01."),
    ],
)
def test_the_time_is_set_against_the_objective(seconds: int, sentence: str) -> None:
    """The clock runs from first paint to the symptom passing."""
    times = DrillTimes(ONSET, PAINT, PAINT + timedelta(seconds=seconds))
    assert ending_text(SCRIPT, times, 120.0, PAINT + timedelta(seconds=seconds)).rstrip().endswith(sentence)


def test_the_block_names_the_three_moments() -> None:
    """A drill that succeeded shows onset, first paint and recovery, in columns."""
    text = ending_text(SCRIPT, DrillTimes(ONSET, PAINT, PAINT + timedelta(seconds=38)), 120.0, PAINT)
    assert text == (
        "Drill ready-but-failing: every pod is ready and users get 500\n\n"
        "  users failing since  03:06:11\n"
        "  first paint          03:13:03   6:52 after the first user failed\n"
        "  symptom passing      03:13:41   users failed for 7:30\n\n"
        "Recovered in 0:38, objective 2:00: met with 1:22 to spare.\n"
    )


def test_a_symptom_that_never_passed_is_said() -> None:
    """A drill without recovery does not claim a time."""
    text = ending_text(SCRIPT, DrillTimes(ONSET, PAINT, None), 120.0, PAINT + timedelta(seconds=300))
    assert "never   still failing after 5:00" in text
    assert text.endswith("Not recovered. The objective is 2:00.\n")
