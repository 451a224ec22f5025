"""What the parts of the estate need of its cluster, as one small protocol."""

from typing import Protocol

from gospel_rollback_tui.drill.kubernetes.documents import Json


class Registry(Protocol):
    """Reads and writes objects in the estate's own process, with the rules of the API but without its log.

    Every method raises `kubernetes.statuses.ApiError` where the API would refuse.
    """

    def create(self, document: Json) -> Json:
        """Store a new object and return it with its defaults."""

    def get(self, resource: str, namespace: str, name: str) -> Json:
        """Return an object."""

    def list(self, resource: str, namespace: str = "") -> list[Json]:
        """Return the objects of a namespace, of all when none is named."""

    def patch(self, resource: str, namespace: str, name: str, patch: Json, *, subresource: str = "") -> Json:
        """Merge a patch into an object and return it."""

    def update(self, document: Json) -> Json:
        """Replace an object; refused with 409 when its resourceVersion has moved."""

    def apply(self, document: Json) -> Json:
        """Create an object, or merge the document into the one there is."""

    def delete(self, resource: str, namespace: str, name: str) -> object:
        """Delete an object."""
