"""Whether a name is a Japanese one, of which the tables of names can tell how rare it is.

Used by `people.py` and `people_match.py`. Knows one name at a time.
"""

import re
from enum import IntEnum
from functools import lru_cache
from typing import Final

from connector.identity import usual_names
from connector.identity.foreign_names import foreign_readings, is_japanese_too, only_looks_japanese
from connector.identity.name_sounds import has_japanese_syllables
from connector.identity.person_name import NamePart, PersonName

_FOREIGN_KANA: Final = re.compile(r"[ァィゥェォヴ]")
_HANGUL: Final = re.compile(r"[\uac00-\ud7a3]")
_LONGEST_GIVEN: Final = 2
"""Characters of a given name of China or Korea."""
_LETTERS: Final = 4
"""Letters from which a family name of Japanese syllables is Japanese; shorter ones are Chinese and Korean as well."""


class Origin(IntEnum):
    """Where a name is from. `UNTOLD`: anywhere, as far as kana or a few letters tell."""

    UNTOLD = 0
    JAPANESE = 1
    FOREIGN = 2


def origin(name: PersonName) -> Origin:
    """Of the whole name. A common family name of Japan decides, whatever is beside it."""
    if name.split:
        told = _of_two(name.family, name.given)
        return Origin.JAPANESE if told is Origin.UNTOLD and _read_as_japanese(name) else told
    return _of_one(name.whole) if name.whole else Origin.UNTOLD


def _read_as_japanese(name: PersonName) -> bool:
    """Whether 漢字 that are a name of China, too, are read otherwise than there (金 as カネ)."""
    told = name.reading_family.sound
    return bool(told) and name.family.ideographs and told not in foreign_readings(name.family.loose)


def _of_two(family: NamePart, given: NamePart) -> Origin:
    for one, other in ((family, given), (given, family)):
        if usual_names.share("family", one.loose) and not _of_one_character(one, other):
            return Origin.JAPANESE
    return _unusual(family, given)


def _of_one_character(family: NamePart, given: NamePart) -> bool:
    """林 偉: the family name is of Japan and of China, and Japanese given names like this one are few."""
    if len(family.loose) > 1 or len(given.loose) > 1 or not given.ideographs:
        return False
    return bool(foreign_readings(family.loose)) and not usual_names.share("given", given.loose)


@lru_cache(maxsize=65_536)
def _unusual(family: NamePart, given: NamePart) -> Origin:
    if _HANGUL.search(family.loose + given.loose):
        return Origin.FOREIGN
    if family.ideographs:
        return _of_characters(family.loose, given.loose)
    told = Origin.FOREIGN if only_looks_japanese(family.sound) else _of_sound(family)
    if not given.ideographs and _of_sound(given) is Origin.FOREIGN:
        return Origin.FOREIGN
    return Origin.UNTOLD if told is Origin.JAPANESE and len(family.sound) < _LETTERS else told


def _of_characters(family: str, given: str) -> Origin:
    if foreign_readings(family):
        return _of_character(family, (given,))
    swapped = foreign_readings(given) and not (is_japanese_too(given) or usual_names.share("given", given))
    return Origin.FOREIGN if swapped else Origin.JAPANESE


def _of_character(family: str, givens: tuple[str, ...]) -> Origin:
    """金 博枝 may be Kane as well as Kim; beside a given name of Japan it is Kane."""
    if not is_japanese_too(family):
        return Origin.FOREIGN
    return Origin.JAPANESE if any(usual_names.share("given", given) for given in givens) else Origin.UNTOLD


def _of_sound(part: NamePart) -> Origin:
    if part.kana:
        return Origin.FOREIGN if _FOREIGN_KANA.search(part.kana) else Origin.UNTOLD
    return Origin.JAPANESE if has_japanese_syllables(part.sound) else Origin.FOREIGN


def _of_one(whole: NamePart) -> Origin:
    """Of family and given name in one, or of one of them."""
    name = whole.loose
    length = next((length for length in (2, 1) if foreign_readings(name[:length])), 0) if whole.ideographs else 0
    if whole.ideographs and not length:
        return Origin.FOREIGN if _HANGUL.search(name) else Origin.JAPANESE
    beginnings = [each for each in (name, name[:-1], name[:2]) if len(each) > 1] if whole.ideographs else [name]
    if any(usual_names.share("family", each) for each in beginnings) or usual_names.parted(name)[0]:
        return Origin.JAPANESE
    if not whole.ideographs:
        return _of_sound(whole)
    family, rest = name[:length], name[length:]
    if len(rest) > _LONGEST_GIVEN:
        return Origin.JAPANESE
    return _of_character(family, tuple(each for each in (rest, rest[1:]) if each))
