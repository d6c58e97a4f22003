"""Canonical records as 名寄せ compares them: an `Account` as `Company`, a `Person` as `Individual`.

Called by the engine. The only place of this room that knows the model's records.
"""

from connector.identity.records import Company, Individual
from connector.model.records import Account, Person


def company_of(account: Account) -> Company:
    """The account's raw values; what it does not say is the empty text."""
    return Company(
        ref=str(account.ref),
        name=account.name or "",
        name_kana=account.name_kana or "",
        name_english=account.name_english or "",
        former_names=(account.former_name,) if account.former_name else (),
        corporate_number=account.corporate_number or "",
        website=account.domain or "",
        phone=account.phone or "",
        address=account.address or "",
        postal_code=account.postal_code or "",
        parents=(str(account.parent),) if account.parent else (),
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
