"""Section 7 of the practice as somebody of sales operations would tell it: cases written from the page alone."""

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from build import (
    ACCOUNT,
    IS_REP,
    MAPPINGS,
    NOW,
    OTHER,
    PERSON,
    TODAY,
    activity,
    call,
    days_ago,
    done_task,
    mail,
    meeting,
)
from build_people import LEAD, STAMP, TWIN, People, ma, of_type, own_task, practice, task

from connector.model.intents import Decision, EnsureTask, SetFields, Standing, WithdrawTask
from connector.model.records import Account, Activity, ActivityKind, Engagement, EngagementKind, Ref
from connector.programs.freshness import PROGRAM, FreshnessSettings
from connector.programs.practice.spans import turn

SUBJECT = "フォローコール"
SETTINGS = MAPPINGS.program("freshness", FreshnessSettings)
LONG_AGO = date(2020, 1, 1)
YEAR = 365


def judge(people: People, now: datetime = NOW, **changes: Any) -> Decision:
    """What the program says, long after go-live."""
    return PROGRAM.evaluate(people.case(), SETTINGS, practice(**({"go_live": LONG_AGO} | changes)), now)


def wants(people: People, now: datetime = NOW) -> bool:
    """A task is wanted."""
    return of_type(judge(people, now), EnsureTask) != []


def talk(days: int, **values: Any) -> Activity:
    """A talk about no deal."""
    return meeting(days, deal=None, **values)


@pytest.mark.parametrize("number", range(40))
def test_whenever_somebody_was_confirmed_a_year_is_the_end(number: int) -> None:
    """Walked through day by day: a task comes within the year, on a business day, and stays wanted from then on."""
    ref = Ref("salesforce", "Contact", f"003P{number:03d}")
    people = People([talk(9 * number, people=(ref,))], ref=ref, person={"account": ACCOUNT})
    first = None
    for ahead in range(YEAR - 9 * number + 1):
        now = NOW + timedelta(days=ahead)
        if wants(people, now):
            first = first or now.date()
        else:
            assert first is None
    assert first is not None
    assert practice().calendar.is_business_day(first)
    assert (first - (TODAY - timedelta(days=9 * number))).days <= YEAR


def test_new_contacts_of_one_fair_do_not_come_up_on_one_day() -> None:
    """Three hundred cards of one exhibition, entered on one day: no wave builds up, none is older than a year."""
    calendar, day = practice().calendar, date(2026, 5, 13)
    turns = [turn(f"salesforce:Lead:00Q{n:04d}", day, LONG_AGO, SETTINGS.round, calendar) for n in range(300)]
    assert max(Counter(turns).values()) <= 12
    assert all(calendar.is_business_day(one) and one <= day + timedelta(days=YEAR) for one in turns)


@pytest.mark.parametrize(
    "act",
    [
        call(3, "不在", deal=None),
        call(30, "留守電", deal=None),
        mail(30, "outgoing", deal=None),
        mail(30, "outgoing", deal=None, subtype="ListEmail"),
        meeting(30, deal=None, outcome="NO_SHOW"),
        done_task(30, deal=None, status="対応不要"),
        activity("Note", ActivityKind.NOTE, None, body="名刺を整理", created_at=days_ago(30)),
    ],
    ids=["tried", "voice mail", "our mail", "bulk mail", "nobody came", "not needed", "note"],
)
def test_what_is_no_conversation_confirms_nothing(act: Activity) -> None:
    """The date stays where the last conversation was."""
    decision = judge(People([talk(400), act]))
    assert decision.facts["confirmed_on"] == (TODAY - timedelta(days=400)).isoformat()


def test_what_somebody_does_on_the_web_confirms_nothing() -> None:
    """His own visits and clicks are no conversation."""
    visit = Engagement(
        ref=Ref("hubspot", "page_views", "1"),
        modified_at=STAMP,
        form=EngagementKind.PAGE_VIEW,
        at=days_ago(1),
        person=TWIN,
        url="https://own.example/price",
    )
    twin = ma(last_visit_at=days_ago(1), last_mail_click_at=days_ago(1), page_views=99)
    assert wants(People([talk(400)], twins=(twin,), engagements=(visit,)))


@pytest.mark.parametrize(
    "route", [call(2, "接続", deal=OTHER), mail(2, "incoming", deal=None), talk(2), done_task(2, deal=None)]
)
def test_reached_by_another_route(route: Activity) -> None:
    """Skipped, whoever reached him and about whatever; our open task that nobody began is taken back."""
    ours = own_task(f"freshness:{PERSON.id}:1.1", SUBJECT, created=days_ago(9))
    people = People([talk(400)])
    people.own_tasks = (ours,)
    people.occasions = {"freshness": judge(People([talk(400)]), NOW - timedelta(days=9)).occasion}  # type: ignore[dict-item]
    assert judge(people).standing is Standing.ISSUED
    people.activities.append(route)
    decision = judge(people)
    assert (decision.standing, decision.reason) == (Standing.NOT_ELIGIBLE, "fresh")
    assert [one.touched for one in of_type(decision, WithdrawTask)] == [False]


@pytest.mark.parametrize(
    "note",
    ["架電NG", "架電ＮＧ", "架電ng です", "電話不要", "お電話不要とのこと", "メール以外の連絡不要", "架電 NG"],
)
@pytest.mark.parametrize("where", ["person", "twin", "company", "company in the MA", "activity", "our task"])
def test_notes_are_searched_wherever_they_are(note: str, where: str) -> None:
    """架電NG/電話不要/連絡不要 in any width and case: of the person, the company, an activity, or a call's result."""
    people = People([talk(400)], twins=(ma(notes=note if where == "twin" else None),))
    if where == "person":
        people.person = {"notes": note}
    if where == "company":
        people.account = {"notes": note}
    if where == "activity":
        people.activities.append(call(380, "接続", deal=None, body=f"担当者より。{note}"))
    if where == "our task":
        done = own_task(
            f"freshness:{PERSON.id}:1.1",
            SUBJECT,
            created=days_ago(399),
            is_closed=True,
            status="完了",
            completed_at=days_ago(390),
            body=f"本文\n【事実】{note}\n【所感】",
        )
        people.own_tasks = (done,)
        assert done.current is not None
        people.activities.append(done.current)
    case = people.case()
    if where == "company in the MA":
        other = Account(ref=Ref("hubspot", "companies", "5"), modified_at=STAMP, notes=note)
        case = replace(case, accounts=(*case.accounts, other))
    decision = PROGRAM.evaluate(case, SETTINGS, practice(go_live=LONG_AGO), NOW)
    assert (decision.standing, decision.reason) == (Standing.EXCLUDED, "do_not_call")


def test_a_colleagues_refusal_is_the_colleagues() -> None:
    """A note on a talk with somebody else of the company holds nobody else back."""
    other = call(380, "接続", deal=None, body="電話不要", people=(Ref("salesforce", "Contact", "003B"),))
    assert wants(People([talk(400), other]))


@pytest.mark.parametrize("field", ["mail_consent", "call_consent"])
def test_opt_out_of_mail_is_about_mail_only(field: str) -> None:
    """配信停止 blocks mail; 架電NG, on whichever record, blocks the call."""
    assert wants(People([talk(400)], twins=(ma(**{field: "no"}),))) is (field == "mail_consent")


def test_an_org_without_the_consent_field() -> None:
    """The call is issued and marked; without a number nobody is written to either."""
    people = People([talk(400)], person={"call_consent": "unknown"})
    assert any("架電可否" in fact and "未確認" in fact for fact in task(judge(people)).text.facts)
    people.person |= {"phone": None}
    decision = judge(people)
    assert (decision.standing, decision.reason) == (Standing.EXCLUDED, "no_phone")


def test_a_bounce_is_a_reason_to_call_and_no_refusal() -> None:
    """在籍確認 for somebody who was confirmed two months ago, told as a fact with its date."""
    people = People([talk(60)], twins=(ma(bounced_at=days_ago(2), bounce_reason="UNKNOWN_USER"),))
    wanted = task(judge(people))
    assert "在籍確認" in wanted.text.opening
    assert any((TODAY - timedelta(days=2)).isoformat() in fact for fact in wanted.text.facts)
    assert not any("在籍" in one for one in wanted.text.inferences)


def test_who_has_left_is_not_called_after_a_bounce() -> None:
    """退職 is known already."""
    people = People([talk(60)], person={"left_company": True}, twins=(ma(bounced_at=days_ago(2)),))
    assert judge(people).reason == "left_company"


@pytest.mark.parametrize("status", ["不適合", "登録保存", "不 適合"])
def test_accounts_that_are_left_alone(status: str) -> None:
    """Suppressed, and shown with the reason."""
    decision = judge(People([talk(400)], account={"status": status}))
    assert (decision.standing, decision.reason) == (Standing.EXCLUDED, "left_alone")


def test_never_confirmed_counts_from_the_acquisition_in_either_system() -> None:
    """The MA knew him 400 days ago, the SFA got him last week: he is older than a year."""
    people = People(person={"created_at": days_ago(7)}, ref=LEAD, twins=(ma(created_at=days_ago(400)),))
    assert wants(people)
    assert not wants(People(person={"created_at": days_ago(7)}, ref=LEAD))


def test_tried_three_times() -> None:
    """After three fruitless attempts the manager decides; a fourth task does not come by itself."""
    tries = [call(days, "不在", deal=None, owner=IS_REP) for days in (60, 40, 20)]
    assert judge(People([talk(400), *tries])).reason == "manager_decides"


def test_the_next_year_is_another_occasion() -> None:
    """A person deleted our task: not again for this turn; after a talk and another year there is a new one."""
    gone = own_task(f"freshness:{PERSON.id}:1.1", SUBJECT, created=days_ago(9), deleted=True)
    people = People([talk(400)], own_tasks=(gone,))
    began = judge(People([talk(400)]), NOW - timedelta(days=9)).occasion
    assert began is not None
    people.occasions = {"freshness": began}
    assert not wants(people)
    assert not wants(people, NOW + timedelta(days=100))
    people.activities.append(talk(1))
    later = NOW + timedelta(days=YEAR)
    decision = judge(people, later)
    assert task(decision).key == f"freshness:{PERSON.id}:2.1"


def test_the_date_of_the_confirmation_is_kept_whatever_stands_in_the_way() -> None:
    """Each contact carries the date of its last confirmation: also one that must not be called."""
    decision = judge(People([talk(50)], person={"call_consent": "no"}))
    assert of_type(decision, SetFields) == [
        SetFields(record=PERSON, values={"confirmed_on": TODAY - timedelta(days=50)}, over="any")
    ]


def test_freshness_is_the_last_in_line() -> None:
    """Priority: churn > signal > date reached > hand-over > stalled > quarterly > freshness."""
    order = MAPPINGS.team.order
    wanted = [*("churn_risk", "hot_signal", "lost", "handover", "stalled", "quarterly_check", "freshness")]
    assert [entry for entry in order if entry in wanted] == wanted
    assert task(judge(People([talk(400)]))).matter == "freshness"
