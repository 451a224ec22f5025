"""Runbooks as values: scenario, path, step, and the catalogue of actions a step may name."""

from dataclasses import dataclass
from enum import Enum

from gospel_rollback_tui.domain.danger import Danger

MANUAL_ACTION = "manual"
"""Action of a step that the operator does by hand."""
STABILITY_ACTION = "stability.watch"
"""Action of the step that watches until nothing has flapped for long enough; the engine runs it itself and starts it by itself."""


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """What an action offers, so that a runbook can be proved without running anything."""

    name: str
    """e.g. `deployment.undo`."""
    system: str
    """e.g. `Kubernetes`."""
    danger: Danger
    """The lowest level the action can have."""
    undo: bool
    """Whether it can put back what it did."""
    parameters: tuple[str, ...] = ()
    """Names a step's `with:` may set."""
    automated: bool = True
    """False: the operator acts by hand and the tool only guides and records."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A value that nothing reads live: asked for, checked by pattern, journalled."""

    name: str
    question: str
    pattern: str
    """Regular expression the whole answer must match."""
    example: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One confirmed unit of a path."""

    id: str
    title: str
    why: str
    action: str
    """Name in the catalogue; `manual` for a step done by hand."""
    danger: Danger
    """The written level: raises the resolved one, never lowers it."""
    timeout: float
    """Seconds until the step's verification is given up."""
    required: bool = True
    """A required step cannot be skipped."""
    parameters: tuple[tuple[str, str], ...] = ()
    """`with:` of the step; may hold `{names}` of the estate."""
    commands: tuple[str, ...] = ()
    """By hand: the exact commands, with `{names}` of the estate and of asks."""
    look_for: str = ""
    """How to tell that it worked."""
    undo: str = ""
    """How it is put back."""
    no_undo: str = ""
    """Why it cannot be put back; one of the two is written for a changing step."""
    differs: str = ""
    """Where the written procedure would fail or do harm, and what is right."""
    covers: tuple[str, ...] = ()
    """Commands of the written procedure that this step stands for, word for word."""
    asks: tuple[Ask, ...] = ()
    usual: float = 0.0
    """Seconds it usually takes; 0: unknown."""
    pays: tuple[str, ...] = ()
    """Ids of the debts that are paid once it is done, e.g. `git`."""
    leaves: tuple[str, ...] = ()
    """Ids of the debts that doing it by hand leaves behind; where the tool acts, its calls say so themselves."""
    line: int = 0
    """Where it stands in its file."""

    @property
    def watches(self) -> bool:
        """Whether it is the stability watch."""
        return self.action.partition(".")[0] == "stability"


@dataclass(frozen=True, slots=True)
class Path:
    """One way back within a runbook."""

    id: str
    title: str
    summary: str
    steps: tuple[Step, ...]
    suited: tuple[tuple[str, str], ...] = ()
    """(fact, value) pairs that make it suited, e.g. `argocd.auto_sync: true`."""
    reverted_by: str = ""
    """What would revert it, in words; empty: nothing."""
    automated: bool = False
    """Whether its first changing step is sent by the tool."""

    def step(self, step_id: str) -> Step:
        """Returns the step of that id; raises KeyError if there is none."""
        for step in self.steps:
            if step.id == step_id:
                return step
        raise KeyError(step_id)


@dataclass(frozen=True, slots=True)
class Runbook:
    """The procedure of one scenario."""

    id: str
    title: str
    summary: str
    objective: float
    """Recovery objective in seconds; 0: varies."""
    paths: tuple[Path, ...]
    file: str = ""
    digest: str = ""
    """SHA-256 of the bytes of the file and of the steps it shares with others: a run remembers which text it followed."""

    def path(self, path_id: str) -> Path:
        """Returns the path of that id; raises KeyError if there is none."""
        for path in self.paths:
            if path.id == path_id:
                return path
        raise KeyError(path_id)


class Weight(Enum):
    """What a fact's value says about a row (scores ±3, ±1; FEATURES 5.4)."""

    STRONG_FOR = 3
    WEAK_FOR = 1
    WEAK_AGAINST = -1
    STRONG_AGAINST = -3
    RULES_OUT = -100


@dataclass(frozen=True, slots=True)
class Rule:
    """One fact's meaning for one row."""

    fact: str
    """Name of a reading, e.g. `pods.only_new_fail`."""
    value: bool
    """The value that speaks; the other says nothing."""
    weight: Weight
    words: str
    """What it says, in the operator's words."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the decision matrix."""

    number: int
    id: str
    """Scenario id, which is its runbook's id."""
    title: str
    objective: str
    """As written in the matrix, e.g. `< 2 minutes`."""
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of a wizard question and the fact it asserts."""

    key: str
    words: str
    fact: str = ""
    """Empty: `I do not know`."""
    value: bool = True


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the wizard."""

    id: str
    text: str
    why: str
    answers: tuple[Answer, ...]
    facts: tuple[str, ...] = ()
    """Readings shown beside it; known ones may answer it by themselves."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """The decision matrix with the wizard's questions."""

    rows: tuple[Row, ...]
    questions: tuple[Question, ...]
    facts: tuple[tuple[str, str], ...] = ()
    """(fact, words) of every fact that rules and questions may name; the words say what it means when it is true."""

    def asserting(self, fact: str) -> tuple[Question, Answer] | None:
        """Returns the question and the answer that say that the fact is true; None: no question asks for it."""
        return next(((question, answer) for question in self.questions for answer in question.answers if answer.fact == fact and answer.value), None)

    def row(self, scenario: str) -> Row:
        """Returns the row of that scenario; raises KeyError if there is none."""
        for row in self.rows:
            if row.id == scenario:
                return row
        raise KeyError(scenario)


@dataclass(frozen=True, slots=True)
class Library:
    """All runbooks and the matrix, proved."""

    matrix: Matrix
    runbooks: tuple[Runbook, ...]

    def runbook(self, scenario: str) -> Runbook:
        """Returns the runbook of that scenario; raises KeyError if there is none."""
        for runbook in self.runbooks:
            if runbook.id == scenario:
                return runbook
        raise KeyError(scenario)
