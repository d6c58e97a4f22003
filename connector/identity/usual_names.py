"""How common a name is in Japan, and how a common name is read.

Used where names are normalised and weighed. What a name proves then depends on the name alone, never on who else is
among the records at hand. Knows tables, no record.
"""

import re
from functools import cache, lru_cache
from typing import Final, Literal, NamedTuple

from connector.identity.given_name_readings import READINGS
from connector.identity.name_sounds import sound_of_kana, sound_of_latin
from connector.identity.text import has_ideographs, katakana, loosely_folded
from connector.identity.usual_family_names import FAMILY_NAMES, PEOPLE
from connector.identity.usual_given_names import GIVEN_NAMES, OTHERS, STEEPNESS, UNIT

Part = Literal["family", "given"]

UNUSUAL: Final = 2.0**-13
"""The share that is believed of a given name that is in no table."""

_CLEARLY_TWO: Final = {True: (4, 2), False: (7, 3)}
"""By whether it is 漢字: characters of a whole name, and of a common family name before it, that leave no doubt."""
_LONGEST_FAMILY: Final = {True: 5, False: 8}
"""Characters of the longest family names, such as 勘解由小路."""

_ENTRY: Final = re.compile(r"(\D+)(\d+)(\D*)")


class _Table(NamedTuple):
    """Share of all people by name, written or as it sounds; and the sounds of each written name, commonest first."""

    shares: dict[str, float]
    sounds: dict[str, tuple[str, ...]]


@lru_cache(maxsize=65_536)
def share(part: str, name: str) -> float:
    """The share of people with this family or given name, 0 if it is not a common one.

    漢字 as `NamePart.loose`; kana and Latin letters count for all who are called so, however it is written.
    """
    shares = _table(part).shares
    return shares.get(name, 0.0) or shares.get(_sound(name), 0.0)


@lru_cache(maxsize=65_536)
def whole_share(name: str) -> float:
    """The share of people with this whole name, in which nothing parts family and given name; 0 if it is not common."""
    families, givens = _table("family").shares, _table("given").shares
    parted = ((name[:at], name[at:]) for at in range(1, len(name)))
    return max((families[one] * givens.get(two, UNUSUAL) for one, two in parted if one in families), default=0.0)


@lru_cache(maxsize=65_536)
def parted(name: str) -> tuple[str, str]:
    """(family, given name) of a whole name without a gap (漢字 or kana, loose); two empty texts where none is seen.

    What is a common family name itself is not parted, nor what may be a rare one that begins like it (小山田, 南條院).
    """
    families, givens = _table("family").shares, _table("given").shares
    if name in families or _sound(name) in families:
        return "", ""
    length, of_family = _CLEARLY_TWO[has_ideographs(name)]
    pairs = ((name[:at], name[at:]) for at in range(1, len(name)) if name[:at] in families)
    sure = [
        (given in givens, families[family], family, given)
        for family, given in pairs
        if given in givens or (len(name) >= length and len(family) >= of_family)
    ]
    return max(sure)[2:] if sure else ("", "")


def may_be_whole(name: str) -> bool:
    """Whether family and given name stand in this text together: as `parted` tells, or for it is too long for one."""
    return len(name) > _LONGEST_FAMILY[has_ideographs(name)] or bool(parted(name)[0])


def readings(part: Part, name: str) -> tuple[str, ...]:
    """How this name (漢字, as `NamePart.loose`) is usually read, as `NamePart.sound`; nothing for one not common."""
    return _table(part).sounds.get(name, ())


def are_two(part: str, one: str, two: str) -> bool:
    """Whether both are names that people bear, and no two readings of one family name in 漢字."""
    if part == "given":
        return is_given(one) and is_given(two)
    known = one and two and share(part, one) and share(part, two)
    return bool(known) and not _sharing(_sound(one) or one, _sound(two) or two)


def is_given(name: str) -> bool:
    """Whether people are called so: by a common name, or by one that is seldom but has many ways to write it."""
    return bool(name) and (share("given", name) > 0 or _sound(name) in _readings_besides())


@cache
def _readings_besides() -> frozenset[str]:
    return frozenset(map(sound_of_kana, READINGS.split()))


@lru_cache(maxsize=4_096)
def _sharing(one: str, two: str) -> bool:
    return any(one in sounds and two in sounds for sounds in _table("family").sounds.values())


@lru_cache(maxsize=65_536)
def _sound(name: str) -> str:
    return "" if has_ideographs(name) else sound_of_kana(katakana(name)) if not name.isascii() else sound_of_latin(name)


@cache
def _table(part: str) -> _Table:
    return _families() if part == "family" else _givens()


def _families() -> _Table:
    shares: dict[str, float] = {}
    sounds: dict[str, tuple[str, ...]] = {}
    for entry in FAMILY_NAMES.split():
        match = _ENTRY.fullmatch(entry)
        if match is None:
            raise ValueError(f"`{entry}` is no name with its bearers and readings")
        name, kana = _loose(match[1]), match[3].split("・")
        heard = tuple(dict.fromkeys(map(sound_of_kana, kana)))
        sounds[name] = tuple(dict.fromkeys((*sounds.get(name, ()), *heard)))
        _add(shares, int(match[2]) / PEOPLE, {name, kana[0], heard[0]})
    return _Table(shares, sounds)


def _givens() -> _Table:
    shares: dict[str, float] = {}
    sounds: dict[str, tuple[str, ...]] = {}
    for line in GIVEN_NAMES.strip().splitlines():
        kana, *written = line.split()
        heard = sound_of_kana(kana)
        total = 0.0
        for entry in written:
            name, of_it = _loose(entry[:-1]), UNIT * int(entry[-1]) ** STEEPNESS
            total += of_it
            _add(shares, of_it, {name})
            sounds[name] = tuple(dict.fromkeys((*sounds.get(name, ()), heard)))
        _add(shares, total * OTHERS, {kana, heard})
    return _Table(shares, sounds)


def _loose(name: str) -> str:
    """As `NamePart.loose`."""
    return katakana(loosely_folded(name))


def _add(shares: dict[str, float], more: float, names: set[str]) -> None:
    for name in names:
        shares[name] = shares.get(name, 0.0) + more
