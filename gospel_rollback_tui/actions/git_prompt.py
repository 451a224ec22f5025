"""The words of a push's confirmation: what the branch becomes, what that makes of the manifests, which commits it undoes, how it goes."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from gospel_rollback_tui.actions.git_estate import Rendering, other_overlays
from gospel_rollback_tui.domain.commits import Commit, Proposal
from gospel_rollback_tui.domain.git_place import GitPlace
from gospel_rollback_tui.domain.preview import DiffLine, Fingerprint, Notice, Preview, Tone
from gospel_rollback_tui.domain.rendered import rendered_lines
from gospel_rollback_tui.domain.runbook import ActionSpec
from gospel_rollback_tui.domain.spans import span
from gospel_rollback_tui.domain.text import redact
from gospel_rollback_tui.engine.ports import StepRequest

NAMED_COMMITS = 4
"""Commits that a line names; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a step would make of the branch."""

    proposal: Proposal
    title: str
    """e.g. `Put infra/k8s on main back to v2.14.0`."""
    subject: str
    """First line of the commit's message."""
    summary: str
    """e.g. `v2.15.0 → v2.14.0`."""
    rendering: Rendering
    body: tuple[str, ...] = ()
    """Further lines of the message."""
    notices: tuple[Notice, ...] = ()
    by_hand: tuple[str, ...] = ()
    """Commands that make the same change in a work tree of the operator's own."""
    refused: str = ""
    debts: tuple[str, ...] = field(default=())
    """Debts that are paid once the branch holds it."""


def where_words(place: GitPlace) -> str:
    """Returns the branch and its repository, without what may be a password in the address."""
    return f"{place.branch} of {redact(place.repository)}"


def diff_of(wanted: Wanted) -> tuple[DiffLine, ...]:
    """Returns what changes in the manifests, then in the files."""
    rendering = wanted.rendering
    manifests = rendered_lines(rendering.before, rendering.after) if rendering.before is not None and rendering.after is not None else ()
    if not manifests:
        return wanted.proposal.diff
    return (*manifests, DiffLine(Tone.SAME, ""), DiffLine(Tone.SAME, "as files:"), *wanted.proposal.diff)


def notices_of(request: StepRequest, wanted: Wanted, place: GitPlace, author: str, *, signed: bool) -> tuple[Notice, ...]:
    """Returns the labelled lines of the prompt."""
    rendering = wanted.rendering
    found = [Notice("Commit", f"by {author}{', signed' if signed else ''}: {wanted.subject}")]
    if rendering.after is None or rendering.before is None:
        found.append(Notice("Manifests", f"not rendered: {rendering.why_not}", warning=True))
    elif not rendered_lines(rendering.before, rendering.after):
        found.append(Notice("Manifests", "the same as now: only files differ", warning=True))
    beside = other_overlays(place.overlay, [path for _, path in wanted.proposal.files]) if place.overlay else ()
    if beside:
        found.append(Notice("Reaches", f"the overlay{'s' if len(beside) > 1 else ''} {', '.join(beside)} too, which follow this branch or not", warning=True))
    return (*found, *wanted.notices, *([Notice("Differs", request.step.differs)] if request.step.differs else []))


def undone_notice(commits: Sequence[Commit], now: float) -> tuple[Notice, ...]:
    """Returns the line that names the commits which a change undoes."""
    if not commits:
        return ()
    named = [f"{one.short} {one.subject} ({one.author}, {span(now - one.at)} ago)" for one in commits[:NAMED_COMMITS]]
    more = f" and {len(commits) - NAMED_COMMITS} more" if len(commits) > NAMED_COMMITS else ""
    count = f"{len(commits)} newer commit{'' if len(commits) == 1 else 's'}"
    return (Notice("Undoes", f"{count}: {'; '.join(named)}{more}", warning=len(commits) > 1),)


def refused_preview(request: StepRequest, spec: ActionSpec, why: str, where: str = "git") -> Preview:
    """Returns the preview of a change that cannot be made, and why."""
    return Preview(
        step=request.step.id,
        title=request.step.title,
        target=request.environment.cluster.namespace,
        where=where,
        danger=max(spec.danger, request.step.danger),
        calls=(),
        fingerprint=Fingerprint(()),
        refused=why,
    )
