"""What the screens are supplied with, as small protocols and one value that holds them all.

The composition root supplies them. Unless a method says that it blocks, it returns at once and never raises: screens
call it from the event loop, twice a second.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from gospel_rollback_tui.domain.errors import RollbackError
from gospel_rollback_tui.domain.estate import Environment, HttpCheck, TerminalSettings
from gospel_rollback_tui.domain.feed import Moment
from gospel_rollback_tui.domain.runbook import Answer, Library, Path, Question

if TYPE_CHECKING:  # the first paint waits for none of them
    from gospel_rollback_tui.domain.decisions import Decision, Reply
    from gospel_rollback_tui.domain.events import Event
    from gospel_rollback_tui.domain.owed import Owed
    from gospel_rollback_tui.domain.preview import Preview
    from gospel_rollback_tui.domain.run import Run
    from gospel_rollback_tui.domain.snapshots import EstateSnapshot
    from gospel_rollback_tui.domain.triage import TriagePicture
    from gospel_rollback_tui.engine.ports import ChoiceList


class Clock(Protocol):
    """The present, injected so that pictures and tests stand still."""

    def now(self) -> Moment:
        """Returns the present on both clocks."""


class EstateView(Protocol):
    """The live feeds' newest picture."""

    def snapshot(self) -> EstateSnapshot | None:
        """Returns the newest picture; None before the feeds have started."""

    def follow(self, services: Sequence[str]) -> None:
        """Asks for the log lines of those services; the errors of all are counted anyway."""

    def last_log(self, namespace: str, pod: str, container: str, previous: bool) -> tuple[str, ...]:
        """Blocks, some seconds at most; returns the last lines of a container, of its run before this one if `previous`. Raises RollbackError."""


class TriageView(Protocol):
    """Evidence, the operator's answers, and what both suggest."""

    def picture(self) -> TriagePicture | None:
        """Returns the newest picture; None before the first probe has answered."""

    def answer(self, question: Question, answer: Answer) -> None:
        """Notes the operator's answer; one without a fact takes an earlier one back."""

    def answers(self) -> Mapping[str, str]:
        """Returns the key of the answer given to each question, by question id."""

    def choose_symptom(self, check: HttpCheck | None) -> None:
        """Makes that request the incident's symptom; None: there is none to ask for."""

    def refresh(self) -> None:
        """Asks every probe again, keeping the answers."""


class Planner(Protocol):
    """What a step would do, read from the live estate. Both calls block, for some seconds at most, and raise RollbackError."""

    def choices(self, path: Path, step: str, inputs: Mapping[str, str]) -> tuple[ChoiceList, ...]:
        """Returns the live lists that set the step's inputs; empty if there is nothing to choose."""

    def plan(self, path: Path, step: str, inputs: Mapping[str, str]) -> Preview:
        """Returns what the step would do with those inputs."""


class RunView(Protocol):
    """One run: its journal's fold, and the way decisions take."""

    def run(self) -> Run | None:
        """Returns the run as its journal tells it now; None before its first record."""

    def events(self) -> Sequence[Event]:
        """Returns every record so far, oldest first."""

    def send(self, decision: Decision) -> Reply:
        """Blocks until the runner answered, some seconds at most; a runner that does not answer is a reply not taken."""

    def alive(self) -> bool:
        """Returns whether the run's runner lives."""

    def read_only(self) -> str:
        """Returns why this app may only follow; empty: it may decide."""

    def left_at(self) -> float:
        """Returns the wall time at which this operator's last screen of the run went away; 0: none did."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What opens a run: the way back that was chosen, and what it was chosen on."""

    scenario: str
    path: str
    inputs: Mapping[str, str]
    why: str
    """The evidence in a line."""
    override: str
    """Why another row than the suggested one was taken; empty: it was the suggested one."""
    picture: TriagePicture | None
    """The evidence as it was on the screen."""
    first_paint: float
    """Wall time of the app's first paint."""


class Runs(Protocol):
    """The runs of this environment."""

    def current(self) -> RunView | None:
        """Blocks shortly; returns the run that is open, with its runner alive or started again; None: none is open."""

    def owed(self) -> tuple[Owed, ...]:
        """Blocks shortly; returns what closed runs of this environment have left behind, newest first."""

    def prepare(self) -> None:
        """Blocks shortly; starts a runner's process ahead of time, so that it is warm when a run is opened. Changes nothing."""

    def open(self, opening: Opening) -> RunView:
        """Blocks until the run is open; raises RollbackError with the reason if it cannot be opened, and then nothing was changed."""


class Login(Protocol):
    """The environment's own way to log in again."""

    def command(self) -> tuple[str, ...]:
        """Returns the configured command; empty: none is configured."""

    def run(self) -> str:
        """Blocks, on the operator's own terminal; returns what went wrong, empty: nothing."""


def nothing_to_start() -> None:
    """Starts nothing: for screens whose ports run already."""


def kept_nowhere(_kind: str, _lines: Sequence[str]) -> str:
    """Writes nothing: for screens without a place for files."""
    raise RollbackError("There is no place for files here.")


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything an operator's screens are supplied with, for one environment."""

    environment: Environment
    operator: str
    """Operator's name, as recorded."""
    library: Library
    estate: EstateView
    triage: TriageView
    planner: Planner
    runs: Runs
    login: Login
    clock: Clock
    read_only: bool = False
    terminal: TerminalSettings = field(default_factory=TerminalSettings)
    said_at_start: tuple[str, ...] = ()
    """Sentences the operator should see at start, e.g. that a logout would end the runner."""
    keep: Callable[[str, Sequence[str]], str] = field(default=kept_nowhere)
    """Writes lines to a new file of that kind which only the operator can read, and returns its path; blocks shortly, raises RollbackError."""
    begin_feeds: Callable[[], None] = field(default=nothing_to_start)
    """Called once in a thread after the first paint: imports what reads the cluster and starts the feeds."""
    begin: Callable[[], None] = field(default=nothing_to_start)
    """Called once in a thread after that: imports the heavy clients and starts probes."""
