"""Migrates a service's schema back to what the good release knows, with the real golang-migrate: never up, never unread, never twice."""

from collections.abc import Sequence
from dataclasses import dataclass

from gospel_rollback_tui.actions.migrate_back import PutBack
from gospel_rollback_tui.actions.migrate_step import MigrateStep
from gospel_rollback_tui.actions.migration_calls import names_of
from gospel_rollback_tui.actions.migration_choices import choices_of
from gospel_rollback_tui.actions.migration_facts import Ground, Move, migrate_call
from gospel_rollback_tui.actions.migration_prompt import by_hand, notices_of, refused_preview, said, sql_lines
from gospel_rollback_tui.actions.migration_refusals import refusal, unread
from gospel_rollback_tui.actions.migration_standing import Standing
from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.errors import CredentialsExpired, NotSent, Refused, UsageError
from gospel_rollback_tui.domain.preview import Preview
from gospel_rollback_tui.domain.run import CallRun
from gospel_rollback_tui.engine.ports import ChoiceList, StepRequest

MIGRATE_CALL = "migrate"


@dataclass(frozen=True, slots=True)
class MigrateDown(MigrateStep):
    """The step `goto`, whose version is computed from git and not typed."""

    def choices(self, request: StepRequest) -> tuple[ChoiceList, ...]:
        """Returns the services that ship migrations, and the releases by their tags; those that the images name are suggested."""
        return choices_of(self.estate, request, self.now())

    def plan(self, request: StepRequest) -> Preview:
        """Previews every down in SQL, with what it loses in numbers; what forbids it is `Preview.refused`."""
        try:
            standing = self.estate.standing(request)
            refused = refusal(standing)
            program = "" if refused else self.migrating.runner.program().version
        except CredentialsExpired:
            raise
        except (Refused, NotSent, UsageError) as error:
            return refused_preview(request, self.spec, said(error))
        if refused:
            return refused_preview(request, self.spec, refused, standing.identity.words)
        return self._preview(request, standing, program)

    def _preview(self, request: StepRequest, standing: Standing, program: str) -> Preview:
        on = Ground(standing.service.name, standing.identity, standing.head, standing.holders, standing.bad_commit, standing.service.migrations, standing.files)
        move = Move(
            MIGRATE_CALL,
            ("goto", str(standing.target)),
            f"{standing.service.name}'s schema at {standing.target}",
            gone=standing.gone,
            diff=sql_lines(standing.crossing, "down"),
        )
        call = migrate_call(request, self.migrating, on, move)
        losing = any(each.down_losses for each in standing.crossing)
        return Preview(
            step=request.step.id,
            title=f"Migrate {standing.service.name}'s schema down from {standing.version} to {standing.target}",
            target=standing.identity.name,
            where=on.where,
            danger=max(self.spec.danger, request.step.danger, Danger.DESTRUCTIVE if losing else Danger.DISRUPTIVE),
            calls=(call,),
            fingerprint=on.fingerprint(standing.target),
            notices=notices_of(request, standing, f"migrate {program}"),
            checks=tuple(name for name in names_of(call.body) if name),
            undo=f"`goto {standing.version}`: the structure comes back, what was written to it does not",
            by_hand=by_hand(request, standing.bad_commit, standing.service.migrations, call.by_hand),
            yes=f"migrate down to {standing.target}",
            needs_reason=unread(standing),
        )

    def undo_plan(self, request: StepRequest, done: Sequence[CallRun]) -> Preview:
        """Previews going up again, or, where the migration failed, setting the mark to where the schema really is."""
        return PutBack(self.spec, self.migrating).plan(request, done)
