"""What migrations are, one file after another."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gospel_rollback_tui.domain.migrations.classification import Classified, Loss, Trait, classify
from gospel_rollback_tui.domain.migrations.files import Migration

A, R, L, M, E, D, K, U = (
    Trait.ADDITIVE,
    Trait.REVERSIBLE,
    Trait.LOSSY_DOWN,
    Trait.MISSING_DOWN,
    Trait.EMPTY_DOWN,
    Trait.DATA_CHANGING,
    Trait.LOCKING,
    Trait.UNKNOWN,
)


def judged(up: str | None, down: str | None) -> Classified:
    """Returns what a migration of two texts is."""
    return classify(Migration(42, "change", up, down))


ADD = "ALTER TABLE orders ADD COLUMN tax integer;"
BACK = "ALTER TABLE orders DROP COLUMN tax;"
LEADS_BACK = [
    pytest.param(ADD, BACK, {A, L, K}, id="column"),
    pytest.param("CREATE TABLE a.b (id bigserial PRIMARY KEY);\nCREATE INDEX i ON a.b (id);", "DROP TABLE a.b;", {A, L}, id="table with its index"),
    pytest.param("CREATE TABLE public.b (id int);", "DROP TABLE b;", {A, L}, id="schema written once"),
    pytest.param("CREATE INDEX i ON orders (tax);", "DROP INDEX i;", {A, R, K}, id="index"),
    pytest.param("CREATE INDEX CONCURRENTLY i ON orders (tax);", "DROP INDEX CONCURRENTLY i;", {A, R}, id="index, concurrently"),
    pytest.param("CREATE INDEX ON orders (tax);", "DROP INDEX orders_tax_idx;", {A, R, K}, id="index without a name"),
    pytest.param(ADD + "CREATE INDEX i ON orders (tax);", BACK, {A, L, K}, id="index under a column"),
    pytest.param(ADD + "ALTER TABLE orders ADD FOREIGN KEY (tax) REFERENCES taxes (id);", BACK, {A, L, K}, id="key of a new column"),
    pytest.param("CREATE VIEW v AS SELECT 1;", "DROP VIEW v;", {A, R}, id="view"),
    pytest.param("CREATE MATERIALIZED VIEW v AS SELECT 1;", "DROP MATERIALIZED VIEW v;", {A, L}, id="materialized view"),
    pytest.param("CREATE TYPE mood AS ENUM ('sad');", "DROP TYPE mood;", {A, L}, id="type"),
    pytest.param("CREATE SEQUENCE s;", "DROP SEQUENCE s;", {A, L}, id="sequence"),
    pytest.param("CREATE TABLE t (a int); CREATE SEQUENCE s OWNED BY t.a;", "DROP TABLE t;", {A, L}, id="sequence of a table"),
    pytest.param("CREATE SCHEMA s; CREATE TABLE s.t (a int);", "DROP SCHEMA s CASCADE;", {A, L}, id="schema"),
    pytest.param("CREATE EXTENSION IF NOT EXISTS citext; CREATE VIEW v AS SELECT 1;", "DROP VIEW v;", {A, R}, id="extension that may stay"),
    pytest.param("ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0);", "ALTER TABLE orders DROP CONSTRAINT c;", {R, K}, id="constraint"),
    pytest.param("ALTER TABLE orders ADD CHECK (total > 0);", "ALTER TABLE orders DROP CONSTRAINT orders_total_check;", {R, K}, id="constraint without a name"),
    pytest.param("ALTER TABLE orders DROP CONSTRAINT c;", "ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0);", {A, R, K}, id="constraint taken away"),
    pytest.param("ALTER TABLE orders ALTER note DROP NOT NULL;", "ALTER TABLE orders ALTER note SET NOT NULL;", {R, K}, id="null"),
    pytest.param("ALTER TABLE orders RENAME COLUMN total TO gross;", "ALTER TABLE orders RENAME gross TO total;", {R, K}, id="column renamed"),
    pytest.param("ALTER TABLE orders RENAME TO sales;", "ALTER TABLE sales RENAME TO orders;", {R, K}, id="table renamed"),
    pytest.param("ALTER TABLE t RENAME TO u; ALTER TABLE u ADD c int;", "ALTER TABLE u RENAME TO t; ALTER TABLE t DROP c;", {L, K}, id="renamed, then widened"),
    pytest.param("ALTER TABLE orders SET SCHEMA archive;", "ALTER TABLE archive.orders SET SCHEMA public;", {R, K}, id="moved"),
    pytest.param("ALTER TYPE mood RENAME VALUE 'sad' TO 'blue';", "ALTER TYPE mood RENAME VALUE 'blue' TO 'sad';", {R}, id="value renamed"),
    pytest.param("ALTER TABLE t ALTER c TYPE text;", "ALTER TABLE t ALTER c TYPE varchar(20);", {A, L, K}, id="type, and back to a narrower one"),
    pytest.param("ALTER TABLE t ALTER c TYPE varchar(20);", "ALTER TABLE t ALTER c TYPE varchar(20);", {A, R, K}, id="type that stays"),
    pytest.param(
        "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 2';",
        "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';",
        {R},
        id="function replaced",
    ),
    pytest.param("DROP VIEW v; CREATE VIEW v AS SELECT 2;", "DROP VIEW v; CREATE VIEW v AS SELECT 1;", {R}, id="view made anew"),
    pytest.param("CREATE TRIGGER g BEFORE INSERT ON t EXECUTE FUNCTION f();", "DROP TRIGGER g ON t;", {R}, id="trigger"),
    pytest.param(
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$; CREATE TRIGGER g BEFORE INSERT ON t EXECUTE FUNCTION f();",
        "DROP FUNCTION f() CASCADE;",
        {L},
        id="trigger under its function",
    ),
    pytest.param("INSERT INTO roles VALUES ('auditor');", "DELETE FROM roles WHERE name = 'auditor';", {D, L}, id="rows added"),
    pytest.param("UPDATE t SET a = 'x' WHERE a = 'y';", "UPDATE t SET a = 'y' WHERE a = 'x';", {D, R}, id="rows changed"),
    pytest.param(
        "CREATE TABLE t (a int); INSERT INTO t VALUES (1); DELETE FROM t; DROP TABLE t; CREATE VIEW v AS SELECT 1;",
        "DROP VIEW v;",
        {A, R},
        id="a table that came and went",
    ),
    pytest.param("CREATE TEMP TABLE x AS SELECT 1; DROP TABLE x; CREATE VIEW v AS SELECT 1;", "DROP VIEW v;", {A, R}, id="temporary table"),
    pytest.param(ADD + "UPDATE orders SET tax = 0;", BACK, {A, L, K}, id="new column filled"),
    pytest.param(
        "DO $$ BEGIN IF true THEN ALTER TABLE t ADD c int; END IF; END $$;",
        "DO $$ BEGIN ALTER TABLE t DROP COLUMN IF EXISTS c; END $$;",
        {A, L, K},
        id="in blocks",
    ),
    pytest.param("CREATE VIEW v AS SELECT 1; INSERT INTO roles VALUES (1);", "DROP VIEW v;", {D, R}, id="rows that may stay"),
    pytest.param("BEGIN;\nCREATE VIEW v AS SELECT 1;\nCOMMIT;", "DROP VIEW v;", {A, R}, id="own transaction"),
]


@pytest.mark.parametrize(("up", "down", "traits"), LEADS_BACK)
def test_an_honest_down_leads_back(up: str, down: str, traits: set[Trait]) -> None:
    """It undoes what the up did; whether data is lost on the way is another matter, and is told."""
    found = judged(up, down)
    assert found.traits == traits
    assert not found.irreversible
    assert bool(found.down_losses) == (L in traits)
    assert not found.up_losses
    assert found.decides.trait is (L if L in traits else D if D in traits else R)


ONE_WAY = [
    pytest.param(ADD, None, {A, M, K}, "there is no down", id="missing down"),
    pytest.param(ADD, "", {A, E, K}, "holds no statement", id="empty down"),
    pytest.param(ADD, "-- ALTER TABLE orders DROP COLUMN tax;\n/* later */ ;\n", {A, E, K}, "holds no statement", id="comments only"),
    pytest.param(ADD, "SELECT 1;", {A, E, K}, "does not take back column orders.tax", id="down that does nothing"),
    pytest.param(ADD, "ALTER TABLE orders DROP COLUMN taxes;", {A, E, L, K}, "does not take back column orders.tax", id="another column"),
    pytest.param(ADD, "ALTER TABLE invoices DROP COLUMN tax;", {A, E, L, K}, "does not take back column orders.tax", id="another table"),
    pytest.param("CREATE TABLE a.t (x int);", "DROP TABLE b.t;", {A, E, L}, "does not take back table a.t", id="another schema"),
    pytest.param("CREATE VIEW v AS SELECT 1; CREATE INDEX i ON t (a);", "DROP VIEW v;", {A, E, K}, "does not take back index t.i", id="half a down"),
    pytest.param("ALTER TABLE t RENAME a TO b;", "ALTER TABLE t RENAME a TO b;", {E, K}, "its name back", id="renamed the same way"),
    pytest.param("ALTER TABLE t ALTER c SET NOT NULL;", "SELECT 1;", {E, K}, "does not turn back SET NOT NULL", id="not null stays"),
    pytest.param("ALTER TABLE t ALTER c TYPE text;", "SELECT 1;", {E, K}, "its type back", id="type stays"),
    pytest.param("DROP VIEW v;", "SELECT 1;", {E}, "does not bring back view v", id="view stays away"),
    pytest.param("INSERT INTO roles VALUES (1);", "SELECT 1;", {D, E}, "does not take back the rows", id="rows stay"),
    pytest.param(
        "UPDATE t SET a = 1 WHERE b; CREATE VIEW v AS SELECT 1;", "DROP VIEW v;", {D, E}, "rows that UPDATE wrote to table t", id="overwritten values stay"
    ),
    pytest.param(ADD, "DO $$ BEGIN RAISE EXCEPTION 'never'; END $$;" + BACK, {A, E, L, K}, "refuses to run", id="down that refuses"),
    pytest.param(
        "INSERT INTO t VALUES (1) ON CONFLICT (a) DO UPDATE SET b = 2; CREATE VIEW v AS SELECT 1;",
        "DROP VIEW v;",
        {D, E},
        "ON CONFLICT DO UPDATE wrote",
        id="upsert",
    ),
    pytest.param(
        "ALTER TABLE t ADD c int; UPDATE t SET c = a, a = NULL WHERE a > 0;", "ALTER TABLE t DROP c;", {D, E, L, K}, "rows that UPDATE wrote", id="moved values"
    ),
    pytest.param("CREATE TABLE IF NOT EXISTS t (a int); TRUNCATE t;", "DROP TABLE t;", {D, L}, "destroyed data of t", id="a table that may be old"),
    pytest.param("CREATE TABLE s.t (a int); DROP TABLE s.t; DELETE FROM t;", "SELECT 1;", {D}, "destroyed data of t", id="a name that is another's again"),
    pytest.param(None, "SELECT 1;", {U}, "there is no up", id="missing up"),
    pytest.param("ALTER TYPE mood ADD VALUE 'calm';", "DROP TYPE mood;", {D, L}, "cannot take the value calm away", id="enum value"),
    pytest.param("ALTER TABLE t DROP COLUMN c;", "ALTER TABLE t ADD COLUMN c int;", {D, K}, "destroyed data of t.c: DROP COLUMN", id="column dropped"),
    pytest.param(
        'DROP TABLE sales."Old Orders";',
        'CREATE TABLE sales."Old Orders" (id int);',
        {D},
        'destroyed data of sales."Old Orders": DROP TABLE',
        id="table dropped",
    ),
    pytest.param(
        "CREATE TABLE t2 (a int); INSERT INTO t2 SELECT a FROM t; DROP TABLE t; ALTER TABLE t2 RENAME TO t;",
        "SELECT 1;",
        {D, E},
        "destroyed data of t",
        id="table swapped",
    ),
    pytest.param("DROP TABLE IF EXISTS t; CREATE TABLE t (a int);", "DROP TABLE t;", {D, L}, "destroyed data of t", id="dropped before it is made"),
    pytest.param("DELETE FROM sessions WHERE old;", "SELECT 1;", {D}, "destroyed data of sessions: DELETE", id="rows deleted"),
    pytest.param("TRUNCATE sessions;", "SELECT 1;", {D}, "TRUNCATE", id="truncated"),
    pytest.param("UPDATE t SET a = lower(a);", "UPDATE t SET a = upper(a);", {D, L}, "UPDATE without WHERE", id="every row overwritten"),
    pytest.param("UPDATE t SET a = 1 WHERE 1 = 1;", "UPDATE t SET a = 2 WHERE b;", {D}, "UPDATE without WHERE", id="a condition that always holds"),
    pytest.param(
        "ALTER TABLE t ALTER c TYPE integer USING c::integer;", "ALTER TABLE t ALTER c TYPE text;", {D, K}, "may have cut values of t.c", id="narrower type"
    ),
    pytest.param("ALTER TABLE t ALTER c TYPE text USING left(c, 3);", "ALTER TABLE t ALTER c TYPE text;", {D, K}, "by a computed value", id="computed type"),
    pytest.param("DO $$ BEGIN DELETE FROM jobs; END $$;", "SELECT 1;", {D}, "destroyed data of jobs", id="in a block"),
    pytest.param(
        "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'DELETE FROM jobs'; SELECT f();",
        "DROP FUNCTION f();",
        {D},
        "destroyed data of jobs",
        id="in a function that is called",
    ),
    pytest.param("WITH x AS (DELETE FROM jobs RETURNING *) INSERT INTO old SELECT * FROM x;", "SELECT 1;", {D, E}, "destroyed data of jobs", id="in a query"),
    pytest.param("MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN DELETE;", "SELECT 1;", {D}, "destroyed data of t: MERGE … DELETE", id="merged away"),
    pytest.param("DROP VIEW v CASCADE;", "CREATE VIEW v AS SELECT 1;", {D}, "DROP VIEW … CASCADE", id="cascade"),
    pytest.param(
        "ALTER TABLE t DETACH PARTITION p;", "ALTER TABLE t ATTACH PARTITION p DEFAULT;", {D, K}, "destroyed data of p: DETACH PARTITION", id="partition"
    ),
    pytest.param("CREATE TABEL t (a int);", "DROP TABLE t;", {U, L}, "does not read the file: syntax error", id="unreadable up"),
    pytest.param(ADD, "DROP COLUM tax;", {A, U, K}, "does not read the file", id="unreadable down"),
    pytest.param("DO $$ BEGIN EXECUTE 'DROP TABLE ' || current_user; END $$;", "SELECT 1;", {U}, "made while it runs", id="dynamic up"),
    pytest.param(ADD, "DO $$ BEGIN EXECUTE 'ALTER TABLE ' || 'x'; END $$;", {A, U, K}, "made while it runs", id="dynamic down"),
    pytest.param("SELECT archive_everything();", "SELECT 1;", {U}, "calls archive_everything()", id="function of elsewhere"),
    pytest.param("CALL cleanup();", "SELECT 1;", {U}, "calls cleanup()", id="procedure of elsewhere"),
    pytest.param("ALTER SYSTEM SET wal_level = minimal;", "SELECT 1;", {U}, "not judged here", id="kind without a judgement"),
]


@pytest.mark.parametrize(("up", "down", "traits", "why"), ONE_WAY)
def test_what_does_not_lead_back_is_irreversible_and_says_why(up: str | None, down: str | None, traits: set[Trait], why: str) -> None:
    """Destroyed data, no honest down, or text that nobody can judge."""
    found = judged(up, down)
    assert found.irreversible
    assert found.traits == traits
    assert any(why in each.why for each in found.findings if each.one_way)
    assert found.decides.one_way


LOSSES = [
    ("DROP TABLE a, b.c;", (Loss("a", "", "DROP TABLE"), Loss("b.c", "", "DROP TABLE"))),
    ('ALTER TABLE s.t DROP COLUMN "Mixed Case";', (Loss("s.t", "Mixed Case", "DROP COLUMN"),)),
    ('ALTER TABLE IF EXISTS "T" DROP c CASCADE, DROP d;', (Loss('"T"', "c", "DROP COLUMN"), Loss('"T"', "d", "DROP COLUMN"))),
    ("TRUNCATE a, b CASCADE;", (Loss("a", "", "TRUNCATE … CASCADE"), Loss("b", "", "TRUNCATE … CASCADE"))),
    ("DROP SCHEMA s CASCADE;", (Loss("s", "", "DROP SCHEMA … CASCADE", what="schema"),)),
    ("DROP DATABASE d;", (Loss("d", "", "DROP DATABASE", what="database"),)),
    ("DROP MATERIALIZED VIEW s.v;", (Loss("s.v", "", "DROP MATERIALIZED VIEW", what="materialized view"),)),
    ("DROP SEQUENCE s;", (Loss("s", "", "DROP SEQUENCE", what="sequence"),)),
    ("DROP EXTENSION hstore;", (Loss("hstore", "", "DROP EXTENSION", what="extension"),)),
    ("DROP DOMAIN d;", (Loss("d", "", "DROP TYPE", what="type"),)),
    ("DROP OWNED BY joe;", (Loss("joe", "", "DROP OWNED", what="owned"),)),
    ("DELETE FROM a; DELETE FROM a;", (Loss("a", "", "DELETE"),)),
    ("UPDATE a SET x = 1;", (Loss("a", "x", "UPDATE without WHERE"),)),
    ("UPDATE a SET x = 1, y = 2;", (Loss("a", "", "UPDATE without WHERE"),)),
    ("ALTER TABLE a ALTER x TYPE numeric(6,2);", (Loss("a", "x", "type becomes numeric(6,2)", narrows=True),)),
    ("ALTER TYPE point3 DROP ATTRIBUTE z;", (Loss("point3", "z", "DROP COLUMN"),)),
    (
        "ALTER TABLE t DROP CONSTRAINT c CASCADE, ALTER a DROP DEFAULT, ALTER a DROP NOT NULL, ALTER a DROP IDENTITY, ALTER a DROP EXPRESSION;",
        (),
    ),
    ("DROP INDEX i; DROP VIEW v; DROP FUNCTION f(); DROP TRIGGER g ON t; DROP POLICY p ON t;", ()),
    ("UPDATE a SET x = 1 WHERE y; INSERT INTO a VALUES (1); ALTER TABLE a ALTER x TYPE text;", ()),
]


@pytest.mark.parametrize(("sql", "lost"), LOSSES)
def test_losses_are_named_as_written_and_once(sql: str, lost: tuple[Loss, ...]) -> None:
    """In the down they are data written since, in the up they are gone; what holds no data is no loss."""
    assert judged("SELECT 1;", sql).down_losses == lost
    assert judged(sql, "SELECT 1;").up_losses == lost


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE t SET (fillfactor = 70);",
        "ALTER TABLE t RENAME CONSTRAINT a TO b;",
        "REINDEX TABLE t;",
        "VACUUM FULL t;",
        "CLUSTER t USING i;",
        "LOCK TABLE t;",
        "CREATE INDEX i ON t (a);",
        "DO $$ BEGIN LOCK TABLE t; END $$;",
    ],
)
def test_what_holds_others_up_is_locking(sql: str) -> None:
    """In either direction, and in a block as well."""
    assert K in judged(sql, "SELECT 1;").traits
    assert K in judged("SELECT 1;", sql).traits


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE INDEX CONCURRENTLY i ON t (a);",
        "REINDEX (CONCURRENTLY) TABLE t;",
        "VACUUM t;",
        "ALTER VIEW v RENAME TO w;",
        "ALTER SEQUENCE s RESTART;",
        "CREATE TABLE t (a int); ALTER TABLE t ADD b int; CREATE INDEX i ON t (a);",
        "COMMENT ON TABLE t IS 'x';",
    ],
)
def test_what_holds_nobody_up_is_not_locking(sql: str) -> None:
    """A table that the file itself made has no other users yet."""
    assert K not in judged(sql, "SELECT 1;").traits


@pytest.mark.parametrize(
    ("sql", "alone"),
    [
        ("CREATE INDEX CONCURRENTLY i ON t (a);", False),
        ("DROP INDEX CONCURRENTLY i;", False),
        ("REINDEX TABLE CONCURRENTLY t;", False),
        ("ALTER TABLE t DETACH PARTITION p CONCURRENTLY;", False),
        ("VACUUM t;", False),
        ("ALTER TYPE mood ADD VALUE 'calm';", False),
        ("BEGIN; SELECT 1; COMMIT;", False),
        ("DO $$ BEGIN COMMIT; END $$;", False),
        ("DROP DATABASE d;", False),
        ("ALTER TYPE mood RENAME VALUE 'a' TO 'b';", True),
        ("SAVEPOINT a; DROP INDEX i; DELETE FROM t;", True),
    ],
)
def test_what_takes_effect_by_itself_is_not_transactional(sql: str, alone: bool) -> None:
    """Only a file without it has had no effect at all after a failure."""
    assert judged(sql, "SELECT 1;").transactional is alone
    assert judged(sql, "SELECT 1;").down_transactional
    assert judged("SELECT 1;", sql).down_transactional is alone


def test_a_finding_shows_the_statement_and_its_line() -> None:
    """So that an operator can look for himself."""
    found = judged(ADD, f"-- back\n\n{BACK}").decides
    assert (found.file, found.line, found.statement, found.place) == ("000042_change.down.sql", 3, BACK[:-1], "000042_change.down.sql:3")


def test_names_and_sql_are_harmless_to_show_and_losses_keep_them_as_they_are() -> None:
    """A name may hold anything, and the database has to find it again."""
    found = judged('DROP TABLE "a\x1b[2Jb";', "SELECT 1\x1b[2J;")
    assert found.up_losses == (Loss('"a\x1b[2Jb"', "", "DROP TABLE"),)
    assert not any("\x1b" in text for each in found.findings for text in (each.why, each.statement))


def test_the_words_of_a_dishonest_down_name_the_line_of_the_up() -> None:
    """Both files are needed to see the lie."""
    assert judged(f"SELECT 1;\n{ADD}", "SELECT 1;").decides.why == "it does not take back column orders.tax (000042_change.up.sql:2)"


WORDS = [
    "DROP TABLE ",
    "ALTER TABLE ",
    "t ",
    "ADD COLUMN ",
    "DROP ",
    "c ",
    "int ",
    "; ",
    "DO $$ BEGIN ",
    "END $$ ",
    "DELETE FROM ",
    "UPDATE t SET a = 1 ",
    "WHERE true ",
]
TEXTS = (
    st.none()
    | st.text(max_size=80)
    | st.lists(st.sampled_from([*WORDS, "RENAME a TO b ", "CREATE TABLE ", "(a int) ", "SELECT f() ", "'", "\0", "\n"])).map("".join)
)


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_no_text_raises_and_none_is_reversible_without_a_down(up: str | None, down: str | None) -> None:
    """Every migration gets a trait and a finding that decides; without a statement in the down nothing leads back."""
    found = judged(up, down)
    assert found.traits
    assert found.decides.why
    assert found.irreversible == bool(found.traits & {M, E, U} or found.up_losses or any(each.one_way for each in found.findings))
    if not (down or "").strip():
        assert found.irreversible


def test_thousands_of_writes_to_the_same_columns_are_told_and_compared_once() -> None:
    """Seed rows come in files of their own; each compared with each, they would keep triage waiting for minutes."""
    up = "".join(f"UPDATE plans SET price = {n} WHERE id = {n};\n" for n in range(500))
    down = "".join(f"UPDATE prices SET price = {n} WHERE id = {n};\n" for n in range(500))
    found = classify(Migration(7, "prices", up, down))
    assert [each.why for each in found.findings if each.trait is Trait.EMPTY_DOWN] == [
        "it does not take back the rows that UPDATE wrote to table plans (000007_prices.up.sql:1)"
    ]
