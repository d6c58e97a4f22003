"""The selling company's campaigns and who of its contacts and leads is in them.

Called by `generate.py`: people join while their company is made, the campaigns themselves are stored last, counted.
"""

from collections import Counter
from dataclasses import dataclass
from random import Random

from connector.sandbox.company.batch import Batch, Row
from connector.sandbox.company.customers import Customer, Human
from connector.sandbox.company.structure import Org
from connector.sandbox.salesforce.campaigns import SHOWN

# name, type, status, first and last day counted backwards from today
_CAMPAIGNS = (
    ("製造業DXウェビナー", "Webinar", "Completed", 420, 418),
    ("Japan IT Week 出展", "Trade Show", "Completed", 300, 296),
    ("電子契約 紹介メール", "Email", "Completed", 210, 180),
    ("経費精算セミナー", "Conference", "Completed", 130, 129),
    ("既存顧客向けメールマガジン", "Email", "In Progress", 500, -60),
    ("営業支援 秋の相談会", "Webinar", "In Progress", 40, -10),
    ("新春展示会", "Trade Show", "Planned", -60, -62),
)
_JOINED = 0.3
_RESPONDED = 0.35
_NEWEST = 4  # days ago: nothing is fresh when the world starts


@dataclass(frozen=True)
class _Campaign:
    row: Row
    first: int
    last: int


class Campaigns:
    """All campaigns, with the numbers of their members so far."""

    def __init__(self, batch: Batch, org: Org, seed: int) -> None:
        self._seed = seed
        self._counts: Counter[tuple[str, str]] = Counter()
        manager = org.staff("SalesManager")[0]["Id"]
        self._all = tuple(_campaign(batch, manager, facts) for facts in _CAMPAIGNS)
        self._rows = batch.rows.pop(("salesforce", "Campaign"))

    def join(self, batch: Batch, customer: Customer, number: int) -> None:
        """Some of the customer's people become members."""
        rng = Random(f"{self._seed}:campaigns:{number}")
        for human in customer.humans:
            if human.salesforce is None or rng.random() >= _JOINED:
                continue
            for campaign in rng.sample(self._all[:-1], k=rng.choice((1, 1, 2))):
                self._add(batch, (customer, human), campaign, rng)

    def finish(self, batch: Batch) -> None:
        """Store the campaigns with what the org counts of their members."""
        for row in self._rows:
            for name in ("NumberOfLeads", "NumberOfContacts", "NumberOfResponses"):
                row[name] = self._counts[row["Id"], name]
        batch.rows["salesforce", "Campaign"].extend(self._rows)

    def _add(self, batch: Batch, who: tuple[Customer, Human], campaign: _Campaign, rng: Random) -> None:
        customer, human = who
        person: Row = human.salesforce or {}
        calendar = batch.calendar
        joined = max(calendar.at(rng.randint(max(campaign.last, _NEWEST), campaign.first)), person["CreatedDate"])
        responded = rng.random() < _RESPONDED
        kind = "Lead" if human.is_lead else "Contact"
        account = customer.accounts[0]["Name"] if customer.accounts else None
        batch.salesforce(
            "CampaignMember", joined, campaign.row["OwnerId"], CampaignId=campaign.row["Id"],
            Status="Responded" if responded else "Sent", HasResponded=int(responded),
            FirstRespondedDate=joined[:10] if responded else None, Type=kind, LeadOrContactId=person["Id"],
            LeadOrContactOwnerId=person["OwnerId"], CompanyOrAccount=person["Company"] if human.is_lead else account,
            **{f"{kind}Id": person["Id"]}, **{name: person.get(name) for name in SHOWN},
        )  # fmt: skip
        self._counts[campaign.row["Id"], f"NumberOf{kind}s"] += 1
        self._counts[campaign.row["Id"], "NumberOfResponses"] += responded


def _campaign(batch: Batch, owner: str, facts: tuple[str, str, str, int, int]) -> _Campaign:
    name, kind, status, first, last = facts
    calendar = batch.calendar
    row = batch.salesforce(
        "Campaign", calendar.at(max(first + 30, _NEWEST)), owner, Name=name, Type=kind, Status=status, OwnerId=owner,
        IsActive=int(status != "Completed"), StartDate=calendar.day(first), EndDate=calendar.day(last),
        NumberOfConvertedLeads=0, NumberOfOpportunities=0, NumberOfWonOpportunities=0, AmountAllOpportunities=0,
        AmountWonOpportunities=0, ExpectedResponse=0, NumberSent=0,
    )  # fmt: skip
    return _Campaign(row, first, last)
