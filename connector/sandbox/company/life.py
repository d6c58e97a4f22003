"""Eighteen months of sales life around each deal: visits, calls, mails and notes in both systems.

Called for every invented deal. About 60 % of the quiet deals are worked by nobody. It must not know the planted cases.
"""

from random import Random

from connector.sandbox.company.batch import Batch, Row
from connector.sandbox.company.calendar import later
from connector.sandbox.company.customers import Customer, Human
from connector.sandbox.company.deals import Deal
from connector.sandbox.company.structure import Org
from connector.sandbox.hubspot.properties import BUSY, CONNECTED, LEFT_VOICEMAIL, NO_ANSWER

_STALL = 60
_WORKED_SHARE = 0.4
_MEETINGS = ("初回訪問", "ヒアリング", "デモ実施", "見積説明", "定例打ち合わせ", "役員訪問")
_NOTES = (
    "次回は決裁者も同席予定",
    "予算は来期",
    "競合と比較中",
    "現行システムの保守期限は来年3月",
    "担当者の印象は良い",
    "",
)
_DISPOSITIONS = ("接続", "接続", "通話", None, None, "不在", "不在", "留守電", "話中")
_GUIDS = (CONNECTED, CONNECTED, None, NO_ANSWER, NO_ANSWER, BUSY, LEFT_VOICEMAIL)
_SUBJECTS = ("お見積の件", "先日のお打ち合わせのお礼", "資料送付のご案内", "ご検討状況のお伺い")


def live(batch: Batch, org: Org, rng: Random, deal: Deal) -> None:
    """Everything that was done on this deal."""
    oldest, newest = deal.dates.created, max(deal.dates.last, 2)
    _visit(batch, rng, deal, newest)
    for _ in range(rng.randint(2, 10)):
        _activity(batch, org, rng, deal, rng.randint(newest, max(oldest, newest)))
    for _ in range(rng.choice((1, 2, 3, 4, 5))):
        _engagement(batch, org, rng, deal, rng.randint(newest, max(oldest, newest)))
    if deal.is_open and newest >= _STALL and rng.random() < _WORKED_SHARE:
        _worked(batch, rng, deal)


def account_chores(batch: Batch, rng: Random, customer: Customer) -> None:
    """What is done with a customer beside its deals."""
    for account in customer.accounts:
        day = rng.randint(5, 540)
        batch.task(
            batch.calendar.at(day, 15), customer.owner, Subject="年賀状・ご挨拶", WhatId=account["Id"],
            ActivityDate=batch.calendar.day(day), TaskSubtype=rng.choice(("Task", "ListEmail")),
        )  # fmt: skip


def _visit(batch: Batch, rng: Random, deal: Deal, day: int) -> None:
    batch.event(
        day, deal.row["OwnerId"], hour=rng.randint(9, 17), WhatId=deal.row["Id"], WhoId=_who(deal),
        Subject=rng.choice(_MEETINGS), Location="先方" if rng.random() < 0.5 else "Web", Description=rng.choice(_NOTES),
    )  # fmt: skip


def _activity(batch: Batch, org: Org, rng: Random, deal: Deal, day: int) -> None:
    calendar, owner = batch.calendar, deal.row["OwnerId"]
    roll = rng.random()
    if roll < 0.25:
        _visit(batch, rng, deal, day)
        return
    fields: Row = {"WhatId": deal.row["Id"] if rng.random() < 0.85 else None, "WhoId": _who(deal)}
    fields["WhatId"] = fields["WhatId"] or (None if fields["WhoId"] else deal.row["AccountId"])
    fields["ActivityDate"] = calendar.day(day)
    created = calendar.at(day, rng.randint(9, 17), rng.randint(0, 59))
    if roll < 0.55:
        caller = rng.choice(org.staff("InsideSales"))["Id"] if rng.random() < 0.3 else owner
        batch.task(
            created, caller, Subject="架電", TaskSubtype="Call", CallType="Outbound", Description=rng.choice(_NOTES),
            CallDisposition=rng.choice(_DISPOSITIONS), CallDurationInSeconds=rng.randint(0, 900), **fields,
        )  # fmt: skip
    elif roll < 0.78:
        batch.task(created, owner, Subject=f"メール: {rng.choice(_SUBJECTS)}", TaskSubtype="Email", **fields)
    elif roll < 0.84:
        batch.task(created, owner, Subject="メール: 製品ニュース", TaskSubtype="ListEmail", **fields)
    elif roll < 0.87:
        batch.task(created, owner, Subject="日程調整", Status="対応不要", **fields)
    elif roll < 0.9:
        batch.task(created, owner, Subject="要追跡", Status="未着手", **fields)
    else:
        batch.task(created, owner, Subject=rng.choice(("資料送付", "見積作成", "社内確認", "議事録送付")), **fields)


def _engagement(batch: Batch, org: Org, rng: Random, deal: Deal, day: int) -> None:
    human = next((one for one in deal.people if one.hubspot), None) or _somebody(rng, deal.customer)
    if human is None or human.hubspot is None:
        return
    parents = [("contacts", human.hubspot["id"])]
    if deal.customer.companies:
        parents.append(("companies", deal.customer.companies[0]["id"]))
    if deal.hubspot and rng.random() < 0.7:
        parents.append(("deals", deal.hubspot["id"]))
    moment = batch.calendar.at(day, rng.randint(9, 17), rng.randint(0, 59))
    object_, values = _content(rng, moment)
    batch.engage(object_, moment, parents, hubspot_owner_id=org.owner_ids[deal.row["OwnerId"]], **values)


def _content(rng: Random, moment: str) -> tuple[str, Row]:
    roll = rng.random()
    if roll < 0.25:
        guid = rng.choice(_GUIDS)
        return "calls", {
            "hs_call_title": "架電", "hs_call_body": rng.choice(_NOTES), "hs_call_direction": "OUTBOUND",
            "hs_call_disposition": guid, "hs_call_duration": rng.randint(0, 900_000), "hs_call_status": "COMPLETED",
        }  # fmt: skip
    if roll < 0.68:
        incoming = roll > 0.55
        return "emails", {
            "hs_email_subject": f"{'Re: ' if incoming else ''}{rng.choice(_SUBJECTS)}", "hs_email_status": "SENT",
            "hs_email_text": "いつもお世話になっております。", "hs_email_thread_id": f"{rng.getrandbits(48):012x}",
            "hs_email_direction": "INCOMING_EMAIL" if incoming else "EMAIL",
        }  # fmt: skip
    if roll < 0.8:
        outcome = rng.choice(("COMPLETED", "COMPLETED", None, "NO_SHOW", "CANCELED", "SCHEDULED"))
        return "meetings", {
            "hs_meeting_title": rng.choice(_MEETINGS), "hs_meeting_start_time": moment,
            "hs_meeting_end_time": later(moment, 60), "hs_meeting_outcome": outcome,
        }  # fmt: skip
    if roll < 0.82:
        return "communications", {
            "hs_communication_channel_type": "SMS",
            "hs_communication_logged_from": "CRM",
            "hs_communication_body": "本日はありがとうございました。",
        }
    if roll < 0.92:
        return "notes", {"hs_note_body": rng.choice(_NOTES) or "メモ"}
    return "tasks", {
        "hs_task_subject": "フォロー", "hs_task_status": "COMPLETED", "hs_task_type": "TODO",
        "hs_task_priority": "NONE", "hs_task_completion_date": moment,
    }  # fmt: skip


def _worked(batch: Batch, rng: Random, deal: Deal) -> None:
    """Somebody does look after this quiet deal: a task of the owner, a fresh attempt or a meeting ahead."""
    calendar, owner = batch.calendar, deal.row["OwnerId"]
    related = {"WhatId": deal.row["Id"], "WhoId": _who(deal)}
    roll = rng.random()
    if roll < 0.4:
        created = calendar.at(rng.randint(3, 20))
        due = calendar.day(-rng.randint(0, 14))
        batch.task(created, owner, Subject="検討状況の確認", Status="未着手", ActivityDate=due, **related)
    elif roll < 0.75:
        day = rng.randint(3, 13)
        batch.task(
            calendar.at(day), owner, Subject="架電", TaskSubtype="Call", CallType="Outbound", CallDisposition="不在",
            ActivityDate=calendar.day(day), **related,
        )  # fmt: skip
    else:
        batch.event(-rng.randint(1, 30), owner, Subject="再訪問", **related)


def _who(deal: Deal) -> str | None:
    human = deal.people[0] if deal.people else None
    return str(human.salesforce["Id"]) if human and human.salesforce else None


def _somebody(rng: Random, customer: Customer) -> Human | None:
    known = [human for human in customer.humans if human.hubspot]
    return rng.choice(known) if known else None
