"""Section 6 of the practice as somebody of sales operations would tell it: cases written from the page alone."""

from datetime import date, timedelta
from typing import Any

import pytest
from build import ACCOUNT, NOW, OTHER, OWNER, PERSON, TODAY, activity, call, days_ago, mail, meeting, open_task
from build_account_status import STAMP, Company, company_practice, deal, lost, on, postponed, won
from build_quarterly_check import NAME, SUBJECT, in_days, judged, occasion, ours, talked, task, with_task

from connector.mapping.loader import load_mappings
from connector.model.case import Written
from connector.model.intents import Standing, WithdrawTask
from connector.model.records import Activity, ActivityKind, Consent, Person, Ref
from connector.model.time import BusinessCalendar
from connector.programs.quarterly_check import QuarterlyCheckSettings

SETTINGS = load_mappings(None).program(NAME, QuarterlyCheckSettings)
COLLEAGUE = Ref("salesforce", "Contact", "003B")


def wants(company: Company, **options: Any) -> bool:
    """A task is wanted, with the preset's settings."""
    return judged(company, settings=SETTINGS, **options).standing is Standing.WAITING


def person(ref: Ref = PERSON, **values: Any) -> Person:
    """Somebody of the company."""
    return Person(ref=ref, modified_at=STAMP, account=ACCOUNT, **({"name": "山田 太郎"} | values))


@pytest.mark.parametrize(
    ("last", "fires", "due"),
    [
        (date(2026, 10, 2), date(2026, 12, 31), date(2027, 1, 4)),
        (date(2026, 8, 25), date(2026, 11, 23), date(2026, 11, 24)),
        (date(2027, 11, 30), date(2028, 2, 28), date(2028, 2, 28)),
        (date(2027, 12, 1), date(2028, 2, 29), date(2028, 2, 29)),
        (date(2027, 1, 30), date(2027, 4, 30), date(2027, 4, 30)),
        (date(2027, 1, 31), date(2027, 5, 1), date(2027, 5, 6)),
    ],
    ids=["year's end", "Labour Thanksgiving", "Monday", "leap day", "Friday", "Golden Week"],
)
def test_the_ninetieth_day_by_the_calendar(last: date, fires: date, due: date) -> None:
    """90 days after the last contact, moved to a business day; the day before nothing."""
    exact = SETTINGS.model_copy(update={"spread_business_days": 1})
    company = Company(activities=(activity("Event", ActivityKind.MEETING, None, starts_at=on(last)),))
    decision = judged(company, on(fires), settings=exact)
    assert task(decision).due == due
    assert task(decision).subject == SUBJECT
    before = judged(company, on(fires - timedelta(days=1)), settings=exact)
    assert (before.reason, before.wake_at) == ("not_yet", on(fires, 0))


def test_the_day_is_the_offices_day() -> None:
    """A meeting of 23:30 in Tokyo is of that day, though it is the same day's afternoon elsewhere."""
    late = meeting(90, deal=None)
    late = late.model_copy(update={"starts_at": days_ago(90, 23)})
    assert wants(Company(activities=(late,)), now=on(TODAY, 0))
    assert not wants(Company(activities=(late,)), now=on(TODAY, 0) - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("act", "wanted"),
    [
        (mail(20, "outgoing", deal=None, subtype="ListEmail"), True),
        (meeting(20, deal=None, outcome="NO_SHOW"), True),
        (meeting(20, deal=None, outcome="CANCELED"), True),
        (activity("Note", ActivityKind.NOTE, None, body="様子見", created_at=days_ago(20)), True),
        (call(14, "不在", deal=None), True),
        (call(13, "不在", deal=None), False),
        (call(20, None, deal=None), False),
        (mail(20, "incoming", deal=None), False),
        (meeting(-7, deal=None, outcome="CANCELED"), True),
        (meeting(-7, deal=None), False),
        (open_task(in_days(60), deal=None), True),
        (open_task(in_days(14), deal=None), False),
    ],
    ids=[
        "bulk mail",
        "nobody came",
        "cancelled",
        "a note",
        "tried 14 days ago",
        "tried 13 days ago",
        "a call, logged without a result",
        "the customer wrote",
        "cancelled appointment ahead",
        "appointment ahead",
        "a dummy task of the owner's months away",
        "the owner's own task soon",
    ],
)
def test_a_hundred_days_of_silence_and(act: Activity, wanted: bool) -> None:
    """Contact starts the ninety days anew, an attempt holds back for fourteen days, anything else does nothing."""
    assert wants(talked(100, activities=(act,))) is wanted


def test_our_mail_counts_once_it_is_answered() -> None:
    """Unanswered it is an attempt; answered it is contact, on the day of the answer at the latest."""
    written = mail(40, "outgoing", thread="t5", deal=None)
    assert wants(talked(100, activities=(written,)))
    answer = mail(30, "incoming", thread="t5", deal=None)
    decision = judged(talked(100, activities=(written, answer)), settings=SETTINGS)
    assert (decision.reason, decision.wake_at) == ("not_yet", on(in_days(60), 0))


@pytest.mark.parametrize(
    ("deals", "account", "expected"),
    [
        ((postponed(days=100),), {}, True),
        ((postponed(days=100, need_confirmed=None),), {}, False),
        ((lost(days=100, lost_reason="価格懸念"),), {}, False),
        ((won(days=100),), {}, False),
        ((won(days=800),), {"contract_end": date(2026, 3, 31)}, False),
        ((postponed(days=100), deal(2)), {}, False),
        ((postponed(days=100),), {"status": "現在の顧客"}, False),
        ((lost(days=100),), {"status": "四半期チェック案件"}, True),
        ((lost(days=100),), {"status": "四半期ﾁｪｯｸ案件"}, True),
    ],
    ids=[
        "put off, need confirmed",
        "put off, need not confirmed",
        "price",
        "customer",
        "former customer",
        "open deal beside it",
        "customer by a person's word",
        "to be checked by a person's word",
        "the same in half width",
    ],
)
def test_which_accounts(deals: Any, account: dict[str, Any], expected: bool) -> None:
    """quarterly_check accounts only, whoever says that they are."""
    assert wants(Company(deals=deals, account=account)) is expected


def test_logged_late_after_our_task() -> None:
    """The owner enters today that he talked with them 40 days ago: our untouched task goes, no second one comes."""
    late = call(40, "接続", deal=None, created_at=days_ago(0, 9))
    company = with_task(ours(), late)
    decision = judged(company, settings=SETTINGS)
    (intent,) = decision.intents
    assert isinstance(intent, WithdrawTask)
    assert (decision.reason, intent.touched, decision.wake_at) == ("not_yet", False, on(in_days(50), 0))


def test_done_with_a_talk_and_put_off_by_the_person() -> None:
    """IS talked and was told "in April": that date replaces the ninety days, before and after they have passed."""
    april = date(2027, 4, 1)
    finished = ours(status="完了", is_closed=True, completed_at=days_ago(3))
    company = with_task(finished, account={"next_check_on": april})
    assert judged(company, settings=SETTINGS).wake_at == on(april, 0)
    assert not wants(company, now=on(date(2027, 3, 31)))
    later = judged(company, on(april), settings=SETTINGS)
    assert (task(later).due, task(later).key) == (april, f"{NAME}:{ACCOUNT.id}:2.1")


def test_three_tries_without_a_talk() -> None:
    """After three fruitless attempts the manager decides: no fourth task, however long it lasts."""
    tries = tuple(call(days, "留守電", deal=None) for days in (75, 50, 25))
    company = talked(130, activities=tries)
    assert judged(company, settings=SETTINGS).reason == "manager_decides"
    assert judged(company, NOW + timedelta(days=60), settings=SETTINGS).reason == "manager_decides"


def test_the_person_of_the_talk_refuses_but_a_colleague_was_talked_with_too() -> None:
    """架電NG is the one person's: the company is checked through the other one who was talked with."""
    before = meeting(200, deal=None, people=(COLLEAGUE,))
    people = (person(call_consent=Consent.NO), person(COLLEAGUE, name="鈴木 花子"))
    company = talked(120, activities=(before,), people=people)
    assert task(judged(company, settings=SETTINGS)).who == COLLEAGUE


def test_who_left_is_followed_by_a_colleague_who_was_talked_with() -> None:
    """退職 of the person of the last talk: the colleague of an earlier talk is asked."""
    before = meeting(200, deal=None, people=(COLLEAGUE,))
    people = (person(left_company=True), person(COLLEAGUE, name="鈴木 花子"))
    company = talked(120, activities=(before,), people=people)
    assert task(judged(company, settings=SETTINGS)).who == COLLEAGUE


def test_refused_in_the_result_of_our_own_task() -> None:
    """IS wrote into our task that they want no more calls: the next quarter nobody calls."""
    refused = ours(status="完了", is_closed=True, completed_at=days_ago(100), body="本文\n【事実】連絡不要とのこと")
    company = with_task(refused, occasions={NAME: occasion(last_contact=200, started=110)}, last=200)
    decision = judged(company, settings=SETTINGS)
    assert (decision.standing, decision.reason) == (Standing.EXCLUDED, "do_not_call")


def test_our_own_withdrawal_note_refuses_nothing() -> None:
    """It names the phrase it was withdrawn for; once that note of the customer's is gone, calls are allowed again."""
    note = "【取り下げ】2026-11-01 メモに架電不可の記載があります(「架電NG」)\n本文"
    left = ours(status="完了", is_closed=True, completed_at=days_ago(100), body=note)
    company = with_task(left, occasions={NAME: occasion(last_contact=200, started=110)}, last=200)
    assert judged(company, settings=SETTINGS).reason != "do_not_call"


def test_the_account_becomes_a_customer_while_our_task_is_open() -> None:
    """取り下げ: the task is no longer needed."""
    decision = judged(with_task(ours(), deals=(won(days=1),)), settings=SETTINGS)
    assert decision.standing is Standing.NOT_ELIGIBLE
    assert [type(intent) for intent in decision.intents] == [WithdrawTask]


def test_a_status_of_ours_that_lags_behind_starts_nothing() -> None:
    """Our own 四半期チェック案件 of last week does not hold against a deal that was won since."""
    account = {"status": "四半期チェック案件"}
    written = {ACCOUNT: {"status": Written("四半期チェック案件", 1, STAMP)}}
    assert not wants(Company(deals=(won(days=1),), account=account, written=written))


def test_somebody_of_theirs_is_busy_with_us_elsewhere() -> None:
    """Contact on another deal of the same person holds the task back and names the other deal's owner."""
    decision = judged(talked(100, activities=(call(10, "接続", deal=OTHER),)), settings=SETTINGS)
    assert (decision.standing, decision.reason) == (Standing.EXCLUDED, "other_deal")
    assert decision.wake_at == on(in_days(50), 0)


def test_english_offices_get_english_texts() -> None:
    """The same case, the same subject, another language."""
    texts = load_mappings(None).texts["en"]
    practice = company_practice(texts=texts)
    wanted = task(judged(talked(100), settings=SETTINGS, texts=practice.texts))
    assert wanted.subject == SUBJECT
    assert "100 days ago" in wanted.text.opening


@pytest.mark.parametrize("by", ["deleted", "closed as not needed"])
def test_a_person_who_does_not_want_our_task(by: str) -> None:
    """Never a second task for the same occasion; a talk logged late and dated earlier does not make one either."""
    own = ours(deleted=True) if by == "deleted" else ours(status="対応不要", is_closed=True)
    late = call(95, "接続", deal=None, created_at=days_ago(1))
    assert not wants(with_task(own, late))
    assert not wants(with_task(own, late), now=NOW + timedelta(days=30))


def test_nobody_of_inside_sales_is_named() -> None:
    """An IS task, shared out by capacity: the program names nobody, and the account's owner is told to the engine."""
    wanted = task(judged(talked(100), settings=SETTINGS))
    assert (wanted.assignee, wanted.beyond_capacity, wanted.matter) == (None, False, NAME)
    assert wanted.account_owner == OWNER
    assert BusinessCalendar().is_business_day(wanted.due)
