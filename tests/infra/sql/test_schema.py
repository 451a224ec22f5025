"""Reads of a real PostgreSQL: nothing is created, nothing hangs, and what cannot be known is not made up."""

import psycopg
import pytest

from gospel_rollback_tui.domain.databases import Count, Method, migrate_lock_ids
from gospel_rollback_tui.domain.errors import NotSent, Refused
from gospel_rollback_tui.domain.migrations.findings import Loss
from gospel_rollback_tui.domain.migrations.heads import SchemaHead
from gospel_rollback_tui.infra.sql.schema import PostgresSchema
from gospel_rollback_tui.infra.sql.session import reading
from tests.infra.sql.conftest import ENVIRONMENT, schema_at
from tests.postgres_server import Database

VERSIONS = "CREATE TABLE schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL);"
SERVICE = ENVIRONMENT.services[0].name


def test_an_empty_database_has_no_head_and_stays_empty(schema: PostgresSchema, database: Database) -> None:
    """Unlike the command's own `version`, which makes its table."""
    assert schema.head(SERVICE) == SchemaHead(None, dirty=False, table="", read_only=False, others=(), at=5.0)
    assert schema.columns(SERVICE) == frozenset()
    assert database.run("SELECT count(*) FROM pg_class WHERE relname = 'schema_migrations'") == "0"


def test_the_head_is_what_the_table_says(schema: PostgresSchema, database: Database) -> None:
    """Version and dirty flag; a table without a row means no version."""
    database.run(VERSIONS)
    assert schema.head(SERVICE).version is None
    assert schema.head(SERVICE).table == "public.schema_migrations"
    database.run("INSERT INTO schema_migrations VALUES (42, true)")
    assert (schema.head(SERVICE).version, schema.head(SERVICE).dirty) == (42, True)


def test_a_table_that_is_locked_is_not_waited_for(schema: PostgresSchema, database: Database) -> None:
    """Somebody who locked it exclusively would hold us up without end."""
    database.run(VERSIONS)
    with database.connect() as holder:
        holder.execute("LOCK TABLE schema_migrations IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(NotSent, match="Somebody holds a lock in"):
            schema.head(SERVICE)


def test_a_session_cannot_write_whatever_it_is_told(database: Database) -> None:
    """The server itself refuses."""
    with pytest.raises(Refused, match="read-only transaction"), reading(schema_at(database.url).address_of(SERVICE)) as connection:
        connection.execute("CREATE TABLE never (a int)")


def test_two_tables_are_told_apart(schema: PostgresSchema, database: Database) -> None:
    """The one where golang-migrate itself would look is read; the other is named."""
    database.run(VERSIONS + "INSERT INTO schema_migrations VALUES (7, false); CREATE SCHEMA app; SET search_path = app;" + VERSIONS)
    head = schema.head(SERVICE)
    assert (head.version, head.table, head.others) == (7, "public.schema_migrations", ("golang-migrate (app.schema_migrations)",))
    other = schema_at(database.url + '&x-migrations-table="app"."schema_migrations"&x-migrations-table-quoted=true').head(SERVICE)
    assert (other.version, other.table, other.others) == (None, "app.schema_migrations", ("golang-migrate (public.schema_migrations)",))


def test_the_search_path_of_the_address_leads_to_the_table(database: Database) -> None:
    """Several services may share a database, each in a schema of its own; the other's version is not taken for ours."""
    database.run(VERSIONS + 'INSERT INTO schema_migrations VALUES (7, false); CREATE SCHEMA "Our App"; SET search_path = "Our App";' + VERSIONS)
    database.run('INSERT INTO "Our App".schema_migrations VALUES (3, false); CREATE TABLE "Our App".plans (id int)')
    ours = schema_at(f"{database.url}&search_path=%22Our%20App%22%2C%20public")
    assert (ours.head(SERVICE).version, ours.head(SERVICE).table) == (3, "Our App.schema_migrations")
    assert ours.identity(SERVICE).schema == "Our App"
    assert ("", "plans", "id", "integer") in ours.columns(SERVICE)


@pytest.mark.parametrize(
    ("made", "named"),
    [
        ("CREATE TABLE alembic_version (version_num varchar(32))", "Alembic (public.alembic_version)"),
        ("CREATE TABLE django_migrations (id bigint, app text, name text)", "Django (public.django_migrations)"),
        ("CREATE TABLE flyway_schema_history (installed_rank int, version text)", "Flyway (public.flyway_schema_history)"),
        ("CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY)", "dbmate (public.schema_migrations)"),
        ("CREATE TABLE schema_migrations (version varchar PRIMARY KEY); CREATE TABLE ar_internal_metadata (key text)", "Rails (public.schema_migrations)"),
        ("CREATE TABLE goose_db_version (id int)", "goose (public.goose_db_version)"),
    ],
)
def test_other_tools_are_recognised_by_their_tables(schema: PostgresSchema, database: Database, made: str, named: str) -> None:
    """Named and never run; their numbers are not read as ours."""
    database.run(made)
    head = schema.head(SERVICE)
    assert (head.version, head.table, head.others) == (None, "", (named,))


def test_a_replica_says_that_nothing_can_be_changed_there(schema: PostgresSchema, database: Database) -> None:
    """Also where only a setting forbids it."""
    database.server.run(f"ALTER DATABASE {database.name} SET default_transaction_read_only = on")
    assert schema.head(SERVICE).read_only


@pytest.mark.parametrize("slash", ["/", ""])
def test_whoever_holds_either_lock_of_golang_migrate_is_seen(schema: PostgresSchema, database: Database, slash: str) -> None:
    """The command's id and the one inside services differ."""
    assert schema.holders(SERVICE) == ()
    ids = dict(zip(("/", ""), migrate_lock_ids(database.name, "public", "schema_migrations"), strict=True))
    with database.connect() as holder:
        holder.execute("SET application_name = 'starting pod'")
        holder.execute("SELECT pg_advisory_lock(%s)", (ids[slash],))
        (seen,) = schema.holders(SERVICE)
        assert (seen.pid, seen.user, seen.application, seen.waits) == (holder.info.backend_pid, database.user, "starting pod", False)
        assert seen.words == f"pid {seen.pid} ({database.user}, starting pod, idle in transaction)"


def test_the_lock_ids_are_golang_migrates_own() -> None:
    """Computed for the service's database as version 4.18 does."""
    assert migrate_lock_ids("gospelib", "public", "schema_migrations") == (58163156, 162907609)


def test_a_long_transaction_is_told_with_the_tables_it_holds(schema: PostgresSchema, database: Database) -> None:
    """Whatever alters these waits behind it."""
    database.run("CREATE TABLE plans (id int)")
    with database.connect() as holder:
        holder.execute("SELECT count(*) FROM plans")
        (seen,) = schema.long_transactions(SERVICE, 0.0)
        assert (seen.pid, seen.state, seen.tables, seen.doing) == (
            holder.info.backend_pid,
            "idle in transaction",
            ("public.plans",),
            "SELECT count(*) FROM plans",
        )
        assert schema.long_transactions(SERVICE) == ()


def test_a_transaction_that_is_hidden_from_this_role_is_told_by_the_locks_it_holds(schema: PostgresSchema, database: Database) -> None:
    """Without pg_monitor neither its age nor its statement is to be seen; one that holds nothing is nobody's concern."""
    database.run("CREATE TABLE plans (id int)")
    with psycopg.connect(database.server.url(database.name), application_name="nightly report") as holder:
        holder.execute("SELECT 1")
        assert schema.long_transactions(SERVICE) == ()
        holder.execute("SELECT count(*) FROM plans")
        (seen,) = schema.long_transactions(SERVICE)
        assert (seen.pid, seen.application, seen.state, seen.tables, seen.doing) == (holder.info.backend_pid, "nightly report", "", ("public.plans",), "")


def test_who_is_connected_is_told_without_ourselves_and_the_servers_own(schema: PostgresSchema, database: Database) -> None:
    """Whoever is still there writes to this database and to no other."""
    assert schema.sessions(SERVICE) == ()
    with database.connect() as somebody:
        somebody.execute("SET application_name = 'billing-worker'")
        (seen,) = schema.sessions(SERVICE)
        assert (seen.pid, seen.user, seen.application) == (somebody.info.backend_pid, database.user, "billing-worker")


def test_columns_are_those_of_the_services_own_tables(schema: PostgresSchema, database: Database) -> None:
    """With their types as PostgreSQL writes them; without a schema as well where the table's name alone leads to it."""
    database.run('CREATE TABLE plans (id int, "Price" numeric(8,2)); CREATE VIEW cheap AS SELECT id FROM plans')
    database.run("CREATE SCHEMA archive; CREATE TABLE archive.plans (tax int)")
    found = {("plans", "id", "integer"), ("plans", "Price", "numeric(8,2)"), ("cheap", "id", "integer")}
    assert schema.columns(SERVICE) == {(name, *one) for one in found for name in ("public", "")} | {("archive", "plans", "tax", "integer")}


def test_rows_and_values_are_counted_exactly_while_there_is_time(schema: PostgresSchema, database: Database) -> None:
    """Values that are null are not lost with their column."""
    database.run("CREATE TABLE plans (id int, tax int); INSERT INTO plans SELECT n, nullif(n % 4, 0) FROM generate_series(1, 100) n")
    counts = schema.count(SERVICE, (Loss("plans", "", "DROP TABLE"), Loss("public.plans", "tax", "DROP COLUMN")), 5.0)
    assert counts == (Count("plans", "", 100, Method.EXACT), Count("public.plans", "tax", 75, Method.EXACT))
    assert counts[1].words == "75 values (exact count)"


def test_what_takes_too_long_is_estimated_and_says_so(schema: PostgresSchema, database: Database) -> None:
    """By PostgreSQL's own statistics; before it was analysed, nobody knows."""
    database.run("CREATE TABLE plans (id int, tax int); INSERT INTO plans SELECT n, nullif(n % 4, 0) FROM generate_series(1, 100) n")
    losses = (Loss("plans", "", "DROP TABLE"), Loss("plans", "tax", "DROP COLUMN"))
    assert [count.rows for count in schema.count(SERVICE, losses, 0.0)] == [None, None]
    database.run("ANALYZE plans")
    assert [count.words for count in schema.count(SERVICE, losses, 0.0)] == [
        "about 100 rows (estimate: not counted within 0 s)",
        "about 75 values (estimate: not counted within 0 s)",
    ]
    assert schema.estimates(SERVICE, ("plans",))["plans"] == Count("plans", "", 100, Method.ESTIMATE)


def test_a_slow_count_ends_at_its_deadline(schema: PostgresSchema, database: Database) -> None:
    """And what comes after it is still answered, by an estimate."""
    database.run(
        "CREATE TABLE plans (id int); INSERT INTO plans VALUES (1); ANALYZE plans;"
        "CREATE FUNCTION slow(int) RETURNS int LANGUAGE sql VOLATILE AS 'SELECT 1 FROM pg_sleep(60)';"
        "CREATE VIEW slowly AS SELECT slow(id) AS id, id AS n FROM plans"
    )
    slow, quick = schema.count(SERVICE, (Loss("slowly", "id", "DROP COLUMN"), Loss("plans", "", "DROP TABLE")), 0.5)
    assert (slow.rows, slow.method) == (None, Method.UNKNOWN)
    assert (quick.rows, quick.method) == (1, Method.ESTIMATE)


def test_what_cannot_be_counted_is_unknown_and_never_none(schema: PostgresSchema, database: Database) -> None:
    """A table that is not there, a kind that has no rows, and rows that policies hide."""
    database.run("CREATE TABLE hidden (id int); ALTER TABLE hidden ENABLE ROW LEVEL SECURITY; ALTER TABLE hidden FORCE ROW LEVEL SECURITY")
    losses = (
        Loss("nowhere", "", "DROP TABLE"),
        Loss("numbers", "", "DROP SEQUENCE", what="sequence"),
        Loss("hidden", "", "DROP TABLE"),
        Loss("a.b.c.d", "", ""),
    )
    found = schema.count(SERVICE, losses, 5.0)
    assert [count.rows for count in found] == [None] * 4
    assert [count.why for count in found] == [
        "it is not there",
        "nobody can count what a sequence holds",
        "row security hides rows from this role, and never analysed",
        "it is not there",
    ]


def test_the_database_says_which_it_is(schema: PostgresSchema, database: Database) -> None:
    """The server's own identifier, so that another database is never taken for it."""
    found = schema.identity(SERVICE)
    assert (found.name, found.user, found.schema, found.server) == (database.name, database.user, "public", f"127.0.0.1:{database.server.port}")
    assert found.version[:2].isdigit()
    assert found.position
    assert not found.encrypted
    assert found.system == database.server.run("SELECT system_identifier FROM pg_control_system()") or found.system == ""
