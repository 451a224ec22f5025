"""A run that answers decisions as an engine would, record by record."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from gospel_rollback_tui.domain.decisions import Decision, Reply, Verb
from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.domain.preview import Preview, preview_to_json
from gospel_rollback_tui.domain.run import Run, StepStatus
from tests.ui import runs
from tests.ui.builders import preview, varied
from tests.ui.memory import Following


@dataclass
class ScriptedRun(Following):
    """Opens with its first step armed; a confirmation is let through, unless told otherwise."""

    moves_to: list[Preview] = field(default_factory=list)
    """Previews that the gate finds instead, one for each confirmation."""
    refuses: list[str] = field(default_factory=list)
    """Reasons for which the gate refuses, one for each confirmation."""
    armed_with: Preview = field(default_factory=preview)
    answers: dict[Verb, Callable[["ScriptedRun", Decision], Reply]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Is open and armed, unless a run was given."""
        if self.value is None:
            self.records = runs.opened_events()
            self.value = runs.run(steps=(replace(runs.armed(), preview=self.armed_with), *runs.steps()[1:]))

    def send(self, decision: Decision) -> Reply:
        """Notes the decision and lets the script answer."""
        self.decisions.append(decision)
        answer = self.answers.get(decision.verb)
        if answer is not None:
            return answer(self, decision)
        if decision.verb is Verb.CONFIRM:
            return self._confirmed(decision)
        if decision.verb in (Verb.ARM, Verb.UNDO, Verb.CHOOSE):
            self.arm(str(decision.data["step"]), undo=decision.verb is Verb.UNDO)
        return self.replies.pop(0) if self.replies else Reply(taken=True)

    @property
    def now(self) -> Run:
        """The run."""
        assert self.value is not None
        return self.value

    def note(self, kind: Kind, **data: object) -> None:
        """Writes a record."""
        self.records = (*self.records, runs.event(self.records[-1].seq + 1, kind, data))

    def arm(self, step: str, *, undo: bool = False) -> None:
        """Arms a step."""
        shown = replace(self.armed_with, title="Put v2.15.0 back") if undo else self.armed_with
        self.note(Kind.PREVIEWED, step=step, attempt=2, undo_of=1 if undo else None, preview=preview_to_json(shown))
        self._replace(step, status=StepStatus.ARMED, preview=shown, attempt=2, undo_of=1 if undo else None)

    def _replace(self, step: str, **changes: object) -> None:
        steps = tuple(varied(one, changes) if one.id == step else one for one in self.now.steps)
        self.value = replace(self.now, steps=steps)

    def _confirmed(self, decision: Decision) -> Reply:
        step = str(decision.data["step"])
        self.note(Kind.CONFIRMED, **dict(decision.data))
        if self.refuses:
            self.note(Kind.REFUSED, step=step, attempt=1, reason=self.refuses.pop(0))
            self._replace(step, status=StepStatus.WAITING)
            return Reply(taken=True)
        if self.moves_to:
            moved_to = self.moves_to.pop(0)
            moved = [list(fact) for fact in self.now.step(step).preview.fingerprint.moved(moved_to.fingerprint)]  # type: ignore[union-attr] # the step is armed
            self.note(Kind.MOVED, step=step, attempt=1, moved=moved)
            self.note(Kind.PREVIEWED, step=step, attempt=1, undo_of=None, preview=preview_to_json(moved_to))
            self._replace(step, preview=moved_to, moved=tuple(tuple(fact) for fact in moved))
            return Reply(taken=True)
        self.note(Kind.INTENT, step=step, attempt=1, call="freeze", where="PATCH", body={}, undo={}, debt=None)
        self.value = runs.rolling_out()
        return Reply(taken=True)

    def sent(self, verb: Verb) -> list[Decision]:
        """Returns the decisions of that verb."""
        return [decision for decision in self.decisions if decision.verb is verb]
