"""Resource quantities (`250m`, `128Mi`) as exact numbers."""

from fractions import Fraction

_SUFFIXES = {
    "": Fraction(1), "n": Fraction(1, 10**9), "u": Fraction(1, 10**6), "m": Fraction(1, 1000), "k": Fraction(10**3), "M": Fraction(10**6),
    "G": Fraction(10**9), "T": Fraction(10**12), "Ki": Fraction(2**10), "Mi": Fraction(2**20), "Gi": Fraction(2**30), "Ti": Fraction(2**40),
}  # fmt: skip


def parse_quantity(text: str | float) -> Fraction:
    """Return the amount a quantity stands for.

    Raises:
        ValueError: the text is no quantity.
    """
    written = str(text).strip()
    number = written.rstrip("numkMGTKi")
    suffix = written[len(number) :]
    if suffix not in _SUFFIXES:
        raise ValueError(f"no quantity: {text!r}")
    return Fraction(number) * _SUFFIXES[suffix]


def print_quantity(amount: Fraction) -> str:
    """Print an amount in the way quotas show usage: whole, in thousandths, or in binary units."""
    if amount.denominator != 1:
        return f"{int(amount * 1000)}m"
    whole = int(amount)
    for suffix in ("Gi", "Mi", "Ki"):
        unit = int(_SUFFIXES[suffix])
        if whole and whole % unit == 0:
            return f"{whole // unit}{suffix}"
    return str(whole)
