"""A person record made comparable, once: names, mailbox, numbers, company, and the plain texts beside them.

Made by whoever matches people; read by `people_compare.py` and `people_keys.py`. Knows one record at a time.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from sys import intern
from types import MappingProxyType
from typing import Final

from connector.identity import usual_names
from connector.identity.company_name import CompanyName, company_name
from connector.identity.foreign_names import foreign_readings
from connector.identity.mail import Mailbox, mailbox
from connector.identity.name_origins import Origin, origin
from connector.identity.name_sounds import sound_of_latin
from connector.identity.person_name import NamePart, PersonName, part, person_name
from connector.identity.phone import Phone, phones
from connector.identity.records import Individual
from connector.identity.text import folded, has_ideographs
from connector.identity.web import proves_company, registrable_domain
from connector.mapping.identity_people import TEXT_FIELDS, PeopleRules

LONGEST: Final = 200
"""Characters of a value that are read: nobody's name or number is longer, and what follows costs time."""

_BETWEEN: Final = re.compile(r"[・･、,，/／&＆;；\n]|(?<=\s)と(?=\s)|及び|および")
_NO_TEXTS: Final[Mapping[str, str]] = MappingProxyType({})
"""One for all records without address and the like: there are a million of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NormalisedPerson:
    """What is compared. `domain` is the mail domain where it is a company's own, else empty; so are texts not known.

    `several`: two people stand in one field of the name. `usual_family` and `usual_given` are how 漢字 whose reading
    the record does not tell are commonly read. `desks` are lines with an extension, as `+81312345679x12`.
    """

    raw: Individual
    name: PersonName
    several: bool = False
    origin: Origin = Origin.JAPANESE
    usual_family: tuple[str, ...] = ()
    usual_given: tuple[str, ...] = ()
    mail: Mailbox | None = None
    domain: str = ""
    mail_sounds: tuple[str, ...] = ()
    mobiles: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    shared_lines: tuple[str, ...] = ()
    desks: tuple[str, ...] = ()
    company: CompanyName | None = None
    title: str = ""
    texts: Mapping[str, str] = field(default_factory=lambda: _NO_TEXTS)

    @property
    def ref(self) -> str:
        """The record's ref."""
        return self.raw.ref

    @property
    def company_key(self) -> str:
        """The loose core of the company's name."""
        return self.company.loose if self.company else ""


def normalised_person(person: Individual, rules: PeopleRules) -> NormalisedPerson:
    """The record in its comparable form. Never fails: what cannot be read is as if it were not there."""
    company = _company(person.company_name[:LONGEST])
    name = _unlike_company(person_name(person), company)
    box = mailbox(person.mail[:LONGEST], rules.role_mailboxes) if person.mail else None
    numbers = _numbers(person)
    mobiles = tuple(sorted({number.number for number in numbers if number.mobile})) if numbers else ()
    lines = [number for number in numbers if not number.mobile]
    common = rules.usual_names == "japan"
    source = origin(name) if common else Origin.JAPANESE
    return NormalisedPerson(
        raw=person,
        name=name,
        several=_several(person.full_name or person.family) or _several(person.given),
        origin=source,
        usual_family=_usual_family(name, source) if common else (),
        usual_given=_usual("given", name.given, name.reading_given) if common else (),
        mail=box,
        domain=_own_domain(box),
        mail_sounds=() if box is None or box.role else tuple(sorted(set(map(sound_of_latin, box.words)) - {""})),
        mobiles=mobiles,
        lines=tuple(sorted({line.number for line in lines})) if lines else (),
        shared_lines=tuple(sorted({line.number for line in lines if line.shared})) if lines else (),
        desks=tuple(sorted({f"{line.number}x{line.extension}" for line in lines if line.extension})) if lines else (),
        company=company,
        title=intern(folded(person.title[:LONGEST])) if person.title else "",
        texts=_texts(person),
    )


def _company(typed: str) -> CompanyName | None:
    """The company, or none where the name stands for none: not typed, ○○, or what people say of themselves (学生)."""
    name = company_name(typed) if typed.strip() else None
    return None if name is None or name.nameless else name


def _unlike_company(name: PersonName, company: CompanyName | None) -> PersonName:
    """No name where the company's stands in its place, unless it is a name after which a firm may be called (本田)."""
    only = name.family or name.given
    if company is None or name.split or not only or usual_names.share("family", only.loose):
        return name
    return PersonName() if company.loose == company_name(only.written).loose else name


def _several(typed: str) -> bool:
    """Whether two people's names stand in one field (山田太郎・佐藤花子), of which each begins with a family name."""
    if not _BETWEEN.search(typed):
        return False
    names = [part("".join(name.split())).loose for name in _BETWEEN.split(typed[:LONGEST])]
    begun = [name for name in names if name and _begins_with_family(name)]
    return len(begun) > 1 and len(set(map(has_ideographs, begun))) == 1


def _begins_with_family(name: str) -> bool:
    """Whether it is a family name, and no given one as well (Yamada, Miki), or begins with one."""
    family, given = (usual_names.share(part, name) for part in ("family", "given"))
    return bool(usual_names.parted(name)[0]) or family > given


def _usual(part: usual_names.Part, name: NamePart, reading: NamePart) -> tuple[str, ...]:
    return usual_names.readings(part, name.loose) if name.ideographs and not reading.sound else ()


def _usual_family(name: PersonName, source: Origin) -> tuple[str, ...]:
    """Of a name from China or Korea also how it sounds there; of 金 beside a given name of Japan only what is usual."""
    usual = _usual("family", name.family, name.reading_family)
    abroad = source is Origin.FOREIGN or (usual and source is Origin.UNTOLD)
    if not abroad or not name.family.ideographs or name.reading_family.sound:
        return usual
    return (*usual, *sorted(foreign_readings(name.family.loose) - set(usual)))


def _numbers(person: Individual) -> tuple[Phone, ...]:
    if not person.mobile or person.mobile == person.phone:
        return phones(person.phone[:LONGEST]) if person.phone else ()
    return (*phones(person.phone[:LONGEST]), *phones(person.mobile[:LONGEST]))


def _texts(person: Individual) -> Mapping[str, str]:
    texts = {
        field: text
        for field in TEXT_FIELDS
        if (typed := getattr(person, field)) and (text := folded(typed[:LONGEST]).replace(" ", ""))
    }
    return texts or _NO_TEXTS


def _own_domain(box: Mailbox | None) -> str:
    """The mailbox's domain if a company can own it. One that no public suffix is known for counts as it stands."""
    if box is None:
        return ""
    domain = registrable_domain(box.domain) or box.domain
    return intern(domain) if proves_company(domain) else ""
