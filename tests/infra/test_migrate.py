"""How migrate is found, proved and called: the address without the password, the password in a file that is in no folder."""

from dataclasses import replace
from pathlib import Path

import pytest

from gospel_rollback_tui.domain.errors import NotSent, Refused
from gospel_rollback_tui.domain.processes import MigrateOrder, MigrateProgram
from gospel_rollback_tui.infra.migrate import MigrateCommand, database_url
from gospel_rollback_tui.infra.sql.address import DatabaseAddress
from tests.infra.processes.test_command import until

ADDRESS = DatabaseAddress("auth", "db.example", 5432, "auth", "au:th@x", "verify-full", "/etc/rds ca.pem", "planted:\\pass", "PG_URL_AUTH")
NAME = "migrate-1-migrate"


def order(folder: Path, *verb: str) -> MigrateOrder:
    """Returns an order on that folder."""
    return MigrateOrder("auth", folder, verb or ("goto", "41"), 540.0, encrypted=True)


def runner(folder: Path, address: DatabaseAddress = ADDRESS) -> MigrateCommand:
    """Returns the runner of a run in that folder."""
    return MigrateCommand(lambda _: address, folder)


def program(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Puts a `migrate` of that script first on PATH."""
    path = folder / "path" / "migrate"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{path.parent}:/usr/bin:/bin")
    return path


PROVES_ITSELF = 'case "$1" in -version) echo 4.18.1 >&2; exit;; -help) echo "Database drivers: stub, postgres, postgresql" >&2; exit;; esac\n'


def test_the_command_holds_the_address_and_no_password(tmp_path: Path) -> None:
    """Every part percent-encoded; the lock's patience in seconds."""
    argv = runner(tmp_path).command(order(Path("/run/a b")), "/opt/migrate")
    assert argv == (
        "/opt/migrate",
        "-source",
        "file:///run/a%20b",
        "-database",
        "postgres://au%3Ath%40x@db.example:5432/auth?sslmode=verify-full&sslrootcert=%2Fetc%2Frds+ca.pem&x-migrations-table=schema_migrations",
        "-lock-timeout",
        "30",
        "goto",
        "41",
    )


@pytest.mark.parametrize(
    ("mode", "encrypted", "expected"), [("", True, "require"), ("prefer", False, "disable"), ("allow", True, "require"), ("verify-ca", False, "verify-ca")]
)
def test_modes_of_tls_that_the_driver_does_not_know_become_what_the_server_speaks(mode: str, encrypted: bool, expected: str) -> None:
    """`prefer` is the client library's default, and the driver refuses the word."""
    assert f"sslmode={expected}&" in database_url(replace(ADDRESS, sslmode=mode), encrypted=encrypted)


def test_a_table_in_a_schema_is_quoted_and_an_ipv6_host_bracketed() -> None:
    """As golang-migrate's own parameters want it."""
    url = database_url(replace(ADDRESS, schema="app", table="versions", host="fd00::7"), encrypted=True)
    assert "@[fd00::7]:5432/" in url
    assert "x-migrations-table=%22app%22.%22versions%22&x-migrations-table-quoted=true" in url


def test_migrate_looks_where_the_address_leads() -> None:
    """Otherwise it would make a second table of versions in another schema, and migrate that."""
    assert "&search_path=app%2Cpublic&" in database_url(replace(ADDRESS, search_path="app,public"), encrypted=True)


def test_the_child_gets_timeouts_and_the_password_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No file of it is in any folder; what the operator's own variables say of PostgreSQL is not passed on."""
    (tmp_path / "run").mkdir(mode=0o700)
    program(
        tmp_path,
        PROVES_ITSELF + 'echo "$PGOPTIONS|$PGPASSWORD|$(stat -L -c %a "$PGPASSFILE")|$(wc -l <"$PGPASSFILE")"; cut -c1-24 "$PGPASSFILE" >seen; pwd; ls',
        monkeypatch,
    )
    monkeypatch.setenv("PGPASSWORD", "other")
    monkeypatch.setenv("PGOPTIONS", "-c lock_timeout=0")
    command = runner(tmp_path / "run")
    command.start(NAME, order(command.source(NAME)), {"1_a.up.sql": "SELECT 1;\r\n"})
    until(lambda: not getattr(command.look(NAME, "auth"), "running", True))
    found = command.look(NAME, "auth")
    assert found is not None
    folder = tmp_path / "run" / "migrations" / NAME
    assert found.lines == ("-c lock_timeout=5000 -c statement_timeout=540000||600|1", str(folder), "1_a.up.sql", "seen")
    assert (folder / "seen").read_text() == "*:*:*:*:planted\\:\\\\pass\n"
    assert (folder / "1_a.up.sql").read_bytes() == b"SELECT 1;\r\n"


def test_without_a_password_the_operators_own_file_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As psql would."""
    (tmp_path / "run").mkdir(mode=0o700)
    program(tmp_path, PROVES_ITSELF + 'echo "$PGPASSFILE"', monkeypatch)
    monkeypatch.setenv("PGPASSFILE", "/home/ann/.pgpass")
    command = runner(tmp_path / "run", replace(ADDRESS, password=""))
    command.start(NAME, order(command.source(NAME)), {})
    until(lambda: getattr(command.look(NAME, "auth"), "lines", ()) == ("/home/ann/.pgpass",))


def test_only_a_runs_own_process_starts_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An app previews, and looks at nothing."""
    program(tmp_path, PROVES_ITSELF, monkeypatch)
    command = MigrateCommand(lambda _: ADDRESS, None)
    assert command.program() == MigrateProgram(str(tmp_path / "path" / "migrate"), "4.18.1")
    with pytest.raises(Refused, match="Only a run's own process"):
        command.start(NAME, order(tmp_path), {})
    assert command.look(NAME, "auth") is None
    assert not command.interrupt(NAME)


def test_a_password_that_no_file_can_hold_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Instead of a second line that means something else."""
    program(tmp_path, PROVES_ITSELF, monkeypatch)
    with pytest.raises(NotSent, match="holds a line break"):
        runner(tmp_path, replace(ADDRESS, password="a\nb")).start(NAME, order(tmp_path), {})


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is started."""
    program(tmp_path, PROVES_ITSELF, monkeypatch)
    (tmp_path / "migrations").write_text("")
    command = runner(tmp_path)
    with pytest.raises(NotSent, match=r"cannot be written: (Not a directory|File exists)"):
        command.start(NAME, order(command.source(NAME)), {"1_a.up.sql": ""})
    assert command.look(NAME, "auth") is None
