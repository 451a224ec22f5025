"""What stands behind simulated instances: nothing, or real databases."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Place:
    """Where an instance's database listens."""

    host: str
    port: int


class Backing(Protocol):
    """Keeps a real database behind each instance, named by resource id: names move."""

    def on_snapshot(self, resource_id: str, snapshot: str) -> None:
        """Keeps the instance's data as it is now under the snapshot's name."""

    def on_restore(self, source_id: str, resource_id: str, *, snapshot: str, at: float) -> Place | None:
        """Makes a new instance's database; from the snapshot, or from the newest data kept at or before that wall time."""

    def on_rename(self, resource_id: str, name: str) -> None:
        """Lets that name lead to the instance's database."""

    def on_delete(self, resource_id: str) -> None:
        """Ends the instance's database."""


@dataclass(frozen=True, slots=True)
class Unbacked:
    """Instances without databases."""

    said: Callable[[str], None] = lambda _words: None
    """Told what would be done."""

    def on_snapshot(self, resource_id: str, snapshot: str) -> None:
        """Keeps nothing."""
        self.said(f"snapshot {snapshot} of {resource_id}")

    def on_restore(self, source_id: str, resource_id: str, *, snapshot: str, at: float) -> Place | None:
        """Makes nothing."""
        self.said(f"restore of {source_id} to {resource_id} from {snapshot or int(at)}")
        return None

    def on_rename(self, resource_id: str, name: str) -> None:
        """Leads nowhere."""
        self.said(f"{resource_id} is called {name}")

    def on_delete(self, resource_id: str) -> None:
        """Ends nothing."""
        self.said(f"deletion of {resource_id}")
