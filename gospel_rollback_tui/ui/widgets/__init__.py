"""What screens are made of.

Rule: a widget shows what its draw function returns and repaints only lines that changed.
"""
