"""Whether 漢字 of a name can be read as it is told, character by character.

Used by `people_readings.py` for names whose reading no table of names tells. Knows characters, no record.
"""

import re
from collections import defaultdict
from functools import cache, lru_cache
from typing import Final

from connector.identity.name_characters import ALONE, OF_FAMILY_NAMES, OFTEN, SELDOM
from connector.identity.name_sounds import sound_of_kana
from connector.identity.text import has_ideographs, katakana, loosely_folded
from connector.identity.usual_names import Part

_ENTRY: Final = re.compile(r"([ァ-ヺー]+)(\S+)")
_SPELLED: Final = (("tsu", "tu"), ("chi", "ti"), ("shi", "si"), ("ch", "t"), ("sh", "s"), ("ts", "t"), ("f", "h"))
_VOICED: Final = str.maketrans("gzjdbp", "kssthh")
_DOUBLED: Final = re.compile(r"([kstpc])\1")
_LONG: Final = {"o": "ou", "u": "u", "i": "i"}
"""The vowels that merge with one of these before them: 弘 and 生 are hiro and o, together hiro."""
_BETWEEN: Final = "no"
"""What may stand between the characters of a family name."""
_LONGEST: Final = 8
"""Letters of a reading that is not known."""


@lru_cache(maxsize=65_536)
def can_be_read(part: Part, name: str, sound: str, *, often: bool = False) -> bool | None:
    """Whether a name (`NamePart.loose`) can be read so (`NamePart.sound`); `None`: one of its characters is not known.

    `False` is certain only as far as characters are read as in other names; with `often`, as in many others.
    """
    told = _plain(sound)
    reached: dict[int, bool] = {0: True}
    characters = _characters(name)
    for character in characters:
        readings = _readings(part, character, alone=len(characters) == 1 and not often, often=often)
        following: dict[int, bool] = {}
        for at, known in reached.items():
            starts = (at, at + 2) if part == "family" and at and told.startswith(_BETWEEN, at) else (at,)
            for start in starts:
                for end in _ends(told, start, readings):
                    following[end] = following.get(end, False) or known
                if not readings:
                    for end in range(start + 1, min(start + _LONGEST, len(told)) + 1):
                        following.setdefault(end, False)
        reached = following
    if len(told) not in reached:
        return False
    return True if reached[len(told)] else None


@lru_cache(maxsize=16_384)
def differ_in_sound(part: Part, one: str, two: str) -> bool:
    """Whether two names of one length differ in one 漢字, and the two sound like no other: 佐久間 and 佐久田."""
    pairs = [pair for pair in zip(one, two, strict=False) if pair[0] != pair[1]]
    if len(one) != len(two) or len(pairs) != 1:
        return False
    mine, theirs = (_readings(part, character, alone=False) for character in pairs[0])
    return bool(mine and theirs) and mine.isdisjoint(theirs)


def _ends(told: str, at: int, readings: frozenset[str]) -> set[int]:
    """Where a character that begins here can end."""
    ends = {at + len(reading) for reading in readings if told.startswith(reading, at)}
    before = told[at - 1] if at else ""
    for reading in readings:
        if before and reading[0] in _LONG.get(before, "") and told.startswith(reading[1:], at):
            ends.add(at + len(reading) - 1)
    return ends


def _characters(name: str) -> list[str]:
    """One by one; runs of kana together, 々 as what it repeats."""
    found: list[str] = []
    for character in name:
        if character == "々" and found:
            found.append(found[-1])
        elif found and not has_ideographs(character) and not has_ideographs(found[-1]):
            found[-1] += character
        else:
            found.append(character)
    return found


def _readings(part: Part, character: str, *, alone: bool, often: bool = False) -> frozenset[str]:
    if not has_ideographs(character):
        return frozenset((_plain(sound_of_kana(katakana(character))),))
    readings = _table(OFTEN).get(character, frozenset())
    if not often:
        readings |= _table(SELDOM).get(character, frozenset())
    if part == "family":
        readings |= _table(OF_FAMILY_NAMES).get(character, frozenset())
    return readings | _table(ALONE).get(character, frozenset()) if alone else readings


@cache
def _table(listed: str) -> dict[str, frozenset[str]]:
    readings: defaultdict[str, set[str]] = defaultdict(set)
    for entry in listed.split():
        match = _ENTRY.fullmatch(entry)
        if match is None:
            raise ValueError(f"`{entry}` is no reading with its characters")
        sound = _plain(sound_of_kana(match[1]))
        for character in loosely_folded(match[2]):
            readings[character].add(sound)
    return {character: frozenset(sounds) for character, sounds in readings.items()}


def _plain(sound: str) -> str:
    """Without what a name's sounds take on from each other: voice and double consonants."""
    sound = _DOUBLED.sub(r"\1", sound)
    for spelled, plain in _SPELLED:
        sound = sound.replace(spelled, plain)
    return sound.translate(_VOICED)
