"""What the usual given names and readings of Japan say of two names: whether they are likely to be two.

Used by `people_names.py`. Knows the tables of names, no rule's weight.
"""

from rapidfuzz.distance import OSA

from connector.identity import usual_names
from connector.identity.character_readings import can_be_read, differ_in_sound
from connector.identity.name_origins import Origin
from connector.identity.people import NormalisedPerson
from connector.identity.person_name import NamePart, PersonName, part
from connector.identity.person_notes import maiden_name
from connector.mapping.identity_people import PeopleRules


def unusual(unread: NamePart, told: str, usual: tuple[str, ...]) -> str | None:
    """`unusual` unless told is a usual reading, abbreviated or mistyped, or what its characters often are."""
    if len(told) == 1:
        return None if any(reading.startswith(told) for reading in usual) else "unusual"
    if can_be_read("given", unread.loose, told, often=True):
        return None
    mistyped = not usual_names.is_given(told) and any(OSA.distance(told, reading) == 1 for reading in usual)
    return None if mistyped or told in usual else "unusual"


def composed(part: usual_names.Part, unread: NamePart, told: str) -> bool | None:
    """Whether 漢字 whose reading no table of names tells can be read as is told; `None` where nothing says so."""
    return can_be_read(part, unread.loose, told) if unread.ideographs and len(told) > 1 else None


def two_readings(left: NormalisedPerson, right: NormalisedPerson) -> bool:
    """Whether a family name in 漢字, or a whole one, cannot be read as the other one's is told."""
    return _unreadable(left, right) or _unreadable(right, left)


def _unreadable(one: NormalisedPerson, two: NormalisedPerson) -> bool:
    unread, told = one.name, two.name
    if unread.reading_family or one.usual_family or one.origin is not Origin.JAPANESE:
        return False
    family, given = (name.sound or read.sound for name, read in _parts(told))
    readings = (family,) if unread.split else (family, given, family + given, given + family)
    each = [composed("family", unread.family or unread.given, reading) for reading in readings if reading]
    return bool(each) and all(readable is False for readable in each) and not set(readings) & set(one.mail_sounds)


def _parts(name: PersonName) -> tuple[tuple[NamePart, NamePart], tuple[NamePart, NamePart]]:
    return (name.family, name.reading_family), (name.given, name.reading_given)


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


def sound_alike(left: NormalisedPerson, right: NormalisedPerson) -> bool:
    """Whether two given names in other 漢字 can be read alike (裕子, 優子, ゆう子): one is typed for the other."""
    one, two = left.name.given, right.name.given
    if not (one.ideographs and two.ideographs):
        return False
    mine, theirs = _given_sounds(left), _given_sounds(right)
    if mine and theirs:
        return not set(mine).isdisjoint(theirs)
    return any(composed("given", two, told) for told in mine) or any(composed("given", one, told) for told in theirs)


def two_usual(
    field: usual_names.Part,
    mine: NamePart,
    theirs: NamePart,
    my_reading: NamePart,
    their_reading: NamePart,
    rules: PeopleRules,
) -> bool:
    """Whether both are names that many bear: then the letter in which they differ is no typing error.

    But for family names that are two readings of one (Nakada and Nakata are both 中田).
    """
    if rules.usual_names != "japan":
        return False
    if mine.ideographs and theirs.ideographs:
        one, two = mine.loose, theirs.loose
        return usual_names.are_two(field, one, two) or differ_in_sound(field, one, two)
    return usual_names.are_two(field, mine.sound or my_reading.sound, theirs.sound or their_reading.sound)


def two_usual_wholes(one: NamePart, two: NamePart) -> bool:
    """The same of names in one field, of which family or given names differ."""
    (family, given), (other_family, other_given) = usual_names.parted(one.loose), usual_names.parted(two.loose)
    if family != other_family:
        return usual_names.are_two("family", family, other_family)
    return usual_names.are_two("given", given, other_given)


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
        return ("given", "unusual") if all(unusual(part(given), rest, givens) for rest in rests) else None
    foreign = given and all(composed("given", part(given), rest) is False for rest in rests)
    return ("given", "unusual") if foreign else None
