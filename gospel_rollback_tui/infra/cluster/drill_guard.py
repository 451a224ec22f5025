"""Keeps a drill from ever reaching anything but its own estate."""

from collections.abc import Mapping

from gospel_rollback_tui.domain.errors import Refused
from gospel_rollback_tui.domain.estate import Cluster
from gospel_rollback_tui.infra.cluster.exchange import Request, path_of
from gospel_rollback_tui.infra.loopback import is_loopback

HEADER = "gospel-rollback-drill"
_NEXT = "Start the drill again; nothing was sent to change anything."


def marker_name(nonce: str) -> str:
    """Returns the name of the ConfigMap by which a real API server is known as a drill's own."""
    return f"gospel-rollback-drill-{nonce}"


class DrillGuard:
    """Refuses every address and answer that is not the drill's; does nothing outside a drill."""

    def __init__(self, cluster: Cluster) -> None:
        """An empty nonce means that this is no drill."""
        self._nonce = cluster.nonce
        self._namespace = cluster.namespace
        self._every_answer = False
        self.proved = not cluster.nonce

    def check_address(self, server: str) -> None:
        """Raises Refused if a drill's address is not this machine's own; called before anything is sent."""
        if self._nonce and not is_loopback(server):
            raise Refused(f"A drill talks to this machine only, and {server} is elsewhere.", next_step=_NEXT)

    def probe(self) -> Request:
        """Returns the request whose answer must carry the nonce; sent without credentials."""
        return Request("GET", "/version", anonymous=True)

    def marker(self) -> Request:
        """Returns the request for the object that a real API server of a drill holds."""
        return Request("GET", path_of("api", "v1", "namespaces", self._namespace, "configmaps", marker_name(self._nonce)))

    def accept_probe(self, headers: Mapping[str, str]) -> bool:
        """Returns whether the answer to the probe carries the nonce; from then on every answer must."""
        if headers.get(HEADER) != self._nonce:
            return False
        self._every_answer = self.proved = True
        return True

    def accept_marker(self, status: int) -> None:
        """Raises Refused unless the marker object is there."""
        if status != 200:
            raise self.stranger()
        self.proved = True

    def belongs(self, headers: Mapping[str, str]) -> bool:
        """Returns whether an answer is the drill's own."""
        return not self._every_answer or headers.get(HEADER) == self._nonce

    def stranger(self) -> Refused:
        """Returns the refusal of an answer that is not the drill's own."""
        return Refused("What answers at the drill's address is not this drill's own estate.", next_step=_NEXT)
