"""With which sounds given names written in 漢字 can begin and end, as the common ones show for each character.

Used by `people_readings.py` for given names whose reading no table tells. Knows characters, no record.
"""

import re
from collections import defaultdict
from functools import cache
from typing import Final, NamedTuple

from connector.identity.name_sounds import sound_of_kana
from connector.identity.text import loosely_folded
from connector.identity.usual_given_names import GIVEN_NAMES

_FIRST: Final = re.compile(r"[^aiueo]*[aiueo]")
_LAST: Final = re.compile(r"[^aiueo]?y?[aiueo]n?$")
_SPELLED: Final = (("tsu", "tu"), ("chi", "ti"), ("shi", "si"), ("ch", "t"), ("sh", "s"), ("f", "h"))
_VOICED: Final = str.maketrans("gzjdbp", "kssthh")
"""三 is read san and zan, 平 hei and pei: voiced or not is no other sound."""


class _Ends(NamedTuple):
    """The first sounds that a character begins a name with, and the last ones that it ends one with."""

    first: dict[str, set[str]]
    last: dict[str, set[str]]


def unlikely_ends(name: str, sound: str) -> int:
    """At how many of its two ends no common name with that character is read so (龍之進 as Hanako: 2).

    `name` as `NamePart.loose`, `sound` as `NamePart.sound`. A character of which nothing is known is not counted.
    """
    ends = _ends()
    first = name[:1] in ends.first and _first(sound) not in ends.first[name[:1]]
    last = name[-1:] in ends.last and _last(sound) not in ends.last[name[-1:]]
    return first + last


@cache
def _ends() -> _Ends:
    first: defaultdict[str, set[str]] = defaultdict(set)
    last: defaultdict[str, set[str]] = defaultdict(set)
    for line in GIVEN_NAMES.strip().splitlines():
        kana, *written = line.split()
        sound = sound_of_kana(kana)
        for name in (loosely_folded(entry[:-1]) for entry in written):
            first[name[0]].add(_first(sound))
            last[name[-1]].add(_last(sound))
    return _Ends(dict(first), dict(last))


def _first(sound: str) -> str:
    match = _FIRST.match(_plain(sound))
    return match[0] if match else sound


def _last(sound: str) -> str:
    match = _LAST.search(_plain(sound))
    return match[0] if match else sound


def _plain(sound: str) -> str:
    for spelled, plain in _SPELLED:
        sound = sound.replace(spelled, plain)
    return sound.translate(_VOICED)
