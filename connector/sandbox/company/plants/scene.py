"""One planted deal with an account, a primary contact and his HubSpot twin of its own, and what people did with them.

Used by `case.arrange`: methods are named after acts and take how many days ago. It must not know what is expected.
"""

from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from connector.sandbox.company.batch import Batch, Row
from connector.sandbox.company.calendar import later
from connector.sandbox.company.customers import Customer, Human, Registry
from connector.sandbox.company.deals import Dates, write_deal, write_hubspot_deal, write_role
from connector.sandbox.company.facts import Facts
from connector.sandbox.company.names import invent
from connector.sandbox.company.structure import Org

SUBJECT = "滞留商談掘り起こし"
UNKNOWN_CONSENT = "架電可否:未確認"
UNKNOWN_PERSON = "人物未特定"
LOWEST_AMOUNT = 50_000_000  # a planted deal comes before the invented ones
_FIRST_COMPANY = 20_000_000  # numbers that no invented customer reaches
_NOT_HOMONYMS = 22  # of 24 numbers


@dataclass(frozen=True)
class Place:
    """Where a scene stands: its number decides the company, the people and the amount."""

    batch: Batch
    org: Org
    seed: int
    number: int
    created: int = 300
    record_type: str = "Standard"


@dataclass
class Scene:
    """The records of one case; change them freely until the batch is flushed."""

    place: Place
    customer: Customer = field(init=False)
    account: Row = field(init=False)
    contact: Row = field(init=False)
    twin: Row = field(init=False)
    deal: Row = field(init=False)
    role: Row = field(init=False)
    owner: Row = field(init=False)
    check: Row = field(default_factory=dict)
    salesforce: dict[str, str] = field(default_factory=dict)
    hubspot: dict[str, str] = field(default_factory=dict)
    registry: Registry = field(init=False)

    def __post_init__(self) -> None:
        place = self.place
        sellers = place.org.staff("FieldSales")
        self.owner = sellers[place.number % len(sellers)]
        self.registry = Registry(place.batch, place.org, *_dice(place))
        self.customer = self._customer()
        self.account = self.customer.accounts[0]
        self.contact, self.twin = self.person()
        self.deal = self.open_deal(place.created, place.record_type)
        self.role = write_role(self.batch, self.deal, self.contact, primary=True)
        self.salesforce |= {
            "Opportunity": self.deal["Id"],
            "Account": self.account["Id"],
            "Contact": self.contact["Id"],
        }
        self.hubspot["contacts"] = self.twin["id"]
        self.check["WhoId"] = self.contact["Id"]

    @property
    def batch(self) -> Batch:
        return self.place.batch

    @property
    def org(self) -> Org:
        return self.place.org

    def day(self, days_ago: int) -> str:
        return self.batch.calendar.day(days_ago)

    def at(self, days_ago: int, hour: int = 11, minute: int = 0) -> str:
        return self.batch.calendar.at(days_ago, hour, minute)

    # -- who and what ------------------------------------------------------------------------------------------------

    def person(self, **twin: Any) -> tuple[Row, Row]:
        """One more person of the account: a contact that may be called, and his HubSpot twin linked by id."""
        registry, customer = self.registry, self.customer
        person = registry.invent(customer)
        while person.email is None or not person.email.endswith(customer.company.domain):
            person = registry.invent(customer)
        created = self.at(600)
        consent = {"Call_Consent__c": "可", "Left_Company__c": 0, "Phone": person.phone, "Email": person.email}
        contact = registry.contact(customer, person, created, **consent)
        links = {"salesforcecontactid": contact["Id"], "hs_email_optout": 0} | twin
        row = registry.hubspot_contact(customer, person, created, **links)
        truth_id = f"{customer.truth_id.replace('C', 'P', 1)}-{len(customer.humans)}"
        registry.remember(customer, Human(person, contact, is_lead=False, hubspot=row), truth_id)
        return contact, row

    def open_deal(self, created: int = 300, record_type: str = "Standard", **values: Any) -> Row:
        """An open deal of the account without roles or activities."""
        close = values.pop("close", -30)
        fields: Row = {
            "Name": f"{self.account['Name'].strip()} 営業支援",
            "AccountId": self.account["Id"],
            "OwnerId": self.owner["Id"],
            "Amount": LOWEST_AMOUNT + self.place.number * 250_000,
            "Product__c": "営業支援",
        }
        return write_deal(self.batch, self.org, record_type, Dates(created, created, close), **(fields | values))

    def other_deal(self, created: int = 30, **values: Any) -> Row:
        """Another deal of the same primary contact, with another owner; by default too young to be stalled."""
        sellers = self.org.staff("FieldSales")
        owner = sellers[(self.place.number + 5) % len(sellers)]
        fields: Row = {"OwnerId": owner["Id"], "Amount": 1_000_000, "Name": f"{self.account['Name'].strip()} 経費精算"}
        row = self.open_deal(created, **(fields | values))
        write_role(self.batch, row, self.contact, primary=True)
        self.salesforce["OtherOpportunity"] = row["Id"]
        return row

    def hubspot_deal(self, opportunity: Row) -> Row:
        """The HubSpot deal that stands for this opportunity, without people."""
        row = write_hubspot_deal(self.batch, opportunity, self.org.owner_ids[opportunity["OwnerId"]], [])
        self.hubspot.setdefault("deals", row["id"])
        return row

    def add_role(self, contact: Row, *, primary: bool = False, deal: Row | None = None) -> Row:
        """One more person in the deal (or in another one)."""
        return write_role(self.batch, deal or self.deal, contact, primary=primary, role="Evaluator")

    def namesake(self) -> Row:
        """Somebody of the same name at another firm, known to HubSpot only."""
        number = self.place.number
        row = self.batch.hubspot(
            "contacts", self.at(500), email=f"namesake-{number}@betsugaisha.example", company="株式会社別会社",
            lastname=self.contact["LastName"], firstname=self.contact["FirstName"], lifecyclestage="lead",
            hs_email_optout=0, _truth_id=f"PN{number:06d}",
        )  # fmt: skip
        self.batch.people += 1
        self.hubspot["OtherContact"] = row["id"]
        return row

    def worth(self, amount: int) -> None:
        """The deal has this amount."""
        self.deal.update(Amount=amount, ExpectedRevenue=amount * self.deal["Probability"] / 100)

    def drop_role(self) -> None:
        """The deal has no contact role at all."""
        self.batch.rows["salesforce", "OpportunityContactRole"].remove(self.role)
        self.deal["ContactId"] = None
        self.check["WhoId"] = None

    def set_stage(self, stage: str, closed_days_ago: int, **values: Any) -> Row:
        """A closed deal in place of the open one."""
        dates = Dates(self.place.created, closed_days_ago, closed_days_ago)
        kept = {name: self.deal[name] for name in ("Name", "AccountId", "OwnerId", "Amount", "Product__c")}
        row = write_deal(self.batch, self.org, self.place.record_type, dates, StageName=stage, **kept, **values)
        row["ContactId"] = self.deal["ContactId"]
        self.batch.rows["salesforce", "Opportunity"].remove(self.deal)
        self.role["OpportunityId"] = self.salesforce["Opportunity"] = row["Id"]
        self.deal = row
        return row

    # -- what was done in Salesforce -----------------------------------------------------------------------------------

    def met(self, days_ago: int, hour: int = 14, minute: int = 0, **values: Any) -> Row:
        """An event with the person on the deal; negative days are ahead."""
        fields = {"WhatId": self.deal["Id"], "WhoId": self.contact["Id"]} | values
        return self.batch.event(days_ago, self.owner["Id"], hour=hour, minute=minute, **fields)

    def did(self, days_ago: int, **values: Any) -> Row:
        """A task logged on that day as already done (unless `values` say otherwise)."""
        fields = {"WhatId": self.deal["Id"], "WhoId": self.contact["Id"], "ActivityDate": self.day(days_ago)} | values
        created = fields.pop("created", None) or self.at(days_ago, 16)
        return self.batch.task(created, fields.pop("OwnerId", self.owner["Id"]), **fields)

    def called(self, days_ago: int, disposition: str | None, **values: Any) -> Row:
        """A logged telephone call."""
        fields = {"Subject": "架電", "TaskSubtype": "Call", "CallType": "Outbound", "CallDisposition": disposition}
        return self.did(days_ago, **(fields | values))

    def mailed(self, days_ago: int, **values: Any) -> Row:
        """A mail of ours that Salesforce logged."""
        return self.did(days_ago, **({"Subject": "メール: ご検討状況のお伺い", "TaskSubtype": "Email"} | values))

    def to_do(self, due_days_ago: int | None, **values: Any) -> Row:
        """An open task, of the deal's owner unless told; negative days are ahead."""
        due = None if due_days_ago is None else self.day(due_days_ago)
        created = self.at(max(5, (due_days_ago or 0) + 5))
        return self.did(
            0, **({"Subject": "検討状況の確認", "Status": "未着手", "ActivityDate": due, "created": created} | values)
        )

    # -- what was done in HubSpot --------------------------------------------------------------------------------------

    def engaged(self, object_: str, moment: str, *, deal: Row | None = None, **values: Any) -> Row:
        """An engagement with the twin, or, with `deal`, on that HubSpot deal alone."""
        parent = ("deals", deal["id"]) if deal else ("contacts", self.twin["id"])
        fields = {"hubspot_owner_id": self.org.owner_ids[self.owner["Id"]]} | values
        row = self.batch.engage(object_, moment, [parent], **fields)
        self.hubspot[object_] = row["id"]
        return row

    def hubspot_meeting(self, days_ago: int, outcome: str | None, **values: Any) -> Row:
        start = self.at(days_ago, 14)
        fields: Row = {
            "hs_meeting_title": "打ち合わせ",
            "hs_meeting_start_time": start,
            "hs_meeting_end_time": later(start, 60),
            "hs_meeting_outcome": outcome,
            "created": self.at(max(days_ago + 4, 4)),
        }
        return self.engaged("meetings", start, **(fields | values))

    def hubspot_call(self, days_ago: int, disposition: str | None, **values: Any) -> Row:
        fields: Row = {
            "hs_call_title": "架電",
            "hs_call_direction": "OUTBOUND",
            "hs_call_status": "COMPLETED",
            "hs_call_disposition": disposition,
        }
        return self.engaged("calls", self.at(days_ago, 15), **(fields | values))

    def hubspot_mail(
        self, days_ago: int, direction: str = "EMAIL", hour: int = 15, minute: int = 0, **values: Any
    ) -> Row:
        """A personal mail; all mails of a scene are one thread unless told."""
        fields: Row = {
            "hs_email_subject": "ご検討状況のお伺い",
            "hs_email_text": "いつもお世話になっております。",
            "hs_email_status": "SENT",
            "hs_email_direction": direction,
            "hs_email_thread_id": f"thread-{self.place.number}",
        }
        return self.engaged("emails", self.at(days_ago, hour, minute), **(fields | values))

    # -- facts to check ------------------------------------------------------------------------------------------------

    def text_contains(self, *parts: str) -> None:
        """The task text (or the reason why there is none) must hold these."""
        self.check["text_contains"] = [*self.check.get("text_contains", []), *parts]

    def _customer(self) -> Customer:
        place = self.place
        rounds, offset = divmod(place.number, _NOT_HOMONYMS)
        invented = invent(place.seed, _FIRST_COMPANY - _FIRST_COMPANY % 24 + rounds * 24 + offset)
        names: Row = {"core": f"新{invented.core}", "kana": f"シン{invented.kana}", "romaji": f"shin {invented.romaji}"}
        company = replace(invented, domain=f"shin-{invented.domain}", **names)
        customer = Customer(company, f"CP{place.number:06d}", self.owner["Id"])
        self.registry.salesforce_account(customer, self.at(700), Call_Consent__c=None)
        row = self.registry.hubspot_company(customer, self.at(650), salesforceaccountid=customer.accounts[0]["Id"])
        self.hubspot["companies"] = row["id"]
        return customer


def _dice(place: Place) -> tuple[Random, Facts]:
    name = f"{place.seed}:case:{place.number}"
    return Random(name), Facts(Random(f"{name}:facts"))
