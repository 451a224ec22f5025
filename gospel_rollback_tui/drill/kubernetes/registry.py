"""Reading and writing objects as the API server does, whoever asks: a client, a controller, a script."""

from dataclasses import dataclass
from datetime import datetime

from gospel_rollback_tui.drill.kubernetes.catalogue import ResourceType, by_name, by_object
from gospel_rollback_tui.drill.kubernetes.deletion import DeleteOptions, delete_object
from gospel_rollback_tui.drill.kubernetes.documents import Clock, Json, JsonValue
from gospel_rollback_tui.drill.kubernetes.managed_fields import noted_write
from gospel_rollback_tui.drill.kubernetes.patches import APPLY_PATCH, MERGE_PATCH, apply_patch
from gospel_rollback_tui.drill.kubernetes.preparation import prepare_new, prepare_update
from gospel_rollback_tui.drill.kubernetes.quota import check_quota
from gospel_rollback_tui.drill.kubernetes.selectors import selection
from gospel_rollback_tui.drill.kubernetes.statuses import UndecodableError, already_exists, gone_meanwhile, not_found, undecodable_patch
from gospel_rollback_tui.drill.kubernetes.store import ObjectStore

_NAMESPACES = by_name("namespaces")


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """How a write is to be made."""

    dry_run: bool = False
    """Answer as if, store nothing."""
    manager: str = ""
    """Name noted in `managedFields`; empty notes nothing."""
    subresource: str = ""
    """`status`, or empty for the object itself."""
    strict: bool = False
    """Refuse fields that the object's type does not have; otherwise they are dropped."""
    unknown: list[str] | None = None
    """Where the paths of such fields are put, for a warning; `None`: nobody wants to know."""


PLAINLY = WriteOptions()


class Registry:
    """The one way to the store for everyone who writes; safe to use from any thread."""

    def __init__(self, store: ObjectStore, clock: Clock) -> None:
        self.store = store
        self._clock = clock

    def now(self) -> datetime:
        """Return the cluster's time of day."""
        return self._clock.now()

    def get(self, resource: ResourceType | str, namespace: str, name: str) -> Json:
        """Return an object, not to be changed.

        Raises:
            ApiError: 404.
        """
        kind = _resource(resource)
        document = self.store.get(kind, namespace, name)
        if document is None:
            raise not_found(kind.subject(name))
        return document

    def list(self, resource: ResourceType | str, namespace: str = "", label_selector: str = "", field_selector: str = "") -> list[Json]:
        """Return the objects of a namespace (of all when empty) that both selectors match."""
        selected = selection(label_selector, field_selector, namespace)
        return [document for document in self.store.items(_resource(resource)) if selected(document)]

    def create(self, document: Json, namespace: str = "", options: WriteOptions = PLAINLY, operation: str = "Update") -> Json:
        """Store a new object; `operation` is how `managedFields` calls the write.

        Raises:
            ApiError: 400, 403 (quota), 404 (namespace), 409 (exists) or 422.
        """
        resource = by_object(document)
        place = (namespace or document.get("metadata", {}).get("namespace") or "default") if resource.namespaced else ""
        with self.store.lock:
            unknown: list[str] = []
            new = prepare_new(resource, document, place, self._clock.now(), unknown)
            _note_unknown(document, unknown, options)
            if resource.namespaced and self.store.get(_NAMESPACES, "", place) is None:
                raise not_found(_NAMESPACES.subject(place))
            if self.store.get(resource, place, new["metadata"]["name"]) is not None:
                raise already_exists(resource.subject(new["metadata"]["name"]))
            if resource.kind == "Pod":
                check_quota(self.store, new)
            new = noted_write(new, options.manager, operation, options.subresource, self._clock.now())
            return new if options.dry_run else self.store.put(resource, new)

    def update(self, document: Json, options: WriteOptions = PLAINLY) -> Json:
        """Replace an object; refuse one that was read at an older version.

        Raises:
            ApiError: 404, 409 or 422.
        """
        resource = by_object(document)
        metadata = document.get("metadata", {})
        place, name = metadata.get("namespace", "") if resource.namespaced else "", metadata.get("name", "")
        with self.store.lock:
            if resource.create_on_update and self.store.get(resource, place, name) is None:
                if metadata.get("uid"):
                    raise gone_meanwhile(resource.subject(name), place, metadata["uid"])
                return self.create(document, place, options)
            old = self.get(resource, place, name)
            return self._replace(resource, old, document, options)

    def patch(
        self,
        resource: ResourceType | str,
        namespace: str,
        name: str,
        patch: JsonValue,
        content_type: str = MERGE_PATCH,
        options: WriteOptions = PLAINLY,
    ) -> Json:
        """Apply a patch (a JSON merge patch unless another content type is given).

        Raises:
            ApiError: 400, 404, 409, 415 or 422.
        """
        kind = _resource(resource)
        with self.store.lock:
            old = self.get(kind, namespace, name)
            new = apply_patch(old, patch, content_type, custom=kind.custom)
            _keep_version(old, new)
            try:
                return self._replace(kind, old, new, options, operation="Apply" if content_type == APPLY_PATCH else "Update", patched=True)
            except UndecodableError as refusal:
                raise undecodable_patch(new, refusal.cause) from None

    def apply(self, document: Json, options: WriteOptions = PLAINLY) -> Json:
        """Create an object, or merge the document into the one that is there.

        Raises:
            ApiError: as `create` and `patch` do.
        """
        resource = by_object(document)
        metadata = document["metadata"]
        namespace = (metadata.get("namespace") or "default") if resource.namespaced else ""
        with self.store.lock:
            if self.store.get(resource, namespace, metadata["name"]) is None:
                return self.create(document, namespace, options)
            return self.patch(resource, namespace, metadata["name"], document, APPLY_PATCH, options)

    def delete(self, resource: ResourceType | str, namespace: str, name: str, options: DeleteOptions | None = None) -> Json:
        """Delete an object and return what the API answers.

        Raises:
            ApiError: 404, or 409 when a precondition does not hold.
        """
        return delete_object(self.store, _resource(resource), namespace, name, options or DeleteOptions(), self._clock.now())

    def _replace(self, resource: ResourceType, old: Json, document: Json, options: WriteOptions, operation: str = "Update", *, patched: bool = False) -> Json:
        unknown: list[str] = []
        new = prepare_update(resource, old, document, options.subresource, patched=patched, unknown=unknown)
        _note_unknown(document, unknown, options)
        if new is old:
            return old
        new = noted_write(new, options.manager, operation, options.subresource, self._clock.now())
        if options.dry_run:
            return new
        if new["metadata"].get("deletionTimestamp") and not new["metadata"].get("finalizers") and old["metadata"].get("finalizers"):
            return self.store.remove(resource, old["metadata"].get("namespace", ""), old["metadata"]["name"]) or new
        return self.store.put(resource, new)


def _resource(resource: ResourceType | str) -> ResourceType:
    return by_name(resource) if isinstance(resource, str) else resource


def _note_unknown(document: Json, unknown: list[str], options: WriteOptions) -> None:
    """Refuse, or pass on, what the object's type does not have."""
    if unknown and options.strict:
        cause = ", ".join(f'unknown field "{path}"' for path in unknown)
        raise UndecodableError(document["kind"], str(document["apiVersion"]).rpartition("/")[2], f"strict decoding error: {cause}")
    if options.unknown is not None:
        options.unknown.extend(unknown)


def _keep_version(old: Json, new: Json) -> None:
    """Let a patch that states no version rest on the one it was applied to."""
    if isinstance(new.get("metadata"), dict) and not new["metadata"].get("resourceVersion"):
        new["metadata"] = dict(new["metadata"], resourceVersion=old["metadata"]["resourceVersion"])
