"""What every step that runs migrate has in common: it is sent once, looked for in the world, and can be asked to stop."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from gospel_rollback_tui.actions.migration_calls import Migrating
from gospel_rollback_tui.actions.migration_estate import MigrationEstate
from gospel_rollback_tui.actions.migration_facts import facts_again
from gospel_rollback_tui.domain.preview import CheckState, Fingerprint, PlannedCall, Preview
from gospel_rollback_tui.domain.runbook import ActionSpec
from gospel_rollback_tui.engine.ports import StepRequest


@dataclass(frozen=True, slots=True)
class MigrateStep:
    """A step of one call to migrate; how it is planned and put back is each one's own."""

    spec: ActionSpec
    estate: MigrationEstate
    migrating: Migrating
    now: Callable[[], float] = time.time

    def facts(self, request: StepRequest, preview: Preview) -> Fingerprint:
        """Re-reads the database's identity, version, flag and lock, and the files."""
        return facts_again(self.migrating, preview)

    def send(self, request: StepRequest, call: PlannedCall) -> str:
        """Starts migrate, once, and waits a little for its end."""
        return self.migrating.send(request, call)

    def happened(self, request: StepRequest, call: PlannedCall) -> bool | None:
        """Returns whether the schema is where the call leads; None: migrate still runs."""
        return self.migrating.happened(request, call)

    def checks(self, request: StepRequest, preview: Preview, since: float) -> tuple[CheckState, ...]:
        """Looks at the version, at the objects, and at what migrate says; of several calls the last one leads to where all is well."""
        return self.migrating.checks(request, preview.calls[-1:])

    def cancel(self, request: StepRequest, call: PlannedCall) -> str:
        """Asks migrate to stop behind the file that it is at."""
        return self.migrating.cancel(request, call)
