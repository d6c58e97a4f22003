"""Canonical records as 名寄せ compares them: an `Account` as `Company`, a `Person` as `Individual`.

Called by the engine. The only place of this room that knows the model's records.
"""

from collections.abc import Mapping
from typing import Any

from connector.identity.records import Company, Individual
from connector.model.records import Account, Person


def company_of(account: Account) -> Company:
    """The account's raw values; what it does not say is the empty text."""
    return company_of_values(account.__dict__)


def company_of_values(account: Mapping[str, Any]) -> Company:
    """As `company_of`, of an account in plain values by the names of its properties, as JSON has them."""
    told = account.get
    former, parent = told("former_name"), told("parent")
    return Company(
        ref=":".join(account["ref"]),
        name=told("name") or "",
        name_kana=told("name_kana") or "",
        name_english=told("name_english") or "",
        former_names=(former,) if former else (),
        corporate_number=told("corporate_number") or "",
        website=told("domain") or "",
        phone=told("phone") or "",
        address=told("address") or "",
        postal_code=told("postal_code") or "",
        parents=(":".join(parent),) if parent else (),
    )


def individual_of(person: Person, *, company_name: str, company_ref: str) -> Individual:
    """The person's raw values, with the name of the linked account (else what was typed) and of its cluster."""
    parted = bool(person.family_name and person.given_name)
    return Individual(
        ref=str(person.ref),
        family=(person.family_name or "") if parted else "",
        given=(person.given_name or "") if parted else "",
        full_name="" if parted else person.name or person.family_name or person.given_name or "",
        family_kana=person.family_name_kana or "",
        given_kana=person.given_name_kana or "",
        mail=person.email or "",
        phone=person.phone or "",
        mobile=person.mobile or "",
        company_name=company_name or person.company_name or "",
        company_ref=company_ref,
        title=person.title or "",
    )
