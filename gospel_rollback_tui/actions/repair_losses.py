"""What the applied migrations destroyed, as the gate between the two releases judges it."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from gospel_rollback_tui.actions.migration_choices import choices_of
from gospel_rollback_tui.actions.migration_estate import MigrationEstate
from gospel_rollback_tui.actions.rds_estate import RdsEstate
from gospel_rollback_tui.actions.schema_check import SchemaGates
from gospel_rollback_tui.domain.errors import NotSent, Refused
from gospel_rollback_tui.domain.estate import Service
from gospel_rollback_tui.domain.instances import AVAILABLE, under_way
from gospel_rollback_tui.domain.migrations.findings import Loss
from gospel_rollback_tui.domain.migrations.gate import Gate
from gospel_rollback_tui.domain.release_change import ReleaseChange
from gospel_rollback_tui.domain.repair import Beside
from gospel_rollback_tui.engine.ports import ChoiceList, StepRequest


@dataclass(frozen=True, slots=True)
class Lost:
    """What one service has lost."""

    service: Service
    losses: tuple[Loss, ...]
    """Oldest first."""
    before: int | None
    """The version of the first migration that destroyed something; None: none did."""
    words: str
    """What the gate says, in a line."""
    unknown: str = ""
    """What nobody could read; empty: all was."""
    gate: Gate | None = None


class LostData(Protocol):
    """Knows what was lost."""

    def choices(self, request: StepRequest) -> tuple[ChoiceList, ...]:
        """Returns the services and releases to choose from."""

    def fetch(self) -> None:
        """Brings what the releases are read from; what was brought before holds where nothing can be."""

    def service(self, request: StepRequest) -> Service:
        """Returns the chosen service, or the only one; raises Refused."""

    def lost(self, request: StepRequest) -> Lost:
        """Returns it for the chosen service; raises Refused where no service, or no release, is told."""


@dataclass(frozen=True, slots=True)
class GateLosses:
    """Implements `LostData` by the migrations in git and the version in the database."""

    estate: MigrationEstate
    gates: SchemaGates
    now: Callable[[], float] = time.time

    def choices(self, request: StepRequest) -> tuple[ChoiceList, ...]:
        """Returns the services that ship migrations, and the releases by their tags."""
        return choices_of(self.estate, request, self.now())

    def fetch(self) -> None:
        """Brings the branch and the release tags."""
        with suppress(NotSent):
            self.estate.sources.fetch()

    def service(self, request: StepRequest) -> Service:
        """Returns the service whose migrations are meant."""
        return self.estate.service(request)

    def lost(self, request: StepRequest) -> Lost:
        """Returns what the migrations that the good release lacks destroyed."""
        service = self.estate.service(request)
        bad, good = self.estate.commits(request, service)
        gate = self.gates.between((ReleaseChange(service, bad, good),))
        if gate is None:
            raise Refused(f"{service.name} ships no migrations: nothing of it was lost by one.", next_step="Choose another service.")
        return lost_by(service, gate)


def lost_by(service: Service, gate: Gate) -> Lost:
    """Returns what the migrations that a gate lists destroyed."""
    taking = [each for each in reversed(gate.crossing) if each.up_losses]
    losses = tuple(dict.fromkeys(loss for each in taking for loss in each.up_losses))
    return Lost(service, losses, taking[0].migration.version if taking else None, gate.words, gate.unknown, gate)


@dataclass(frozen=True, slots=True)
class RestoredBeside:
    """Implements `RestoredInstances` by what this run, or one before it, has restored."""

    estate: RdsEstate

    def choices(self, request: StepRequest) -> tuple[ChoiceList, ...]:
        """Returns the restored instances."""
        return self.estate.choices(request)

    def beside(self, request: StepRequest) -> Beside:
        """Returns the restored instance; raises Refused where there is none, or nobody can connect to it yet."""
        found = self.estate.restored(request)
        if found.status != AVAILABLE or not found.address:
            raise Refused(f"{found.identifier} is {under_way(found)}.", next_step="Wait until it is available.")
        return Beside(found.identifier, found.address, found.port)
