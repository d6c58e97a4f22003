"""What years of use leave behind in an org: converted leads, merged duplicates, deleted and unmendable records.

Called by `generate.py` for every customer; which customer gets what goes by its number, so that small worlds have some.
"""

from random import Random
from typing import Any

from connector.sandbox.company.batch import Batch, Row
from connector.sandbox.company.customers import Customer

_CONVERTED = (9, 4)  # every 9th customer from the 4th on, and so forth
_MERGED_CONTACT = (23, 7)
_MERGED_ACCOUNT = (40, 3)
_DELETED = (20, 11)
_OLD_RECORD = (60, 6)
_COPIED = ("LastName", "FirstName", "Name", "Email", "Phone", "MobilePhone", "Title", "LeadSource", "OwnerId")
OLD_NUMBER = "旧-0045127"


def leave_traces(batch: Batch, customer: Customer, deals: list[Row], which: tuple[int, int]) -> list[dict[str, Any]]:
    """Add the customer's share (`which` is seed and number); returns what breaks a rule and cannot be updated."""
    seed, number = which
    if not customer.accounts:
        return []
    rng = Random(f"{seed}:past:{number}")
    contacts = [human.salesforce for human in customer.contacts() if human.salesforce is not None]
    if contacts and _is(number, _CONVERTED):
        _converted_lead(batch, customer, (contacts[0], deals), rng)
    if contacts and _is(number, _MERGED_CONTACT):
        values = {name: contacts[0][name] for name in (*_COPIED, "AccountId")}
        _merged(batch, "Contact", contacts[0], values, rng)
    if _is(number, _MERGED_ACCOUNT):
        values = {"Name": f"{customer.company.core}（重複）", "OwnerId": customer.owner}
        _merged(batch, "Account", customer.accounts[0], values, rng)
    if _is(number, _DELETED):
        _deleted(batch, customer, rng)
    if _is(number, _OLD_RECORD):
        customer.accounts[0]["Corporate_Number__c"] = OLD_NUMBER
        return [{"object": "Account", "id": customer.accounts[0]["Id"], "field": "Corporate_Number__c"}]
    return []


def _is(number: int, every: tuple[int, int]) -> bool:
    return number % every[0] == every[1]


def _converted_lead(batch: Batch, customer: Customer, became_of: tuple[Row, list[Row]], rng: Random) -> None:
    """The lead that the contact once was; the deal that came of it is the account's first one after that."""
    contact, deals = became_of
    became = contact["CreatedDate"]
    later = [row for row in deals if row["AccountId"] == contact["AccountId"] and row["CreatedDate"] >= became]
    deal = min(later, key=lambda row: str(row["CreatedDate"]), default=None)
    lead = batch.salesforce(
        "Lead", batch.calendar.at(_age(batch, became) + rng.randint(5, 90)), customer.owner,
        **{name: contact.get(name) for name in _COPIED}, Company=customer.accounts[0]["Name"].strip(),
        HasOptedOutOfEmail=contact["HasOptedOutOfEmail"], Status="Closed - Converted", IsConverted=1,
        ConvertedDate=became[:10], ConvertedAccountId=contact["AccountId"], ConvertedContactId=contact["Id"],
        ConvertedOpportunityId=deal["Id"] if deal else None, _truth_id=contact["_truth_id"],
    )  # fmt: skip
    lead["SystemModstamp"] = lead["LastModifiedDate"] = became


def _merged(batch: Batch, object_: str, winner: Row, values: Row, rng: Random) -> None:
    """A duplicate that somebody has merged away since."""
    days = rng.randint(3, 27)
    row = batch.salesforce(
        object_,
        winner["CreatedDate"],
        winner["OwnerId"],
        **values,
        IsDeleted=1,
        MasterRecordId=winner["Id"],
        _truth_id=winner["_truth_id"],
    )
    row["SystemModstamp"] = row["LastModifiedDate"] = batch.calendar.at(days, 18)
    winner["SystemModstamp"] = winner["LastModifiedDate"] = max(batch.calendar.at(days, 18), winner["SystemModstamp"])


def _deleted(batch: Batch, customer: Customer, rng: Random) -> None:
    """A test lead and a task that were thrown away."""
    day, owner = rng.randint(3, 27), customer.owner
    gone = (
        batch.salesforce(
            "Lead", batch.calendar.at(day + 20), owner, LastName="テスト", Name="テスト", Company="テスト",
            Status="Open - Not Contacted", OwnerId=owner, IsDeleted=1, _truth_id=f"{customer.truth_id}-test",
        ),
        batch.task(
            batch.calendar.at(day + 40), owner, Subject="テスト", Status="未着手", WhatId=customer.accounts[0]["Id"],
            ActivityDate=batch.calendar.day(day + 30), IsDeleted=1,
        ),
    )  # fmt: skip
    for row in gone:
        row["SystemModstamp"] = row["LastModifiedDate"] = batch.calendar.at(day, 12)


def _age(batch: Batch, moment: str) -> int:
    """Whole days since a stored moment."""
    return (batch.calendar.today - batch.calendar.today.fromisoformat(moment[:10])).days
