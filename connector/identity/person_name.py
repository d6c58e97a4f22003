"""Person names: family and given name in 漢字, かな and Latin letters, each in the forms by which they are compared.

Used by `people.py`. Knows how names are written, not who bears them: that is decided later.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from connector.identity.records import Individual
from connector.identity.romaji import kana_to_romaji
from connector.identity.text import base, folded, has_ideographs, is_kana, katakana, loosely_folded

_HONORIFICS: Final = re.compile(r"(?<=.)(?:様|さま|さん|殿|氏|先生|御中|くん|ちゃん)$")
_LATIN_TITLES: Final = re.compile(r"^(?:mr|mrs|ms|miss|dr|prof)\b\.?\s+|(?<=\w)[\s,]+(?:phd|ph\.d\.?|mba|jr\.?|sr\.?)$")
_BRACKETS: Final = re.compile(r"[(\[（【〔].*?[)\]）】〕]")
_GAPS: Final = re.compile(r"[\s・=゠_]+")
_NOT_LETTERS: Final = re.compile(r"[^a-z]")
_VOICED_TWINS: Final = str.maketrans("ヅヂヲヰヱ", "ズジオイエ")
_SCHOOLS: Final = (
    (re.compile(r"tch"), "cch"),
    (re.compile(r"(?<![sc])hu"), "fu"),
    (re.compile(r"si"), "shi"),
    (re.compile(r"sy"), "sh"),
    (re.compile(r"ti"), "chi"),
    (re.compile(r"[tc]y"), "ch"),
    (re.compile(r"tu"), "tsu"),
    (re.compile(r"(?<=[sc]h)y"), ""),
    (re.compile(r"zi|di|dji"), "ji"),
    (re.compile(r"zy|jy|dy"), "j"),
    (re.compile(r"du|dzu"), "zu"),
    (re.compile(r"m(?=[bpm])"), "n"),
    (re.compile(r"oh(?=[^aiueoy]|$)"), "o"),
    (re.compile(r"o[ou]+"), "o"),
    (re.compile(r"uu+|uh(?=[^aiueoy]|$)"), "u"),
)


@dataclass(frozen=True, slots=True)
class NamePart:
    """A family or given name, or both in one. Empty texts where it is not known.

    `written` is what stands there, folded; `loose` the same with doubtful variants made one; `kana` the reading as
    katakana; `sound` the reading in Latin letters, in which all schools of romanisation are one and long o and u short.
    """

    written: str = ""
    loose: str = ""
    kana: str = ""
    sound: str = ""
    ideographs: bool = False

    def __bool__(self) -> bool:
        return bool(self.written or self.sound)


NOTHING: Final = NamePart()


@dataclass(frozen=True, slots=True)
class PersonName:
    """The two parts where they are known apart, and always the whole. `reading_*` come from fields of their own.

    Fields of kana are kept beside the written ones, for people swap the written names and leave the kana alone.
    """

    family: NamePart = NOTHING
    given: NamePart = NOTHING
    whole: NamePart = NOTHING
    reading_family: NamePart = NOTHING
    reading_given: NamePart = NOTHING
    whole_reading: NamePart = NOTHING

    @property
    def split(self) -> bool:
        """Whether family and given name are known apart."""
        return bool(self.family and self.given)


def person_name(person: Individual) -> PersonName:
    """The names of a record, from whichever of its fields they are in."""
    family, given = _apart(person.family, person.given, person.full_name)
    family_kana, given_kana = _apart(person.family_kana, person.given_kana, person.kana)
    return PersonName(
        family=part(family),
        given=part(given),
        whole=part(_joined(family, given)),
        reading_family=part(family_kana),
        reading_given=part(given_kana),
        whole_reading=part(_joined(family_kana, given_kana)) if given_kana or not given else NOTHING,
    )


def _joined(family: str, given: str) -> str:
    return f"{family} {given}".strip()


def _apart(family: str, given: str, full: str) -> tuple[str, str]:
    """(family, given). A whole name stays in the first where nothing parts it."""
    family, given = _clean(family), _clean(given)
    whole = _clean(full)
    if (family and given) or (given and not whole):
        return family, given
    return _parted(max(family or given, whole, key=len))


def _parted(text: str) -> tuple[str, str]:
    if "," in text:
        first, _, rest = text.partition(",")
        return first.strip(), rest.strip()
    words = text.split(" ")
    if len(words) < 2:
        return text, ""
    if has_ideographs(text) or is_kana(text):
        return words[0], "".join(words[1:])
    # "TANAKA Taro", "Taro TANAKA": capitals mark the family name; else Latin letters put it last.
    if words[0].isupper() and len(words[0]) > 1 and not words[-1].isupper():
        return words[0], " ".join(words[1:])
    return words[-1], " ".join(words[:-1])


@lru_cache(maxsize=65_536)
def _clean(text: str) -> str:
    seen = base(text)
    if not seen:
        return ""
    seen = _BRACKETS.sub(" ", seen).strip() or seen
    if seen.isascii():
        return _untitled(seen)
    return " ".join(_GAPS.split(_HONORIFICS.sub("", seen).strip()))


def _untitled(seen: str) -> str:
    match = _LATIN_TITLES.search(seen.lower())
    while match:
        seen = (seen[: match.start()] + seen[match.end() :]).strip()
        match = _LATIN_TITLES.search(seen.lower())
    return seen


@lru_cache(maxsize=262_144)
def part(text: str) -> NamePart:
    """A name in its forms. Its reading is known where it is written in kana or Latin letters."""
    if not text:
        return NOTHING
    # Folded again without its gaps: what follows a gap can be a mark that belongs to the letter before it.
    written = _closed(folded(_closed(folded(text))))
    kana = katakana(written)
    if has_ideographs(written):
        return NamePart(written=written, loose=loosely_folded(written), ideographs=True)
    if is_kana(kana):
        kana = kana.translate(_VOICED_TWINS).replace("・", "")
        return NamePart(written=kana, loose=kana, kana=kana, sound=sound_of_kana(kana))
    return NamePart(written=written, loose=written, sound=sound_of_latin(written))


def _closed(text: str) -> str:
    return text.replace(" ", "").replace(".", "")


def sound_of_kana(kana: str) -> str:
    """Katakana as `sound`."""
    return sound_of_latin(kana_to_romaji(kana))


def sound_of_latin(text: str) -> str:
    """Latin letters with Hepburn, Kunrei and typing habits made one. Idempotent.

    Ōno, Ohno, Oono → ono; Zyunichi, Jun'ichi → junichi.
    """
    plain = "".join(character for character in unicodedata.normalize("NFD", text.lower()) if character.isascii())
    letters = _NOT_LETTERS.sub("", plain)
    while True:
        before = letters
        for pattern, replacement in _SCHOOLS:
            letters = pattern.sub(replacement, letters)
        if letters == before:
            return letters
