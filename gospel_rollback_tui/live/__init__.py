"""Feeds: live sources to immutable snapshots with an age.

Rule: unreachable is unknown, stale is a state, and nothing here changes anything.
"""
