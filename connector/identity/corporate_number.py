"""法人番号: thirteen digits, the first of which checks the other twelve.

Rule: 国税庁, 「法人番号の計算方法」 (check digit = 9 − (Σ Pn·Qn mod 9), Qn = 1 and 2 in turn from the last digit on).
"""

import re
from typing import Final

from connector.identity.text import base

_NOISE: Final = re.compile(r"[\s\-.]")
_DIGITS: Final = re.compile(r"[0-9]{13}")
_READ: Final = 100
"""Characters of a value that are read."""

_NUMBER: Final = re.compile(r"[Tt]?(\d{13})")


def corporate_number(text: str | None) -> str | None:
    """The thirteen digits, or `None` for none or a wrong one. The T of a qualified invoice issuer's number is cut."""
    digits = text or ""
    if not _DIGITS.fullmatch(digits):
        hit = _NUMBER.fullmatch(_NOISE.sub("", base(digits[:_READ])))
        if hit is None:
            return None
        digits = hit.group(1)
    if not digits.isascii() or len(set(digits[1:])) == 1:
        return None
    return digits if int(digits[0]) == check_digit(digits[1:]) else None


def check_digit(twelve: str) -> int:
    """The check digit of the twelve digits behind it."""
    total = sum(map(int, twelve[1::2])) + 2 * sum(map(int, twelve[::2]))
    return 9 - total % 9
