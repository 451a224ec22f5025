"""What `git push --porcelain` and its complaints say, judged: done, moved on, refused by the server, or not known."""

import re
from dataclasses import dataclass
from enum import Enum


class PushEnd(Enum):
    """What became of one ref of a push."""

    DONE = "done"
    THERE = "was there already"
    MOVED = "the branch has moved"
    PROTECTED = "the server's rules refuse it"
    FORBIDDEN = "this login may not push"
    UNREACHED = "the server was not reached"
    NO_REPOSITORY = "there is no such repository"
    UNKNOWN = "nobody knows"


@dataclass(frozen=True, slots=True)
class PushReport:
    """One ref of a push."""

    end: PushEnd
    words: str = ""
    """What the server said about it, without its `remote:`."""


_MOVED = re.compile(
    r"fetch first|non-fast-forward|stale info|cannot lock ref|failed to (?:lock|update)|incorrect old value|reference already exists", re.IGNORECASE
)
_FORBIDDEN = re.compile(
    r"permission (?:to .* )?denied|access denied|not (?:been )?granted|not authori[sz]ed|authentication failed|could not read (?:username|password)"
    r"|invalid username or password|terminal prompts disabled|returned error: 40[13]|marked as read only|read-only|you are not allowed to upload",
    re.IGNORECASE,
)
_UNREACHED = re.compile(
    r"could not resolve|failed to connect|couldn't connect|connection (?:refused|timed out)|network is unreachable|no route to host"
    r"|host key verification failed|unable to access|operation timed out|unable to look up",
    re.IGNORECASE,
)
_NO_REPOSITORY = re.compile(
    r"does not appear to be a git repository|repository .*not found|repository not found|returned error: 404|does not exist", re.IGNORECASE
)

_EVERY_TIME = ("Please make sure you have the correct access rights", "and the repository exists.", "fatal: Could not read from remote repository.", "hint:")


def push_report(output: str, complaints: tuple[str, ...], code: int) -> PushReport:
    """Judges a push of one ref.

    Args:
        output: Standard output of `git push --porcelain`.
        complaints: Lines of standard error, cleaned.
        code: Exit code.
    """
    words = _remote_words(complaints)
    for line in output.splitlines():
        flag, _, rest = line.partition("\t")
        if "\t" not in rest or len(flag) != 1:
            continue
        summary = rest.partition("\t")[2]
        if flag == "!":
            return _rejected(summary, words)
        if flag == "=":
            return PushReport(PushEnd.THERE)
        return PushReport(PushEnd.DONE, words) if code == 0 else PushReport(PushEnd.UNKNOWN, words or summary)
    end = trouble(" ".join(complaints))
    return PushReport(end, words or " · ".join(telling(complaints)[-3:]))


def telling(complaints: tuple[str, ...]) -> tuple[str, ...]:
    """Returns what git, or the ssh below it, complained of, without what git says every time."""
    return tuple(line for line in complaints if not line.startswith(_EVERY_TIME))


def _rejected(summary: str, words: str) -> PushReport:
    reason = summary.partition("(")[2].rstrip(")") or summary
    if "remote failure" in summary:
        return PushReport(PushEnd.UNKNOWN, words or reason)
    if _MOVED.search(reason):
        return PushReport(PushEnd.MOVED, reason)
    if _FORBIDDEN.search(reason):
        return PushReport(PushEnd.FORBIDDEN, words or reason)
    return PushReport(PushEnd.PROTECTED, words or reason)


def trouble(complaint: str) -> PushEnd:
    """Judges what a command said that never got as far as a ref: rights, way, repository, or not known."""
    for pattern, end in ((_FORBIDDEN, PushEnd.FORBIDDEN), (_UNREACHED, PushEnd.UNREACHED), (_NO_REPOSITORY, PushEnd.NO_REPOSITORY)):
        if pattern.search(complaint):
            return end
    return PushEnd.UNKNOWN


def _remote_words(complaints: tuple[str, ...]) -> str:
    said = (line.partition("remote:")[2].strip() for line in complaints if line.startswith("remote:"))
    return " ".join(line for line in said if line)
