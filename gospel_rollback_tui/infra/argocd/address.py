"""The address of an Argo CD server, as the configuration writes it."""

from urllib.parse import urlsplit

from gospel_rollback_tui.domain.errors import UsageError
from gospel_rollback_tui.infra.loopback import is_loopback

_WAY_ON = "Set `argocd.server` to `host` or `host:port`."


def base_url(server: str) -> str:
    """Returns the URL below which the API is, without a slash at its end.

    Args:
        server: `host[:port]`, which is reached over TLS, or a whole URL; `http://` only for this machine itself.

    Raises:
        UsageError: It is no such address, or a token would travel in the clear.
    """
    url = server if "://" in server else f"https://{server}"
    parts = urlsplit(url)
    try:
        known = bool(parts.hostname) and parts.port != 0
    except ValueError:
        known = False
    if not known or parts.scheme not in ("http", "https") or parts.username or parts.query or parts.fragment:
        raise UsageError(f"{server!r} is no address of an Argo CD server.", next_step=_WAY_ON)
    if parts.scheme == "http" and not is_loopback(url):
        raise UsageError(f"{server!r} is plain HTTP: the token would travel in the clear.", next_step=_WAY_ON)
    return url.rstrip("/")


def authority(url: str) -> str:
    """Returns `host[:port]` of a URL, as the argocd command names servers."""
    return urlsplit(url).netloc.lower()
