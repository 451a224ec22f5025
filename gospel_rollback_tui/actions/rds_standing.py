"""How far a swap of names is: who has the live name, who has left it or is about to, and who is to get it."""

from dataclasses import dataclass

from gospel_rollback_tui.actions.rds_estate import RdsEstate
from gospel_rollback_tui.domain.instances import DbInstance, instance_from, under_way
from gospel_rollback_tui.engine.ports import StepRequest

RUN_TAG = "gospel-rollback-run"
"""Tag of what a run has made."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The two instances by what their resource ids say, whatever the names answer meanwhile."""

    restored: DbInstance
    live: DbInstance | None
    """Has the name, and keeps it so far."""
    leaving: DbInstance | None
    """Had the name: it is being renamed, or is renamed and still answers to it."""
    swapped: bool
    """Whether the restored instance has the name already."""

    @property
    def refused(self) -> str:
        """Why nothing can be renamed now; empty: it can."""
        for one in (self.live, self.restored):
            if one is None or self.swapped:
                continue
            if one.next_name:
                return f"{one.identifier} is to be renamed to {one.next_name} already ({one.status}): wait for that, then prepare this again."
            if one.pending:
                names = ", ".join(name for name, _ in one.pending)
                return f"{one.identifier} has changes that wait ({names}), and a rename would apply them too: let them be applied, or take them back."
            if not one.settled:
                return f"{one.identifier} is {under_way(one)}: wait until it is available."
        return ""


def strange(restored: DbInstance, request: StepRequest) -> str:
    """Returns that the restored instance is not of this run, so that nobody here has said what it holds and whether it is needed; empty: it is."""
    run = restored.tags.get(RUN_TAG, "")
    return "" if run == request.run else f"{restored.identifier} was restored by {f'run {run}' if run else 'somebody else'}, to a moment of theirs."


def standing(estate: RdsEstate, request: StepRequest) -> Standing:
    """Returns how far it is; raises Refused where there is no restored instance."""
    name = estate.name(request)
    raw = estate.calls.rds.instance(name)
    answering = estate.calls.read(instance_from(raw).resource_id) if raw is not None else None
    if answering is None:
        return Standing(estate.restored(request), None, None, swapped=False)
    if answering.identifier == name and answering.tags.get(RUN_TAG) == request.run:
        return Standing(answering, None, None, swapped=True)
    gone = answering.identifier != name or answering.status == "renaming"
    return Standing(estate.restored(request), None if gone else answering, answering if gone else None, swapped=False)
