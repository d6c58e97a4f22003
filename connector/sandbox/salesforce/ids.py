"""Salesforce record ids: key prefix, number, and the checksum that makes 15 characters 18.

Used by the schema, by the record rules and by the seeding of the company.
"""

import re
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECKSUM: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_INSTANCE: Final = "5h0"  # the server part that real ids carry after the key prefix
_NUMBER_DIGITS: Final = 9
_SHAPE: Final = re.compile(r"[0-9A-Za-z]{15}(?:[A-Za-z0-5]{3})?")


def salesforce_id(prefix: str, number: int) -> str:
    """The 18-character id of the record with this number; ids of one prefix sort as their numbers do."""
    digits = []
    for _ in range(_NUMBER_DIGITS):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    if number:
        raise ValueError("The record number does not fit into a Salesforce id: use a smaller --scale.")
    short = prefix + _INSTANCE + "".join(reversed(digits))
    return short + checksum(short)


def checksum(short: str) -> str:
    """The three letters that tell which of the fifteen characters are upper case."""
    letters = []
    for start in (0, 5, 10):
        bits = sum(1 << i for i, character in enumerate(short[start : start + 5]) if "A" <= character <= "Z")
        letters.append(_CHECKSUM[bits])
    return "".join(letters)


def normalise_id(value: str) -> str | None:
    """The 18-character form of a 15- or 18-character id, or None when it is not one."""
    if not _SHAPE.fullmatch(value):
        return None
    short = value[:15]
    if len(value) == 15:
        return short + checksum(short)
    return restore_case(value)


def restore_case(value: str) -> str | None:
    """The checksum restores the case of an 18-character id that a spreadsheet has changed."""
    suffix = value[15:].upper()
    restored = []
    for index, character in enumerate(value[:15]):
        bits = _CHECKSUM.find(suffix[index // 5])
        if bits < 0:
            return None
        upper = bool(bits >> (index % 5) & 1)
        restored.append(character.upper() if upper else character.lower())
    short = "".join(restored)
    return short + suffix if checksum(short) == suffix else None
