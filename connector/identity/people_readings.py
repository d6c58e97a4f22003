"""What the usual given names and readings of Japan say of two names: whether they are likely to be two.

Used by `people_names.py`. Knows the tables of names, no rule's weight.
"""

from rapidfuzz.distance import OSA

from connector.identity import usual_names
from connector.identity.people import NormalisedPerson
from connector.identity.person_name import NamePart
from connector.mapping.identity_people import PeopleRules


def unusual(told: str, usual: tuple[str, ...]) -> str | None:
    """`unusual` unless what is told can be one of the usual readings, abbreviated or with a typing error."""
    if len(told) == 1:
        return None if any(reading.startswith(told) for reading in usual) else "unusual"
    mistyped = not usual_names.share("given", told) and any(OSA.distance(told, reading) == 1 for reading in usual)
    return None if mistyped or told in usual else "unusual"


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
    unlike = givens and all(unusual(rest, givens) for rest in rests - {heard, ""}) and "" not in rests
    return ("given", "unusual") if unlike and families else None
