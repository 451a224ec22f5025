"""What puts a release rollback back: the entry that ran before, then auto-sync as it was."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gospel_rollback_tui.actions.argocd_calls import ROLLBACK_CALL, RollbackCall, destination
from gospel_rollback_tui.actions.argocd_survey import ReleaseSurvey, Surveyed
from gospel_rollback_tui.actions.freezing import CALLS, Freezing, frozen_by
from gospel_rollback_tui.actions.terminating import Terminating
from gospel_rollback_tui.domain.application import application_from
from gospel_rollback_tui.domain.debts import GIT_DEBT
from gospel_rollback_tui.domain.errors import Refused, RollbackError
from gospel_rollback_tui.domain.estate import Environment
from gospel_rollback_tui.domain.preview import Json, PlannedCall
from gospel_rollback_tui.domain.raw import JsonObject
from gospel_rollback_tui.domain.run import CallRun
from gospel_rollback_tui.domain.sync_history import Entry, find, history_from, why_gone
from gospel_rollback_tui.domain.sync_operations import operation_from


@dataclass(frozen=True, slots=True)
class UndoPlan:
    """The calls of an undo, and what they rest on."""

    calls: tuple[PlannedCall, ...] = ()
    refused: str = ""
    surveyed: Surveyed | None = None
    """Of the entry that ran before; None: no rollback has to be put back."""


@dataclass(frozen=True, slots=True)
class RollbackUndo:
    """Plans the undo of a bundle of freeze and rollback."""

    call: RollbackCall
    survey: ReleaseSurvey
    freezing: Freezing

    def plan(self, environment: Environment, raw: JsonObject, done: Sequence[CallRun]) -> UndoPlan:
        """Returns what puts `done` back: what still runs of it is stopped first."""
        made = next((call for call in done if call.id == ROLLBACK_CALL), None)
        calls: list[PlannedCall] = list(self._stop(raw, made))
        surveyed: Surveyed | None = None
        try:
            if made is not None:
                surveyed = self.survey.of(environment, raw, entry_before(raw, made.undo["before"]))
                calls += self._back(environment, raw, surveyed)
            back = any(call.id == ROLLBACK_CALL for call in calls)
            thaws = [thaw for call in reversed(done) if call.id in CALLS for thaw in self.freezing.undo(environment.cluster, call)]
        except RollbackError as error:
            return UndoPlan(refused=error.sentences(), surveyed=surveyed)
        if back and application_from(raw).auto_sync:
            return self._frozen_again(environment, raw, calls, surveyed)
        return UndoPlan((*calls, *thaws), surveyed.refused if surveyed and back else "", surveyed)

    def _stop(self, raw: JsonObject, made: CallRun | None) -> tuple[PlannedCall, ...]:
        """Returns the call that stops our operation if it still runs: one that a window holds would run by itself later."""
        running = operation_from(raw)
        if made is None or running is None or running.over or list(running.revisions) != made.body["wanted"]["revisions"]:
            return ()
        return (Terminating(self.call.api).plan(made.body["name"], running),)

    def _back(self, environment: Environment, raw: JsonObject, surveyed: Surveyed) -> tuple[PlannedCall, ...]:
        """Returns the rollback to what ran before; none where that runs."""
        if surveyed.manifests and not surveyed.diff.changed:
            return ()
        return (self.call.plan(raw, destination(environment, surveyed), pays=(GIT_DEBT.id,)),)

    def _frozen_again(self, environment: Environment, raw: JsonObject, calls: Sequence[PlannedCall], surveyed: Surveyed | None) -> UndoPlan:
        """Auto-sync was put back meanwhile: it is switched off once more, and git is a debt again."""
        freeze = self.freezing.plan(environment.cluster, application_from(raw))
        again = [
            replace(call, debt=GIT_DEBT, body={**call.body, "pays": [], "frozen": frozen_by(freeze.calls)}) if call.id == ROLLBACK_CALL else call
            for call in calls
        ]
        stops = [call for call in again if call.id != ROLLBACK_CALL]
        backs = [call for call in again if call.id == ROLLBACK_CALL]
        return UndoPlan((*stops, *freeze.calls, *backs), freeze.refused or (surveyed.refused if surveyed else ""), surveyed)


def entry_before(raw: JsonObject, kept: Json) -> Entry:
    """Returns the entry that ran before the rollback: the same one, or the newest of the same commits.

    Raises:
        Refused: The history has it no more.
    """
    entries = history_from(raw)
    if kept is None:
        raise Refused("Nothing had been deployed before it: there is nothing to go back to.", next_step="Go by git.")
    key = f"{kept['id']}@{','.join(kept['revisions'])}"
    found = find(key, entries) or next((entry for entry in reversed(entries) if list(entry.revisions) == kept["revisions"]), None)
    if found is None:
        raise Refused(f"What ran before cannot be gone back to: {why_gone(key, entries)}.", next_step="Go by git, or patch the services.")
    return found
