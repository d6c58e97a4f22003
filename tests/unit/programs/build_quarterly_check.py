"""Builders for the tests of 四半期チェック: a company whose time has come, unless said otherwise."""

from datetime import date, datetime
from typing import Any

from build import ACCOUNT, IS_REP, NOW, PERSON, days_ago, meeting
from build_account_status import Company

from connector.model.case import Occasion, OwnTask
from connector.model.intents import Decision, EnsureTask
from connector.model.records import Activity, ActivityKind, Ref
from connector.programs.quarterly_check import PROGRAM, QuarterlyCheckSettings

SUBJECT = "四半期チェック"
TASK = Ref("salesforce", "Task", "00TOURS")
NAME = "quarterly_check"


def talked(days: int = 90, **values: Any) -> Company:
    """A company with which there was a talk so many days ago, and no opportunity."""
    more = values.pop("activities", ())
    return Company(activities=(meeting(days, deal=None), *more), **values)


def judged(company: Company, now: datetime = NOW, **options: Any) -> Decision:
    """What the program says with the preset's figures."""
    return company.judge(PROGRAM, options.pop("settings", QuarterlyCheckSettings()), now, **options)


def task(decision: Decision) -> EnsureTask:
    """The task that is wanted."""
    (intent,) = decision.intents
    assert isinstance(intent, EnsureTask)
    return intent


def occasion(number: int = 1, *, last_contact: int = 100, started: int = 10, ended: bool = False) -> Occasion:
    """An occasion that began `started` days ago, counted from a contact `last_contact` days ago."""
    return Occasion(number, days_ago(started).date(), days_ago(last_contact).date(), ended)


def ours(number: int = 1, sequence: int = 1, *, withdrawn: bool = False, deleted: bool = False, **now: Any) -> OwnTask:
    """A task that we wrote ten days ago, and what it looks like now."""
    written = {
        "Subject": SUBJECT,
        "OwnerId": IS_REP.id,
        "ActivityDate": "2026-11-10",
        "Status": "未着手",
        "Description": "本文",
    }
    values: dict[str, Any] = {
        "ref": TASK,
        "form": ActivityKind.TASK,
        "modified_at": days_ago(10),
        "created_at": days_ago(10),
        "subject": SUBJECT,
        "owner": IS_REP,
        "due_date": date(2026, 11, 10),
        "status": "未着手",
        "body": "本文",
        "accounts": (ACCOUNT,),
        "people": (PERSON,),
        "key": f"{NAME}:{ACCOUNT.id}:{number}.{sequence}",
    }
    return OwnTask(
        key=f"{NAME}:{ACCOUNT.id}:{number}.{sequence}",
        program=NAME,
        record=TASK,
        written=written,
        created_at=days_ago(10),
        withdrawn=withdrawn,
        current=None if deleted else Activity(**(values | now)),
        deleted=deleted,
    )


def with_task(own: OwnTask, *activities: Activity, last: int = 100, **values: Any) -> Company:
    """A company talked with so long ago, with our task among its activities as the mirror would show it."""
    seen = (own.current,) if own.current else ()
    defaults: dict[str, Any] = {"occasions": {NAME: occasion(last_contact=last)}}
    return talked(last, activities=(*seen, *activities), own_tasks=(own,), **(defaults | values))


def done(days: int, **values: Any) -> OwnTask:
    """Our task, completed so many days ago; with a talk unless the disposition says otherwise."""
    return ours(status="完了", is_closed=True, completed_at=days_ago(days), **values)


def in_days(days: int) -> date:
    """So many days from today."""
    return days_ago(-days).date()
