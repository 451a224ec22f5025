"""Measures what an operator waits for; `python -m benchmarks` writes the table of benchmarks/README.md.

Every figure is taken in one run on one machine and given as a median, beside a reference measured in the same run.
"""
