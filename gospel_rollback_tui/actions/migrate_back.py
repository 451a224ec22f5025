"""Puts a migration back: up again where it went well, and where it failed the mark first, set to where the schema really is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gospel_rollback_tui.actions.migrate_force import force_preview
from gospel_rollback_tui.actions.migration_calls import Migrating, names_of
from gospel_rollback_tui.actions.migration_facts import Ground, Move, ground, migrate_call
from gospel_rollback_tui.actions.migration_prompt import by_hand, refused_preview, said, sql_lines
from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.daytime import time_of_day
from gospel_rollback_tui.domain.dirty_schema import removed_by_all
from gospel_rollback_tui.domain.errors import CredentialsExpired, NotSent, Refused, UsageError
from gospel_rollback_tui.domain.migrations.classification import classify
from gospel_rollback_tui.domain.migrations.files import read_folder
from gospel_rollback_tui.domain.preview import Json, Notice, Preview
from gospel_rollback_tui.domain.run import CallRun
from gospel_rollback_tui.domain.runbook import ActionSpec
from gospel_rollback_tui.engine.ports import StepRequest

BACK_CALL = "migrate-back"


@dataclass(frozen=True, slots=True)
class PutBack:
    """Plans what undoes a migration down."""

    spec: ActionSpec
    migrating: Migrating

    def plan(self, request: StepRequest, done: Sequence[CallRun]) -> Preview:
        """Previews it from what was captured before the migration."""
        undo = done[-1].undo
        try:
            on = ground(self.migrating, undo["service"], undo["commit"], undo["folder"])
            return self._settled(request, on, undo) if on.head.dirty else self._up(request, on, undo)
        except CredentialsExpired:
            raise
        except (Refused, NotSent, UsageError) as error:
            return refused_preview(request, self.spec, said(error))

    def _settled(self, request: StepRequest, on: Ground, undo: Json) -> Preview:
        """Returns the mark that is set to where the schema is, and behind it the way up again where some of the files had gone back."""
        mark = force_preview(request, self.spec, self.migrating, on)
        version = int(mark.calls[0].body["to"])
        if not int(undo["to"]) <= version < int(undo["from"]):
            return mark
        up = self._up(request, replace(on, head=replace(on.head, version=version, dirty=False)), undo)
        return replace(
            mark,
            title=f"{mark.title}, then migrate it up again to {undo['from']}",
            calls=(*mark.calls, *up.calls),
            notices=(*mark.notices[:1], *up.notices),
            checks=up.checks,
            by_hand=(*mark.by_hand, up.by_hand[-1]),
            yes=up.yes,
        )

    def _up(self, request: StepRequest, on: Ground, undo: Json) -> Preview:
        version, bad = on.head.version, int(undo["from"])
        if version is None or not int(undo["to"]) <= version < bad:
            raise Refused(f"The schema is at {version}: what was done is not there any more.", next_step="Nothing has to be put back.")
        if on.holders:
            raise Refused(f"A migration is under way: {', '.join(session.words for session in on.holders)}.", next_step="Wait for it, or end it.")
        program = self.migrating.runner.program().version
        crossing = tuple(classify(each) for each in read_folder(on.files).between(version, bad))
        back = removed_by_all(crossing)
        move = Move(BACK_CALL, ("goto", str(bad)), f"{on.service}'s schema at {bad} again", back=back, diff=sql_lines(crossing, "up"))
        call = migrate_call(request, self.migrating, on, move)
        names = names_of(call.body)
        return Preview(
            step=request.step.id,
            title=f"Migrate {on.service}'s schema up again from {version} to {bad}",
            target=on.identity.name,
            where=on.where,
            danger=max(self.spec.danger, request.step.danger, Danger.DISRUPTIVE),
            calls=(call,),
            fingerprint=on.fingerprint(bad),
            notices=(
                Notice("Lost", f"what was in it stays lost, only the structure comes back; a restore to {time_of_day(undo['at'])} UTC has it", warning=True),
                Notice("Runs", f"migrate {program}, in a session of its own"),
            ),
            checks=tuple(name for name in names if name),
            by_hand=by_hand(request, on.commit, on.folder, call.by_hand),
            yes=f"migrate up to {bad}",
        )
