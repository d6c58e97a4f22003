"""Field sales on one day: talks that are logged at once, later, wrongly or never; deals that open, move and close.

Called by the simulation on business days. An owner works on the deals that he has not forgotten.
"""

from datetime import date
from random import Random

from connector.sandbox.simulation.memory import Unlogged
from connector.sandbox.simulation.workday import Row, Workday

PRODUCTS = ("基幹システム", "営業支援", "勤怠管理", "経費精算", "電子契約")
REASONS = (*["ペンディング"] * 5, *["他社導入"] * 4, *["音信不通"] * 3, *["価格懸念"] * 3, "その他")
STAGES = ("初回訪問", "ヒアリング", "提案", "見積提示", "稟議中")
HOOKS = ("来期予算の検討時期", "新機能のご案内", "他社契約の更新時期", "体制変更後のご挨拶")
CALL_RESULTS = ("接続", "接続", "不在", "不在", "留守電")
_CLOSE_RATE, _WIN_SHARE = 1 / 70, 0.38
_NEW_DEALS = 1 / 260
"""New deals a business day for each deal that there ever was."""
_LAST_TALKS = (10, 120)
_CONTRACT_DAYS = 365
_DEALS = (
    'SELECT o.*, u."IsActive" AS owner_there FROM "salesforce_Opportunity" o'
    ' JOIN "salesforce_User" u ON u."Id" = o."OwnerId"'
    ' WHERE o."IsClosed" = 0 AND o."IsDeleted" = 0 ORDER BY o."Id"'
)


def sell(day: Workday) -> None:
    """Everything that owners do about their deals today."""
    for deal in day.rows(_DEALS):
        if deal["owner_there"] and not _forgotten(day, deal):
            _work_on(day, deal)
    _open_deals(day)
    _log_what_is_left(day)


def _forgotten(day: Workday, deal: Row) -> bool:
    """Which deals are forgotten, and how long after they began, is decided by the deal itself."""
    dice = Random(f"{day.seed}:{deal['Id']}:forgotten")
    if dice.random() >= day.habits.forgotten:
        return False
    return _age(day, deal) > dice.randint(*_LAST_TALKS)


def _age(day: Workday, deal: Row) -> int:
    return (day.today - date.fromisoformat(str(deal["CreatedDate"])[:10])).days


def _work_on(day: Workday, deal: Row) -> None:
    if day.happens(day.habits.contacts_a_deal):
        _talk(day, deal)
        if day.happens(0.25) and deal["StageName"] in STAGES[:-1]:
            further = STAGES[STAGES.index(deal["StageName"]) + 1]
            day.do("set_stage", deal["OwnerId"], opportunity=deal["Id"], stage=further)
    if day.happens(day.habits.dummy_tasks * day.habits.contacts_a_deal):
        values = {"Subject": "要追跡", "WhatId": deal["Id"], "ActivityDate": day.day(150), "OwnerId": deal["OwnerId"]}
        day.do("create", deal["OwnerId"], object="Task", values=values)
    if _age(day, deal) > 20 and day.happens(_CLOSE_RATE):
        close(day, deal, won=day.happens(_WIN_SHARE))


def _talk(day: Workday, deal: Row) -> None:
    """A visit, a call or a mail; what is not logged at once may be logged some day."""
    parties = {"opportunity": deal["Id"], "contact": deal["ContactId"]}
    roll, hour = day.rng.random(), day.rng.randint(9, 15)
    if roll < 0.35:
        action, details = "log_meeting", {"at": day.at(hour), **parties}
    elif roll < 0.8:
        result = day.rng.choice(CALL_RESULTS)
        if day.happens(day.habits.wrong_disposition):
            result = day.rng.choice(("接続", "不在", ""))
        action, details = "log_call", {"date": day.day(), "disposition": result or None, **parties}
    else:
        action, details = "send_mail", {"date": day.day(), "vendor": "salesforce", **parties}
    fate = day.rng.random()
    if fate < day.habits.never_logged:
        return
    if fate < day.habits.never_logged + day.habits.logged_late:
        day.memory.unlogged.append(Unlogged(deal["OwnerId"], action, details))
        return
    day.do(action, deal["OwnerId"], **details)


def _log_what_is_left(day: Workday) -> None:
    """On Fridays most reps catch up, at the end of the month all of them do."""
    if day.today.weekday() != 4 and day.today.day < 28:
        return
    left: list[Unlogged] = []
    for talk in day.memory.unlogged:
        if day.today.day < 28 and not day.happens(0.6):
            left.append(talk)
        else:
            day.do(talk.action, talk.rep, **talk.details)
    day.memory.unlogged[:] = left


def close(day: Workday, deal: Row, *, won: bool) -> None:
    """The deal is decided; a contract follows a won one, what the owner cares to write down a lost one."""
    if won:
        day.do("close_won", deal["OwnerId"], opportunity=deal["Id"])
        if deal["AccountId"] and day.happens(0.7):
            values = {"Contract_End__c": day.day(_CONTRACT_DAYS), "Contract_Status__c": "契約中"}
            day.do("update", deal["OwnerId"], object="Account", id=deal["AccountId"], values=values)
        return
    told: Row = {}
    if not day.happens(day.habits.reason_missing):
        told |= {"reason": day.rng.choice(REASONS), "detail": "来期に改めて検討とのこと"}
    if day.happens(day.habits.loss_planned):
        told |= plan_of(day, deal)
    day.do("close_lost", deal["OwnerId"], opportunity=deal["Id"], **told)


def plan_of(day: Workday, deal: Row) -> Row:
    """When, to whom and about what the customer is to be approached again."""
    person = day.rows('SELECT "Name" FROM "salesforce_Contact" WHERE "Id" = ?', deal["ContactId"])
    return {
        "next_approach_date": day.business_day(day.rng.randint(30, 240)),
        "approach_contact": person[0]["Name"] if person else None,
        "hook": day.rng.choice(HOOKS),
    }


def _open_deals(day: Workday) -> None:
    """New deals of accounts that are there; whoever owns the account sells."""
    known = int(day.rows('SELECT COUNT(*) AS n FROM "salesforce_Opportunity"')[0]["n"])
    sql = (
        'SELECT a."Id", a."Name", a."OwnerId" FROM "salesforce_Account" a JOIN "salesforce_User" u'
        ' ON u."Id" = a."OwnerId" WHERE a."IsDeleted" = 0 AND u."IsActive" = 1 ORDER BY a."Id"'
    )
    wanted = day.times(known * _NEW_DEALS)
    accounts = day.rows(sql) if wanted else []
    for account in day.rng.sample(accounts, k=min(wanted, len(accounts))):
        open_deal(day, account, account["OwnerId"])


def open_deal(day: Workday, account: Row, owner: str, contact: str | None = None, product: str | None = None) -> None:
    """A new deal with its primary contact, and the first visit."""
    if contact is None:
        sql = 'SELECT "Id" FROM "salesforce_Contact" WHERE "AccountId" = ? AND "IsDeleted" = 0 ORDER BY "Id"'
        people = day.rows(sql, account["Id"])
        contact = day.rng.choice(people)["Id"] if people else None
    product = product or day.rng.choice(PRODUCTS)
    values = {
        "Name": f"{str(account['Name']).strip()} {product}"[:120], "AccountId": account["Id"], "OwnerId": owner,
        "StageName": STAGES[0], "CloseDate": day.day(day.rng.randint(60, 150)), "Product__c": product,
        "Amount": day.rng.randint(30, 1_200) * 10_000, "ContactId": contact,
    }  # fmt: skip
    made = day.do("create", owner, object="Opportunity", values=values)
    if made:
        day.do("log_meeting", owner, at=day.at(11), opportunity=made["Opportunity"], contact=contact)
