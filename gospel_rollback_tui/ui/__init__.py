"""The screens.

Rule: the only package that imports Textual or Rich; shows values, sends decisions, owns no run.
"""
