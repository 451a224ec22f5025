"""Ports in memory, made of the builders' frozen values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gospel_rollback_tui.domain.decisions import Decision, Reply
from gospel_rollback_tui.domain.errors import JournalError, Refused, RollbackError
from gospel_rollback_tui.domain.estate import Environment, HttpCheck, TerminalSettings
from gospel_rollback_tui.domain.events import Event
from gospel_rollback_tui.domain.feed import Moment
from gospel_rollback_tui.domain.owed import Owed
from gospel_rollback_tui.domain.preview import Preview
from gospel_rollback_tui.domain.run import Run
from gospel_rollback_tui.domain.runbook import Answer, Library, Path, Question
from gospel_rollback_tui.domain.snapshots import EstateSnapshot
from gospel_rollback_tui.domain.triage import TriagePicture
from gospel_rollback_tui.engine.ports import ChoiceList
from gospel_rollback_tui.ui.ports import Desk, Opening, RunView
from tests.ui.builders import NOW, environment, picture, preview, snapshot
from tests.ui.procedures import library


@dataclass
class FrozenClock:
    """A present that stands still."""

    moment: Moment = NOW

    def now(self) -> Moment:
        """The frozen present."""
        return self.moment


@dataclass
class Estate:
    """Shows one snapshot."""

    shown: EstateSnapshot | None = field(default_factory=snapshot)
    followed: list[tuple[str, ...]] = field(default_factory=list)
    logged: list[tuple[str, str, str, bool]] = field(default_factory=list)
    """Of which containers the last lines were asked for."""
    log: tuple[str, ...] | RollbackError = ()
    """The last lines of any container, or why there are none."""

    def snapshot(self) -> EstateSnapshot | None:
        """What is shown."""
        return self.shown

    def follow(self, services: Sequence[str]) -> None:
        """Notes whose lines were asked for."""
        self.followed.append(tuple(services))

    def last_log(self, namespace: str, pod: str, container: str, previous: bool) -> tuple[str, ...]:
        """Notes what was asked for, and answers at once."""
        self.logged.append((namespace, pod, container, previous))
        if isinstance(self.log, RollbackError):
            raise self.log
        return self.log


@dataclass
class Triage:
    """Shows one picture and notes what it was told."""

    shown: TriagePicture | None = field(default_factory=picture)
    given: dict[str, str] = field(default_factory=dict)
    symptoms: list[HttpCheck | None] = field(default_factory=list)
    refreshed: int = 0

    def picture(self) -> TriagePicture | None:
        """What is shown."""
        return self.shown

    def answer(self, question: Question, answer: Answer) -> None:
        """Notes the answer."""
        self.given[question.id] = answer.key

    def answers(self) -> Mapping[str, str]:
        """What was answered."""
        return self.given

    def choose_symptom(self, check: HttpCheck | None) -> None:
        """Notes the symptom."""
        self.symptoms.append(check)

    def refresh(self) -> None:
        """Counts."""
        self.refreshed += 1


@dataclass
class Plans:
    """Plans the same preview for everything."""

    lists: tuple[ChoiceList, ...] = ()
    preview: Preview = field(default_factory=preview)

    def choices(self, path: Path, step: str, inputs: Mapping[str, str]) -> tuple[ChoiceList, ...]:
        """The lists."""
        return self.lists

    def plan(self, path: Path, step: str, inputs: Mapping[str, str]) -> Preview:
        """The preview."""
        return self.preview


@dataclass
class Following:
    """A run that is what the test says, and notes decisions."""

    value: Run | None = None
    records: tuple[Event, ...] = ()
    decisions: list[Decision] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    living: bool = True
    why_only: str = ""
    left: float = 0.0

    def run(self) -> Run | None:
        """The run."""
        return self.value

    def events(self) -> Sequence[Event]:
        """The records."""
        return self.records

    def send(self, decision: Decision) -> Reply:
        """Notes the decision and answers with the next reply, or takes it."""
        self.decisions.append(decision)
        return self.replies.pop(0) if self.replies else Reply(taken=True)

    def alive(self) -> bool:
        """Whether the runner lives."""
        return self.living

    def read_only(self) -> str:
        """Why only."""
        return self.why_only

    def left_at(self) -> float:
        """When the last screen left."""
        return self.left


@dataclass
class Opener:
    """Opens the run that the test supplies."""

    open_run: RunView | None = None
    opens: RunView | None = None
    openings: list[Opening] = field(default_factory=list)
    prepared: int = 0
    unreadable: str = ""
    """Why the record of an open run cannot be read."""
    left_behind: tuple[Owed, ...] = ()
    cannot_open: str = ""
    """Why a run cannot be opened."""

    def current(self) -> RunView | None:
        """The open run."""
        if self.unreadable:
            raise JournalError(self.unreadable)
        return self.open_run

    def owed(self) -> tuple[Owed, ...]:
        """What earlier runs left behind."""
        return self.left_behind

    def prepare(self) -> None:
        """Counts."""
        self.prepared += 1

    def open(self, opening: Opening) -> RunView:
        """Notes the opening and returns the run."""
        self.openings.append(opening)
        if self.cannot_open:
            raise Refused(self.cannot_open)
        assert self.opens is not None
        return self.opens


@dataclass
class Logins:
    """A login command that works or not."""

    words: tuple[str, ...] = ("aws", "sso", "login")
    problem: str = ""
    runs: int = 0

    def command(self) -> tuple[str, ...]:
        """The command."""
        return self.words

    def run(self) -> str:
        """Counts."""
        self.runs += 1
        return self.problem


@dataclass
class Ports:
    """Every port in memory, and the desk they make."""

    estate: Estate = field(default_factory=Estate)
    triage: Triage = field(default_factory=Triage)
    planner: Plans = field(default_factory=Plans)
    runs: Opener = field(default_factory=Opener)
    login: Logins = field(default_factory=Logins)
    clock: FrozenClock = field(default_factory=FrozenClock)
    environment: Environment = field(default_factory=environment)
    library: Library = field(default_factory=library)
    read_only: bool = False
    terminal: TerminalSettings = field(default_factory=TerminalSettings)

    def desk(self) -> Desk:
        """The desk."""
        return Desk(
            environment=self.environment,
            operator="ada",
            library=self.library,
            estate=self.estate,
            triage=self.triage,
            planner=self.planner,
            runs=self.runs,
            login=self.login,
            clock=self.clock,
            read_only=self.read_only,
            terminal=self.terminal,
        )
