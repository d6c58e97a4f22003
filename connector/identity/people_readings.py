"""What the usual given names and readings of Japan say of two names: whether they are likely to be two.

Used by `people_names.py`. Knows the tables of names, no rule's weight.
"""

from rapidfuzz.distance import OSA

from connector.identity import usual_names
from connector.identity.people import NormalisedPerson
from connector.identity.person_name import NamePart, part
from connector.identity.person_notes import maiden_name
from connector.identity.usual_ends import unlikely_ends
from connector.mapping.identity_people import PeopleRules


def unusual(told: str, usual: tuple[str, ...]) -> str | None:
    """`unusual` unless what is told can be one of the usual readings, abbreviated or with a typing error."""
    if len(told) == 1:
        return None if any(reading.startswith(told) for reading in usual) else "unusual"
    mistyped = not usual_names.share("given", told) and any(OSA.distance(told, reading) == 1 for reading in usual)
    return None if mistyped or told in usual else "unusual"


def foreign_reading(unread: NamePart, told: str) -> bool:
    """Whether a given name in 漢字 whose usual reading is not known can neither begin nor end as it is told."""
    return unread.ideographs and len(told) > 1 and unlikely_ends(unread.loose, told) == 2


def oddly_read(left: NormalisedPerson, right: NormalisedPerson) -> bool:
    """Whether it can either not begin or not end so: many a rare name is read so, and most other people's."""
    for one, two in ((left, right), (right, left)):
        unread, told = one.name.given, two.name.given.sound or two.name.reading_given.sound
        unknown = unread.ideographs and not (one.usual_given or one.name.reading_given)
        if unknown and len(told) > 1 and told not in one.mail_sounds and unlikely_ends(unread.loose, told):
            return True
    return False


def former_family(person: NormalisedPerson) -> str:
    """The family name before marriage, as `NamePart.loose`; empty where the record does not tell it."""
    raw = person.raw
    return part(maiden_name(raw.family, raw.given, raw.full_name)).loose


def nearly_read(left: NormalisedPerson, right: NormalisedPerson) -> bool:
    """Whether one given name as it is told or usually read begins with the other's: Ken and Kentaro."""
    pairs = ((one, two) for one in _given_sounds(left) for two in _given_sounds(right))
    return any(one.startswith(two) or two.startswith(one) for one, two in pairs)


def _given_sounds(person: NormalisedPerson) -> tuple[str, ...]:
    told = person.name.given.sound or person.name.reading_given.sound
    return (told,) if told else person.usual_given


def two_usual(
    mine: NamePart, theirs: NamePart, my_reading: NamePart, their_reading: NamePart, rules: PeopleRules
) -> bool:
    """Whether both are given names that many bear: then the letter in which they differ is no typing error."""
    if rules.usual_names != "japan":
        return False
    if mine.ideographs and theirs.ideographs:
        names = mine.loose, theirs.loose
    else:
        names = mine.sound or my_reading.sound, theirs.sound or their_reading.sound
    return all(usual_names.share("given", name) for name in names)


def two_usual_wholes(one: NamePart, two: NamePart) -> bool:
    """The same of names in one field."""
    (family, given), (other_family, other_given) = usual_names.parted(one.loose), usual_names.parted(two.loose)
    return family == other_family and all(usual_names.share("given", name) for name in (given, other_given))


def unlike_reading(left: NormalisedPerson, right: NormalisedPerson) -> tuple[str, str] | None:
    """漢字 in one field beside kana or Latin letters: what speaks against it, if the usual readings are known."""
    unread, told = (left.name, right.name) if left.name.whole.ideographs else (right.name, left.name)
    heard = told.whole.sound or told.whole_reading.sound
    family, given = unread.family.loose, unread.given.loose
    if not unread.split:
        family, given = usual_names.parted(unread.whole.loose)
    if not heard or not family or unread.reading_family or unread.reading_given:
        return None
    families = usual_names.readings("family", family)
    rests = {heard.removeprefix(each) for each in families} | {heard.removesuffix(each) for each in families}
    if families and not rests - {heard}:
        return "family", "similar"
    givens = usual_names.readings("given", given)
    rests -= {heard}
    if not families or "" in rests:
        return None
    if givens:
        return ("given", "unusual") if all(unusual(rest, givens) for rest in rests) else None
    foreign = given and all(foreign_reading(part(given), rest) for rest in rests)
    return ("given", "unusual") if foreign else None
