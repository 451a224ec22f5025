"""Troubles of the server as a whole: the certificate it shows, and whether it answers at all."""

from collections.abc import Callable
from typing import TypeAlias

OutageListener: TypeAlias = Callable[[bool], None]


class ConnectionFaults:
    """What is wrong with every connection at the moment; everything is well at first."""

    def __init__(self) -> None:
        """Start with nothing broken."""
        self.is_frozen = False
        """Whether no request is answered now."""
        self._expired = False
        self._certificate_listeners: list[OutageListener] = []

    def expire_certificate(self, *, expired: bool = True) -> None:
        """Show a certificate whose time is over to everybody who connects, or again the one that holds."""
        turned = self._expired != expired
        self._expired = expired
        if turned:
            for listener in list(self._certificate_listeners):
                listener(expired)

    def on_certificate(self, listener: OutageListener) -> None:
        """Call the listener, in the thread that flips the switch: `True` when it expires, `False` when it is renewed."""
        self._certificate_listeners.append(listener)
