"""Records as columns, for engines that compare whole bases at once: the core's normalised values, one row a record.

Used by the bulk engines, which know columns and no names. Every value comes from the same normalisation as when two
records are compared; pieces and lists stand where an engine's own text functions would count bytes.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from typing import Any, Final, Generic, TypeVar

from connector.identity.companies import CompanyMatching
from connector.identity.company import NormalisedCompany, grams, scripts
from connector.identity.pairs import Matching, Pair
from connector.identity.people import NormalisedPerson
from connector.identity.people_matching import PeopleMatching
from connector.identity.person_name import NamePart, PersonName
from connector.identity.records import Company, Individual
from connector.identity.text import romaji_key
from connector.mapping.identity import IdentityRules
from connector.mapping.identity_people import TEXT_FIELDS

Value = str | list[str] | None
Row = dict[str, Value]

REMEMBERED: Final = 50_000
"""Normalised records that are kept at hand while pairs are judged."""

COMPANY_TEXTS: Final = (
    *("exact", "loose", "sound", "stem", "legal_form", "placed", "kana", "corporate_number", "domain"),
    *("prefecture", "city", "place", "spot", "postal_code"),
)
COMPANY_LISTS: Final = ("pieces", "known_as", "scripts", "phones")
PERSON_TEXTS: Final = (
    *("names", "whole", "family", "given", "mail", "shared_mail", "domain", "company", "company_ref", "title"),
    *TEXT_FIELDS,
)
PERSON_LISTS: Final = (
    *("family_pieces", "given_pieces", "whole_pieces", "readings", "mobiles", "lines", "company_pieces"),
    *("street_pieces", "city_pieces"),
)
KEYS: Final = "found_by"
"""The list of keys under which the core finds the record: who shares one is compared."""

Raw = TypeVar("Raw", Company, Individual)
Known = TypeVar("Known")


@dataclass(frozen=True)
class Columns(Generic[Raw, Known]):
    """One kind of record as columns: its names, and how a record is read from and turned into them."""

    kind: str
    texts: tuple[str, ...]
    lists: tuple[str, ...]
    raw: type[Raw]
    matching: Callable[[IdentityRules], Matching[Raw, Known]]
    _values: Callable[[Known], Mapping[str, str | Iterable[str]]]

    @property
    def asked(self) -> tuple[str, ...]:
        """The names of a raw record's fields: the columns of a file that is to be compared."""
        return tuple(field.name for field in fields(self.raw))

    @property
    def several(self) -> frozenset[str]:
        """Those of `asked` that hold several values."""
        return frozenset(field.name for field in fields(self.raw) if field.type == tuple[str, ...])

    def row(self, known: Known, keys: Sequence[str]) -> Row:
        """The columns of a normalised record. What it does not have is `None`, so that nothing compares with it."""
        values = self._values(known)
        texts: Row = {name: str(values.get(name, "")) or None for name in self.texts}
        lists: Row = {name: sorted(set(values.get(name, ())) - {""}) or None for name in self.lists}
        return texts | lists | {KEYS: list(dict.fromkeys(keys)) or None}

    def packed(self, raw: Raw) -> str:
        """The raw record as JSON, without what it does not have."""
        return json.dumps({name: value for name, value in asdict(raw).items() if value}, ensure_ascii=False)

    def unpacked(self, packed: str) -> Raw:
        """The inverse of `packed`."""
        return self.read(json.loads(packed))

    def read(self, values: Mapping[str, Any]) -> Raw:
        """A record from a file's columns; what is missing or empty is not known. Several values end with `;`."""
        several = self.several
        known: dict[str, Any] = {}
        for name in self.asked:
            value = values.get(name)
            if name in several:
                parts = value.split(";") if isinstance(value, str) else value or ()
                known[name] = tuple(text for part in parts if (text := str(part).strip()))
            else:
                known[name] = "" if value is None else str(value)
        return self.raw(**known)


class Judge:
    """Judges packed records two at a time by the core's rule; normalises each of them once, as far as it remembers."""

    def __init__(self, columns: Columns[Any, Any], rules: IdentityRules) -> None:
        matching = columns.matching(rules)
        self.matching = matching
        self._normalised = lru_cache(maxsize=REMEMBERED)(
            lambda packed: matching.normalised(columns.unpacked(packed)),
        )

    def judged(self, left: str, right: str) -> Pair | None:
        """Both records' pair; `None` when they are NEW to each other."""
        return self.matching.judged(self._normalised(left), self._normalised(right))

    def compared(self, left: str, right: str) -> Pair:
        """Both records' pair, whatever it says."""
        return self.matching.compared(self._normalised(left), self._normalised(right))


def _company(company: NormalisedCompany) -> dict[str, str | Iterable[str]]:
    name, address = company.name, company.address
    return {
        "exact": name.exact,
        "loose": name.loose,
        "sound": name.sound,
        "stem": name.stem,
        "legal_form": name.form,
        "placed": "" if name.position == "none" else name.position,
        "kana": romaji_key(company.kana) if company.kana else "",
        "corporate_number": company.number,
        "domain": company.domain,
        "prefecture": address.prefecture,
        "city": address.city,
        "place": address.place,
        "spot": address.spot_key,
        "postal_code": company.postal_code,
        "pieces": grams(name.loose),
        "known_as": [name.sound, *(former.sound for former in company.formers)],
        "scripts": scripts(company),
        "phones": company.phones,
    }


def _person(person: NormalisedPerson) -> dict[str, str | Iterable[str]]:
    name, box = person.name, person.mail
    family, given = name.family.loose, name.given.loose
    whole = f"{family}{given}" if name.split else name.whole.loose
    return {
        **person.texts,
        "names": "|".join(sorted((family, given))) if name.split else whole,
        "whole": whole,
        "family": family,
        "given": given,
        "mail": box.address if box and not box.role else "",
        "shared_mail": box.address if box and box.role else "",
        "domain": person.domain,
        "company": person.company_key,
        "company_ref": person.raw.company_ref,
        "title": person.title,
        "family_pieces": _pieces(family),
        "given_pieces": _pieces(given),
        "whole_pieces": _pieces(whole),
        "readings": _readings(name),
        "mobiles": person.mobiles,
        "lines": person.lines,
        "company_pieces": grams(person.company_key) if person.company_key else (),
        "street_pieces": _pieces(person.texts.get("street", "")),
        "city_pieces": _pieces(person.texts.get("city", "")),
    }


def _pieces(text: str) -> list[str]:
    """Every two neighbouring characters, the beginning and the end among them."""
    framed = f"^{text}$"
    return [framed[at : at + 2] for at in range(len(framed) - 1)] if text else []


def _readings(name: PersonName) -> list[str]:
    """How the whole name sounds, in both orders: fields are swapped, and Latin names put the given one first."""

    def sound(written: NamePart, reading: NamePart) -> str:
        return romaji_key(written.sound or reading.sound)

    family, given = sound(name.family, name.reading_family), sound(name.given, name.reading_given)
    if family and given:
        return [family + given, given + family]
    return [sound(name.whole, name.whole_reading)]


COMPANIES: Final[Columns[Company, NormalisedCompany]] = Columns(
    "account", COMPANY_TEXTS, COMPANY_LISTS, Company, lambda rules: CompanyMatching(rules.companies), _company
)
PEOPLE: Final[Columns[Individual, NormalisedPerson]] = Columns(
    "person", PERSON_TEXTS, PERSON_LISTS, Individual, lambda rules: PeopleMatching(rules.people), _person
)
