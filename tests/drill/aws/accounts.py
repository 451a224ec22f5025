"""A simulated account whose time passes only when a test says so."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from gospel_rollback_tui.drill.aws.backing import Backing, Unbacked
from gospel_rollback_tui.drill.aws.estate import create_instance, keep_snapshot
from gospel_rollback_tui.drill.aws.pace import Pace
from gospel_rollback_tui.drill.aws.server import SimulatedAws
from gospel_rollback_tui.infra.cloud.rds import RdsApi
from gospel_rollback_tui.infra.cloud.session import AwsSession

NONCE = "6f1d0c"
SNAPSHOT = "rds:gospelib-production-2026-11-27-04-10"


class Account(SimulatedAws):
    """The account, and the adapter that reaches it."""

    ahead: float
    rds: RdsApi

    def pass_time(self, seconds: float) -> None:
        """Lets that much time pass."""
        self.ahead += seconds


@contextmanager
def an_account(pace: Pace | None = None, backing: Backing | None = None) -> Iterator[Account]:
    """Serves an account with the production instance and an automated snapshot of four hours ago."""
    started = time.time()
    account = Account(NONCE, pace=pace or Pace(), now=lambda: started + account.ahead, backing=backing or Unbacked())
    account.ahead = 0.0
    account.rds = RdsApi(AwsSession(account.region, endpoint=account.url, nonce=NONCE))
    create_instance(account)
    keep_snapshot(account, SNAPSHOT, hours=4.0)
    account.start()
    try:
        yield account
    finally:
        account.close()
