"""The services' databases as they are behind the screen: what a test looks at that an operator at the keys cannot see."""

from pathlib import Path

import psycopg

from tests.e2e.drilling import Drill


def url_of(drill: Drill, service: str) -> str:
    """Returns the address of a service's database, with the password."""
    return Path(dict(drill.endpoints.database_urls)[service]).read_text(encoding="utf-8").strip()


def rows(drill: Drill, service: str, query: str) -> list[tuple[object, ...]]:
    """Returns what the database answers that the service's address leads to now."""
    with psycopg.connect(url_of(drill, service), autocommit=True) as connection:
        return list(connection.execute(query.encode()))


def columns(drill: Drill, service: str, table: str) -> list[str]:
    """Returns the columns of a table, as the catalogue has them."""
    found = rows(drill, service, f"SELECT column_name FROM information_schema.columns WHERE table_name = '{table}' ORDER BY ordinal_position")
    return [str(name) for (name,) in found]
