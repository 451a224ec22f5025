"""Which fields a field selector may name, by resource."""

from gospel_rollback_tui.drill.kubernetes.catalogue import ResourceType
from gospel_rollback_tui.drill.kubernetes.selectors import parse_fields
from gospel_rollback_tui.drill.kubernetes.statuses import bad_request

_EVERYWHERE = frozenset({"metadata.name", "metadata.namespace"})
_BY_RESOURCE = {
    "pods.": frozenset(
        {
            "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork",
            "status.phase", "status.podIP", "status.podIPs", "status.nominatedNodeName",
        }
    ),
    "events.": frozenset(
        {
            "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid", "involvedObject.apiVersion",
            "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type",
        }
    ),
    "nodes.": frozenset({"spec.unschedulable"}),
    "namespaces.": frozenset({"status.phase"}),
    "secrets.": frozenset({"type"}),
    "replicasets.apps": frozenset({"status.replicas"}),
    "jobs.batch": frozenset({"status.successful"}),
}  # fmt: skip


def check_field_labels(resource: ResourceType, field_selector: str) -> None:
    """Refuse a field selector on a field that the resource cannot be selected by.

    Raises:
        ApiError: 400.
    """
    known = _EVERYWHERE | _BY_RESOURCE.get(resource.stored_as, frozenset())
    for term in parse_fields(field_selector):
        if term.path not in known:
            if (resource.group == "" and resource.stored_as in _BY_RESOURCE) or resource.custom:
                raise bad_request(f"field label not supported: {term.path}")
            raise bad_request(f'"{term.path}" is not a known field selector: only "metadata.name", "metadata.namespace"')
