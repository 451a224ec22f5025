"""What an up means for old and new code."""

import pytest

from gospel_rollback_tui.domain.migrations.classification import Classified, classify
from gospel_rollback_tui.domain.migrations.files import Migration

ADD = "ALTER TABLE orders ADD COLUMN "


def judged(up: str, down: str = "SELECT 1;") -> Classified:
    """Returns what a migration is."""
    return classify(Migration(42, "change", up, down))


CERTAIN = [
    ("ALTER TABLE orders DROP COLUMN total;", "uses column orders.total, which is gone"),
    ("DROP TABLE orders;", "uses table orders, which is gone"),
    ("DROP VIEW v;", "uses view v, which is gone"),
    ("DROP FUNCTION f(int);", "uses function f, which is gone"),
    ("ALTER TABLE orders RENAME total TO gross;", "which is now called gross"),
    ("ALTER TABLE s.orders RENAME TO sales;", "uses table s.orders, which is now called sales"),
    ("ALTER TABLE orders SET SCHEMA archive;", "which is now in schema archive"),
    ("ALTER TYPE mood RENAME VALUE 'sad' TO 'blue';", "which is now called blue"),
    ("ALTER TABLE orders ALTER total TYPE integer;", "which is now integer"),
    (f"{ADD}tax int NOT NULL;", "does not fill column orders.tax"),
    (f"{ADD}tax int PRIMARY KEY;", "does not fill column orders.tax"),
    (f"{ADD}tax int NOT NULL DEFAULT NULL;", "does not fill column orders.tax"),
    (f"{ADD}tax int NOT NULL DEFAULT 0; ALTER TABLE orders ALTER tax DROP DEFAULT;", "does not fill column orders.tax"),
    (f"{ADD}tax int; UPDATE orders SET tax = 0; ALTER TABLE orders ALTER tax SET NOT NULL;", "does not fill column orders.tax"),
    ("ALTER TABLE orders ALTER note SET NOT NULL;", "leaves column orders.note empty fails"),
    ("ALTER TABLE orders ADD CHECK (a > 0), DROP COLUMN b;", "uses column orders.b"),
    ("DO $$ BEGIN ALTER TABLE orders DROP COLUMN total; END $$;", "uses column orders.total"),
]


@pytest.mark.parametrize(("up", "why"), CERTAIN)
def test_old_code_surely_fails(up: str, why: str) -> None:
    """What it names is gone or called otherwise, or what it writes is refused; the statement is shown."""
    found = judged(up).breaks_old_code
    assert found is not None
    assert found.certain
    assert why in found.why
    assert found.statement
    assert found.file == "000042_change.up.sql"


POSSIBLE = [
    ("ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0) NOT VALID;", "ADD CHECK"),
    ("ALTER TABLE orders ADD UNIQUE (number);", "ADD UNIQUE"),
    ("ALTER TABLE orders ADD FOREIGN KEY (customer) REFERENCES customers;", "ADD FOREIGN KEY"),
    ("CREATE UNIQUE INDEX CONCURRENTLY i ON orders (number);", "CREATE UNIQUE INDEX"),
    (f"{ADD}tax int; ALTER TABLE orders ADD CHECK (tax IS NOT NULL) NOT VALID;", "ADD CHECK"),
    ("CREATE TRIGGER g BEFORE INSERT ON orders EXECUTE FUNCTION f();", "CREATE TRIGGER"),
    ("CREATE POLICY p ON orders;", "CREATE POLICY"),
    ("ALTER TABLE orders ENABLE ROW LEVEL SECURITY;", "may forbid"),
    ("REVOKE INSERT ON orders FROM app;", "may forbid"),
    ("CREATE OR REPLACE VIEW v AS SELECT 1;", "as it was"),
    ("ALTER TABLE orders ALTER note DROP NOT NULL;", "may meet NULL"),
    ("ALTER TABLE orders ALTER note DROP DEFAULT;", "default, which is gone"),
    ("ALTER TABLE orders ALTER note SET DEFAULT '', ALTER note SET NOT NULL;", "or writes NULL"),
    ("ALTER TYPE mood ADD VALUE 'calm';", "may meet the value calm"),
    ("ALTER TABLE orders DETACH PARTITION p;", "may look for rows"),
    ("DO $$ BEGIN EXECUTE 'x' || 'y'; END $$;", "nobody can tell"),
    ("DROP TABEL orders;", "nobody can tell what the file did"),
]


@pytest.mark.parametrize(("up", "why"), POSSIBLE)
def test_old_code_may_fail(up: str, why: str) -> None:
    """Whether it does depends on what it writes."""
    found = judged(up).breaks_old_code
    assert found is not None
    assert not found.certain
    assert why in found.why


@pytest.mark.parametrize(
    "up",
    [
        f"{ADD}tax int;",
        f"{ADD}tax int NOT NULL DEFAULT 0;",
        f"{ADD}tax serial NOT NULL;",
        f"{ADD}tax int NOT NULL GENERATED ALWAYS AS IDENTITY;",
        f"{ADD}tax int NOT NULL GENERATED ALWAYS AS (total / 5) STORED;",
        f"{ADD}tax int NOT NULL; ALTER TABLE orders ALTER tax SET DEFAULT 0;",
        f"{ADD}tax int REFERENCES taxes; ALTER TABLE orders ADD CONSTRAINT c CHECK (tax > 0), ADD UNIQUE (tax);",
        "CREATE TABLE t (a int NOT NULL, UNIQUE (a)); ALTER TABLE t ADD CHECK (a > 0); CREATE UNIQUE INDEX i ON t (a); ALTER TABLE t RENAME TO u;",
        "CREATE TABLE t (a int); ALTER TABLE t ADD b int NOT NULL; ALTER TABLE t DROP a;",
        "CREATE INDEX CONCURRENTLY i ON orders (total);",
        "CREATE TEMP TABLE x (a int); DROP TABLE x;",
        "DROP INDEX i; ALTER TABLE orders DROP CONSTRAINT c;",
        "COMMENT ON TABLE orders IS 'x'; GRANT SELECT ON orders TO app;",
        "INSERT INTO roles VALUES (1); DELETE FROM sessions;",
        "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'DROP TABLE orders';",
    ],
)
def test_old_code_does_not_meet_what_is_only_added(up: str) -> None:
    """New things, and rules about new things alone."""
    assert judged(up).breaks_old_code is None


@pytest.mark.parametrize(
    ("before", "after", "fails"),
    [
        ("varchar(20)", "varchar(40)", None),
        ("varchar(20)", "text", None),
        ("numeric(6,2)", "numeric(8,2)", None),
        ("integer", "bigint", False),
        ("bigint", "integer", True),
        ("text", "varchar(20)", True),
        ("text", "jsonb", True),
    ],
)
def test_a_change_of_type_breaks_as_far_as_the_new_type_is_another(before: str, after: str, *, fails: bool | None) -> None:
    """The down tells the type before; a longer text is still a text."""
    found = judged(f"ALTER TABLE t ALTER c TYPE {after};", f"ALTER TABLE t ALTER c TYPE {before};").breaks_old_code
    assert (found.certain if found else None) is fails


@pytest.mark.parametrize(
    ("up", "certain"),
    [
        (f"{ADD}tax int;", True),
        ("CREATE TABLE t (a int);", True),
        ("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';", True),
        ("CREATE VIEW v AS SELECT 1;", True),
        ("ALTER TYPE mood ADD VALUE 'calm';", True),
        ("ALTER TABLE orders RENAME total TO gross;", True),
        ("ALTER TABLE orders ADD UNIQUE (number);", False),
        ("ALTER TABLE orders ALTER total TYPE bigint;", False),
        ("ALTER TABLE orders ALTER note DROP NOT NULL;", False),
        ("CREATE INDEX i ON orders (total);", None),
        ("DROP VIEW v;", None),
        ("COMMENT ON TABLE orders IS 'x';", None),
    ],
)
def test_new_code_misses_what_was_added(up: str, *, certain: bool | None) -> None:
    """On the old schema: that is why the new code stops before the schema goes back."""
    found = judged(up).breaks_new_code
    assert (found.certain if found else None) is certain
