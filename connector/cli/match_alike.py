"""Whether two values of a field say the same, written in two ways: 3301077 and 330-1077, x.jp and https://www.x.jp/.

Used by the pages of `okoshi match`, which mark no character of such a pair. Compares as 名寄せ does, field by field.
"""

import re
from collections.abc import Callable, Hashable
from typing import Final

from connector.identity.address import address
from connector.identity.corporate_number import corporate_number
from connector.identity.mail import normalised_address
from connector.identity.phone import phones
from connector.identity.text import base, folded, kana_key
from connector.identity.web import company_domain

_UNITS: Final = re.compile(r"[〇一二三四五六七八九十百]*(?:丁目|丁|番地の?|番|号)")
_NO_LETTER: Final = re.compile(r"[\d\W_のノー]")
_POSTAL_CODE: Final = re.compile(r"^(?:日本国?)?〒?\s*\d{3}-?\d{4}(?!\d)")
_NUMBER: Final = re.compile(r"\d+")
_NOT_A_DIGIT: Final = re.compile(r"\D")
_SITE: Final = re.compile(r"^(?:https?://)?(?:www\.)?|/+$")


def alike(field: str, one: str, two: str) -> bool:
    """Whether the two are one value. What cannot be read is compared as it stands, but for width, case and spaces."""
    if field == "address":
        return _one_address(one, two)
    read = _READ.get(field, _text)
    ours, theirs = read(one), read(two)
    return ours == theirs and bool(ours) if ours or theirs else _text(one) == _text(two)


def _text(value: str) -> str:
    """Variants of a character (髙) stay apart: they are what a person looks for."""
    return "".join(base(value).casefold().split())


def _digits(value: str) -> str:
    return _NOT_A_DIGIT.sub("", base(value))


def _phones(value: str) -> frozenset[Hashable]:
    return frozenset((phone.number, phone.extension) for phone in phones(value)) or frozenset(
        filter(None, [_digits(value)])
    )


def _site(value: str) -> str:
    return company_domain(value) or _SITE.sub("", _text(value))


_READ: Final[dict[str, Callable[[str], Hashable]]] = {
    "corporate_number": lambda value: corporate_number(value) or _digits(value),
    "postal_code": _digits,
    "phone": _phones,
    "mobile": _phones,
    "domain": _site,
    "email": lambda value: normalised_address(value) or _text(value),
    "kana": kana_key,
}


def _one_address(one: str, two: str) -> bool:
    """The same place and numbers, and the same behind them: two floors of one building are two values."""
    ours, theirs = address(one), address(two)
    if (ours.place, ours.numbers) != (theirs.place, theirs.numbers) or not ours.numbers:
        return _text(one) == _text(two)
    if ours.prefecture != theirs.prefecture or _letters(one, ours.prefecture) != _letters(two, theirs.prefecture):
        return False
    short, long = sorted((_numbers(one), _numbers(two)), key=len)
    return long[len(long) - len(short) :] == short and len(long) - len(short) <= _spelled(one, two)


def _letters(text: str, prefecture: str) -> str:
    """Place, building and whatever else is no number: without the units between numbers, and without prefecture."""
    line = _POSTAL_CODE.sub("", folded(text)).strip().removeprefix(prefecture)
    return _NO_LETTER.sub("", _UNITS.sub("", line))


def _numbers(text: str) -> list[str]:
    return _NUMBER.findall(_POSTAL_CODE.sub("", folded(text)))


def _spelled(one: str, two: str) -> int:
    """How many numbers one of the two may have in 漢字 (三丁目), which stand for none in digits."""
    return max(
        len([unit for unit in _UNITS.findall(folded(text)) if unit[0] in "〇一二三四五六七八九十百"])
        for text in (one, two)
    )
