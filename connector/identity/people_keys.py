"""Keys under which a person is found again: ordered exact ones first, then those that only gather candidates.

Plain texts, so that a store can keep and index them; two records that share one are compared. Knows one record.
"""

from collections.abc import Iterator
from typing import Final

from connector.identity import usual_names
from connector.identity.foreign_names import foreign_readings
from connector.identity.name_origins import Origin
from connector.identity.people import NormalisedPerson
from connector.identity.people_readings import former_family
from connector.identity.person_name import NamePart
from connector.identity.text import romaji_key
from connector.identity.transcription import outline

_PREFIX: Final = 4
"""Letters of a street or city that go into a key: typing errors sit further back more often than not."""


def exact_keys(person: NormalisedPerson) -> tuple[str, ...]:
    """Surest first: an identifier of one's own, a mailbox of one's own, a mobile number."""
    keys = [f"number:{person.texts['identifier']}"] if "identifier" in person.texts else []
    if person.mail and not person.mail.role:
        keys.append(f"mail:{person.mail.address}")
    keys.extend(f"mobile:{number}" for number in sorted(person.mobiles))
    return tuple(keys)


def blocking_keys(person: NormalisedPerson) -> tuple[str, ...]:
    """All other keys, each once, sorted."""
    return tuple(sorted({*_name_keys(person), *_company_keys(person), *_text_keys(person)}))


def _name_keys(person: NormalisedPerson) -> Iterator[str]:
    """The whole name in every script, its characters in alphabetical order, for its parts change places or are one."""
    whole = person.name.whole
    if whole.ideographs or (whole and not whole.sound):
        yield f"name:{_ordered(whole.loose)}"
    for reading in _readings(person):
        yield f"reading:{_ordered(romaji_key(reading))}"


def _ordered(text: str) -> str:
    return "".join(sorted(text))


def _readings(person: NormalisedPerson) -> Iterator[str]:
    """The whole name as it sounds; in both orders, for vowels merge where the parts meet; of the mail address too."""
    name = person.name
    family = _sounds(name.family, name.reading_family) or person.usual_family
    given = _sounds(name.given, name.reading_given) or person.usual_given
    for one in family:
        for two in given:
            yield from (one + two, two + one)
    if not (family and given):
        if not name.split:
            yield from _sounds(name.whole, name.whole_reading)
        yield from _mail_readings(person, family or given)


def _mail_readings(person: NormalisedPerson, known: tuple[str, ...]) -> Iterator[str]:
    """What the mail address spells, by itself or with the part of the name that it leaves out."""
    words = [word for word in person.mail_sounds if len(word) > 1]
    if len(words) == 2:
        yield from (words[0] + words[1], words[1] + words[0])
    elif len(words) == 1:
        for each in known:
            yield from (words[0] + each, each + words[0])


def _sounds(*parts: NamePart) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.sound for part in parts if part.sound))


def _company_keys(person: NormalisedPerson) -> Iterator[str]:
    """The family name or an unparted whole in one company, as its name, its ref or its domain tells it.

    The family name before marriage, too, if it is told; the given name besides, where nothing tells how the family name
    is read: it may stand there in another script. Of a name from abroad what its scripts have in common.
    """
    name = person.name
    companies = {person.company_key, person.domain, person.raw.company_ref} - {""}
    if not companies:
        return
    sounds = _sounds(name.family, name.reading_family) or person.usual_family
    parts = {name.family.loose, *sounds} if name.family else set()
    if not sounds or not name.family:
        parts.update((name.given.loose, *_sounds(name.given, name.reading_given)))
        parts.update(usual_names.readings("family", name.given.loose))
    parts.add(former_family(person))
    if person.origin is not Origin.JAPANESE:
        parts.update(_parts_abroad(name.family, name.given))
    parts.discard("")
    for company in companies:
        for part in parts:
            yield f"at:{company}|{part}"


def _parts_abroad(*names: NamePart) -> Iterator[str]:
    """Of a name from abroad how it sounds there, or its outline; of both, for nothing tells which is the family's."""
    for name in names:
        if name.ideographs:
            yield from foreign_readings(name.loose)
        else:
            yield from (f"abroad:{key}" for key in outline(name.kana or name.written))


def _text_keys(person: NormalisedPerson) -> Iterator[str]:
    """For records with an address or a day of birth: pairs of fields, so that an error in one leaves another."""
    texts, name = person.texts, person.name
    family, given = name.family.loose, name.given.loose
    birth, postal, city = texts.get("birth_date"), texts.get("postal_code"), texts.get("city", "")[:_PREFIX]
    place = postal or city
    if birth:
        yield f"born:{birth}"
    for part in (family, given):
        if part and place:
            yield f"name at:{part[:_PREFIX]}|{place}"
        if part and texts.get("street"):
            yield f"name in:{part[:_PREFIX]}|{texts['street'][:_PREFIX]}"
    if texts.get("street") and place:
        yield f"home:{texts['street'][:_PREFIX]}|{texts.get('house_number', '')}|{place}"
