"""The process a run lives in, and the client that talks to it.

Rule: knows the engine and the socket; never an action, a feed or an adapter by name.
"""
