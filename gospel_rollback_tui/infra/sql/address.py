"""Where a service's database is: an address of its own in the environment or a file, or the instance's names and ~/.pgpass."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from gospel_rollback_tui.domain.databases import DEFAULT_TABLE, split_table
from gospel_rollback_tui.domain.errors import UsageError
from gospel_rollback_tui.domain.estate import Environment, Service

DEFAULT_PORT = 5432
POOLER_PORTS = (6432,)
"""Where PgBouncer listens by default; locks that belong to a session mean nothing behind it."""
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_PROVED = ("verify-full", "verify-ca")
_PATH_OPTION = re.compile(r"(?:-c\s*|--)search_path=((?:\\.|[^\s\\])*)")
_LARGEST = 10_000
"""Bytes of an address file: more is none."""


@dataclass(frozen=True, slots=True)
class DatabaseAddress:
    """How a database is reached."""

    service: str
    host: str
    port: int
    dbname: str
    user: str
    sslmode: str
    """Empty: as PostgreSQL's client library has it."""
    sslrootcert: str
    password: str = field(repr=False)
    """Empty: the client library looks in the operator's own password file."""
    source: str
    """Where it was found, in words, e.g. `PG_URL_AUTH`."""
    table: str = DEFAULT_TABLE
    """Table that golang-migrate keeps the version in."""
    schema: str = ""
    """Schema of that table; empty: the role's own."""
    search_path: str = ""
    """Where names without a schema lead, as the address says; empty: as the role has it."""

    @property
    def local(self) -> bool:
        """Whether it leads to this very machine."""
        return self.host in _LOOPBACK or self.host.startswith("/")

    @property
    def unproved(self) -> bool:
        """Whether anybody on the way could be taken for the server."""
        return not self.local and self.sslmode not in _PROVED

    @property
    def pooled(self) -> bool:
        """Whether it looks like a pooler's address."""
        return self.port in POOLER_PORTS

    @property
    def words(self) -> str:
        """What may be shown of it, e.g. `auth at db.example:5432 as gospelib_admin`."""
        return f"{self.dbname} at {self.host}:{self.port} as {self.user}"


def variable_of(service: str) -> str:
    """Returns the variable that holds a service's address, e.g. `PG_URL_AUTH`."""
    return f"PG_URL_{service.upper().replace('-', '_')}"


def database_address(environment: Environment, service: str, environ: Mapping[str, str]) -> DatabaseAddress:
    """Returns the address of a service's database.

    Raises:
        UsageError: None is configured, or what is written is none; the text says where, and never repeats it.
    """
    try:
        configured = environment.service(service)
    except KeyError:
        raise UsageError(f"There is no service {service!r} in {environment.name}.", next_step="Choose one of the configured services.") from None
    variable = variable_of(service)
    if written := environ.get(variable, "").strip():
        return _from_url(written, configured, variable)
    if configured.database_url_file:
        file = configured.database_url_file
        return _from_url(_content(Path(file), f"services.{service}.database_url_file"), configured, file)
    return _from_names(environment, configured)


def _content(file: Path, key: str) -> str:
    try:
        with file.open("rb") as opened:
            content = opened.read(_LARGEST + 1)
    except OSError as error:
        raise UsageError(f"{file} ({key}) cannot be read: {error.strerror}.", next_step="Write the address into it, or correct the key.") from None
    text = content.decode(errors="replace").strip()
    if not text or len(content) > _LARGEST:
        raise UsageError(f"{file} ({key}) holds no address.", next_step=_FORM)
    return text


_FORM = "Write it as postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=verify-full, every special sign of the password percent-encoded."


def _from_url(url: str, service: Service, source: str) -> DatabaseAddress:
    parts, port = _split(url)
    if parts is None or parts.scheme not in ("postgres", "postgresql") or not parts.hostname or not parts.username or not parts.path.strip("/"):
        raise UsageError(f"{source} holds no address of a PostgreSQL database.", next_step=_FORM)
    query = dict(parse_qsl(parts.query))
    schema, table = _table(service, query)
    return DatabaseAddress(
        service=service.name,
        host=query.get("host", unquote(parts.hostname)),
        port=port or DEFAULT_PORT,
        dbname=unquote(parts.path.lstrip("/")),
        user=unquote(parts.username),
        sslmode=query.get("sslmode", ""),
        sslrootcert=query.get("sslrootcert", ""),
        password=unquote(parts.password or "") or query.get("password", ""),
        source=source,
        table=table,
        schema=schema,
        search_path=query.get("search_path", "") or _search_path(query.get("options", "")),
    )


def _search_path(options: str) -> str:
    """Returns the search path among a session's options (`-c NAME=VALUE`, a backslash before what is no separator); empty: there is none."""
    match = _PATH_OPTION.search(options)
    return re.sub(r"\\(.)", r"\1", match[1]) if match else ""


def _split(url: str) -> tuple[SplitResult | None, int | None]:
    """Returns the parts and the port; nothing where they cannot be told apart, so that no complaint repeats what is secret."""
    try:
        parts = urlsplit(url)
        return parts, parts.port
    except ValueError:
        return None, None


def _table(service: Service, query: Mapping[str, str]) -> tuple[str, str]:
    """Returns schema and table: the configuration's, or what the address tells golang-migrate itself."""
    if service.migrations_table:
        return split_table(service.migrations_table)
    written = query.get("x-migrations-table", "")
    quoted = query.get("x-migrations-table-quoted", "").lower() in ("1", "t", "true")
    return split_table(written.replace('"', "")) if quoted else ("", written or DEFAULT_TABLE)


def _from_names(environment: Environment, service: Service) -> DatabaseAddress:
    names = dict(environment.names)
    host, user = names.get("rds.host", ""), names.get("rds.user", "")
    lacking = [key for key, value in (("rds.host", host), ("rds.user", user), (f"services.{service.name}.database", service.database)) if not value]
    if lacking:
        raise UsageError(
            f"Where {service.name}'s database is, is not configured.",
            next_step=f"Set {variable_of(service.name)}, or services.{service.name}.database_url_file, or {' and '.join(lacking)}.",
        )
    schema, table = split_table(service.migrations_table)
    return DatabaseAddress(
        service=service.name,
        host=host,
        port=DEFAULT_PORT,
        dbname=service.database,
        user=user,
        sslmode="verify-full",
        sslrootcert="",
        password="",
        source="rds.host, rds.user and ~/.pgpass",
        table=table,
        schema=schema,
    )
