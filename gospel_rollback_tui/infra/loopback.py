"""Which addresses are this machine's own: what a drill may talk to, and where a token may travel in the clear."""

import ipaddress
from urllib.parse import urlsplit


def is_loopback(url: str) -> bool:
    """Returns whether an address is this machine's own."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
