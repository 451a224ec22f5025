"""Who would undo a rollback, or stand in its way: what each does to it, how soon, and what answers it.

How each behaves was recorded from Argo CD 3.2: self-heal strikes within a second and then with a back-off of up to
five minutes; an ApplicationSet puts a child's sync policy back at once; an Application that deploys another heals only
the fields it declares; a rollback inside a deny window waits, and runs by itself when the window ends.
"""

from dataclasses import dataclass
from enum import Enum

from gospel_rollback_tui.domain.application import Application
from gospel_rollback_tui.domain.commits import Commit
from gospel_rollback_tui.domain.newer_commits import Release, newer_than, release_before


class Means(Enum):
    """By what a way goes back."""

    LIVE = "live objects"
    ARGOCD = "Argo CD's history"
    GIT = "git"


@dataclass(frozen=True, slots=True)
class Fighter:
    """Something that works against a rollback."""

    who: str
    """e.g. `Application gospelib-production`."""
    does: str
    """What it will do to this rollback."""
    soon: str = ""
    """When, in words."""
    answer: str = ""
    """What is done about it."""
    undoes: frozenset[Means] = frozenset()
    """The means whose effect it would undo."""
    blocks: frozenset[Means] = frozenset()
    """The means that it stands in the way of, as things are."""
    frozen: bool = False
    """Whether the same confirmed step stops it first."""

    @property
    def words(self) -> str:
        """One line for a prompt."""
        return "; ".join(part for part in (f"{self.who} {self.does}{f' {self.soon}' if self.soon else ''}", self.answer) if part)


@dataclass(frozen=True, slots=True)
class Survey:
    """What was seen of everything that may work against a rollback; None: nobody could look."""

    application: Application | None = None
    application_read: bool = False
    can_sync: bool | None = None
    """Whether sync windows let Argo CD sync now."""
    window: str = ""
    """The window that forbids it, in words."""
    autoscaled: tuple[str, ...] = ()
    """Services whose replicas an autoscaler keeps."""
    branch: tuple[Commit, ...] | None = None
    """The newest states of the branch that is followed, newest first."""
    branch_unread: str = ""
    """Why the branch could not be read; empty: it was, or there is none to read."""
    argocd_unread: str = ""
    """Why Argo CD's API could not be asked; empty: it answered, or none is configured."""
    release: Release | None = None
    """The release to go back to; None: what was deployed before the last deployment."""
    updater_held: str = ""
    """Why Image Updater cannot be stopped first; empty: it can, as far as anybody has tried."""
    ci_runs: tuple[str, ...] | None = None
    """Deployments under way, as the configured command prints them."""


NAMED = 3
"""Commits that a line names; the rest is counted."""
_BESIDE_GIT = frozenset({Means.LIVE, Means.ARGOCD})
_BY_ARGOCD = frozenset({Means.ARGOCD, Means.GIT})
_EVERY = frozenset(Means)


def fighters(survey: Survey) -> tuple[Fighter, ...]:
    """Returns who works against a rollback, owners before what they own: the order in which they must be frozen."""
    found = [*_policy(survey), *_updater(survey), *_window(survey), *_operation(survey), *_commits(survey), *_ci(survey)]
    if survey.autoscaled:
        found.append(Fighter("The autoscaler", f"keeps the replicas of {', '.join(survey.autoscaled)}", answer="nothing to do"))
    return tuple(found)


def unfrozen(found: tuple[Fighter, ...], means: Means) -> tuple[Fighter, ...]:
    """Returns those that would undo what goes back by these means and that the step does not stop first."""
    return tuple(fighter for fighter in found if means in fighter.undoes and not fighter.frozen)


def _policy(survey: Survey) -> list[Fighter]:
    application = survey.application
    if application is None:
        if survey.application_read:
            return []
        return [Fighter("Argo CD", "could not be read: whether it reverts this is not known", undoes=_BESIDE_GIT)]
    if not application.auto_sync:
        return []
    who, found = f"Application {application.name}", []
    stays = application.can_be_frozen
    if application.parent:
        does = "heals only what it declares: auto-sync switched off stays off" if stays else "puts the sync policy back"
        soon, answer = ("", "") if stays else ("at once", "auto-sync cannot be switched off: go by git")
        found.append(Fighter(application.parent, does, soon, answer, undoes=frozenset() if stays else _BESIDE_GIT))
    answer = "auto-sync is switched off in the same step" if stays else ""
    if application.self_heal:
        found.append(Fighter(who, "reverts it by self-heal", "within a second, later within five minutes", answer, _BESIDE_GIT, frozen=stays))
    else:
        found.append(Fighter(who, "overwrites it", "with the next commit", answer, _BESIDE_GIT, frozen=stays))
    return found


def _updater(survey: Survey) -> list[Fighter]:
    application = survey.application
    if application is None or not application.images_followed:
        return []
    does = f"sets the newest image again ({application.images_followed})"
    held = f"{application.parent} would put its annotation back: take it off there" if application.parent else survey.updater_held
    answer = held or "its annotation is taken off in the same step"
    return [Fighter("Image Updater", does, "within minutes", answer, _EVERY, frozen=not held)]


def _window(survey: Survey) -> list[Fighter]:
    if survey.can_sync is not False:
        return []
    does = "holds every sync, and lets one that waits run by itself when it ends"
    return [Fighter(f"Sync window {survey.window}".rstrip(), does, answer="patch the live objects, or allow manual syncs in it", blocks=_BY_ARGOCD)]


def _operation(survey: Survey) -> list[Fighter]:
    application = survey.application
    if application is None or not application.operation:
        return []
    who, does = f"The operation under way ({application.operation})", "lets no other begin until it ends"
    return [Fighter(who, does, answer="Argo CD's rollback ends it first", blocks=_BY_ARGOCD, frozen=True)]


def newer_commits(survey: Survey) -> tuple[Commit, ...]:
    """Returns the commits of the branch that are newer than the release to go back to; none where neither can be told."""
    application = survey.application
    release = survey.release or release_before(application.history if application is not None else ())
    return newer_than(survey.branch or (), release) if release is not None else ()


def _commits(survey: Survey) -> list[Fighter]:
    newer = newer_commits(survey)
    if not newer and not survey.branch_unread:
        return []
    application = survey.application
    syncs = application is not None and application.auto_sync
    stays = application is None or not syncs or application.can_be_frozen
    count = f"holds {len(newer)} commit{'' if len(newer) == 1 else 's'} newer than this release ({_subjects(newer)}), which a sync deploys"
    does = count if newer else "could not be read: a sync deploys whatever is newer there"
    soon = "within minutes while auto-sync is on" if syncs else ""
    off = "auto-sync stays off until git says what runs" if syncs else "make git say what runs before anybody syncs"
    return [Fighter("git", does, soon, off if stays else "go by git", _BESIDE_GIT, frozen=stays)]


def _subjects(commits: tuple[Commit, ...]) -> str:
    shown = "; ".join(commit.subject for commit in commits[:NAMED])
    return f"{shown} and {len(commits) - NAMED} more" if len(commits) > NAMED else shown


def _ci(survey: Survey) -> list[Fighter]:
    if not survey.ci_runs:
        return []
    return [Fighter(f"A deployment under way ({survey.ci_runs[0]})", "releases again", "when it ends", "cancel it, or wait for it", _EVERY)]
