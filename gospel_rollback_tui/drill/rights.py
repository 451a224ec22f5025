"""Who may do what in the simulated estate: the rights that a team would give its on-call engineer, and no more."""

from gospel_rollback_tui.drill.kubernetes.access import Rule
from gospel_rollback_tui.drill.neighbours import PAYMENTS
from gospel_rollback_tui.drill.script import ARGOCD_NAMESPACE, NAMESPACE

OPERATORS = "operators"
VIEWERS = "viewers"

_EVERYBODY = (OPERATORS, VIEWERS)
_PLACES = (NAMESPACE, ARGOCD_NAMESPACE)
_READ = ("get", "list", "watch")
_GROUPS = ("", "apps", "autoscaling", "batch", "events.k8s.io", "policy", "coordination.k8s.io", "discovery.k8s.io", "networking.k8s.io")
_READABLE = (
    "deployments",
    "deployments/scale",
    "replicasets",
    "statefulsets",
    "controllerrevisions",
    "horizontalpodautoscalers",
    "jobs",
    "cronjobs",
    "poddisruptionbudgets",
    "pods",
    "pods/log",
    "events",
    "configmaps",
    "services",
    "services/proxy",
    "endpoints",
    "endpointslices",
    "ingresses",
    "persistentvolumeclaims",
    "resourcequotas",
    "leases",
)
_WORKLOADS = ("deployments", "deployments/scale", "statefulsets", "statefulsets/scale")

RULES: tuple[Rule, ...] = (
    Rule(_EVERYBODY, _READ, _GROUPS, _READABLE, _PLACES),
    Rule(_EVERYBODY, _READ, ("argoproj.io",), ("applications", "applicationsets", "appprojects"), _PLACES),
    Rule(_EVERYBODY, _READ, ("",), ("nodes", "namespaces")),
    Rule(_EVERYBODY, _READ, ("",), ("pods", "pods/log", "events"), (PAYMENTS,)),
    Rule((OPERATORS,), ("patch", "update"), ("apps",), _WORKLOADS, _PLACES),
    Rule((OPERATORS,), ("create", "update", "patch", "delete"), ("coordination.k8s.io",), ("leases",), _PLACES),
    Rule((OPERATORS,), ("patch", "update"), ("argoproj.io",), ("applications",), _PLACES),
)
"""Secrets are nobody's to read: the tool does not need them."""
