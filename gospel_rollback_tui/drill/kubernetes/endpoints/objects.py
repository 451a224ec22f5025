"""Objects over HTTP: get, list, create, update, patch, delete."""

from gospel_rollback_tui.drill.kubernetes.catalogue import ResourceType
from gospel_rollback_tui.drill.kubernetes.deletion import DeleteOptions
from gospel_rollback_tui.drill.kubernetes.documents import Clock, Json
from gospel_rollback_tui.drill.kubernetes.endpoints.exchange import Exchange
from gospel_rollback_tui.drill.kubernetes.endpoints.listing import list_page
from gospel_rollback_tui.drill.kubernetes.endpoints.representation import shown, shown_list
from gospel_rollback_tui.drill.kubernetes.http.messages import Reply, json_answer
from gospel_rollback_tui.drill.kubernetes.patches import APPLY_PATCH, check_format
from gospel_rollback_tui.drill.kubernetes.registry import Registry, WriteOptions
from gospel_rollback_tui.drill.kubernetes.statuses import ApiError, FieldError, Subject, bad_request, invalid, method_not_allowed


class ObjectEndpoints:
    """Answers requests on whole objects and on their `status`."""

    def __init__(self, registry: Registry, clock: Clock) -> None:
        self._registry = registry
        self._clock = clock

    def answer(self, exchange: Exchange, resource: ResourceType) -> Reply:
        """Answer one request.

        Raises:
            ApiError: it is refused.
        """
        verb = exchange.info.verb
        if verb not in resource.verbs or (verb in ("update", "patch") and not exchange.info.name):
            raise method_not_allowed()
        match verb:
            case "get":
                return self._one(exchange, resource, self._live(exchange, resource))
            case "list":
                return self._list(exchange, resource)
            case "create":
                return self._create(exchange, resource)
            case "update":
                return self._update(exchange, resource)
            case "patch":
                return self._patch(exchange, resource)
            case "delete":
                return self._delete(exchange, resource)
            case "deletecollection":
                return self._delete_collection(exchange, resource)
            case _:
                raise method_not_allowed()

    def _live(self, exchange: Exchange, resource: ResourceType) -> Json:
        return self._registry.get(resource, _namespace(exchange, resource), exchange.info.name)

    def _one(self, exchange: Exchange, resource: ResourceType, document: Json, status: int = 200, unknown: list[str] | None = None) -> Reply:
        """Answer with one object, and a warning about each field that its type does not have."""
        warnings = ", ".join('299 - "unknown field \\"' + path + '\\""' for path in unknown or ())
        headers = {"Warning": warnings} if warnings else None
        return json_answer(shown(resource, document, exchange.shape, self._clock.now()), status, headers, pretty=exchange.pretty)

    def _list(self, exchange: Exchange, resource: ResourceType) -> Reply:
        page = list_page(self._registry.store, resource, exchange.info.namespace, exchange.request.query)
        listed = shown_list(resource, page.items, page.metadata, exchange.shape, self._clock.now())
        return json_answer(listed, pretty=exchange.pretty)

    def _create(self, exchange: Exchange, resource: ResourceType) -> Reply:
        if exchange.info.name:
            raise method_not_allowed()
        document = exchange.json_body(resource.kind)
        document.setdefault("apiVersion", resource.api_version)
        document.setdefault("kind", resource.kind)
        if (document["apiVersion"], document["kind"]) != (resource.api_version, resource.kind):
            raise _unrelated_kind(resource, document)
        options = exchange.write_options()
        created = self._registry.create(document, exchange.info.namespace, options)
        return self._one(exchange, resource, created, 201, options.unknown)

    def _update(self, exchange: Exchange, resource: ResourceType) -> Reply:
        document = exchange.json_body()
        document.setdefault("apiVersion", resource.api_version)
        document.setdefault("kind", resource.kind)
        metadata = document.setdefault("metadata", {})
        if metadata.setdefault("name", exchange.info.name) != exchange.info.name:
            raise bad_request(f"the name of the object ({metadata['name']}) does not match the name on the URL ({exchange.info.name})")
        if resource.namespaced:
            metadata["namespace"] = exchange.info.namespace
        options = exchange.write_options(exchange.info.subresource)
        return self._one(exchange, resource, self._registry.update(document, options), unknown=options.unknown)

    def _patch(self, exchange: Exchange, resource: ResourceType) -> Reply:
        content_type = exchange.request.content_type
        check_format(content_type, custom=resource.custom)
        options = exchange.write_options(exchange.info.subresource)
        namespace, name = _namespace(exchange, resource), exchange.info.name
        patch = exchange.parsed_body()
        if content_type == APPLY_PATCH:
            return self._apply(exchange, resource, patch, options)
        patched = self._registry.patch(resource, namespace, name, patch, content_type, options)
        return self._one(exchange, resource, patched, unknown=options.unknown)

    def _apply(self, exchange: Exchange, resource: ResourceType, patch: Json, options: WriteOptions) -> Reply:
        if not exchange.request.query.get("fieldManager"):
            fault = FieldError("fieldManager", "Required value", "is required for apply patch")
            raise invalid(Subject("PatchOptions", "PatchOptions", "meta.k8s.io", ""), [fault])
        namespace, name = _namespace(exchange, resource), exchange.info.name
        try:
            return self._one(exchange, resource, self._registry.patch(resource, namespace, name, patch, APPLY_PATCH, options))
        except ApiError as refusal:
            if refusal.code != 404 or refusal.reason != "NotFound":
                raise
        return self._one(exchange, resource, self._registry.create(patch, namespace, options, operation="Apply"), 201)

    def _delete(self, exchange: Exchange, resource: ResourceType) -> Reply:
        options = self._delete_options(exchange)
        answer = self._registry.delete(resource, _namespace(exchange, resource), exchange.info.name, options)
        if answer["kind"] == "Status":
            return json_answer(answer, pretty=exchange.pretty)
        return self._one(exchange, resource, answer)

    def _delete_collection(self, exchange: Exchange, resource: ResourceType) -> Reply:
        options = self._delete_options(exchange)
        page = list_page(self._registry.store, resource, exchange.info.namespace, exchange.request.query)
        for document in page.items:
            self._registry.delete(resource, document["metadata"].get("namespace", ""), document["metadata"]["name"], options)
        return json_answer(shown_list(resource, page.items, page.metadata, exchange.shape, self._clock.now()), pretty=exchange.pretty)

    @staticmethod
    def _delete_options(exchange: Exchange) -> DeleteOptions:
        return DeleteOptions.read(exchange.json_body() if exchange.request.body else {}, exchange.request.query)


def _namespace(exchange: Exchange, resource: ResourceType) -> str:
    return exchange.info.namespace if resource.namespaced else ""


def _unrelated_kind(resource: ResourceType, document: Json) -> ApiError:
    version, kind = str(document["apiVersion"]), document["kind"]
    if resource.custom and version != resource.api_version:
        return bad_request(f"the API version in the data ({version}) does not match the expected API version ({resource.api_version})")
    if resource.custom:
        name = document.get("metadata", {}).get("name", "")
        return invalid(Subject(kind, kind, resource.group, name), [FieldError("kind", "Invalid value", f"must be {resource.kind}", kind)])
    given = f"{version.rpartition('/')[2]}.{kind}"
    wanted = f"{resource.group.partition('.')[0] or 'core'}.{resource.kind}"
    place = f'{kind} in version "{version.rpartition("/")[2]}" cannot be handled as a {resource.kind}'
    return bad_request(f"{place}: converting ({given}) to ({wanted}): unknown conversion")
