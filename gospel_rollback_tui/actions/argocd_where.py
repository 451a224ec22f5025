"""Where a step of Argo CD acts, as the live identities report it."""

from gospel_rollback_tui.actions.ports import ArgoCdApi, Whereabouts
from gospel_rollback_tui.actions.together import both
from gospel_rollback_tui.engine.ports import StepRequest


def where_of(request: StepRequest, whereabouts: Whereabouts, api: ArgoCdApi) -> str:
    """Returns cluster and Argo CD with the account in each; raises CredentialsExpired when Argo CD knows nobody."""
    (server, identity), account = both(whereabouts.current, api.who)
    cluster = request.environment.cluster
    kind = f"{cluster.kind} " if cluster.kind else ""
    return f"{kind}{cluster.context} · {server} · as {identity} · Argo CD {request.environment.argocd.server} as {account}"
