"""Argo CD over its REST API: one connection, one request at a time a call.

Rule: raw JSON out, judged in `domain`; only errors of `domain.errors` leave; a change is sent once and never again by itself.
"""
