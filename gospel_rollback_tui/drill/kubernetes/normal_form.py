"""The form in which the real server's types would write a document back.

A typed field that is empty or has its zero value is omitted by the real server, whatever
the client sent; clients compare templates field by field, so this matters to them.
"""

from gospel_rollback_tui.drill.kubernetes.documents import Json, JsonValue

OMITTED_WHEN_EMPTY = frozenset(
    {
        "labels", "annotations", "nodeSelector", "matchLabels", "data", "binaryData", "stringData", "limits", "requests",
        "finalizers", "ownerReferences", "managedFields", "command", "args", "env", "envFrom", "ports", "volumeMounts",
        "volumeDevices", "initContainers", "ephemeralContainers", "imagePullSecrets", "tolerations", "hostAliases", "volumes",
        "conditions", "containerStatuses", "initContainerStatuses", "topologySpreadConstraints", "matchExpressions",
        "readinessGates", "schedulingGates", "resourceClaims", "items",
    }
)  # fmt: skip
"""Lists and maps whose empty value is left out."""
OMITTED_WHEN_FALSE = frozenset(
    {"paused", "hostNetwork", "hostPID", "hostIPC", "stdin", "stdinOnce", "tty", "readOnly", "unschedulable", "immutable", "publishNotReadyAddresses"}
)
OMITTED_WHEN_ZERO = frozenset({"minReadySeconds", "initialDelaySeconds"})
OMITTED_WHEN_BLANK = frozenset({"nodeName", "serviceAccountName", "serviceAccount", "hostname", "subdomain", "generateName", "value", "subPath", "workingDir"})
KEPT_AS_NULL = frozenset({"eventTime", "firstTimestamp", "lastTimestamp", "lastProbeTime"})
"""Times that are written as `null` when they are not set."""
_FREE_FORM = frozenset({"labels", "annotations", "data", "binaryData", "stringData", "nodeSelector", "matchLabels", "selector"})


def normal_form(value: JsonValue, field: str = "") -> JsonValue:
    """Return a copy without `null` members and without what the types omit."""
    if isinstance(value, dict):
        free_form = field in _FREE_FORM and all(isinstance(item, str) for item in value.values())
        normal = {key: normal_form(item, "" if free_form else key) for key, item in value.items() if item is not None or key in KEPT_AS_NULL}
        return normal if free_form else {key: item for key, item in normal.items() if not _omitted(key, item)}
    if isinstance(value, list):
        return [normal_form(item) for item in value]
    return value


def normal_document(document: Json) -> Json:
    """Return the normal form of a whole object of a built-in type."""
    normal: Json = normal_form(document)
    return normal


def _omitted(key: str, value: JsonValue) -> bool:
    if value == {} or value == []:
        return key in OMITTED_WHEN_EMPTY
    if value is False:
        return key in OMITTED_WHEN_FALSE
    if value == "":
        return key in OMITTED_WHEN_BLANK
    return value == 0 and not isinstance(value, bool) and key in OMITTED_WHEN_ZERO
