"""The columns of every other kind that has some of its own."""

from datetime import datetime

from gospel_rollback_tui.drill.kubernetes.documents import Json, parse_timestamp
from gospel_rollback_tui.drill.kubernetes.tables.columns import AGE, NAME, SELECTOR, TEMPLATE, Cell, Column, field
from gospel_rollback_tui.drill.kubernetes.tables.durations import age, short_duration
from gospel_rollback_tui.drill.kubernetes.tables.pods import POD_COLUMNS


def _out_of(ready: str, wanted: str) -> Column:
    def read(document: Json, now: datetime) -> Cell:
        """Return `ready/wanted`."""
        return f"{field(ready, 0)(document, now)}/{field(wanted, 0)(document, now)}"

    return Column("Ready", read)


def _count(name: str, path: str) -> Column:
    return Column(name, field(path, 0), kind="integer")


def _size(name: str, key: str) -> Column:
    return Column(name, lambda document, _now: len(document.get(key) or {}))


def _node_status(document: Json, _now: datetime) -> Cell:
    conditions: list[Json] = document.get("status", {}).get("conditions", [])
    ready: Json = next((one for one in conditions if one.get("type") == "Ready"), {})
    word = {"True": "Ready", "False": "NotReady"}.get(ready.get("status", ""), "Unknown")
    return f"{word},SchedulingDisabled" if document["spec"].get("unschedulable") else word


def _node_roles(document: Json, _now: datetime) -> Cell:
    prefix = "node-role.kubernetes.io/"
    roles = [label.removeprefix(prefix) for label in document["metadata"].get("labels", {}) if label.startswith(prefix)]
    return ",".join(sorted(roles)) or "<none>"


def _node_address(document: Json, _now: datetime) -> Cell:
    addresses = document.get("status", {}).get("addresses", [])
    return next((one["address"] for one in addresses if one["type"] == "InternalIP"), "<none>")


def _service_ports(document: Json, _now: datetime) -> Cell:
    return ",".join(f"{port['port']}/{port['protocol']}" for port in document["spec"].get("ports", [])) or "<none>"


def _event_age(document: Json, now: datetime) -> Cell:
    last = document.get("lastTimestamp") or document.get("deprecatedLastTimestamp") or document.get("eventTime")
    return age(last or document["metadata"].get("creationTimestamp"), now)


def _event_object(document: Json, _now: datetime) -> Cell:
    about = document.get("involvedObject") or document.get("regarding") or {}
    return f"{about.get('kind', '').lower()}/{about.get('name', '')}"


def _event_message(document: Json, _now: datetime) -> Cell:
    return str(document.get("message") or document.get("note") or "").strip()


def _quota(part: str) -> Column:
    def read(document: Json, _now: datetime) -> Cell:
        """Return each measure of that part with what is used of it."""
        hard, used = document.get("status", {}).get("hard", {}), document.get("status", {}).get("used", {})
        chosen = [measure for measure in sorted(hard) if measure.startswith("limits.") is (part == "Limit")]
        return ", ".join(f"{measure}: {used.get(measure, 0)}/{hard[measure]}" for measure in chosen)

    return Column(part, read)


def _job_duration(document: Json, now: datetime) -> Cell:
    status = document.get("status", {})
    if not status.get("startTime"):
        return ""
    end = parse_timestamp(status["completionTime"]) if status.get("completionTime") else now
    return short_duration((end - parse_timestamp(status["startTime"])).total_seconds())


def _job_status(document: Json, _now: datetime) -> Cell:
    conditions = document.get("status", {}).get("conditions", [])
    return next((c["type"] for c in conditions if c.get("status") == "True" and c["type"] in ("Complete", "Failed", "Suspended")), "Running")


def _last_schedule(document: Json, now: datetime) -> Cell:
    last = document.get("status", {}).get("lastScheduleTime")
    return age(last, now) if last else "<none>"


def _scaled_object(document: Json, _now: datetime) -> Cell:
    target = document["spec"].get("scaleTargetRef", {})
    return f"{target.get('kind')}/{target.get('name')}"


def _endpoint_addresses(document: Json, _now: datetime) -> Cell:
    found = [
        f"{address['ip']}:{port['port']}"
        for subset in document.get("subsets") or []
        for address in subset.get("addresses") or []
        for port in subset.get("ports") or []
    ]
    return ",".join(found[:3]) + (f" + {len(found) - 3} more..." if len(found) > 3 else "") or "<none>"


COLUMNS: dict[str, tuple[Column, ...]] = {
    "pods.": POD_COLUMNS,
    "deployments.apps": (
        NAME,
        _out_of("status.readyReplicas", "spec.replicas"),
        Column("Up-to-date", field("status.updatedReplicas", 0)),
        Column("Available", field("status.availableReplicas", 0)),
        AGE,
        *TEMPLATE,
        SELECTOR,
    ),
    "replicasets.apps": (
        NAME,
        _count("Desired", "spec.replicas"),
        _count("Current", "status.replicas"),
        _count("Ready", "status.readyReplicas"),
        AGE,
        *TEMPLATE,
        SELECTOR,
    ),
    "statefulsets.apps": (NAME, _out_of("status.readyReplicas", "spec.replicas"), AGE, *TEMPLATE),
    "daemonsets.apps": (
        NAME,
        _count("Desired", "status.desiredNumberScheduled"),
        _count("Current", "status.currentNumberScheduled"),
        _count("Ready", "status.numberReady"),
        _count("Up-to-date", "status.updatedNumberScheduled"),
        _count("Available", "status.numberAvailable"),
        Column("Node Selector", lambda _document, _now: "<none>"),
        AGE,
        *TEMPLATE,
        SELECTOR,
    ),
    "controllerrevisions.apps": (
        NAME,
        Column("Controller", lambda d, _now: "/".join(f"{o['kind'].lower()}.apps/{o['name']}" for o in d["metadata"].get("ownerReferences", [])) or "<none>"),
        _count("Revision", "revision"),
        AGE,
    ),
    "nodes.": (
        NAME,
        Column("Status", _node_status),
        Column("Roles", _node_roles),
        AGE,
        Column("Version", field("status.nodeInfo.kubeletVersion")),
        Column("Internal-IP", _node_address, 1),
        Column("External-IP", lambda _document, _now: "<none>", 1),
        Column("OS-Image", field("status.nodeInfo.osImage", "<unknown>"), 1),
        Column("Kernel-Version", field("status.nodeInfo.kernelVersion", "<unknown>"), 1),
        Column("Container-Runtime", field("status.nodeInfo.containerRuntimeVersion", "<unknown>"), 1),
    ),
    "namespaces.": (NAME, Column("Status", field("status.phase")), AGE),
    "services.": (
        NAME,
        Column("Type", field("spec.type")),
        Column("Cluster-IP", field("spec.clusterIP")),
        Column("External-IP", lambda _document, _now: "<none>"),
        Column("Port(s)", _service_ports),
        AGE,
        SELECTOR,
    ),
    "endpoints.": (NAME, Column("Endpoints", _endpoint_addresses), AGE),
    "configmaps.": (NAME, _size("Data", "data"), AGE),
    "secrets.": (NAME, Column("Type", field("type")), _size("Data", "data"), AGE),
    "serviceaccounts.": (NAME, _size("Secrets", "secrets"), AGE),
    "resourcequotas.": (NAME, _quota("Request"), _quota("Limit"), AGE),
    "persistentvolumeclaims.": (
        NAME,
        Column("Status", field("status.phase")),
        Column("Volume", field("spec.volumeName", "")),
        Column("Capacity", field("status.capacity.storage", "")),
        Column("Access Modes", lambda document, _now: ",".join(document.get("status", {}).get("accessModes", []))),
        Column("StorageClass", field("spec.storageClassName", "")),
        AGE,
        Column("VolumeMode", field("spec.volumeMode"), 1),
    ),
    "events.": (
        Column("Last Seen", _event_age),
        Column("Type", field("type")),
        Column("Reason", field("reason")),
        Column("Object", _event_object),
        Column("Message", _event_message),
        Column("Name", field("metadata.name"), 1),
    ),
    "jobs.batch": (
        NAME,
        Column("Status", _job_status),
        Column("Completions", lambda d, _now: f"{d.get('status', {}).get('succeeded', 0)}/{d['spec'].get('completions', 1)}"),
        Column("Duration", _job_duration),
        AGE,
        *TEMPLATE,
        SELECTOR,
    ),
    "cronjobs.batch": (
        NAME,
        Column("Schedule", field("spec.schedule")),
        Column("Timezone", field("spec.timeZone")),
        Column("Suspend", lambda document, _now: str(document["spec"].get("suspend", False))),
        Column("Active", lambda document, _now: len(document.get("status", {}).get("active", [])), kind="integer"),
        Column("Last Schedule", _last_schedule),
        AGE,
        *TEMPLATE,
    ),
    "horizontalpodautoscalers.autoscaling": (
        NAME,
        Column("Reference", _scaled_object),
        Column("Targets", lambda _document, _now: "<unknown>"),
        Column("MinPods", field("spec.minReplicas")),
        _count("MaxPods", "spec.maxReplicas"),
        _count("Replicas", "status.currentReplicas"),
        AGE,
    ),
    "leases.coordination.k8s.io": (NAME, Column("Holder", field("spec.holderIdentity", "")), AGE),
    "poddisruptionbudgets.policy": (
        NAME,
        Column("Min Available", field("spec.minAvailable", "N/A")),
        Column("Max Unavailable", field("spec.maxUnavailable", "N/A")),
        _count("Allowed Disruptions", "status.disruptionsAllowed"),
        AGE,
    ),
    "applications.argoproj.io": (
        NAME,
        Column("Sync Status", field("status.sync.status", "")),
        Column("Health Status", field("status.health.status", "")),
        Column("Revision", field("status.sync.revision", ""), 10),
        Column("Project", field("spec.project", ""), 10),
    ),
}
"""Columns by the store's name of a resource."""
PLAIN_COLUMNS = (NAME, AGE)
