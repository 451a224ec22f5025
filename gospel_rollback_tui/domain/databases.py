"""What a database tells about itself: who it is, what it holds, who works in it, and how many rows a change would take."""

import zlib
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

DEFAULT_TABLE = "schema_migrations"
"""Where golang-migrate keeps the version unless it is told otherwise."""
_SALT = 1486364155
"""By which golang-migrate spreads its lock ids (its `database/util.go`)."""

Column = tuple[str, str, str, str]
"""Schema, table, column and type, each as the catalogue holds it; an empty schema: what the table's name alone leads to."""


@dataclass(frozen=True, slots=True)
class DatabaseIdentity:
    """Which database of which server, as it says itself."""

    system: str
    """The identifier that the server was made with, which a copy of its files keeps; empty: this role may not read it."""
    server: str
    """Address and port that answered."""
    name: str
    user: str
    schema: str
    """Where an unqualified table name leads first; empty: nowhere."""
    version: str
    """PostgreSQL's own, e.g. `15.8`."""
    now: float
    """The server's clock, Unix seconds."""
    position: str
    """Where its write-ahead log is; empty: a replica, or not readable."""
    encrypted: bool = False
    """Whether the connection is under TLS."""

    @property
    def words(self) -> str:
        """Database and server, e.g. `auth on 10.0.0.7:5432`."""
        return f"{self.name} on {self.server}"


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody connected to the database."""

    pid: int
    user: str
    application: str
    state: str
    """As pg_stat_activity has it, e.g. `idle in transaction`."""
    seconds: float
    """Age of its transaction, or of its connection where it has none."""
    doing: str = ""
    """What it runs or ran last, cut and without credentials; empty: hidden from this role."""
    tables: tuple[str, ...] = ()
    """Tables it holds locks on, as SCHEMA.TABLE."""
    waits: bool = False
    """It waits for the lock and does not hold it."""

    @property
    def words(self) -> str:
        """Who, e.g. `pid 4711 (auth_app, psql, idle in transaction)`."""
        parts = [part for part in (self.user, self.application, self.state) if part]
        return f"pid {self.pid} ({', '.join(parts)})" if parts else f"pid {self.pid}"


class Method(Enum):
    """How a number of rows was found."""

    EXACT = "exact count"
    ESTIMATE = "estimate"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows or values there are."""

    table: str
    column: str
    """Empty: rows; otherwise the values of that column that are not null."""
    rows: int | None
    """None: nobody knows, which is never the same as none."""
    method: Method
    why: str = ""
    """Why it is no exact count; empty: it is."""

    @property
    def words(self) -> str:
        """The number with its method, e.g. `about 12,000 values (estimate: not counted within 5 s)`."""
        noun = "values" if self.column else "rows"
        if self.rows is None:
            return f"an unknown number of {noun}" + (f" ({self.why})" if self.why else "")
        if self.method is Method.EXACT:
            return f"{self.rows:,} {noun if self.rows != 1 else noun[:-1]} (exact count)"
        return f"about {self.rows:,} {noun} (estimate" + (f": {self.why})" if self.why else ")")


def migrate_lock_ids(database: str, schema: str, table: str) -> tuple[int, int]:
    """Returns the advisory locks that golang-migrate takes: as a command, and inside a service.

    They differ, and so do not exclude each other: the command takes the database's name with the slash of its URL.
    """
    return _lock_id(f"/{database}", schema, table), _lock_id(database, schema, table)


def _lock_id(database: str, schema: str, table: str) -> int:
    return zlib.crc32("\x00".join((schema, table, database)).encode()) * _SALT & 0xFFFFFFFF


def split_table(name: str) -> tuple[str, str]:
    """Returns schema and table of a configured name; the schema is empty where none is written."""
    schema, _, table = name.rpartition(".")
    return schema, table or DEFAULT_TABLE


def has_column(columns: Collection[Column], table: str, column: str) -> bool:
    """Returns whether a table, written with or without its schema, has a column; an empty column asks for the table itself."""
    schema, _, name = table.replace('"', "").rpartition(".")
    return any(one[0] == schema and one[1] == name and (not column or one[2] == column) for one in columns)
