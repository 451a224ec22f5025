"""From the first screen to an open run: by the suggestion, by the wizard, or by a row of the operator's own choice."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

from gospel_rollback_tui.domain.errors import RollbackError
from gospel_rollback_tui.domain.estate import HttpCheck
from gospel_rollback_tui.domain.evidence import DATA_LOST
from gospel_rollback_tui.domain.triage import Suggestion, TriagePicture, Way
from gospel_rollback_tui.engine.ports import FAILING, ChoiceList, Option
from gospel_rollback_tui.ui.base_app import BaseApp
from gospel_rollback_tui.ui.gate_answer import GateAnswer, Moved, NotTaken
from gospel_rollback_tui.ui.ports import Opening, RunView
from gospel_rollback_tui.ui.presentation.evidence import evidence
from gospel_rollback_tui.ui.presentation.prompt import Asked
from gospel_rollback_tui.ui.run_talk import RunTalk
from gospel_rollback_tui.ui.screens.confirm import Answer, Confirm, Given
from gospel_rollback_tui.ui.screens.pick import Pick
from gospel_rollback_tui.ui.screens.reason import Reason, Wanted
from gospel_rollback_tui.ui.screens.triage import AnotherSymptom, Answered, AskMe, ChooseRow, RollBack, ShowEvidence, TriageScreen
from gospel_rollback_tui.ui.screens.verdict import GoBack, TakeWay, VerdictScreen
from gospel_rollback_tui.ui.screens.wizard import Done, WizardScreen
from gospel_rollback_tui.ui.sight import Sight


@dataclass(frozen=True, slots=True)
class Found:
    """An open run, and the step that is to be done by hand at once, if any."""

    view: RunView
    by_hand: str = ""


class WayBack:
    """Looks for the way back and opens the run."""

    def __init__(self, app: BaseApp, sight: Sight, triage: TriageScreen) -> None:
        """Begins on the triage screen, which is shown."""
        self.app = app
        self.sight = sight
        self.desk = sight.desk
        self.triage = triage

    async def find(self) -> Found:
        """Returns the run once it is open."""
        while True:
            choice = await self.triage.chosen()
            found: Found | None = None
            if isinstance(choice, RollBack):
                found = await self._roll_back(choice.suggestion)
            elif isinstance(choice, AskMe):
                found = await self._ask()
            elif isinstance(choice, ChooseRow):
                found = await self._verdict(choice.scenario)
            elif isinstance(choice, Answered):
                self.desk.triage.answer(choice.question, choice.answer)
            elif isinstance(choice, AnotherSymptom):
                await self._symptom()
            elif isinstance(choice, ShowEvidence):
                self._evidence()
            if found is not None:
                return found
            self.app.look()

    async def _roll_back(self, suggestion: Suggestion) -> Found | None:
        """Opens the confirmation at once; the run is opened by `y`, and the gate sees the preview that was shown."""
        preview, picture = suggestion.preview, self.sight.glance.picture
        if preview is None or picture is None:
            return None
        warm = asyncio.create_task(asyncio.to_thread(self._prepare))
        first = _First(self, suggestion)
        asked = Asked(preview, self.desk.environment, max(0.0, self.desk.clock.now().wall - (suggestion.planned_at or picture.at)))
        while True:
            answer = await self.app.push_screen_wait(Confirm(asked, first.submit))
            if answer is not Answer.AGAIN:
                break
            asked = replace(asked, preview=first.shown, moved=first.moved, read_seconds=0.0)
        await warm
        if answer is Answer.BY_HAND and first.talk is None:
            return await self._open_by_hand(suggestion)
        return Found(first.talk.view, suggestion.step if answer is Answer.BY_HAND else "") if first.talk else None

    def _prepare(self) -> None:
        try:
            self.desk.runs.prepare()
        except RollbackError as error:
            self.app.call_from_thread(self.triage.say, error.sentences())

    async def _open_by_hand(self, suggestion: Suggestion) -> Found | None:
        opened = await self.open(self.opening(suggestion.scenario, suggestion.path, suggestion.inputs))
        if isinstance(opened, NotTaken):
            self.app.say(opened.reason)
            return None
        return Found(opened, suggestion.step)

    def opening(self, scenario: str, path: str, inputs: Mapping[str, str], override: str = "") -> Opening:
        """Returns what opens a run on this way back."""
        picture = self.sight.glance.picture
        weight = None
        if picture is not None and picture.weighing is not None:
            weight = next((one for one in picture.weighing.rows if one.row.id == scenario), None)
        why = "; ".join(weight.pro) if weight and weight.pro else "chosen by the operator"
        return Opening(scenario, path, dict(inputs), why, override, picture, self.sight.first_paint)

    async def open(self, opening: Opening) -> RunView | NotTaken:
        """Opens the run; returns it, or why it was not opened."""
        try:
            view = await asyncio.to_thread(self.desk.runs.open, opening)
        except RollbackError as error:
            return NotTaken(error.sentences())
        self.sight.follow(view)  # from here on quitting leaves an open run, and must say so
        return view

    async def _ask(self) -> Found | None:
        wizard = WizardScreen(self.sight)
        await self.app.push_screen(wizard)
        try:
            while True:
                choice = await wizard.chosen()
                if isinstance(choice, Answered):
                    self.desk.triage.answer(choice.question, choice.answer)
                    wizard.next()
                elif isinstance(choice, ShowEvidence):
                    self._evidence()
                elif isinstance(choice, Done):
                    suggested = self._suggested()
                    if not suggested:
                        wizard.say("Nothing stands out yet: answer more, or go back and choose a row by its number.")
                        continue
                    found = await self._verdict(suggested)
                    if found is not None:
                        return found
                else:
                    return None
                self.app.look()
        finally:
            await self._leave(wizard)

    def _suggested(self) -> str:
        picture = self.sight.look().picture
        return picture.weighing.suggested if picture and picture.weighing else ""

    async def _verdict(self, scenario: str) -> Found | None:
        verdict = VerdictScreen(self.sight, scenario)
        await self.app.push_screen(verdict)
        try:
            while True:
                choice = await verdict.chosen()
                if isinstance(choice, GoBack):
                    return None
                if isinstance(choice, ShowEvidence):
                    self._evidence()
                elif isinstance(choice, TakeWay):
                    view = await self._take(scenario, choice.way, verdict)
                    if view is not None:
                        return Found(view)
        finally:
            await self._leave(verdict)

    async def _take(self, scenario: str, way: Way, verdict: VerdictScreen) -> RunView | None:
        override = ""
        suggested = self._suggested()
        if suggested and suggested != scenario:
            explanation = ("The evidence suggests another row; the record keeps why this one was taken.",)
            reason = await self.app.push_screen_wait(Reason(Wanted("Another row than the suggested one", explanation, go="go on", role="warn")))
            if reason is None:
                return None
            override = reason
        picture = self.sight.glance.picture
        suggestion = picture.suggestion if picture else None
        inputs = suggestion.inputs if suggestion and (suggestion.scenario, suggestion.path) == (scenario, way.path) else _seen_failing(picture)
        verdict.say("Opening the run …")
        opened = await self.open(self.opening(scenario, way.path, inputs, override))
        if isinstance(opened, NotTaken):
            verdict.refuse(opened.reason)
            return None
        return opened

    async def _leave(self, screen: "WizardScreen | VerdictScreen") -> None:
        if screen in self.app.screen_stack and self.app.screen is screen:
            await self.app.pop_screen()

    async def _symptom(self) -> None:
        environment = self.desk.environment
        checks: dict[str, HttpCheck] = {check.name: check for check in (*environment.symptoms, *environment.endpoints)}
        picture = self.sight.glance.picture
        now = picture.symptom.check.name if picture and picture.symptom else ""
        options = [Option(name, name, check.label(), suggested=name == now) for name, check in checks.items()]
        lost = self.desk.library.matrix.asserting(DATA_LOST)
        if lost is not None:
            options.append(Option(DATA_LOST, "data is gone or wrong", "though everything answers; such a run closes as asserted too"))
        options.append(Option("", "none", "a run without a symptom closes as asserted, never as recovered", suggested=not now))
        chosen = await self.app.push_screen_wait(Pick(ChoiceList("symptom", "Which request do users miss?", tuple(options))))
        if chosen is not None:
            self.desk.triage.choose_symptom(checks.get(chosen[0]))
            if lost is not None and chosen == (DATA_LOST,):
                self.desk.triage.answer(*lost)

    def _evidence(self) -> None:
        self.app.show("Evidence", lambda room: evidence(self.sight.glance, room.width))


def _seen_failing(picture: TriagePicture | None) -> dict[str, str]:
    """Returns what a way begins with that nobody suggested: who fails, what each should go back to, and the service where it is one alone.

    Once a service is stopped, its pods no longer tell which revision was well.
    """
    if picture is None or not picture.failing:
        return {}
    names = [service.name for service in picture.failing]
    targets = {f"revision:{name}": number for name, number in picture.targets.items()}
    return {FAILING: ",".join(names), **targets, **({"service": names[0]} if len(names) == 1 else {})}


class _First:
    """The first confirmation: `y` opens the run, then hands over what was on the screen."""

    def __init__(self, way: WayBack, suggestion: Suggestion) -> None:
        assert suggestion.preview is not None
        self.way = way
        self.suggestion = suggestion
        self.talk: RunTalk | None = None
        self.shown = suggestion.preview
        self.moved: tuple[tuple[str, str, str], ...] = ()

    async def submit(self, given: Given) -> GateAnswer:
        """Opens the run if it is not open yet, and confirms if the runner's own preview says what was shown."""
        step_id = self.suggestion.step
        if self.talk is None:
            opened = await self.way.open(self.way.opening(self.suggestion.scenario, self.suggestion.path, self.suggestion.inputs))
            if isinstance(opened, NotTaken):
                return opened
            self.talk = RunTalk(opened, self.way.desk.operator)
        step = self.talk.step(step_id)
        armed = step if step is not None and step.preview is not None and step.status.value == "armed" else await self.talk.armed(step_id, -1)
        if isinstance(armed, NotTaken):
            return armed
        assert armed.preview is not None
        if armed.preview.refused:
            return NotTaken(armed.preview.refused)
        if armed.preview.fingerprint != given.preview.fingerprint or armed.preview.danger != given.preview.danger:
            return self._noted(Moved(armed.preview, given.preview.fingerprint.moved(armed.preview.fingerprint)))
        return self._noted(await self.talk.confirm(armed, given))

    def _noted(self, answer: GateAnswer) -> GateAnswer:
        if isinstance(answer, Moved):
            self.shown, self.moved = answer.preview, answer.moved
        return answer
