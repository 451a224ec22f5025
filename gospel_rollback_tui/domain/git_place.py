"""Where an environment's manifests live in git, and whether Argo CD looks at that very place."""

import posixpath
from dataclasses import dataclass

from gospel_rollback_tui.domain.estate import Environment
from gospel_rollback_tui.domain.pull_requests import same_repository
from gospel_rollback_tui.domain.raw import JsonObject, child, children, text


@dataclass(frozen=True, slots=True)
class GitPlace:
    """A branch of a repository, and the folders in it."""

    repository: str
    branch: str
    forge: str = ""
    """The repository as the forge's own command line names it; empty: not configured."""
    manifests: str = ""
    """Folder of all manifests."""
    overlay: str = ""
    """Folder of this environment's kustomization."""

    @property
    def folder(self) -> str:
        """The folder that a release lives in: all manifests, or the overlay where nothing else is named."""
        return self.manifests or self.overlay


def git_place(environment: Environment) -> GitPlace | None:
    """Returns where the environment's manifests live; None: no repository or branch is configured."""
    names = dict(environment.names)
    repository, branch = names.get("git.repository", ""), names.get("git.branch", "")
    if not repository or not branch:
        return None
    return GitPlace(
        repository=repository,
        branch=branch.removeprefix("refs/heads/"),
        forge=names.get("git.forge", ""),
        manifests=_folder(names.get("git.manifests", "")),
        overlay=_folder(names.get("git.overlay", "")),
    )


def _folder(path: str) -> str:
    return posixpath.normpath(path.strip("/")) if path.strip("/") else ""


@dataclass(frozen=True, slots=True)
class Source:
    """One source of an Application."""

    repository: str
    revision: str
    """Branch, tag or commit it follows."""
    path: str


def sources_of(application: JsonObject) -> tuple[Source, ...]:
    """Returns the sources of an Application object, `source` or each of `sources`."""
    spec = child(application, "spec")
    listed = children(spec, "sources") or ((child(spec, "source"),) if child(spec, "source") else ())
    return tuple(Source(text(one.get("repoURL")), text(one.get("targetRevision")) or "HEAD", _folder(text(one.get("path")))) for one in listed)


def source_mismatch(place: GitPlace, application: JsonObject, default_branch: str = "") -> str:
    """Returns why a push to the place would not reach Argo CD; empty: it would.

    Args:
        place: Where we would push.
        application: The Application object.
        default_branch: The branch that `HEAD` means on the remote; empty: not known.
    """
    name = text(child(application, "metadata").get("name"))
    sources = sources_of(application)
    ours = [source for source in sources if same_repository(source.repository, place.repository)]
    if not ours:
        listed = ", ".join(source.repository for source in sources) or "no repository"
        return f"Argo CD's Application {name} follows {listed}, not {place.repository}: a push there would change nothing."
    here = [source for source in ours if not place.overlay or source.path == place.overlay]
    if not here:
        paths = ", ".join(source.path or "the top folder" for source in ours)
        return f"Argo CD's Application {name} builds {paths}, not {place.overlay}: a push there would change nothing."
    followed = [_branch(source.revision, default_branch) for source in here]
    if place.branch not in followed:
        return f"Argo CD's Application {name} follows {', '.join(followed)}, not the branch {place.branch}: a push there would change nothing."
    return ""


def _branch(revision: str, default_branch: str) -> str:
    return (default_branch or revision) if revision == "HEAD" else revision.removeprefix("refs/heads/")


def deployed_commits(application: JsonObject, repository: str) -> dict[str, tuple[int, str]]:
    """Returns commit → (id, time) of each entry of the Application's history that came from the repository; of one commit the newest entry."""
    found: dict[str, tuple[int, str]] = {}
    for entry in children(application, "status", "history"):
        number = entry.get("id")
        single = (child(entry, "source"),) if child(entry, "source") else ()
        listed = children(entry, "sources") or single
        many = entry.get("revisions")
        revisions = [text(one) for one in many] if isinstance(many, list) and many else [text(entry.get("revision"))]
        for index, sha in enumerate(revisions):
            url = text(listed[index].get("repoURL")) if index < len(listed) else ""
            if sha and isinstance(number, int) and (not url or same_repository(url, repository)):
                found[sha] = (number, text(entry.get("deployedAt")))
    return found
