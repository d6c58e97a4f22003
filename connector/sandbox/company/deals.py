"""Writes opportunities in every state, with contact roles and now and then a HubSpot deal.

Used by the invented life (`invent_deal`) and by the planted cases (`write_deal`); activities come from `life.py`.
"""

from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

from connector.sandbox.company.batch import Batch, Row
from connector.sandbox.company.customers import Customer, Human
from connector.sandbox.company.stages import OPEN_STAGES, STAGES
from connector.sandbox.company.structure import Org

PRODUCTS = ("基幹システム", "営業支援", "勤怠管理", "経費精算", "電子契約")
_ROLES = ("Decision Maker", "Evaluator", "Business User", "Economic Buyer")
_HUBSPOT_STAGES = {
    "初回訪問": "appointmentscheduled",
    "ヒアリング": "qualifiedtobuy",
    "提案": "presentationscheduled",
    "見積提示": "decisionmakerboughtin",
    "稟議中": "contractsent",
    "受注": "closedwon",
    "失注": "closedlost",
}
_REASONS = (*["ペンディング"] * 5, *["他社導入"] * 5, *["音信不通"] * 3, *["価格懸念"] * 3, "その他", None, None, None)
_DETAILS = (
    "予算が今期は確保できず、来期に改めて検討とのこと",
    "既存ベンダーのリプレース見送り",
    "担当者異動のため白紙に",
    "価格が折り合わず",
    "要追跡",
    None,
)
_HORIZON = 548  # days: eighteen months


@dataclass(frozen=True)
class Dates:
    """A deal's days, counted backwards from today: created, last contact, close date."""

    created: int
    last: int
    close: int


@dataclass
class Deal:
    """One opportunity with its people and how long it has been quiet."""

    row: Row
    customer: Customer
    people: list[Human]
    dates: Dates
    hubspot: Row | None = None

    @property
    def is_open(self) -> bool:
        return not self.row["IsClosed"]


def write_deal(batch: Batch, org: Org, record_type: str, dates: Dates, **values: Any) -> Row:
    """One opportunity with everything that the vendor derives from its stage and dates."""
    stage = values.setdefault("StageName", "提案")
    probability, closed, won, category, label = STAGES[stage]
    close_date = batch.calendar.day(dates.close)
    created = batch.calendar.at(dates.created, 10, 30)
    changed = dates.close if closed else max((dates.created + dates.last) // 2, 2)
    amount = values.get("Amount")
    quarter, year = _fiscal(date.fromisoformat(close_date))
    row = batch.salesforce(
        "Opportunity", created, values["OwnerId"], CloseDate=close_date, Probability=probability,
        IsClosed=closed, IsWon=won, ForecastCategory=category, ForecastCategoryName=label,
        RecordTypeId=org.record_types[record_type],
        ExpectedRevenue=None if amount is None else amount * probability / 100,
        LastStageChangeDate=batch.calendar.at(min(changed, dates.created), 16),
        FiscalQuarter=quarter, FiscalYear=year, Fiscal=f"{year} {quarter}", PushCount=0, **values,
    )  # fmt: skip
    row["SystemModstamp"] = row["LastModifiedDate"] = max(created, row["LastStageChangeDate"])
    return row


def write_hubspot_deal(batch: Batch, opportunity: Row, owner_id: str, people: list[Row]) -> Row:
    """The HubSpot deal that stands for an opportunity."""
    row = batch.hubspot(
        "deals", opportunity["CreatedDate"], dealname=opportunity["Name"], pipeline="default",
        amount=opportunity["Amount"], dealstage=_HUBSPOT_STAGES[opportunity["StageName"]],
        closedate=f"{opportunity['CloseDate']}T00:00:00.000Z",
        hubspot_owner_id=owner_id, salesforceopportunityid=opportunity["Id"],
        hs_is_closed=opportunity["IsClosed"], hs_is_closed_won=opportunity["IsWon"],
    )  # fmt: skip
    for person in people:
        batch.link(("deals", row["id"]), ("contacts", person["id"]))
    return row


def write_role(batch: Batch, opportunity: Row, contact: Row, *, primary: bool, role: str = "Decision Maker") -> Row:
    row = batch.salesforce(
        "OpportunityContactRole", opportunity["CreatedDate"], opportunity["OwnerId"], OpportunityId=opportunity["Id"],
        ContactId=contact["Id"], Role=role, IsPrimary=int(primary),
    )  # fmt: skip
    if primary:
        opportunity["ContactId"] = contact["Id"]
    return row


def invent_deal(batch: Batch, org: Org, rng: Random, customer: Customer) -> Deal:
    """One deal of the customer: open 35 %, won 25 %, lost 40 %."""
    roll = rng.random()
    record_type = "ShortCycle" if rng.random() < 0.3 else "Standard"
    product = rng.choice(PRODUCTS)
    stage = rng.choice(OPEN_STAGES) if roll < 0.35 else "受注" if roll < 0.6 else "失注"
    dates = _open_dates(rng) if roll < 0.35 else _closed_dates(rng, record_type, won=stage == "受注")
    left = org.staff("FieldSales", active=False)
    values: Row = {
        "Name": f"{customer.accounts[0]['Name'].strip()} {product}",
        "AccountId": rng.choice(customer.accounts)["Id"],
        "OwnerId": customer.owner if rng.random() < 0.96 else rng.choice(left)["Id"],
        "StageName": stage,
        "Amount": _amount(rng) if rng.random() < 0.96 else None,
        "Product__c": product,
        "Type": rng.choice(("New Customer", "Existing Customer - Upgrade", None)),
        "NextStep": rng.choice(("見積再提出", "要追跡", "決裁者との面談", None, None)),
    }
    values |= _loss(rng, batch, dates) if stage == "失注" else {}
    row = write_deal(batch, org, record_type, dates, **values)
    deal = Deal(row, customer, _people(batch, rng, row, customer), dates)
    if rng.random() < 0.1:
        twins = [human.hubspot for human in deal.people if human.hubspot]
        deal.hubspot = write_hubspot_deal(batch, row, org.owner_ids[row["OwnerId"]], twins)
        if customer.companies:
            company = ("companies", customer.companies[0]["id"])
            batch.link(("deals", deal.hubspot["id"]), company, primary=True)
    return deal


def _open_dates(rng: Random) -> Dates:
    last = rng.randint(60, 400) if rng.random() < 0.55 else rng.randint(3, 58)
    return Dates(created=min(last + rng.randint(3, 180), _HORIZON), last=last, close=rng.randint(-150, 60))


def _closed_dates(rng: Random, record_type: str, *, won: bool) -> Dates:
    close = rng.randint(4, 480)
    lead = rng.randint(12, 50) if record_type == "ShortCycle" else rng.randint(40, 180)
    return Dates(created=close + lead, last=close + (0 if won else rng.randint(0, lead // 2)), close=close)


def _amount(rng: Random) -> int:
    """300,000 to 30,000,000 yen, small ones far more often."""
    return int(300_000 * 100 ** (rng.random() ** 1.4)) // 10_000 * 10_000


def _loss(rng: Random, batch: Batch, dates: Dates) -> Row:
    reason = rng.choice(_REASONS)
    planned = rng.random() < 0.3
    return {
        "Lost_Reason__c": reason,
        "Lost_Reason_Detail__c": rng.choice(_DETAILS),
        "Next_Approach_Date__c": batch.calendar.day(dates.close - rng.randint(60, 270)) if planned else None,
        "Approach_Hook__c": "新年度予算の検討開始に合わせて事例を紹介" if planned else None,
    }


def _people(batch: Batch, rng: Random, row: Row, customer: Customer) -> list[Human]:
    """Most deals have a primary contact; some several people, some none, some no primary."""
    contacts = customer.contacts()
    if not contacts or rng.random() < 0.1:
        return []
    people = rng.sample(contacts, k=min(len(contacts), rng.choice((1, 1, 1, 2, 2, 3))))
    has_primary = rng.random() < 0.9
    for place, human in enumerate(people):
        if human.salesforce is not None:
            primary = has_primary and place == 0
            write_role(batch, row, human.salesforce, primary=primary, role=rng.choice(_ROLES))
    return people


def _fiscal(day: date) -> tuple[int, int]:
    """Quarter and year: the org's fiscal year is the calendar year."""
    return (day.month + 2) // 3, day.year
