"""An Application's deployments as Argo CD records them, and which of them to go back to.

Every successful full sync adds an entry, a rollback too, so "the one before" may be the bad release again. Ids begin
anew at 0 when the list was emptied, so an id means something only together with its commits (recorded from Argo CD 3.2).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gospel_rollback_tui.domain.preview import digest_of
from gospel_rollback_tui.domain.raw import JsonObject, child, children, flag, moment, number, text

PROVED_SECONDS = 15 * 60.0
"""An entry that ran at least this long counts as well, as the stability watch does."""
SHORT = 7
"""Characters of a commit that are shown."""

Images = frozenset[tuple[str, str]]
"""(workload, image) of everything that runs, or that a commit declares."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One deployment of the history."""

    id: int
    revisions: tuple[str, ...]
    """One commit a source."""
    deployed: float | None = None
    by: str = ""
    """Account, or `Argo CD itself`."""
    sources: str = field(default="", repr=False)
    """Digest of how the sources were rendered, without their commits."""

    @property
    def key(self) -> str:
        """The entry's id together with its commits: what a choice stands for."""
        return f"{self.id}@{','.join(self.revisions)}"

    @property
    def short(self) -> str:
        """Its commits as people say them."""
        return " + ".join(revision[:SHORT] for revision in self.revisions)


def history_from(application: JsonObject) -> tuple[Entry, ...]:
    """Returns the entries of an Application, newest last, as Argo CD keeps them."""
    return tuple(_entry(raw) for raw in children(application, "status", "history"))


def _entry(raw: JsonObject) -> Entry:
    by = child(raw, "initiatedBy")
    return Entry(
        id=number(raw.get("id"), -1),
        revisions=revisions_of(raw),
        deployed=moment(raw.get("deployedAt")),
        by="Argo CD itself" if flag(by.get("automated")) else text(by.get("username")),
        sources=sources_digest(raw),
    )


def revisions_of(raw: JsonObject) -> tuple[str, ...]:
    """Returns the commits of a history entry or of an operation's sync: `revisions` of several sources, else `revision`."""
    several = raw.get("revisions")
    if isinstance(several, list) and several:
        return tuple(text(revision) for revision in several)
    return (text(raw.get("revision")),) if raw.get("revision") else ()


def sources_digest(raw: JsonObject) -> str:
    """Returns a digest of how an entry's, or a specification's, sources are rendered: everything but their commits."""
    sources = children(raw, "sources") or (child(raw, "source"),)
    return digest_of([{name: value for name, value in source.items() if name != "targetRevision"} for source in sources])


def find(key: str, entries: tuple[Entry, ...]) -> Entry | None:
    """Returns the entry that was chosen, if it is still the same."""
    return next((entry for entry in entries if entry.key == key), None)


def why_gone(key: str, entries: tuple[Entry, ...]) -> str:
    """Returns why a chosen entry cannot be rolled back to any more."""
    chosen = number(key.partition("@")[0], -1)
    if not entries:
        return "the history is empty now"
    if any(entry.id == chosen for entry in entries):
        return f"entry {chosen} is another deployment now: the history was emptied and its numbers began anew"
    if chosen < entries[0].id:
        return f"entry {chosen} was cut from the history, which begins at {entries[0].id} now"
    return f"entry {chosen} is not in the history any more"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry with what is known of it."""

    entry: Entry
    images: Images | None = None
    """What it declares; None: not read."""
    ran: float | None = None
    """Seconds until the next entry; None: not known."""
    newest: bool = False
    """It is what was deployed last."""
    gone_back_from: bool = False
    """Somebody has already gone back from it."""
    unwell: str = ""
    """What was seen to be wrong with it; empty: nothing."""


def candidates(entries: tuple[Entry, ...], images: Mapping[tuple[str, ...], Images], unwell: Mapping[str, str], now: float) -> tuple[Candidate, ...]:
    """Returns the entries with what is known of each, newest first.

    Args:
        entries: The history, newest last.
        images: What each set of commits declares, as far as it was read.
        unwell: Image → what was seen to be wrong with it.
        now: Wall time by the cluster's clock.
    """
    found: list[Candidate] = []
    first_seen = {entry.revisions: index for index, entry in reversed(tuple(enumerate(entries)))}
    for index, entry in enumerate(entries):
        later = entries[index + 1 :]
        until = later[0].deployed if later else now
        declared = images.get(entry.revisions)
        seen = next((f"{image.rpartition('/')[2]} {unwell[image]}" for _, image in sorted(declared or ()) if image in unwell), "")
        found.append(
            Candidate(
                entry,
                declared,
                until - entry.deployed if until is not None and entry.deployed is not None else None,
                newest=not later,
                gone_back_from=any(first_seen[one.revisions] < first_seen[entry.revisions] for one in later),
                unwell=seen,
            )
        )
    return tuple(reversed(found))


def suggested(choices: tuple[Candidate, ...], live: Images) -> Candidate | None:
    """Returns the newest entry whose images are not what runs and that was well; None: nothing speaks for any.

    A release that once ran for a quarter of an hour comes before a newer one that was soon replaced: that one was
    probably a fix that did not help.
    """
    other = [one for one in choices if _differs(one, live) and not one.gone_back_from and not one.unwell]
    proved = {one.entry.revisions for one in other if one.ran is not None and one.ran >= PROVED_SECONDS}
    return next((one for one in other if one.entry.revisions in proved), other[0] if other else None)


def _differs(one: Candidate, live: Images) -> bool:
    """Whether the entry would change an image of something that runs."""
    if one.images is None:
        return False
    running = dict(live)
    return any(running.get(workload) not in (None, image) for workload, image in one.images)
