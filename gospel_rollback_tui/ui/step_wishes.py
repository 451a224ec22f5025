"""Grants an operator's wishes about one step: asks what must be asked, sends the decision, shows what came of it."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.decisions import Verb
from gospel_rollback_tui.domain.errors import RollbackError
from gospel_rollback_tui.domain.run import StepRun, StepStatus
from gospel_rollback_tui.domain.runbook import Step
from gospel_rollback_tui.runbooks.fill import answer_complaint
from gospel_rollback_tui.ui.base_app import BaseApp
from gospel_rollback_tui.ui.gate_answer import GateAnswer, NotTaken
from gospel_rollback_tui.ui.ports import RunView
from gospel_rollback_tui.ui.presentation.card import commands_of, look_for
from gospel_rollback_tui.ui.presentation.prompt import Asked
from gospel_rollback_tui.ui.run_talk import RunTalk
from gospel_rollback_tui.ui.screens.confirm import Answer, Confirm, Given
from gospel_rollback_tui.ui.screens.pick import Pick
from gospel_rollback_tui.ui.screens.reason import Reason, Wanted
from gospel_rollback_tui.ui.screens.run_room import RunRoom
from gospel_rollback_tui.ui.sight import Sight

FRESH_SECONDS = 15.0
"""Age up to which a preview is shown as it is; an older one is made anew before it is asked."""


class StepWishes:
    """Grants wishes about steps, one at a time."""

    def __init__(self, app: BaseApp, sight: Sight, view: RunView) -> None:
        """Asks on `app`, sends to the run behind `view`."""
        self.app = app
        self.sight = sight
        self.talk = RunTalk(view, sight.desk.operator)

    async def take(self, room: RunRoom, step_id: str) -> None:
        """Takes the step: what it needs is chosen or asked, then it is confirmed, done by hand, or observed."""
        step = self.talk.step(step_id)
        written = self.sight.glance.step(step_id)
        if step is None or (written is not None and not await self._asked(room, written, step)):
            return
        armed = await self._armed(room, step_id)
        if armed is not None and armed.preview is not None and armed.preview.refused:
            chosen_behind = await self._chosen(room, step_id)
            armed = armed if chosen_behind is None else await self._armed_behind(room, step_id, chosen_behind)
        if armed is None or armed.preview is None:
            return
        if armed.preview.calls:
            await self.confirm(room, armed)
        elif armed.preview.danger is Danger.OBSERVE and not armed.preview.by_hand:
            self._tell(room, await self.talk.confirm(armed, Given(armed.preview)))
        else:
            await self.by_hand(room, step_id)

    async def confirm(self, room: RunRoom, armed: StepRun) -> None:
        """Opens the confirmation of an armed step, again where what moved asks for another rung."""
        while armed.preview is not None:
            answer = await self.app.push_screen_wait(Confirm(self._asked_of(armed), self._submit(armed.id)))
            if answer is Answer.BY_HAND:
                await self.by_hand(room, armed.id)
            if answer is Answer.DECLINED and self.talk.step(armed.id) is not None:
                await self._decline(room, armed.id)
            if answer is not Answer.AGAIN:
                return
            again = self.talk.step(armed.id)
            if again is None:
                return
            armed = again

    def _asked_of(self, armed: StepRun) -> Asked:
        assert armed.preview is not None
        age = self.sight.desk.clock.now().wall - self.talk.previewed_at(armed.id)
        return Asked(armed.preview, self.sight.desk.environment, max(0.0, age), armed.moved)

    def _submit(self, step_id: str) -> Callable[[Given], Awaitable[GateAnswer]]:
        async def _hand_over(given: Given) -> GateAnswer:
            step = self.talk.step(step_id)
            if step is None or step.status is not StepStatus.ARMED:
                return NotTaken("The step is armed no more; go back and look at it.")
            return await self.talk.confirm(step, given)

        return _hand_over

    async def _decline(self, room: RunRoom, step_id: str) -> None:
        step = self.talk.step(step_id)
        if step is not None and step.status is StepStatus.ARMED:
            await self._send(room, Verb.DECLINE, step=step_id, attempt=step.attempt)

    async def _armed(self, room: RunRoom, step_id: str) -> StepRun | None:
        """Returns the step with a fresh preview going forward; None, and says why, if there is none."""
        step = self.talk.step(step_id)
        age = self.sight.desk.clock.now().wall - self.talk.previewed_at(step_id)
        if step is not None and step.status is StepStatus.ARMED and step.undo_of is None and age <= FRESH_SECONDS:
            return step
        room.tell("Reading what it would do …")
        found = await self.talk.arm(step_id)
        room.tell(found.reason if isinstance(found, NotTaken) else "")
        return None if isinstance(found, NotTaken) else found

    async def _armed_behind(self, room: RunRoom, step_id: str, seq: int) -> StepRun | None:
        """Returns the step with the preview that a choice has brought, behind the record of that number; None, and says why, if there is none."""
        room.tell("Reading what it would do …")
        found = await self.talk.armed(step_id, seq)
        room.tell(found.reason if isinstance(found, NotTaken) else "")
        return None if isinstance(found, NotTaken) else found

    async def _asked(self, room: RunRoom, written: Step, step: StepRun) -> bool:
        """Asks for every value the step still lacks; False: gone back."""
        run = self.sight.look().run
        inputs = (run.inputs if run else None) or {}
        for ask in written.asks:
            if inputs.get(ask.name):
                continue

            complaint = partial(answer_complaint, ask)
            wanted = Wanted(ask.question, (f"For: {step.title}",), label=ask.name, placeholder=ask.example, go="take it", complaint=complaint)
            value = await self.app.push_screen_wait(Reason(wanted))
            if value is None or not await self._send(room, Verb.CHOOSE, step=step.id, inputs={ask.name: value}):
                return False
        return True

    async def choose(self, room: RunRoom, step_id: str) -> None:
        """Chooses again what the step works on."""
        if await self._chosen(room, step_id) is not None:
            room.tell("")

    async def _chosen(self, room: RunRoom, step_id: str) -> int | None:
        """Offers the step's live lists, each by what was chosen before it; returns the number of the record before the choice, None: nothing was chosen."""
        path = self.sight.glance.path
        run = self.sight.look().run
        if path is None or run is None:
            return None
        inputs: dict[str, str] = {}
        while True:
            try:
                lists = await asyncio.to_thread(self.sight.desk.planner.choices, path, step_id, {**(run.inputs or {}), **inputs})
            except RollbackError as error:
                room.tell(error.sentences())
                return None
            following = next((choices for choices in lists if choices.name not in inputs), None)
            if following is None and not inputs:
                room.tell("This step leaves nothing to choose.")
                return None
            if following is None:
                behind = self.talk.seq
                return behind if await self._send(room, Verb.CHOOSE, step=step_id, inputs=inputs) else None
            values = await self.app.push_screen_wait(Pick(following))
            if values is None:
                return None
            inputs[following.name] = ",".join(values)

    async def by_hand(self, room: RunRoom, step_id: str) -> None:
        """Shows the commands, and records that the operator did it."""
        step = self.talk.step(step_id)
        if step is None:
            return
        glance = self.sight.look()
        found = look_for(glance, step)
        explanation = ("Type these yourself; it is recorded as done by hand, on your word, and looked at.", *([f"Look for: {found}"] if found else []))
        wanted = Wanted(f"By hand: {step.title}", explanation, commands_of(glance, step), "What you did and saw", go="record it", role="warn")
        note = await self.app.push_screen_wait(Reason(wanted))
        if note is not None:
            await self._send(room, Verb.BY_HAND, step=step_id, note=note)

    async def undo(self, room: RunRoom, step_id: str) -> None:
        """Previews putting back what the step did, and asks."""
        room.tell("Reading what putting it back would do …")
        found = await self.talk.arm(step_id, undo=True)
        room.tell(found.reason if isinstance(found, NotTaken) else "")
        if not isinstance(found, NotTaken):
            await self.confirm(room, found)

    async def verify(self, room: RunRoom, step_id: str) -> None:
        """Has the world looked at again; sends nothing."""
        await self._send(room, Verb.VERIFY, step=step_id)

    async def skip(self, room: RunRoom, step_id: str) -> None:
        """Skips the step, with a reason, and goes on to the next."""
        step = self.talk.step(step_id)
        if step is not None and await self._with_reason(room, Wanted(f"Skip: {step.title}", go="skip it", role="warn"), Verb.SKIP, step=step_id):
            room.select("")

    async def _with_reason(self, room: RunRoom, wanted: Wanted, verb: Verb, **data: object) -> bool:
        reason = await self.app.push_screen_wait(Reason(wanted))
        return reason is not None and await self._send(room, verb, reason=reason, **data)

    async def _send(self, room: RunRoom, verb: Verb, **data: object) -> bool:
        reply = await self.talk.send(verb, **data)
        room.tell("" if reply.taken else reply.text)
        return reply.taken

    @staticmethod
    def _tell(room: RunRoom, answer: GateAnswer) -> None:
        room.tell(answer.reason if isinstance(answer, NotTaken) else "")
