"""Telephone numbers as people type them, brought to E.164, with what says how much a number proves.

Used where companies and people are normalised. Knows numbers, not whose they are.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import phonenumbers

HOME: Final = "JP"
"""Numbers without a country are read as numbers of this one."""

_SWITCHBOARD: Final = re.compile(r"[(\[]\s*代(?:表)?\s*[)\]]|代表")
_EXTENSION: Final = re.compile(r"[(\[]?\s*(?:内線?|extension|ext|x|#)\s*[.:)\]]?\s*(\d{1,6})\s*[)\]]?", re.IGNORECASE)
_BETWEEN: Final = re.compile(r"[/;,、，・|\n]+|\s+(?:or|または|又は)\s+")
_TRUNK_ZERO: Final = re.compile(r"\(0\)")
_DASHES: Final = str.maketrans(dict.fromkeys("‐‑‒–—―−ー－〜~", "-"))
_TYPED_PLAINLY: Final = re.compile(r"[0-9]+(?:-[0-9]+){0,2}")
_PLAIN: Final = re.compile(r"0[1-9]\d{8,9}")
_MOBILE: Final = re.compile(r"\+81[6789]0\d{8}")
_FREE_OR_NAVIGATED: Final = re.compile(r"\+81(?:120|800|570|990)\d+")
_TYPED_AS_MOBILE: Final = re.compile(r"\D*(?:81\D*0?|0)80\D+0")
_SAME_DIGIT: Final = re.compile(r"(\d)\1{5,}$")
_SEQUENCES: Final = ("12345678", "23456789", "98765432")


@dataclass(frozen=True, slots=True)
class Phone:
    """One number. `number` is E.164; `mobile` is a person's own; `shared` is a switchboard (代) or a toll-free line."""

    number: str
    extension: str = ""
    mobile: bool = False
    shared: bool = False


@lru_cache(maxsize=65_536)
def phones(text: str, region: str = HOME) -> tuple[Phone, ...]:
    """Every number in the text, in its order and once; nothing for what is no number or stands for none (000-…)."""
    if _TYPED_PLAINLY.fullmatch(text) and _PLAIN.fullmatch(digits := text.replace("-", "")) and region == HOME:
        number = f"+81{digits[1:]}"
        return () if _placeholder(number) else (Phone(number, "", _mobile(number, text), _shared(number, text)),)
    narrow = unicodedata.normalize("NFKC", text).translate(_DASHES)
    found = (_phone(part, region) for part in _BETWEEN.split(narrow))
    return tuple(dict.fromkeys(phone for phone in found if phone))


def _phone(text: str, region: str) -> Phone | None:
    shared = bool(_SWITCHBOARD.search(text))
    text = _SWITCHBOARD.sub(" ", text)
    inner = _EXTENSION.search(text)
    if inner:
        text = text[: inner.start()]
    number = _e164(_TRUNK_ZERO.sub("", text), region)
    if not number or _placeholder(number):
        return None
    return Phone(
        number=number,
        extension=inner.group(1) if inner else "",
        mobile=_mobile(number, text),
        shared=shared or _shared(number, text),
    )


def _e164(text: str, region: str) -> str | None:
    digits = re.sub(r"[^\d]", "", text)
    if region == HOME and "+" not in text and _PLAIN.fullmatch(digits):
        return f"+81{digits[1:]}"
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    # Possible, not valid: new ranges appear faster than tables, and the question is sameness, not whether it rings.
    if not phonenumbers.is_possible_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _mobile(number: str, typed: str) -> bool:
    if number.startswith("+81"):
        return bool(_MOBILE.fullmatch(number)) and not _shared(number, typed)
    return bool(phonenumbers.number_type(phonenumbers.parse(number)) == phonenumbers.PhoneNumberType.MOBILE)


def _shared(number: str, typed: str) -> bool:
    # 0800 is toll-free, unless a break behind the 080 says that a mobile number is meant.
    return bool(_FREE_OR_NAVIGATED.match(number)) and not _TYPED_AS_MOBILE.match(typed)


def _placeholder(number: str) -> bool:
    return bool(_SAME_DIGIT.search(number)) or number.endswith(_SEQUENCES)
