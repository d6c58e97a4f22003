"""What 名寄せ compares beyond the names: readings, 法人番号, addresses, telephone numbers – known of some records only.

Asked by `customers.py` for one customer's records, with dice of its own. It must not know who the customer is.
"""

from collections.abc import Mapping
from random import Random
from typing import Any

from connector.sandbox.company.names import Company
from connector.sandbox.company.people import Person, dialled, line

Row = dict[str, Any]
_NO_ADDRESS = 0.2
_MORE_PHONES, _MORE_SITES = 0.4, 0.2  # of the records that have none yet: 70 % have a number, 60 % a site
_ENGLISH, _FORMER, _KANA_IN_HUBSPOT, _NUMBER_IN_HUBSPOT = 0.08, 0.03, 0.1, 0.12
_MORE_READINGS, _READINGS_OF_LEADS = 0.2, 0.3
_BUILDINGS = ("第一ビル3F", "センタービル 5階", "中央ビル２０１")
_BILLING = ("BillingState", "BillingCity", "BillingStreet", "BillingPostalCode", "BillingCountry")
_PLACE = ("state", "city", "address", "zip", "country")


class Facts:
    """The facts of one customer; his main number is the same in all records, however it is typed."""

    def __init__(self, dice: Random) -> None:
        self._dice = dice
        self._line = ""

    def account(self, company: Company, known: Mapping[str, Any]) -> Row:
        """What changes in the account whose fields are `known`."""
        dice = self._dice
        site = known["Website"] or (f"http://{company.domain}" if dice.random() < _MORE_SITES else None)
        found = {
            "Phone": self._number(company) if known["Phone"] else None,
            "Website": site,
            "Name_English__c": company.english if dice.random() < _ENGLISH else None,
            "Former_Name__c": former_name(company) if dice.random() < _FORMER else None,
        }
        return found | (dict.fromkeys(_BILLING) if dice.random() < _NO_ADDRESS else {})

    def company(self, company: Company, known: Mapping[str, Any]) -> Row:
        """What changes in the HubSpot company whose properties are `known`."""
        dice = self._dice
        rings = known["phone"] or dice.random() < _MORE_PHONES
        found = {
            "phone": self._number(company) if rings else None,
            "website": known["domain"],
            "address2": dice.choice(_BUILDINGS) if known["address"] and dice.random() < _ENGLISH else None,
            "name_kana": (company.kana or None) if dice.random() < _KANA_IN_HUBSPOT else None,
            "name_english": company.english if dice.random() < _ENGLISH else None,
            "corporate_number": company.corporate_number if dice.random() < _NUMBER_IN_HUBSPOT else None,
        }
        gone = (*_PLACE, "address2") if dice.random() < _NO_ADDRESS else ()
        return found | dict.fromkeys(gone)

    def contact(self, person: Person, *, often: bool) -> Row:
        """The reading of a Salesforce contact: where it is kept often, and of some others."""
        return readings(person, salesforce=True) if often or self._dice.random() < _MORE_READINGS else {}

    def lead(self, person: Person) -> Row:
        return readings(person, salesforce=True) if self._dice.random() < _READINGS_OF_LEADS else {}

    def hubspot_contact(self, person: Person) -> Row:
        return readings(person, salesforce=False) if self._dice.random() < _KANA_IN_HUBSPOT else {}

    def _number(self, company: Company) -> str:
        self._line = self._line or line(self._dice, company.address.area_code)
        return dialled(self._dice, self._line)


def readings(person: Person, *, salesforce: bool) -> Row:
    """Family and given name in kana under the vendor's names."""
    family, _, given = person.kana.partition(" ")
    if salesforce:
        return {"Last_Name_Kana__c": family, "First_Name_Kana__c": given}
    return {"lastname_kana": family, "firstname_kana": given}


def former_name(company: Company) -> str | None:
    """The name before the firm enlarged its business; `None` for a firm of the register, whose history is its own."""
    if not company.business:
        return None
    core = f"{company.core.removesuffix(company.business)}商店"
    return f"{company.form}{core}" if company.form_first else f"{core}{company.form}"
