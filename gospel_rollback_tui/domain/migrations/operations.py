"""What each statement does to which thing: the one reading of parse trees on which every judgement stands."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum

from gospel_rollback_tui.domain.migrations.parsing import Tree
from gospel_rollback_tui.domain.migrations.statements import Statement
from gospel_rollback_tui.domain.migrations.things import Thing


class Verb(Enum):
    """What is done."""

    CREATE = "creates"
    REPLACE = "replaces"
    DROP = "drops"
    RENAME = "renames"
    MOVE = "moves to another schema"
    RETYPE = "changes the type"
    REQUIRE = "forbids NULL"
    ALLOW_NULL = "allows NULL"
    UNDEFAULT = "takes away the default"
    DEFAULT = "sets a default"
    IDENTITY = "changes the identity"
    DETACH = "detaches"
    ADD_VALUE = "adds a value"
    RESTRICT = "restricts"
    INSERT = "adds rows"
    UPDATE = "changes rows"
    DELETE = "deletes rows"
    REFUSE = "ends with an error"
    UNKNOWN = "cannot be read"
    NOTHING = "neither objects nor rows"


@dataclass(frozen=True, slots=True)
class Operation:
    """One effect of a statement; a statement may have several."""

    verb: Verb
    thing: Thing
    statement: Statement
    how: str = ""
    """The statement in a few words, e.g. `DROP COLUMN`; for what cannot be read, why."""
    to: str = ""
    """The new name, schema or value."""
    columns: frozenset[str] = frozenset()
    """Columns that an index or a constraint covers, or that an UPDATE writes."""
    sweeping: bool = False
    """Goes further than the thing: CASCADE, or no WHERE."""
    tree: Tree = field(default_factory=dict)
    """The parser's definition of a column, a constraint or an index."""


Reading = Callable[[Statement], Iterator[Operation]]
"""How one kind of statement is read."""
