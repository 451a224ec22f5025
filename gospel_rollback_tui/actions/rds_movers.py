"""Whether the services have moved with the name: who is still connected to the old instance, and who has come to the new one."""

from dataclasses import dataclass

from gospel_rollback_tui.actions.rds_ports import Connected, Sides
from gospel_rollback_tui.actions.started import stopped_by_this_run
from gospel_rollback_tui.domain.instances import DbInstance
from gospel_rollback_tui.domain.preview import CheckState, Notice, Preview
from gospel_rollback_tui.engine.ports import StepRequest

CONNECTED = "Connected"
"""Label of the prompt's lines that say who was connected before."""
LEFT = "nobody is connected to the old instance"
LEFT_UNKNOWN = "who is connected to the old instance was asked"
ARRIVED = "who is connected to the new instance was asked"
ARRIVING_SECONDS = 2400.0
"""How long somebody who was connected before is waited for, from the first rename: both take their twenty minutes, pools come back within seconds."""


@dataclass(frozen=True, slots=True)
class Movers:
    """Looks at both instances through their databases; what cannot be asked is unknown, and neither gone nor there."""

    sides: Sides
    request: StepRequest

    def left(self, old: DbInstance) -> CheckState:
        """Returns whether nobody is on the instance that had the name any more."""
        found = self.sides.connected(self.request, old)
        if not found.read:
            return CheckState(LEFT_UNKNOWN, passed=True, words=_unknown(found))
        words = "; ".join(found.who) or ", ".join(found.read)
        return CheckState(LEFT, passed=not found.who or None, words=f"{words}; {_unknown(found)}" if found.unread else words)

    def arrived(self, new: DbInstance, preview: Preview, seconds: float) -> CheckState:
        """Returns who has come to the instance that has the name now; those who were connected before are waited for, but not for ever."""
        found = self.sides.connected(self.request, new)
        before = {notice.text.partition(": ")[0] for notice in preview.notices if notice.label == CONNECTED}
        here = {who.partition(": ")[0] for who in found.who}
        missing = [name for name in found.read if name not in here]
        waits = [name for name in missing if name in before] if seconds <= ARRIVING_SECONDS else []
        told = list(found.who)
        if missing:
            told.append(f"{', '.join(missing)}: nobody yet, {self._why(before)}")
        if found.unread or not found.read:
            told.append(_unknown(found))
        return CheckState(ARRIVED, passed=None if waits else True, words="; ".join(told))

    def _why(self, before: set[str]) -> str:
        stopped = ", ".join(stopped_by_this_run(self.request))
        if stopped:
            return f"{stopped} being stopped: look again once it is started"
        return "who was there before has not come back: restart what holds an old address" if before else "as nobody was before the swap"


def in_use(sides: Sides, request: StepRequest, one: DbInstance) -> tuple[str, tuple[Notice, ...]]:
    """Returns why deleting an instance takes a written reason, and who is connected: services may have been pointed at its own address."""
    if one.lost or not one.address:
        return "", ()
    found = sides.connected(request, one)
    told = [*found.who, *([_unknown(found)] if found.unread or not found.read else [])]
    why = f"Somebody is connected to {one.identifier}: services may have been pointed at it, and it would be their database that goes." if found.who else ""
    return why, tuple(Notice(CONNECTED, words, warning=True) for words in told)


def _unknown(found: Connected) -> str:
    return f"unknown of {', '.join(found.unread)}, which could not be asked" if found.unread else "unknown: no service's database is configured"
