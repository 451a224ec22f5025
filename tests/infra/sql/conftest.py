"""One service whose database is the test's own."""

import pytest

from gospel_rollback_tui.domain.estate import Cluster, Environment, Service, Tier
from gospel_rollback_tui.infra.sql.address import database_address
from gospel_rollback_tui.infra.sql.schema import PostgresSchema
from tests.postgres_server import Database

ENVIRONMENT = Environment(
    "production",
    "PRODUCTION",
    Tier.PRODUCTION,
    Cluster("c", "n"),
    (
        Service("auth", "gospelib-auth", "auth", "app=auth", migrations="services/auth/migrations", database="auth"),
        Service("web-app", "gospelib-web", "web", "app=web"),
    ),
)


def schema_at(url: str) -> PostgresSchema:
    """Returns the reads of the service whose address is given."""
    return PostgresSchema(lambda service: database_address(ENVIRONMENT, service, {"PG_URL_AUTH": url}), now=lambda: 5.0)


@pytest.fixture
def schema(database: Database) -> PostgresSchema:
    """The reads of the test's database."""
    return schema_at(database.url)
