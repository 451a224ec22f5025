"""Statements, and what they run."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gospel_rollback_tui.domain.migrations.statements import SqlUnreadable, statements


def kinds(sql: str) -> list[str]:
    """Returns the kinds of a text's statements."""
    return [each.kind for each in statements(sql)]


def test_a_statement_tells_its_text_and_its_line() -> None:
    """Comments and blank lines before a statement are no part of it, and bytes are not characters."""
    found = statements("-- größer; DROP TABLE x;\n\n/* a\n * b */ DROP TABLE é ;\n  SELECT 1;;")
    assert [(each.kind, each.text, each.line) for each in found] == [("DropStmt", "DROP TABLE é", 4), ("SelectStmt", "SELECT 1", 5)]


@pytest.mark.parametrize(
    ("sql", "line"),
    [
        ("SELECT 1;\n\nDROP TABEL x;", 3),
        ("é;\nSELECT", 1),
        ("SELECT 1;\0 DROP TABLE x", 1),
        ("SELECT 1;\n\0DROP TABLE x", 2),
        ("SELECT '\ud800'", 1),
        ("COPY t FROM stdin;\n1\t2\n\\.\n", 2),
        ("\\connect other\nDROP TABLE x", 1),
        ("SELECT " + "NOT " * 4000 + "true", 1),
        ("SELECT " + "(" * 20000, 1),
    ],
    ids=["typo", "no statement", "zero byte", "zero byte below", "half a character", "data of COPY", "command of psql", "deep", "deeper"],
)
def test_what_postgresql_does_not_read_is_unreadable_with_its_line(sql: str, line: int) -> None:
    """A zero byte above all: the parser would end there and call the rest nothing."""
    with pytest.raises(SqlUnreadable) as caught:
        statements(sql)
    assert caught.value.line == line
    assert caught.value.words


def test_a_comment_alone_holds_no_statement() -> None:
    """Neither does white space, nor a semicolon."""
    assert kinds("-- DROP TABLE x;\n/* DELETE FROM y; */ ; \n") == []


BODY = """DO $$
DECLARE name text;
BEGIN
  FOR name IN SELECT tablename FROM pg_tables LOOP
    EXECUTE 'DROP TABLE ' || name;
  END LOOP;
  IF found THEN
    DELETE FROM jobs;
  ELSE
    EXECUTE 'TRUNCATE audit';
  END IF;
  RAISE NOTICE 'done';
  COMMIT;
EXCEPTION WHEN others THEN
  RAISE EXCEPTION 'failed';
END $$;
"""


def test_the_body_of_a_block_is_read_down_to_its_branches() -> None:
    """Loops, branches, constant texts; an error in a handler is no refusal, and a notice is none either."""
    found = [(each.kind, each.line) for each in statements(BODY) if each.kind != "Computes"]
    assert found == [("DoStmt", 1), ("SelectStmt", 4), ("Dynamic", 5), ("DeleteStmt", 8), ("TruncateStmt", 10), ("TransactionStmt", 13)]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("FOR x IN EXECUTE 'DELETE FROM ' || y LOOP NULL; END LOOP;", "Dynamic"),
        ("OPEN c FOR EXECUTE q;", "Dynamic"),
        ("RAISE EXCEPTION 'no';", "Raise"),
        ("RAISE 'no';", "Raise"),
        ("PERFORM archive();", "SelectStmt"),
        ("CALL archive();", "CallStmt"),
        ("CASE 1 WHEN 1 THEN DELETE FROM x; ELSE NULL; END CASE;", "DeleteStmt"),
        ("BEGIN NULL; EXCEPTION WHEN others THEN DELETE FROM x; END;", "DeleteStmt"),
        ("x := 1; WHILE x < 3 LOOP DELETE FROM y; END LOOP;", "DeleteStmt"),
        ("ROLLBACK;", "TransactionStmt"),
    ],
)
def test_whatever_a_body_can_do_is_seen(body: str, kind: str) -> None:
    """Each way of PL/pgSQL to run SQL, or to end with an error."""
    assert kind in kinds(f"DO $$ DECLARE x text; y text; q text; c refcursor; BEGIN {body} END $$")


@pytest.mark.parametrize("sql", ["DO LANGUAGE plpython3u 'plpy.execute(q)'", "DO $$ BEGIN oops $$", "DO $$ BEGIN DROP TABEL x; END $$"])
def test_a_body_that_cannot_be_read_is_told_as_such(sql: str) -> None:
    """It never counts as empty."""
    assert kinds(sql) == ["DoStmt", "Opaque"]


FUNCTIONS = [
    "CREATE FUNCTION s.f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN DELETE FROM x; END $$;",
    "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'DELETE FROM x';",
    "CREATE FUNCTION f() RETURNS void BEGIN ATOMIC DELETE FROM x; END;",
    "CREATE PROCEDURE f() LANGUAGE plpgsql AS $$ BEGIN DELETE FROM x; PERFORM f(); END $$;",
]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_does_what_it_does_when_it_is_called(function: str) -> None:
    """Created alone it deletes nothing; called in the same file, by whatever statement, it does; and one that calls itself ends."""
    assert "DeleteStmt" not in kinds(function)
    for call in ("SELECT f();", "CALL f();", "DO $$ BEGIN PERFORM s.f(); END $$;", "DO $$ DECLARE a int; BEGIN a := f(); END $$;", "UPDATE t SET a = f();"):
        assert "DeleteStmt" in kinds(function + call)


@pytest.mark.parametrize(
    "sql",
    [
        "WITH gone AS (DELETE FROM x RETURNING *) SELECT * FROM gone",
        "WITH gone AS (DELETE FROM x RETURNING *) INSERT INTO y SELECT * FROM gone",
        "CREATE TABLE y AS WITH gone AS (DELETE FROM x RETURNING *) SELECT * FROM gone",
        "COPY (DELETE FROM x RETURNING *) TO '/tmp/x'",
        "EXPLAIN ANALYZE DELETE FROM x",
    ],
)
def test_writes_inside_queries_are_statements_of_their_own(sql: str) -> None:
    """PostgreSQL runs them, wherever they stand."""
    assert "DeleteStmt" in kinds(sql)


@pytest.mark.parametrize("sql", ["EXPLAIN DELETE FROM x", "CREATE RULE r AS ON INSERT TO t DO ALSO DELETE FROM x"])
def test_writes_that_are_only_described_are_not_run(sql: str) -> None:
    """A plan and a rule do nothing yet."""
    assert "DeleteStmt" not in kinds(sql)


def test_the_parts_of_a_schema_are_read() -> None:
    """CREATE SCHEMA may carry tables."""
    assert kinds("CREATE SCHEMA s CREATE TABLE t (a int)") == ["CreateSchemaStmt", "CreateStmt"]


@settings(deadline=None)
@given(
    st.text(max_size=60)
    | st.lists(st.sampled_from(["DROP ", "TABLE ", "x", ";", "DO $$", "BEGIN ", "END", "$$", "(", ")", "'", "--", "/*", "\n", "SELECT ", "é"])).map("".join)
)
def test_any_text_is_read_or_refused(sql: str) -> None:
    """Nothing else comes out, and lines lie inside the text."""
    try:
        lines = [each.line for each in statements(sql)]
    except SqlUnreadable as error:
        lines = [error.line]
    assert all(1 <= line <= sql.count("\n") + 1 for line in lines)
