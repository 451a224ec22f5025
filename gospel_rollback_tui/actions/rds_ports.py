"""What the actions on RDS ask of it; entries of its API as JSON, judged in `domain`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from gospel_rollback_tui.domain.instances import DbInstance
from gospel_rollback_tui.domain.preview import Json
from gospel_rollback_tui.domain.raw import JsonObject
from gospel_rollback_tui.engine.ports import StepRequest


class Rds(Protocol):
    """Reads instances and snapshots, and sends changes, each once. Every call carries its own deadline."""

    def where(self) -> str:
        """Returns account, region and identity, in a line."""

    def account(self) -> str:
        """Returns the number of the account that knows us."""

    def instance(self, identifier: str) -> JsonObject | None:
        """Returns the instance of that name; None: there is none."""

    def by_resource(self, resource_id: str) -> JsonObject | None:
        """Returns the instance of that resource id, whatever its name; None: there is none."""

    def instances(self) -> Sequence[JsonObject]:
        """Returns every instance of the region."""

    def snapshots(self, resource_id: str, identifier: str) -> Sequence[JsonObject]:
        """Returns the snapshots of that very instance; without a resource id, of any instance that had the name."""

    def snapshot(self, identifier: str) -> JsonObject | None:
        """Returns the snapshot of that name; None: there is none."""

    def window(self, resource_id: str) -> tuple[float, float] | None:
        """Returns the earliest and latest moment (wall time) that can be restored; None: there is none."""

    def proxies(self, identifier: str) -> tuple[str, ...]:
        """Returns the proxies that have the instance as a target."""

    def orderable(self, engine: str, version: str, instance_class: str) -> bool:
        """Returns whether an instance of that class can be made."""

    def quotas(self) -> Mapping[str, tuple[int, int]]:
        """Returns (used, most) by the quota's name, e.g. `ManualSnapshots`."""

    def key_state(self, key: str) -> str:
        """Returns the state of a KMS key, e.g. `Enabled`."""

    def may(self, actions: Sequence[str], resource: str) -> Mapping[str, bool | None]:
        """Returns whether this identity may do it to that resource (ARN), e.g. `rds:ModifyDBInstance`; None: nobody here can tell."""

    def events(self, identifier: str) -> tuple[str, ...]:
        """Returns what RDS says happened to the instance in the last day, oldest first."""

    def change(self, operation: str, parameters: Mapping[str, Json]) -> JsonObject:
        """Sends one change, e.g. `modify_db_instance`, and returns the answer."""


class BadEvent(Protocol):
    """Knows when the damage began."""

    def began(self, request: StepRequest) -> tuple[float, str]:
        """Returns the wall time, 0 if nobody knows, and what it is taken from."""


@dataclass(frozen=True, slots=True)
class Connected:
    """Who is connected to an instance."""

    who: tuple[str, ...]
    """Each session in words; the program's own and the server's are left out."""
    read: tuple[str, ...]
    """The databases that could be asked."""
    unread: tuple[str, ...]
    """Those that could not."""


class Sides(Protocol):
    """Reads the services' databases on the two instances of a swap."""

    def lost(self, request: StepRequest, live: DbInstance, restored: DbInstance) -> tuple[str, ...]:
        """Returns, in a line each, which tables hold other rows on both, each number with its method, and what cannot be told."""

    def connected(self, request: StepRequest, one: DbInstance) -> Connected:
        """Returns who is connected to an instance's databases."""


class HostNames(Protocol):
    """Looks host names up."""

    def addresses(self, host: str) -> tuple[str, ...]:
        """Returns the addresses that a name has now; empty: none that this host can see."""
