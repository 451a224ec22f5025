"""Objects as rows: what `kubectl get` prints, made on the server as the real one does.

Rule: pure functions of documents and the time.
"""

from gospel_rollback_tui.drill.kubernetes.tables.rows import table

__all__ = ["table"]
