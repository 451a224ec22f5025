"""The first screen as a value: what fails, since when, what changed just before, and the suggested way back."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gospel_rollback_tui.domain.estate import HttpCheck
from gospel_rollback_tui.domain.evidence import Reading, Truth, Weighing
from gospel_rollback_tui.domain.preview import Preview


@dataclass(frozen=True, slots=True)
class SymptomPicture:
    """The operator's symptom as it stands."""

    check: HttpCheck
    failing: Truth
    words: str
    """e.g. `answers 500`."""
    since: float = 0.0
    """Wall time of the onset; 0: not known."""
    since_source: str = ""
    """What the onset was read from."""


@dataclass(frozen=True, slots=True)
class FailingService:
    """A service that fails, and how that is seen."""

    name: str
    words: str
    """e.g. `212 errors/min`."""


@dataclass(frozen=True, slots=True)
class Change:
    """Something that changed before (or after) the onset."""

    at: float
    """Wall time."""
    subject: str
    """Service or system, e.g. `gateway`."""
    words: str
    """e.g. `image v2.14.0 → v2.15.0, FEATURE_X=on`."""
    suspicious: bool = False
    """Close enough before the onset to have caused it."""


@dataclass(frozen=True, slots=True)
class Point:
    """One line below the suggestion: a sign and a sentence."""

    truth: Truth
    """TRUE ✓, FALSE !, UNKNOWN ?."""
    words: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The way back that the evidence suggests."""

    scenario: str
    path: str
    step: str
    """Id of the step that `r` confirms."""
    title: str
    """e.g. `Roll gateway back to v2.14.0`."""
    detail: str
    """e.g. `revision 41, ran 3 days, ready`."""
    inputs: Mapping[str, str]
    """What the step's choices are set to."""
    points: tuple[Point, ...] = ()
    lacks: tuple[str, ...] = ()
    """What is missing for `r`; empty: `r` exists."""
    preview: Preview | None = None
    """What `r` opens at once; None while it is being read."""
    planned_at: float = 0.0
    """Wall time the preview was read; 0: there is none."""

    @property
    def ready(self) -> bool:
        """Whether `r` exists: the row is clear, the target was once ready, and nothing is lacking."""
        return not self.lacks and self.preview is not None and not self.preview.refused


@dataclass(frozen=True, slots=True)
class Way:
    """One way back on the verdict, with the time it needs from now."""

    path: str
    title: str
    summary: str
    seconds: float
    """Until users are well again, from now; 0: not known."""
    reverted_by: str = ""
    """Who would put the bad release back; empty: nothing."""
    refused: str = ""
    """Why it cannot be taken now; empty: it can."""
    crashes: str = ""
    """Why its code would crash, or may, on the schema as it is: taken only with a written reason; empty: it would not."""
    automated: bool = False
    syncs_back: str = ""
    """What a sync would bring back afterwards; empty: nothing, or it is not known."""
    silent: str = ""
    """What the way goes through and does not answer now, and why; empty: everything answers, as far as anybody has asked."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why the estate cannot be read: four different sentences (credentials, rights, route, server), or that this program failed."""

    kind: str
    """credentials, rights, route, server or estate; program or triage: a fault of this program."""
    text: str
    next_step: str


@dataclass(frozen=True, slots=True)
class TriagePicture:
    """Everything triage shows, made anew by each round of probes."""

    at: float
    """Wall time it was taken."""
    complete: bool
    """Whether every probe of the round has answered or given up."""
    server: str = ""
    identity: str = ""
    symptom: SymptomPicture | None = None
    failing: tuple[FailingService, ...] = ()
    targets: Mapping[str, str] = field(default_factory=dict)
    """Failing service → number of the revision that it should go back to, as the pods and the onset told while it still ran."""
    says: str = ""
    """The most telling error line, cleaned."""
    changes: tuple[Change, ...] = ()
    readings: Mapping[str, Reading] = field(default_factory=dict)
    weighing: Weighing | None = None
    suggestion: Suggestion | None = None
    ways: tuple[Way, ...] = ()
    """Of the suggested scenario, best first."""
    trouble: Trouble | None = None
