"""法人番号: thirteen digits, the first of which checks the other twelve.

Rule: 国税庁, 「法人番号の計算方法」 (check digit = 9 − (Σ Pn·Qn mod 9), Qn = 1 and 2 in turn from the last digit on).
"""

import re
from typing import Final

from connector.identity.text import base

_NOISE: Final = re.compile(r"[\s\-.,]")
_TENTH: Final = re.compile(r"(?<=\d)\.0$")
"""What a spreadsheet adds to a number."""
_DIGITS: Final = re.compile(r"[0-9]{13}")
_READ: Final = 100
"""Characters of a value that are read."""

_NUMBER: Final = re.compile(r"(?:法人番号:?)?[Tt]?(\d{13})")
_ALONE: Final = re.compile(r"(?<!\d)(?<!\d[-.,])\d{13}(?![-.,]?\d)")
"""Within a text, and no part of a longer number."""


def corporate_number(text: str | None) -> str | None:
    """The thirteen digits, or `None` for none or a wrong one. The T of a qualified invoice issuer's number is cut.

    Of a longer text it is the only thirteen digits that stand alone there.
    """
    digits = text or ""
    if not _DIGITS.fullmatch(digits):
        typed = _TENTH.sub("", base(digits[:_READ]))
        hit = _NUMBER.fullmatch(_NOISE.sub("", typed))
        alone = {hit.group(1)} if hit else set(_ALONE.findall(_whole(typed) if len(digits) > _READ else typed))
        if len(alone) != 1:
            return None
        (digits,) = alone
    if not digits.isascii() or len(set(digits[1:])) == 1:
        return None
    return digits if int(digits[0]) == check_digit(digits[1:]) else None


def _whole(text: str) -> str:
    """Without a number at its end, which may go on where the text was cut off."""
    return text.rstrip("0123456789-.,")


def check_digit(twelve: str) -> int:
    """The check digit of the twelve digits behind it."""
    total = sum(map(int, twelve[1::2])) + 2 * sum(map(int, twelve[::2]))
    return 9 - total % 9
