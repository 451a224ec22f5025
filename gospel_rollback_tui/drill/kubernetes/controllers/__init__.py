"""The controllers of the simulated cluster: what brings about what was asked for.

Rule: every reconciliation starts from what is stored, writes through the registry, and may
be run again at any time; nothing else decides what happens next.
"""
