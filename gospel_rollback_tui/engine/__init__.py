"""Runs a runbook: gate, executor, journal, debts, resume.

Rule: synchronous, in threads, no event loop; the world is reached through the ports declared here.
"""
