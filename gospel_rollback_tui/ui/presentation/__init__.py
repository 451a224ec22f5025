"""Values → lines of text.

Rule: pure functions of what is to be shown, the present and the room there is; no widget, no state.
"""
