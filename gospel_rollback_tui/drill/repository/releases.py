"""The releases that a script's estate went through, oldest first: what each declares, and the tag it was given."""

from dataclasses import dataclass

from gospel_rollback_tui.drill.script import Revision, Script

TAG_PREFIX = "release/"


@dataclass(frozen=True, slots=True)
class Release:
    """One release of the whole estate."""

    revisions: tuple[tuple[str, Revision], ...]
    """Which revision of each service it declares."""

    before: float
    """Seconds from the release to the start of the estate."""

    version: str
    """The newest version that some service got by it."""

    tag: str
    """Name of its tag; empty for a release whose version had been tagged before."""

    def tag_of(self, service: str) -> str:
        """Return the image tag that the release declares for a service."""
        return dict(self.revisions)[service].tag


def releases_of(script: Script) -> tuple[Release, ...]:
    """Return a release for each moment at which some service was released."""
    releases: list[Release] = []
    for moment in sorted({revision.applied_before for history in script.histories for revision in history.revisions}, reverse=True):
        live = {
            history.service: next((r for r in reversed(history.revisions) if r.applied_before >= moment), history.revisions[0]) for history in script.histories
        }
        version = max((revision.tag for revision in live.values() if revision.applied_before == moment), key=_version)
        tag = TAG_PREFIX + version
        releases.append(Release(tuple(live.items()), moment, version, tag if all(tag != earlier.tag for earlier in releases) else ""))
    return tuple(releases)


def _version(tag: str) -> tuple[int, ...]:
    """Return a version's numbers; zero for what is not `vX.Y.Z`."""
    return tuple(int(part) if part.isdigit() else 0 for part in tag.removeprefix("v").split("."))
