"""Reads an Application's releases from Argo CD: the history, what commits declare and who made them, and what is live."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from threading import Lock

from gospel_rollback_tui.actions.ports import ArgoCdApi
from gospel_rollback_tui.actions.together import as_far_as
from gospel_rollback_tui.domain.errors import Refused, RollbackError
from gospel_rollback_tui.domain.manifests import images_run, workload_images
from gospel_rollback_tui.domain.raw import JsonObject, text
from gospel_rollback_tui.domain.sync_history import Entry, Images

TOLD_SECONDS = 4.0
"""For everything about the entries of a list: what is later is shown as not read."""
RENDERED = 6
"""Newest commits of a list whose manifests are asked for: each may cost the server a rendering."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of an entry's commits."""

    subject: str = ""
    author: str = ""
    tags: tuple[str, ...] = ()
    images: Images | None = None
    """None: not read."""
    refused: str = ""
    """Why it cannot be gone back to, e.g. that its commit is gone from git."""

    def label(self, entry: Entry) -> str:
        """Returns the release as people call it: its tag, otherwise its commit."""
        return self.tags[0] if self.tags else entry.short


@dataclass(slots=True)
class Releases:
    """Reads releases; manifests are kept by commit, since a commit never changes."""

    api: ArgoCdApi
    _manifests: dict[tuple[str, tuple[str, ...]], tuple[JsonObject, ...]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def manifests(self, name: str, revisions: Sequence[str]) -> tuple[JsonObject, ...]:
        """Returns what the Application declares at those commits; raises Refused when one of them is gone."""
        key = (name, tuple(revisions))
        with self._lock:
            known = self._manifests.get(key)
        if known is None:
            known = self.api.manifests(name, revisions)
            with self._lock:
                self._manifests[key] = known
        return known

    def told(self, name: str, entries: Sequence[Entry], namespace: str) -> dict[tuple[str, ...], Told]:
        """Returns what could be read of each entry's commits within the deadline, all asked at the same time."""
        newest = {entry.revisions: entry for entry in entries if entry.revisions}
        sets = tuple(newest)
        rendered = tuple(reversed(sets))[:RENDERED]
        questions = [*(partial(self._images, name, one, namespace) for one in rendered), *(partial(self._commit, name, newest[one]) for one in sets)]
        answers = as_far_as(questions, TOLD_SECONDS)
        images, described = dict(zip(rendered, answers, strict=False)), dict(zip(sets, answers[len(rendered) :], strict=True))
        return {one: _merged(described[one], images.get(one)) for one in sets}

    def one(self, name: str, entry: Entry) -> Told:
        """Returns author, subject and tags of one entry's commit, as far as they could be read."""
        try:
            return self._commit(name, entry)
        except RollbackError:
            return Told()

    def _commit(self, name: str, entry: Entry) -> Told:
        several = len(entry.revisions) > 1
        raw = self.api.revision(name, entry.revisions[0], 0 if several else None, entry.id if several else None)
        tags = raw.get("tags")
        listed = tuple(text(tag) for tag in tags) if isinstance(tags, list) else ()
        return Told(text(raw.get("message")).partition("\n")[0][:80], text(raw.get("author")), listed)

    def _images(self, name: str, revisions: tuple[str, ...], namespace: str) -> Told:
        return Told(images=images_run(workload_images(self.manifests(name, revisions), namespace)))


def _merged(described: Told | RollbackError | None, rendered: Told | RollbackError | None) -> Told:
    known = described if isinstance(described, Told) else Told()
    images = rendered.images if isinstance(rendered, Told) else None
    refused = rendered.text if isinstance(rendered, Refused) else ""
    return Told(known.subject, known.author, known.tags, images, refused)
