"""What git's complaints mean for the operator."""

from gospel_rollback_tui.domain.commits import Parcel
from gospel_rollback_tui.domain.errors import FactsMoved, Forbidden, NoRoute, NotFound, NotSent, OutcomeUnknown, Refused, RollbackError
from gospel_rollback_tui.domain.git_place import GitPlace
from gospel_rollback_tui.domain.push_report import PushEnd, PushReport, telling, trouble
from gospel_rollback_tui.domain.text import redact
from gospel_rollback_tui.infra.processes.command import Ended, Ending

_BY_HAND = "Try again, or go on by hand."


def address(place: GitPlace) -> str:
    """Returns the repository's address without what may be a password in it."""
    return redact(place.repository)


def unreachable(place: GitPlace, ended: Ended) -> RollbackError:
    """Returns what it means that a question to the remote failed."""
    words = " · ".join(telling(ended.complaints)[-3:]) or ended.words()
    where = address(place)
    if ended.how is not Ending.BY_ITSELF:
        return NoRoute(f"{where} did not answer in time.", next_step=_BY_HAND)
    if "couldn't find remote ref" in words:
        return NotFound(f"{where} has no branch {place.branch}: {words}", next_step="Look at git.branch in the configuration.")
    end = trouble(" ".join(ended.complaints))
    if end is PushEnd.FORBIDDEN:
        return Forbidden(
            f"{where} does not let this login in: {words}", next_step="Renew git's own credentials (ssh agent or credential helper), then try again."
        )
    if end is PushEnd.NO_REPOSITORY:
        return NotFound(f"There is no repository at {where}, or this login may not see it: {words}", next_step="Look at git.repository in the configuration.")
    if end is PushEnd.UNREACHED:
        return NoRoute(f"{where} was not reached: {words}", next_step=_BY_HAND)
    return NotSent(f"git could not ask {where}: {words}", next_step=_BY_HAND)


def push_error(place: GitPlace, parcel: Parcel, report: PushReport) -> RollbackError:
    """Returns what it means that a push did not end well."""
    where = f"{parcel.ref} of {address(place)}"
    if report.end is PushEnd.MOVED:
        return FactsMoved(f"Somebody pushed to {where} meanwhile: {report.words}.", next_step="Look at the new difference, then decide again.")
    if report.end is PushEnd.PROTECTED:
        return Refused(f"{where} refuses a direct push: {report.words}", next_step="Choose a pull request: the change goes on a branch of its own.")
    if report.end is PushEnd.FORBIDDEN:
        return Forbidden(f"This login may not push to {where}: {report.words}", next_step="Ask somebody who may, use another key, or go back beside git.")
    if report.end is PushEnd.UNREACHED:
        return NoRoute(f"{where} was not reached: {report.words}", next_step=_BY_HAND)
    if report.end is PushEnd.NO_REPOSITORY:
        return NotFound(f"There is no repository at {address(place)}: {report.words}")
    return OutcomeUnknown(f"The push to {where} ended without a clear answer: {report.words}", next_step="It is looked for on the remote.")
