"""Prompts that take a written reason before `y` counts, or instead of it."""

from gospel_rollback_tui.domain.events import Kind
from tests.e2e.delivering import PROMPT, prepare
from tests.e2e.drilling import Drill
from tests.e2e.terminal import Terminal

EITHER = "  go back"
"""What every confirmation shows, and nothing else: both the one by `y` and the one by a reason."""
ASKS = "why it is right all the same"
"""What only a prompt says that takes a written reason."""


def give_reason(terminal: Terminal, drill: Drill, reason: str) -> None:
    """Writes the reason into the open prompt and sends it, which confirms the step."""
    before = drill.count(Kind.CONFIRMED)
    terminal.enter(reason)
    terminal.press_until("enter", lambda: drill.count(Kind.CONFIRMED) > before, "a confirmation in the journal")


def confirm_with_reason(terminal: Terminal, drill: Drill, shows: str, reason: str) -> None:
    """Prepares the step and confirms it: by the reason where the prompt takes one, otherwise by `y`."""
    before = drill.count(Kind.CONFIRMED)
    prepare(terminal, shows, prompt=EITHER)
    if ASKS in terminal.text():
        give_reason(terminal, drill, reason)
    else:
        assert PROMPT in terminal.text()
        terminal.press_until("y", lambda: drill.count(Kind.CONFIRMED) > before, "a confirmation in the journal")
