"""What a path and method mean: verb, resource and object, as the API server reads them."""

from dataclasses import dataclass

from gospel_rollback_tui.drill.kubernetes.access import Attributes
from gospel_rollback_tui.drill.kubernetes.http.messages import Request
from gospel_rollback_tui.drill.kubernetes.statuses import Subject

_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch"}
_NAMESPACE_SUBRESOURCES = ("status", "finalize")


@dataclass(frozen=True, slots=True)
class RequestInfo:
    """The parts of a request on a resource; `plural` is empty for any other path."""

    verb: str
    path: str
    group: str = ""
    version: str = ""
    namespace: str = ""
    plural: str = ""
    name: str = ""
    subresource: str = ""

    @property
    def attributes(self) -> Attributes:
        """What is wanted, in the terms of authorisation."""
        if not self.plural:
            return Attributes(verb=self.verb, path=self.path)
        resource = f"{self.plural}/{self.subresource}" if self.subresource else self.plural
        return Attributes(verb=self.verb, group=self.group, resource=resource, namespace=self.namespace, name=self.name)

    @property
    def subject(self) -> Subject:
        """What a refusal of authorisation speaks of."""
        return Subject(self.plural, self.plural, self.group, self.name)


def request_info(request: Request) -> RequestInfo:
    """Read the path and method of a request."""
    parts = [part for part in request.path.split("/") if part]
    outside = RequestInfo(request.method.lower().replace("head", "get"), request.path)
    if len(parts) >= 3 and parts[0] == "api":
        group, version, rest = "", parts[1], parts[2:]
    elif len(parts) >= 4 and parts[0] == "apis":
        group, version, rest = parts[1], parts[2], parts[3:]
    else:
        return outside
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 1:
        namespace = rest[1]
        if len(rest) > 2 and rest[2] not in _NAMESPACE_SUBRESOURCES:
            rest = rest[2:]
    if len(rest) > 3 and rest[2] != "proxy":
        return outside
    plural, name, subresource = (*rest, "", "")[:3]
    return RequestInfo(_verb(request, name), request.path, group, version, namespace, plural, name, subresource)


def _verb(request: Request, name: str) -> str:
    if request.method in ("GET", "HEAD"):
        if request.query.get("watch", "").lower() in ("true", "1"):
            return "watch"
        return "get" if name else "list"
    if request.method == "DELETE":
        return "delete" if name else "deletecollection"
    return _VERBS.get(request.method, request.method.lower())
