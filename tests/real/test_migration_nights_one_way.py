"""The scripts of scenario 3 by keys alone, against a real PostgreSQL and the real migrate: why nothing leads back, and what takes a written reason."""

from pathlib import Path

import pytest

from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.drill.real.peers import Peers
from gospel_rollback_tui.drill.script import BAD_TAG, GOOD_TAG
from tests.e2e.databases import columns
from tests.e2e.delivering import prepare, take_listed_way
from tests.e2e.reasoning import ASKS, EITHER, give_reason
from tests.real.migrating import commands, head, intents, look, night, refused, stop_code, take_against_the_evidence


@pytest.mark.parametrize(
    ("script", "why", "left"),
    [
        ("irreversible-migration", "000019_drop_plan_code.up.sql:1", ["id", "price_cents", "updated_at"]),
        ("missing-down", "000019_codes.down.sql", ["id", "code", "price_cents", "updated_at"]),
        ("empty-down", "000019_codes.down.sql", ["id", "code", "price_cents", "updated_at"]),
    ],
)
def test_a_migration_without_a_way_back_is_not_run(tmp_path: Path, peers: Peers, script: str, why: str, left: list[str]) -> None:
    """The first screen names the row and the statement; row 2, taken with a reason all the same, refuses to migrate, and nothing was started."""
    with night(tmp_path, peers, script) as (drill, terminal):
        screen = " ".join(terminal.wait_for("Row 3 is clear", "The six rows").split())
        assert "Schema: billing: migration 19 of billing, 19 irreversible: " in screen
        assert f"({why}" in screen
        take_against_the_evidence(terminal, drill, 2, "Stop the new code, migrate down", "the release is young")
        stop_code(terminal, drill, "billing")
        said = refused(terminal, drill, "migrate")
        assert said.startswith("Version 19 cannot be taken back: ")
        assert why in said
        assert "This is the row `irreversible migration`" in said
        assert (head(drill, "billing"), columns(drill, "billing", "plans")) == ((19, False), left)
        assert (intents(drill), commands(drill)) == (0, [])
        (chosen,) = [event for event in drill.events() if event.kind is Kind.CHOSEN]
        assert "the release is young" in str(chosen.data)


def test_old_code_on_the_new_schema_takes_a_written_reason(tmp_path: Path, peers: Peers) -> None:
    """The way says what would crash; the reason that is written stands in the journal, and only then is anything sent."""
    with night(tmp_path, peers, "irreversible-migration") as (drill, terminal):
        terminal.wait_for("Row 3 is clear")
        take_listed_way(terminal, drill, "enter", "Old code on the new schema")
        look(terminal, drill, "damage")
        prepare(terminal, f"Roll billing back to {GOOD_TAG}", prompt=EITHER)
        said = terminal.wait_for(ASKS)
        assert "plan_code" in said
        assert (drill.image("billing").endswith(BAD_TAG), drill.sent()) == (True, [])
        give_reason(terminal, drill, "plans are read by nobody tonight")
        confirmed = drill.of_step(Kind.CONFIRMED, "roll-back")
        assert [event.data["reason"] for event in confirmed] == ["plans are read by nobody tonight"]
        terminal.wait_until(lambda _: drill.image("billing").endswith(GOOD_TAG), "the old code")
