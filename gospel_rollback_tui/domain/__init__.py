"""Values and decisions of an incident.

Rule: pure. Frozen values and functions from values to values; no I/O, no clock, no threads, no vendor names.
"""
