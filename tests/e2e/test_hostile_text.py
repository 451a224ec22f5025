"""Text from outside that a terminal would obey, in every field that anybody outside can write."""

from pathlib import Path

from gospel_rollback_tui.drill.hostile import MARK
from tests.e2e.drilling import served
from tests.e2e.terminal import Terminal

OBEYED = (
    b"\x1b]52;c;Y3VybCBldmls",
    b"\x1b[2J\x1b[1;1H wiped",
    b"\x07",
    b"\x7f",
    *(char.encode() for char in "\x9b\x9c\x9d\u202e\u2066\u2069\u202c\u200b\u200d\ufeff"),
)
"""What of it a terminal would act on, or draw where it does not belong."""

POINTER = b"\x1b]22;default\x07"
"""What Textual itself sends for the shape of a pointer."""


def opened(terminal: Terminal, key: str, pane: str) -> None:
    """Goes on to the pane of that name."""
    terminal.press_until(key, lambda: terminal.lines()[2].lstrip().startswith(pane), f"the pane {pane}")


def test_nothing_from_outside_reaches_the_terminal_as_an_order(tmp_path: Path) -> None:
    """States, reasons, events, log lines, a change cause and a commit: shown, with what cannot be printed made visible; markup stays text."""
    with served(tmp_path, faults=["hostile-text"]) as drill:
        drill.control.commit("infra/k8s/overlays/production/notes.txt", MARK, f"{MARK} \x1b]52;c;Y3VybCBldmls\x07 [/foo] \u202e")
        with drill.app(columns=100, rows=30) as terminal:
            terminal.wait_for("What changed before")
            opened(terminal, "p", "Pods")
            terminal.wait_for("Crash[/]Loop")
            terminal.press_until("enter", lambda: "Containers" in terminal.text(), "the pod in full")
            terminal.wait_for(MARK, "[/foo] [red]markup[/]")
            terminal.press_until("escape", lambda: "Containers" not in terminal.text(), "the list again")
            opened(terminal, "p", "Health")
            opened(terminal, "p", "Logs")
            terminal.wait_for(MARK)
            opened(terminal, "p", "Events")
            terminal.wait_for(MARK, "clipboard")
            terminal.press_until("escape", lambda: "The six rows" in terminal.text(), "the first screen")
            terminal.press_until("e", lambda: "for and against" in terminal.text().lower() or "Evidence" in terminal.text(), "the evidence")
            assert terminal.process.poll() is None
            sent = bytes(terminal.raw).replace(POINTER, b"")
            assert [order for order in OBEYED if order in sent] == []
