"""Writes one customer company and its people into both systems, spelt differently in each.

Used by the invented life and by the planted cases; it must not know deals.
"""

from dataclasses import dataclass, field
from random import Random
from typing import Any

from connector.sandbox.company.batch import Batch, Row
from connector.sandbox.company.facts import Facts
from connector.sandbox.company.names import Company, spell
from connector.sandbox.company.people import Person, invent_person, phone
from connector.sandbox.company.structure import Org
from connector.sandbox.company.vocabulary import CONVERSIONS, INDUSTRIES, PAGES

_CHARACTERS_FOLDED = str.maketrans("髙﨑濱澤櫻邊邉齋齊廣眞", "高崎浜沢桜辺辺斎斎広真")
_DO_NOT_CALL_EVERY = 25
_SOURCES = ("Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other")


@dataclass
class Human:
    """One person with his records: `salesforce` is a Contact or a Lead."""

    person: Person
    salesforce: Row | None
    is_lead: bool
    hubspot: Row | None


@dataclass
class Customer:
    """One company with its records and people."""

    company: Company
    truth_id: str
    owner: str
    accounts: list[Row] = field(default_factory=list)
    companies: list[Row] = field(default_factory=list)
    humans: list[Human] = field(default_factory=list)
    emails: set[str] = field(default_factory=set)

    def contacts(self) -> list[Human]:
        """The people who are Salesforce contacts."""
        return [human for human in self.humans if human.salesforce is not None and not human.is_lead]


@dataclass(frozen=True)
class Registry:
    """What every writer of customers needs: where to, for whom, and the dice.

    What 名寄せ compares beyond the names falls by dice of its own, `facts`.
    """

    batch: Batch
    org: Org
    rng: Random
    facts: Facts

    def salesforce_account(self, customer: Customer, created: str, **values: Any) -> Row:
        """One more account of the customer."""
        company, rng = customer.company, self.rng
        fields: Row = {
            "Name": spell(rng, company),
            "OwnerId": customer.owner,
            "Corporate_Number__c": company.corporate_number if rng.random() < 0.4 else None,
            "Name_Kana__c": company.kana if rng.random() < 0.5 else None,
            "BillingState": company.address.state,
            "BillingCity": company.address.city,
            "BillingStreet": company.address.street,
            "BillingPostalCode": company.address.postal_code,
            "BillingCountry": "日本" if rng.random() < 0.5 else None,
            "Phone": phone(rng, company.address.area_code) if rng.random() < 0.7 else None,
            "Website": f"https://www.{company.domain}/" if rng.random() < 0.5 else None,
            "Industry": INDUSTRIES.get(company.business),
            "NumberOfEmployees": rng.randint(8, 3_000) if rng.random() < 0.6 else None,
            "Fiscal_Month__c": rng.choice((3, 3, 3, 9, 12, 6)) if rng.random() < 0.4 else None,
            "AccountSource": rng.choice(_SOURCES),
            "_truth_id": customer.truth_id,
        }
        fields |= self.facts.account(company, fields)
        row = self.batch.salesforce("Account", created, customer.owner, **(fields | values))
        customer.accounts.append(row)
        return row

    def hubspot_company(self, customer: Customer, created: str, **values: Any) -> Row:
        """One more HubSpot company of the customer; half of them know the Salesforce account."""
        company, rng = customer.company, self.rng
        knows = customer.accounts and rng.random() < 0.5
        fields: Row = {
            "name": spell(rng, company),
            "domain": company.domain if rng.random() < 0.8 else None,
            "phone": phone(rng, company.address.area_code) if rng.random() < 0.5 else None,
            "state": company.address.state,
            "city": company.address.city,
            "address": company.address.street if rng.random() < 0.6 else None,
            "zip": company.address.postal_code.replace("-", ""),
            "country": "Japan",
            "hubspot_owner_id": self.org.owner_ids[customer.owner],
            "salesforceaccountid": customer.accounts[0]["Id"] if knows else None,
            "_truth_id": customer.truth_id,
        }
        fields |= self.facts.company(company, fields)
        row = self.batch.hubspot("companies", created, **(fields | values))
        customer.companies.append(row)
        return row

    def invent(self, customer: Customer) -> Person:
        address = customer.company.address
        return invent_person(self.rng, customer.company.domain, address.area_code, customer.emails)

    def contact(self, customer: Customer, person: Person, created: str, **values: Any) -> Row:
        rng = self.rng
        fields: Row = {
            **_names(person),
            "AccountId": customer.accounts[0]["Id"] if customer.accounts else None,
            "Email": _retyped(rng, person.email),
            "Phone": person.phone if rng.random() < 0.8 else None,
            "MobilePhone": person.mobile,
            "Title": person.title,
            "Department": person.department,
            "LeadSource": rng.choice(_SOURCES),
            "OwnerId": customer.owner,
            **self.facts.contact(person, often=rng.random() < 0.5),
            "Call_Consent__c": rng.choice(("可", "可", "可", None, None, None, None, None, None, "不可")),
            "Left_Company__c": int(rng.random() < 0.03),
        }
        return self.batch.salesforce("Contact", created, customer.owner, **(fields | values))

    def lead(self, customer: Customer, person: Person, created: str) -> Row:
        return self.batch.salesforce(
            "Lead", created, customer.owner, **_names(person), Company=spell(self.rng, customer.company),
            Email=person.email, Phone=person.phone, Title=person.title, OwnerId=customer.owner,
            Status=self.rng.choice(("Open - Not Contacted", "Working - Contacted", "Closed - Not Converted")),
            LeadSource=self.rng.choice(_SOURCES), **self.facts.lead(person),
        )  # fmt: skip

    def hubspot_contact(self, customer: Customer, person: Person, created: str, **values: Any) -> Row:
        """The person in HubSpot, which stores mail addresses in lower case."""
        rng = self.rng
        last_name = person.last_name
        fields: Row = {
            "email": person.email,
            "lastname": last_name.translate(_CHARACTERS_FOLDED) if rng.random() < 0.4 else last_name,
            "firstname": person.first_name if rng.random() < 0.9 else None,
            "phone": person.phone if rng.random() < 0.4 else None,
            "mobilephone": person.mobile,
            "jobtitle": person.title if rng.random() < 0.5 else None,
            "company": spell(rng, customer.company),
            "lifecyclestage": rng.choice(("lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity")),
            "hubspot_owner_id": self.org.owner_ids[customer.owner] if rng.random() < 0.5 else None,
            "hs_email_optout": int(rng.random() < 0.06),
            **self.facts.hubspot_contact(person),
        }
        row = self.batch.hubspot("contacts", created, **(fields | values))
        if customer.companies:
            row["associatedcompanyid"] = customer.companies[0]["id"]
            self.batch.link(("contacts", row["id"]), ("companies", customer.companies[0]["id"]), primary=True)
        return row

    def add_human(self, customer: Customer, place: int, created_days_ago: int) -> Human:
        """One more person: in both systems (72 %), only in Salesforce (13 %) or only in HubSpot (15 %)."""
        rng, calendar = self.rng, self.batch.calendar
        person = self.invent(customer)
        where = rng.random()
        created = calendar.at(created_days_ago, rng.randint(9, 17), rng.randint(0, 59))
        human = Human(person, None, rng.random() < 0.15, None)
        if where < 0.85 and customer.accounts:
            human.salesforce = (self.lead if human.is_lead else self.contact)(customer, person, created)
        if where < 0.72 or where >= 0.85 or not customer.accounts:
            human.hubspot = self.hubspot_contact(customer, person, created, **_link(rng, human, customer))
            _engagement(rng, human.hubspot, created_days_ago, self.batch)
        self._consent(human)
        self.remember(customer, human, f"{customer.truth_id.replace('C', 'P', 1)}-{place}")
        return human

    def _consent(self, human: Human) -> None:
        """Mail opt-out is the same in both systems; now and then a lead has asked not to be called."""
        if human.salesforce is None:
            return
        if human.hubspot is not None:
            human.salesforce["HasOptedOutOfEmail"] = human.hubspot["hs_email_optout"]
        if human.is_lead:
            human.salesforce["DoNotCall"] = int(self.batch.people % _DO_NOT_CALL_EVERY == 0)

    def remember(self, customer: Customer, human: Human, truth_id: str) -> None:
        """Note which records are this person."""
        customer.humans.append(human)
        self.batch.people += 1
        for row in (human.salesforce, human.hubspot):
            if row is not None:
                row["_truth_id"] = truth_id


def _names(person: Person) -> Row:
    """Name as the vendor composes it in a Japanese org."""
    return {
        "LastName": person.last_name,
        "FirstName": person.first_name,
        "Name": f"{person.last_name} {person.first_name}",
    }


def _retyped(rng: Random, email: str | None) -> str | None:
    """Salesforce keeps the case that somebody typed."""
    if email is None or rng.random() < 0.8:
        return email
    local, _, domain = email.partition("@")
    return rng.choice((email.upper(), f"{local.title()}@{domain}"))


def _link(rng: Random, human: Human, customer: Customer) -> Row:
    """What HubSpot knows of the Salesforce record: its id (60 %), only the mail address (30 %), nothing (10 %)."""
    row, roll = human.salesforce, rng.random()
    if row is None or (0.6 <= roll < 0.9 and human.person.email):
        return {}
    if roll < 0.9:
        return {"salesforceleadid" if human.is_lead else "salesforcecontactid": row["Id"]}
    return {"email": f"{rng.randint(1_000, 9_999)}{customer.truth_id[1:]}@freemail.test"}


def _engagement(rng: Random, row: Row, age: int, batch: Batch) -> None:
    """Web and marketing mail, as the portal summarises it on the contact."""
    calendar = batch.calendar

    def some_day() -> str:
        return calendar.at(rng.randint(2, max(age, 3)), rng.randint(9, 21), rng.randint(0, 59))

    if rng.random() < 0.6:
        row["hs_analytics_last_url"] = rng.choice(PAGES)
        row["hs_analytics_last_visit_timestamp"] = some_day()
        row["hs_analytics_num_page_views"] = rng.randint(1, 60)
    if rng.random() < 0.5:
        row["hs_email_last_open_date"] = some_day()
        if rng.random() < 0.4:
            row["hs_email_last_click_date"] = row["hs_email_last_open_date"]
    if rng.random() < 0.25:
        row["recent_conversion_event_name"] = rng.choice(CONVERSIONS)
        row["recent_conversion_date"] = some_day()
    dates = ("hs_analytics_last_visit_timestamp", "hs_email_last_open_date", "recent_conversion_date")
    row["updatedAt"] = row["lastmodifieddate"] = max([row["createdAt"], *(row.get(name) or "" for name in dates)])
