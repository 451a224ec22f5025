"""Lost data that is copied back from a restored database: the tables on both sides, what is lost of each, and in what numbers."""

from dataclasses import dataclass, field

from gospel_rollback_tui.domain.preview import digest_of


@dataclass(frozen=True, slots=True)
class ColumnShape:
    """One column, as the catalogue has it."""

    name: str
    type: str
    """With its schema where it is not PostgreSQL's own, e.g. `numeric(10,2)`."""
    required: bool = False
    """NOT NULL."""
    default: str = ""
    """The expression; empty: none."""
    computed: bool = False
    """GENERATED ALWAYS AS …: nobody writes it."""
    collation: str = ""
    """Ready for SQL; empty: that of its type."""
    sequence: str = ""
    """The sequence that it owns, ready for SQL; empty: none."""


@dataclass(frozen=True, slots=True)
class Part:
    """A constraint or an index of a table."""

    columns: tuple[str, ...]
    """Those of the table that it covers."""
    definition: str


@dataclass(frozen=True, slots=True)
class TableShape:
    """One table, as the catalogue of one side has it."""

    schema: str
    name: str
    kind: str
    """PostgreSQL's `relkind`: `r` for a table, `p` for a partitioned one."""
    columns: tuple[ColumnShape, ...]
    key: tuple[str, ...] = ()
    """Columns of the primary key, in its order; empty: there is none."""
    parts: tuple[Part, ...] = ()
    triggers: tuple[str, ...] = ()
    """Names of the triggers that fire on rows that are written."""
    hidden: bool = False
    """Row security hides rows of it from this role."""
    owned: bool = True
    """This role may alter it."""
    readable: bool = True

    @property
    def words(self) -> str:
        """What it is called to an operator, e.g. `public.plans`."""
        return f"{self.schema}.{self.name}"

    def column(self, name: str) -> ColumnShape | None:
        """Returns the column of that name; None: there is none."""
        return next((column for column in self.columns if column.name == name), None)

    @property
    def key_columns(self) -> tuple[ColumnShape, ...]:
        """The columns of its primary key."""
        return tuple(column for name in self.key if (column := self.column(name)) is not None)


@dataclass(frozen=True, slots=True)
class TableRepair:
    """What is copied back into one table."""

    number: int
    """From 1; names its tables in the staging schema."""
    side: TableShape
    """As it was before the migration."""
    live: TableShape | None
    """As it is; None: it is gone as a whole."""
    columns: tuple[ColumnShape, ...] = ()
    """Those whose values are put back."""
    rows: bool = False
    """Whether missing rows are put back."""
    structure: str = ""
    """The SQL that makes a table that is gone, without its rows."""

    @property
    def added(self) -> tuple[ColumnShape, ...]:
        """Columns that the live table has not got."""
        return tuple(column for column in self.columns if self.live is not None and self.live.column(column.name) is None)

    @property
    def kept(self) -> tuple[ColumnShape, ...]:
        """What is copied beside the key: the lost columns, or for rows every column that can be written on both sides."""
        if not self.rows:
            return self.columns
        live, lost = self.live, {column.name for column in self.columns}
        there = [column for column in self.side.columns if live is None or column.name in lost or live.column(column.name) is not None]
        written = [column for column in there if not column.computed and not (live and (now := live.column(column.name)) and now.computed)]
        return tuple(column for column in written if column.name not in self.side.key)

    @property
    def staged(self) -> tuple[ColumnShape, ...]:
        """The columns of its table in the staging schema: the key first."""
        return (*self.side.key_columns, *self.kept)

    @property
    def missing(self) -> tuple[str, ...]:
        """What the table still lacks afterwards, compared with before: constraints, indexes, defaults and NOT NULL of the lost columns."""
        if self.live is None:
            return ()
        lost = {column.name for column in self.columns}
        now = {part.definition for part in self.live.parts}
        gone = [part.definition for part in self.side.parts if set(part.columns) & lost and part.definition not in now]
        for column in self.columns:
            has = self.live.column(column.name)
            if column.required and not (has and has.required):
                gone.append(f"{column.name} NOT NULL")
            if column.default and not (has and has.default):
                gone.append(f"{column.name} DEFAULT {column.default}")
        return tuple(gone)


@dataclass(frozen=True, slots=True)
class RepairPlan:
    """What is copied back, and what of the losses is left to hands."""

    repairs: tuple[TableRepair, ...] = ()
    by_hand: tuple[str, ...] = ()
    """For each loss that is not copied back: why, and what to do."""

    @property
    def copy_digest(self) -> str:
        """Names what is copied, whatever becomes of the live tables meanwhile."""
        return digest_of([[_told(one.side), [c.name for c in one.columns], one.rows, [c.name for c in one.staged]] for one in self.repairs])

    @property
    def digest(self) -> str:
        """Names what is to be done: another plan, or other tables, have another one."""
        return digest_of([[_told(one.side), _told(one.live), [c.name for c in one.columns], one.rows, one.structure] for one in self.repairs])


def _told(shape: TableShape | None) -> list[object]:
    if shape is None:
        return []
    return [shape.schema, shape.name, list(shape.key), [[c.name, c.type, c.required, c.default, c.computed, c.collation] for c in shape.columns]]


@dataclass(frozen=True, slots=True)
class Tally:
    """How the rows of both sides stand to each other, counted one by one by their keys."""

    side: int
    """Rows of the restored table."""
    fills: int
    """Rows that have lost a value and get it back."""
    newer: int
    """Rows that had a value and have one now that was written since: they keep it."""
    gone: int
    """Rows that were there and are not any more."""
    since: int
    """Rows that came since."""


@dataclass(frozen=True, slots=True)
class Beside:
    """The instance that was restored beside the live one; it has the roles and databases of its restore point."""

    identifier: str
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest row of a table."""

    table: str
    column: str
    """The column of a time that tells it; empty: the table has none."""
    at: float | None
    """Unix seconds; None: no row, or nobody could read it in time."""


@dataclass(frozen=True, slots=True)
class Staging:
    """The schema in the live database that holds the copy."""

    schema: str
    run: str
    plan: RepairPlan = field(default_factory=RepairPlan)


def staging_schema(run: str, service: str, restored: str, plan: RepairPlan) -> str:
    """Returns the name of a run's staging schema: another copy or another restored instance gets another one."""
    readable = "".join(sign if sign.isalnum() and sign.isascii() else "_" for sign in run.lower())
    return f"rollback_{readable[:38]}_{digest_of([run, service, restored, plan.copy_digest])}"
