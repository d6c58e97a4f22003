"""Trouble with people: one person written in many ways, several people who look like one, people who change firms.

Read by `planting.py`; each function arranges one kind in a setting of its own. No HubSpot contact here names a
Salesforce record.
"""

from collections.abc import Callable
from dataclasses import replace

from connector.sandbox.company.batch import Row
from connector.sandbox.company.facts import readings
from connector.sandbox.company.people import Person
from connector.sandbox.company.trouble.kind import Kind
from connector.sandbox.company.trouble.setting import DIFFERENT, REVIEW, SAME, Firm, Setting
from connector.sandbox.company.vocabulary import GIVEN_NAMES, SURNAMES

_OLD = {"高橋": "髙橋", "浜田": "濱田", "山崎": "山﨑", "渡辺": "渡邊", "広瀬": "廣瀬", "桜井": "櫻井"}
_ROMAJI = {name: latin for name, _, latin in (*SURNAMES, *GIVEN_NAMES)}


def _twin(way: Callable[[Person], Row]) -> Callable[[Setting], None]:
    """The same person in HubSpot, named in another way, with the same mobile number and no mail of the contact's."""

    def arrange(setting: Setting) -> None:
        firm = setting.known_firm()
        person = setting.person(firm)
        contact = setting.contact(firm, (0, person), **readings(person, salesforce=True))
        values = {"email": None, "jobtitle": None, **way(person)}
        setting.expect(SAME, contact, setting.hubspot_contact(firm, (0, person), **values))

    return arrange


def _in_kana(person: Person) -> Row:
    family, _, given = person.kana.partition(" ")
    return {"lastname": family, "firstname": given}


def _in_latin(person: Person) -> Row:
    return {"lastname": _ROMAJI[person.last_name].title(), "firstname": _ROMAJI[person.first_name].title()}


def _swapped(person: Person) -> Row:
    return {"lastname": person.first_name, "firstname": person.last_name}


def _variant_characters(setting: Setting) -> None:
    firm = setting.known_firm()
    person = setting.person(firm)
    while person.last_name not in _OLD:
        person = setting.person(firm)
    contact = setting.contact(firm, (0, person))
    values = {"email": None, "jobtitle": None, "lastname": _OLD[person.last_name]}
    setting.expect(SAME, contact, setting.hubspot_contact(firm, (0, person), **values))


def _mail_case(setting: Setting) -> None:
    """No mobile number in HubSpot: the mail address alone says it."""
    firm = setting.known_firm()
    person = setting.person(firm)
    contact = setting.contact(firm, (0, person), Email=str(person.email).upper())
    setting.expect(SAME, contact, setting.hubspot_contact(firm, (0, person), mobilephone=None))


def _plus_address(setting: Setting) -> None:
    firm = setting.known_firm()
    person = setting.person(firm)
    local, _, domain = str(person.email).partition("@")
    contact = setting.contact(firm, (0, person))
    values = {"mobilephone": None, "email": f"{local}+webinar@{domain}"}
    setting.expect(SAME, contact, setting.hubspot_contact(firm, (0, person), **values))


def _no_sync_id(setting: Setting) -> None:
    """Another mail address in HubSpot, but name, firm and mobile number agree."""
    firm = setting.known_firm()
    person = setting.person(firm)
    contact = setting.contact(firm, (0, person))
    mail = f"{_ROMAJI[person.first_name]}{setting.number}@freemail.test"
    setting.expect(SAME, contact, setting.hubspot_contact(firm, (0, person), email=mail))


def _contact_and_lead(setting: Setting) -> None:
    """A form made a lead of somebody whom the org has as a contact."""
    firm = setting.known_firm()
    person = setting.person(firm)
    contact = setting.contact(firm, (0, person))
    setting.expect(SAME, contact, setting.lead(firm, (0, person), Phone=None, Title=None))


def _lead_and_twin(setting: Setting) -> None:
    """A lead from a card, without mail, and the HubSpot contact that a form made."""
    firm = setting.known_firm()
    person = setting.person(firm)
    lead = setting.lead(firm, (0, person), Email=None, MobilePhone=person.mobile, Title=None)
    setting.expect(SAME, lead, setting.hubspot_contact(firm, (0, person), jobtitle=None))


def _shared_mailbox(setting: Setting) -> None:
    """Two people behind info@; the HubSpot contact is one of them."""
    firm = setting.known_firm()
    one, two = _two(setting, firm)
    mail = f"info@{firm.company.domain}"
    rows = [setting.contact(firm, (who, person), Email=mail) for who, person in enumerate((one, two))]
    twin = setting.hubspot_contact(firm, (0, one), email=mail, jobtitle=None)
    setting.expect(DIFFERENT, *rows)
    setting.expect(SAME, rows[0], twin)
    setting.expect(DIFFERENT, rows[1], twin)


def _namesakes(setting: Setting) -> None:
    """Two people of one name in one firm: other mail, other title, other mobile number."""
    firm = setting.known_firm()
    one, two = _named_alike(setting, firm)
    rows = [setting.contact(firm, (who, person)) for who, person in enumerate((one, two))]
    setting.expect(DIFFERENT, *rows)


def _namesakes_undecided(setting: Setting) -> None:
    """A third record says no more than the name and the firm."""
    firm = setting.known_firm()
    one, two = _named_alike(setting, firm)
    rows = [setting.contact(firm, (who, person)) for who, person in enumerate((one, two))]
    unclear = setting.hubspot_contact(firm, (0, one), email=None, mobilephone=None, jobtitle=None)
    setting.expect(DIFFERENT, *rows)
    for row in rows:
        setting.expect(REVIEW, row, unclear)


def _namesakes_of_two_firms(setting: Setting) -> None:
    here, there = setting.known_firm(), setting.known_firm()
    person = setting.person(here)
    other = _named_as(person, setting.person(there))
    rows = [setting.contact(here, (0, person)), setting.hubspot_contact(there, (1, other))]
    setting.expect(DIFFERENT, *rows)


def _changed_firms(setting: Setting) -> None:
    """The same person at another firm: another mail address, the same mobile number."""
    before, after = setting.known_firm(), setting.known_firm()
    person = setting.person(before)
    moved = replace(_named_as(person, setting.person(after)), mobile=person.mobile)
    old = setting.contact(before, (0, person), Left_Company__c=1)
    setting.expect(SAME, old, setting.hubspot_contact(after, (0, moved), jobtitle=None))


def _inherited_mailbox(setting: Setting) -> None:
    """The successor got the mail address of the one who left."""
    firm = setting.known_firm()
    one, two = _two(setting, firm)
    old = setting.contact(firm, (0, one), Left_Company__c=1)
    new = setting.hubspot_contact(firm, (1, two), email=one.email)
    setting.expect(REVIEW, old, new)


def _two(setting: Setting, firm: Firm) -> tuple[Person, Person]:
    """Two people of one firm who share neither family nor given name."""
    one, two = setting.person(firm), setting.person(firm)
    while one.kana.split()[0] == two.kana.split()[0] or one.kana.split()[1] == two.kana.split()[1]:
        two = setting.person(firm)
    return one, two


def _named_as(one: Person, other: Person) -> Person:
    """The other person under the first one's name, with the mail address that the other's firm gives it."""
    local, domain = str(one.email).partition("@")[0], str(other.email).partition("@")[2]
    taken = str(one.email).endswith(f"@{domain}")
    mail = f"{local}{'2' if taken else ''}@{domain}"
    return replace(other, last_name=one.last_name, first_name=one.first_name, kana=one.kana, email=mail)


def _named_alike(setting: Setting, firm: Firm) -> tuple[Person, Person]:
    one, two = _two(setting, firm)
    alike = _named_as(one, two)
    return replace(one, title="部長"), replace(alike, title="主任")


KINDS = (
    Kind("kana", "The name in kana, which the contact's reading confirms.", _twin(_in_kana)),
    Kind("romaji", "The name in Latin letters.", _twin(_in_latin)),
    Kind("swapped", "Family and given name in each other's field.", _twin(_swapped)),
    Kind("variant_characters", "髙橋 and 高橋 are one name.", _variant_characters),
    Kind("mail_case", "The same mail address in capitals.", _mail_case),
    Kind("plus_address", "The same mailbox, with a tag behind a plus sign.", _plus_address),
    Kind("no_sync_id", "Another mail address, the same name, firm and mobile number.", _no_sync_id),
    Kind("contact_and_lead", "A contact and a lead with one mail address.", _contact_and_lead),
    Kind("lead_and_twin", "A lead without mail and a HubSpot contact with one mobile number.", _lead_and_twin),
    Kind("shared_mailbox", "Two people behind info@ are two.", _shared_mailbox),
    Kind("namesakes", "Two people of one name in one firm are two.", _namesakes),
    Kind("namesakes_undecided", "A record that may be either of two namesakes.", _namesakes_undecided),
    Kind("namesakes_of_two_firms", "One name in two firms is two people.", _namesakes_of_two_firms),
    Kind("changed_firms", "The same person and mobile number at another firm.", _changed_firms),
    Kind("inherited_mailbox", "Another person with the mail address of one who left.", _inherited_mailbox),
)
