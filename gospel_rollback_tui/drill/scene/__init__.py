"""The state in which the simulated estate starts: whole objects with a past, as they would stand at that moment.

Rule: functions from a script and a moment to documents; nothing is stored or sent here.
"""
