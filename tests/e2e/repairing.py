"""What an operator does at the keys where lost data is copied back from a restored side instance, and what users do to the table meanwhile."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from gospel_rollback_tui.domain.events import Kind
from tests.e2e.databases import url_of
from tests.e2e.delivering import prepare, take_listed_way, verified
from tests.e2e.drilling import served
from tests.e2e.playing import make_git_equal, resume_auto_sync
from tests.e2e.restoring import LONG, SPEED, TYPED, Restoring
from tests.e2e.terminal import QUIET

REPAIR = "the lost data back"
"""What of the way's title any width shows."""
COPY = "Copy back into public.plans"
STILL = 8
"""Times that a prompt is found where it was before it is at its end: at first it discards keys."""
LINES = 4
"""How far a prompt is moved at once that is longer than the screen."""


@dataclass
class Repairing(Restoring):
    """A night whose lost data is copied back, and the operator at its keys."""

    width: int = 120
    """Of the terminal, in cells."""

    def begin(self) -> None:
        """Takes the way by a repair and reads the damage."""
        self.terminal.wait_for("Row 3 is clear")
        take_listed_way(self.terminal, self.drill, "enter", REPAIR)
        self.look("damage")

    def protect_restore_and_prove(self) -> None:
        """Takes the snapshot, restores beside to what is suggested, and proves the restored database."""
        self.protect_and_restore()
        self.look("pg-validate")

    def ask_to_copy_back(self) -> str:
        """Prepares the copy back, reads its prompt to the end, and returns it without line breaks."""
        prepare(self.terminal, COPY, prompt=f"{TYPED}  billing")
        return self._read()

    def _read(self) -> str:
        """Returns everything that the open prompt says, whatever the screen has room for."""
        seen = self._box()
        told = list(seen)
        still = 0
        while still < STILL:
            self.terminal.press(*["down"] * LINES)
            time.sleep(QUIET)  # a box that has come to its end is not drawn again, and what is behind it is drawn for ever
            now = self._box()
            still = still + 1 if now == seen else 0
            told += now
            seen = now
        return " ".join(" ".join(told).split())

    def _box(self) -> list[str]:
        """Returns the lines of the prompt's box, which stands in the middle."""
        found = []
        for line in self.terminal.lines():
            left, edge, _ = line.partition("▌")
            if edge:
                found.append(line[len(left) + 1 : self.width - len(left)])
        return found

    def copy_back(self) -> None:
        """Confirms the open prompt of the copy back, and waits until the world has shown it."""
        self.give_the_name()
        verified(self.drill, "copy-back", LONG)
        self._go_on()

    def give_the_name(self) -> None:
        """Confirms the open prompt of the copy back."""
        before = len(self.drill.of_step(Kind.CONFIRMED, "copy-back"))
        self.terminal.enter("billing")
        self.terminal.press_until("enter", lambda: len(self.drill.of_step(Kind.CONFIRMED, "copy-back")) > before, "the copy back confirmed")

    def old_code_back(self, tag: str) -> None:
        """Puts the old code back, which its column is there again for: no reason is asked."""
        self.carry_out("old-code", f"Roll billing back to {tag}", "yes")

    def git_says_so(self) -> None:
        """Makes git say what runs: no reason is asked here either."""
        make_git_equal(self.terminal, self.drill)

    def auto_sync_on(self) -> None:
        """Switches auto-sync on again."""
        resume_auto_sync(self.terminal, self.drill)
        self._go_on()

    def users_write(self, statements: Sequence[str]) -> None:
        """Writes to billing's live database, as its users do."""
        with psycopg.connect(url_of(self.drill, "billing")) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def plans(self) -> dict[int, tuple[object, object]]:
        """Returns (price, code) of each plan by its id; the code is None where it has none."""
        return {int(str(number)): (price, code) for number, price, code in self.rows("SELECT id, price_cents, plan_code FROM plans")}

    def staged(self) -> list[str]:
        """Returns the staging schemas that are in billing's live database."""
        return [str(name) for (name,) in self.rows("SELECT nspname FROM pg_namespace WHERE nspname ~ '^rollback_'")]

    def side(self) -> str:
        """Returns the name of the instance that was restored beside."""
        return self.asked("RestoreDBInstance")[-1]["change"].rpartition(" ")[2]


@contextmanager
def a_repair(folder: Path, columns: int, rows: int) -> Iterator[Repairing]:
    """Serves the night of the dropped column and starts the app on it, on a terminal of that size."""
    with served(folder, "irreversible-migration", speed=SPEED, hold="3s") as drill, drill.app(columns=columns, rows=rows) as terminal:
        yield Repairing(drill, terminal, columns)
