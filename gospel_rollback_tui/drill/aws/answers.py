"""Answers of AWS's query protocol in XML, and requests taken apart."""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from gospel_rollback_tui.drill.loopback_http import Request, Response, json_response

XML = "text/xml"
RDS_VERSION = "2014-10-31"
_NAMESPACE = f"http://rds.amazonaws.com/doc/{RDS_VERSION}/"
_CREDENTIAL = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/")
_MEMBER = re.compile(r"^(?P<name>\w+)\.(?:\w+\.)?(?P<index>\d+)(?:\.(?P<field>\w+))?$")

Node = str | Mapping[str, "Node"] | Sequence["Node"]
"""XML content: a text, named children, or members of a list."""


class AwsRefusal(Exception):
    """The simulated account says no."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        """Keeps the code that clients go by."""
        super().__init__(message)
        self.code, self.message, self.status = code, message, status

    def response(self, *, in_json: bool = False) -> Response:
        """Returns the answer that carries it, in the words of the service's protocol: KMS speaks JSON."""
        if in_json:
            return json_response({"__type": f"{self.code}Exception", "message": self.message}, 400)
        body = f"<Error><Type>Sender</Type><Code>{self.code}</Code><Message>{escape(self.message)}</Message></Error>"
        return Response(self.status, f"<ErrorResponse>{body}<RequestId>drill</RequestId></ErrorResponse>".encode(), XML)


def parameters(request: Request) -> dict[str, str]:
    """Returns the members of a request of the query protocol; lists keep their dotted names."""
    return dict(parse_qsl(request.body.decode(), keep_blank_values=True))


def members(flat: Mapping[str, str]) -> dict[str, object]:
    """Returns the members with their lists put together: of texts, or of objects."""
    found: dict[str, object] = {}
    lists: dict[str, dict[int, object]] = {}
    for name, value in flat.items():
        listed = _MEMBER.match(name)
        if listed is None:
            found[name] = value
        elif listed["field"]:
            entry = lists.setdefault(listed["name"], {}).setdefault(int(listed["index"]), {})
            if isinstance(entry, dict):
                entry[listed["field"]] = value
        else:
            lists.setdefault(listed["name"], {})[int(listed["index"])] = value
    return {**found, **{name: [entries[index] for index in sorted(entries)] for name, entries in lists.items()}}


def credential(request: Request) -> tuple[str, str, str]:
    """Returns (access key, region, service) that the request is signed for; empty texts where it is not."""
    found = _CREDENTIAL.search(request.headers.get("authorization", ""))
    return (found[1], found[2], found[3]) if found else ("", "", "")


def result(action: str, content: Mapping[str, Node]) -> Response:
    """Returns a successful answer."""
    body = f'<{action}Response xmlns="{_NAMESPACE}"><{action}Result>{_xml(content)}</{action}Result>'
    return Response(200, f"{body}<ResponseMetadata><RequestId>drill</RequestId></ResponseMetadata></{action}Response>".encode(), XML)


def _xml(node: Node) -> str:
    if isinstance(node, str):
        return escape(node)
    if isinstance(node, Mapping):
        return "".join(f"<{name}>{_xml(value)}</{name}>" for name, value in node.items())
    return "".join(_xml(one) for one in node)
