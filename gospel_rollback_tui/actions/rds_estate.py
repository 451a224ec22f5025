"""What every step on RDS reads: the instance that is live, what was restored, who we are and what stands in the way."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from gospel_rollback_tui.actions.rds_calls import RdsCalls
from gospel_rollback_tui.domain.debts import RESTORED_DEBT
from gospel_rollback_tui.domain.errors import CredentialsExpired, Refused, RollbackError
from gospel_rollback_tui.domain.instances import DbInstance, by_hand_only, instance_from
from gospel_rollback_tui.domain.preview import Json, Notice
from gospel_rollback_tui.domain.spans import age
from gospel_rollback_tui.engine.ports import ChoiceList, Option, StepRequest

RESTORED = "restored_instance"
"""Input: identifier of the restored instance."""
_CAPTURED = f"captured:{RESTORED_DEBT.id}:"
_LONGEST = 63
"""Characters of an identifier."""


@dataclass(frozen=True, slots=True)
class RdsEstate:
    """The database of one environment."""

    calls: RdsCalls

    def name(self, request: StepRequest) -> str:
        """Returns the identifier that the services' database has; raises Refused where none is configured."""
        name = dict(request.environment.names).get("rds.identifier", "")
        if not name:
            raise Refused("No database instance is configured.", next_step=f"Write `rds: {{identifier: …}}` under {request.environment.name}.")
        return name

    def live(self, request: StepRequest) -> DbInstance | None:
        """Returns the instance that has the name; None: it is gone, or its name is on its way to nobody.

        An old name answers for some time after a rename: what the resource id says counts.
        """
        raw = self.calls.rds.instance(self.name(request))
        if raw is None:
            return None
        found = self.calls.read(instance_from(raw).resource_id)
        return found if found is not None and found.identifier == self.name(request) else None

    def source(self, request: StepRequest) -> DbInstance:
        """Returns what a restored instance must equal: the live one, or the description that the restore kept of it."""
        live, kept = self.live(request), self.kept(request)
        if live is not None and (not kept or live.resource_id == instance_from(kept[-1]["source"]).resource_id):
            return live
        if kept:
            return instance_from(kept[-1]["source"])
        raise Refused(
            f"{self.name(request)} is not there, so nobody can read what a restored instance must be.",
            next_step="Take its settings from the Terraform configuration, and restore by hand (`h`).",
        )

    def kept(self, request: StepRequest) -> list[Json]:
        """Returns what this run's restores have kept, oldest first."""
        return [json.loads(value) for name, value in sorted(request.inputs.items()) if name.startswith(_CAPTURED)]

    def candidates(self, request: StepRequest) -> tuple[DbInstance, ...]:
        """Returns the instances that were restored for this database, newest first."""
        prefix = f"{self.name(request)}-restored"
        ours = {one["identifier"] for one in self.kept(request)}
        found = [instance_from(raw) for raw in self.calls.rds.instances()]
        chosen = [one for one in found if one.identifier.startswith(prefix) or one.identifier in ours]
        return tuple(sorted(chosen, key=lambda one: (one.identifier in ours, one.created), reverse=True))

    def restored(self, request: StepRequest) -> DbInstance:
        """Returns the restored instance that is chosen, or the newest; raises Refused where there is none."""
        found = self.candidates(request)
        wanted = request.inputs.get(RESTORED, "")
        chosen = next((one for one in found if one.identifier == wanted), None) if wanted else next(iter(found), None)
        if chosen is None:
            missing = f"There is no restored instance {wanted or f'of {self.name(request)}'}."
            raise Refused(missing, next_step="Restore first, or choose another.")
        return chosen

    def choices(self, request: StepRequest) -> tuple[ChoiceList, ...]:
        """Returns the restored instances to choose from."""
        now = self.calls.clock()
        options = [
            Option(one.identifier, f"{one.identifier}, {age(now - one.created)} old", one.status, suggested=index == 0, refused=one.status if one.lost else "")
            for index, one in enumerate(self.candidates(request))
        ]
        return (ChoiceList(RESTORED, "Which restored instance?", tuple(options)),)

    def obstacle(self, instance: DbInstance) -> str:
        """Returns why the tool leaves this instance to guided steps by hand; empty: it does not."""
        why, way_on = by_hand_only(instance, self.calls.rds.proxies(instance.identifier))
        return f"{why} {way_on}".strip()

    def rights(self, request: StepRequest, actions: Sequence[str], resource: str) -> tuple[str, tuple[Notice, ...]]:
        """Returns why the identity cannot do that to the resource (ARN), one of another account before all, and what is to be said of its rights."""
        if strange := self.calls.elsewhere(dict(request.environment.names).get("aws.account", "")):
            return f"{strange} Log in to that account, or check `aws.profile` and `aws.account`.", ()
        found = self.calls.rds.may(actions, resource)
        denied = [action for action, allowed in found.items() if allowed is False]
        if denied:
            return f"This identity lacks {', '.join(denied)}: ask for it, or log in as somebody who has it.", ()
        unknown = [action for action, allowed in found.items() if allowed is None]
        return "", (Notice("Rights", f"nobody here can tell whether this identity has {', '.join(unknown)}", warning=True),) if unknown else ()

    def full(self, quota: str) -> str:
        """Returns that a quota leaves no room; empty: it does, or nobody can tell."""
        try:
            used, most = self.calls.rds.quotas().get(quota, (0, 0))
        except CredentialsExpired:
            raise
        except RollbackError:
            return ""
        return f"The quota of {quota} is reached ({used} of {most}): delete one that nobody needs, or ask AWS for more." if most and used >= most else ""


def stamped(name: str, suffix: str) -> str:
    """Returns a name that fits, with its suffix whole."""
    return f"{name[: _LONGEST - len(suffix)].rstrip('-')}{suffix}"
