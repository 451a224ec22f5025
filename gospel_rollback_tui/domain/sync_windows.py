"""Sync windows: whether a project lets Argo CD sync an Application now. A rollback inside one does not fail, it hangs."""

from dataclasses import dataclass

from gospel_rollback_tui.domain.raw import JsonObject, child, children, text


@dataclass(frozen=True, slots=True)
class Windows:
    """What the project's windows say now."""

    can_sync: bool | None
    """None: it could not be read."""
    words: str = ""
    """The windows that forbid it, e.g. `deny * 22-6 * * * for 8h`."""


def windows_from(raw: JsonObject) -> Windows:
    """Reads the answer of `syncwindows`; without any window there is only `canSync`."""
    allowed = raw.get("canSync")
    can_sync = allowed if isinstance(allowed, bool) else None
    if can_sync is not False:
        return Windows(can_sync)
    active = [_words(child(window)) for window in children(raw, "activeWindows") if window.get("kind") == "deny"]
    closed = [_words(child(window)) for window in children(raw, "assignedWindows") if window.get("kind") == "allow"]
    return Windows(can_sync, ", ".join(active) or f"outside {', '.join(closed)}" if active or closed else "")


def _words(window: JsonObject) -> str:
    return f"{text(window.get('kind'))} {text(window.get('schedule'))} for {text(window.get('duration'))}"
