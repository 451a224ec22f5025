"""The SQL that makes a table, as PostgreSQL's own pg_dump tells it."""

import re
from pathlib import Path

from gospel_rollback_tui.domain.errors import NotSent
from gospel_rollback_tui.infra.processes.command import Command, run
from gospel_rollback_tui.infra.processes.environment import child_environment, found_in
from gospel_rollback_tui.infra.sql.address import DatabaseAddress
from gospel_rollback_tui.infra.sql.passfile import password_of

_SECONDS = 60.0
_DEBIAN = Path("/usr/lib/postgresql")
_SESSION = re.compile(r"(SET [a-z_]+ = .*;|SELECT pg_catalog\.set_config\(.*\);|\\.*|--.*|)")
"""Lines that are about the session that reads the dump, which is ours and has its own timeouts."""
_BY_HAND = "Make the table by hand from its migration, then prepare this again: its rows are then put back."


def pg_dump() -> str:
    """Returns the newest pg_dump of this machine; empty: there is none."""
    found = [place / "pg_dump" for place in _DEBIAN.glob("*/bin") if place.parent.name.isdigit()]
    newest = sorted((place for place in found if place.is_file()), key=lambda place: int(place.parent.parent.name))
    return str(newest[-1]) if newest else found_in(child_environment(), "pg_dump")


def structure(address: DatabaseAddress, full_name: str) -> str:
    """Returns the SQL that makes a table with owner, rights, constraints and indexes, and without rows.

    Args:
        address: Where the table is.
        full_name: Its name with its schema, ready for SQL.

    Raises:
        NotSent: There is no pg_dump here, or it cannot tell.
    """
    program = pg_dump()
    if not program:
        raise NotSent("There is no pg_dump on this machine, which tells what the table is made of.", next_step=_BY_HAND)
    given = {"PGPASSWORD": password_of(address), "PGSSLMODE": address.sslmode, "PGSSLROOTCERT": address.sslrootcert, "PGCLIENTENCODING": "UTF8"}
    environment = child_environment() | {name: value for name, value in given.items() if value}
    where = ("--host", address.host, "--port", str(address.port), "--username", address.user, "--no-password", "--dbname", address.dbname)
    ended = run(Command((program, "--schema-only", "--strict-names", "--table", full_name, *where), environment, _SECONDS))
    if not ended.well:
        raise NotSent(f"pg_dump cannot tell what {full_name} is made of: {ended.words()}.", next_step=_BY_HAND)
    lines = ended.text.splitlines()
    first = next((number for number, line in enumerate(lines) if line.startswith("CREATE ")), len(lines))
    kept = [line for line in lines[:first] if not _SESSION.fullmatch(line)] + [line for line in lines[first:] if line and not line.startswith(("--", "\\"))]
    return "\n".join(kept)
