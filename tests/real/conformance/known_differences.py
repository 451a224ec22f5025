"""Where the simulated estate may answer otherwise than the real one, each with its reason; anything else is a fault of it."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KnownDifference:
    """A part of one case's value that is not compared."""

    case: str
    place: str
    """A regular expression that the whole path of the part matches, as `comparing.differences` writes it."""
    reason: str

    def covers(self, case: str, place: str) -> bool:
        """Whether a difference at a place of a case is this one."""
        return case == self.case and re.fullmatch(self.place, place) is not None


_UNNAMED_RULES = (
    "The simulated rights are rules without names, so no review tells which binding allows something; the tool shows the text and rests nothing on it."
)
_KWOK = "kwok stands in for the kubelet on the real estate and writes less than one; the simulated kubelet writes what a real one does."
_PARSER = "The words of Go's parser for what nobody sends: the kind of refusal is compared, its last words are not."
_OWNERSHIP = (
    "The simulated server notes who wrote an object last and judges no ownership of single fields: an apply conflicts with nothing there, takes nothing "
    "back, and puts what it adds first; what the tool applies is proved on the real server too."
)

KNOWN: tuple[KnownDifference, ...] = (
    KnownDifference("may-patch", r"\.body\.status\.reason", _UNNAMED_RULES),
    KnownDifference("may-read-logs", r"\.body\.status\.reason", _UNNAMED_RULES),
    KnownDifference("may-patch-applications", r"\.body\.status\.reason", _UNNAMED_RULES),
    KnownDifference("api", r"\.body\.serverAddressByClientCIDRs\[0\]\.serverAddress", "The real server names the machine's own address, whatever that is."),
    KnownDifference("bad-label-selector", r"\.status\.message", _PARSER),
    KnownDifference("bad-continue", r"\.status\.message", _PARSER),
    KnownDifference("pods-of-a-selector", r"\.items\[\d\]\.metadata\.managedFields", _KWOK),
    KnownDifference("pods-of-a-selector", r"\.items\[\d\]\.status\.(conditions\[\d\]\.)?observedGeneration", _KWOK),
    KnownDifference("pods-of-a-selector", r"\.items\[\d\]\.status\.hostIPs", _KWOK),
    KnownDifference("pods-of-a-selector", r"\.items\[\d\]\.status\.containerStatuses\[\d\]\.(imageID|containerID)", _KWOK),
    KnownDifference("patch-env-deleted", r"\.(dry run|patch)\.document\.metadata\.managedFields", _OWNERSHIP),
    KnownDifference("applied-by-the-server", r"\[3\]\.data\.b", _OWNERSHIP),
    KnownDifference("a-deployment-applied-by-the-server", r"\[[14]\]\[\d\]", _OWNERSHIP),
    KnownDifference("a-log", r"\.(before its first start|previous with the tool's words)\.status\.message", _KWOK),
)
