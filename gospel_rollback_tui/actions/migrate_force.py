"""Sets the mark of a dirty schema to the version that it really is at: no SQL of any migration runs."""

from collections.abc import Sequence
from dataclasses import dataclass

from gospel_rollback_tui.actions.migrate_step import MigrateStep
from gospel_rollback_tui.actions.migration_calls import Migrating, names_of
from gospel_rollback_tui.actions.migration_choices import service_and_release
from gospel_rollback_tui.actions.migration_facts import Ground, Move, ground, migrate_call
from gospel_rollback_tui.actions.migration_prompt import by_hand, refused_preview, said
from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.dirty_schema import judge_dirty
from gospel_rollback_tui.domain.errors import CredentialsExpired, NotSent, Refused, RollbackError, UsageError
from gospel_rollback_tui.domain.migrations.files import MigrationFolder, read_folder
from gospel_rollback_tui.domain.preview import DiffLine, Notice, Preview, Tone
from gospel_rollback_tui.domain.run import CallRun
from gospel_rollback_tui.domain.runbook import ActionSpec
from gospel_rollback_tui.engine.ports import ChoiceList, Option, StepRequest

FORCE_CALL = "force"
VERSION = "schema_version"
"""Input: the version that the schema is at, where nothing but the operator can tell."""


@dataclass(frozen=True, slots=True)
class ForceVersion(MigrateStep):
    """The step that settles a dirty schema."""

    def choices(self, request: StepRequest) -> tuple[ChoiceList, ...]:
        """Returns the services, the releases, and the versions that a failed migration can have left."""
        lists = service_and_release(self.estate, request, self.now())
        try:
            on = self._ground(request)
        except (Refused, NotSent, UsageError):
            return lists
        folder, dirty = read_folder(on.files), on.head.version or 0
        judged = judge_dirty(folder, dirty, self.migrating.databases.columns(on.service)).version
        options = tuple(Option(str(version), f"version {version}", suggested=version == judged) for version in _near(folder, dirty))
        return (*lists, ChoiceList(VERSION, "At which version is the schema really?", options)) if on.head.dirty else lists

    def _ground(self, request: StepRequest) -> Ground:
        service = self.estate.service(request)
        return ground(self.migrating, service.name, self.estate.bad_commit(request, service), service.migrations)

    def plan(self, request: StepRequest) -> Preview:
        """Previews the mark that is set, with what of the failed file took effect; refused where nothing is dirty."""
        try:
            on = self._ground(request)
            return force_preview(request, self.spec, self.migrating, on, request.inputs.get(VERSION, ""))
        except CredentialsExpired:
            raise
        except (Refused, NotSent, UsageError) as error:
            return refused_preview(request, self.spec, said(error))

    def undo_plan(self, request: StepRequest, done: Sequence[CallRun]) -> Preview:
        """Refuses: a mark that was wrong is not put back."""
        raise RollbackError("A dirty mark is not set again: if the version is wrong, settle it by hand with `migrate force`.")


def _near(folder: MigrationFolder, dirty: int) -> tuple[int, ...]:
    """Returns the versions that a failed step around the dirty one can have left, highest first."""
    above = next((each.version for each in folder.migrations if each.version > dirty), None)
    below = max((each.version for each in folder.migrations if each.version < dirty), default=None)
    return tuple(version for version in (above, dirty if folder.migration(dirty) else None, below) if version is not None)


def force_preview(request: StepRequest, spec: ActionSpec, migrating: Migrating, on: Ground, chosen: str = "") -> Preview:
    """Returns the preview of settling a dirty schema; `chosen` is the operator's own version where nothing else tells.

    Raises:
        Refused: Nothing is dirty, a migration is under way, or nothing tells the version and none is chosen.
        NotSent: There is no migrate.
    """
    head = on.head
    if not head.dirty or head.version is None:
        raise Refused("The schema is not dirty: there is nothing to settle.", next_step="Skip this step.")
    if on.holders:
        raise Refused(f"A migration is under way: {', '.join(session.words for session in on.holders)}.", next_step="Wait for it, or end it.")
    judged = judge_dirty(read_folder(on.files), head.version, migrating.databases.columns(on.service))
    if judged.version is None and not chosen:
        raise Refused(judged.words, next_step="Compare tables and files yourself, then choose the version that the schema is at.")
    version = int(chosen) if chosen else judged.version
    if version not in _near(read_folder(on.files), head.version):
        raise Refused(f"A migration that failed at {head.version} cannot have left version {chosen}.", next_step="Choose one of those that are listed.")
    program = migrating.runner.program().version
    marks = (DiffLine(Tone.OLD, f"version {head.version} (dirty)"), DiffLine(Tone.NEW, f"version {version}"))
    call = migrate_call(request, migrating, on, Move(FORCE_CALL, ("force", str(version)), f"{on.service} marked as {version}", diff=marks))
    doubted = judged.version != version
    return Preview(
        step=request.step.id,
        title=f"Mark {on.service}'s schema as version {version}",
        target=on.identity.name,
        where=on.where,
        danger=max(spec.danger, request.step.danger, Danger.DESTRUCTIVE),
        calls=(call,),
        fingerprint=on.fingerprint(int(version or 0)),
        notices=(
            Notice("Found", judged.words, warning=doubted),
            Notice("Only", "the mark changes: no SQL of any migration runs", warning=True),
            Notice("Runs", f"migrate {program}"),
        ),
        checks=(names_of(call.body)[0],),
        by_hand=by_hand(request, on.commit, on.folder, call.by_hand),
        yes=f"mark as {version}",
        needs_reason=f"The catalogue does not show version {version}: {judged.words}" if doubted else "",
    )
