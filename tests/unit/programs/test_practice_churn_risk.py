"""Section 4 of the practice once more, by cases: odd hours, contracts, pages, and people who left."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from build import ACCOUNT, IS_REP, JST, MAPPINGS, NOW, PERSON, TODAY, call, days_ago, practice
from build_churn_risk import CANCEL, LATER, MA_ACCOUNT, World, won
from build_hot_signal import (
    ACCOUNT_OWNER,
    BOSS,
    MA_PERSON,
    MANAGER,
    PRICE,
    SITE,
    STAMP,
    alert_of,
    alerts_of,
    click,
    engagement,
    fields_of,
    minutes_ago,
    opened,
    own,
    participant,
    task_in,
    task_of,
    user,
    view_of,
)

from connector.model.case import Case, OwnTask
from connector.model.intents import Decision, WithdrawTask
from connector.model.records import Account, Engagement, EngagementKind, Person, Ref
from connector.programs.churn_risk import PROGRAM
from connector.programs.practice.churn_case import ChurnRiskSettings

SETTINGS = ChurnRiskSettings.model_validate(MAPPINGS.programs["churn_risk"])
SECOND, MA_SECOND = Ref("salesforce", "Contact", "003B"), Ref("hubspot", "contacts", "202")


def at(moment: datetime, **world: Any) -> World:
    """The page was opened at that moment."""
    return World([view_of(CANCEL, moment)], **world)


def judged(case: Case, now: datetime = NOW) -> Decision:
    """The decision with the preset's settings."""
    rules = practice(managers=(user(MANAGER, "課長 花子"),), own_domains=frozenset({"own.example"}))
    return PROGRAM.evaluate(case, SETTINGS, rules, now)


def issued(world: World | None = None, **changes: Any) -> World:
    """The account owner has the task; `changes` are what became of it."""
    world = world or World()
    decision = world.judge()
    wanted = task_in(decision)
    assert wanted is not None
    task: OwnTask = own(wanted, program="churn_risk", **({"owner": ACCOUNT_OWNER} | changes))
    return replace(world.after(decision), own_tasks=(task,))


# --- at once, the same business day --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "due"),
    [
        (datetime(2026, 11, 18, 23, 50, tzinfo=JST), date(2026, 11, 18)),  # Wednesday, late
        (datetime(2026, 11, 18, 23, 30, tzinfo=UTC), date(2026, 11, 19)),  # Thursday 08:30 in Japan
        (datetime(2026, 11, 20, 19, 0, tzinfo=JST), date(2026, 11, 20)),  # Friday evening
        (datetime(2026, 11, 22, 9, 0, tzinfo=JST), date(2026, 11, 24)),  # Sunday before a holiday
        (datetime(2026, 12, 31, 9, 0, tzinfo=JST), date(2027, 1, 4)),  # year's end
        (datetime(2027, 5, 3, 9, 0, tzinfo=JST), date(2027, 5, 6)),  # Golden Week
    ],
)
def test_the_task_is_due_on_the_same_business_day(moment: datetime, due: date) -> None:
    """The account owner is told at once, whatever the hour; the task is due the same business day, by Japan's clock."""
    decision = at(moment, account={"contract_end": date(2027, 12, 31)}).judge(now=moment)
    task = task_in(decision)
    assert task is not None
    assert (task.due, task.assignee, task.subject) == (due, ACCOUNT_OWNER, "解約防止フォロー")
    assert (alert_of(decision).to, alert_of(decision).urgent) == ((ACCOUNT_OWNER,), True)


def test_churn_is_outside_capacity_and_first_in_the_order() -> None:
    """Alerts and churn are outside capacity; priority: churn > everything else."""
    task = task_in(World().judge())
    assert task is not None
    assert task.beyond_capacity
    assert task.matter == "churn_risk"
    assert MAPPINGS.team.order[0] == "churn_risk"
    assert task.person_key == min(str(PERSON), str(MA_PERSON))


def test_the_whole_order_of_tasks() -> None:
    """churn > signal > date reached > hand-over > stalled > quarterly > freshness."""
    named = ("churn_risk", "hot_signal", "lost", "handover", "stalled", "quarterly_check", "freshness")
    assert [matter for matter in MAPPINGS.team.order if matter in named] == list(named)


# --- an account under contract -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("account", "deals", "alarm"),
    [
        ({"contract_end": TODAY}, [], True),
        ({"contract_end": TODAY - timedelta(days=1)}, [], False),
        ({"contract_end": TODAY - timedelta(days=1)}, [won(closed=date(2024, 4, 1))], False),
        ({}, [won(closed=date(2019, 4, 1))], True),
        ({}, [won(is_won=False)], False),
        ({}, [won(is_won=False, is_closed=False)], False),
        ({}, [won(deleted=True)], False),
        ({}, [], False),
    ],
    ids=[
        "last day", "ended yesterday", "ended, bought before", "only won", "only lost", "only open", "deleted", "none",
    ],
)  # fmt: skip
def test_only_who_is_under_contract_can_leave(account: dict[str, Any], deals: list[Any], alarm: bool) -> None:
    """Contract end date if mapped; else "won"."""
    decision = World(account=account, deals=deals).judge()
    assert bool(alerts_of(decision)) is alarm
    assert (task_in(decision) is not None) is alarm


def test_only_an_inference_is_labelled_as_one() -> None:
    """ "Won", labelled inferred; a date that is kept is a fact."""
    inferred, kept = World(account={}, deals=[won()]).judge(), World().judge()
    assert "推定" in alert_of(inferred).values["contract"]
    assert "推定" not in alert_of(kept).values["contract"]
    task = task_in(inferred)
    assert task is not None
    assert any("契約" in line for line in task.text.inferences)
    assert not any("契約中" in line for line in task.text.facts)


def test_the_last_day_at_midnight_in_japan() -> None:
    """On the contract's last evening it still is one; an hour later it is none."""
    account = {"contract_end": date(2026, 12, 31)}
    evening = datetime(2026, 12, 31, 14, 30, tzinfo=UTC)  # 23:30 in Japan
    assert alerts_of(at(evening, account=account).judge(now=evening))
    after = evening + timedelta(hours=1)
    assert not alerts_of(at(after, account=account).judge(now=after))


# --- a contact opens a cancellation page ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        f"{SITE}/mypage/kaiyaku/",
        f"{SITE}/CANCEL",
        f"{SITE}/Cancellation/Form?step=1#top",
        f"{SITE}/support/cancel.html",
        f"{SITE}/account/delete-account",
        f"{SITE}/faq/%E9%80%80%E4%BC%9A%E6%96%B9%E6%B3%95",
        "https://help.example.co.jp/hc/ja/articles/115-cancel-subscription",
    ],
)
def test_cancellation_pages_as_sites_name_them(url: str) -> None:
    """Latin or Japanese, encoded or not, with anything behind it."""
    assert alerts_of(World([view_of(url, minutes_ago(5))]).judge())


@pytest.mark.parametrize(
    ("url", "title"),
    [
        (f"{SITE}/seminar/2026-12/cancel", None),
        (f"{SITE}/seminars/123/cancel", "お申込みのキャンセル"),
        (f"{SITE}/reservation/cancel", "ご予約のキャンセル"),
        (f"{SITE}/booking/cancel?id=3", None),
        (f"{SITE}/p/1", "セミナーのキャンセル"),
        (f"{SITE}/unsubscribe", "配信停止の手続き"),
        (f"{SITE}/noise-cancelling", "ノイズキャンセリング"),
        (PRICE, "料金"),
    ],
)
def test_cancelling_something_else_is_no_cancellation(url: str, title: str | None) -> None:
    """A seminar, a reservation or the mailing list is not the contract."""
    assert not alerts_of(World([view_of(url, minutes_ago(5), title=title)]).judge())


def test_opening_a_mail_about_cancelling_is_no_page() -> None:
    """A page is opened, not a mail; the click alone says nothing of the page."""
    assert not alerts_of(World([opened(minutes_ago(9)), click(minutes_ago(8))]).judge())


def test_a_former_customers_person_who_left_still_counts_as_an_opening() -> None:
    """Whose browser it is makes no difference: the owner hears of it, but nobody phones who has left."""
    decision = World(person={"left_company": True}).judge()
    task = task_in(decision)
    assert alerts_of(decision)
    assert task is not None
    assert "電話以外" in task.text.opening


def test_a_company_that_must_not_be_called_is_followed_up_by_another_way() -> None:
    """架電NG at company level blocks the call only."""
    task = task_in(World(account={"contract_end": LATER, "call_consent": "no"}).judge())
    assert task is not None
    assert "電話以外" in task.text.opening


def test_two_people_of_one_company_make_one_task() -> None:
    """Two contacts within an hour: one alert and one task, both named in it."""
    world = World([view_of(CANCEL, minutes_ago(50)), view_of(CANCEL, minutes_ago(5), MA_SECOND)])
    case = world.case()
    people = (*case.participants, participant(SECOND, MA_SECOND, "鈴木 花子", account=ACCOUNT))
    decision = judged(replace(case, participants=people))
    assert len(alerts_of(decision)) == 1
    assert len([intent for intent in decision.intents if hasattr(intent, "subject")]) == 1
    assert "山田 太郎" in alert_of(decision).values["who"]
    assert "鈴木 花子" in alert_of(decision).values["who"]


def test_a_person_known_to_the_ma_alone_counts_for_the_company() -> None:
    """The visit of a contact that the SFA does not have: the MA's record names the company."""
    case = World([view_of(CANCEL, minutes_ago(5), MA_SECOND)]).case()
    alone = Person(ref=MA_SECOND, modified_at=STAMP, name="鈴木 花子", account=MA_ACCOUNT)
    extra = replace(case.participants[0], person=alone, twins=(), is_primary=False)
    decision = judged(replace(case, participants=(*case.participants, extra)))
    task = task_in(decision)
    assert task is not None
    assert task.who is None
    assert task.about == ACCOUNT


def test_an_opening_that_is_read_hours_later_is_still_told() -> None:
    """The MA was away for a day: at once means as soon as it is known."""
    decision = World([view_of(CANCEL, NOW - timedelta(hours=30))]).judge()
    assert alerts_of(decision)
    task = task_in(decision)
    assert task is not None
    assert task.due == TODAY


def test_an_opening_of_long_ago_alarms_nobody_and_writes_no_task() -> None:
    """A first reading of the history is no news."""
    decision = World([view_of(CANCEL, days_ago(60))]).judge()
    assert (alerts_of(decision), task_in(decision)) == ([], None)


@pytest.mark.parametrize("email", ["cs@own.example", "CS@Own.Example", "a@sub.own.example"])
def test_our_own_customer_success_opening_the_page_is_no_customer(email: str) -> None:
    """Own employees out, told by their mail address in any spelling."""
    page = view_of(CANCEL, minutes_ago(5)).model_copy(update={"person": None, "email": email})
    assert not alerts_of(World([page]).judge())


def test_a_crawler_is_no_customer() -> None:
    """Bots out."""
    assert not alerts_of(World([view_of(CANCEL, minutes_ago(5), bot_score=2)]).judge())


# --- who -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["不適合", "登録保存"])
def test_the_alert_of_a_left_alone_account_goes_to_its_owner(status: str) -> None:
    """不適合 and 登録保存 suppress every program but the churn alert."""
    decision = World(account={"contract_end": LATER, "status": status}).judge()
    assert alert_of(decision).to == (ACCOUNT_OWNER,)
    assert task_in(decision) is not None


def test_where_owner_and_superior_have_left_the_manager_follows_up() -> None:
    """Nobody who has left gets an alert or a task."""
    users = [
        user(ACCOUNT_OWNER, "担当 二郎", is_active=False, manager=BOSS),
        user(BOSS, "部長 三郎", is_active=False),
    ]
    decision = World(users=users).judge()
    task = task_in(decision)
    assert task is not None
    assert (alert_of(decision).to, task.assignee) == ((MANAGER,), MANAGER)


# --- what becomes of it --------------------------------------------------------------------------------------------


def test_an_open_task_of_another_kind_holds_nothing_back() -> None:
    """Churn leads: IS' open task with the same person is no reason to wait."""
    task = task_of("四半期チェック", due=TODAY, owner=IS_REP, opportunities=(), accounts=(ACCOUNT,))
    assert task_in(World(activities=[task]).judge()) is not None


def test_an_attempt_yesterday_holds_nothing_back() -> None:
    """Who is about to leave is followed up today, though somebody called in vain yesterday."""
    assert task_in(World(activities=[call(1, "不在", deal=None)]).judge()) is not None


def test_another_page_while_the_task_is_open_makes_no_second_one() -> None:
    """One open task; the same occasion."""
    world, later = issued(), NOW + timedelta(days=1)
    again = replace(world, engagements=[*world.engagements, view_of(CANCEL, later - timedelta(minutes=5))])
    decision = again.judge(now=later)
    assert task_in(decision) is None
    assert {alert.key for alert in alerts_of(decision)} <= {alert_of(World().judge()).key}


def test_an_open_task_of_an_earlier_occasion_is_the_one_task() -> None:
    """Three weeks later the page is opened again and the first task is still open: told again, no second task."""
    world, later = issued(), NOW + timedelta(days=21)
    again = replace(world, engagements=[*world.engagements, view_of(CANCEL, later - timedelta(minutes=5))])
    decision = again.judge(now=later)
    assert alerts_of(decision)
    assert task_in(decision) is None


def test_a_deleted_task_does_not_come_back_but_a_new_opening_of_months_later_does() -> None:
    """One task an occasion, whatever a person does with it."""
    world, later = issued(deleted=True), NOW + timedelta(days=60)
    assert task_in(world.judge(now=NOW + timedelta(days=1))) is None
    again = replace(world, engagements=[*world.engagements, view_of(CANCEL, later - timedelta(minutes=5))])
    assert task_in(again.judge(now=later)) is not None


def test_a_contract_that_ends_takes_a_begun_task_back_with_a_note() -> None:
    """Left with a note where somebody has begun, never counted as contact."""
    world = replace(issued(status="進行中"), account={"contract_end": TODAY - timedelta(days=1)})
    (taken,) = [intent for intent in world.judge().intents if isinstance(intent, WithdrawTask)]
    assert taken.touched


# --- 解約理由, and what the MA is told -----------------------------------------------------------------------------


def test_the_reason_for_leaving_is_a_picklist_with_one_that_can_be_answered() -> None:
    """解約理由 is a picklist; "could not make use of it" is one that can be answered."""
    task = task_in(World().judge())
    assert task is not None
    asked = next(fact for fact in task.text.facts if "解約理由" in fact)
    assert all(reason in asked for reason in SETTINGS.reasons)
    assert "活用できなかった" in asked


def test_the_ma_is_told_when_a_contract_ends() -> None:
    """Contract status is synced to the MA: also of those who have left, and nothing of it in the SFA."""
    told = fields_of(World([], account={"contract_end": TODAY - timedelta(days=1)}).judge())
    assert told[MA_ACCOUNT]["contract_status"] == "契約終了"
    assert told[MA_PERSON]["contract_status"] == "契約終了"
    assert ACCOUNT not in told


def test_customers_unknown_to_the_ma_are_those_under_contract() -> None:
    """A list shows customers that the MA does not know; who has left is none."""
    case = World([], ma_account=None).case()
    (person,) = case.participants
    stranger = replace(case, participants=(replace(person, twins=()),))
    known, unknown = judged(case), judged(stranger)
    assert unknown.facts != known.facts
    gone = Account(**(stranger.subject.model_dump() | {"contract_end": TODAY - timedelta(days=1)}))
    left = judged(replace(stranger, subject=gone, accounts=(gone,)))
    assert left.facts != unknown.facts


def test_a_form_of_cancelling_without_a_page_alarms_too() -> None:
    """The form's title tells."""
    form: Engagement = engagement(EngagementKind.FORM, minutes_ago(3), MA_PERSON, title="ご解約申込フォーム")
    assert alerts_of(World([form]).judge())
