"""The databases of a drill: real ones, filled as the script's releases filled them."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from gospel_rollback_tui.domain.migrations.files import read_folder
from gospel_rollback_tui.drill.databases import Databases
from gospel_rollback_tui.drill.migration_scripts import MIGRATION_SCRIPTS, REVERSIBLE_MIGRATION
from gospel_rollback_tui.drill.postgres.server import PostgresServer
from gospel_rollback_tui.drill.script import BAD_TAG, GOOD_TAG, PodFate, Script
from gospel_rollback_tui.drill.scripts import find_script
from tests.drill.waiting import wait_for


@pytest.fixture(params=MIGRATION_SCRIPTS, ids=lambda script: script.id)
def script(request: pytest.FixtureRequest) -> Script:
    """Each script with databases."""
    found: Script = request.param
    return found


@pytest.fixture
def databases(script: Script, tmp_path: Path) -> Iterator[Databases]:
    """Its databases, served."""
    made = Databases(script.data, tmp_path)
    made.start()
    yield made
    made.close()


def served(databases: Databases) -> PostgresServer:
    """Returns the server."""
    assert databases.server is not None
    return databases.server


def test_every_script_stands_where_it_says(databases: Databases, script: Script) -> None:
    """Migrations and rows go through PostgreSQL itself; the table is golang-migrate's."""
    assert script.data is not None
    for service in script.data.services:
        assert served(databases).run("SELECT version, dirty FROM schema_migrations", service) == f"{script.data.head(service)}|f"
        assert databases.version(service) == script.data.head(service)


def test_addresses_lie_in_files_of_their_owner_alone(databases: Databases, script: Script) -> None:
    """They hold the password."""
    for path in databases.url_files.values():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert path.read_text().startswith("postgres://gospelib_admin:")


def test_a_migration_by_somebody_is_noticed(tmp_path: Path) -> None:
    """The services behave by the schema as it stands."""
    databases = Databases(REVERSIBLE_MIGRATION.data, tmp_path)
    databases.start()
    try:
        served(databases).run("UPDATE schema_migrations SET version = 41", "auth")
        wait_for(lambda: databases.version("auth") == 41)
    finally:
        databases.close()


def test_old_code_crashes_on_the_new_schema_and_runs_on_the_old_one() -> None:
    """What the gate says must be what the estate does."""
    fates = [REVERSIBLE_MIGRATION.behaviour("auth", GOOD_TAG, version).fate for version in (42, 41, None)]
    assert fates == [PodFate.CRASH_LOOP, PodFate.READY, PodFate.CRASH_LOOP]
    assert REVERSIBLE_MIGRATION.behaviour("auth", BAD_TAG, 41).answers


def test_a_script_without_databases_starts_none(tmp_path: Path) -> None:
    """The ordinary drill is ready in under a second."""
    databases = Databases(find_script("ready-but-failing").data, tmp_path)
    databases.start()
    assert (databases.server, databases.url_files, databases.version("auth")) == (None, {}, None)
    databases.close()


def test_what_a_release_ships_is_what_its_database_was_made_by(script: Script) -> None:
    """A missing way down is missing in git too."""
    assert script.data is not None
    for service in script.data.services:
        files = {f"{m.stem}.{way}.sql": text for m in script.data.of(service) for way, text in (("up", m.up), ("down", m.down)) if text is not None}
        assert read_folder(files).highest == script.data.of(service)[-1].version
