"""The `scale` subresource: `autoscaling/v1` Scale in front of a workload's replicas."""

from gospel_rollback_tui.drill.kubernetes.catalogue import ResourceType
from gospel_rollback_tui.drill.kubernetes.documents import Json, copy_json
from gospel_rollback_tui.drill.kubernetes.endpoints.exchange import Exchange
from gospel_rollback_tui.drill.kubernetes.http.messages import Reply, json_answer
from gospel_rollback_tui.drill.kubernetes.patches import apply_patch
from gospel_rollback_tui.drill.kubernetes.registry import Registry, WriteOptions
from gospel_rollback_tui.drill.kubernetes.statuses import FieldError, Subject, conflict, invalid, method_not_allowed, undecodable_patch
from gospel_rollback_tui.drill.kubernetes.tables.columns import selector_cell


def answer_scale(exchange: Exchange, resource: ResourceType, registry: Registry) -> Reply:
    """Answer a request on a workload's scale.

    Raises:
        ApiError: it is refused.
    """
    info = exchange.info
    options = exchange.write_options()
    with registry.store.lock:
        workload = registry.get(resource, info.namespace, info.name)
        scale = _scale_of(workload, registry)
        if info.verb == "get":
            return json_answer(scale, pretty=exchange.pretty)
        if info.verb == "update":
            wanted = exchange.json_body()
        elif info.verb == "patch":
            wanted = apply_patch(scale, exchange.parsed_body(), exchange.request.content_type, custom=False)
        else:
            raise method_not_allowed()
        return json_answer(_rescaled(resource, workload, wanted, registry, options), pretty=exchange.pretty)


def _scale_of(workload: Json, registry: Registry) -> Json:
    kept = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {key: workload["metadata"][key] for key in kept},
        "spec": {"replicas": workload["spec"].get("replicas", 0)},
        "status": {
            "replicas": workload.get("status", {}).get("replicas", 0),
            "selector": str(selector_cell(workload, registry.now())),
        },
    }


def _rescaled(resource: ResourceType, workload: Json, wanted: Json, registry: Registry, options: WriteOptions) -> Json:
    name = workload["metadata"]["name"]
    replicas = wanted.get("spec", {}).get("replicas", 0)
    if isinstance(replicas, bool) or not isinstance(replicas, int):
        raise undecodable_patch(wanted, "json: cannot unmarshal string into Go struct field ScaleSpec.spec.replicas of type int32")
    if replicas < 0:
        subject = Subject("scales", "Scale", "autoscaling", name)
        raise invalid(subject, [FieldError("spec.replicas", "Invalid value", "must be greater than or equal to 0", replicas)])
    version = wanted.get("metadata", {}).get("resourceVersion")
    if version and version != workload["metadata"]["resourceVersion"]:
        raise conflict(resource.subject(name))
    scaled: Json = copy_json(workload)
    scaled["spec"]["replicas"] = replicas
    noted = WriteOptions(dry_run=options.dry_run, manager=options.manager, subresource="scale")
    return _scale_of(registry.update(scaled, noted), registry)
