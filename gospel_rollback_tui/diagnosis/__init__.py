"""Probes in parallel, each with its deadline, to readings.

Rule: read-only; a probe that fails is unknown, never evidence.
"""
