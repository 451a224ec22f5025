"""Applications with one source and with several: where each writes its branches, commits and sources.

Recorded from Argo CD 3.2: with several, `sources` and `revisions` stand in place of `source` and `revision`, and a
`source` with an empty address stays behind.
"""

from collections.abc import Sequence

from gospel_rollback_tui.drill.kubernetes.documents import Json

NO_SOURCE: Json = {"repoURL": ""}


def sources_of(spec: Json) -> list[Json]:
    """Return the sources of an Application's spec, one or several."""
    sources: list[Json] = spec.get("sources") or [spec["source"]]
    return sources


def target_of(source: Json) -> str:
    """Return the branch that a source follows."""
    return str(source.get("targetRevision") or "HEAD")


def commit_of(synced: Json) -> str:
    """Return the commit of the first source in a sync, a status or an entry of the history; empty for none."""
    return str(synced.get("revision") or next(iter(synced.get("revisions") or []), ""))


def deployed(spec: Json, commits: Sequence[str]) -> Json:
    """Return the fields that tell what is deployed: sources with their commits, as operations and histories hold them."""
    if spec.get("sources"):
        return {"revisions": list(commits), "sources": spec["sources"], "source": NO_SOURCE}
    return {"revision": commits[0], "source": spec["source"]}


def compared(spec: Json, commits: Sequence[str]) -> Json:
    """Return the fields of the sync status that tell what was compared."""
    names = {"revisions": list(commits)} if spec.get("sources") else {"revision": commits[0]}
    against = {"sources": spec["sources"]} if spec.get("sources") else {"source": spec["source"]}
    return {**names, "comparedTo": {**against, "destination": spec["destination"]}}
