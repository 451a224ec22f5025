"""Kubernetes events as frozen values."""

from dataclasses import dataclass

from gospel_rollback_tui.domain.raw import JsonObject, child, moment, number, text


@dataclass(frozen=True, slots=True)
class ClusterEvent:
    """A Kubernetes event of either style (core, or events.k8s.io with `eventTime`)."""

    type: str
    """`Normal` or `Warning`."""
    reason: str
    message: str
    kind: str
    name: str
    uid: str = ""
    """uid of the object it is about."""
    count: int = 1
    first: float | None = None
    last: float | None = None
    source: str = ""
    namespace: str = ""
    """Of the object it is about; empty: it has none, or does not say."""


def event_from(raw: JsonObject) -> ClusterEvent:
    """Reads an event; its time is `lastTimestamp`, else `eventTime`, else its creation, since controllers and the scheduler fill in different ones."""
    about = child(raw, "involvedObject") or child(raw, "regarding")
    series = child(raw, "series")
    created = moment(child(raw, "metadata").get("creationTimestamp"))
    at = moment(raw.get("eventTime"))
    last = moment(raw.get("lastTimestamp")) or moment(series.get("lastObservedTime")) or at or created
    return ClusterEvent(
        type=text(raw.get("type")) or "Normal",
        reason=text(raw.get("reason")),
        message=text(raw.get("message")) or text(raw.get("note")),
        kind=text(about.get("kind")),
        name=text(about.get("name")),
        uid=text(about.get("uid")),
        count=number(raw.get("count")) or number(series.get("count")) or 1,
        first=moment(raw.get("firstTimestamp")) or at or created,
        last=last,
        namespace=text(about.get("namespace")),
        source=text(raw.get("reportingComponent")) or text(child(raw, "source").get("component")),
    )


def by_time(events: tuple[ClusterEvent, ...]) -> tuple[ClusterEvent, ...]:
    """Returns the events oldest first; those without any time come first."""
    return tuple(sorted(events, key=lambda event: event.last or 0.0))
