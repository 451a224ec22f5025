"""Talks to a run: sends decisions without blocking the screen, and waits in the journal for what came of them."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

from gospel_rollback_tui.domain.decisions import Decision, Reply, Verb
from gospel_rollback_tui.domain.events import Event, Kind
from gospel_rollback_tui.domain.run import StepRun, StepStatus
from gospel_rollback_tui.ui.gate_answer import GateAnswer, Moved, NotTaken, gate_answer
from gospel_rollback_tui.ui.ports import RunView
from gospel_rollback_tui.ui.screens.confirm import Given

_LOOK_SECONDS = 0.03
"""Between two looks into the journal while something is waited for."""
ARMING_PATIENCE = 30.0
"""Seconds a preview may take: it reads the estate and asks for a dry run."""
GATE_PATIENCE = 20.0
"""Seconds the gate may take: its own reads end after three, the rest is a slow link."""
T = TypeVar("T")


class RunTalk:
    """One run, spoken to in the operator's name."""

    def __init__(self, view: RunView, operator: str) -> None:
        """Speaks to the run behind `view`."""
        self.view = view
        self.operator = operator

    @property
    def seq(self) -> int:
        """Number of the newest record."""
        events = self.view.events()
        return events[-1].seq if events else -1

    def step(self, step_id: str) -> StepRun | None:
        """Returns the step as it stands; None before the run knows it."""
        run = self.view.run()
        return next((step for step in run.steps if step.id == step_id), None) if run else None

    async def send(self, verb: Verb, **data: object) -> Reply:
        """Sends a decision and returns the answer."""
        return await asyncio.to_thread(self.view.send, Decision(verb, self.operator, data))

    async def arm(self, step_id: str, *, undo: bool = False) -> StepRun | NotTaken:
        """Asks for a preview and waits for it; returns the armed step, or why there is none."""
        after = self.seq
        reply = await self.send(Verb.UNDO if undo else Verb.ARM, step=step_id)
        if not reply.taken:
            return NotTaken(reply.text)
        return await self.armed(step_id, after)

    async def armed(self, step_id: str, after: int) -> StepRun | NotTaken:
        """Waits until the step is armed by a record behind `after`; returns it, or why it was not."""

        def look() -> StepRun | NotTaken | None:
            """Returns what the journal says of it by now; None: nothing yet."""
            refused = next((event for event in self._behind(after) if event.kind is Kind.REFUSED and event.data.get("step") == step_id), None)
            if refused is not None:
                return NotTaken(str(refused.data["reason"]))
            waits = next((event for event in self._behind(after) if event.kind is Kind.WAITING), None)
            if waits is not None:
                return NotTaken(f"The run waits for {waits.data['reason']}: log in (L); it goes on by itself.")
            previewed = any(event.kind is Kind.PREVIEWED and event.data.get("step") == step_id for event in self._behind(after))
            step = self.step(step_id)
            return step if previewed and step is not None and step.status is StepStatus.ARMED else None

        found: StepRun | NotTaken | None = await self._wait(look, ARMING_PATIENCE)
        return NotTaken("The runner has not answered yet; nothing was sent. Look at the step again.") if found is None else found

    async def confirm(self, step: StepRun, given: Given) -> GateAnswer:
        """Hands the confirmation to the gate, and waits for what it says."""
        after = self.seq
        reply = await self.send(
            Verb.CONFIRM,
            step=step.id,
            attempt=step.attempt,
            fingerprint=given.preview.fingerprint.digest,
            danger=given.preview.danger.word,
            typed=given.typed,
            second_person=given.second_person,
            break_glass=given.break_glass,
            reason=given.reason,
        )
        if not reply.taken:
            now = self.step(step.id)
            if now is not None and now.status is StepStatus.ARMED and now.preview is not None and now.preview.fingerprint != given.preview.fingerprint:
                return Moved(now.preview, given.preview.fingerprint.moved(now.preview.fingerprint))
            return NotTaken(reply.text)
        said: GateAnswer | None = await self._wait(lambda: gate_answer(self._behind(after), step.id, calls=bool(given.preview.calls)), GATE_PATIENCE)
        if said is None:
            return NotTaken("The runner has not said yet what became of it. Look at the step before anything else: it may have been sent.")
        return said

    def previewed_at(self, step_id: str) -> float:
        """Returns the wall time of the step's newest preview; 0: none."""
        return next((event.at for event in reversed(self.view.events()) if event.kind is Kind.PREVIEWED and event.data.get("step") == step_id), 0.0)

    def _behind(self, after: int) -> Sequence[Event]:
        return [event for event in self.view.events() if event.seq > after]

    @staticmethod
    async def _wait(look: Callable[[], T | None], patience: float) -> T | None:
        """Looks until something is found or patience is over."""
        deadline = asyncio.get_running_loop().time() + patience
        while (found := look()) is None:
            if asyncio.get_running_loop().time() >= deadline:
                return None
            await asyncio.sleep(_LOOK_SECONDS)
        return found
