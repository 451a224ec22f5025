"""A simulated Argo CD: REST API, accounts, tokens, projects, sync windows and operations, as Argo CD 3.2 was seen to behave.

Rule: the Application objects in the simulated Kubernetes store are the one truth; nothing here keeps another.
"""

from gospel_rollback_tui.drill.argocd.exchange import ServerParts
from gospel_rollback_tui.drill.argocd.repo_server import RepoServer
from gospel_rollback_tui.drill.argocd.server import ArgoCdServer
from gospel_rollback_tui.drill.argocd.sessions import Sessions

__all__ = ["ArgoCdServer", "RepoServer", "ServerParts", "Sessions"]
