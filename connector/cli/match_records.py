"""A company or person as the pages of `okoshi match` show it: its fields, where it is in the vendor, whose it is.

Reads the mirror, and what the register adds to it for comparing; asks no vendor. Knows no page.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Final
from urllib.parse import urlsplit

from connector.cli.output import clean
from connector.engine import reference
from connector.engine.reference import ReferenceMatch
from connector.identity.from_records import company_of
from connector.identity.records import Company
from connector.mapping import Mappings
from connector.model.errors import WrongUse
from connector.model.records import Account, Kind, Person, Record, Ref
from connector.settings import Settings
from connector.store import mirror
from connector.store.store import Transaction

MATCHED: Final = (Kind.ACCOUNT, Kind.PERSON)
"""Kinds of records that are matched."""

FIELDS: Final = {
    Kind.ACCOUNT: (
        *("name", "kana", "english", "former", "corporate_number", "postal_code", "address", "phone", "domain"),
        *("parent", "owner", "status"),
    ),
    Kind.PERSON: ("name", "kana", "company", "title", "email", "phone", "mobile", "owner"),
}
"""What is compared by eye, in this order."""

_SHORT_ID: Final = re.compile(r"[0-9A-Za-z]{15}")
_HUBSPOT_TYPES: Final = {
    "0-1": "contacts",
    "contact": "contacts",
    "0-2": "companies",
    "company": "companies",
    "0-3": "deals",
    "deal": "deals",
}


@dataclass(frozen=True)
class Shown:
    """One record. `values` has a text for every field of its kind, blank where the record does not say."""

    record: Record
    values: Mapping[str, str]
    link: str = ""
    company: Company | None = None
    """A company's own words, as they are compared."""
    completed: Company | None = None
    """The same with what the register adds: an inference."""
    registered: str = ""
    """What the register calls a company that is surely in it."""

    @property
    def ref(self) -> str:
        """The record's reference."""
        return str(self.record.ref)

    @property
    def name(self) -> str:
        """Its name, or its reference if it has none."""
        return self.values["name"] or self.ref

    @property
    def modified_at(self) -> datetime:
        """When the vendor last changed it."""
        return self.record.modified_at


@dataclass(frozen=True)
class Links:
    """Where records are opened in the vendor, as far as the settings tell."""

    salesforce: str = ""

    @classmethod
    def of(cls, settings: Settings) -> "Links":
        """The instance's own address opens every record by its id. HubSpot's needs the portal's number: no link."""
        return cls((settings.salesforce.instance_url or "").rstrip("/"))

    def to(self, ref: Ref) -> str:
        """The address of a record's page, blank if it is not known."""
        if ref.system != "salesforce" or not self.salesforce:
            return ""
        return f"{self.salesforce}/lightning/r/{ref.object}/{ref.id}/view"


@dataclass(frozen=True)
class Known:
    """Some records, and what the records that they point at are called."""

    shown: Mapping[str, Shown] = field(default_factory=dict)

    def __getitem__(self, ref: str) -> Shown:
        return self.shown[ref]

    def __contains__(self, ref: str) -> bool:
        return ref in self.shown

    def name(self, ref: str) -> str:
        """A record's name; the reference itself for one that was never seen."""
        return self.shown[ref].name if ref in self.shown else ref


def known(tx: Transaction, refs: Collection[str], links: Links) -> Known:
    """These records as they were last seen, those that are gone included; what was never seen is left out."""
    records = {ref: found.record for ref, found in mirror.load(tx, refs).items()}
    matched = {ref: one for ref, one in records.items() if isinstance(one, Account | Person)}
    beside = {str(target) for one in matched.values() for target in _pointed_at(one)}
    names = {ref: getattr(found.record, "name", None) or "" for ref, found in mirror.load(tx, beside).items()}
    registered = reference.known(tx, [ref for ref, one in matched.items() if isinstance(one, Account)])
    return Known({ref: _shown(one, names, links, registered.get(ref)) for ref, one in matched.items()})


def _shown(record: Account | Person, names: Mapping[str, str], links: Links, found: ReferenceMatch | None) -> Shown:
    company = company_of(record) if isinstance(record, Account) else None
    completed = reference.as_compared(company, found) if company else None
    registered = found.registered.name if found and found.registered and completed != company else ""
    return Shown(record, _values(record, names), links.to(record.ref), company, completed, registered)


def _pointed_at(record: Account | Person) -> list[Ref]:
    above = record.parent if isinstance(record, Account) else record.account
    return [ref for ref in (above, record.owner) if ref]


def _values(record: Account | Person, names: Mapping[str, str]) -> dict[str, str]:
    def called(ref: Ref | None) -> str:
        return names.get(str(ref)) or (str(ref) if ref else "")

    if isinstance(record, Account):
        found = {
            "kana": record.name_kana,
            "english": record.name_english,
            "former": record.former_name,
            "corporate_number": record.corporate_number,
            "postal_code": record.postal_code,
            "address": record.address,
            "domain": record.domain,
            "parent": called(record.parent),
            "status": record.status,
        }
    else:
        kana = " ".join(filter(None, (record.family_name_kana, record.given_name_kana)))
        company = called(record.account) if record.account else record.company_name
        found = {"kana": kana, "company": company, "title": record.title}
        found |= {"email": record.email, "mobile": record.mobile}
    found |= {"name": _name(record), "phone": record.phone, "owner": called(record.owner)}
    return {name: found[name] or "" for name in FIELDS[record.kind]}


def _name(record: Account | Person) -> str | None:
    if isinstance(record, Account) or record.name:
        return record.name
    return " ".join(filter(None, (record.family_name, record.given_name)))


_CALLED = {Kind.ACCOUNT: "company", Kind.PERSON: "person", Kind.OPPORTUNITY: "deal"}


def resolved(tx: Transaction, mappings: Mappings, given: str, kinds: Collection[Kind] = MATCHED) -> Ref:
    """The record of one of these kinds that somebody means: by reference, by bare id, or by the address of its page.

    Raises WrongUse where there is none, or several.
    """
    return the_one(given, meant(tx, mappings, given, kinds), kinds)


def meant(tx: Transaction, mappings: Mappings, given: str, kinds: Collection[Kind] = MATCHED) -> list[Ref]:
    """All records that it may stand for."""
    candidates = [ref for ref in _meant(mappings, given.strip(), kinds) if _kind(mappings, ref) in kinds]
    seen = mirror.load(tx, [str(ref) for ref in candidates])
    return [ref for ref in candidates if str(ref) in seen]


def the_one(given: str, found: Sequence[Ref], kinds: Collection[Kind] = MATCHED) -> Ref:
    """The only one of these. Raises WrongUse."""
    told = clean(given)
    if len(found) == 1:
        return found[0]
    if found:
        refs = ", ".join(map(str, found))
        raise WrongUse(
            f"{told} is the id of several records ({refs}); write one.",
            code="record_ambiguous",
            details={"given": told, "refs": refs},
        )
    wanted = " or ".join(_CALLED[kind] for kind in kinds)
    raise WrongUse(
        f"No {wanted} of this id was read yet: {told}. Write the record's reference, for example "
        "salesforce:Account:001… or hubspot:companies:123, its id or the address of its page; `okoshi run` reads what "
        "is new.",
        code="record_unknown" if Kind.OPPORTUNITY not in kinds else "case_unknown",
        details={"given": told},
    )


def _kind(mappings: Mappings, ref: Ref) -> Kind | None:
    mapping = mappings.systems.get(ref.system)
    object_ = mapping.objects.get(ref.object) if mapping else None
    return object_.kind if object_ else None


def _meant(mappings: Mappings, given: str, kinds: Collection[Kind]) -> list[Ref]:
    if "://" in given:
        return _of_page(given)
    if given.count(":") >= 2:
        ref = Ref.parse(given)
        return [ref._replace(id=_whole(ref.id))] if ref.system == "salesforce" else [ref]
    places = [
        (system, name)
        for system, mapping in mappings.systems.items()
        for name, object_ in mapping.objects.items()
        if object_.kind in kinds
    ]
    return [Ref(system, name, _whole(given) if system == "salesforce" else given) for system, name in places]


def _of_page(address: str) -> list[Ref]:
    """Salesforce: `/lightning/r/Account/001…/view`; HubSpot: `/contacts/<portal>/record/0-2/<id>`, `…/company/<id>`."""
    steps = [step for step in urlsplit(address).path.split("/") if step]
    if "r" in steps and len(rest := steps[steps.index("r") + 1 :]) >= 2:
        return [Ref("salesforce", rest[0], _whole(rest[1]))]
    for type_, record_id in pairwise(steps):
        if type_ in _HUBSPOT_TYPES and record_id.isdigit():
            return [Ref("hubspot", _HUBSPOT_TYPES[type_], record_id)]
    return []


def _whole(record_id: str) -> str:
    """Salesforce's ids of 15 characters with the three that make them safe in any case: which letters are capital."""
    if not _SHORT_ID.fullmatch(record_id):
        return record_id
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
    parts = (record_id[start : start + 5] for start in (0, 5, 10))
    return record_id + "".join(alphabet[sum(c.isupper() << place for place, c in enumerate(part))] for part in parts)
