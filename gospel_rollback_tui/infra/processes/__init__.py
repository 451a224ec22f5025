"""External commands as the tool runs them: argument lists, a session of their own, nothing to read, bounded output, a deadline.

Rule: never a shell, never a secret among the arguments, never the whole environment; what a command wrote is cleaned before anybody sees it.
"""
