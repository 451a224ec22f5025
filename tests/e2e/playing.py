"""What an operator does at the keys, as functions over a terminal and its drill."""

from functools import partial

from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.drill.script import GOOD_TAG
from tests.e2e.drilling import Drill
from tests.e2e.terminal import Terminal

BUNDLE = ["PATCH gospelib-production", "PATCH gospelib-gateway"]
"""What a rollback under auto-sync sends, in order."""


def open_prompt(terminal: Terminal, target: str = GOOD_TAG) -> None:
    """Waits until the evidence is clear, and opens the confirmation by `r`."""
    terminal.wait_for(f"back to {target}", "roll back now")
    terminal.press_until("r", lambda: "go back" in terminal.text(), "the confirmation")


def confirm(terminal: Terminal, drill: Drill) -> None:
    """Answers the open prompt by `y`."""
    terminal.press_until("y", lambda: drill.has(Kind.CONFIRMED), "a confirmation in the journal")


def roll_back(terminal: Terminal, drill: Drill, target: str = GOOD_TAG) -> None:
    """Rolls back by two keys and waits until the world shows it."""
    open_prompt(terminal, target)
    confirm(terminal, drill)
    drill.wait_for(Kind.VERIFIED)


SERVICES, PROMPT = "Which services go back?", "n  go back"
"""What only the list of services shows, and what only a confirmation."""
QUESTIONS = (
    ("w", "Did it begin just after a release?"),
    ("1", "Did this release run a database migration?"),
    ("2", "Does a migration of it drop or rewrite data?"),
    ("2", "Was anything outside the code changed near the onset?"),
    ("2", "Do only requests that need the graph fail?"),
    ("2", "Is the whole environment gone"),
    ("2", "Is data gone or wrong?"),
    ("2", "Ways back"),
)
"""The keys of a wizard that ends at scenario 1, each with what it brings onto the screen."""


def take_the_first_way(terminal: Terminal, drill: Drill) -> None:
    """Answers the wizard's questions, takes the first way back, and waits until the runbook knows what it would do."""
    terminal.wait_for("Roll gateway back")
    for key, brought in QUESTIONS:
        terminal.press_until(key, partial(_shows, terminal, brought), brought)
    terminal.press_until("enter", lambda: drill.has(Kind.CHOSEN), "a run on the first way back")
    terminal.wait_until(lambda screen: "asks you to" in screen or PROMPT in screen, "what the step would do")
    if _shows(terminal, PROMPT):  # on a slow machine Enter was pressed once more than was needed
        terminal.press_until("escape", lambda: "went back" in terminal.text(), "the runbook without its prompt")


def choose_revision(terminal: Terminal, target: str) -> None:
    """Chooses again what the step works on: the suggested service, and the revision that runs the target."""
    terminal.press_until("1", lambda: _shows(terminal, SERVICES) or _shows(terminal, PROMPT), "the list of services, or a prompt that came late")
    if not _shows(terminal, SERVICES):  # Enter was pressed once more than was needed
        terminal.press_until("escape", lambda: "went back" in terminal.text() and PROMPT not in terminal.text(), "the runbook without its prompt")
        terminal.press_until("1", partial(_shows, terminal, SERVICES), "the list of services")
    terminal.press_until("enter", lambda: "Which revision does gateway go back to?" in terminal.text(), "the list of revisions")
    key = terminal.line_with(f"  {target}  ", "revision").split("revision")[0].strip(" ▌")
    terminal.press_until(key, lambda: f"Roll gateway back to {target}" in terminal.text(), "the step with that revision")


def roll_back_by_runbook(terminal: Terminal, drill: Drill, target: str = GOOD_TAG) -> None:
    """Confirms the runbook's step and waits until the world shows it."""
    terminal.wait_for(f"Roll gateway back to {target}", "asks you to")
    terminal.press_until("enter", partial(_shows, terminal, PROMPT), "the confirmation")
    confirm(terminal, drill)
    drill.wait_for(Kind.VERIFIED)


def _shows(terminal: Terminal, text: str) -> bool:
    return text in terminal.text()


def make_git_equal(terminal: Terminal, drill: Drill) -> None:
    """Makes git say what runs, by `g` and `y`: one commit on the branch that Argo CD follows."""
    paid = drill.count(Kind.DEBT_PAID)
    terminal.wait_until(lambda screen: "Make git equal" in screen or "Make git say what runs" in screen, "git's step, or the key of it")
    terminal.press_until("g", lambda: "PUSH" in terminal.text() and "go back" in terminal.text(), "the confirmation of the push")
    terminal.press_until("y", lambda: drill.count(Kind.DEBT_PAID) > paid, "git says what runs")


def resume_auto_sync(terminal: Terminal, drill: Drill) -> None:
    """Switches auto-sync on again by `a` and `y`: the preview has Argo CD compare with git just then."""
    paid = drill.count(Kind.DEBT_PAID)
    terminal.press_until("a", lambda: "auto-sync on" in terminal.text() and "go back" in terminal.text(), "the confirmation of auto-sync")
    terminal.press_until("y", lambda: drill.count(Kind.DEBT_PAID) > paid, "the debt paid")
