"""Tables that tools for migrations leave behind."""

from gospel_rollback_tui.domain.migration_tables import MigrationTable, chosen_table, other_tables, runner_of

OURS = MigrationTable("public", "schema_migrations", ("version bigint", "dirty boolean"))
APP = MigrationTable("app", "schema_migrations", ("dirty boolean", "version bigint"))


def test_the_columns_tell_golang_migrate_from_those_who_share_its_tables_name() -> None:
    """Dbmate and Rails count in a text column, a row a migration."""
    text = MigrationTable("public", "schema_migrations", ("version character varying",))
    assert [runner_of(table) for table in (OURS, APP, text)] == ["golang-migrate", "golang-migrate", "dbmate"]
    assert runner_of(text, (text, MigrationTable("public", "ar_internal_metadata", ("key text",)))) == "Rails"
    assert runner_of(MigrationTable("public", "plans", ("id bigint",))) == ""


def test_the_table_is_looked_for_where_golang_migrate_would() -> None:
    """In the configured schema, or where unqualified names lead first; nowhere else."""
    tables = (APP, OURS)
    assert chosen_table(tables, "", "schema_migrations", "public") == OURS
    assert chosen_table(tables, "app", "schema_migrations", "public") == APP
    assert chosen_table(tables, "", "versions", "public") is None
    assert chosen_table((APP,), "", "schema_migrations", "public") is None


def test_what_is_not_read_is_named() -> None:
    """So that two tables are never taken for one."""
    alembic = MigrationTable("public", "alembic_version", ("version_num character varying",))
    assert other_tables((APP, OURS, alembic), OURS) == ("golang-migrate (app.schema_migrations)", "Alembic (public.alembic_version)")
