"""The one change: a commit with our trailer, pushed once and never by force, and the proof on the remote that it is there."""

import hashlib
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from gospel_rollback_tui.domain.commits import Parcel, trailer_line
from gospel_rollback_tui.domain.errors import FactsMoved, NotSent, OutcomeUnknown, Refused
from gospel_rollback_tui.domain.push_report import PushEnd, push_report
from gospel_rollback_tui.domain.text import clean
from gospel_rollback_tui.infra.processes.command import Ending
from gospel_rollback_tui.infra.repository.clone import ASK_SECONDS, FETCH_SECONDS, Clone
from gospel_rollback_tui.infra.repository.refusals import address, push_error, unreachable

PUSH_SECONDS = 45.0
"""Below the minute after which an intent without effect counts as not carried out."""
ASK_AGAIN_SECONDS = 4.0
"""Between two questions to the remote for a commit that was not there."""
_IDENTITY = re.compile(r"(?P<who>.*) \d+ [+-]\d{4}")


@dataclass(frozen=True, slots=True)
class Pushing:
    """Commits, pushes, and looks at the remote."""

    clone: Clone
    clock: Callable[[], float] = time.monotonic
    _absent: dict[tuple[str, str], float] = field(default_factory=dict, repr=False, compare=False)
    """(trailer, branch) → when it was last not there."""
    _known: dict[tuple[str, str], str] = field(default_factory=dict, repr=False, compare=False)
    """(remote head, trailer) → commit, so that a poll does not read the same history again."""

    def remote_heads(self, *branches: str) -> dict[str, str]:
        """Returns branch → commit as the remote says now; branches it does not have are left out."""
        ended = self.clone.networked().run("ls-remote", "--quiet", "origin", *(f"refs/heads/{branch}" for branch in branches), deadline=ASK_SECONDS)
        if not ended.well:
            raise unreachable(self.clone.place, ended)
        rows = (line.split("\t", 1) for line in ended.text.splitlines() if "\t" in line)
        return {ref.removeprefix("refs/heads/"): sha for sha, ref in rows}

    def default_branch(self) -> str:
        """Returns the branch that the remote's HEAD means; empty: it does not say."""
        ended = self.clone.networked().run("ls-remote", "--quiet", "--symref", "origin", "HEAD", deadline=ASK_SECONDS)
        if not ended.well:
            raise unreachable(self.clone.place, ended)
        found = re.search(r"^ref: refs/heads/(\S+)\tHEAD$", ended.text, re.MULTILINE)
        return found[1] if found else ""

    def author(self) -> str:
        """Returns who the commit will be by, as git itself says; raises Refused when git knows no name or address."""
        named = {}
        for variable in ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"):
            ended = self.clone.git.run("var", variable)
            match = _IDENTITY.fullmatch(ended.text.strip())
            if not ended.well or match is None:
                raise Refused(
                    "git does not know who you are: user.name and user.email are not set on this host.",
                    next_step='Set them (git config --global user.name "…", user.email "…"), then try again.',
                )
            named[variable] = match["who"]
        return named["GIT_AUTHOR_IDENT"]

    def signs(self) -> bool:
        """Returns whether the operator's own settings sign commits."""
        return self.clone.git.run("config", "--type=bool", "--get", "commit.gpgSign").text.strip() == "true"

    def push(self, parcel: Parcel) -> str:
        """Makes the commit and pushes it once; returns its sha.

        Raises:
            NotSent: It could not be committed or signed, or the remote was not reached.
            FactsMoved: The branch is not where it was when the change was worked out.
            Refused: The server's rules refuse it.
            OutcomeUnknown: The push ended without an answer.
        """
        self._absent.clear()
        with self.clone.held():
            self._refuse_moved(parcel)
            sha = self._commit(parcel)
            git = self.clone.networked()
            refspec = f"{sha}:refs/heads/{parcel.ref}"
            ended = git.run("push", "--porcelain", "--no-progress", "origin", refspec, deadline=PUSH_SECONDS, hooks=True)
        if ended.how is not Ending.BY_ITSELF:
            raise OutcomeUnknown(f"The push to {parcel.ref} of {address(self.clone.place)} did not end in time.", next_step="It is looked for on the remote.")
        report = push_report(ended.text, ended.complaints, ended.code)
        if report.end in (PushEnd.DONE, PushEnd.THERE):
            self._note(parcel.ref).unlink(missing_ok=True)
            return sha
        if report.end is PushEnd.PROTECTED:
            self._note(parcel.ref).write_text(report.words)
        raise push_error(self.clone.place, parcel, report)

    def rehearse(self, parcel: Parcel) -> str:
        """Returns why a push would fail, as far as git can tell without the server's own rules; empty: it would not."""
        with self.clone.held():
            sha = self.clone.git.need("commit-tree", "-p", parcel.parent, "-m", "rehearsal", parcel.tree).strip()
            refspec = f"{sha}:refs/heads/{parcel.ref}"
            ended = self.clone.networked().run("push", "--dry-run", "--porcelain", "--no-progress", "origin", refspec, deadline=PUSH_SECONDS)
        report = push_report(ended.text, ended.complaints, ended.code)
        if report.end in (PushEnd.DONE, PushEnd.THERE):
            return ""
        error = push_error(self.clone.place, parcel, report)
        return f"{error.text} {error.next_step}".strip()

    def _refuse_moved(self, parcel: Parcel) -> None:
        """A branch of our own must be new; the followed one must still be the parent."""
        now = self.remote_heads(parcel.ref).get(parcel.ref, "")
        expected = parcel.parent if parcel.ref == self.clone.place.branch else ""
        if now != expected:
            what = f"{parcel.ref} of {address(self.clone.place)}"
            old, new = expected[:7] or "absent", now[:7] or "gone"
            raise FactsMoved(f"Somebody pushed to {what} meanwhile: {old} → {new}.", moved=((f"branch {parcel.ref}", old, new),))

    def _commit(self, parcel: Parcel) -> str:
        git = self.clone.git
        if not git.run("cat-file", "-e", f"{parcel.tree}^{{tree}}").well:
            raise NotSent("What was shown is not in the clone any more.", next_step="Look at it again, then confirm it again.")
        message = f"{parcel.message.rstrip()}\n\n{trailer_line(parcel.mark)}\n"
        signed = ("-S",) if self.signs() else ()
        ended = git.run("commit-tree", *signed, "-p", parcel.parent, "-F", "-", parcel.tree, read=message.encode())
        if not ended.well:
            self.author()
            why = "could not be signed" if signed else "could not be made"
            raise NotSent(f"The commit {why}: {ended.words()}", next_step="Unlock the signing key on this host, then try again." if signed else "")
        return ended.text.strip()

    def protected(self, ref: str) -> str:
        """Returns with which words the server has refused a direct push to the branch; empty: it has not, as far as this host knows."""
        try:
            return clean(self._note(ref).read_text(), 300)
        except OSError:
            return ""

    def _note(self, ref: str) -> Path:
        """Kept beside the clone, so that the next run on this host proposes the pull request at once."""
        return self.clone.folder / f"{self.clone.name}.protected-{hashlib.sha256(ref.encode()).hexdigest()[:8]}"

    def pushed(self, mark: str, ref: str) -> str:
        """Returns the commit on the remote branch that carries the trailer; empty: there is none.

        Polled once a second while a pull request waits, the remote is asked every few seconds only.
        """
        now = self.clock()
        if now - self._absent.get((mark, ref), -ASK_AGAIN_SECONDS) < ASK_AGAIN_SECONDS:
            return ""
        found = self._looked_up(mark, ref)
        if not found:
            self._absent[mark, ref] = now
        return found

    def _looked_up(self, mark: str, ref: str) -> str:
        head = self.remote_heads(ref).get(ref, "")
        if not head:
            return ""
        if (head, mark) not in self._known:
            self._known[head, mark] = self._searched(head, mark, ref)
        return self._known[head, mark]

    def _searched(self, head: str, mark: str, ref: str) -> str:
        with self.clone.held():
            if not self.clone.git.run("cat-file", "-e", f"{head}^{{commit}}").well:
                refspec = f"+refs/heads/{ref}:refs/remotes/origin/{ref}"
                ended = self.clone.networked().run("fetch", "--quiet", "--no-write-fetch-head", "origin", refspec, deadline=FETCH_SECONDS)
                if not ended.well:
                    raise unreachable(self.clone.place, ended)
        line = trailer_line(mark)
        output = self.clone.git.need("log", "--fixed-strings", f"--grep={line}", "--format=%H%x00%B%x00", head)
        parts = output.split("\0")
        for sha, message in zip(parts[0::2], parts[1::2], strict=False):
            if any(each.strip() == line for each in message.splitlines()):
                return sha.strip()
        return ""
