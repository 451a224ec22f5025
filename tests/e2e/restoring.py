"""What an operator does at the keys where a database is restored, and where the databases can be looked at behind the screen."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.drill.aws_side import IDENTIFIER
from gospel_rollback_tui.drill.script import SERVICE_PORTS
from tests.e2e.databases import columns, rows
from tests.e2e.delivering import PROMPT, prepare, take_listed_way, verified
from tests.e2e.drilling import Drill, served
from tests.e2e.terminal import Terminal

RESTORE = "Restore the whole database"
SPEED = 20.0
"""What takes Amazon a quarter of an hour takes some seconds in a drill, and less than one here."""
TYPED = " to go on:"
"""What only a confirmation shows that takes a typed word."""
HAND, SKIP, CLOSE = "By hand: ", "Skip: ", "Close this run"
"""Titles of the prompts that take a written text."""
ASKS, REPLICAS = "it takes an answer such as", "2"
"""What only a question shows that a step by hand asks before, and the answer."""
NEXT = "⏎ next step"
COLUMNS, ROWS = 130, 60
LONG = 180.0
"""Seconds after which a step that waits for AWS has failed; a loaded machine is slow."""


@dataclass
class Restoring:
    """A night whose database is restored, and the operator at its keys."""

    drill: Drill
    terminal: Terminal

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """Returns what billing's database answers."""
        return rows(self.drill, "billing", query)

    def columns(self) -> list[str]:
        """Returns the columns of the plans."""
        return columns(self.drill, "billing", "plans")

    def asked(self, change: str) -> list[Mapping[str, str]]:
        """Returns the requests for such changes that reached AWS, whatever became of them."""
        return [one for one in self.drill.control.aws_requests() if one["change"].startswith(change)]

    def renames(self) -> list[str]:
        """Returns `away` and `in place` for each rename that AWS has accepted, oldest first."""
        made = [one["change"] for one in self.asked("ModifyDBInstance") if " → " in one["change"] and not one["code"]]
        return ["in place" if one.endswith(f"→ {IDENTIFIER}") else "away" for one in made]

    def begin(self) -> None:
        """Takes the way by a restore and carries out what stands before it: the damage is read, and auto-sync off."""
        self.terminal.wait_for("Row 3 is clear")
        take_listed_way(self.terminal, self.drill, "enter", RESTORE)
        self.look("damage")
        self.carry_out("freeze", "auto-sync off")

    def protect_and_restore(self) -> str:
        """Takes the snapshot, restores beside to what is suggested, and returns what that prompt said."""
        self.carry_out("pg-protect", "take the snapshot")
        return self.carry_out("pg-restore-point", "restore beside")

    def prove_and_stop(self) -> None:
        """Sets what the restore could not, proves the restored database, stops every service by hand, and leaves the configuration as it is."""
        self.carry_out("pg-residual", "set them")
        self.look("pg-validate")
        self.scale(0)
        self.by_hand("stop-services", "every service scaled to nothing")
        self.skip("pg-cut-over", "known by its name", "Swap the names")

    def look(self, step: str) -> None:
        """Goes through a step that only looks."""
        self.terminal.press_until("enter", lambda: bool(self.drill.of_step(Kind.CONFIRMED, step)), f"{step} taken")
        verified(self.drill, step, LONG)
        self._go_on()

    def carry_out(self, step: str, shows: str, word: str = "") -> str:
        """Confirms a step, waits until the world has shown it, and returns what the prompt said."""
        said = self.confirm(step, shows, word)
        verified(self.drill, step, LONG)
        self._go_on()
        return said

    def confirm(self, step: str, shows: str, word: str = "") -> str:
        """Prepares a step, confirms it by that word, or by `y` without one, and returns what the prompt said."""
        before = len(self.drill.of_step(Kind.CONFIRMED, step))
        prepare(self.terminal, shows, prompt=f"{TYPED}  {word}" if word else PROMPT)
        said = self.terminal.text()
        if word:
            self.terminal.enter(word)
        self.terminal.press_until("enter" if word else "y", lambda: len(self.drill.of_step(Kind.CONFIRMED, step)) > before, f"{step} confirmed")
        return said

    def _go_on(self) -> None:
        """Goes on from a step that is over to the next one."""
        self.terminal.wait_for(NEXT)
        self.terminal.press_until("enter", lambda: NEXT not in self.terminal.text(), "the next step")

    def by_hand(self, step: str, note: str) -> None:
        """Records that the step that is next was done by hand."""
        self._come_to_hand()
        self._write(HAND, note, lambda: bool(self.drill.of_step(Kind.ASSERTED, step)), f"{step} recorded")
        self._go_on()

    def skip(self, step: str, why: str, following: str) -> None:
        """Skips the step that is next, and goes on to the one of that title."""
        self.terminal.press_until("S", lambda: SKIP in self.terminal.text(), "the reason")
        self._write(SKIP, why, lambda: bool(self.drill.of_step(Kind.SKIPPED, step)), f"{step} skipped")
        self.terminal.wait_until(lambda screen: screen.count(following) > 1, following)

    def _come_to_hand(self) -> None:
        """Goes on to a step by hand, answering what it asks for on the way."""
        self.terminal.press_until("enter", lambda: HAND in self.terminal.text() or ASKS in self.terminal.text(), "a step by hand")
        if ASKS in self.terminal.text():
            self.terminal.enter(REPLICAS)
            self.terminal.press_until("enter", lambda: ASKS not in self.terminal.text(), "the answer taken")
            self.terminal.wait_for(HAND)

    def finish(self, why: str) -> str:
        """Closes the run with a reason, and returns how it closed."""
        self.terminal.press_until("F", lambda: CLOSE in self.terminal.text(), "the reason")
        self._write(CLOSE, why, partial(self.drill.has, Kind.CLOSED), "the end of the run")
        return str(self.drill.wait_for(Kind.CLOSED).data["how"])

    def _write(self, title: str, text: str, done: Callable[[], bool], what: str) -> None:
        """Writes into the open prompt of that title and sends it, once."""
        self.terminal.enter(text)
        self.terminal.press_until("enter", lambda: title not in self.terminal.text(), f"{title!r} answered")
        self.terminal.wait_until(lambda _: done(), what)

    def scale(self, replicas: int) -> None:
        """Scales every service, as `kubectl scale` does, and waits until its pods are there or gone."""
        for service in SERVICE_PORTS:
            self.drill.control.edit("deployments", self.drill.endpoints.namespace, f"gospelib-{service}", {"spec": {"replicas": replicas}})
        wanted = len(SERVICE_PORTS) * replicas
        self.drill.control.wait_until(lambda control: len(control.objects("pods", self.drill.endpoints.namespace)) == wanted, LONG)

    def undo(self, step: str, word: str) -> None:
        """Puts back what a step did, by that word, and waits until the world has shown it."""
        self.terminal.press_until("u", lambda: f"{TYPED}  {word}" in self.terminal.text(), f"the confirmation of putting {step} back")
        self.terminal.enter(word)
        self.terminal.press_until("enter", lambda: f"{TYPED}  {word}" not in self.terminal.text(), "the word taken")
        self.terminal.wait_until(lambda _: bool(self.drill.of_step(Kind.UNDONE, step)), f"{step} put back", LONG)

    def debts(self) -> set[str]:
        """Returns the ids of what is still owed, signed for or not."""
        last = {str(event.data["id"]): event.kind for event in self.drill.events() if event.kind in (Kind.DEBT_OPENED, Kind.DEBT_PAID)}
        return {debt for debt, kind in last.items() if kind is Kind.DEBT_OPENED}

    @contextmanager
    def attached_again(self) -> Iterator["Restoring"]:
        """Starts the app once more, on a terminal of its own."""
        with self.drill.app(columns=COLUMNS, rows=ROWS) as terminal:
            yield Restoring(self.drill, terminal)

    def failed(self, step: str) -> str:
        """Waits until the step has failed or was put down, and returns why."""
        self.terminal.wait_until(lambda _: bool(self.drill.of_step(Kind.FAILED, step) or self.drill.of_step(Kind.REFUSED, step)), f"an end of {step}", LONG)
        return str((self.drill.of_step(Kind.FAILED, step) or self.drill.of_step(Kind.REFUSED, step))[-1].data["reason"])


@contextmanager
def a_night(folder: Path, script: str, speed: float = SPEED) -> Iterator[Restoring]:
    """Serves a script and starts the app on it."""
    with served(folder, script, speed=speed, hold="3s") as drill, drill.app(columns=COLUMNS, rows=ROWS) as terminal:
        yield Restoring(drill, terminal)
