"""Where one trouble happens: a few firms with records and people of their own, and which pairs of records are meant.

Used by the kinds of trouble; nobody else's records are touched. It must not know what the kinds are.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from connector.sandbox.company.batch import Batch, Row
from connector.sandbox.company.customers import Customer, Registry
from connector.sandbox.company.facts import Facts
from connector.sandbox.company.names import Company
from connector.sandbox.company.people import Person, dialled, invent_person, line
from connector.sandbox.company.structure import Org
from connector.sandbox.company.trouble.firms import troubled_firm

SAME, REVIEW, DIFFERENT, RELATED = "same", "review", "different", "related"

_ACCOUNT = {
    "address": ("BillingState", "BillingCity", "BillingStreet", "BillingPostalCode"),
    "phone": ("Phone",),
    "domain": ("Website",),
    "number": ("Corporate_Number__c",),
    "kana": ("Name_Kana__c",),
    "english": ("Name_English__c",),
}
_COMPANY = {
    "address": ("state", "city", "address", "zip"),
    "phone": ("phone",),
    "domain": ("domain",),
    "number": ("corporate_number",),
    "kana": ("name_kana",),
    "english": ("name_english",),
}
_UNKNOWN_ACCOUNT = dict.fromkeys(
    (*(name for names in _ACCOUNT.values() for name in names), "BillingCountry", "Former_Name__c", "ParentId")
)
_UNKNOWN_COMPANY = dict.fromkeys(
    (*(name for names in _COMPANY.values() for name in names), "address2", "website", "former_name")
)


@dataclass
class Firm:
    """A real firm (or a site of one): `customer` holds its records."""

    customer: Customer
    line: str

    @property
    def company(self) -> Company:
        return self.customer.company


@dataclass
class Stage:
    """Where to, for whom, from which seed, and how many firms there are so far; one for all settings."""

    batch: Batch
    org: Org
    seed: int
    firms: int = 0


@dataclass
class Setting:
    """One trouble; `pairs` says of two records each what must come of them."""

    stage: Stage
    number: int
    dice: Random = field(init=False)
    pairs: list[dict[str, Any]] = field(default_factory=list)
    _firms: int = 0
    _refs: dict[int, str] = field(default_factory=dict)
    _registry: Registry = field(init=False)
    _owner: str = field(init=False)

    def __post_init__(self) -> None:
        name = f"{self.stage.seed}:trouble:{self.number}"
        self.dice = Random(name)
        self._registry = Registry(self.stage.batch, self.stage.org, self.dice, Facts(self.dice))
        sellers = self.stage.org.staff("FieldSales")
        self._owner = str(sellers[self.number % len(sellers)]["Id"])

    # -- who ---------------------------------------------------------------------------------------------------------

    def firm(self, script: str = "kanji") -> Firm:
        """One more real firm."""
        self.stage.firms += 1
        return self.known_as(troubled_firm(self.stage.seed, self.stage.firms, script))

    def known_as(self, company: Company) -> Firm:
        """A firm of this description, with a number of its own."""
        customer = Customer(company, f"CT{self.number:06d}-{self._firms}", self._owner)
        self._firms += 1
        return Firm(customer, line(self.dice, company.address.area_code))

    def person(self, firm: Firm) -> Person:
        """Somebody of this firm with a mail address of it and a mobile number of his own."""
        company = firm.company
        while True:
            person = invent_person(self.dice, company.domain, company.address.area_code, firm.customer.emails)
            if person.email is not None and person.email.endswith(company.domain):
                return replace(person, mobile=f"090-00{self.number % 100:02d}-{self.dice.randint(0, 9999):04d}")

    # -- records -----------------------------------------------------------------------------------------------------

    def account(self, firm: Firm, name: str, knows: str = "", **values: Any) -> Row:
        """An account that holds nothing of the firm but a name and what it `knows`: address, phone, domain …"""
        fields = {**_UNKNOWN_ACCOUNT, "Name": name, **self._told(firm, _ACCOUNT, knows), **values}
        if fields["Website"]:
            fields["Website"] = f"https://www.{fields['Website']}/"
        row = self._registry.salesforce_account(firm.customer, self._day(700), **fields)
        return self._noted(row, f"salesforce:Account:{row['Id']}")

    def company(self, firm: Firm, name: str | None, knows: str = "", **values: Any) -> Row:
        """The same in HubSpot; the id of an account is unknown there unless `values` name it."""
        told = self._told(firm, _COMPANY, knows)
        if told.get("zip"):
            told["zip"] = told["zip"].replace("-", "")
        fields = {**_UNKNOWN_COMPANY, "name": name, **told, "salesforceaccountid": None, **values}
        row = self._registry.hubspot_company(firm.customer, self._day(600), **fields)
        return self._noted(row, f"hubspot:companies:{row['id']}")

    def known_firm(self) -> Firm:
        """A firm that both systems know, linked by id: here people are the trouble."""
        firm = self.firm()
        account = self.account(firm, firm.company.formal, "address phone domain")
        self.company(firm, firm.company.formal, "domain", salesforceaccountid=account["Id"])
        return firm

    def contact(self, firm: Firm, who: tuple[int, Person], **values: Any) -> Row:
        """A Salesforce contact; `who` is the person with his number in the setting."""
        number, person = who
        fields = {"Phone": None, "Email": person.email, "Title": person.title, "Left_Company__c": 0, **values}
        row = self._registry.contact(firm.customer, person, self._day(500), **fields)
        return self._noted(row, f"salesforce:Contact:{row['Id']}", number)

    def lead(self, firm: Firm, who: tuple[int, Person], **values: Any) -> Row:
        """A Salesforce lead of the same."""
        number, person = who
        row = self._registry.lead(firm.customer, person, self._day(400))
        row.update(values)
        return self._noted(row, f"salesforce:Lead:{row['Id']}", number)

    def hubspot_contact(self, firm: Firm, who: tuple[int, Person], **values: Any) -> Row:
        """A HubSpot contact that names no Salesforce record."""
        number, person = who
        fields = {"lastname": person.last_name, "firstname": person.first_name, "phone": None, "hs_email_optout": 0}
        row = self._registry.hubspot_contact(firm.customer, person, self._day(300), **(fields | values))
        return self._noted(row, f"hubspot:contacts:{row['id']}", number)

    # -- what is expected --------------------------------------------------------------------------------------------

    def expect(self, expected: str, one: Row, other: Row) -> None:
        """What must come of two records of this setting."""
        refs = sorted((self._refs[id(one)], self._refs[id(other)]))
        self.pairs.append({"refs": refs, "expect": expected})

    def _told(self, firm: Firm, fields: Mapping[str, tuple[str, ...]], knows: str) -> Row:
        company = firm.company
        place = company.address
        facts: dict[str, tuple[Any, ...]] = {
            "address": (place.state, place.city, place.street, place.postal_code),
            "phone": (dialled(self.dice, firm.line),),
            "domain": (company.domain,),
            "number": (company.corporate_number,),
            "kana": (company.kana,),
            "english": (company.english,),
        }
        return {name: value for fact in knows.split() for name, value in zip(fields[fact], facts[fact], strict=True)}

    def _noted(self, row: Row, ref: str, who: int | None = None) -> Row:
        self._refs[id(row)] = ref
        if who is not None:
            row["_truth_id"] = f"PT{self.number:06d}-{who}"
            self.stage.batch.people += 1
        return row

    def _day(self, days_ago: int) -> str:
        return self.stage.batch.calendar.at(days_ago, self.dice.randint(9, 17), self.dice.randint(0, 59))
