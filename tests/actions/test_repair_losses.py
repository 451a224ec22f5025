"""What a repair starts from: the losses that the gate sees, and the instance that was restored."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from gospel_rollback_tui.actions.rds_estate import RdsEstate
from gospel_rollback_tui.actions.repair_losses import RestoredBeside, lost_by
from gospel_rollback_tui.domain.errors import Refused
from gospel_rollback_tui.domain.migrations.files import read_folder
from gospel_rollback_tui.domain.migrations.gate import SchemaFacts, judge
from gospel_rollback_tui.domain.migrations.heads import SchemaHead
from gospel_rollback_tui.domain.repair import Beside
from tests.actions.rds_account import PACE, RESTORE_STEP, Database, a_database
from tests.actions.repair_sides import SERVICE


@pytest.fixture
def account() -> Iterator[Database]:
    """The production instance."""
    with a_database() as served:
        yield served


def files(*ups: str) -> dict[str, str]:
    """Returns migrations from version 41 on."""
    return {f"{41 + number:06}_step.{way}.sql": text for number, up in enumerate(ups) for way, text in (("up", up), ("down", "SELECT 1"))}


def losses(head: SchemaHead, ups: Sequence[str]) -> tuple[list[str], int | None]:
    """Returns what is lost where the good release ships the first of them alone, and the version that took it first."""
    facts = SchemaFacts("auth", "auth", head, read_folder(files(*ups)), read_folder(files(ups[0])), migrates_at_start=False)
    lost = lost_by(SERVICE, judge(facts))
    return [f"{loss.table}.{loss.column}" for loss in lost.losses], lost.before


def test_what_applied_migrations_took_is_told_oldest_first() -> None:
    """Of those that only add nothing is told, and of those that have not run neither."""
    ups = ("CREATE TABLE a (id int)", "ALTER TABLE a ADD COLUMN b int", "ALTER TABLE a DROP COLUMN c", "DROP TABLE d", "DROP TABLE e")
    head = SchemaHead(44, dirty=False, table="public.schema_migrations")
    assert losses(head, ups) == (["a.c", "d."], 43)
    assert losses(replace(head, version=42), ups) == ([], None)


def test_the_restored_instance_is_told_by_its_own_address(account: Database) -> None:
    """As RDS describes it; before it is available nobody can connect to it."""
    request = account.request(RESTORE_STEP)
    restored = RestoredBeside(RdsEstate(account.calls()))
    with pytest.raises(Refused, match="There is no restored instance"):
        restored.beside(request)
    action = account.actions()[RESTORE_STEP]
    preview = action.plan(request)
    action.send(request, preview.calls[0])
    with pytest.raises(Refused, match="creating"):
        restored.beside(request)
    account.pass_time(PACE.creating * 20)
    name = preview.calls[0].body["expect"]["instance"]
    made = account.instance(name)
    assert restored.beside(request) == Beside(name, made.address, made.port)
    assert [option.value for option in restored.choices(request)[0].options] == [name]
