"""Passwords of the operator's own file, for an instance under another host name."""

from pathlib import Path

import pytest

from gospel_rollback_tui.infra.sql.address import DatabaseAddress
from gospel_rollback_tui.infra.sql.passfile import password_of
from gospel_rollback_tui.infra.sql.repair import address_beside

ADDRESS = DatabaseAddress("auth", "live.test", 5432, "auth", "gospelib_admin", "verify-full", "", "", "~/.pgpass")


@pytest.mark.parametrize(
    ("lines", "password"),
    [
        ("live.test:5432:auth:gospelib_admin:planted", "planted"),
        ("other.test:5432:auth:gospelib_admin:no\n*:*:*:*:planted", "planted"),
        ("# live.test:5432:auth:gospelib_admin:no\nlive.test:*:auth:*:pl\\:an\\\\ted", "pl:an\\ted"),
        ("live.test:5433:auth:gospelib_admin:no", ""),
        ("live.test:5432:auth", ""),
        ("", ""),
    ],
)
def test_the_first_line_that_fits_gives_it(tmp_path: Path, lines: str, password: str) -> None:
    """As the client library reads the file: wildcards, comments and escapes."""
    file = tmp_path / ".pgpass"
    file.write_text(lines)
    file.chmod(0o600)
    assert password_of(ADDRESS, {"HOME": str(tmp_path)}) == password
    assert password_of(ADDRESS, {"PGPASSFILE": str(file)}) == password


def test_a_file_that_others_may_read_gives_none(tmp_path: Path) -> None:
    """The client library passes it over, too."""
    file = tmp_path / ".pgpass"
    file.write_text("*:*:*:*:planted")
    file.chmod(0o644)
    assert password_of(ADDRESS, {"HOME": str(tmp_path)}) == ""
    assert password_of(ADDRESS, {"HOME": str(tmp_path / "nowhere")}) == ""


def test_the_restored_side_is_the_same_role_and_database_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the password that the file has for the live host; and it is not shown."""
    file = tmp_path / ".pgpass"
    file.write_text("live.test:*:*:*:planted")
    file.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(file))
    beside = address_beside(ADDRESS, "restored.test", 5433)
    assert (beside.host, beside.port, beside.dbname, beside.user, beside.sslmode, beside.password) == (
        "restored.test",
        5433,
        "auth",
        "gospelib_admin",
        "verify-full",
        "planted",
    )
    assert "planted" not in repr(beside)
