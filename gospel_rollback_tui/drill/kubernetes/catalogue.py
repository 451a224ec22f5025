"""Every resource this API server has, and how each is stored, versioned and addressed."""

import enum
from dataclasses import dataclass

from gospel_rollback_tui.drill.kubernetes.documents import Json
from gospel_rollback_tui.drill.kubernetes.statuses import Subject, no_such_resource

STANDARD_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
READ_VERBS = ("get", "list", "watch")
CREATE_ONLY = ("create",)


class Generation(enum.Enum):
    """Which changes raise `metadata.generation`."""

    NEVER = "never"
    SPEC = "spec"
    SPEC_AND_ANNOTATIONS = "spec and annotations"
    BODY = "everything but metadata"


@dataclass(frozen=True, slots=True)
class ResourceType:
    """One resource of one API group and version."""

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool = True
    verbs: tuple[str, ...] = STANDARD_VERBS
    short_names: tuple[str, ...] = ()
    subresources: tuple[str, ...] = ()
    generation: Generation = Generation.NEVER
    custom: bool = False
    """Whether it is defined by a CustomResourceDefinition: no strategic merge, `kind` on list items."""
    unconditional_update: bool = True
    """Whether a PUT may come without resourceVersion."""
    create_on_update: bool = False
    """Whether a PUT of an object that is not there creates it."""
    categories: tuple[str, ...] = ()

    @property
    def api_version(self) -> str:
        """`apiVersion` of its objects."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def singular(self) -> str:
        """Its name for one object."""
        return self.kind.lower()

    @property
    def has_status(self) -> bool:
        """Whether status is written through a subresource of its own."""
        return "status" in self.subresources

    @property
    def stored_as(self) -> str:
        """The table of the store that holds its objects, shared by all versions and groups of it."""
        return "events." if self.plural == "events" else f"{self.plural}.{self.group}"

    def subject(self, name: str) -> Subject:
        """Return what refusals about an object of that name speak of."""
        return Subject(self.plural, self.kind, self.group, name)


_S = ("status",)
_SPEC = Generation.SPEC
_ALL = ("all",)

CATALOGUE: tuple[ResourceType, ...] = (
    ResourceType("", "v1", "namespaces", "Namespace", namespaced=False, short_names=("ns",), subresources=_S),
    ResourceType("", "v1", "nodes", "Node", namespaced=False, short_names=("no",), subresources=_S),
    ResourceType("", "v1", "pods", "Pod", short_names=("po",), subresources=("status", "log"), generation=_SPEC, categories=_ALL),
    ResourceType("", "v1", "services", "Service", short_names=("svc",), subresources=_S, categories=_ALL),
    ResourceType("", "v1", "endpoints", "Endpoints", short_names=("ep",)),
    ResourceType("", "v1", "configmaps", "ConfigMap", short_names=("cm",)),
    ResourceType("", "v1", "secrets", "Secret"),
    ResourceType("", "v1", "events", "Event", short_names=("ev",)),
    ResourceType("", "v1", "serviceaccounts", "ServiceAccount", short_names=("sa",)),
    ResourceType("", "v1", "resourcequotas", "ResourceQuota", short_names=("quota",), subresources=_S),
    ResourceType("", "v1", "limitranges", "LimitRange", short_names=("limits",)),
    ResourceType("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", short_names=("pvc",), subresources=_S),
    ResourceType("", "v1", "persistentvolumes", "PersistentVolume", namespaced=False, short_names=("pv",), subresources=_S),
    ResourceType(
        "apps",
        "v1",
        "deployments",
        "Deployment",
        short_names=("deploy",),
        subresources=("status", "scale"),
        generation=Generation.SPEC_AND_ANNOTATIONS,
        categories=_ALL,
    ),
    ResourceType("apps", "v1", "replicasets", "ReplicaSet", short_names=("rs",), subresources=("status", "scale"), generation=_SPEC, categories=_ALL),
    ResourceType("apps", "v1", "statefulsets", "StatefulSet", short_names=("sts",), subresources=("status", "scale"), generation=_SPEC, categories=_ALL),
    ResourceType("apps", "v1", "daemonsets", "DaemonSet", short_names=("ds",), subresources=_S, generation=_SPEC, categories=_ALL),
    ResourceType("apps", "v1", "controllerrevisions", "ControllerRevision"),
    ResourceType("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", short_names=("hpa",), subresources=_S, categories=_ALL),
    ResourceType("batch", "v1", "jobs", "Job", subresources=_S, generation=_SPEC, categories=_ALL),
    ResourceType("batch", "v1", "cronjobs", "CronJob", short_names=("cj",), subresources=_S, generation=_SPEC, categories=_ALL),
    ResourceType("coordination.k8s.io", "v1", "leases", "Lease", unconditional_update=False, create_on_update=True),
    ResourceType("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice", generation=_SPEC),
    ResourceType("events.k8s.io", "v1", "events", "Event", verbs=READ_VERBS, short_names=("ev",)),
    ResourceType("networking.k8s.io", "v1", "ingresses", "Ingress", short_names=("ing",), subresources=_S, generation=_SPEC),
    ResourceType("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", short_names=("netpol",), generation=_SPEC),
    ResourceType("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", short_names=("pdb",), subresources=_S, generation=_SPEC),
    ResourceType("scheduling.k8s.io", "v1", "priorityclasses", "PriorityClass", namespaced=False, short_names=("pc",), generation=_SPEC),
    ResourceType("authentication.k8s.io", "v1", "selfsubjectreviews", "SelfSubjectReview", namespaced=False, verbs=CREATE_ONLY),
    ResourceType("authorization.k8s.io", "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview", namespaced=False, verbs=CREATE_ONLY),
    ResourceType("authorization.k8s.io", "v1", "selfsubjectrulesreviews", "SelfSubjectRulesReview", namespaced=False, verbs=CREATE_ONLY),
    ResourceType(
        "argoproj.io",
        "v1alpha1",
        "applications",
        "Application",
        short_names=("app", "apps"),
        generation=Generation.BODY,
        custom=True,
        unconditional_update=False,
    ),
    ResourceType(
        "argoproj.io",
        "v1alpha1",
        "applicationsets",
        "ApplicationSet",
        short_names=("appset", "appsets"),
        generation=Generation.BODY,
        custom=True,
        unconditional_update=False,
    ),
    ResourceType(
        "argoproj.io",
        "v1alpha1",
        "appprojects",
        "AppProject",
        short_names=("appproj", "appprojs"),
        generation=Generation.BODY,
        custom=True,
        unconditional_update=False,
    ),
)

_BY_PATH = {(r.group, r.version, r.plural): r for r in CATALOGUE}
_BY_KIND = {(r.api_version, r.kind): r for r in CATALOGUE}
_BY_NAME = {r.plural: r for r in reversed(CATALOGUE)} | {f"{r.plural}.{r.group}": r for r in CATALOGUE if r.group}
GROUP_VERSIONS: tuple[tuple[str, str], ...] = tuple(dict.fromkeys((r.group, r.version) for r in CATALOGUE))
"""Group and version pairs in the catalogue's order, the core group first."""


def by_path(group: str, version: str, plural: str) -> ResourceType:
    """Return the resource a URL names.

    Raises:
        ApiError: 404, the group has no such resource.
    """
    try:
        return _BY_PATH[group, version, plural]
    except KeyError:
        raise no_such_resource() from None


def by_name(name: str) -> ResourceType:
    """Return a resource by plural name, or by `plural.group`.

    Raises:
        KeyError: there is no such resource.
    """
    return _BY_NAME[name]


def by_object(document: Json) -> ResourceType:
    """Return the resource of a document's `apiVersion` and `kind`.

    Raises:
        ApiError: 404, no resource has them.
    """
    try:
        return _BY_KIND[document.get("apiVersion", ""), document.get("kind", "")]
    except KeyError:
        raise no_such_resource() from None


def resource_of_kind(api_version: str, kind: str) -> ResourceType | None:
    """Return the resource of an owner reference, `None` for one this server does not have."""
    return _BY_KIND.get((api_version, kind))
