"""Section 9 of the practice as somebody of sales operations would tell it: cases written from the page alone."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from build import IS_REP, JST, MAPPINGS, NOW, OWNER, PERSON, TODAY, call, days_ago, done_task, mail, meeting
from build_people import LEAD, STAMP, TWIN, People, deal, ma, of_type, own_task, practice, task

from connector.model.case import Written
from connector.model.intents import Decision, EnsureTask, SetFields, Standing
from connector.model.records import Opportunity, Ref
from connector.programs.feedback import PROGRAM, FeedbackSettings

SETTINGS = MAPPINGS.program("feedback", FeedbackSettings)
PASSED = TODAY - timedelta(days=20)
BEFORE = Ref("salesforce", "Opportunity", "006OLD")
OWN = Ref("salesforce", "Opportunity", "006OWN")


def judge(people: People, now: datetime = NOW) -> Decision:
    """What the program says with the preset's settings."""
    return PROGRAM.evaluate(people.case(), SETTINGS, practice(), now)


def passed(day: date = PASSED, **values: Any) -> People:
    """Somebody who was passed to sales on that day and is known to the MA."""
    people = People(person={"handed_over_on": day} | values.pop("person", {}), twins=(ma(),))
    for name, value in values.items():
        setattr(people, name, value)
    return people


def told(decision: Decision) -> dict[str, Any]:
    """What is written back to the MA."""
    return {name: value for one in of_type(decision, SetFields) for name, value in one.values.items()}


def wants(people: People, now: datetime = NOW) -> bool:
    """A task is wanted."""
    return of_type(judge(people, now), EnsureTask) != []


def lost(day: date, reason: str | None, ref: Ref = OWN, **values: Any) -> Opportunity:
    """A deal of the person that was lost on that day."""
    at = datetime(day.year, day.month, day.day, 12, tzinfo=JST)
    values = {"created_at": at - timedelta(days=5)} | values
    return deal(ref, is_closed=True, stage="失注", stage_changed_at=at, lost_reason=reason, **values)


def on(day: date) -> datetime:
    """Ten o'clock of that day."""
    return datetime(day.year, day.month, day.day, 10, tzinfo=JST)


# --- what became of it ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "outcome"),
    [
        ("他社導入", "他社導入"),
        ("競合負け", "他社導入"),
        ("ペンディング(先送り)", "ペンディング(先送り)"),
        ("ﾍﾟﾝﾃﾞｨﾝｸﾞ", "ペンディング(先送り)"),
        ("価格懸念", "お断り"),
        ("予算凍結", "お断り"),
    ],
)
def test_a_lost_deal_by_its_reason(reason: str, outcome: str) -> None:
    """Written back with the day of the loss and the reason as it was entered."""
    day = TODAY - timedelta(days=4)
    values = told(judge(passed(deals=(lost(day, reason, lost_reason_detail="4月に再検討"),))))
    assert values == {"outcome": outcome, "outcome_on": day, "outcome_reason": f"{reason} / 4月に再検討"}


def test_step_by_step() -> None:
    """アポ, then a deal, then 受注: each replaces the one before, as that was Okoshi's own word."""
    people = passed(activities=[meeting(-3, deal=None, created_at=days_ago(15))])
    assert told(judge(people))["outcome"] == "アポ"
    people.deals = (deal(created_at=days_ago(10)),)
    assert told(judge(people))["outcome"] == "商談化"
    people.deals = (deal(created_at=days_ago(10), is_closed=True, is_won=True, close_date=TODAY),)
    assert told(judge(people)) == {"outcome": "受注", "outcome_on": TODAY, "outcome_reason": None}


def test_a_deal_that_is_opened_again() -> None:
    """Lost last week, open again today: marketing does not go on hearing お断り."""
    people = passed(deals=(deal(created_at=days_ago(10)),))
    people.twins = (ma(outcome="お断り", outcome_on=TODAY - timedelta(days=7)),)
    people.written = {TWIN: {name: Written(value, 1, STAMP) for name, value in _as_written("お断り", 7).items()}}
    assert told(judge(people))["outcome"] == "商談化"


def _as_written(outcome: str, days: int) -> dict[str, Any]:
    return {"outcome": outcome, "outcome_on": TODAY - timedelta(days=days), "outcome_reason": None}


def test_an_appointment_that_was_cancelled_is_none() -> None:
    """アポ was told, the customer cancelled: what Okoshi wrote is taken back; what a person wrote stays."""
    people = passed(activities=[meeting(-3, deal=None, created_at=days_ago(5), outcome="CANCELED")])
    people.twins = (ma(outcome="アポ", outcome_on=TODAY - timedelta(days=5)),)
    people.written = {TWIN: {name: Written(value, 1, STAMP) for name, value in _as_written("アポ", 5).items()}}
    assert told(judge(people)) == {"outcome": None, "outcome_on": None, "outcome_reason": None}
    people.written = {}
    assert told(judge(people)) == {}


def test_what_was_told_of_an_earlier_hand_over_stays_until_there_is_news() -> None:
    """お断り of last year, passed anew today: last year's is dated and stays; the new アポ then replaces it."""
    people = passed(TODAY)
    people.twins = (ma(outcome="お断り", outcome_on=TODAY - timedelta(days=300)),)
    people.written = {TWIN: {name: Written(value, 1, STAMP) for name, value in _as_written("お断り", 300).items()}}
    assert told(judge(people)) == {}
    people.activities = [meeting(-3, deal=None, created_at=days_ago(0, 9))]
    assert told(judge(people))["outcome"] == "アポ"


def test_a_colleagues_deal_is_not_the_leads() -> None:
    """Of each lead that was passed: only the own ones count."""
    people = passed(deals=(deal(Ref("salesforce", "Opportunity", "006X"), created_at=days_ago(3)),))
    assert told(judge(people)) == {}


def test_two_records_in_the_ma_hear_it_both() -> None:
    """One person under two addresses there."""
    other = Ref("hubspot", "contacts", "902")
    people = passed(deals=(lost(TODAY, "他社導入"),))
    people.twins = (ma(), ma(other))
    assert {one.record for one in of_type(judge(people), SetFields)} == {TWIN, other}


def test_whom_the_ma_does_not_know_nobody_can_be_told_of() -> None:
    """Still it is measured."""
    people = passed(deals=(lost(TODAY, "他社導入"),))
    people.twins = ()
    decision = judge(people)
    assert (told(decision), decision.facts["outcome"]) == ({}, "competitor")


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("アポ獲得", "アポ"),
        ("お断り", "お断り"),
        ("見込みなし", "お断り"),
        ("受注", "受注"),
        ("他社導入", "他社導入"),
        ("先送り", "ペンディング(先送り)"),
        ("UNQUALIFIED", "お断り"),
        ("対応中", None),
    ],
)
def test_a_lead_without_a_deal_by_its_status(status: str, outcome: str | None) -> None:
    """アポ, お断り, 受注, 他社導入, ペンディング(先送り), in the words of either system; others mean nothing yet."""
    people = passed(person={"lead_status": status, "modified_at": days_ago(2)})
    people.ref = LEAD
    assert told(judge(people)).get("outcome") == outcome


# --- 先送り comes up again after half a year -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("put_off", "again"),
    [
        (date(2026, 5, 18), date(2026, 11, 18)),
        (date(2026, 8, 31), date(2027, 2, 28)),
        (date(2026, 6, 30), date(2026, 12, 30)),
        (date(2026, 7, 1), date(2027, 1, 1)),
    ],
)
def test_half_a_year_by_the_calendar(put_off: date, again: date) -> None:
    """The same day six months on, the month's last where it has none; the task on a business day."""
    people = passed(put_off - timedelta(days=9), person={"lead_status": "先送り", "modified_at": on(put_off)})
    assert not wants(people, on(again - timedelta(days=1)))
    wanted = task(judge(people, on(again)))
    assert (wanted.subject, wanted.due) == ("フォローコール", practice().calendar.business_day_from(again))


def test_a_customer_of_old_who_put_the_new_product_off() -> None:
    """He bought another product three years ago: that deal does not bring him back, so half a year later we do."""
    day = date(2026, 5, 4)
    bought = deal(BEFORE, created_at=days_ago(1200), is_closed=True, is_won=True, close_date=date(2023, 10, 1))
    people = passed(day - timedelta(days=9), person={"lead_status": "先送り", "modified_at": on(day)})
    people.deals, people.own = (bought,), frozenset({BEFORE})
    assert wants(people)


def test_a_loss_before_the_hand_over_does_not_bring_him_back() -> None:
    """ペンディング years ago is dealt with; what was put off this spring comes up this autumn."""
    day = date(2026, 5, 4)
    old = lost(date(2022, 3, 1), "ペンディング", BEFORE)
    people = passed(day - timedelta(days=9), person={"lead_status": "先送り", "modified_at": on(day)})
    people.deals, people.own = (old,), frozenset({BEFORE})
    assert wants(people)


@pytest.mark.parametrize("since", ["open", "won", "put off"])
def test_who_is_followed_in_a_deal_is_not_called_beside_it(since: str) -> None:
    """An open deal goes on, a won one is the end, and one that was put off comes back by its own date."""
    day = date(2026, 5, 4)
    people = passed(day - timedelta(days=9), person={"lead_status": "先送り", "modified_at": on(day)})
    people.deals = {
        "open": (deal(created_at=days_ago(30)),),
        "won": (deal(created_at=days_ago(30), is_closed=True, is_won=True, close_date=TODAY),),
        "put off": (lost(day, "ペンディング"),),
    }[since]
    assert not wants(people)


def test_reached_meanwhile_and_tried_lately() -> None:
    """Somebody tried yesterday: a fortnight's rest, then the task."""
    day = date(2026, 5, 4)
    people = passed(day - timedelta(days=9), person={"lead_status": "先送り", "modified_at": on(day)})
    people.activities = [call(1, "不在", deal=None, owner=IS_REP)]
    decision = judge(people)
    assert (decision.standing, decision.reason) == (Standing.EXCLUDED, "recent_attempt")
    assert wants(people, NOW + timedelta(days=13))


# --- what is measured ----------------------------------------------------------------------------------------------


def _task_of(days: int, **now: Any) -> People:
    ours = own_task(f"handover:{PERSON.id}:1.1", "トスアップ対応", created=days_ago(days), owner=OWNER, **now)
    people = People(twins=(ma(),), own_tasks=(ours,))
    people.activities = [ours.current] if ours.current else []
    return people


@pytest.mark.parametrize(
    ("act", "day"),
    [
        (call(3, "不在", deal=None), 3),
        (meeting(3, deal=None), 3),
        (mail(3, "outgoing", deal=None), 3),
        (mail(3, "incoming", deal=None), None),
        (mail(3, "outgoing", deal=None, subtype="ListEmail"), None),
        (done_task(3, deal=None, status="対応不要"), None),
        (call(30, "接続", deal=None), None),
        (call(12, "接続", deal=None, created_at=days_ago(2), completed_at=days_ago(2)), None),
    ],
    ids=["tried", "met", "written to", "the customer wrote", "bulk mail", "not needed", "before", "entered late"],
)
def test_a_lead_is_followed_up_when_one_of_us_acts(act: Any, day: int | None) -> None:
    """Follow-up rate and age of the untouched: by our own touches only, an attempt is enough."""
    people = _task_of(9)
    people.activities = [*people.activities, act]
    expected = (TODAY - timedelta(days=day)).isoformat() if day else ""
    facts = judge(people).facts
    assert (facts["touched_on"], facts["passed_on"]) == (expected, (TODAY - timedelta(days=9)).isoformat())


@pytest.mark.parametrize(
    ("values", "stage"),
    [
        ({}, "lead"),
        ({"person": {"needs_type": "個人ニーズ"}}, "vetted"),
        ({"person": {"handed_over_on": TODAY}}, "vetted"),
        ({"deals": (deal(created_at=days_ago(2)),)}, "deal"),
        ({"deals": (lost(TODAY, "価格懸念"),)}, "deal"),
        ({"deals": (deal(is_closed=True, is_won=True, close_date=TODAY),)}, "won"),
    ],
)
def test_the_funnel(values: dict[str, Any], stage: str) -> None:
    """lead → 精査 → 案件化 → 受注: the furthest that somebody came, also where it was lost again."""
    assert judge(People(twins=(ma(),), **values)).facts["stage"] == stage


def test_a_lead_that_was_never_passed_is_told_nothing_of() -> None:
    """Of each lead that was passed, not of others: a deal of somebody whom sales found by itself."""
    people = People(twins=(ma(),), deals=(lost(TODAY, "他社導入"),))
    assert told(judge(people)) == {}
    assert told(judge(People(ref=LEAD, twins=(ma(),), person={"lead_status": "お断り"}))) == {}
