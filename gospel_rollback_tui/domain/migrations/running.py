"""What is run without being seen: functions of elsewhere, SQL that is made while it runs, errors that are raised on purpose."""

from collections.abc import Iterator, Mapping

from gospel_rollback_tui.domain.migrations.operations import Operation, Reading, Verb
from gospel_rollback_tui.domain.migrations.statements import Statement, called
from gospel_rollback_tui.domain.migrations.things import Thing, relation

_HARMLESS = frozenset({
    "abs", "age", "array_agg", "array_append", "array_length", "array_position", "array_remove", "array_to_string", "ascii", "avg", "bool_and",
    "bool_or", "btrim", "cardinality", "ceil", "chr", "clock_timestamp", "col_description", "concat", "concat_ws", "count", "current_database",
    "current_schema", "current_setting", "currval", "date_part", "date_trunc", "decode", "dense_rank", "encode", "every", "first_value", "floor",
    "format", "gen_random_uuid", "generate_series", "has_column_privilege", "has_schema_privilege", "has_table_privilege", "hashtext",
    "inet_server_addr", "initcap", "json_agg", "json_array_elements", "json_build_object", "jsonb_agg", "jsonb_array_elements", "jsonb_array_length",
    "jsonb_build_object", "jsonb_each", "jsonb_object_keys", "jsonb_set", "lag", "last_value", "lastval", "lead", "left", "length", "lower", "lpad",
    "ltrim", "make_interval", "max", "md5", "min", "nextval", "now", "ntile", "obj_description", "position", "quote_ident", "quote_literal", "random",
    "rank", "regexp_match", "regexp_matches", "regexp_replace", "replace", "right", "round", "row_number", "row_to_json", "rpad", "rtrim",
    "session_user", "set_config", "setval", "sha256", "split_part", "statement_timestamp", "string_agg", "string_to_array", "substring", "sum",
    "timeofday", "to_char", "to_date", "to_json", "to_jsonb", "to_number", "to_regclass", "to_regproc", "to_regtype", "to_timestamp",
    "transaction_timestamp", "translate", "trim", "txid_current", "unnest", "upper", "uuid_generate_v", "uuid_generate_v1", "version",
})  # fmt: skip
"""Functions of PostgreSQL that a query may call without changing rows or objects; those named `pg_…` are its own as well."""


def _select(statement: Statement) -> Iterator[Operation]:
    """Reads a query that stands alone: it is run for what its functions do, unless they are known."""
    if "intoClause" in statement.tree:
        yield Operation(Verb.CREATE, relation(statement.tree["intoClause"].get("rel", {})), statement, "SELECT INTO")
        return
    yield from _calls(statement)


def _calls(statement: Statement) -> Iterator[Operation]:
    for name in dict.fromkeys(called(statement.tree)):
        if not _is_harmless(name) and name[-1] not in statement.known:
            why = f"it calls {'.'.join(name)}(), whose body is not in this file"
            yield Operation(Verb.UNKNOWN, Thing("function", "", ".".join(name)), statement, why)


def _is_harmless(name: tuple[str, ...]) -> bool:
    return not name or name[-1] in _HARMLESS or name[-1].startswith("pg_") or name[0] == "pg_catalog"


def _execute(statement: Statement) -> Iterator[Operation]:
    yield Operation(Verb.UNKNOWN, Thing("statement", "", "EXECUTE"), statement, "it runs a prepared statement")


def _dynamic(statement: Statement) -> Iterator[Operation]:
    yield Operation(Verb.UNKNOWN, Thing("statement", "", "EXECUTE"), statement, "its SQL is made while it runs")


def _opaque(statement: Statement) -> Iterator[Operation]:
    yield Operation(Verb.UNKNOWN, Thing("body", "", ""), statement, f"its body cannot be read: {statement.tree.get('words', '')}")


def _raise(statement: Statement) -> Iterator[Operation]:
    yield Operation(Verb.REFUSE, Thing("statement", "", "RAISE"), statement, "it ends with an error on purpose")


READINGS: Mapping[str, Reading] = {
    "SelectStmt": _select,
    "CallStmt": _calls,
    "ExecuteStmt": _execute,
    "Dynamic": _dynamic,
    "Opaque": _opaque,
    "Raise": _raise,
}
"""By the parser's kind of statement."""
