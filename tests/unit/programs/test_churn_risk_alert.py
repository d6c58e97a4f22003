"""Section 4 of the practice: a customer opens a cancellation page, and the account owner follows up the same day."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from build import ACCOUNT, JST, MAPPINGS, NOW, PERSON, TODAY, days_ago
from build_churn_risk import CANCEL, MA_ACCOUNT, World, won
from build_hot_signal import (
    ACCOUNT_OWNER,
    BOSS,
    MANAGER,
    SITE,
    STAMP,
    alert_of,
    alerts_of,
    engagement,
    form_of,
    minutes_ago,
    own,
    task_in,
    task_of,
    user,
    view_of,
)

from connector.model.case import OwnTask
from connector.model.intents import Standing, WithdrawTask
from connector.model.records import Account, Engagement, EngagementKind, Ref
from connector.programs.churn_risk import PROGRAM
from connector.programs.practice.churn_case import ChurnRiskSettings

SUBJECT = "解約防止フォロー"


def alarms(engagements: list[Engagement], **world: object) -> bool:
    """The account owner is told."""
    return bool(alerts_of(World(engagements, **world).judge()))  # type: ignore[arg-type]


def test_the_preset_is_the_program_s_own_default() -> None:
    """Every figure stands in the yaml file as it stands in the code, and no text is missing in one language."""
    assert ChurnRiskSettings.model_validate(MAPPINGS.programs["churn_risk"]) == ChurnRiskSettings()
    ours = [{key for key in MAPPINGS.texts[lang] if key.startswith("churn_risk.")} for lang in ("ja", "en")]
    assert ours[0] == ours[1]


def test_the_account_owner_is_told_at_once_and_gets_a_task_the_same_day() -> None:
    """Alert and task, both to the account owner, outside capacity, about the company and the person."""
    decision = World().judge()
    assert (alert_of(decision).to, alert_of(decision).about) == ((ACCOUNT_OWNER,), ACCOUNT)
    task = task_in(decision)
    assert task is not None
    assert (task.subject, task.assignee, task.due) == (SUBJECT, ACCOUNT_OWNER, TODAY)
    assert (task.about, task.who, task.matter) == (ACCOUNT, PERSON, "churn_risk")
    assert (task.beyond_capacity, task.key) == (True, "churn_risk:001A:1.1")
    assert (decision.standing, decision.facts["person_key"]) == (Standing.WAITING, task.person_key)


def test_on_a_day_off_the_task_is_due_on_the_next_business_day() -> None:
    """2026-11-21 is a Saturday, the Monday after it a holiday."""
    saturday = datetime(2026, 11, 21, 10, 0, tzinfo=JST)
    task = task_in(World([view_of(CANCEL, saturday)]).judge(now=saturday))
    assert task is not None
    assert task.due == date(2026, 11, 24)


@pytest.mark.parametrize(
    ("url", "title", "alarm"),
    [
        (CANCEL, None, True),
        (f"{SITE}/cancellation", None, True),
        (f"{SITE}/account/terminate", None, True),
        (f"{SITE}/p/12", "ご解約のお手続き", True),
        (f"{SITE}/p/12", "退会フォーム", True),
        (f"{SITE}/%E8%A7%A3%E7%B4%84", None, True),
        (f"{SITE}/cancel-policy", None, False),
        (f"{SITE}/p/12", "キャンセルポリシー(解約時の返金)", False),
        (f"{SITE}/blog/cancel-culture", None, False),
        (f"{SITE}/p/12", "解約率を下げる方法", False),
        (f"{SITE}/price?ref=cancel", None, False),
        (f"{SITE}/price", "料金", False),
    ],
)
def test_a_cancellation_page_is_known_by_address_and_title(url: str, title: str | None, alarm: bool) -> None:
    """Words that only sound like it are on the list of exceptions."""
    assert alarms([view_of(url, minutes_ago(5), title=title)]) is alarm


def test_a_cancellation_form_alarms_as_well() -> None:
    """Whoever sends the form has opened its page."""
    assert alarms([form_of("解約申込フォーム", minutes_ago(5))])


def test_how_the_page_was_reached_makes_no_difference() -> None:
    """From a mail or not: the customer thinks of leaving."""
    assert alarms([view_of(f"{CANCEL}?utm_medium=email", minutes_ago(5))])


def test_the_last_page_of_an_edition_without_a_stream_alarms() -> None:
    """Where the MA keeps only the last page of a person."""
    assert alarms([], person={"ma_last_visit_at": minutes_ago(5), "ma_last_page_url": CANCEL})


def test_the_alert_stands_though_the_person_s_last_page_is_another_by_now() -> None:
    """What was seen is remembered: the alert can still be repeated with its pages."""
    seen = {"ma_last_visit_at": minutes_ago(5), "ma_last_page_url": CANCEL}
    world = World([], person=seen)
    later = replace(world.after(world.judge()), person={**seen, "ma_last_page_url": SITE})
    assert alert_of(later.judge()).values == alert_of(world.judge()).values


def test_bots_and_own_employees_do_not_alarm() -> None:
    """A crawler and a colleague who tests the page are no customers."""
    assert not alarms([view_of(CANCEL, minutes_ago(5), bot_score=Decimal(2))])
    assert not alarms([view_of(CANCEL, minutes_ago(5), email="tester@own.example")])
    assert not alarms([view_of(CANCEL, minutes_ago(5))], person={"email": "tester@own.example"})


def test_a_company_that_is_no_customer_does_not_alarm() -> None:
    """Nobody can leave who has not come; nor who has left."""
    assert not alarms([view_of(CANCEL, minutes_ago(5))], account={})
    assert not alarms([view_of(CANCEL, minutes_ago(5))], account={"contract_end": TODAY - timedelta(days=1)})
    assert alarms([view_of(CANCEL, minutes_ago(5))], account={"contract_end": TODAY})


def test_an_inferred_contract_alarms_and_says_that_it_is_inferred() -> None:
    """Without an end date "won" counts, and both alert and task say 【推定】; it is no fact."""
    decision = World(account={}, deals=[won()]).judge()
    task = task_in(decision)
    assert task is not None
    assert alert_of(decision).values["contract"].startswith("【推定】")
    assert any(line.startswith("【推定】") for line in task.text.inferences)
    assert not any("契約中" in fact for fact in task.text.facts)


@pytest.mark.parametrize("status", ["不適合", "登録保存"])
def test_accounts_that_every_other_program_leaves_alone_alarm_too(status: str) -> None:
    """不適合 and 登録保存 suppress every program but this one."""
    decision = World(account={"contract_end": date(2027, 3, 31), "status": status}).judge()
    assert alerts_of(decision)
    assert task_in(decision) is not None


def test_who_must_not_be_called_is_followed_up_by_another_way() -> None:
    """架電NG blocks the call, not the care: the task says so."""
    task = task_in(World(person={"call_consent": "no"}).judge())
    assert task is not None
    assert "電話以外の方法" in task.text.opening
    assert task.who is None, "a person on the task is a number to dial"


@pytest.mark.parametrize(
    ("users", "to"),
    [
        ([user(ACCOUNT_OWNER, "担当 二郎", is_active=False, manager=BOSS)], BOSS),
        (
            [
                user(ACCOUNT_OWNER, "担当 二郎", is_active=False, manager=BOSS),
                user(BOSS, "部長 三郎", is_active=False),
            ],
            MANAGER,
        ),
    ],
    ids=["the superior", "the IS manager"],
)
def test_where_the_account_owner_has_left_somebody_else_follows_up(users: list[object], to: Ref) -> None:
    """His 上司, else the IS manager; the alert says instead of whom."""
    decision = World(users=users).judge()  # type: ignore[arg-type]
    task = task_in(decision)
    assert task is not None
    assert (alert_of(decision).to, task.assignee) == ((to,), to)
    assert "担当 二郎" in alert_of(decision).values["instead"]


def test_an_alert_that_reaches_nobody_still_stands_on_the_company() -> None:
    """No owner, no manager: the record's feed has it, and the task goes to somebody of inside sales."""
    decision = World(account={"contract_end": date(2027, 3, 31), "owner": None}, managers=()).judge()
    task = task_in(decision)
    assert task is not None
    assert (alert_of(decision).to, alert_of(decision).about, task.assignee) == ((), ACCOUNT, None)


def test_an_opening_of_a_person_nobody_knows_still_alarms() -> None:
    """The event belongs to the company, although no person of it has that address."""
    event = engagement(EngagementKind.PAGE_VIEW, minutes_ago(5), None, url=CANCEL, email="x@customer.example")
    task = task_in(World([event]).judge())
    assert task is not None
    assert (task.who, task.person_key) == (None, None)


@pytest.mark.parametrize(("days", "alarm"), [(6, True), (8, False)])
def test_an_old_opening_alarms_nobody(days: int, alarm: bool) -> None:
    """What a first reading finds weeks later is history."""
    assert alarms([view_of(CANCEL, days_ago(days))]) is alarm


# --- occasions -----------------------------------------------------------------------------------------------------


def number(world: World, now: datetime) -> int | None:
    """Which occasion the program speaks of."""
    occasion = world.judge(now=now).occasion
    return occasion.number if occasion else None


def test_the_same_moment_judged_again_says_the_same() -> None:
    """Repeated with the same keys until they are done."""
    world = World()
    first = world.judge()
    again = world.after(first).judge()
    assert (again.intents, again.facts, again.occasion) == (first.intents, first.facts, first.occasion)


@pytest.mark.parametrize(("days", "expected"), [(13, 1), (14, 2)])
def test_a_new_occasion_begins_after_two_weeks_of_silence(days: int, expected: int) -> None:
    """Until then every such page belongs to the same occasion."""
    world, now = World(), NOW + timedelta(days=days)
    told = world.after(world.judge())
    again = view_of(CANCEL, minutes_ago(10) + timedelta(days=days))
    assert number(replace(told, engagements=[*world.engagements, again]), now) == expected


def test_each_opening_within_the_silence_prolongs_the_occasion() -> None:
    """Ten days and ten days again are one occasion."""
    world = World()
    told, pages = world.after(world.judge()), list(world.engagements)
    for days in (10, 20):
        pages.append(view_of(CANCEL, minutes_ago(10) + timedelta(days=days)))
        told = replace(told, engagements=list(pages))
        decision = told.judge(now=NOW + timedelta(days=days))
        assert decision.occasion is not None
        assert decision.occasion.number == 1
        told = told.after(decision)


def issued(**changes: Any) -> World:
    """The task exists; `changes` are what became of it."""
    world = World()
    decision = world.judge()
    wanted = task_in(decision)
    assert wanted is not None
    return replace(world.after(decision), own_tasks=(own(wanted, program="churn_risk", **changes),))


def test_one_task_an_occasion() -> None:
    """Open, done or deleted: there is no second one; a deleted one is shown."""
    now = NOW + timedelta(hours=1)
    assert issued().judge(now=now).standing is Standing.ISSUED
    assert issued(is_closed=True, completed_at=now).judge(now=now).reason == "followed_up"
    deleted = issued(deleted=True).judge(now=now)
    assert (deleted.standing, deleted.reason) == (Standing.EXCLUDED, "task_deleted")
    assert all(task_in(world.judge(now=now)) is None for world in (issued(), issued(deleted=True)))


@pytest.mark.parametrize(("hours", "expected"), [(1, 1), (3, 2)])
def test_a_page_opened_after_the_task_was_done_is_a_new_occasion(hours: int, expected: int) -> None:
    """The follow-up did not help; what was opened before it was done belongs to it."""
    world = issued(is_closed=True, completed_at=NOW + timedelta(hours=2))
    again = view_of(CANCEL, NOW + timedelta(hours=hours))
    assert number(replace(world, engagements=[*world.engagements, again]), NOW + timedelta(hours=4)) == expected


def test_somebody_s_open_task_with_that_subject_counts() -> None:
    """Whoever made it; the alert goes out all the same."""
    decision = World(activities=[task_of(SUBJECT, due=TODAY, opportunities=(), accounts=(ACCOUNT,))]).judge()
    assert (decision.standing, decision.reason, task_in(decision)) == (Standing.ISSUED, "already_open", None)
    assert alerts_of(decision)


def test_when_the_contract_has_ended_the_task_is_taken_back() -> None:
    """There is nothing to prevent any more."""
    decision = replace(issued(), account={"contract_end": TODAY - timedelta(days=1)}).judge()
    assert any(isinstance(intent, WithdrawTask) for intent in decision.intents)
    assert decision.occasion is not None
    assert decision.occasion.ended


def test_numbers_go_on_after_a_lost_database() -> None:
    """Our task tells which occasion was the last and when; a later opening gets the next number."""
    world = replace(issued(is_closed=True, completed_at=NOW), facts={}, occasion=None)
    again = view_of(CANCEL, NOW + timedelta(hours=1))
    assert number(replace(world, engagements=[*world.engagements, again]), NOW + timedelta(hours=2)) == 2


def test_it_wakes_when_silence_ends_the_occasion_or_the_contract_ends() -> None:
    """Nothing else changes by time alone."""
    assert World().judge().wake_at == minutes_ago(10) + timedelta(days=14)
    ends_first = World(account={"contract_end": TODAY + timedelta(days=2)}).judge().wake_at
    assert ends_first == datetime(2026, 11, 21, tzinfo=JST)
    assert World([], account={}, deals=[won()]).judge().wake_at is None


# --- one company held twice ----------------------------------------------------------------------------------------

TWIN = Account(ref=Ref("salesforce", "Account", "001Z"), modified_at=STAMP, name="アクメ株式会社")


@pytest.mark.parametrize(("person_s", "alarm"), [(ACCOUNT, True), (TWIN.ref, False)])
def test_of_a_company_held_twice_the_person_s_own_record_answers(person_s: Ref, alarm: bool) -> None:
    """Two records of one company make one alert, not two."""
    world = World(more_accounts=(TWIN,), person={"account": person_s})
    assert bool(alerts_of(world.judge())) is alarm


# --- what it says --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_alert_says_who_what_when_and_the_contract(language: str) -> None:
    """In both languages, with every place filled."""
    texts = MAPPINGS.texts[language]
    alert = alert_of(World().judge(texts=texts))
    shown = [texts[f"{alert.template}.{part}"].format(**alert.values) for part in ("title", "body")]
    assert "㈱アクメ" in shown[0]
    assert all(part in shown[1] for part in ("山田 太郎(部長)", "2026-11-18 09:50", "/support/cancel", "2027-03-31"))


def test_the_task_s_text_tells_facts_with_source_and_asks_for_the_reason() -> None:
    """The page, the contract, the deal, and the picklist of 解約理由 with the answer that can be answered."""
    task = task_in(World(deals=[won()]).judge())
    assert task is not None
    assert task.text.opening.startswith("顧客「㈱アクメ」の山田 太郎(部長)が2026-11-18 09:50に")
    assert task.text.facts[0] == "閲覧:2026-11-18 09:50 山田 太郎(部長) /support/cancel(HubSpot)"
    assert any("契約中(2027-03-31まで)(Salesforce" in fact for fact in task.text.facts)
    assert any("活用できなかった" in fact for fact in task.text.facts)
    assert task.value == Decimal(3_000_000)


def test_the_evidence_names_page_and_contract() -> None:
    """Down to record and field."""
    world = World()
    page, contract = world.judge().because
    assert (page.rule, page.record, page.value) == ("churn_risk.page", str(world.engagements[0].ref), "/support/cancel")
    assert (contract.rule, contract.field, contract.value) == ("churn_risk.contract", "contract_end", "2027-03-31")


def test_a_forgotten_task_with_an_unknown_opening_stays_issued() -> None:
    """An open task of an occasion that is over is still to be done."""
    world = replace(issued(), engagements=[])
    decision = world.judge(now=NOW + timedelta(days=40))
    assert (decision.standing, decision.intents[:1] == (), alerts_of(decision)) == (Standing.ISSUED, False, [])


def test_every_company_concerns_the_program() -> None:
    """The MA is told of each; deals and people are no cases of it."""
    world = World()
    assert PROGRAM.concerns(world.case().subject)
    assert not PROGRAM.concerns(won())
    assert MA_ACCOUNT in {account.ref for account in world.case().accounts}
    assert isinstance(issued().own_tasks[0], OwnTask)
