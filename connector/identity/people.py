"""A person record made comparable, once: names, mailbox, numbers, company, and the plain texts beside them.

Made by whoever matches people; read by `people_compare.py` and `people_keys.py`. Knows one record at a time.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from connector.identity.company_name import CompanyName, company_name
from connector.identity.mail import Mailbox, mailbox
from connector.identity.person_name import PersonName, person_name, sound_of_latin
from connector.identity.phone import phones
from connector.identity.records import Individual
from connector.identity.text import folded
from connector.identity.web import proves_company, registrable_domain
from connector.mapping.identity_people import TEXT_FIELDS, PeopleRules

SURE_SHARE = 0.8
"""Of the records that tell something – the company of a mail domain, the reading of a name – how many must agree."""

_NO_TEXTS: Final[Mapping[str, str]] = MappingProxyType({})
"""One for all records without address and the like: there are a million of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NormalisedPerson:
    """What is compared. `domain` is the mail domain where it is a company's own, else empty; so are texts not known."""

    raw: Individual
    name: PersonName
    mail: Mailbox | None
    domain: str
    mail_sounds: tuple[str, ...]
    mobiles: tuple[str, ...]
    lines: tuple[str, ...]
    shared_lines: tuple[str, ...]
    company: CompanyName | None
    title: str
    texts: Mapping[str, str]
    lent_company: str = ""
    lent_family: str = ""
    lent_given: str = ""
    """What other records tell of this one: the company of those with its mail domain, the readings of its namesakes."""

    @property
    def ref(self) -> str:
        """The record's ref."""
        return self.raw.ref

    @property
    def company_key(self) -> str:
        """The company as far as it is known: its loose core, or that of others who write from the same domain."""
        return self.company.loose if self.company else self.lent_company


def normalised_person(person: Individual, rules: PeopleRules) -> NormalisedPerson:
    """The record in its comparable form. Never fails: what cannot be read is as if it were not there."""
    box = mailbox(person.mail, rules.role_mailboxes)
    numbers = (*phones(person.phone), *phones(person.mobile))
    return NormalisedPerson(
        raw=person,
        name=person_name(person),
        mail=box,
        domain=_own_domain(box),
        mail_sounds=() if box is None or box.role else tuple(sorted(set(map(sound_of_latin, box.words)) - {""})),
        mobiles=tuple(sorted({number.number for number in numbers if number.mobile})),
        lines=tuple(sorted({number.number for number in numbers if not number.mobile})),
        shared_lines=tuple(sorted({number.number for number in numbers if number.shared})),
        company=company_name(person.company_name) if person.company_name.strip() else None,
        title=folded(person.title),
        texts=_texts(person),
    )


def _texts(person: Individual) -> Mapping[str, str]:
    texts = {
        field: text
        for field in TEXT_FIELDS
        if (typed := getattr(person, field)) and (text := folded(typed).replace(" ", ""))
    }
    return texts or _NO_TEXTS


def _own_domain(box: Mailbox | None) -> str:
    """The mailbox's domain if a company can own it. One that no public suffix is known for counts as it stands."""
    if box is None:
        return ""
    domain = registrable_domain(box.domain) or box.domain
    return domain if proves_company(domain) else ""


def informed_by_each_other(people: Iterable[NormalisedPerson]) -> list[NormalisedPerson]:
    """Lends to each person what nearly all others tell: the company behind a mail domain, the reading of a name.

    A lent company counts where the person's own record names none, or another one: names of companies are mistyped
    too. Lent readings count where the record itself tells none. The order of people does not matter; the answer
    keeps it.
    """
    everyone: Sequence[NormalisedPerson] = list(people)
    companies, families, givens = _Told(), _Told(), _Told()
    for person in everyone:
        name = person.name
        if person.company and person.domain:
            companies.tell(person.domain, person.company.loose)
        if name.family.ideographs and name.reading_family.sound:
            families.tell(name.family.loose, name.reading_family.sound)
        if name.given.ideographs and name.reading_given.sound:
            givens.tell(name.given.loose, name.reading_given.sound)
    company_of, family_of, given_of = companies.agreed(), families.agreed(), givens.agreed()
    return [
        replace(
            person,
            lent_company=company_of.get(person.domain, ""),
            lent_family=family_of.get(person.name.family.loose, ""),
            lent_given=given_of.get(person.name.given.loose, ""),
        )
        for person in everyone
    ]


class _Told:
    """What records tell about each key, and on what they agree."""

    def __init__(self) -> None:
        self._told: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def tell(self, key: str, value: str) -> None:
        self._told[key][value] += 1

    def agreed(self) -> dict[str, str]:
        agreed = {}
        for key, values in self._told.items():
            value, count = max(values.items(), key=lambda item: (item[1], item[0]))
            if count >= SURE_SHARE * values.total():
                agreed[key] = value
        return agreed
