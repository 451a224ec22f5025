"""The endpoints that read Applications: one, a list, its sync windows, its project."""

from time import monotonic

from gospel_rollback_tui.drill.argocd.answers import good, only_fields, without_kind
from gospel_rollback_tui.drill.argocd.exchange import Exchange
from gospel_rollback_tui.drill.argocd.refusals import Code, Refusal
from gospel_rollback_tui.drill.kubernetes.documents import Json
from gospel_rollback_tui.drill.kubernetes.http.messages import Answer
from gospel_rollback_tui.drill.kubernetes.statuses import ApiError
from gospel_rollback_tui.drill.script import ARGOCD_NAMESPACE

REFRESH_ANNOTATION = "argocd.argoproj.io/refresh"
REFRESH_DEADLINE = 60.0
"""Seconds that a refresh is waited for before the Application is shown as it is."""


def get_application(exchange: Exchange) -> Answer:
    """Return an Application, after its controller has looked at git again when `refresh` asks for it; any value does."""
    application = exchange.application("get")
    if exchange.query.get("refresh"):
        application = _refreshed(exchange, application["metadata"]["name"])
    return good(without_kind(application))


def _refreshed(exchange: Exchange, name: str) -> Json:
    """Ask the controller to look again and wait until it has."""
    registry, store = exchange.parts.registry, exchange.parts.store
    kind = "hard" if exchange.query["refresh"] == "hard" else "normal"
    application = registry.patch("applications", ARGOCD_NAMESPACE, name, {"metadata": {"annotations": {REFRESH_ANNOTATION: kind}}})
    deadline = monotonic() + REFRESH_DEADLINE
    while REFRESH_ANNOTATION in application["metadata"].get("annotations", {}) and monotonic() < deadline and not exchange.parts.closing.is_set():
        store.wait(int(application["metadata"]["resourceVersion"]), 0.1)
        application = registry.get("applications", ARGOCD_NAMESPACE, name)
    return application


def list_applications(exchange: Exchange) -> Answer:
    """Return the Applications that the caller may get; none of them is `null`, never a refusal."""
    found = exchange.parts.registry.list("applications", exchange.query.get("appNamespace", ARGOCD_NAMESPACE))
    wanted = {name: exchange.query[name] for name in ("name", "project", "projects") if exchange.query.get(name)}
    seen = [application for application in found if exchange.caller.may("get", application) and _selected(application, wanted)]
    items = [without_kind(application) for application in seen]
    answer = {"metadata": {"resourceVersion": str(exchange.parts.store.version)}, "items": items or None}
    return good(only_fields(answer, exchange.query.get("fields", "")))


def _selected(application: Json, wanted: dict[str, str]) -> bool:
    project = wanted.get("project") or wanted.get("projects")
    return wanted.get("name") in (None, application["metadata"]["name"]) and project in (None, application["spec"]["project"])


def sync_windows(exchange: Exchange) -> Answer:
    """Return the windows of an Application's project that mean it, and whether it may be synced by hand."""
    return good(exchange.windows(exchange.application("get")).shown())


def get_project(exchange: Exchange) -> Answer:
    """Return a project.

    Raises:
        Refusal: 403, or 404 for those who may read all projects.
    """
    name = exchange.path["project"]
    if not exchange.caller.session.account.may("projects", "get", name):
        raise exchange.caller.denied("projects", "get", name)
    try:
        return good(without_kind(exchange.parts.registry.get("appprojects", ARGOCD_NAMESPACE, name)))
    except ApiError:
        raise Refusal(Code.NOT_FOUND, f'appprojects.argoproj.io "{name}" not found') from None


def list_projects(exchange: Exchange) -> Answer:
    """Return the projects that the caller may get."""
    account = exchange.caller.session.account
    found = exchange.parts.registry.list("appprojects", ARGOCD_NAMESPACE)
    items = [without_kind(project) for project in found if account.may("projects", "get", project["metadata"]["name"])]
    return good({"metadata": {"resourceVersion": str(exchange.parts.store.version)}, "items": items or None})
