"""What the engine needs of the world, as small protocols.

Every call carries its own deadline. Errors are those of `domain.errors`; a read may raise any of them, a change
raises `NotSent`, `Refused` or `OutcomeUnknown` and nothing else.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Event as Stop
from typing import Protocol, runtime_checkable

from gospel_rollback_tui.domain.estate import Environment, HttpCheck
from gospel_rollback_tui.domain.events import Event, Kind
from gospel_rollback_tui.domain.preview import CheckState, Fingerprint, PlannedCall, Preview
from gospel_rollback_tui.domain.run import CallRun, SignalState
from gospel_rollback_tui.domain.runbook import ActionSpec, Step

FAILING = "failing"
"""Input that a run may be opened with: the services that failed then, joined by commas; lists of services begin with them."""


@dataclass(frozen=True, slots=True)
class StepRequest:
    """A step in its run, as an action sees it."""

    run: str
    environment: Environment
    step: Step
    inputs: Mapping[str, str]
    """Live choices and asked values, e.g. `services` → `gateway,auth`, `revision:gateway` → `41`.

    For each open debt whose call has `captured` among its undo, `captured:DEBT` is that value as JSON.
    """
    operator: str
    symptom: HttpCheck | None
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Option:
    """One entry of a live list."""

    value: str
    label: str
    detail: str = ""
    suggested: bool = False
    refused: str = ""
    """Why it cannot be chosen; empty: it can."""


@dataclass(frozen=True, slots=True)
class ChoiceList:
    """A live list to choose from."""

    name: str
    """The input it sets."""
    question: str
    options: tuple[Option, ...]
    multiple: bool = False
    """Several values, joined by commas."""


class Action(Protocol):
    """What a step does, on one system."""

    @property
    def spec(self) -> ActionSpec:
        """What the catalogue says about it."""

    def choices(self, request: StepRequest) -> tuple[ChoiceList, ...]:
        """Returns the live lists that set the step's inputs; empty if there is nothing to choose."""

    def plan(self, request: StepRequest) -> Preview:
        """Prechecks and previews: reads only, and dry runs. What forbids acting is `Preview.refused`."""

    def facts(self, request: StepRequest, preview: Preview) -> Fingerprint:
        """Re-reads exactly what the preview rests on, within 3 s."""

    def send(self, request: StepRequest, call: PlannedCall) -> str:
        """Sends one call once and returns what the server said, in a line."""

    def happened(self, request: StepRequest, call: PlannedCall) -> bool | None:
        """Looks at the world: has this call's effect (None: cannot be told)."""

    def checks(self, request: StepRequest, preview: Preview, since: float) -> tuple[CheckState, ...]:
        """Looks at the world once: each condition of the step. Polled until all passed, one is final, or the timeout."""

    def undo_plan(self, request: StepRequest, done: Sequence[CallRun]) -> Preview:
        """Previews putting back what `done` calls did, newest first, from their captured `undo`.

        `done` comes oldest first, with one call for each call id: the one that captured the state before the step.
        """


@runtime_checkable
class Cancellable(Protocol):
    """An action whose call goes on after it was sent, and can be asked to stop."""

    def cancel(self, request: StepRequest, call: PlannedCall) -> str:
        """Asks it to stop, once, and returns what was done, in a line; how it ended is told by `checks` as ever."""


@runtime_checkable
class Sequenced(Protocol):
    """An action whose calls may have to wait until what the one before began has come to its end."""

    def awaited(self, request: StepRequest, call: PlannedCall) -> str:
        """Looks at the world once: what the call has to wait for; empty: it may be sent. Raises Refused where that will never come."""


class Journal(Protocol):
    """The run's append-only record."""

    def append(self, kind: Kind, data: Mapping[str, object]) -> Event:
        """Writes one record behind the last and fsyncs it; raises JournalError, and then nothing may be sent."""

    def events(self) -> Sequence[Event]:
        """Returns every record so far, oldest first."""


@dataclass(frozen=True, slots=True)
class LockHolder:
    """Who holds an environment."""

    owner: str
    """operator@host."""
    run: str
    step: str
    intent: str
    """The last intent, e.g. `PATCH Deployment gospelib-gateway`."""
    renewed: float
    """Wall time."""
    expired: bool
    """Not renewed within its duration."""


class EnvironmentLock(Protocol):
    """The lock between operators: one run a environment changes anything."""

    def acquire(self, owner: str, run: str) -> LockHolder | None:
        """Takes the lock if it is free, expired without an open intent, or ours; returns the other holder if it is not."""

    def renew(self, step: str, intent: str) -> bool:
        """Renews and notes step and last intent; False: it is somebody else's now. Raises NotSent or OutcomeUnknown if that cannot be told."""

    def ours(self) -> bool:
        """Reads the lock: is it this run's own? Raises NotSent if it cannot be read."""

    def take_over(self, owner: str, run: str, reason: str) -> LockHolder | None:
        """Takes the lock whoever holds it; returns who held it."""

    def release(self) -> None:
        """Gives the lock back; a lock that is not ours is left alone."""


class Clock(Protocol):
    """Time, injected so that tests need none."""

    def now(self) -> float:
        """Returns wall time in seconds since the epoch."""

    def wait(self, stop: Stop, seconds: float) -> bool:
        """Waits until `stop` is set (True) or the seconds are over (False)."""


class IdentityCheck(Protocol):
    """Who we are and where, asked again before every change."""

    def current(self) -> tuple[str, str]:
        """Returns (server, identity) as the live calls report them."""


class SymptomProbe(Protocol):
    """Asks the symptom's request."""

    def passing(self, check: HttpCheck) -> tuple[bool | None, str]:
        """Returns whether the answer is the expected one (None: no answer), and what was seen."""


@dataclass(frozen=True, slots=True)
class WatchReport:
    """What the stability watch says now."""

    signals: tuple[SignalState, ...]
    clock_from: float
    """Wall time from which the clock runs."""
    reset: tuple[str, str] | None = None
    """(signal, words) if this sample started the clock again."""
    stable: bool = False


class StabilityWatch(Protocol):
    """Samples every signal of the environment; made anew for each run."""

    def sample(self) -> WatchReport:
        """Takes one sample of each signal and judges; takes as long as the slowest probe's deadline."""


def nothing_to_renew() -> None:
    """Renews nothing: for ports that hold no credentials."""


@dataclass(frozen=True, slots=True)
class World:
    """Every port of one environment, ready-made by the composition root."""

    actions: Mapping[str, Action]
    lock: EnvironmentLock
    identity: IdentityCheck
    symptom: SymptomProbe
    watch: Callable[[HttpCheck | None, float], StabilityWatch]
    """(symptom, wall time of recovery) → a watch."""
    clock: Clock
    renew: Callable[[], None] = nothing_to_renew
    """Reads credentials and kubeconfig again, after somebody logged in; never blocks for long, never raises."""
