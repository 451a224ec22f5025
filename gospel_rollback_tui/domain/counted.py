"""How a number is written that may be too small."""

AT_LEAST = "≥"


def counted(number: int, *, at_least: bool = False) -> str:
    """Returns the number, marked where not everything could be counted."""
    return f"{AT_LEAST} {number}" if at_least else f"{number}"
