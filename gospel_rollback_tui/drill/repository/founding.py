"""The first content of the estate's repository: a commit a release, its tags, and what somebody committed later."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from gospel_rollback_tui.drill.repository.import_stream import ImportStream
from gospel_rollback_tui.drill.repository.releases import Release, releases_of
from gospel_rollback_tui.drill.repository.tree import changed_files, release_files
from gospel_rollback_tui.drill.script import Script
from gospel_rollback_tui.drill.script_delivery import LaterCommit

BRANCH = "refs/heads/main"
RELEASE_AUTHOR = "Release workflow <release@gospelib.invalid>"
DEVELOPER = "Ines Okafor <ines@gospelib.invalid>"

_REVIEW_SECONDS = 900.0
"""Between a change and the merge that brought it to the branch."""


class Founding:
    """What goes into the repository before the estate starts."""

    def __init__(self, script: Script, now: datetime, hook: str = "") -> None:
        """Lay out every commit; their times count backwards from `now`. The hook comes with the newest release."""
        self._stream = ImportStream()
        self._now = now
        self._marks: list[str] = []
        self._files: dict[str, str] = {}
        self.releases = releases_of(script)
        for release in self.releases:
            newest = release is self.releases[-1]
            self._release(release, release_files(script, release, hook if newest else ""), merged=script.git.merged and newest)
        self._add_later(script.git.later)

    @property
    def stream(self) -> bytes:
        """What `git fast-import` is given."""
        return self._stream.content()

    def shas(self, imported: bytes) -> tuple[str, ...]:
        """Return the sha of each release from what git answered."""
        known = imported.decode().split()
        return tuple(known[int(mark.removeprefix(":")) - 1] for mark in self._marks)

    def _release(self, release: Release, files: dict[str, str], *, merged: bool) -> None:
        """Add the commit of a release, or the merge that brought it, and its tag."""
        when = self._now - timedelta(seconds=release.before)
        changed = changed_files(self._files, files)
        subject = f"release {release.version}"
        parent = self._marks[-1] if self._marks else ""
        if merged:
            branch = f"release-{release.version}"
            side = self._stream.commit(f"refs/heads/{branch}", DEVELOPER, when - timedelta(seconds=_REVIEW_SECONDS), subject, changed, parent=parent)
            message = f"Merge pull request #41 from gospelib/{branch}\n\n{subject}"
            mark = self._stream.commit(BRANCH, DEVELOPER, when, message, changed, parent=parent, merged=side)
        else:
            mark = self._stream.commit(BRANCH, RELEASE_AUTHOR, when, subject, changed, parent=parent)
        if release.tag:
            self._stream.tag(release.tag, mark, RELEASE_AUTHOR, when, subject)
        self._marks.append(mark)
        self._files = files

    def _add_later(self, commits: Sequence[LaterCommit]) -> None:
        parent = self._marks[-1]
        for commit in commits:
            text = commit.text
            if commit.replaces:
                text = self._files[commit.path].replace(commit.replaces, commit.text, 1)
            self._files = {**self._files, commit.path: text}
            when = self._now - timedelta(seconds=commit.before)
            parent = self._stream.commit(BRANCH, commit.author, when, commit.subject, {commit.path: text}, parent=parent)
