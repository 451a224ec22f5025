"""Grants an operator's wishes about an open run: its steps, its debts, its end."""

from collections.abc import Awaitable, Callable

from gospel_rollback_tui.domain.decisions import Verb
from gospel_rollback_tui.domain.run import Run
from gospel_rollback_tui.engine.ports import ChoiceList, Option
from gospel_rollback_tui.ui.presentation.evidence import evidence
from gospel_rollback_tui.ui.presentation.notes import PAYING
from gospel_rollback_tui.ui.screens.pick import Pick
from gospel_rollback_tui.ui.screens.reason import Reason, Wanted
from gospel_rollback_tui.ui.screens.run_room import RunRoom, Wish, Wished
from gospel_rollback_tui.ui.step_wishes import StepWishes


class RunWishes(StepWishes):
    """Grants every wish there is, one at a time."""

    async def grant(self, room: RunRoom, wished: Wished) -> None:
        """Grants one wish; what is not granted is said in the room."""
        granted: dict[Wish, Callable[[RunRoom, str], Awaitable[None]]] = {
            Wish.TAKE: self.take,
            Wish.BY_HAND: self.by_hand,
            Wish.CHOOSE: self.choose,
            Wish.UNDO: self.undo,
            Wish.VERIFY: self.verify,
            Wish.SKIP: self.skip,
            Wish.ABORT: self.abort,
            Wish.END_EARLY: self.end_early,
            Wish.TAKE_OVER: self.take_over,
            Wish.DEBTS: self.debts,
            Wish.CLOSE: self.close,
            Wish.EVIDENCE: self.evidence,
        }
        act = granted.get(wished.wish)
        if act is not None:
            await act(room, wished.step)

    async def abort(self, room: RunRoom, _step: str) -> None:
        """Aborts the run, with a reason."""
        explanation = ("Sends nothing further. A call on its way is waited for. What was done stays done, and can be put back (u).",)
        await self._with_reason(room, Wanted("Abort this run", explanation, go="abort", role="bad"), Verb.ABORT)

    async def end_early(self, room: RunRoom, _step: str) -> None:
        """Ends the stability watch, with a reason."""
        explanation = ("The run will say that stability was not awaited, and who decided so.",)
        await self._with_reason(room, Wanted("End the stability watch early", explanation, go="end it", role="warn"), Verb.END_EARLY)

    async def take_over(self, room: RunRoom, _step: str) -> None:
        """Takes the environment from who holds it, with a reason."""
        run = self.sight.look().run
        held = run.lock_lost if run else ""
        explanation = (held, "Speak with them first. Whatever they sent last is looked at before anything else is sent.")
        await self._with_reason(room, Wanted("Take over the environment", explanation, go="take over", role="bad"), Verb.TAKE_OVER)

    async def debts(self, room: RunRoom, _step: str) -> None:
        """Pays a debt by hand, or signs for leaving it open."""
        run = self.sight.look().run
        if run is None or not run.open_debts:
            return
        options = tuple(Option(debt.id, debt.title, debt.reason, suggested=index == 0) for index, debt in enumerate(run.open_debts))
        chosen = await self.app.push_screen_wait(Pick(ChoiceList("debt", "Which debt?", options)))
        if not chosen:
            return
        ways = (Option("pay", "paid by hand", "say how"), Option("sign", "left open", "sign for it, with a reason; the run closes with debts"))
        way = await self.app.push_screen_wait(Pick(ChoiceList("way", "What became of it?", ways)))
        if way == ("pay",):
            note = await self.app.push_screen_wait(Reason(Wanted("Paid by hand", label="How", go="record it", role="warn")))
            if note is not None:
                await self._send(room, Verb.PAY_DEBT, debt=chosen[0], how=note)
        elif way == ("sign",):
            await self._with_reason(room, Wanted("Leave the debt open", go="sign", role="warn"), Verb.SIGN_DEBT, debt=chosen[0])

    async def close(self, room: RunRoom, _step: str) -> None:
        """Closes the run; a reason is asked where the record needs one."""
        run = self.sight.look().run
        if run is None:
            return
        why = why_reason(run)
        wanted = Wanted("Close this run", (why,) if why else ("Users are well, nothing is owed.",), go="close", role="warn" if why else "key")
        if not why:
            wanted = Wanted(wanted.title, wanted.explanation, label="Note, if any", go=wanted.go, role=wanted.role, complaint=lambda _: "")
        await self._with_reason(room, wanted, Verb.CLOSE)

    async def evidence(self, _room: RunRoom, _step: str) -> None:
        """Shows the evidence."""
        self.app.show("Evidence", lambda shown: evidence(self.sight.glance, shown.width))


def why_reason(run: Run) -> str:
    """Returns why closing takes a written reason; empty: it takes none."""
    owed = {debt.id for debt in run.open_debts}
    ways = "; ".join(words for debt, words in PAYING if debt in owed)
    instead = f" Before that, {ways}." if ways else ""
    if run.aborted:
        return f"The run was aborted: say in what state it is left.{instead}"
    if run.open_debts:
        return f"It closes with debts: {', '.join(debt.title for debt in run.open_debts)}.{instead}"
    if run.symptom is None:
        return "No symptom was chosen, so nothing judged the recovery: it closes as asserted."
    if not run.recovered_at:
        return "The symptom was not seen to pass after it had failed: it closes as asserted."
    return ""
