"""Where a service's database is: found in the order of the documentation, and never repeated in a complaint."""

from dataclasses import replace
from pathlib import Path

import pytest

from gospel_rollback_tui.domain.errors import UsageError
from gospel_rollback_tui.infra.sql.address import DatabaseAddress, database_address
from tests.infra.sql.conftest import ENVIRONMENT

SECRET = "planted:@/\\?#%&"
ENCODED = "planted%3A%40%2F%5C%3F%23%25%26"
URL = f"postgres://auth_owner:{ENCODED}@db.example:6000/auth?sslmode=verify-full&sslrootcert=/etc/rds.pem"


def test_the_services_own_variable_comes_first() -> None:
    """Every part is taken apart and decoded."""
    found = database_address(ENVIRONMENT, "auth", {"PG_URL_AUTH": f" {URL}\n"})
    assert (found.host, found.port, found.dbname, found.user, found.password) == ("db.example", 6000, "auth", "auth_owner", SECRET)
    assert (found.sslmode, found.sslrootcert, found.source) == ("verify-full", "/etc/rds.pem", "PG_URL_AUTH")
    assert (found.table, found.schema) == ("schema_migrations", "")
    assert SECRET not in repr(found)
    assert "planted" not in found.words


@pytest.mark.parametrize("written", ["search_path=app%2C%20public", "options=-c%20search_path%3Dapp%2C%5C%20public%20-c%20geqo%3Doff"])
def test_where_names_lead_is_taken_from_the_address(written: str) -> None:
    """As migrate's driver, or the client library, has it written."""
    assert database_address(ENVIRONMENT, "auth", {"PG_URL_AUTH": f"{URL}&{written}"}).search_path == "app, public"


def test_a_password_may_stand_among_the_parameters() -> None:
    """The client library takes it there as well; it is shown as little as any."""
    found = database_address(ENVIRONMENT, "auth", {"PG_URL_AUTH": f"postgres://auth_owner@db.example/auth?password={ENCODED}"})
    assert found.password == SECRET
    assert SECRET not in repr(found)


def test_a_file_comes_next(tmp_path: Path) -> None:
    """It holds the address and nothing else; a hyphen in a service's name is an underscore in its variable."""
    file = tmp_path / "web.url"
    file.write_text(f"{URL}\n")
    environment = replace(ENVIRONMENT, services=(replace(ENVIRONMENT.service("web-app"), database_url_file=str(file), migrations_table="shop.versions"),))
    found = database_address(environment, "web-app", {})
    assert (found.source, found.schema, found.table) == (str(file), "shop", "versions")
    assert database_address(environment, "web-app", {"PG_URL_WEB_APP": URL}).source == "PG_URL_WEB_APP"


def test_the_names_of_the_instance_come_last() -> None:
    """The password is then in the operator's own file, and the server must prove itself."""
    environment = replace(ENVIRONMENT, names=(("rds.host", "db.example"), ("rds.user", "admin")))
    found = database_address(environment, "auth", {})
    assert (found.host, found.user, found.dbname, found.password, found.sslmode) == ("db.example", "admin", "auth", "", "verify-full")
    with pytest.raises(UsageError) as raised:
        database_address(environment, "web-app", {})
    assert raised.value.next_step == "Set PG_URL_WEB_APP, or services.web-app.database_url_file, or services.web-app.database."


@pytest.mark.parametrize(
    "written",
    [
        "planted",
        "mysql://u:planted@h/d",
        "postgres://u:planted@h",
        "postgres://h/planted",
        "postgres://u:p@h:planted/d",
        "postgres://u:planted#x@h/d",
        "postgres://u:planted]x@[h/d",
        "host=h password=planted",
    ],
)
def test_what_is_no_address_is_said_without_repeating_it(written: str) -> None:
    """Neither in the words, nor in what led to them."""
    with pytest.raises(UsageError) as raised:
        database_address(ENVIRONMENT, "auth", {"PG_URL_AUTH": written})
    assert "PG_URL_AUTH holds no address" in raised.value.text
    shown = [raised.value.sentences()]
    error: BaseException | None = raised.value
    while error is not None:
        shown.append(repr(error))
        error = error.__cause__ or error.__context__
    assert "planted" not in " ".join(shown)


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    """With the key that names it."""
    environment = replace(ENVIRONMENT, services=(replace(ENVIRONMENT.service("auth"), database_url_file=str(tmp_path / "none")),))
    with pytest.raises(UsageError, match=r"none \(services.auth.database_url_file\) cannot be read: No such file"):
        database_address(environment, "auth", {})
    (tmp_path / "none").write_text("\n")
    with pytest.raises(UsageError, match="holds no address"):
        database_address(environment, "auth", {})


def test_a_service_that_is_not_there_is_said() -> None:
    """Instead of a fault."""
    with pytest.raises(UsageError, match="no service 'nobody'"):
        database_address(ENVIRONMENT, "nobody", {})


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("x-migrations-table=versions", ("", "versions")),
        ('x-migrations-table="app"."versions"&x-migrations-table-quoted=1', ("app", "versions")),
        ("x-migrations-table=a.b", ("", "a.b")),
    ],
)
def test_the_address_may_name_the_table_as_golang_migrate_reads_it(query: str, expected: tuple[str, str]) -> None:
    """Services configure their own migrating by these parameters."""
    found = database_address(ENVIRONMENT, "auth", {"PG_URL_AUTH": f"postgresql://u@h/d?{query}"})
    assert (found.schema, found.table) == expected


@pytest.mark.parametrize(
    ("url", "unproved", "pooled"),
    [
        ("postgres://u@db.example/d", True, False),
        ("postgres://u@db.example/d?sslmode=require", True, False),
        ("postgres://u@db.example/d?sslmode=verify-full", False, False),
        ("postgres://u@localhost:6432/d", False, True),
        ("postgres://u@ignored/d?host=/run/postgresql", False, False),
    ],
)
def test_what_is_wrong_with_the_way_is_told(url: str, unproved: bool, pooled: bool) -> None:
    """Who could be taken for the server, and what looks like a pooler."""
    found: DatabaseAddress = database_address(ENVIRONMENT, "auth", {"PG_URL_AUTH": url})
    assert (found.unproved, found.pooled) == (unproved, pooled)
