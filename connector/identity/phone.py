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
_EXTENSION: Final = re.compile(
    r"[(\[]?\s*(?:内線?|extension|ext|(?<![a-z])x|#)\s*[.:)\]]?\s*(\d{1,6})\s*[)\]]?", re.IGNORECASE
)
_EXTENSION_AT_ONCE: Final = re.compile(r"-(\d{1,6})(?![\d-])")
"""03-1234-5678-123: nobody's number has four parts."""
_FAX: Final = re.compile(r"fax|ファ(?:ック|クシミリ)", re.IGNORECASE)
_FAX_BEHIND: Final = re.compile(r"\s*[(\[]\s*(?:fax|ファ(?:ックス|クシミリ))\s*[)\]]", re.IGNORECASE)
_LINE: Final = re.compile(r"tel|電話|兼", re.IGNORECASE)
_LINE_AND_FAX: Final = re.compile(r"(?:tel|電話)\s?[/;,、，・|&]\s?fax", re.IGNORECASE)
_BETWEEN: Final = re.compile(r"[/;,、，・|\n]+|\s+(?:or|または|又は)\s+")
_TRUNK_ZERO: Final = re.compile(r"\(0\)")
_LINK: Final = r"[\s().~-]{0,4}"
_NUMBERS: Final = re.compile(
    rf"(?:(?<!\d)(?<!\d[-.])0(?!10)|(?:\+|(?<!\d)(?:00|010)){_LINK}81[+\s().~-]{{0,4}}(?:0{_LINK})?)"
    rf"((?:[5-9]0|20)(?:{_LINK}\d){{8}}(?!\d)|[1-9](?:{_LINK}\d){{8}}(?!\d))"
)
"""Each Japanese number in a text: nine digits behind the 0, ten of a mobile number and its like. 010 dials abroad."""
_FOREIGN: Final = re.compile(r"\+\s?(?!81)\d")
_NO_DIGIT: Final = re.compile(r"\D")
_TENTH: Final = re.compile(r"(?<=\d)\.0$")
"""What a spreadsheet adds to a number."""
_DASHES: Final = str.maketrans(dict.fromkeys("‐‑‒–—―−ー－", "-") | {"〜": "~"})
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
    narrow = _TENTH.sub("", unicodedata.normalize("NFKC", text).translate(_DASHES))
    parts = _BETWEEN.split(_LINE_AND_FAX.sub("tel", narrow))
    return tuple(dict.fromkeys(phone for part in parts for phone in _phones(part, region)))


def _phones(text: str, region: str) -> list[Phone]:
    """The numbers between two separators: there may be several, with labels, hours and extensions around them."""
    hits = list(_NUMBERS.finditer(text)) if region == HOME else []
    if not hits or _FOREIGN.search(text):
        one = _phone(text, region)
        if one or not hits:
            return [one] if one else []
    found = []
    end = 0
    for hit, following in zip(hits, [*hits[1:], None], strict=True):
        behind = text[hit.end() : following.start() if following else None]
        phone, told = _labelled(hit, text[end : hit.start()], behind, last=following is None)
        found += [phone] if phone else []
        end = hit.end() + told
    return found


def _labelled(hit: re.Match[str], before: str, behind: str, *, last: bool) -> tuple[Phone | None, int]:
    """The number with what is told around it, `None` for a fax; and how much behind it was told about it."""
    fax = _FAX_BEHIND.match(behind)
    inner = _EXTENSION_AT_ONCE.match(behind) or _EXTENSION.search(behind)
    switchboard = _SWITCHBOARD.search(behind)
    if switchboard and not last and (behind[: switchboard.start()].strip() or switchboard.group() == "代表"):
        switchboard = None  # it is the next one's
    told = max(label.end() if label else 0 for label in (fax, inner, switchboard))
    number = f"+81{_NO_DIGIT.sub('', hit.group(1))}"
    if fax or (_FAX.search(before) and not _LINE.search(before)) or _placeholder(number):
        return None, told
    shared = bool(switchboard or _SWITCHBOARD.search(before)) or _shared(number, hit.group())
    return Phone(number, inner.group(1) if inner else "", _mobile(number, hit.group()), shared), told


def _phone(text: str, region: str) -> Phone | None:
    """The one number of a text, from any country."""
    shared = bool(_SWITCHBOARD.search(text))
    text = _SWITCHBOARD.sub(" ", text).replace("~", "-")
    if fax := _FAX.search(text):
        text = text[: fax.start()]
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


def free_or_navigated(number: str) -> bool:
    """Whether a number in E.164 is toll-free or navigated: of groups and call centres, often one for a whole group."""
    return bool(_FREE_OR_NAVIGATED.match(number))


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
    return free_or_navigated(number) and not _TYPED_AS_MOBILE.match(typed)


def _placeholder(number: str) -> bool:
    return bool(_SAME_DIGIT.search(number)) or number.endswith(_SEQUENCES)
