"""One cell of a register's file as text, number, day or names, or the key of what is wrong with it.

Used by `reference_rows.py`. Every problem is a SkipRecord whose reason is the key of its text.
"""

import re
import unicodedata
from datetime import date
from math import isnan
from typing import Final

from connector.identity.corporate_number import corporate_number
from connector.model.errors import SkipRecord

LONGEST: Final = 1_000
"""Characters of one value; the publication's longest, the kana name, has 500."""

_UNREADABLE: Final = re.compile("[\x00\ud800-\udfff]")
_QUOTED: Final = re.compile(r'="([^"]*)"')
_SCIENTIFIC: Final = re.compile(r"\d(?:\.\d+)?[eE]\+?\d+")
_BETWEEN: Final = re.compile(r"\s*[;|\n；｜、]\s*")
_DATE: Final = re.compile(r"(\d{4})\D?(\d{1,2})\D?(\d{1,2})")


def text_of(cell: object) -> str:
    """A cell's text; the empty text for a blank. What a spreadsheet wrote as `="text"` is that text."""
    text = cell.strip() if isinstance(cell, str) else _written(cell)
    if not text:
        return ""
    if len(text) > LONGEST:
        raise SkipRecord("too_long")
    if text[0] == "=":
        if not (quoted := _QUOTED.fullmatch(text)):
            raise SkipRecord("formula")
        text = quoted[1].strip()
    if _UNREADABLE.search(text):
        raise SkipRecord("unreadable")
    return text


def _written(cell: object) -> str:
    """A value of a typed file (Parquet, JSON) as it would stand in a table."""
    if cell is None:
        return ""
    if isinstance(cell, bool | list | dict | bytes):
        raise SkipRecord("no_text")
    if isinstance(cell, float):
        if isnan(cell):  # what Parquet and pandas write for a blank
            return ""
        return str(int(cell)) if cell.is_integer() else str(cell)
    return str(cell.isoformat() if isinstance(cell, date) else cell)


def number_of(text: str) -> str:
    """The 法人番号 that the text is."""
    if not text:
        raise SkipRecord("number_missing")
    if number := corporate_number(text):
        return number
    if _SCIENTIFIC.fullmatch(text):
        raise SkipRecord("number_excel")
    digits = sum(character.isdigit() for character in text)
    raise SkipRecord("number_check" if digits == 13 else "number_digits")


def names_of(text: str) -> tuple[str, ...]:
    """Several names in one cell, apart."""
    return tuple(sorted({name for name in _BETWEEN.split(text) if name})) if text else ()


def postal_code_of(text: str) -> str:
    """Seven digits; a spreadsheet cuts the zeros in front of Hokkaidō's and Tōhoku's."""
    digits = "".join(character for character in unicodedata.normalize("NFKC", text) if character.isdecimal())
    return digits.zfill(7) if 4 < len(digits) <= 7 else ""


def day_of(text: str) -> str:
    """2024/3/1 and 20240301 as 2024-03-01; the empty text for what is no day."""
    hit = _DATE.match(text)
    return f"{hit[1]}-{hit[2]:0>2}-{hit[3]:0>2}" if hit else ""
