"""The small base of `bulk_base` as a mirror holds it: companies and people of both systems, in no order."""

import random
from datetime import UTC, datetime
from typing import Any

from bulk_base import companies, people

from connector.identity.records import Company, Individual
from connector.model.records import Account, Person, Record, Ref

AT = datetime(2026, 11, 18, 1, 0, tzinfo=UTC)


def ref(kind: str, name: str) -> Ref:
    """Half of the records are in each system."""
    return Ref("salesforce" if name.startswith("a") else "hubspot", kind, name)


def records(count: int, trouble: dict[str, dict[str, Any]] | None = None) -> list[Record]:
    """So many of each kind and their doubles; `trouble`: what is otherwise with these, by `Account:a1` or the like."""
    found: list[Record] = [*map(account, companies(count)), *map(person, people(count))]
    random.Random(5).shuffle(found)
    told = trouble or {}
    return [one.model_copy(update=told.get(f"{one.ref.object}:{one.ref.id}", {})) for one in found]


def account(one: Company) -> Account:
    """A company as a system holds it."""
    return Account(
        ref=ref("Account", one.ref),
        modified_at=AT,
        name=one.name,
        address=one.address,
        domain=one.website or None,
        phone=one.phone or None,
    )


def person(one: Individual) -> Person:
    """A person as a system holds it."""
    return Person(
        ref=ref("Contact", one.ref),
        modified_at=AT,
        family_name=one.family,
        given_name=one.given,
        email=one.mail or None,
        mobile=one.mobile or None,
        company_name=one.company_name,
    )
