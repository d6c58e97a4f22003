"""Trouble with companies: one firm written in many ways, several firms that look like one, sites and successors.

Read by `planting.py`; each function arranges one kind in a setting of its own.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from connector.sandbox.company.names import Company, invent_address
from connector.sandbox.company.trouble import firms
from connector.sandbox.company.trouble.kind import Kind
from connector.sandbox.company.trouble.setting import DIFFERENT, RELATED, REVIEW, SAME, Firm, Setting

_KNOWN = "address phone domain"


def _written(way: firms.Writing, script: str = "kanji", knows: str = _KNOWN) -> Callable[[Setting], None]:
    """The same firm, formally in Salesforce and in another way in HubSpot, with other facts to tell it by."""

    def arrange(setting: Setting) -> None:
        firm = setting.firm(script)
        account = setting.account(firm, firm.company.formal, f"{knows} kana")
        setting.expect(SAME, account, setting.company(firm, way(setting.dice, firm.company), knows))

    return arrange


def _duplicate_account(setting: Setting) -> None:
    firm = setting.firm()
    one = setting.account(firm, firm.company.formal, "address phone kana")
    two = setting.account(firm, firms.short_form(setting.dice, firm.company), "address phone domain")
    setting.expect(SAME, one, two)


def _duplicate_company(setting: Setting) -> None:
    firm = setting.firm()
    one = setting.company(firm, firms.short_form(setting.dice, firm.company), "domain phone")
    setting.expect(SAME, one, setting.company(firm, firm.company.formal, "domain address phone"))


def _number(setting: Setting) -> None:
    firm = setting.firm()
    account = setting.account(firm, firm.company.formal, "number address")
    setting.expect(SAME, account, setting.company(firm, firms.short_form(setting.dice, firm.company), "number"))


def _former_name(setting: Setting) -> None:
    firm, former = setting.firm(), setting.firm().company
    account = setting.account(firm, firm.company.formal, _KNOWN, Former_Name__c=former.formal)
    setting.expect(SAME, account, setting.company(firm, former.formal, _KNOWN))


def _domain_alone(setting: Setting) -> None:
    """HubSpot makes such companies of mail addresses."""
    firm = setting.firm()
    account = setting.account(firm, firm.company.formal, _KNOWN)
    setting.expect(REVIEW, account, setting.company(firm, None, "domain"))


def _name_alone(setting: Setting) -> None:
    firm = setting.firm()
    account = setting.account(firm, firm.company.formal, "phone domain", BillingState=firm.company.address.state)
    setting.expect(REVIEW, account, setting.company(firm, firms.other_side(setting.dice, firm.company)))


def _homonyms(setting: Setting) -> None:
    """Both firms are in both systems."""
    one = setting.firm()
    two = setting.known_as(_apart(setting, one.company))
    accounts = [setting.account(firm, firm.company.formal, f"{_KNOWN} number") for firm in (one, two)]
    twins = [setting.company(firm, firm.company.formal, _KNOWN) for firm in (one, two)]
    setting.expect(DIFFERENT, *accounts)
    setting.expect(DIFFERENT, *twins)
    for place in (0, 1):
        setting.expect(SAME, accounts[place], twins[place])
        setting.expect(DIFFERENT, accounts[place], twins[1 - place])


def _homonyms_undecided(setting: Setting) -> None:
    """A third record says no more than the name."""
    one = setting.firm()
    two = setting.known_as(_apart(setting, one.company))
    accounts = [setting.account(firm, firm.company.formal, f"{_KNOWN} number") for firm in (one, two)]
    unclear = setting.company(one, firms.short_form(setting.dice, one.company))
    setting.expect(DIFFERENT, *accounts)
    for account in accounts:
        setting.expect(REVIEW, account, unclear)


def _other_form(setting: Setting) -> None:
    """株式会社 and 有限会社 of one name in one city."""
    one = setting.firm()
    two = setting.known_as(_apart(setting, one.company, form="有限会社"))
    account = setting.account(one, one.company.formal, f"{_KNOWN} number")
    other = setting.account(two, two.company.formal, "phone number", BillingState=one.company.address.state)
    setting.expect(DIFFERENT, account, other)


def _group(setting: Setting) -> None:
    """A firm, its sales company and its holding at one address."""
    main = setting.firm()
    group = [main]
    for place, word in enumerate(("販売", "ホールディングス")):
        company = _apart(setting, main.company, core=f"{main.company.core}{word}", address=main.company.address)
        group.append(setting.known_as(replace(company, domain=f"{('sales', 'hd')[place]}-{main.company.domain}")))
    rows = [
        setting.account(group[0], group[0].company.formal, _KNOWN),
        setting.company(group[1], firms.short_form(setting.dice, group[1].company), "address phone domain"),
        setting.account(group[2], group[2].company.formal, "address domain"),
    ]
    for one, other in ((0, 1), (0, 2), (1, 2)):
        setting.expect(DIFFERENT, rows[one], rows[other])


def _branch(setting: Setting) -> None:
    """A branch in another city as an account of its own under the head office."""
    firm, branch, name = _sited(setting)
    head = setting.account(firm, firm.company.formal, _KNOWN)
    setting.expect(RELATED, head, setting.account(branch, name, "address phone", ParentId=head["Id"]))


def _branch_in_hubspot(setting: Setting) -> None:
    firm, branch, name = _sited(setting)
    head = setting.company(firm, firm.company.formal, _KNOWN)
    child = setting.company(branch, name, "address phone", hs_parent_company_id=head["id"])
    setting.expect(RELATED, head, child)


def _branch_unsaid(setting: Setting) -> None:
    firm, branch, name = _sited(setting)
    head = setting.account(firm, firm.company.formal, _KNOWN)
    setting.expect(RELATED, head, setting.company(branch, name, "address domain"))


def _subsidiary(setting: Setting) -> None:
    """The system itself says who the parent is; the site is the same."""
    firm = setting.firm()
    company = _apart(setting, firm.company, core=f"{firm.company.core}ロジ", domain=firm.company.domain)
    parent = setting.account(firm, firm.company.formal, _KNOWN)
    child = setting.account(setting.known_as(company), company.formal, "address domain", ParentId=parent["Id"])
    setting.expect(RELATED, parent, child)


def _succession(setting: Setting) -> None:
    """Founded anew at the same place under the same name, with another 法人番号."""
    before = setting.firm()
    after = _apart(setting, before.company, address=before.company.address, domain=before.company.domain)
    old = setting.account(before, before.company.formal, f"{_KNOWN} number")
    new = setting.company(setting.known_as(after), after.formal, "address domain number")
    setting.expect(REVIEW, old, new)


def _free_mail(setting: Setting) -> None:
    """Two firms whose only domain is their mail provider's."""
    one, two = (setting.known_as(replace(setting.firm().company, domain="gmail.com")) for _ in range(2))
    rows = [setting.company(firm, firm.company.formal, "domain") for firm in (one, two)]
    setting.expect(DIFFERENT, *rows)


def _apart(setting: Setting, company: Company, **same: Any) -> Company:
    """Another firm of this name: its own number, domain and, unless told, address in another prefecture."""
    other = setting.firm().company
    while other.address.state == company.address.state:
        other = replace(other, address=invent_address(setting.dice))
    facts = {"domain": other.domain, "address": other.address, "corporate_number": other.corporate_number, **same}
    return replace(company, **facts)


def _sited(setting: Setting) -> tuple[Firm, Firm, str]:
    """A firm, its branch in another city as a site of its own, and the branch's name."""
    firm = setting.firm()
    name, city = setting.dice.choice([site for site in _SITES if not firm.company.address.city.startswith(site[1])])
    address = invent_address(setting.dice)
    while not address.city.startswith(city):
        address = invent_address(setting.dice)
    branch = setting.known_as(replace(firm.company, address=address))
    return firm, branch, f"{firm.company.formal}{setting.dice.choice(('', ' ', '　'))}{name}"


_SITES = (("大阪支店", "大阪市"), ("名古屋営業所", "名古屋市"), ("仙台支社", "仙台市"), ("広島工場", "広島市"))

KINDS = (
    Kind("legal_form", "㈱, (株) and 株式会社 are one form, with or without a space.", _written(firms.short_form)),
    Kind("half_width", "Half-width kana is the same name.", _written(firms.narrow, "kana")),
    Kind("full_width", "Full-width Latin letters are the same name.", _written(firms.wide, "latin")),
    Kind("old_characters", "髙, 濱 and 國 are 高, 浜 and 国.", _written(firms.aged, "old")),
    Kind("head_office", "東京本社 behind the name, at the head office's own address.", _written(firms.head_office)),
    Kind("typing_error", "Two characters changed places; all other facts agree.", _written(firms.mistyped, "kana")),
    Kind("english_name", "The firm under its English name, with its own domain.", _written(firms.english, "kana")),
    Kind("former_name", "The firm under its former name, which the account remembers.", _former_name),
    Kind("same_number", "One 法人番号, while only the name agrees else.", _number),
    Kind("duplicate_account", "The same firm twice in Salesforce.", _duplicate_account),
    Kind("duplicate_company", "The same firm twice in HubSpot.", _duplicate_company),
    Kind("domain_alone", "A company without a name, made of somebody's mail domain.", _domain_alone),
    Kind("name_alone", "前株 here and 後株 there, and nothing else is known.", _name_alone),
    Kind("homonyms", "Two firms registered under one name, each in both systems.", _homonyms),
    Kind("homonyms_undecided", "A record that may be either of two firms of one name.", _homonyms_undecided),
    Kind("other_form", "株式会社 and 有限会社 of one name are two firms.", _other_form),
    Kind("group", "A firm, its sales company and its holding at one address are three.", _group),
    Kind("branch", "A branch as an account of its own under the head office.", _branch),
    Kind("branch_in_hubspot", "The same in HubSpot.", _branch_in_hubspot),
    Kind("branch_unsaid", "A branch in another city that no field calls one.", _branch_unsaid),
    Kind("subsidiary", "A subsidiary at its parent's address.", _subsidiary),
    Kind("succession", "Same name, same place, another 法人番号.", _succession),
    Kind("free_mail", "Two firms with the domain of one mail provider.", _free_mail),
)
