"""Every key there is: one binding, one meaning, on whatever screen it appears. Footer and help are made from these.

A binding's group is its section of the help; a compact group is one entry of the footer (`1–6 choose`).
"""

import difflib
from collections.abc import Iterable, Mapping

from textual.binding import Binding

MOVE = Binding.Group("Moving")
LOOK = Binding.Group("Looking")
DECIDE = Binding.Group("Deciding")
CHANGE = Binding.Group("Changing the estate")
SCREEN = Binding.Group("The screen")
NUMBERS = Binding.Group("Choosing", compact=True)

_all: dict[str, Binding] = {}


def _key(
    name: str, key: str, action: str, words: str, tooltip: str, group: Binding.Group, *, show: bool = True, display: str | None = None, priority: bool = False
) -> Binding:
    binding = Binding(key, action, words, show=show, key_display=display, priority=priority, tooltip=tooltip, id=name, group=group)
    _all[name] = binding
    return binding


QUIT = _key("screen.quit", "q", "app.quit", "quit", "Leaves this screen and says what goes on without it", SCREEN)
QUIT_ALWAYS = _key("screen.quit-always", "ctrl+q", "app.quit", "quit", "Leaves, also while a word is being typed", SCREEN, show=False, priority=True)
INTERRUPT = _key("screen.interrupt", "ctrl+c", "app.interrupt", "how to quit", "Says how to leave; stops nothing", SCREEN, show=False)
REDRAW = _key("screen.redraw", "ctrl+l", "app.redraw", "redraw", "Paints the whole screen again", SCREEN, show=False)
SUSPEND = _key("screen.suspend", "ctrl+z", "app.suspend_process", "suspend", "Gives the terminal to the shell, until fg; a run goes on", SCREEN, show=False)
HELP = _key("screen.help", "question_mark", "app.help", "help", "Every key that works here, and the words used", SCREEN, display="?")
LOGIN = _key("screen.login", "L", "app.login", "log in", "Runs the configured login command on this terminal, then asks every probe again", SCREEN, show=False)
BACK = _key("screen.back", "b", "back", "back", "Goes to the screen or question before", SCREEN)
OUT = _key("screen.out", "escape", "out", "out", "Leaves without deciding anything", SCREEN, show=False, display="esc")

LEAVE = _key("screen.leave", "enter", "out", "out", "Leaves what is only shown", SCREEN, show=False)

UP = _key("move.up", "up,k", "move(-1)", "up", "One line up", MOVE, show=False)
DOWN = _key("move.down", "down,j", "move(1)", "down", "One line down", MOVE, show=False)
FIRST = _key("move.first", "home", "move(-1000000)", "first", "To the first line", MOVE, show=False)
LAST = _key("move.last", "end", "move(1000000)", "last", "To the last line", MOVE, show=False)
PAGE_UP = _key("move.page-up", "pageup", "page(-1)", "page up", "One page up in what is longer than its room", MOVE, show=False)
PAGE_DOWN = _key("move.page-down", "pagedown", "page(1)", "page down", "One page down in what is longer than its room", MOVE, show=False)
NEXT_PANE = _key("move.next-pane", "tab", "next_pane", "next pane", "Moves to the next pane", MOVE)
PREVIOUS_PANE = _key("move.previous-pane", "shift+tab", "previous_pane", "previous pane", "Moves to the pane before", MOVE, show=False)
ALONE = _key("look.alone", "p", "pane_alone", "pane alone", "Shows the next pane alone, with its details", LOOK)
FILTER = _key("look.filter", "slash", "filter", "filter", "Shows only lines that hold the typed text", LOOK, display="/")
EVIDENCE = _key("look.evidence", "e", "evidence", "evidence", "Every fact for and against each row, and why a way is refused", LOOK)
DIFF = _key("look.diff", "d", "diff", "diff", "What changes, line by line", LOOK)
SHOW = _key("look.show", "enter", "show_line", "in full", "Shows the chosen log line or pod in full", LOOK, display="⏎")
SAVE = _key("look.save", "W", "save", "write to a file", "Writes the shown log lines to a file that only you can read", LOOK)
ORDER = _key("look.order", "t", "next_order", "order", "Orders the pods by the next thing: failing, restarts, age, name, node", LOOK)
GROUP = _key("look.group", "z", "next_grouping", "group", "Groups the pods by the next thing: nothing, service, ReplicaSet, node, or namespace", LOOK)
FAILING = _key("look.failing", "f", "toggle_failing", "failing only", "Lists only pods that are not ready, or all of them again", LOOK)
PRINT = _key("look.print", "o", "print_command", "print the command", "Leaves the screen for a moment and prints the exact commands, unwrapped", LOOK)
COPY = _key("look.copy", "c", "copy", "copy", "Sends the command to the terminal's clipboard", LOOK, show=False)

PRINT_WHILE_TYPING = _key(
    "look.print-typing", "ctrl+o", "print_command", "print the commands", "Prints the commands while a line is being typed", LOOK, show=False
)
DIFF_WHILE_TYPING = _key("look.diff-typing", "ctrl+d", "diff", "diff", "What changes, while a word is being typed", LOOK, show=False)

WIZARD = _key("decide.wizard", "w", "wizard", "ask me", "One question at a time, with what the estate says about it", DECIDE)
SYMPTOM = _key("decide.symptom", "s", "symptom", "another symptom", "Chooses the request whose failure is the incident", DECIDE)
TAKE = _key("decide.take", "enter", "take", "take it", "Takes the current line", DECIDE, display="⏎")
MARK = _key("decide.mark", "space", "mark", "mark", "Marks or unmarks the current entry", DECIDE)
ROLL_BACK = _key("change.roll-back", "r", "roll_back", "roll back", "Opens the confirmation of the suggested way back", CHANGE)
BY_HAND = _key("change.by-hand", "h", "by_hand", "by hand", "Shows the commands to type yourself, and records that you did", CHANGE)
UNDO = _key("change.undo", "u", "undo", "undo", "Shows what putting it back would do, and asks", CHANGE)
VERIFY = _key("change.verify", "v", "verify", "look again", "Looks at the world again; sends nothing", CHANGE)
MAKE_GIT_EQUAL = _key("change.git-equal", "g", "pay('git')", "make git equal", "Goes to the step that makes git say what runs", CHANGE)
AUTO_SYNC_ON = _key("change.auto-sync", "a", "pay('auto-sync')", "auto-sync on", "Goes to the step that switches auto-sync on again", CHANGE)
UPDATER_ON = _key("change.updater-on", "i", "pay('image-updater')", "image updater on", "Goes to the step that lets Image Updater follow again", CHANGE)
DEBTS = _key("change.debts", "P", "debts", "debts", "Pays a debt by hand, or signs for leaving it open", CHANGE)
SKIP = _key("change.skip", "S", "skip", "skip", "Skips this step, with a reason", CHANGE, show=False)
ABORT = _key("change.abort", "x", "abort", "abort", "Sends nothing further; what is in flight is waited for", CHANGE)
END_EARLY = _key("change.end-early", "E", "end_early", "end early", "Ends the stability watch, with a reason", CHANGE)
TAKE_OVER = _key("change.take-over", "T", "take_over", "take over", "Takes the environment from who holds it, with a reason", CHANGE)
CLOSE = _key("change.close", "F", "close_run", "finish", "Closes the run, with a reason where one is needed", CHANGE)

YES = _key("confirm.yes", "y", "yes", "yes", "Confirms what the prompt shows; works only once the prompt is armed", CHANGE, show=False)
NO = _key("confirm.no", "n", "no", "go back", "Goes back; nothing is sent", CHANGE)
NO_ENTER = _key("confirm.no-enter", "enter", "no", "go back", "Enter goes back: the safe answer has the focus", CHANGE, show=False)
CANCEL = _key("confirm.cancel", "escape", "no", "go back", "Goes back; nothing is sent", CHANGE, display="esc")


def numbers(words: str, tooltip: str, last: int = 9) -> list[Binding]:
    """Returns the digits' bindings for a screen: each runs `number(n)` with its own digit."""
    return [Binding(str(n), f"number({n})", words, tooltip=tooltip, id=f"choose.{n}", group=NUMBERS) for n in range(1, last + 1)]


def every() -> Mapping[str, Binding]:
    """Returns every named binding by its id, without the digits."""
    return dict(_all)


FIXED = frozenset({"confirm.yes", "confirm.no", "confirm.no-enter", "confirm.cancel", "change.abort", "screen.quit", "screen.quit-always"})
"""Never remapped: what confirms, refuses, aborts or quits must be where everybody expects it."""
_ACTING_NEVER = frozenset("ABCDO[")
"""Single characters a torn escape sequence can leave behind; no remap may put an action on them."""


def usable_keymap(wanted: Iterable[tuple[str, str]]) -> tuple[Mapping[str, str], tuple[str, ...]]:
    """Returns the part of the operator's keymap that can be used, and a sentence for each entry that cannot."""
    keymap: dict[str, str] = {}
    said: list[str] = []
    for name, keys in wanted:
        problem = _problem(name, keys, keymap)
        if problem:
            said.append(f"Key for {name} not changed: {problem}.")
        else:
            keymap[name] = keys
    return keymap, tuple(said)


def _problem(name: str, keys: str, chosen: Mapping[str, str]) -> str:
    if name not in _all:
        near = difflib.get_close_matches(name, _all, 1)
        return f"there is no such key name{f', the nearest is {near[0]}' if near else ''}"
    if name in FIXED:
        return "it confirms, refuses, aborts or quits, and stays where everybody expects it"
    for key in (part.strip() for part in keys.split(",")):
        if not key or " " in key:
            return f"{key!r} is no key"
        if key in _ACTING_NEVER:
            return f"{key!r} can be left behind by a torn escape sequence"
        if key.isdigit():
            return "digits answer and choose"
        for other, binding in _all.items():
            if other != name and key in (part.strip() for part in chosen.get(other, binding.key).split(",")):
                return f"{key!r} already means {binding.description!r} ({other})"
    return ""


def display(binding: Binding) -> str:
    """Returns how a key is written: as the binding says, or the key itself."""
    if binding.key_display:
        return binding.key_display
    names = {"question_mark": "?", "slash": "/", "escape": "esc", "enter": "⏎", "up": "↑", "down": "↓"}
    return names.get(binding.key, binding.key)
