"""What steps do, one module per system.

Rule: each action plans, sends, checks and undoes through small ports; vendors are behind them.
"""
