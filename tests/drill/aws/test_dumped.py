"""Simulated instances with real databases behind them: a restore brings the rows back, and a name leads to them."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gospel_rollback_tui.config.settings import load_settings
from gospel_rollback_tui.domain.instances import DbInstance, instance_from
from gospel_rollback_tui.domain.instances_points import stamp
from gospel_rollback_tui.drill.aws_side import IDENTIFIER
from gospel_rollback_tui.drill.databases import OWNER
from gospel_rollback_tui.drill.migration_scripts import IRREVERSIBLE_MIGRATION
from gospel_rollback_tui.drill.postgres.server import PostgresServer
from gospel_rollback_tui.drill.simulated import SimulatedEstate
from gospel_rollback_tui.infra.cloud.rds import RdsApi
from gospel_rollback_tui.infra.cloud.session import AwsSession
from tests.drill.waiting import wait_for

RESTORED = f"{IDENTIFIER}-restored"


class Night:
    """The estate of scenario 3 and its account."""

    def __init__(self, directory: Path) -> None:
        """Serves it; what takes Amazon minutes takes hundredths of a second."""
        self.estate = SimulatedEstate(directory, IRREVERSIBLE_MIGRATION, speed=200.0)
        endpoints = self.estate.start()
        environment = load_settings(endpoints.config_file, {}).environments[0]
        names = dict(environment.names)
        self.rds = RdsApi(AwsSession(names["aws.region"], endpoint=names["aws.endpoint"], nonce=environment.cluster.nonce))

    def instance(self, name: str = IDENTIFIER) -> DbInstance:
        """Returns the instance of that name."""
        raw = self.rds.instance(name)
        assert raw is not None
        return instance_from(raw)

    def settled(self, name: str) -> DbInstance:
        """Waits until the instance of that name is available, under no other name."""
        wait_for(lambda: self.rds.instance(name) is not None and self.instance(name).settled)
        return self.instance(name)

    def columns(self, instance: DbInstance) -> str:
        """Returns the columns of the plans that the instance's own database has."""
        backing = self.estate.aws.made()[1]
        server: PostgresServer = backing._servers[instance.resource_id]
        assert (server.host, server.port) == (instance.address, instance.port)
        return server.run("SELECT string_agg(column_name, ',' ORDER BY ordinal_position) FROM information_schema.columns WHERE table_name = 'plans'", "billing")


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    """Scenario 3."""
    served = Night(tmp_path / "estate")
    yield served
    served.estate.close()


def test_a_restore_to_just_before_the_release_has_the_column_that_it_dropped(night: Night) -> None:
    """And the live instance has not; a restore to the latest moment has not either."""
    released = time.time() - night.estate.aws.released_before
    wanted = {"SourceDBInstanceIdentifier": IDENTIFIER, "TargetDBInstanceIdentifier": RESTORED, "RestoreTime": stamp(released - 60)}
    night.rds.change("restore_db_instance_to_point_in_time", wanted)
    assert "plan_code" in night.columns(night.settled(RESTORED))
    assert "plan_code" not in night.columns(night.instance())
    later = {**wanted, "TargetDBInstanceIdentifier": "later", "RestoreTime": stamp(released + 60)}
    night.rds.change("restore_db_instance_to_point_in_time", later)
    assert "plan_code" not in night.columns(night.settled("later"))


def test_after_the_swap_the_services_address_leads_to_the_restored_database(night: Night) -> None:
    """As a name does whose instance is another one; what was written to it since the restore is there."""
    snapshot = night.rds.snapshots(night.instance().resource_id, IDENTIFIER)[0]
    name = str(snapshot["DBSnapshotIdentifier"])
    night.rds.change("restore_db_instance_from_db_snapshot", {"DBInstanceIdentifier": RESTORED, "DBSnapshotIdentifier": name})
    place = night.settled(RESTORED)
    assert place.port == night.instance().port
    for old, new in ((IDENTIFIER, f"{IDENTIFIER}-old"), (RESTORED, IDENTIFIER)):
        wait_for(lambda new=new: night.rds.instance(new) is None)  # type: ignore[misc]  # the name of this round
        night.rds.change("modify_db_instance", {"DBInstanceIdentifier": old, "NewDBInstanceIdentifier": new, "ApplyImmediately": True})
        night.settled(new)
    address = night.estate.databases.url_files["billing"].read_text()
    assert f"{place.address}:{place.port}/billing" in address
    assert address.startswith(f"postgres://{OWNER}:")
    wait_for(lambda: night.estate.databases.version("billing") == 18)
