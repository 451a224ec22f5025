"""The procedures as data: the decision matrix, one runbook a scenario, and the loader that proves them.

Reading is all this package does. What a step's action does is written in `actions/`; here it is only a name that the
catalogue must know.
"""

from gospel_rollback_tui.runbooks.loader import load_library

__all__ = ["load_library"]
