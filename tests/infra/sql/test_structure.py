"""pg_dump tells what a table is made of: without a password in its arguments, without its session's settings in our transaction."""

from pathlib import Path

import pytest

from gospel_rollback_tui.domain.errors import NotSent
from gospel_rollback_tui.infra.sql import structure as module
from gospel_rollback_tui.infra.sql.structure import structure
from tests.infra.sql.conftest import ENVIRONMENT, schema_at
from tests.postgres_server import Database

SERVICE = ENVIRONMENT.services[0].name


def test_what_a_table_is_made_of_is_told_without_its_session(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever would change timeouts, or is no SQL, is left out."""
    monkeypatch.setattr(module, "pg_dump", lambda: database.server.programs.program("pg_dump"))
    database.run("CREATE TABLE plans (id serial PRIMARY KEY, tax int CHECK (tax > 0)); CREATE INDEX plans_by_tax ON plans (tax)")
    told = structure(schema_at(database.url).address_of(SERVICE), '"public"."plans"')
    assert "CREATE TABLE public.plans" in told
    assert "CREATE INDEX plans_by_tax" in told
    assert "CREATE SEQUENCE public.plans_id_seq" in told
    assert not any(line.startswith(("SET ", "\\", "--")) or "set_config" in line for line in told.splitlines())
    database.run(f"DROP TABLE plans; {told}")


def test_the_password_is_not_among_its_arguments(database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Every user of the host can read them."""
    spy, seen = tmp_path / "pg_dump", tmp_path / "seen"
    spy.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {seen}\nexec {database.server.programs.program("pg_dump")} "$@"\n')
    spy.chmod(0o700)
    monkeypatch.setattr(module, "pg_dump", lambda: str(spy))
    database.run("CREATE TABLE plans (id int PRIMARY KEY)")
    assert "CREATE TABLE" in structure(schema_at(database.url).address_of(SERVICE), "public.plans")
    assert "planted" not in seen.read_text()


def test_without_pg_dump_the_table_is_left_to_hands(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says how to go on; a table that is not there is told by pg_dump itself."""
    address = schema_at(database.url).address_of(SERVICE)
    monkeypatch.setattr(module, "pg_dump", lambda: database.server.programs.program("pg_dump"))
    with pytest.raises(NotSent, match="no matching tables were found"):
        structure(address, "public.never")
    monkeypatch.setattr(module, "pg_dump", str)
    with pytest.raises(NotSent, match="There is no pg_dump on this machine") as caught:
        structure(address, "public.plans")
    assert caught.value.next_step.startswith("Make the table by hand from its migration")
