"""Compares two persons' names across 漢字, kana and Latin letters, and across swapped fields.

Used by `people_compare.py`. Tells how far names agree; that a name is common is weighed elsewhere.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA, JaroWinkler

from connector.identity import usual_names
from connector.identity.people import NormalisedPerson
from connector.identity.people_readings import two_usual, two_usual_wholes, unlike_reading, unusual
from connector.identity.person_name import NamePart, PersonName
from connector.mapping.identity_people import PeopleRules

RANKS: Final = {
    "same": 9,
    "variant": 8,
    "reading": 7,
    "spelled": 6,
    "close": 4,
    "initial": 3,
    "homophone": 3,
    "other_reading": 2,
    "similar": 1,
    "unusual": -3,
    "differs": -6,
}
"""How good a level is, for choosing between the order of the names as typed and the swapped one."""
_GOOD: Final = RANKS["spelled"]
_TYPO_LENGTH: Final = 4
"""Letters from which on one changed letter of a reading is taken for a typing error."""

Told = tuple[str, str, str]
"""(field, level, value that agrees)."""
_Pair = tuple[NamePart, NamePart]


def compare_names(left: NormalisedPerson, right: NormalisedPerson, rules: PeopleRules) -> list[Told]:
    """Family and given name where both sides have them apart, else the whole names; nothing where nothing compares."""
    one, two = left.name, right.name
    if one.words and two.words:
        return _many_words(left, right, rules)
    if not (_may_be_whole(one) or _may_be_whole(two)):
        return _apart(left, right, rules)
    if not (one.split or two.split or _together(one) or _together(two)):
        return _lone(left, right, rules)
    level, value = _level(one.whole, two.whole, one.whole_reading, two.whole_reading, rules)
    if level == "differs" and _turned(one, two):
        return [("whole", "same", ""), ("order", "swapped", "")]
    if level == "close" and rules.usual_names == "japan" and two_usual_wholes(one.whole, two.whole):
        level = "similar"
    return (
        _family_alone(left, right, rules, level) if level in (None, "differs", "similar") else [("whole", level, value)]
    )


def _many_words(left: NormalisedPerson, right: NormalisedPerson, rules: PeopleRules) -> list[Told]:
    """Three words and more in Latin letters: the same ones in another order are the same name."""
    if left.name.words == right.name.words:
        return [("whole", "same", "")]
    return _apart(left, right, rules)


def _apart(left: NormalisedPerson, right: NormalisedPerson, rules: PeopleRules) -> list[Told]:
    straight = _oriented(left, right, rules, swap_names=False, swap_readings=False)
    if sum(RANKS[level] >= _GOOD for _, level, _ in straight) == 2:
        return straight
    best, best_rank = straight, _rank(straight)
    for swap_names, swap_readings in _other_orders(left, right):
        told = _oriented(left, right, rules, swap_names=swap_names, swap_readings=swap_readings)
        # The swapped order must explain both names: half a match would turn colleagues into one person.
        if swap_names and sum(RANKS[level] >= _GOOD for _, level, _ in told) < 2:
            continue
        if (rank := _rank(told) - swap_names) > best_rank:
            best, best_rank = [*told, ("order", "swapped", "")] if swap_names else told, rank
    return best


def _other_orders(left: NormalisedPerson, right: NormalisedPerson) -> Iterator[tuple[bool, bool]]:
    """(names swapped, readings swapped) as far as they can lead to anything: most pairs are colleagues."""
    readings = bool(right.name.reading_family or right.name.reading_given)
    if readings and _readings_may_be_swapped(left, right):
        yield False, True
    if _may_be_swapped(left, right):
        yield True, False
        if readings:
            yield True, True


def _may_be_swapped(left: NormalisedPerson, right: NormalisedPerson) -> bool:
    """Whether one's family name has a form in common with the other's given name."""
    mine, theirs = left.name, right.name
    if mine.family.loose == theirs.given.loose or mine.given.loose == theirs.family.loose:
        return True
    if mine.family.ideographs and mine.given.ideographs and theirs.family.ideographs and theirs.given.ideographs:
        return False
    sounds = (mine.family.sound, mine.reading_family.sound, mine.reading_given.sound, *left.usual_family)
    others = (theirs.given.sound, theirs.reading_given.sound, theirs.reading_family.sound, *right.usual_given)
    return not {*sounds, *left.mail_sounds}.isdisjoint(filter(None, (*others, *right.mail_sounds)))


def _readings_may_be_swapped(left: NormalisedPerson, right: NormalisedPerson) -> bool:
    """Whether a reading of the right one's is known to be that of the left one's other name, not just its only one."""
    mine, theirs = left.name, right.name
    family = {mine.family.sound, mine.reading_family.sound, *left.usual_family} - {""}
    given = {mine.given.sound, mine.reading_given.sound, *left.usual_given} - {""}
    return theirs.reading_given.sound in family or theirs.reading_family.sound in given


def _rank(told: list[Told]) -> int:
    return sum(RANKS[level] for _, level, _ in told)


def _oriented(
    left: NormalisedPerson, right: NormalisedPerson, rules: PeopleRules, *, swap_names: bool, swap_readings: bool
) -> list[Told]:
    names: _Pair = (right.name.family, right.name.given)
    readings: _Pair = (right.name.reading_family, right.name.reading_given)
    if swap_names:
        names = names[1], names[0]
    if swap_readings:
        readings = readings[1], readings[0]
    told = []
    pairs = (
        ("family", left.name.family, left.name.reading_family, names[0], readings[0]),
        ("given", left.name.given, left.name.reading_given, names[1], readings[1]),
    )
    for field, mine, my_reading, theirs, their_reading in pairs:
        level, value = _level(mine, theirs, my_reading, their_reading, rules)
        if level is None:
            my_sounds = _sounds(left, mine, my_reading)
            level, value = _guessed(left, right, my_sounds, _sounds(right, theirs, their_reading))
        elif level == "close" and field == "given" and two_usual(mine, theirs, my_reading, their_reading, rules):
            level = "similar"
        if level:
            told.append((field, level, value))
    return told


class _Sounds(NamedTuple):
    """What is known of one name's reading: told by the record, or only how such 漢字 are commonly read."""

    told: str
    usual: tuple[str, ...]
    family: bool


def _sounds(person: NormalisedPerson, name: NamePart, reading: NamePart) -> _Sounds:
    family = name is person.name.family
    return _Sounds(name.sound or reading.sound, person.usual_family if family else person.usual_given, family)


def _guessed(left: NormalisedPerson, right: NormalisedPerson, mine: _Sounds, theirs: _Sounds) -> tuple[str | None, str]:
    """Where one side does not tell its reading: what its mail address spells, or how such names are commonly read."""
    told, unread, usual = (mine.told, right, theirs) if mine.told else (theirs.told, left, mine)
    if not told or (mine.told and theirs.told):
        return None, ""
    if told in usual.usual or (len(told) > 1 and told in unread.mail_sounds):
        return "spelled", told
    if not usual.usual:
        return None, ""
    return ("similar", "") if usual.family else (unusual(told, usual.usual), "")


def _may_be_whole(name: PersonName) -> bool:
    """Whether what stands in one field may be family and given name together, as only 漢字 and kana are written."""
    only = name.given if not name.family else name.family
    return not name.split and bool(only) and (only.ideographs or bool(only.kana))


def _together(name: PersonName) -> bool:
    """Whether what stands in one field is seen to be family and given name, by itself or by its kana."""
    return usual_names.may_be_whole(name.whole.loose) or bool(name.reading_family and name.reading_given)


def _lone(left: NormalisedPerson, right: NormalisedPerson, rules: PeopleRules) -> list[Told]:
    """佐藤 and 佐藤: hardly more than a family name, in whichever field it stands."""
    one, two = left.name, right.name
    level, value = _level(one.whole, two.whole, one.whole_reading, two.whole_reading, rules)
    return [("family", level, value)] if level else []


def _turned(one: PersonName, two: PersonName) -> bool:
    """Whether an unparted name is the other's given and family name in this order."""
    parted, unparted = (one, two) if one.split else (two, one)
    return parted.split and f"{parted.given.loose}{parted.family.loose}" == unparted.whole.loose


def _family_alone(left: NormalisedPerson, right: NormalisedPerson, rules: PeopleRules, whole: str | None) -> list[Told]:
    """One side may have a family name only: then it is compared with the other's."""
    one, two = left.name, right.name
    if whole is None and rules.usual_names == "japan" and (unlike := unlike_reading(left, right)):
        return [(*unlike, "")]
    level, value = _level(one.family, two.family, one.reading_family, two.reading_family, rules)
    if level in ("same", "variant", "reading"):
        return [("family", level, value)]
    if whole:
        return [("whole", whole, "")]
    return [("family", level, value)] if level else []


@lru_cache(maxsize=262_144)
def _level_of(
    mine: NamePart, theirs: NamePart, my_reading: NamePart, their_reading: NamePart, close: float, similar: float
) -> tuple[str | None, str]:
    written = _written(mine, theirs, close, similar)
    read = _read(mine if mine.sound else my_reading, theirs if theirs.sound else their_reading)
    if written in ("same", "variant"):
        told_apart = read == "differs" and bool(my_reading and their_reading)
        return ("other_reading" if told_apart else written), mine.loose
    if read == "same":
        both = mine.ideographs and theirs.ideographs
        return ("homophone", "") if both else ("reading", mine.sound or my_reading.sound)
    if read == "alike":
        return "similar", ""
    # 武 and 隆 do not become one name because タケシ and タカシ look alike.
    mistyped = written == "differs" and not mine.ideographs and read in ("close", "initial")
    better = written is None or mistyped
    return (read if better else written), ""


def _level(
    mine: NamePart, theirs: NamePart, my_reading: NamePart, their_reading: NamePart, rules: PeopleRules
) -> tuple[str | None, str]:
    """How far one name agrees, with its reading where that is known, and the value on which both agree."""
    if not mine or not theirs:
        if my_reading and their_reading:
            mine, theirs = mine or my_reading, theirs or their_reading
        else:
            return None, ""
    return _level_of(mine, theirs, my_reading, their_reading, rules.close, rules.similar)


def _written(mine: NamePart, theirs: NamePart, close: float, similar: float) -> str | None:
    """How far the characters agree, or `None` if they are of different scripts."""
    if mine.written == theirs.written:
        return "same"
    if mine.ideographs != theirs.ideographs or bool(mine.kana) != bool(theirs.kana):
        return None
    if mine.loose == theirs.loose:
        return "variant"
    return _ideographs(mine.loose, theirs.loose) if mine.ideographs else _letters(mine, theirs, close, similar)


def _ideographs(one: str, two: str) -> str:
    """Of three characters one may be mistyped; of two, one that differs makes another name."""
    return "close" if min(len(one), len(two)) > 2 and OSA.distance(one, two) == 1 else "differs"


def _letters(mine: NamePart, theirs: NamePart, close: float, similar: float) -> str:
    one, two = mine.loose, theirs.loose
    if len(one) == 1 or len(two) == 1:
        return "initial" if one[:1] == two[:1] and not mine.kana else "differs"
    if mine.first == theirs.first and mine.first and one != two:
        # John and John Fitzgerald: only one of them is written with all names.
        return "close"
    similarity = JaroWinkler.similarity(one, two, score_cutoff=similar)
    if similarity >= close:
        return "close"
    return "similar" if similarity else "differs"


def _read(mine: NamePart, theirs: NamePart) -> str | None:
    """How far the readings agree: `same`, `alike` (kana that Latin letters cannot tell apart), `close` …, or `None`."""
    if not mine.sound or not theirs.sound:
        return None
    if mine.kana and theirs.kana and mine.kana == theirs.kana:
        return "same"
    if mine.sound == theirs.sound:
        # オノ and オオノ are two names, ユウコ and ユーコ one; Latin letters tell neither apart.
        apart = mine.kana and theirs.kana and "ー" not in mine.kana + theirs.kana
        return "alike" if apart else "same"
    short, long = sorted((mine.sound, theirs.sound), key=len)
    if len(short) == 1:
        return "initial" if long.startswith(short) else "differs"
    if len(short) >= _TYPO_LENGTH and OSA.distance(short, long) == 1:
        return "close"
    return "differs"
