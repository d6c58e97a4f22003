"""Compares two persons' names across 漢字, kana and Latin letters, and across swapped fields.

Used by `people_compare.py`. Tells how far names agree; that a name is common is weighed elsewhere.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from connector.identity import usual_names
from connector.identity.foreign_names import foreign_readings
from connector.identity.name_origins import Origin
from connector.identity.people import NormalisedPerson
from connector.identity.people_levels import level_of
from connector.identity.people_readings import (
    composed,
    sound_alike,
    two_usual,
    two_usual_wholes,
    unlike_reading,
    unusual,
)
from connector.identity.person_name import NOTHING, NamePart, PersonName
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
    if not (one.split or two.split or _together(left) or _together(right)):
        return _lone(left, right, rules)
    level, value = level_of(one.whole, two.whole, one.whole_reading, two.whole_reading, rules)
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
    # The orders tried are those of the right one: its place must not hang on a ref.
    left, right = sorted((left, right), key=_told_of)
    best, best_rank = straight, _rank(straight)
    for swap_names, swap_readings in _other_orders(left, right, rules):
        told = _oriented(left, right, rules, swap_names=swap_names, swap_readings=swap_readings)
        # The swapped order must explain both names: half a match would turn colleagues into one person.
        if swap_names and sum(RANKS[level] >= _GOOD for _, level, _ in told) < 2:
            continue
        if (rank := _rank(told) - swap_names) > best_rank:
            best, best_rank = [*_by_table(told, left.name), ("order", "swapped", "")] if swap_names else told, rank
    return best


def _by_table(told: list[Told], name: PersonName) -> list[Told]:
    """What was told of swapped names under the fields where they belong: 佐藤 is the family, wherever it stands."""
    if usual_names.share("family", name.given.loose) <= usual_names.share("family", name.family.loose):
        return told
    return [("given" if field == "family" else "family", level, value) for field, level, value in told]


def _told_of(person: NormalisedPerson) -> tuple[bool, tuple[str, ...]]:
    """Whether it tells a reading, then all that its name is compared by."""
    name = person.name
    parts = (name.family, name.given, name.reading_family, name.reading_given)
    read = bool(name.reading_family or name.reading_given)
    return read, (*(part.written for part in parts), *person.mail_sounds)


def _other_orders(left: NormalisedPerson, right: NormalisedPerson, rules: PeopleRules) -> Iterator[tuple[bool, bool]]:
    """(names swapped, readings swapped) as far as they can lead to anything: most pairs are colleagues."""
    readings = bool(right.name.reading_family or right.name.reading_given)
    if readings and _readings_may_be_swapped(left, right):
        yield False, True
    if _may_be_swapped(left, right, rules):
        yield True, False
        if readings:
            yield True, True


def _may_be_swapped(left: NormalisedPerson, right: NormalisedPerson, rules: PeopleRules) -> bool:
    """Whether one's family name has a form in common with the other's given name."""
    mine, theirs = left.name, right.name
    if mine.family.loose == theirs.given.loose or mine.given.loose == theirs.family.loose:
        return True
    if mine.family.ideographs and mine.given.ideographs and theirs.family.ideographs and theirs.given.ideographs:
        return False
    if Origin.FOREIGN in (left.origin, right.origin):
        crossed = ((mine.family, theirs.given), (mine.given, theirs.family))
        if any(level_of(one, two, NOTHING, NOTHING, rules)[0] == "reading" for one, two in crossed):
            return True
    sounds = (mine.family.sound, mine.reading_family.sound, mine.reading_given.sound, *left.usual_family)
    others = (theirs.given.sound, theirs.reading_given.sound, theirs.reading_family.sound, *right.usual_given)
    if not {*sounds, *left.mail_sounds}.isdisjoint(filter(None, (*others, *right.mail_sounds))):
        return True
    return _misplaced(mine, theirs) or _misplaced(theirs, mine)


def _misplaced(unread: PersonName, told: PersonName) -> bool:
    """Whether what stands for a given name in 漢字 is the family name that the other one tells (太郎 山田, Yamada)."""
    heard = told.family.sound or told.reading_family.sound
    return bool(heard) and unread.given.ideographs and heard in usual_names.readings("family", unread.given.loose)


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
    told: list[Told] = []
    pairs: tuple[tuple[usual_names.Part, NamePart, NamePart, NamePart, NamePart], ...] = (
        ("family", left.name.family, left.name.reading_family, names[0], readings[0]),
        ("given", left.name.given, left.name.reading_given, names[1], readings[1]),
    )
    for field, mine, my_reading, theirs, their_reading in pairs:
        level, value = level_of(mine, theirs, my_reading, their_reading, rules)
        if level is None:
            my_sounds = _sounds(field, left, mine, my_reading)
            level, value = _guessed(left, right, my_sounds, _sounds(field, right, theirs, their_reading))
        elif level == "close" and two_usual(field, mine, theirs, my_reading, their_reading, rules):
            level = "similar" if field == "given" else "differs"
        elif level == "differs" and field == "given" and sound_alike(left, right) and _one_key(left, right):
            level = "homophone"
        if level:
            told.append((field, level, value))
    return told


def _one_key(left: NormalisedPerson, right: NormalisedPerson) -> bool:
    """Whether both have one mailbox of their own or one mobile."""
    one, two = left.mail, right.mail
    own = one is not None and two is not None and one.address == two.address and not one.role
    return own or not set(left.mobiles).isdisjoint(right.mobiles)


class _Sounds(NamedTuple):
    """What is known of one name's reading: told by the record, or only how such 漢字 are commonly read."""

    told: str
    usual: tuple[str, ...]
    family: bool
    written: NamePart


def _sounds(field: usual_names.Part, person: NormalisedPerson, name: NamePart, reading: NamePart) -> _Sounds:
    """Of a name that is compared as this one: in swapped fields it stands in the other."""
    if name.ideographs and (name is person.name.family) != (field == "family"):
        usual = usual_names.readings(field, name.loose)
    else:
        usual = person.usual_family if field == "family" else person.usual_given
    return _Sounds(name.sound or reading.sound, usual, field == "family", name)


def _guessed(left: NormalisedPerson, right: NormalisedPerson, mine: _Sounds, theirs: _Sounds) -> tuple[str | None, str]:
    """Where one side does not tell its reading: what its mail address spells, or how such names are commonly read."""
    told, unread, usual = (mine.told, right, theirs) if mine.told else (theirs.told, left, mine)
    if not told or (mine.told and theirs.told):
        return None, ""
    abroad = foreign_readings(unread.name.family.loose) if usual.family else ()
    if told in usual.usual or told in abroad or (len(told) > 1 and told in unread.mail_sounds):
        return "spelled", told
    if not usual.family and unread.origin is not Origin.JAPANESE:
        return None, ""
    if usual.usual:
        return ("similar", "") if usual.family else (unusual(usual.written, told, usual.usual), "")
    composes = composed("family" if usual.family else "given", usual.written, told)
    if composes is None or (usual.family and not composes):
        return None, ""
    return ("spelled", told) if composes else ("unusual", "")


def _may_be_whole(name: PersonName) -> bool:
    """Whether what stands in one field may be family and given name together, as only 漢字 and kana are written."""
    only = name.given if not name.family else name.family
    return not name.split and bool(only) and (only.ideographs or bool(only.kana))


def _together(person: NormalisedPerson) -> bool:
    """Whether what stands in one field is seen to be family and given name, by itself or by its kana."""
    name = person.name
    if person.origin is Origin.FOREIGN and name.whole.ideographs and len(name.whole.loose) > 1:
        return True
    return usual_names.may_be_whole(name.whole.loose) or bool(name.reading_family and name.reading_given)


def _lone(left: NormalisedPerson, right: NormalisedPerson, rules: PeopleRules) -> list[Told]:
    """佐藤 and 佐藤: hardly more than a family name, in whichever field it stands."""
    one, two = left.name, right.name
    level, value = level_of(one.whole, two.whole, one.whole_reading, two.whole_reading, rules)
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
    level, value = level_of(one.family, two.family, one.reading_family, two.reading_family, rules)
    if level in ("same", "variant", "reading"):
        return [("family", level, value)]
    if rules.usual_names == "japan" and (told := _given_alone(one, two, rules)):
        return [told]
    if whole:
        return [("whole", whole, "")]
    return [("family", level, value)] if level else []


def _given_alone(one: PersonName, two: PersonName, rules: PeopleRules) -> Told | None:
    """健吾 and 佐藤 健吾: what stands alone on one side is the other's given name, and no family name rather."""
    parted, alone = (one, two) if one.split else (two, one)
    only = alone.whole.loose
    if not parted.split or alone.split or usual_names.share("given", only) < usual_names.share("family", only):
        return None
    level, value = level_of(alone.whole, parted.given, alone.whole_reading, parted.reading_given, rules)
    return ("given", level, value) if level in ("same", "variant", "reading") else None
