"""Gives the live database's name to the restored instance by two renames: the old one away, then the new one in its place.

Each takes about ten minutes, and an instance is not reachable while its name moves (R6). Resource ids tell instances
apart throughout: names move, and an old name answers for some time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from gospel_rollback_tui.actions.catalogue import RDS_SWAP
from gospel_rollback_tui.actions.rds_calls import RdsCalls
from gospel_rollback_tui.actions.rds_estate import RdsEstate, stamped
from gospel_rollback_tui.actions.rds_movers import CONNECTED, Movers
from gospel_rollback_tui.actions.rds_owed import owed_old, owed_restored
from gospel_rollback_tui.actions.rds_ports import HostNames, Sides
from gospel_rollback_tui.actions.rds_standing import Standing, standing, strange
from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.debts import RESTORED_DEBT, TERRAFORM_DEBT
from gospel_rollback_tui.domain.errors import Refused
from gospel_rollback_tui.domain.instances import DbInstance, under_way
from gospel_rollback_tui.domain.instances_copying import differences
from gospel_rollback_tui.domain.preview import CheckState, DebtSpec, Fingerprint, Json, Notice, PlannedCall, Preview
from gospel_rollback_tui.domain.run import CallRun
from gospel_rollback_tui.domain.runbook import ActionSpec
from gospel_rollback_tui.engine.ports import ChoiceList, StepRequest

AWAY, IN_PLACE = "rename-old", "rename-restored"
BACK_AWAY, BACK_IN_PLACE = "rename-restored-back", "rename-old-back"
NAME_SETTLED = "the name leads to it"
_MINUTES_EACH = 10
_STILL_WRITTEN = "Somebody is connected to the live database: what is written there from now on is lost."


@dataclass(frozen=True, slots=True)
class SwapNames:
    """Two renames, the second behind the first; leaves the old instance and Terraform's state as debts."""

    calls: RdsCalls
    names: HostNames
    sides: Sides
    spec: ActionSpec = RDS_SWAP

    @property
    def _estate(self) -> RdsEstate:
        return RdsEstate(self.calls)

    def choices(self, request: StepRequest) -> tuple[ChoiceList, ...]:
        """Returns the restored instances."""
        return self._estate.choices(request)

    def plan(self, request: StepRequest) -> Preview:
        """Previews what of the two renames is still to be done; refused while anything is under way or waits on either instance."""
        name, now = self._estate.name(request), standing(self._estate, request)
        denied, said = self._estate.rights(request, ("rds:ModifyDBInstance",), (now.live or now.restored).arn)
        refused = now.refused or self._by_hand_only(now) or denied
        calls = () if now.swapped else self._calls(request, name, now)
        foreign = strange(now.restored, request) if calls else ""
        lost, connected = ((), ()) if refused or not calls else self._databases(request, now)
        return Preview(
            step=request.step.id,
            title=f"{name} is the restored instance already" if now.swapped else f"Give {now.restored.identifier} the name {name}",
            target=name,
            where=self.calls.rds.where(),
            danger=max(self.spec.danger, request.step.danger),
            calls=() if refused else calls,
            fingerprint=self._facts(calls),
            notices=(*_notices(now, calls), *lost, *connected, *said),
            checks=tuple(_check_name(call) for call in calls),
            undo="both are renamed back; what is written after the swap is lost then",
            by_hand=tuple(call.by_hand for call in calls),
            yes="swap the names",
            refused=refused,
            needs_reason=" ".join(filter(None, (foreign, _STILL_WRITTEN if connected else ""))),
        )

    def _databases(self, request: StepRequest, now: Standing) -> tuple[tuple[Notice, ...], tuple[Notice, ...]]:
        """Returns what is lost in numbers, and who is still connected to the instance that goes."""
        if now.live is None:
            return (), ()
        lost = tuple(Notice("Loses", line, warning=True) for line in self.sides.lost(request, now.live, now.restored))
        return lost, tuple(Notice(CONNECTED, who, warning=True) for who in self.sides.connected(request, now.live).who)

    def _by_hand_only(self, now: Standing) -> str:
        found = (self._estate.obstacle(one) for one in (now.live, now.restored) if one is not None and not now.swapped)
        return next((why for why in found if why), "")

    def _calls(self, request: StepRequest, name: str, now: Standing) -> tuple[PlannedCall, ...]:
        """Returns what is still to be done: both renames, or only the second where the first is under way or nobody has the name."""
        calls = []
        after: Json = None
        if now.live is not None:
            old = stamped(name, datetime.fromtimestamp(self.calls.clock(), UTC).strftime("-old-%Y%m%d-%H%M%S"))
            debt = owed_old(request.environment, old, self.calls.clock())
            calls.append(self._rename(request, AWAY, now.live, old, debt=debt))
            after = {"resource": now.live.resource_id, "name": old}
        elif now.leaving is not None:
            after = {"resource": now.leaving.resource_id, "name": now.leaving.next_name or now.leaving.identifier}
        pays = (f"{RESTORED_DEBT.id}:{now.restored.identifier}",)
        calls.append(self._rename(request, IN_PLACE, now.restored, name, debt=TERRAFORM_DEBT, after=after, pays=pays))
        return tuple(calls)

    def _rename(
        self, request: StepRequest, call_id: str, one: DbInstance, to: str, *, debt: DebtSpec | None = None, after: Json = None, pays: tuple[str, ...] = ()
    ) -> PlannedCall:
        host = self.names.addresses(one.address) if one.address else ()
        return self.calls.plan(
            request.environment,
            call_id,
            "modify_db_instance",
            {"DBInstanceIdentifier": one.identifier, "NewDBInstanceIdentifier": to, "ApplyImmediately": True},
            title=f"{one.identifier} → {to}",
            summary=f"→ {to}: about {_MINUTES_EACH} min, not reachable meanwhile",
            expect={"resource": one.resource_id, "name": to},
            undo={"resource": one.resource_id, "was": one.identifier, "addresses": list(host)},
            debt=debt,
            after=after,
            pays=pays,
        )

    def _facts(self, calls: Sequence[PlannedCall]) -> Fingerprint:
        """Names, states and what waits, by resource id."""
        facts = []
        for resource in dict.fromkeys(call.body["expect"]["resource"] for call in calls):
            one = self.calls.read(resource)
            words = "gone" if one is None else f"{one.identifier}, {one.status}{''.join(f', {name}' for name, _ in one.pending)}"
            facts.append((resource, words))
        for call in calls:
            new = call.body["parameters"]["NewDBInstanceIdentifier"]
            if call.id in (AWAY, BACK_AWAY):
                facts.append((new, "taken" if self.calls.taken(new) else "free"))
        return Fingerprint(tuple(facts))

    def facts(self, request: StepRequest, preview: Preview) -> Fingerprint:
        """Re-reads names, states and what waits of both instances."""
        return self._facts(preview.calls)

    def send(self, request: StepRequest, call: PlannedCall) -> str:
        """Sends one rename."""
        return self.calls.send(call)

    def awaited(self, request: StepRequest, call: PlannedCall) -> str:
        """Returns what the rename has to wait for."""
        return self.calls.awaited(call)

    def happened(self, request: StepRequest, call: PlannedCall) -> bool | None:
        """Returns whether that very instance has the new name, or is being renamed to it."""
        return self.calls.happened(call)

    def checks(self, request: StepRequest, preview: Preview, since: float) -> tuple[CheckState, ...]:
        """Returns where each rename stands, and whether the name leads to the instance."""
        if not preview.calls:
            live = self._estate.live(request)
            return (CheckState(f"{self._estate.name(request)} is at rest", passed=(live is not None and live.settled) or None),)
        seconds = self.calls.clock() - since
        found = [self._renamed(call, seconds) for call in preview.calls]
        if not all(one.passed for one in found):
            return tuple(found)
        return (*found, *self._name_settled(preview), *self._moved(request, preview, seconds))

    def _moved(self, request: StepRequest, preview: Preview, seconds: float) -> list[CheckState]:
        """Returns whether the services have left the instance that had the name, and have come to the one that has it."""
        movers, found = Movers(self.sides, request), []
        for call in preview.calls:
            one = self.calls.read(call.body["expect"]["resource"])
            if one is not None:
                found.append(movers.left(one) if call.id in (AWAY, BACK_AWAY) else movers.arrived(one, preview, seconds))
        return found

    def _renamed(self, call: PlannedCall, seconds: float) -> CheckState:
        one = self.calls.read(call.body["expect"]["resource"])
        if one is None or one.lost:
            return CheckState(_check_name(call), passed=False, words="gone" if one is None else one.status, final=True)
        done = one.identifier == call.body["expect"]["name"] and one.settled
        return CheckState(_check_name(call), passed=done or None, words="" if done else f"{one.identifier}: {under_way(one, seconds)}")

    def _name_settled(self, preview: Preview) -> list[CheckState]:
        """Compares addresses before and after, where this host could see them before."""
        found = []
        for call in preview.calls:
            one = self.calls.read(call.body["expect"]["resource"])
            before = call.undo["addresses"]
            if call.id in (IN_PLACE, BACK_IN_PLACE) and before and one is not None:
                now = list(self.names.addresses(one.address))
                was = "" if now == before else f", and was {', '.join(before)} before it had the name"
                found.append(CheckState(NAME_SETTLED, passed=now == before or None, words=f"{one.address} is {', '.join(now) or 'unknown'}{was}"))
        return found

    def undo_plan(self, request: StepRequest, done: Sequence[CallRun]) -> Preview:
        """Previews renaming back, newest first: the restored instance away, then the old one in its place."""
        calls: list[PlannedCall] = []
        after: Json = None
        here: tuple[Notice, ...] = ()
        for call in reversed(done):
            one = self.calls.read(call.undo["resource"])
            was = call.undo["was"]
            if one is None:
                raise Refused(f"The instance that was {was} is gone: nothing can be renamed back to it.", next_step="Restore from a snapshot instead.")
            if one.identifier == was:
                continue
            restored = call.id == IN_PLACE
            if restored:
                here = tuple(Notice(CONNECTED, who, warning=True) for who in self.sides.connected(request, one).who)
            debt = owed_restored(request.environment, was, self.calls.clock()) if restored else None
            calls.append(self._rename(request, BACK_AWAY if restored else BACK_IN_PLACE, one, was, debt=debt, after=after))
            after = {"resource": one.resource_id, "name": was}
        return Preview(
            step=request.step.id,
            title=f"Undo: {request.step.title}",
            target=self._estate.name(request),
            where=self.calls.rds.where(),
            danger=Danger.DESTRUCTIVE,
            calls=tuple(calls),
            fingerprint=self._facts(calls),
            notices=(Notice("Loses", "what was written since the swap stays in the restored instance only", warning=True), *here),
            checks=tuple(_check_name(call) for call in calls),
            by_hand=tuple(call.by_hand for call in calls),
            yes="rename back",
        )


def _check_name(call: PlannedCall) -> str:
    return f"{call.body['parameters']['DBInstanceIdentifier']} is called {call.body['expect']['name']}"


def _notices(now: Standing, calls: Sequence[PlannedCall]) -> tuple[Notice, ...]:
    found = [Notice("Reaches", f"no service has its database for about {_MINUTES_EACH * len(calls)} min", warning=True)] if calls else []
    if now.leaving is not None:
        found.append(Notice("Done", f"the old instance is {now.leaving.next_name or now.leaving.identifier}, or is about to be"))
    elif now.live is None and calls:
        found.append(Notice("Now", "nothing has the name: only one rename is needed"))
    if now.live is not None:
        different = differences(now.live, now.restored)
        found += [Notice("Differs", "; ".join(one.words for one in different), warning=True)] if different else []
        found.append(Notice("Loses", "what was written since the restore point stays in the old instance only", warning=True))
    return tuple(found)
