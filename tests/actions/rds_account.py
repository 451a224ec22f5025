"""Every action on RDS over the real adapter, against a simulated account in the same time."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from gospel_rollback_tui.actions.catalogue import RDS_DELETE, RDS_RESTORE, RDS_SETTLE, RDS_SNAPSHOT, RDS_SWAP
from gospel_rollback_tui.actions.rds_calls import RdsCalls
from gospel_rollback_tui.actions.rds_delete import DeleteRestored
from gospel_rollback_tui.actions.rds_ports import Connected
from gospel_rollback_tui.actions.rds_restore import RestoreBeside
from gospel_rollback_tui.actions.rds_settle import SettleRestored
from gospel_rollback_tui.actions.rds_snapshot import TakeSnapshot
from gospel_rollback_tui.actions.rds_swap import SwapNames
from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.estate import Environment
from gospel_rollback_tui.domain.instances import DbInstance, instance_from
from gospel_rollback_tui.domain.preview import CheckState, PlannedCall, Preview
from gospel_rollback_tui.domain.run import CallRun
from gospel_rollback_tui.domain.runbook import Step
from gospel_rollback_tui.drill.aws.estate import IDENTIFIER, create_instance, keep_snapshot
from gospel_rollback_tui.drill.aws.pace import Pace
from gospel_rollback_tui.drill.aws.server import ACCOUNT, SimulatedAws
from gospel_rollback_tui.drill.aws.timed import TimedInstance
from gospel_rollback_tui.engine.ports import Action, Sequenced, StepRequest
from gospel_rollback_tui.infra.cloud.rds import RdsApi
from gospel_rollback_tui.infra.cloud.session import AwsSession
from tests.drill.aws.accounts import NONCE, SNAPSHOT
from tests.engine.worlds import ENVIRONMENT, VirtualClock

RESTORED = f"{IDENTIFIER}-restored-20261122-031500"
RUN = "0312-k7"
PACE = Pace().faster(60.0)
SETTLE_SECONDS = 1000
"""Looks after which a step that does not come to its end is given up."""


class Hosts:
    """Every name has an address of its own, which it keeps when it is renamed."""

    def __init__(self, account: SimulatedAws) -> None:
        """Knows the account's instances."""
        self._account = account

    def addresses(self, host: str) -> tuple[str, ...]:
        """Returns the address of the instance that has that host name now."""
        found = [one for one in self._account.changes.backend.databases.values() if one.address == host]
        return tuple(f"10.0.0.{sum(map(ord, one.dbi_resource_id)) % 250}" for one in found)


class Began:
    """The damage began ten minutes ago, or nobody knows."""

    def __init__(self, at: float) -> None:
        """Knows that wall time; 0: nobody does."""
        self.at = at

    def began(self, request: StepRequest) -> tuple[float, str]:
        """Returns it."""
        return self.at, "the start of Argo CD's newest deployment" if self.at else ""


class Nobody:
    """Databases that tell what a test wants."""

    def __init__(self) -> None:
        """Differ in nothing, and have nobody connected."""
        self.differ: tuple[str, ...] = ()
        self.there: dict[str, tuple[str, ...]] = {}
        """Resource id → who is connected."""

    def lost(self, request: StepRequest, live: DbInstance, restored: DbInstance) -> tuple[str, ...]:
        """Returns it."""
        return self.differ

    def connected(self, request: StepRequest, one: DbInstance) -> Connected:
        """Returns it."""
        return Connected(self.there.get(one.resource_id, ()), ("billing",), ())


@dataclass
class Database:
    """The account, the actions on it, and the clock of both."""

    account: SimulatedAws
    clock: VirtualClock
    bad: Began
    rds: RdsApi
    sides: Nobody = field(default_factory=Nobody)
    known_in: str = ACCOUNT
    """Account that the environment is configured for."""

    @property
    def environment(self) -> Environment:
        """An environment with that database."""
        names = {"rds.identifier": IDENTIFIER, "aws.region": self.account.region, "aws.profile": "gospelib", "aws.account": self.known_in}
        return replace(ENVIRONMENT, names=tuple(names.items()))

    def calls(self) -> RdsCalls:
        """Returns what sends, as a new process has it."""
        return RdsCalls(self.rds, self.clock.now)

    def actions(self) -> Mapping[str, Action]:
        """Returns every action, as a new process has them."""
        calls = self.calls()
        beside: list[Action] = [TakeSnapshot(calls), RestoreBeside(calls, self.bad, self.sides), SettleRestored(calls), DeleteRestored(calls, self.sides)]
        made = [*beside, SwapNames(calls, Hosts(self.account), self.sides)]
        return {one.spec.name: one for one in made}

    def pass_time(self, seconds: float) -> None:
        """Lets time pass."""
        self.clock.time += seconds

    def request(self, action: str, **inputs: str) -> StepRequest:
        """Returns a step of that action."""
        step = Step(action.replace(".", "-"), "Do it", "", action, Danger.REVERSIBLE, 7200.0)
        return StepRequest(RUN, self.environment, step, inputs, "ada", None)

    def instance(self, name: str = IDENTIFIER) -> DbInstance:
        """Returns the instance of that name."""
        raw = self.rds.instance(name)
        assert raw is not None, name
        return instance_from(raw)

    def restored(self) -> TimedInstance:
        """Puts a restored instance beside that differs in nothing."""
        made = create_instance(self.account, RESTORED, days=0.01)
        made.tags = [*made.tags, {"Key": "gospel-rollback-run", "Value": RUN}]
        return made

    def carry_out(self, action: Action, request: StepRequest, preview: Preview | None = None) -> tuple[Preview, tuple[CheckState, ...]]:
        """Plans, sends every call and looks until all is well or one condition is final."""
        planned = preview or action.plan(request)
        assert planned.refused == ""
        since = self.clock.now()
        for call in planned.calls:
            self._await(action, request, call)
            action.send(request, call)
            assert action.happened(request, call) is not False
        for _ in range(SETTLE_SECONDS):
            states = action.checks(request, planned, since)
            if all(state.passed for state in states) or any(state.final for state in states):
                return planned, states
            self.pass_time(5.0)
        raise AssertionError(f"not settled: {states}")

    def _await(self, action: Action, request: StepRequest, call: PlannedCall) -> None:
        """Lets time pass until it is the call's turn."""
        for _ in range(SETTLE_SECONDS):
            if not isinstance(action, Sequenced) or not action.awaited(request, call):
                return
            self.pass_time(5.0)
        raise AssertionError(f"never its turn: {call.title}")


def carried(preview: Preview) -> tuple[CallRun, ...]:
    """Returns the preview's calls as the journal would have them."""
    return tuple(CallRun(call.id, call.where, call.body, call.undo, 0.0) for call in preview.calls)


@contextmanager
def a_database() -> Iterator[Database]:
    """Serves the account with the production instance and a snapshot of four hours ago."""
    clock = VirtualClock()
    account = SimulatedAws(NONCE, pace=PACE, now=clock.now)
    create_instance(account)
    keep_snapshot(account, SNAPSHOT, hours=4.0)
    account.start()
    rds = RdsApi(AwsSession(account.region, endpoint=account.url, nonce=NONCE))
    try:
        yield Database(account, clock, Began(clock.now() - 600.0), rds)
    finally:
        account.close()


SNAPSHOT_STEP, RESTORE_STEP, SETTLE_STEP, SWAP_STEP = RDS_SNAPSHOT.name, RDS_RESTORE.name, RDS_SETTLE.name, RDS_SWAP.name
DELETE_STEP = RDS_DELETE.name
