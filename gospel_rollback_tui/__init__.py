"""gospel-rollback: incident rollback from triage to a closed run, one confirmed step at a time.

Rule: this module holds the version and imports nothing, so that every start pays for nothing it does not use.
"""

__version__ = "0.1.0"
