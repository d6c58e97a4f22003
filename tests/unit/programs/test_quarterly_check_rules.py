"""Section 6 of the practice: which companies get a 四半期チェック and when, what holds it back, what the task says."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from build import ACCOUNT, IS_REP, NOW, OTHER, OWNER, PERSON, TODAY, call, mail, meeting, open_task
from build_account_status import (
    IN_MA,
    SIBLING,
    STAMP,
    Company,
    company_practice,
    deal,
    lost,
    on,
    postponed,
    record,
    won,
    written,
)
from build_quarterly_check import SUBJECT, in_days, judged, talked, task
from hypothesis import given
from hypothesis import strategies as st

from connector.mapping.loader import load_mappings
from connector.model.intents import Standing
from connector.model.records import Consent, Person, Ref
from connector.model.time import BusinessCalendar
from connector.programs.quarterly_check import PROGRAM, QuarterlyCheckSettings

EXACT = QuarterlyCheckSettings(spread_business_days=1)
CALENDAR = BusinessCalendar()


def wanted(company: Company, **options: Any) -> bool:
    """A new task is wanted."""
    return judged(company, **options).standing is Standing.WAITING


def person(ref: str = "003A", **values: Any) -> Person:
    """Somebody of the company."""
    return Person(
        ref=Ref("salesforce", "Contact", ref), modified_at=STAMP, account=ACCOUNT, **({"name": "山田 太郎"} | values)
    )


@pytest.mark.parametrize(("days", "expected"), [(89, False), (90, True), (91, True), (400, True)])
def test_ninety_days_after_the_last_contact(days: int, expected: bool) -> None:
    """From the ninetieth day on."""
    assert wanted(talked(days)) is expected


def test_one_that_is_not_due_is_looked_at_again_on_its_day() -> None:
    """At midnight of the ninetieth day."""
    decision = judged(talked(80))
    assert (decision.standing, decision.reason) == (Standing.NOT_ELIGIBLE, "not_yet")
    assert decision.wake_at == on(TODAY + timedelta(days=10), 0)


@pytest.mark.parametrize(
    "contact",
    [
        call(40, "接続", deal=None),
        call(40, "接続", deal=Ref("salesforce", "Opportunity", "0061")),
        mail(40, "incoming", deal=None),
    ],
)
def test_whoever_was_reached_otherwise_is_skipped(contact: Any) -> None:
    """Contact on any deal or with any person starts the ninety days anew."""
    company = talked(200, activities=(contact,), deals=(postponed(),))
    assert judged(company).wake_at == on(TODAY + timedelta(days=50), 0)


def test_contact_with_the_company_as_such_counts() -> None:
    """A call logged at the company, with nobody named."""
    company = talked(200, account_activities=(call(40, "接続", deal=None, people=()),))
    assert judged(company).reason == "not_yet"


def test_without_any_contact_the_deals_tell_from_when_on() -> None:
    """A need was confirmed, so there was a talk: at the latest when the deal was put off."""
    assert not wanted(Company(deals=(postponed(days=89),)))
    assert wanted(Company(deals=(postponed(days=90),)))


@pytest.mark.parametrize(
    ("deals", "expected"),
    [((postponed(),), True), ((lost(),), False), ((deal(),), False), ((won(),), False), ((), True)],
)
def test_only_companies_with_a_need_are_checked(deals: Any, expected: bool) -> None:
    """四半期チェック案件 by the rules of the account status: a confirmed need, or a talk without opportunity."""
    assert wanted(talked(120, deals=deals)) is expected


def test_a_company_that_never_had_a_talk_is_not_checked() -> None:
    """コールド."""
    assert judged(Company()).reason == "other_status"


@pytest.mark.parametrize(("status", "expected"), [("失注案件", False), ("四半期チェック案件", True), ("休眠", False)])
def test_a_status_that_a_person_set_counts(status: str, expected: bool) -> None:
    """Whatever the rules say."""
    assert wanted(talked(120, account={"status": status})) is expected


def test_a_person_can_have_a_lost_company_checked() -> None:
    """The rules say lost; the task says whose wish it is."""
    decision = judged(talked(120, deals=(lost(),), account={"status": "四半期チェック案件"}))
    assert any("担当者" in fact for fact in task(decision).text.facts)


def test_a_status_that_we_wrote_follows_the_rules() -> None:
    """It may lag behind by a cycle."""
    mine = {ACCOUNT: {"status": written("失注案件")}}
    assert wanted(talked(120, account={"status": "失注案件"}, written=mine))


def test_a_need_of_which_no_record_is_left_is_still_checked() -> None:
    """The field says so although the deal was deleted since: an account that had a talk is never cold again."""
    mine = {ACCOUNT: {"status": written("四半期チェック案件")}}
    assert wanted(Company(account={"status": "四半期チェック案件"}, written=mine))


def test_nobody_is_called_beside_fs() -> None:
    """IS and FS are not sent to one company at the same time, whatever a person wrote before the deal was opened."""
    company = talked(120, deals=(deal(),), account={"status": "四半期チェック案件"})
    assert judged(company).reason == "other_status"


def test_an_attempt_does_not_end_the_need() -> None:
    """It makes the company ワーキング and holds the next task back for fourteen days, no longer."""
    assert judged(talked(120, activities=(call(13, "不在", deal=None),))).reason == "recent_attempt"
    assert wanted(talked(120, activities=(call(14, "不在", deal=None),)))


@pytest.mark.parametrize(
    ("asked", "expected"), [(in_days(0), True), (in_days(-3), True), (in_days(1), False), (in_days(200), False)]
)
def test_a_date_that_a_person_set_replaces_the_ninety_days(asked: date, expected: bool) -> None:
    """Sooner or later than those."""
    assert wanted(talked(45, account={"next_check_on": asked})) is expected
    assert wanted(talked(300, account={"next_check_on": asked})) is expected


def test_until_a_persons_date_the_company_sleeps() -> None:
    """It wakes on that date."""
    decision = judged(talked(300, account={"next_check_on": in_days(20)}))
    assert decision.wake_at == on(in_days(20), 0)


def test_a_date_before_the_last_contact_is_used_up() -> None:
    """They were reached otherwise since."""
    assert not wanted(talked(30, account={"next_check_on": in_days(-31)}))
    assert not wanted(talked(30, account={"next_check_on": in_days(-30)}))


def test_a_date_on_any_record_of_the_company_counts() -> None:
    """The company's other record in the SFA, too."""
    assert wanted(talked(45, others=(record(SIBLING, next_check_on=TODAY),)))


def test_the_task() -> None:
    """Subject exactly so, about the company and the person of the last talk, for somebody of inside sales."""
    intent = task(judged(talked(120, deals=(postponed(amount=3_000_000),)), settings=EXACT))
    assert intent.subject == SUBJECT
    assert (intent.about, intent.who, intent.account_owner) == (ACCOUNT, PERSON, OWNER)
    assert (intent.assignee, intent.matter, intent.beyond_capacity) == (None, "quarterly_check", False)
    assert intent.key == f"quarterly_check:{ACCOUNT.id}:1.1"
    assert intent.person_key == str(PERSON)
    assert intent.value == 3_000_000
    assert intent.due == TODAY


def test_the_text_opens_with_what_to_do_and_why_now() -> None:
    """Then the need with its source."""
    text = task(judged(talked(120, deals=(postponed(),)))).text
    assert "120日" in text.opening
    assert "山田 太郎" in text.opening
    assert any(fact.startswith("ニーズ:商談「案件1」") and "Salesforce" in fact for fact in text.facts)


def test_the_text_names_the_date_that_a_person_set() -> None:
    """As the reason, and as a fact with its source."""
    text = task(judged(talked(45, account={"next_check_on": TODAY}))).text
    assert text.opening.startswith("次回チェック日(2026-11-18)")
    assert any(fact.startswith("次回チェック日:2026-11-18") for fact in text.facts)


def test_every_text_exists_in_both_languages() -> None:
    """What Japanese says, English says too."""
    texts = load_mappings(None).texts
    for program in ("quarterly_check", "account_status"):
        own = [{k for k in texts[language] if k.startswith(f"{program}.")} for language in ("ja", "en")]
        assert own[0] == own[1] != set()
    assert task(judged(talked(120), texts=texts["en"])).text.opening.startswith("The last contact")


def test_the_person_of_the_last_talk_is_called() -> None:
    """Not somebody of an earlier one."""
    later = meeting(120, deal=None, people=(Ref("salesforce", "Contact", "003B"),))
    company = talked(200, activities=(later,), people=(person(), person("003B", name="鈴木 花子")))
    assert task(judged(company)).who == Ref("salesforce", "Contact", "003B")


def test_of_several_in_the_talk_one_that_may_be_called() -> None:
    """架電NG of the first does not keep the second from being called."""
    both = meeting(120, deal=None, people=(PERSON, Ref("salesforce", "Contact", "003B")))
    people = (person(call_consent=Consent.NO), person("003B", name="鈴木 花子"))
    assert task(judged(Company(activities=(both,), people=people))).who == people[1].ref


def test_a_person_who_was_not_identified() -> None:
    """No WhoId, no phone: 人物未特定."""
    intent = task(judged(Company(account_activities=(call(120, "接続", deal=None, people=()),))))
    assert (intent.who, intent.person_key) == (None, None)
    assert "人物未特定" in intent.text.opening


def test_who_has_left_is_nobody_to_call() -> None:
    """The company is checked all the same."""
    assert task(judged(talked(120, people=(person(left_company=True),)))).who is None


@pytest.mark.parametrize(
    "values",
    [
        {"people": (person(call_consent=Consent.NO),)},
        {"account": {"call_consent": Consent.NO}},
        {"account": {"notes": "もう電話しないでとのこと"}},
    ],
)
def test_who_must_not_be_called_is_not_called(values: dict[str, Any]) -> None:
    """架電NG of the person or the company, in a field or a note."""
    decision = judged(talked(120, **values))
    assert decision.standing is Standing.EXCLUDED
    assert decision.reason in {"do_not_call", "do_not_call_note"}


def test_unknown_consent_does_not_block_a_call() -> None:
    """The task says that it is not confirmed."""
    assert any("未確認" in fact for fact in task(judged(talked(120))).text.facts)


@pytest.mark.parametrize("status", ["不適合", "登録保存"])
def test_what_is_left_alone_is_not_checked(status: str) -> None:
    """不適合 and 登録保存 suppress every program but the churn alert."""
    decision = judged(talked(120, account={"status": status}))
    assert (decision.standing, decision.reason) == (Standing.EXCLUDED, "left_alone")


@pytest.mark.parametrize(
    ("activity", "reason"),
    [
        (meeting(-5, deal=None), "future_meeting"),
        (open_task(in_days(14), deal=None), "owner_task"),
        (call(50, "接続", deal=OTHER), "other_deal"),
    ],
)
def test_what_holds_a_task_back(activity: Any, reason: str) -> None:
    """An appointment, the account owner's own plan, the same people on another company's deal."""
    decision = judged(talked(120, activities=(activity,)))
    assert (decision.standing, decision.reason) == (Standing.EXCLUDED, reason)
    assert decision.wake_at is not None


def test_after_three_fruitless_attempts_the_manager_decides() -> None:
    """Since the last contact."""
    tries = tuple(call(days, "不在", deal=None) for days in (60, 45, 30))
    assert judged(talked(120, activities=tries)).reason == "manager_decides"


def test_any_open_task_with_the_subject_counts_whoever_made_it() -> None:
    """Never two open tasks, also where the other one is on the company alone."""
    by_hand = open_task(None, owner=IS_REP, deal=None, subject=SUBJECT, people=(), accounts=(ACCOUNT,))
    decision = judged(talked(120, account_activities=(by_hand,)))
    assert (decision.standing, decision.reason) == (Standing.ISSUED, "already_open")


def test_a_company_with_several_records_is_checked_once() -> None:
    """One of its records gets the task."""
    company = talked(120, others=(record(SIBLING), record(IN_MA)))
    assert wanted(company)
    assert judged(company, ref=SIBLING).reason == "other_record"


def test_the_program_concerns_every_company() -> None:
    """Whether there is a need only the whole case tells."""
    assert PROGRAM.concerns(record())
    assert not PROGRAM.concerns(record(deleted=True))
    assert not PROGRAM.concerns(deal())


def test_the_preset_is_the_default() -> None:
    """The file says what the code says."""
    preset = {k: v for k, v in load_mappings(None).programs["quarterly_check"].items() if k != "texts"}
    assert QuarterlyCheckSettings.model_validate(preset) == QuarterlyCheckSettings()


def test_a_persons_date_is_exact_and_a_business_day() -> None:
    """A Saturday's becomes Tuesday, 2026-11-23 being a holiday; it is not spread."""
    saturday = date(2026, 11, 21)
    decision = judged(talked(45, account={"next_check_on": saturday}), on(saturday))
    assert task(decision).due == date(2026, 11, 24)


def test_due_dates_of_companies_that_come_up_together_are_spread() -> None:
    """So that no wave builds up at go-live: every one of the five business days gets its share."""
    due = Counter(_due(Ref("salesforce", "Account", f"001{number:03d}")) for number in range(100))
    assert set(due) == {CALENDAR.add_business_days(TODAY, place) for place in range(5)}
    assert max(due.values()) < 40


def _due(ref: Ref) -> date:
    """When the task of a company with this reference is due."""
    account = record(ref)
    case = replace(talked(120).case(), subject=account, accounts=(account,))
    return task(PROGRAM.evaluate(case, QuarterlyCheckSettings(), company_practice(), NOW)).due


@given(days=st.integers(0, 400), asked=st.none() | st.integers(-100, 100), later=st.integers(0, 30))
def test_a_task_is_due_on_a_business_day_that_has_not_passed(days: int, asked: int | None, later: int) -> None:
    """However long it waits for its turn; the same answer twice, and the same key every day."""
    company = talked(days, account={"next_check_on": in_days(asked) if asked is not None else None})
    first = judged(company)
    assert first == judged(company)
    if first.standing is not Standing.WAITING:
        assert first.wake_at is not None
        return
    now = NOW + timedelta(days=later)
    again = task(judged(company.after("quarterly_check", first), now))
    assert again.key == task(first).key
    assert again.due >= now.date()
    assert CALENDAR.is_business_day(again.due)
