"""What stands between two releases: the migrations that git ships at both, against what the database says."""

from dataclasses import replace
from pathlib import Path

import pytest

from gospel_rollback_tui.domain.databases import Column
from gospel_rollback_tui.domain.errors import NoRoute
from gospel_rollback_tui.domain.estate import Service
from gospel_rollback_tui.domain.migrations.heads import SchemaHead
from gospel_rollback_tui.domain.release_change import ReleaseChange, migrates_at_start, service_change
from gospel_rollback_tui.infra.repository.repository import GitRepository
from gospel_rollback_tui.infra.schema_gates import FETCH_AGAIN_SECONDS, SchemaGates
from tests.infra.repository.remotes import Remote

AUTH = Service("auth", "gospelib-auth", "auth", "app=gospelib-auth", migrations="services/auth/migrations", database="auth")
GATEWAY = Service("gateway", "gospelib-gateway", "gateway", "app=gospelib-gateway")
FOLDER = "services/auth/migrations"
FIRST = {
    f"{FOLDER}/000041_sessions.up.sql": "CREATE TABLE sessions (id uuid PRIMARY KEY);",
    f"{FOLDER}/000041_sessions.down.sql": "DROP TABLE sessions;",
}
SECOND = {
    f"{FOLDER}/000042_devices.up.sql": "ALTER TABLE sessions RENAME COLUMN id TO session_id;",
    f"{FOLDER}/000042_devices.down.sql": "ALTER TABLE sessions RENAME COLUMN session_id TO id;",
}


def image(tag: str, service: str = "auth") -> str:
    """Returns an image reference."""
    return f"registry.test/gospelib-{service}:{tag}"


def back(service: Service = AUTH, running: str = "v2.17.0", target: str = "v2.16.0") -> ReleaseChange:
    """Returns the change from the release with the second migration to the one before."""
    return ReleaseChange(service, image(running, service.name), image(target, service.name))


class Database:
    """Where the schema stands, counting how often it was asked."""

    def __init__(self, version: int = 42) -> None:
        """Stands at that version."""
        self.version = version
        self.asked = 0
        self.away = False

    def head(self, service: Service) -> SchemaHead:
        """Returns where it stands, or that it is away."""
        self.asked += 1
        if self.away:
            raise NoRoute(f"The database {service.database} does not answer.")
        return SchemaHead(self.version, table="public.schema_migrations")


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    """A remote with two releases of auth, of which the second brings a migration, and a third that brings none."""
    made = Remote.make(tmp_path)
    made.commit("Release v2.16.0", FIRST, tag="release/v2.16.0")
    made.commit("Release v2.17.0", SECOND, tag="release/v2.17.0")
    made.commit("Release v2.18.0", {"README.md": "Docs only\n"}, tag="release/v2.18.0")
    return made


@pytest.fixture
def database() -> Database:
    """A database at version 42."""
    return Database()


@pytest.fixture
def gates(remote: Remote, database: Database, tmp_path: Path) -> SchemaGates:
    """Gates on a clone of the remote."""
    return SchemaGates(remote.repository(tmp_path / "clones"), database.head)


def test_a_migration_of_the_running_release_lies_between(gates: SchemaGates) -> None:
    """Both folders come from git by the images' tags; the migration that only the running release ships is classified."""
    gate = gates.between((back(),))
    assert gate is not None
    assert [one.migration.version for one in gate.crossing] == [42]
    assert (gate.scenario, gate.target) == ("bad-code-reversible-migration", 41)
    assert "id" in gate.refuses


def test_releases_with_the_same_migrations_need_no_database(gates: SchemaGates, database: Database) -> None:
    """What git ships decides it; a database that is away keeps nobody from going back."""
    database.away = True
    gate = gates.between((back(running="v2.18.0", target="v2.17.0"),))
    assert gate is not None
    assert (gate.crossing, gate.scenario, gate.refuses, gate.unknown) == ((), "bad-code", "", "")
    assert gate.words == "auth: both releases ship the same migrations; the database was not read (The database auth does not answer)"


def test_a_service_without_a_folder_in_either_release_has_no_gate(gates: SchemaGates, database: Database) -> None:
    """Nothing is asked of any database for it."""
    assert gates.between((back(GATEWAY),)) is None
    assert database.asked == 0


def test_a_folder_that_nobody_configured_is_found_by_its_usual_place(gates: SchemaGates) -> None:
    """A configuration that says nothing of a service's migrations does not make them go away."""
    gate = gates.between((back(replace(AUTH, migrations="")),))
    assert gate is not None
    assert [one.migration.version for one in gate.crossing] == [42]


def test_a_configured_folder_that_is_in_neither_release_is_no_proof(gates: SchemaGates) -> None:
    """A mistyped folder must not look like a release without migrations."""
    gate = gates.between((back(replace(AUTH, migrations="services/auth/migration")),))
    assert gate is not None
    assert "services/auth/migration is in neither release" in gate.unknown


def test_a_database_that_is_away_leaves_it_unknown(gates: SchemaGates, database: Database) -> None:
    """What lies between may or may not have been applied: the reason is said."""
    database.away = True
    gate = gates.between((back(),))
    assert gate is not None
    assert "does not answer" in gate.unknown


def test_an_image_without_a_tag_in_git_leaves_it_unknown(gates: SchemaGates) -> None:
    """The release is not found, and that is said."""
    gate = gates.between((back(running="v9.9.9"),))
    assert gate is not None
    assert "gospelib-auth:v9.9.9" in gate.unknown


def test_a_tag_that_came_after_the_last_fetch_is_fetched(gates: SchemaGates, remote: Remote) -> None:
    """The clone of a rollback may be older than the release it is about."""
    assert gates.between((back(),)) is not None
    remote.commit("Release v2.19.0", {f"{FOLDER}/000043_x.up.sql": "DROP TABLE sessions;"}, tag="release/v2.19.0")
    gate = gates.between((back(running="v2.19.0", target="v2.18.0"),))
    assert gate is not None
    assert gate.unknown == ""


class Asked(GitRepository):
    """A repository that counts how often its remote is asked."""

    fetched = 0

    def fetch(self) -> None:
        """Counts."""
        self.fetched += 1
        super().fetch()


def test_a_release_that_git_does_not_know_is_not_fetched_for_at_every_look(remote: Remote, database: Database, tmp_path: Path) -> None:
    """The look before something is sent would wait for the remote again; a digest without a tag names no release that a fetch could bring."""
    repository = Asked(remote.repository(tmp_path / "clones").place, tmp_path / "clones")
    now = [100.0]
    gates = SchemaGates(repository, database.head, clock=lambda: now[0])
    first, second = gates.between((back(running="v9.9.9"),)), gates.between((back(running="v9.9.9"),))
    assert (repository.fetched, first) == (1, second)
    now[0] += FETCH_AGAIN_SECONDS
    gates.between((back(running="v9.9.9"),))
    assert repository.fetched == 2
    gate = gates.between((replace(back(), running="registry.test:5000/gospelib-auth@sha256:0123"),))
    assert gate is not None
    assert "the image gospelib-auth@sha256:0123 has no tag" in gate.unknown
    assert repository.fetched == 2


def test_a_git_that_fails_has_not_said_that_there_are_no_migrations(remote: Remote, database: Database, tmp_path: Path) -> None:
    """What it would say next time is not known either: nothing of it is kept."""
    place = remote.repository(tmp_path / "clones").place
    failing = tmp_path / "git"
    failing.write_text('#!/bin/sh\ncase "$*" in *ls-tree*) exit 1;; esac\nexec git "$@"\n')
    failing.chmod(0o700)
    gates = SchemaGates(GitRepository(place, tmp_path / "clones", program=str(failing)), database.head)
    gate = gates.between((back(),))
    assert gate is not None
    assert "git ls-tree failed" in gate.unknown
    failing.write_text('#!/bin/sh\nexec git "$@"\n')
    gate = gates.between((back(),))
    assert gate is not None
    assert gate.unknown == ""


def test_the_head_is_read_anew_and_the_files_are_not(gates: SchemaGates, database: Database) -> None:
    """A commit never changes; the schema does, even between the prompt and its confirmation."""
    first = gates.between((back(),))
    database.version = 41
    second = gates.between((back(),))
    assert first is not None
    assert second is not None
    assert (len(first.crossing), len(second.crossing)) == (1, 0)
    assert first.words != second.words


def test_a_column_that_a_repair_has_brought_back_is_not_gone(remote: Remote, tmp_path: Path) -> None:
    """The version still says that it was dropped; the catalogue says what old code meets."""
    drop = {f"{FOLDER}/000043_drop.up.sql": "ALTER TABLE sessions DROP COLUMN device;", f"{FOLDER}/000043_drop.down.sql": "SELECT 1;"}
    remote.commit("Release v2.30.0", {**FIRST, **SECOND, **drop}, tag="release/v2.30.0")
    there: set[Column] = {("", "sessions", "session_id", "uuid")}
    gates = SchemaGates(remote.repository(tmp_path / "clones"), Database(43).head, lambda _: there)
    change = back(running="v2.30.0", target="v2.17.0")
    gate = gates.between((change,))
    assert gate is not None
    assert "column sessions.device, which is gone" in gate.refuses
    there.add(("", "sessions", "device", "text"))
    again = gates.between((change,))
    assert again is not None
    assert (again.refuses, again.scenario) == ("", gate.scenario)
    assert again.cells[1].why == "what was dropped is there again"


def test_an_init_container_that_migrates_is_seen() -> None:
    """By its name, its image or its command; an ordinary service is not taken for one."""
    plain = {"spec": {"containers": [{"name": "auth", "image": "registry.test/gospelib-auth:v2.17.0", "args": ["serve"]}]}}
    init = {"spec": {"initContainers": [{"name": "migrate", "image": "registry.test/gospelib-auth:v2.17.0"}]}}
    command = {"spec": {"containers": [{"name": "auth", "command": ["/bin/auth", "--migrate-on-start"]}]}}
    assert (migrates_at_start(plain), migrates_at_start(init), migrates_at_start(command)) == (False, True, True)


@pytest.mark.parametrize(("written", "seen", "judged"), [(True, "serve", True), (False, "--migrate-on-start", False), (None, "--migrate-on-start", True)])
def test_what_a_program_does_before_it_serves_is_told_by_its_configuration(written: bool | None, seen: str, judged: bool) -> None:
    """Nobody sees it from outside; what is written overrules what its command seems to say."""
    service = replace(AUTH, migrates_at_start=written)
    was, becomes = ({"spec": {"containers": [{"name": AUTH.container, "image": f"registry.test/auth:{tag}", "args": [seen]}]}} for tag in ("v2", "v1"))
    change = service_change(service, was, becomes)
    assert change is not None
    assert change.migrates_at_start is judged
