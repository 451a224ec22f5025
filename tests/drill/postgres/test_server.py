"""The drill's own PostgreSQL: it asks for passwords, listens on loopback alone, and ends with whoever started it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from gospel_rollback_tui.drill.postgres import programs
from gospel_rollback_tui.drill.postgres.programs import PostgresMissing, PostgresPrograms
from gospel_rollback_tui.drill.postgres.server import PostgresServer, PostgresTrouble
from tests.drill.waiting import wait_for
from tests.postgres_server import Database


def test_a_database_has_an_owner_whose_password_counts(database: Database) -> None:
    """Whatever signs it holds; a wrong one is refused, so that tests of refusals prove something."""
    with database.connect() as connection:
        assert connection.execute("SELECT current_user, current_database()").fetchone() == (database.user, database.name)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(database.server.url(database.name, database.user, "wrong"))


def test_it_listens_on_loopback_alone(postgres: PostgresServer) -> None:
    """A drill is nobody else's business."""
    assert postgres.run("SHOW listen_addresses") == "127.0.0.1"


def test_what_it_refuses_is_said(postgres: PostgresServer) -> None:
    """With the server's own words, and without going on behind the refused statement."""
    with pytest.raises(PostgresTrouble, match='relation "nowhere" does not exist'):
        postgres.run("SELECT 1 FROM nowhere; CREATE ROLE never_made")
    assert postgres.run("SELECT count(*) FROM pg_roles WHERE rolname = 'never_made'") == "0"


def test_it_ends_with_an_owner_that_could_not_say_good_bye(tmp_path: Path, postgres: PostgresServer) -> None:
    """Killed with -9: neither the server nor its folder stays."""
    code = (
        "import sys, time; from gospel_rollback_tui.drill.postgres.server import PostgresServer\n"
        "server = PostgresServer(); print(server.folder, (server.folder / 'data/postmaster.pid').read_text().split()[0], flush=True); time.sleep(600)"
    )
    owner = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    with owner:
        assert owner.stdout is not None
        folder, pid = owner.stdout.readline().split()
        assert Path(folder).exists()
        assert Path(f"/proc/{pid}").exists()
        owner.send_signal(signal.SIGKILL)
    wait_for(lambda: not Path(folder).exists() and not Path(f"/proc/{pid}").exists())


def test_a_machine_without_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The package of the system, or the wheel."""
    monkeypatch.setattr(programs, "_DEBIAN", tmp_path)
    monkeypatch.setattr(programs, "_BUNDLE", "no_such_package")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PostgresMissing, match="no PostgreSQL") as raised:
        programs.find_programs()
    assert "Debian: postgresql" in raised.value.next_step


def test_a_server_that_cannot_start_says_why() -> None:
    """With what it wrote itself; nothing of it stays."""
    with pytest.raises(PostgresTrouble, match="unrecognized configuration parameter"):
        PostgresServer(settings={"no_such_setting": "1"})


def test_programs_that_are_not_whole_do_not_count(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A client's package brings psql and no server; the newest whole one is taken."""
    for version, names in (("9", programs.NEEDED), ("16", programs.NEEDED), ("17", ("psql",))):
        folder = tmp_path / version / "bin"
        folder.mkdir(parents=True)
        for name in names:
            (folder / name).touch(mode=0o755)
    monkeypatch.setattr(programs, "_DEBIAN", tmp_path)
    assert programs.find_programs() == PostgresPrograms(tmp_path / "16" / "bin")
    assert os.access(programs.find_programs().program("psql"), os.X_OK)
