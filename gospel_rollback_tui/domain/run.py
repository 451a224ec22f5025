"""A run as a value: what the fold over its journal says about the incident now."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.estate import HttpCheck
from gospel_rollback_tui.domain.preview import CheckState, Json, Outcome, Preview


class StepStatus(Enum):
    """Where a step is in its life (DESIGN §4)."""

    WAITING = "waiting"
    ARMED = "armed"
    """Previewed; the confirmation is open to be given."""
    ACTING = "acting"
    """Between INTENT and RESULT of one of its calls."""
    VERIFYING = "verifying"
    """Every call was sent; the world is being looked at."""
    UNKNOWN = "unknown"
    """Stopped between INTENT and RESULT, or the answer was lost: verify first."""
    VERIFIED = "verified"
    ASSERTED = "asserted"
    """Done by hand, on somebody's word."""
    FAILED = "failed"
    SKIPPED = "skipped"
    UNDONE = "undone"

    @property
    def over(self) -> bool:
        """Whether the path may go on behind it."""
        return self in (StepStatus.VERIFIED, StepStatus.ASSERTED, StepStatus.SKIPPED)


@dataclass(frozen=True, slots=True)
class CallRun:
    """One call of an attempt, as far as the journal knows."""

    id: str
    where: str
    body: Json
    undo: Json
    intent_at: float
    outcome: Outcome | None = None
    """None: INTENT without RESULT."""
    detail: str = ""
    result_at: float = 0.0
    verified: bool | None = None


@dataclass(frozen=True, slots=True)
class StepRun:
    """One step of the chosen path, as it stands."""

    id: str
    title: str
    required: bool
    usual: float
    danger: Danger
    status: StepStatus = StepStatus.WAITING
    attempt: int = 0
    undo_of: int | None = None
    """The attempt that the current attempt puts back; None: it goes forward."""
    preview: Preview | None = None
    """Of the current attempt."""
    calls: tuple[CallRun, ...] = ()
    """Of the current attempt, in order of INTENT."""
    done_calls: tuple[CallRun, ...] = ()
    """Forward calls that took effect and were not put back, oldest first: what undo works on."""
    checks: tuple[CheckState, ...] = ()
    moved: tuple[tuple[str, str, str], ...] = ()
    """What the gate found moved at the last confirmation."""
    started: float = 0.0
    ended: float = 0.0
    reason: str = ""
    """Why it was refused, failed or skipped; or what verified it."""
    attempts: int = 0
    """Number of the last attempt that sent something."""
    before: "StepRun | None" = None
    """The step as it was before it was armed: what it is again when the prompt is declined or the gate refuses."""

    @property
    def next_attempt(self) -> int:
        """The number of the attempt that arming it now begins: an attempt that sent nothing uses up none."""
        return self.attempts + 1

    @property
    def at_rest(self) -> "StepRun":
        """The step without the prompt that may be open on it."""
        return self.before if self.status is StepStatus.ARMED and self.before else self

    @property
    def unresolved(self) -> tuple[CallRun, ...]:
        """Calls of this attempt that were meant and of which nobody knows whether they took effect."""
        if self.status.over or self.status is StepStatus.UNDONE:
            return ()
        return tuple(call for call in self.calls if call.outcome in (None, Outcome.UNKNOWN) and call.verified is None)


@dataclass(frozen=True, slots=True)
class Debt:
    """A temporary act that must be put back before the run closes clean."""

    id: str
    title: str
    reason: str
    due: float
    """Wall time."""
    step: str
    opened: float
    paid: str = ""
    """How it was paid; empty: open."""
    signed: str = ""
    """Who accepted it as left open, and why; empty: nobody."""
    owner: str = ""
    """Who confirmed the act that left it."""
    call: str = ""
    """The call that left it."""

    @property
    def open(self) -> bool:
        """Whether it is neither paid nor signed for."""
        return not (self.paid or self.signed)


@dataclass(frozen=True, slots=True)
class SignalState:
    """One signal of the stability watch."""

    name: str
    state: str
    """good, bad or unknown."""
    words: str
    since: float


@dataclass(frozen=True, slots=True)
class WatchRun:
    """The stability watch, as it stands."""

    minutes: float
    started: float
    clock_from: float
    """Wall time from which the clock runs; later than `started` after a reset."""
    signals: tuple[SignalState, ...] = ()
    resets: tuple[tuple[float, str, str], ...] = ()
    """(wall time, signal, words) of each reset."""
    stable_at: float = 0.0
    """0: not yet."""
    ended_early: str = ""
    step: str = ""
    """The step that watches."""
    good_seconds: float = 0.0
    """Good time at the last record of the watch; the clock stands still while a signal is not good."""

    def held(self, now: float) -> float:
        """Returns the good seconds at wall time `now`."""
        if all(signal.state == "good" for signal in self.signals):
            return max(0.0, now - self.clock_from)
        return self.good_seconds

    @property
    def over(self) -> bool:
        """Whether it was stable, or was ended."""
        return bool(self.stable_at or self.ended_early)


@dataclass(frozen=True, slots=True)
class Run:
    """One incident's execution, folded from its journal."""

    id: str
    environment: str
    operator: str
    host: str
    server: str
    identity: str
    opened: float
    onset: float
    """When users began to fail; 0: not known."""
    first_paint: float
    symptom: HttpCheck | None
    symptom_failing_before: bool
    read_only: bool
    seq: int
    """Of the last record folded."""
    scenario: str = ""
    path: str = ""
    runbook: str = ""
    digest: str = ""
    objective: float = 0.0
    why: str = ""
    steps: tuple[StepRun, ...] = ()
    inputs: Mapping[str, str] | None = None
    """Chosen and asked values by name."""
    debts: tuple[Debt, ...] = ()
    holder: str = ""
    lock_lost: str = ""
    """Why nothing is sent; empty: the lock is ours."""
    waiting: str = ""
    """What the run waits for, e.g. `credentials`; empty: nothing."""
    runner_pid: int = 0
    runner_started: float = 0.0
    runner_state: str = ""
    symptom_passing: bool | None = None
    symptom_words: str = ""
    recovered_at: float = 0.0
    """First time the symptom passed after it had failed; 0: not yet."""
    watch: WatchRun | None = None
    aborted: str = ""
    cut_short: tuple[tuple[str, int], ...] = ()
    """(step, attempt) of what was under way when the run was aborted: nothing more of it is sent."""
    closed: str = ""
    """clean, asserted, debts or aborted; empty: open."""
    closed_at: float = 0.0
    closed_reason: str = ""
    acted: bool = False
    """Whether a change was meant or made by hand: from then on a passing symptom is a recovery."""
    version: int = 0
    """Of the journal."""

    def stopped_by_abort(self, step: StepRun) -> bool:
        """Returns whether the abort keeps the attempt from sending: it was under way then. The gate judges what is confirmed after it."""
        return bool(self.aborted) and (step.id, step.attempt) in self.cut_short

    def step(self, step_id: str) -> StepRun:
        """Returns the step of that id; raises KeyError if there is none."""
        for step in self.steps:
            if step.id == step_id:
                return step
        raise KeyError(step_id)

    @property
    def current(self) -> StepRun | None:
        """The first step that is not over; None when all are."""
        return next((step for step in self.steps if not step.status.over), None)

    @property
    def unknown(self) -> tuple[StepRun, ...]:
        """Steps whose outcome is not known."""
        return tuple(step for step in self.steps if step.status is StepStatus.UNKNOWN)

    @property
    def open_debts(self) -> tuple[Debt, ...]:
        """Debts neither paid nor signed for."""
        return tuple(debt for debt in self.debts if debt.open)
