"""The screens.

Rule: a screen shows a glance and says what the operator chose; it knows no successor and sends nothing.
"""
