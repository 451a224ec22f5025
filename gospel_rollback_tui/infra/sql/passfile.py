"""Looks a password up as PostgreSQL's client library does, for an instance that was restored under another host name."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from gospel_rollback_tui.infra.sql.address import DatabaseAddress

_FIELD = re.compile(r"((?:[^:\\]|\\.)*)(?::|$)")
_LARGEST = 1_000_000
"""Bytes of a password file: more is none."""


def password_of(address: DatabaseAddress, environ: Mapping[str, str] = os.environ) -> str:
    """Returns the address's own password, or what the operator's password file has for it; empty: there is none."""
    if address.password:
        return address.password
    file = Path(environ.get("PGPASSFILE") or Path(environ.get("HOME", "~")) / ".pgpass")
    try:
        if file.stat().st_mode & 0o077:  # the client library passes such a file over, too
            return ""
        with file.open("rb") as opened:
            text = opened.read(_LARGEST).decode(errors="replace")
    except OSError:
        return ""
    wanted = (address.host, str(address.port), address.dbname, address.user)
    for line in text.splitlines():
        fields = [re.sub(r"\\(.)", r"\1", field) for field in _FIELD.findall(line)[:5]]
        if not line.startswith("#") and len(fields) == 5 and all(field in ("*", value) for field, value in zip(fields, wanted, strict=False)):
            return fields[4]
    return ""
