"""The paths of the simulated Argo CD: which call a request means, and what is said to those that mean none."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from gospel_rollback_tui.drill.argocd import account_endpoints as account
from gospel_rollback_tui.drill.argocd.editing import patch, put_spec
from gospel_rollback_tui.drill.argocd.exchange import Exchange
from gospel_rollback_tui.drill.argocd.go_messages import NOTHING, PATCH, ROLLBACK, SPEC, SYNC, TOKEN, Message
from gospel_rollback_tui.drill.argocd.operations import rollback, sync, terminate
from gospel_rollback_tui.drill.argocd.reading import get_application, get_project, list_applications, list_projects, sync_windows
from gospel_rollback_tui.drill.argocd.refusals import PlainRefusal
from gospel_rollback_tui.drill.argocd.releases import manifests, revision_metadata
from gospel_rollback_tui.drill.argocd.resources import managed_resources, resource_tree
from gospel_rollback_tui.drill.argocd.streaming import stream_applications
from gospel_rollback_tui.drill.kubernetes.http.messages import Reply

Endpoint: TypeAlias = Callable[[Exchange], Reply]

_APPLICATION = "/api/v1/applications/{name}"


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path with variables in braces; `{subject=**}` takes the rest of the path."""

    method: str
    template: str
    endpoint: Endpoint
    message: Message = NOTHING

    def variables(self, path: str) -> dict[str, str] | None:
        """Return the values of the variables in a path, None when it is another one."""
        wanted, found = self.template.strip("/").split("/"), path.strip("/").split("/")
        if wanted[-1].endswith("=**}") and len(found) >= len(wanted):
            found = [*found[: len(wanted) - 1], "/".join(found[len(wanted) - 1 :])]
        if len(wanted) != len(found):
            return None
        pairs = list(zip(wanted, found, strict=True))
        if any(part != value for part, value in pairs if not part.startswith("{")):
            return None
        return {part.strip("{}").removesuffix("=**"): value for part, value in pairs if part.startswith("{")}


ROUTES = (
    Route("GET", "/api/v1/account/can-i/{resource}/{action}/{subject=**}", account.can_i),
    Route("POST", "/api/v1/account/{account}/token", account.create_token, TOKEN),
    Route("DELETE", "/api/v1/account/{account}/token/{token}", account.delete_token),
    Route("GET", "/api/v1/applications", list_applications),
    Route("GET", _APPLICATION, get_application),
    Route("PATCH", _APPLICATION, patch, PATCH),
    Route("PUT", f"{_APPLICATION}/spec", put_spec, SPEC),
    Route("POST", f"{_APPLICATION}/rollback", rollback, ROLLBACK),
    Route("POST", f"{_APPLICATION}/sync", sync, SYNC),
    Route("DELETE", f"{_APPLICATION}/operation", terminate),
    Route("GET", f"{_APPLICATION}/manifests", manifests),
    Route("GET", f"{_APPLICATION}/revisions/{{revision}}/metadata", revision_metadata),
    Route("GET", f"{_APPLICATION}/managed-resources", managed_resources),
    Route("GET", f"{_APPLICATION}/resource-tree", resource_tree),
    Route("GET", f"{_APPLICATION}/syncwindows", sync_windows),
    Route("GET", "/api/v1/stream/applications", stream_applications),
    Route("GET", "/api/v1/projects", list_projects),
    Route("GET", "/api/v1/projects/{project}", get_project),
)


def find_route(method: str, path: str) -> tuple[Route, dict[str, str]]:
    """Return the call that a request means, with the values in its path.

    Raises:
        PlainRefusal: 404 for a path that there is not, 405 for a method that it does not have.
    """
    methods = set()
    for route in ROUTES:
        variables = route.variables(path)
        if variables is not None and route.method == method:
            return route, variables
        if variables is not None:
            methods.add(route.method)
    raise PlainRefusal(405, "Method Not Allowed\n") if methods else PlainRefusal(404, "Not Found\n")


def cleaned(path: str) -> str:
    """Return a path without doubled slashes."""
    while "//" in path:
        path = path.replace("//", "/")
    return path
