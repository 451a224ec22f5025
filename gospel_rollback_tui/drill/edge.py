"""The public address over TLS, with a certificate that can run out."""

from gospel_rollback_tui.drill.kubernetes.certificates import Certificates
from gospel_rollback_tui.drill.loopback_http import Answering, LoopbackServer


class SecureEdge:
    """Serves what the public address serves, over TLS, from `start` to `close`."""

    def __init__(self, nonce: str, answering: Answering, certificates: Certificates) -> None:
        """Open the port; `start` begins to answer."""
        self._certificates = certificates
        self._server = LoopbackServer(nonce, answering, certificates.server_context())

    @property
    def url(self) -> str:
        """Base URL without a trailing slash."""
        return self._server.url

    def start(self) -> None:
        """Begin to answer."""
        self._server.start()

    def close(self) -> None:
        """Stop answering and close the port."""
        self._server.close()

    def expire(self) -> None:
        """Show a certificate that ended three hours ago."""
        self._server.show(self._certificates.server_context(expired=True))

    def renew(self) -> None:
        """Show one that holds."""
        self._server.show(self._certificates.server_context())
