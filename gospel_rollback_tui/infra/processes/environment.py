"""What of the operator's environment a child may see: an allow-list, since everything else may hold secrets that are none of its business."""

import os
from collections.abc import Mapping

_NAMES = frozenset(
    {
        "PATH",
        "HOME",
        "USER",
        "LOGNAME",
        "LANG",
        "TZ",
        "TMPDIR",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "NO_PROXY",
        "http_proxy",
        "https_proxy",
        "all_proxy",
        "no_proxy",
    }
)
_PREFIXES = ("LC_", "XDG_")


def child_environment(names: frozenset[str] = frozenset(), prefixes: tuple[str, ...] = (), **set_to: str) -> dict[str, str]:
    """Returns the environment of a child: what every command needs, what this one needs by name or prefix, and what is set for it."""
    allowed = (name for name in os.environ if name in _NAMES or name in names or name.startswith((*_PREFIXES, *prefixes)))
    return {**{name: os.environ[name] for name in allowed}, **set_to}


def found_in(environment: Mapping[str, str], name: str) -> str:
    """Returns the path of a program as the child's own PATH finds it; empty: it is not there."""
    for folder in environment.get("PATH", os.defpath).split(os.pathsep):
        place = os.path.join(folder or ".", name)  # noqa: PTH118  an empty entry of PATH means the current folder, which Path would hide
        if os.access(place, os.X_OK) and not os.path.isdir(place):  # noqa: PTH112  as above
            return place
    return ""
