"""The endpoints that read git through Argo CD: the manifests of a revision, and who committed it when."""

from gospel_rollback_tui.drill.argocd.answers import good
from gospel_rollback_tui.drill.argocd.exchange import Exchange
from gospel_rollback_tui.drill.argocd.refusals import Code, Refusal
from gospel_rollback_tui.drill.argocd.repo_server import GitError, is_full_sha
from gospel_rollback_tui.drill.kubernetes.documents import compact
from gospel_rollback_tui.drill.kubernetes.http.messages import Answer
from gospel_rollback_tui.drill.several_sources import sources_of, target_of


def manifests(exchange: Exchange) -> Answer:
    """Return the objects of a revision, each as a string of JSON; a branch, a short and a full sha do.

    Of several sources, which are folders of the one repository here, `revisions` names the commits.

    Raises:
        Refusal: Git does not know the revision, or cannot be asked.
    """
    application, sources = exchange.application("get"), exchange.parts.sources
    asked = exchange.query.get("revision") or exchange.query.get("revisions") or target_of(sources_of(application["spec"])[0])
    try:
        sha = sources.resolve(asked)
        found = sources.manifests(sha)
    except GitError as error:
        raise Refusal(Code.UNKNOWN, str(error)) from None
    return good({"manifests": [compact(document).decode() for document in found]})


def revision_metadata(exchange: Exchange) -> Answer:
    """Return author, date, message and tags of a commit, which has to be named by its sha.

    Raises:
        Refusal: It is no sha, or git does not know it.
    """
    exchange.application("get")
    revision = exchange.path["revision"]
    if not is_full_sha(revision):
        raise Refusal(Code.UNKNOWN, f"revision {revision} must be resolved")
    try:
        return good(exchange.parts.sources.remote.metadata(revision))
    except GitError as error:
        raise Refusal(Code.UNKNOWN, str(error)) from None
