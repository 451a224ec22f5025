"""Conditions of a Deployment: set, replaced, and moved to the end when they change."""

from datetime import datetime

from gospel_rollback_tui.drill.kubernetes.documents import Json, timestamp


def find_condition(status: Json, kind: str) -> Json | None:
    """Return the condition of that type."""
    return next((one for one in status.get("conditions", []) if one["type"] == kind), None)


def new_condition(kind: str, status: str, reason: str, message: str, now: datetime) -> Json:
    """Return a condition that begins now."""
    moment = timestamp(now)
    return {"type": kind, "status": status, "lastUpdateTime": moment, "lastTransitionTime": moment, "reason": reason, "message": message}


def set_condition(status: Json, condition: Json) -> None:
    """Put a condition at the end, unless one with the same status and reason is there."""
    current = find_condition(status, condition["type"])
    if current is not None and (current["status"], current["reason"]) == (condition["status"], condition["reason"]):
        return
    if current is not None and current["status"] == condition["status"]:
        condition = dict(condition, lastTransitionTime=current["lastTransitionTime"])
    remove_condition(status, condition["type"])
    status.setdefault("conditions", []).append(condition)


def remove_condition(status: Json, kind: str) -> None:
    """Drop the condition of that type."""
    if "conditions" in status:
        status["conditions"] = [one for one in status["conditions"] if one["type"] != kind]
