"""The procedures as data, and the loader that proves them.

Rule: reads files, never an estate.
"""
