"""Types of columns, and which of them holds every value of which."""

from dataclasses import dataclass

from gospel_rollback_tui.domain.migrations.parsing import Tree
from gospel_rollback_tui.domain.migrations.things import parts_of

_PLAIN_NAMES = {
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "float4": "real",
    "float8": "double precision",
    "bool": "boolean",
    "bpchar": "char",
    "decimal": "numeric",
}
_WIDER = {
    "smallint": frozenset({"integer", "bigint", "numeric", "real", "double precision"}),
    "integer": frozenset({"bigint", "numeric", "double precision"}),
    "bigint": frozenset({"numeric"}),
    "real": frozenset({"double precision"}),
    "date": frozenset({"timestamp", "timestamptz"}),
}
"""Types that hold every value of another, without a limit of their own."""
_WITHOUT_LIMIT = 6
"""Digits of a second that PostgreSQL keeps when none are written."""


@dataclass(frozen=True, slots=True)
class ColumnType:
    """A column's type as written."""

    name: str
    limits: tuple[int, ...] = ()
    """Length, or precision and scale, or digits of a second."""
    array: bool = False

    @property
    def words(self) -> str:
        """How it is written, e.g. `numeric(10,2)`."""
        limits = f"({','.join(map(str, self.limits))})" if self.limits else ""
        return f"{self.name}{limits}{'[]' if self.array else ''}"


def column_type(definition: Tree) -> ColumnType | None:
    """Returns the type in a column's definition, or None if there is none."""
    tree = definition.get("typeName")
    if not tree:
        return None
    name = (parts_of(tree.get("names")) or ("",))[-1]
    limits = tuple(int(each.get("A_Const", {}).get("ival", {}).get("ival", 0)) for each in tree.get("typmods", ()))
    return ColumnType(_PLAIN_NAMES.get(name, name), limits, bool(tree.get("arrayBounds")))


def holds(wide: ColumnType, narrow: ColumnType) -> bool:
    """Tells whether every value of `narrow` keeps its meaning in `wide`; what is not known does not."""
    if wide == narrow:
        return True
    if wide.array or narrow.array:
        return wide.array and narrow.array and holds(ColumnType(wide.name, wide.limits), ColumnType(narrow.name, narrow.limits))
    if wide.name == "text" or (wide.name == "varchar" and not wide.limits):
        return True
    if wide.name in ("varchar", "char"):
        return narrow.name in ("varchar", "char") and bool(narrow.limits) and narrow.limits[0] <= wide.limits[0] if wide.limits else False
    if wide.name == narrow.name == "numeric":
        return not wide.limits or (bool(narrow.limits) and _numeric(wide.limits, narrow.limits))
    if wide.name == narrow.name:
        return _digits(wide) >= _digits(narrow) if wide.name.startswith(("time", "interval")) else not wide.limits
    return wide.name in _WIDER.get(narrow.name, frozenset()) and not wide.limits


def _numeric(wide: tuple[int, ...], narrow: tuple[int, ...]) -> bool:
    """Tells whether both the digits before and those after the point fit."""
    wide_scale, narrow_scale = (*wide, 0)[1], (*narrow, 0)[1]
    return wide_scale >= narrow_scale and wide[0] - wide_scale >= narrow[0] - narrow_scale


def _digits(kind: ColumnType) -> int:
    return kind.limits[0] if kind.limits else _WITHOUT_LIMIT
