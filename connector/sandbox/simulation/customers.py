"""The customers on one day: they browse, send forms, write mails, bounce, opt out and leave; bots follow mail links.

Called by the simulation every day, week-ends included.
"""

from connector.sandbox.company.visits import BLOG, CANCELLATION, CASE, FEATURE, PAPER, PRICE, RECRUIT, SITE, TOP
from connector.sandbox.company.vocabulary import CONVERSIONS, GIVEN_NAMES, SURNAMES
from connector.sandbox.simulation.memory import Expected
from connector.sandbox.simulation.workday import Row, Workday

_PAGES = (TOP, TOP, BLOG, BLOG, FEATURE, CASE, RECRUIT)
_KEEN = (PRICE, CASE, PAPER, PRICE, FEATURE)
_KEEN_SHARE, _MAIL_SHARE, _BOT_SHARE = 0.08, 0.3, 0.05
_AT_THE_WEEKEND = 0.25
_FORMS, _NEW_PEOPLE, _MAILS, _LEAVE_US, _GONE = 1 / 900, 1 / 2_500, 1 / 300, 1 / 4_000, 1 / 6_000
"""How often a day, for each person whom HubSpot knows."""
_KNOWN = (
    'SELECT "id", "email", "salesforcecontactid", "associatedcompanyid", "hs_email_optout", "lastname"'
    ' FROM "hubspot_contacts" WHERE "archived" = 0 ORDER BY CAST("id" AS INTEGER)'
)
_UNDER_CONTRACT = (
    'SELECT h."id", c."AccountId" FROM "hubspot_contacts" h'
    ' JOIN "salesforce_Contact" c ON c."Id" = h."salesforcecontactid"'
    ' JOIN "salesforce_Account" a ON a."Id" = c."AccountId" WHERE h."archived" = 0 AND c."IsDeleted" = 0'
    ' AND a."IsDeleted" = 0 AND a."Contract_End__c" >= ? ORDER BY CAST(h."id" AS INTEGER)'
)
_CANCELS = 1 / 2_000
"""How often a day, for each person of a company under contract."""


def live(day: Workday) -> None:
    """Everything that customers do today."""
    people = day.rows(_KNOWN)
    share = day.habits.busy_web * (1 if day.is_business else _AT_THE_WEEKEND)
    for person in day.some(people, len(people) * share):
        _browse(day, person)
    for person in day.some(people, len(people) * _FORMS):
        moment = day.at(day.rng.randint(10, 20))
        day.do("submit_form", person["id"], contact=person["id"], form=day.rng.choice(CONVERSIONS), at=moment)
    for _ in range(day.times(len(people) * _NEW_PEOPLE)):
        _come_by_form(day)
    _cancel(day)
    _mail(day, people)
    _go(day, people)


def _browse(day: Workday, person: Row) -> None:
    """One session of a few pages: by himself, from a mail, or no person at all."""
    hour, roll = day.rng.randint(8, 21), day.rng.random()
    if roll < _BOT_SHARE:
        for place in range(4):
            _visit(day, person, day.rng.choice(_PAGES), (hour, place), bot_score=day.rng.randint(1, 12))
        return
    keen = roll < _BOT_SHARE + _KEEN_SHARE
    pages = [
        day.rng.choice(_KEEN if keen else _PAGES)
        for _ in range(day.rng.randint(3, 7) if keen else day.rng.randint(1, 3))
    ]
    if day.happens(_MAIL_SHARE) and not keen:
        day.do("open_mail", person["id"], contact=person["id"], at=day.at(hour))
        day.do("click_mail", person["id"], contact=person["id"], at=day.at(hour))
    for place, page in enumerate(pages):
        _visit(day, person, page, (hour, 3 * place))


def _visit(day: Workday, person: Row, page: str, when: tuple[int, int], **details: int) -> None:
    day.do("visit_page", person["id"], contact=person["id"], url=SITE + page, at=day.at(*when), **details)


def _come_by_form(day: Workday) -> None:
    """Somebody new; a colleague may enter him into the SFA some day."""
    surname, given = day.rng.choice(SURNAMES), day.rng.choice(GIVEN_NAMES)
    address = f"{given[2]}.{surname[2]}.{day.number}-{day.rng.randint(100, 999)}@shinki-{day.number}.example"
    values = {"email": address, "lastname": surname[0], "firstname": given[0], "company": f"新規{day.number}商会"}
    form = day.rng.choice(("お問い合わせフォーム", "資料請求フォーム", "ウェビナー申込"))
    made = day.do("submit_form", "form", form=form, values=values, at=day.at(day.rng.randint(10, 20)))
    if made:
        day.memory.people.append((made["contacts"], day.number))


def _cancel(day: Workday) -> None:
    people = day.rows(_UNDER_CONTRACT, day.day())
    for person in day.some(people, len(people) * _CANCELS):
        moment = day.at(day.rng.randint(10, 17))
        made = day.do("visit_page", person["id"], contact=person["id"], url=SITE + CANCELLATION, at=moment)
        if made:
            day.memory.expected.append(Expected(person["AccountId"], day.world.now()))


def _mail(day: Workday, people: list[Row]) -> None:
    """Personal mail of ours, half of it answered the same day."""
    if not day.is_business:
        return
    sellers = day.staff("FieldSales")
    for person in day.some(people, len(people) * _MAILS):
        sent = day.do("send_mail", day.rng.choice(sellers)["Id"], vendor="hubspot", contact=person["id"], at=day.at(10))
        if sent and day.happens(0.5):
            day.do("receive_mail", person["id"], contact=person["id"], thread=sent["thread"], at=day.at(16))


def _go(day: Workday, people: list[Row]) -> None:
    """Some want no more mail, some leave their company, and mail to these bounces."""
    for person in day.some(people, len(people) * _LEAVE_US):
        values = {"hs_email_optout": "true"}
        day.do("update", person["id"], vendor="hubspot", object="contacts", id=person["id"], values=values)
    for person in day.some([one for one in people if one["salesforcecontactid"]], len(people) * _GONE):
        day.world.update(
            "hubspot", "contacts", person["id"], {"hs_email_hard_bounce_reason_enum": "UNKNOWN_USER"}, "hubspot"
        )
        owner = day.staff("CustomerSuccess")[0]["Id"]
        values = {"EmailBouncedDate": day.at(12), "EmailBouncedReason": "550 5.1.1 User unknown"}
        day.do("update", owner, object="Contact", id=person["salesforcecontactid"], values=values)
