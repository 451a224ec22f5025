"""Adapters named for their role.

Rule: the only package that imports vendor clients; their exceptions end here.
"""
