"""Databases that do not answer: waited for once, and by nobody whom git alone has answered."""

from threading import Event

import pytest

from gospel_rollback_tui.domain.errors import Forbidden, NoRoute, RollbackError
from gospel_rollback_tui.domain.estate import Service
from gospel_rollback_tui.domain.migrations.heads import SchemaHead
from gospel_rollback_tui.infra.schema_heads import AGAIN_SECONDS, LATE_SECONDS, SchemaHeads
from tests.drill.waiting import wait_for

AUTH = Service("auth", "gospelib-auth", "auth", "app=gospelib-auth", database="auth")


class Slow:
    """A database that fails after some seconds of its own clock."""

    def __init__(self, seconds: float, failure: RollbackError) -> None:
        """Has not been asked."""
        self.seconds, self.failure = seconds, failure
        self.now, self.asked = 100.0, 0

    def read(self, service: Service) -> SchemaHead:
        """Takes its time, and fails."""
        self.asked += 1
        self.now += self.seconds
        raise self.failure

    def heads(self) -> SchemaHeads:
        """Reads that look at its clock."""
        return SchemaHeads(self.read, lambda: self.now)


def test_a_failure_that_came_late_stands_for_a_while() -> None:
    """Each of a prompt's looks would wait the same seconds again, and its confirmation once more."""
    database = Slow(5.0, NoRoute("auth was not reached."))
    heads = database.heads()
    for _ in range(3):
        with pytest.raises(NoRoute, match="auth was not reached"):
            heads.of(AUTH)
    assert database.asked == 1
    database.now += AGAIN_SECONDS
    with pytest.raises(NoRoute, match="auth was not reached"):
        heads.of(AUTH)
    assert database.asked == 2


def test_what_fails_at_once_is_asked_again_at_once() -> None:
    """A grant or a password may have been put right meanwhile."""
    database = Slow(LATE_SECONDS / 2, Forbidden("auth may not be read."))
    heads = database.heads()
    for _ in range(3):
        with pytest.raises(Forbidden):
            heads.at_once(AUTH)
    assert database.asked == 3


def test_who_needs_no_answer_waits_for_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the same words before and after the database has failed, so that a prompt's facts do not move by that."""
    monkeypatch.setattr("gospel_rollback_tui.infra.schema_heads.LATE_SECONDS", 0.0)
    goes_on = Event()

    def read(service: Service) -> SchemaHead:
        goes_on.wait()
        raise NoRoute("auth was not reached.")

    heads = SchemaHeads(read)
    with pytest.raises(NoRoute, match=r"^auth does not answer\.$"):
        heads.at_once(AUTH)
    goes_on.set()
    wait_for(lambda: heads._failed_late(AUTH) is not None)
    with pytest.raises(NoRoute, match=r"^auth does not answer\.$"):
        heads.at_once(AUTH)
    assert SchemaHeads(lambda _: SchemaHead(42)).of(AUTH).version == 42
