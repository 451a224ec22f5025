"""What runbook and stability have in common: wishes about the run, and which of them make sense now."""

from dataclasses import dataclass
from enum import Enum

from textual.binding import Binding, BindingType

from gospel_rollback_tui.domain.fold_steps import BY_HAND, SKIPPABLE, UNDOABLE, VERIFIABLE
from gospel_rollback_tui.domain.run import Run, StepRun, StepStatus
from gospel_rollback_tui.engine.order import blocking
from gospel_rollback_tui.ui import keys
from gospel_rollback_tui.ui.presentation.card import commands_of
from gospel_rollback_tui.ui.presentation.diff import diff_lines
from gospel_rollback_tui.ui.presentation.stability import may_be_paid
from gospel_rollback_tui.ui.presentation.steps import first_open
from gospel_rollback_tui.ui.screens.room import Choice, RoomScreen
from gospel_rollback_tui.ui.sight import Sight


class Wish(Enum):
    """What an operator may wish of a run."""

    TAKE = "take"
    BY_HAND = "by hand"
    UNDO = "undo"
    VERIFY = "verify"
    SKIP = "skip"
    ABORT = "abort"
    END_EARLY = "end early"
    TAKE_OVER = "take over"
    DEBTS = "debts"
    CLOSE = "close"
    EVIDENCE = "evidence"
    CHOOSE = "choose"
    ENDED = "ended"
    """The run was closed."""
    OTHER_ROOM = "other room"
    """From the runbook to the stability watch, or back."""


@dataclass(frozen=True, slots=True)
class Wished(Choice):
    """A wish, and the step it is about; empty: the run."""

    wish: Wish
    step: str = ""


RUN_KEYS: list[BindingType] = [
    keys.TAKE,
    keys.UNDO,
    keys.DIFF,
    keys.BY_HAND,
    keys.ABORT,
    keys.NEXT_PANE,
    keys.ALONE,
    keys.MAKE_GIT_EQUAL,
    keys.AUTO_SYNC_ON,
    keys.END_EARLY,
    keys.CLOSE,
    keys.UPDATER_ON,
    keys.DEBTS,
    keys.TAKE_OVER,
    keys.VERIFY,
    keys.SKIP,
    *keys.numbers("choose again", "Chooses again what this step works on", last=1),
    keys.PRINT,
    keys.COPY,
    keys.EVIDENCE,
    keys.BACK,
]
"""Of both screens, most needed first."""


class RunRoom(RoomScreen[Wished]):
    """A screen about a run that is open."""

    BINDINGS = RUN_KEYS

    def __init__(self, sight: Sight, news: str = "") -> None:
        """Shows the run; `news` says what happened while no screen was open, or why the last wish was not taken."""
        super().__init__(sight)
        self.news = news
        self._ended = False
        run = sight.glance.run
        self._watch_known = run is not None and run.watch is not None

    def tell(self, news: str) -> None:
        """Shows a sentence until the next wish."""
        self.news = news
        self.redraw()

    @property
    def run(self) -> Run | None:
        """The run as it stands."""
        return self.glance.run

    @property
    def step(self) -> StepRun | None:
        """The step that the keys are about."""
        run = self.run
        return first_open(run, self.glance) if run else None

    def redraw(self) -> None:
        """Shows the present glance and the keys that work on it; says once that the run has ended, or that the watch has begun."""
        if self.run is not None and self.run.closed and not self._ended:
            self._ended = True
            self.choose(Wished(Wish.ENDED))
        if self.run is not None and self.run.watch is not None and not self._watch_known:
            self._watch_known = True
            if self.is_current and not self.run.watch.over:
                self.choose(Wished(Wish.OTHER_ROOM))
        self.refresh_bindings()
        super().redraw()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offers what makes sense for the run and its step now; the engine judges again."""
        run = self.run
        if run is None:
            return action == "move"
        if action in _OF_RUN:
            return _of_run(action, run, follows=bool(self.glance.follows))
        if action == "pay":
            return self._paying(str(parameters[0])) is not None and not run.closed
        step = self.step
        if action in _OF_STEP:
            return step is not None and self._of_step(action, run, step)
        return True

    def key_words(self, binding: Binding) -> str:
        """Says what Enter does with this step now, and that quitting ends no run."""
        if binding.id == keys.QUIT.id and self.wide:
            return "quit: the run goes on"
        step = self.step
        if binding.id == keys.TAKE.id and step is not None:
            written = self.glance.step(step.id)
            if self._next_behind(step) is not None:
                return "next step"
            if written is not None and written.action == "manual":
                return "do it"
            return "confirm" if step.status is StepStatus.ARMED else "prepare"
        return super().key_words(binding)

    def _of_step(self, action: str, run: Run, step: StepRun) -> bool:
        status = step.at_rest.status
        if action == "diff":
            return bool(step.preview and any(call.diff for call in step.preview.calls))
        if action in ("print_command", "copy"):
            return bool(commands_of(self.glance, step))
        if run.closed or self.glance.follows:
            return False
        written = self.glance.step(step.id)
        if written is not None and written.watches:
            return False
        return {
            "take": step.status is StepStatus.ARMED or status in TAKEABLE or self._next_behind(step) is not None,
            "by_hand": status in BY_HAND,
            "undo": status in UNDOABLE and bool(step.done_calls),
            "verify": status in VERIFIABLE or status is StepStatus.UNKNOWN,
            "skip": status in SKIPPABLE and not step.required,
            "number": (not step.calls or status in TAKEABLE) and _works_on_a_choice(step),
        }[action]

    def _next_behind(self, step: StepRun) -> StepRun | None:
        """Returns the step that comes next where this one is well over; None: it is to be taken itself, or nothing is left."""
        run = self.run
        if run is None or step.status is StepStatus.ARMED or step.at_rest.status in TAKEABLE or not step.at_rest.status.over:
            return None
        return first_open(run, self.glance)

    def _paying(self, debt: str) -> str | None:
        """Returns the id of the open step that pays the debt."""
        path, run = self.glance.path, self.run
        if path is None or run is None or not may_be_paid(run, debt):
            return None
        open_steps = {step.id for step in run.steps if not step.at_rest.status.over}
        return next((step.id for step in path.steps if debt in step.pays and step.id in open_steps and blocking(run, path, step) is None), None)

    def select(self, step_id: str) -> None:
        """Makes that step the one the keys are about."""

    def _wish(self, wish: Wish, *, step: bool = False) -> None:
        if not self.waits:
            return  # a key pressed again while its first wish is being granted would do the same once more behind it
        about = self.step
        self.choose(Wished(wish, about.id if step and about else ""))

    def action_take(self) -> None:
        """Wishes to take the step: confirm it, do it by hand, or choose what it needs; from one that is over, goes to the next."""
        step = self.step
        if step is not None and (behind := self._next_behind(step)) is not None:
            self.select(behind.id)
        else:
            self._wish(Wish.TAKE, step=True)

    def action_by_hand(self) -> None:
        """Wishes to do it by hand."""
        self._wish(Wish.BY_HAND, step=True)

    def action_undo(self) -> None:
        """Wishes to put back what the step did."""
        self._wish(Wish.UNDO, step=True)

    def action_number(self, number: int) -> None:
        """Wishes to choose again what the step works on."""
        self._wish(Wish.CHOOSE, step=True)

    def action_verify(self) -> None:
        """Wishes that the world is looked at again."""
        self._wish(Wish.VERIFY, step=True)

    def action_skip(self) -> None:
        """Wishes to leave the step out."""
        self._wish(Wish.SKIP, step=True)

    def action_abort(self) -> None:
        """Wishes that nothing further is sent."""
        self._wish(Wish.ABORT)

    def action_end_early(self) -> None:
        """Wishes to end the stability watch."""
        self._wish(Wish.END_EARLY)

    def action_take_over(self) -> None:
        """Wishes to take the environment from who holds it."""
        self._wish(Wish.TAKE_OVER)

    def action_debts(self) -> None:
        """Wishes to pay or sign for a debt."""
        self._wish(Wish.DEBTS)

    def action_close_run(self) -> None:
        """Wishes to close the run."""
        self._wish(Wish.CLOSE)

    def action_evidence(self) -> None:
        """Wishes to see the evidence."""
        self._wish(Wish.EVIDENCE)

    def action_back(self) -> None:
        """Wishes to see the other room of the run."""
        self._wish(Wish.OTHER_ROOM)

    def action_pay(self, debt: str) -> None:
        """Goes to the step that pays the debt."""
        step_id = self._paying(debt)
        if step_id is not None and self.waits:
            self.choose(Wished(Wish.TAKE, step_id))

    def action_diff(self) -> None:
        """Shows what changes."""
        step = self.step
        if step is not None and step.preview is not None:
            preview = step.preview
            self.app.show(f"What changes: {preview.title}", lambda room: diff_lines(preview, room.width))

    def action_print_command(self) -> None:
        """Prints the step's commands."""
        step = self.step
        if step is not None:
            self.app.print_out(commands_of(self.glance, step))

    def action_copy(self) -> None:
        """Copies the step's commands."""
        step = self.step
        if step is not None:
            self.app.copy_out(commands_of(self.glance, step))


_OF_STEP = frozenset({"take", "by_hand", "undo", "verify", "skip", "diff", "print_command", "copy", "number"})
TAKEABLE = (StepStatus.WAITING, StepStatus.FAILED, StepStatus.UNDONE, StepStatus.SKIPPED)
"""States at rest in which a step can be taken (again)."""
_OF_RUN = frozenset({"abort", "end_early", "take_over", "debts", "close_run", "back"})


def _works_on_a_choice(step: StepRun) -> bool:
    """Returns whether the step sends something, as far as is known: also of one that was refused or gone back from, so that another target is one key away."""
    if step.preview is None:
        return step.status is StepStatus.WAITING and bool(step.reason)
    return bool(step.preview.calls or step.preview.refused)


def _of_run(action: str, run: Run, *, follows: bool) -> bool:
    if action == "back":
        return run.watch is not None
    if follows or run.closed:
        return False
    watching = run.watch is not None and not run.watch.over
    required_open = any(step.required and not step.at_rest.status.over for step in run.steps)
    return {
        "abort": not run.aborted,
        "end_early": watching,
        "take_over": bool(run.lock_lost),
        "debts": bool(run.open_debts),
        "close_run": bool(run.aborted) or (not watching and not required_open),
    }[action]
