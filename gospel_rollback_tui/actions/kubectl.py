"""The commands an operator would type instead, bound to the environment's own cluster.

Without the context a command copied from the screen goes to whatever cluster the shell points at.
"""

import shlex

from gospel_rollback_tui.domain.estate import Cluster


def kubectl(cluster: Cluster, arguments: str) -> str:
    """Returns `kubectl ARGUMENTS` for that cluster; `arguments` are written for a POSIX shell already."""
    where = f" --kubeconfig {shlex.quote(cluster.kubeconfig)}" if cluster.kubeconfig else ""
    return f"kubectl{where} --context {shlex.quote(cluster.context)} {arguments}"
