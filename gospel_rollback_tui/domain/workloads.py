"""Deployments and ReplicaSets as frozen values, read from what the Kubernetes API answers.

Every `…_from` function accepts any JSON object: what is missing, null or of the wrong type becomes an empty value,
and all text is made harmless. Times are seconds since the epoch, by the cluster's clock.
"""

from dataclasses import dataclass, field

from gospel_rollback_tui.domain.raw import JsonObject, child, children, flag, moment, number, pairs, text

REVISION = "deployment.kubernetes.io/revision"
REVISION_HISTORY = "deployment.kubernetes.io/revision-history"
CHANGE_CAUSE = "kubernetes.io/change-cause"
TEMPLATE_HASH = "pod-template-hash"
TRACKING_ID = "argocd.argoproj.io/tracking-id"

DEFAULT_PROGRESS_DEADLINE = 600.0
"""Seconds; what the API server fills in (apps/v1)."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One entry of `status.conditions`."""

    type: str
    status: str
    """`True`, `False` or `Unknown`, as written."""
    reason: str = ""
    message: str = ""
    updated: float | None = None
    """`lastUpdateTime`; moves while the status stays."""
    changed: float | None = None
    """`lastTransitionTime`: since when the status has been what it is."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Who last wrote an object's fields, and when (`metadata.managedFields`)."""

    manager: str
    at: float
    subresource: str = ""


@dataclass(frozen=True, slots=True)
class Deployment:
    """A Deployment; `template` is `spec.template` exactly as read, for tests and diffs."""

    name: str
    namespace: str
    uid: str
    template: JsonObject = field(repr=False, hash=False)
    generation: int = 0
    observed_generation: int = 0
    revision: int = 0
    """The revision annotation; 0: none yet."""
    replicas: int = 1
    """Pods wanted."""
    total: int = 0
    """Pods of every revision (`status.replicas`)."""
    updated: int = 0
    """Pods of the newest revision."""
    ready: int = 0
    available: int = 0
    paused: bool = False
    strategy: str = "RollingUpdate"
    max_surge: str = "25%"
    max_unavailable: str = "25%"
    progress_deadline: float = DEFAULT_PROGRESS_DEADLINE
    selector: str = ""
    """Label selector of its pods, in the form the API's `labelSelector` takes."""
    conditions: tuple[Condition, ...] = ()
    has_annotations: bool = False
    """Whether `metadata.annotations` exists; a JSON Patch cannot add below a missing map."""
    annotations: tuple[tuple[str, str], ...] = ()
    created: float | None = None
    edits: tuple[Edit, ...] = ()
    resource_version: str = ""

    @property
    def change_cause(self) -> str:
        """The `kubernetes.io/change-cause` annotation, or nothing."""
        return dict(self.annotations).get(CHANGE_CAUSE, "")

    @property
    def images(self) -> tuple[tuple[str, str], ...]:
        """(container, image) of its template, in the template's order."""
        return images_of(self.template)

    def condition(self, kind: str) -> Condition | None:
        """Returns the condition of that type, if it has one."""
        return next((condition for condition in self.conditions if condition.type == kind), None)


@dataclass(frozen=True, slots=True)
class ReplicaSetState:
    """A ReplicaSet: one revision of a Deployment and the pods it has now."""

    name: str
    uid: str
    template: JsonObject = field(repr=False, hash=False)
    owner: str = ""
    """uid of the controlling owner; empty: none."""
    revision: int = 0
    """0: it carries no revision and is not part of the history."""
    former: tuple[int, ...] = ()
    """Revision numbers it had before an undo renumbered it."""
    template_hash: str = ""
    replicas: int = 0
    """Pods wanted."""
    total: int = 0
    ready: int = 0
    available: int = 0
    change_cause: str = ""
    created: float | None = None
    conditions: tuple[Condition, ...] = ()

    @property
    def images(self) -> tuple[tuple[str, str], ...]:
        """(container, image) of its template, in the template's order."""
        return images_of(self.template)


def images_of(template: JsonObject) -> tuple[tuple[str, str], ...]:
    """Returns (container, image) of a pod template, in its order, init containers left out."""
    return tuple((text(item.get("name")), text(item.get("image"))) for item in children(template, "spec", "containers"))


def selector_text(selector: JsonObject) -> str:
    """Returns a `spec.selector` in the form that the API's `labelSelector` takes."""
    parts = [f"{name}={value}" for name, value in pairs(selector, "matchLabels")]
    for expression in children(selector, "matchExpressions"):
        key, operator = text(expression.get("key")), text(expression.get("operator"))
        listed = expression.get("values")
        values = ",".join(text(value) for value in listed) if isinstance(listed, list) else ""
        parts += {"In": [f"{key} in ({values})"], "NotIn": [f"{key} notin ({values})"], "Exists": [key], "DoesNotExist": [f"!{key}"]}.get(operator, [])
    return ",".join(parts)


def conditions_from(status: JsonObject) -> tuple[Condition, ...]:
    """Reads `conditions` of a status."""
    return tuple(
        Condition(
            text(item.get("type")),
            text(item.get("status")),
            text(item.get("reason")),
            text(item.get("message")),
            moment(item.get("lastUpdateTime")),
            moment(item.get("lastTransitionTime")),
        )
        for item in children(status, "conditions")
    )


def edits_from(metadata: JsonObject) -> tuple[Edit, ...]:
    """Reads who last wrote an object's fields, oldest first."""
    found = ((text(item.get("manager")), moment(item.get("time")), text(item.get("subresource"))) for item in children(metadata, "managedFields"))
    return tuple(sorted((Edit(manager, at, part) for manager, at, part in found if at is not None), key=lambda edit: edit.at))


def deployment_from(raw: JsonObject) -> Deployment:
    """Reads a Deployment."""
    metadata, spec, status = child(raw, "metadata"), child(raw, "spec"), child(raw, "status")
    annotations = pairs(metadata, "annotations")
    rolling = child(spec, "strategy", "rollingUpdate")
    return Deployment(
        name=text(metadata.get("name")),
        namespace=text(metadata.get("namespace")),
        uid=text(metadata.get("uid")),
        template=child(spec, "template"),
        generation=number(metadata.get("generation")),
        observed_generation=number(status.get("observedGeneration")),
        revision=number(dict(annotations).get(REVISION)),
        replicas=number(spec.get("replicas"), 1),
        total=number(status.get("replicas")),
        updated=number(status.get("updatedReplicas")),
        ready=number(status.get("readyReplicas")),
        available=number(status.get("availableReplicas")),
        paused=flag(spec.get("paused")),
        strategy=text(child(spec, "strategy").get("type")) or "RollingUpdate",
        max_surge=text(rolling.get("maxSurge")) or "25%",
        max_unavailable=text(rolling.get("maxUnavailable")) or "25%",
        progress_deadline=float(number(spec.get("progressDeadlineSeconds"), int(DEFAULT_PROGRESS_DEADLINE))),
        selector=selector_text(child(spec, "selector")),
        conditions=conditions_from(status),
        has_annotations=isinstance(metadata.get("annotations"), dict),
        annotations=annotations,
        created=moment(metadata.get("creationTimestamp")),
        edits=edits_from(metadata),
        resource_version=text(metadata.get("resourceVersion")),
    )


def controller_of(metadata: JsonObject) -> JsonObject:
    """Returns the owner reference that controls an object, or an empty object."""
    return next((owner for owner in children(metadata, "ownerReferences") if owner.get("controller") is True), {})


def replica_set_from(raw: JsonObject) -> ReplicaSetState:
    """Reads a ReplicaSet."""
    metadata, spec, status = child(raw, "metadata"), child(raw, "spec"), child(raw, "status")
    annotations = child(metadata, "annotations")
    former = (number(part.strip(), 0) for part in text(annotations.get(REVISION_HISTORY)).split(","))
    return ReplicaSetState(
        name=text(metadata.get("name")),
        uid=text(metadata.get("uid")),
        template=child(spec, "template"),
        owner=text(controller_of(metadata).get("uid")),
        revision=number(annotations.get(REVISION)),
        former=tuple(value for value in former if value > 0),
        template_hash=text(child(metadata, "labels").get(TEMPLATE_HASH)),
        replicas=number(spec.get("replicas"), 1),
        total=number(status.get("replicas")),
        ready=number(status.get("readyReplicas")),
        available=number(status.get("availableReplicas")),
        change_cause=text(annotations.get(CHANGE_CAUSE)),
        created=moment(metadata.get("creationTimestamp")),
        conditions=conditions_from(status),
    )
