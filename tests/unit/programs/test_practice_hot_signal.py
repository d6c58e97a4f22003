"""Section 3 of the practice once more, by cases: odd records and odd days that the sentences speak of."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from build import (
    ACCOUNT,
    DEAL,
    IS_REP,
    JST,
    MAPPINGS,
    NOW,
    OTHER,
    OWNER,
    PERSON,
    TODAY,
    call,
    days_ago,
    mail,
    meeting,
    practice,
)
from build_hot_signal import (
    ACCOUNT_OWNER,
    BOSS,
    CASES,
    MA_PERSON,
    MA_SECOND,
    MANAGER,
    OTHER_PAGE,
    PAPERS,
    PRICE,
    RECRUIT,
    SITE,
    STAMP,
    World,
    alert_of,
    alerts_of,
    click,
    fields_of,
    form_of,
    hot,
    log_of,
    minutes_ago,
    opened,
    own,
    task_in,
    task_of,
    user,
    view_of,
)

from connector.model.case import Written
from connector.model.intents import Decision, Standing, WithdrawTask
from connector.model.records import Activity, Engagement, Opportunity, Person, Ref
from connector.programs.hot_signal import PROGRAM
from connector.programs.practice.signal_case import HotSignalSettings

SETTINGS = HotSignalSettings.model_validate(MAPPINGS.programs["hot_signal"])
LOST: dict[str, Any] = {
    "is_closed": True,
    "stage": "失注",
    "lost_reason": "ペンディング",
    "stage_changed_at": days_ago(50),
    "close_date": days_ago(50).date(),
}
STALLED_SUBJECT, LOST_SUBJECT = "滞留商談掘り起こし", "失注商談掘り起こし"
TOMORROW = NOW + timedelta(days=1)


def told(world: World, **changes: Any) -> World:
    """The owner was told now; then `changes` happened."""
    return replace(world.after(world.judge()), **changes)


def visits(at: datetime, *people: Ref) -> list[Engagement]:
    """Prices and cases, by each of the people, just before that moment."""
    pages: list[Engagement] = []
    for number, person in enumerate(people or (MA_PERSON,)):
        pages += [
            view_of(PRICE, at - timedelta(minutes=20 + number), person),
            view_of(CASES, at - timedelta(minutes=10 + number), person),
        ]
    return pages


def judged(world: World, now: datetime = NOW, **case: Any) -> Decision:
    """The decision on the world's case, with parts of the case changed."""
    rules = practice(managers=world.managers, own_domains=frozenset({"own.example"}))
    return PROGRAM.evaluate(replace(world.case(), **case), SETTINGS, rules, now)


def withdrawn(decision: Decision) -> bool:
    """The task is taken back."""
    return any(isinstance(intent, WithdrawTask) for intent in decision.intents)


def issued(deal: dict[str, Any] | None = None, **changes: Any) -> World:
    """Inside sales has its task for a lost deal; `changes` are what became of the task."""
    world = World(deal=LOST if deal is None else deal)
    decision = world.judge()
    wanted = task_in(decision)
    assert wanted is not None
    return replace(world.after(decision), own_tasks=(own(wanted, **changes),))


# --- marked, spontaneous -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("others", "marked"), [(4, False), (5, True)])
def test_the_threshold_itself_is_marked(others: int, marked: bool) -> None:
    """Ten points of the price list and one a page: fourteen are not, fifteen are."""
    pages = [view_of(f"{SITE}/blog/{n}", minutes_ago(20 - n)) for n in range(others)]
    assert bool(alerts_of(World([view_of(PRICE, minutes_ago(30)), *pages]).judge())) is marked


@pytest.mark.parametrize(
    "pages",
    [
        [opened(minutes_ago(n)) for n in range(1, 300, 3)],
        [view_of(f"{RECRUIT}/{n}", minutes_ago(n)) for n in range(1, 100, 2)],
        [view_of(f"{SITE}/careers/{n}", minutes_ago(n)) for n in range(1, 100, 2)],
        [event for n in (1, 2, 3, 4) for event in (click(minutes_ago(200 * n)), view_of(PRICE, minutes_ago(200 * n)))],
        [view_of(PRICE, days_ago(90)), view_of(CASES, days_ago(90)), view_of(PAPERS, days_ago(90))],
    ],
    ids=["a hundred opens", "recruiting pages", "careers", "four mails' landing pages", "three months ago"],
)
def test_what_is_not_spontaneous_or_not_marked_tells_nobody(pages: list[Engagement]) -> None:
    """A mail's landing page does not count, opens never, recruiting pages weigh nothing, old visits neither."""
    decision = World(pages).judge()
    assert (alerts_of(decision), task_in(decision), fields_of(decision)) == ([], None, {})


def test_two_people_of_the_company_pass_where_one_would_not() -> None:
    """Several people of one company weigh most: the same ten points, twice, by two people."""
    one = [view_of(PRICE, minutes_ago(30))]
    assert not alerts_of(World(one, second={}).judge())
    assert alerts_of(World([*one, view_of(PRICE, minutes_ago(20), MA_SECOND)], second={}).judge())


def test_one_person_with_a_record_in_each_system_is_one_person() -> None:
    """Visits of the MA's record and of the same person's mail address do not make two people."""
    by_mail = view_of(OTHER_PAGE, minutes_ago(20), MA_PERSON).model_copy(
        update={"person": None, "email": "003A@Customer.example"}
    )
    decision = World([view_of(PRICE, minutes_ago(30)), by_mail]).judge()
    assert alerts_of(decision) == []


def test_a_lead_and_a_contact_of_one_person_are_one_person() -> None:
    """Twins of any number in either system are the same person."""
    world = World(
        [view_of(PRICE, minutes_ago(30)), view_of(OTHER_PAGE, minutes_ago(20), Ref("salesforce", "Lead", "00Q1"))]
    )
    case = world.case()
    lead = Person(ref=Ref("salesforce", "Lead", "00Q1"), modified_at=STAMP, name="山田 太郎")
    (person,) = case.participants
    assert alerts_of(judged(world, participants=(replace(person, twins=(*person.twins, lead)),))) == []


@pytest.mark.parametrize("email", ["Taro@OWN.example", "taro@own.example "])
def test_own_employees_are_told_by_their_domain_in_any_spelling(email: str) -> None:
    """Bots and own employees out."""
    pages = [page.model_copy(update={"person": None, "email": email}) for page in hot()]
    assert alerts_of(World(pages, person={"email": email, "ma_email": email}).judge()) == []


def test_a_habit_of_reading_prices_every_week_is_no_signal() -> None:
    """Marked is measured against the person's own baseline."""
    weekly = [page for week in range(1, 13) for page in visits(NOW - timedelta(days=7 * week + 1))]
    assert alerts_of(World([*weekly, *hot()]).judge()) == []


def test_who_came_often_half_a_year_ago_is_marked_again_today() -> None:
    """Old habits beyond the baseline do not hide today's interest."""
    long_ago = [page for week in range(20, 30) for page in visits(NOW - timedelta(days=7 * week))]
    assert alerts_of(World([*long_ago, *hot()]).judge())


# --- who acts: open deals ------------------------------------------------------------------------------------------


def test_a_signal_before_the_new_year_waits_for_the_first_business_day() -> None:
    """12-31 to 01-03 are nobody's working days: told on Wednesday 12-30, inside sales follows on Monday 01-04."""
    at = datetime(2026, 12, 30, 15, 0, tzinfo=JST)
    world = World(visits(at))
    decision = world.judge(now=at)
    assert decision.wake_at == datetime(2027, 1, 4, 15, 0, tzinfo=JST)
    then = world.after(decision)
    assert task_in(then.judge(now=datetime(2027, 1, 4, 14, 59, tzinfo=JST))) is None
    task = task_in(then.judge(now=datetime(2027, 1, 4, 15, 0, tzinfo=JST)))
    assert task is not None
    assert task.due == date(2027, 1, 4)


def test_days_are_japans() -> None:
    """At 16:00 UTC it is the next day already: the task for the lost deal is due on that day."""
    late = datetime(2026, 11, 18, 16, 0, tzinfo=UTC)
    task = task_in(World(visits(late), deal=LOST).judge(now=late))
    assert task is not None
    assert task.due == date(2026, 11, 19)


@pytest.mark.parametrize(
    "reaction",
    [
        mail(-1, "outgoing", owner=OWNER, created_at=NOW + timedelta(hours=2)).model_copy(
            update={"starts_at": NOW + timedelta(hours=2)}
        ),
        mail(-1, "incoming", created_at=NOW + timedelta(hours=2)).model_copy(
            update={"starts_at": NOW + timedelta(hours=2)}
        ),
    ],
    ids=["the owner's mail", "the customer's mail"],
)
def test_a_mail_is_a_reaction_too(reaction: Activity) -> None:
    """IS only after one business day without reaction: whoever wrote to the customer has reacted."""
    assert task_in(told(World(), activities=[reaction]).judge(now=TOMORROW)) is None


def test_bulk_mail_is_no_reaction() -> None:
    """Bulk marketing mail is neither contact nor attempt."""
    bulk = mail(0, "outgoing", subtype="ListEmail", created_at=NOW + timedelta(hours=2)).model_copy(
        update={"starts_at": NOW + timedelta(hours=2)}
    )
    assert task_in(told(World(), activities=[bulk]).judge(now=TOMORROW)) is not None


def test_what_okoshi_logged_is_no_reaction() -> None:
    """Anything that the connector itself wrote is neither contact nor attempt."""
    ours = call(-1, "接続", owner=OWNER, starts_at=NOW + timedelta(hours=1))
    world = told(World(), activities=[ours])
    assert task_in(judged(world, TOMORROW, own_logs=frozenset({ours.ref}))) is not None


def test_a_talk_logged_late_means_that_the_deal_was_not_stalled() -> None:
    """Logged only now, held three weeks ago: not yet sixty days, so no task for inside sales."""
    late = meeting(21, created_at=NOW + timedelta(hours=1))
    assert task_in(told(World(), activities=[late]).judge(now=TOMORROW)) is None


def test_a_future_meeting_keeps_inside_sales_away() -> None:
    """Somebody has an appointment already: the owner is told, IS is not sent there as well."""
    world = World(activities=[meeting(-5, created_at=days_ago(3))])
    decision = world.judge()
    assert OWNER in alert_of(decision).to
    assert task_in(world.after(decision).judge(now=TOMORROW)) is None


@pytest.mark.parametrize(("due_in", "held"), [(14, True), (120, False)])
def test_only_a_near_task_of_the_owner_holds_inside_sales_back(due_in: int, held: bool) -> None:
    """The owner's own open task due within 14 days; a dummy task months away must not park a deal."""
    task = task_of("資料送付", due=TODAY + timedelta(days=due_in), owner=OWNER, created_at=days_ago(10))
    world = World(activities=[task])
    assert (task_in(world.after(world.judge()).judge(now=TOMORROW)) is None) is held


def test_a_deal_that_was_never_contacted_counts_from_its_creation() -> None:
    """Never contacted: since creation, so a deal of a week ago is not stalled, one of a year ago is."""
    for days, expected in ((7, "hot_signal.notice"), (365, "hot_signal.owner")):
        world = World(deal={"created_at": days_ago(days)})
        assert alert_of(judged(world, activities=())).template == expected


def test_an_attempt_alone_does_not_make_the_deal_fresh() -> None:
    """An unanswered call is no contact: the deal is stalled all the same, and the owner has to act."""
    assert alert_of(World(activities=[call(30, "不在")]).judge()).template == "hot_signal.owner"


def test_contact_on_another_deal_does_not_reset_this_one_but_holds_its_task_back() -> None:
    """The person talked about the other deal five days ago: alert yes, task no, and the other owner is named."""
    other_owner = user(Ref("salesforce", "User", "005OTHER"), "営業 次郎")
    other = Opportunity(ref=OTHER, modified_at=STAMP, name="別案件", account=ACCOUNT, owner=other_owner.ref)
    talk = call(5, "接続", deal=OTHER)
    world = World(deal=LOST, activities=[talk], users=[other_owner], deals=[other])
    decision = judged(world, other_deals={OTHER: other})
    assert alerts_of(decision)
    assert task_in(decision) is None
    assert "営業 次郎" in decision.text


def test_what_okoshi_asked_of_the_owner_neither_comes_due_nor_holds_inside_sales_back() -> None:
    """失注情報の入力依頼 is not IS' task, and no plan of the owner's own."""
    task = task_of("失注情報の入力依頼", due=TODAY + timedelta(days=5), owner=OWNER, key="lost:006A:1.request")
    decision = World(deal=LOST, activities=[task]).judge()
    assert task.ref not in fields_of(decision)
    assert task_in(decision) is not None


@pytest.mark.parametrize("deal", [{}, LOST], ids=["stalled", "lost"])
def test_the_active_persons_task_on_another_deal_comes_due(deal: dict[str, Any]) -> None:
    """One person gets at most one open task: its holder acts today, the owner is informed, and there is no second."""
    task = task_of(STALLED_SUBJECT, due=TODAY + timedelta(days=9), opportunities=(OTHER,))
    decision = World(deal=deal, activities=[task]).judge()
    assert (alert_of(decision).template, alert_of(decision).to) == ("hot_signal.raised", (IS_REP, OWNER))
    assert fields_of(decision)[task.ref] == {"due_date": TODAY}
    assert task_in(decision) is None


def test_a_holder_who_owns_the_deal_is_told_once() -> None:
    """Nobody gets the same news twice."""
    task = task_of(STALLED_SUBJECT, due=TODAY + timedelta(days=5), owner=OWNER)
    assert alert_of(World(activities=[task]).judge()).to == (OWNER,)


def test_on_a_saturday_an_open_task_is_raised_to_the_next_business_day() -> None:
    """Nobody works on a day off; the Monday is a holiday. One that is due on that Tuesday already stays."""
    saturday = datetime(2026, 11, 21, 11, 0, tzinfo=JST)
    later = task_of(STALLED_SUBJECT, due=date(2026, 11, 27))
    raised = World(visits(saturday), activities=[later]).judge(now=saturday)
    assert fields_of(raised)[later.ref] == {"due_date": date(2026, 11, 24)}
    same = task_of(STALLED_SUBJECT, due=date(2026, 11, 24))
    assert same.ref not in fields_of(World(visits(saturday), activities=[same]).judge(now=saturday))


def test_a_task_whose_holder_has_left_does_not_swallow_the_signal() -> None:
    """Who has left raises nothing: the owner of the open deal still has to act on the signal."""
    gone = user(IS_REP, "内勤 四郎", is_active=False)
    task = task_of(STALLED_SUBJECT, due=TODAY + timedelta(days=5))
    world = World(activities=[task])
    case = world.case()
    decision = judged(world, users={**case.users, IS_REP: gone})
    assert (alert_of(decision).template, alert_of(decision).to) == ("hot_signal.owner", (OWNER,))


# --- who acts: lost deals ------------------------------------------------------------------------------------------


def test_a_date_months_away_does_not_keep_the_signal_waiting() -> None:
    """Who moves by himself is called today, whatever 次回アプローチ日 a person set; the date itself is not changed."""
    decision = World(deal=LOST | {"next_approach_date": TODAY + timedelta(days=150)}).judge()
    task = task_in(decision)
    assert task is not None
    assert (task.subject, task.due) == (LOST_SUBJECT, TODAY)
    assert "next_approach_date" not in fields_of(decision).get(DEAL, {})


@pytest.mark.parametrize("reason", [None, "", "  "])
def test_a_blank_reason_is_in_scope_meanwhile(reason: str | None) -> None:
    """理由未入力 is worked on like a loss in scope: inside sales gets the task."""
    assert task_in(World(deal=LOST | {"lost_reason": reason}).judge()) is not None


def test_price_with_a_persons_date_is_in_scope() -> None:
    """価格懸念 is out unless a person set 次回アプローチ日."""
    deal = LOST | {"lost_reason": "価格懸念", "next_approach_date": TODAY + timedelta(days=60)}
    assert task_in(World(deal=deal).judge()) is not None


def test_price_with_a_date_that_okoshi_filled_is_out_of_scope() -> None:
    """Only a person's date brings a price loss back."""
    day = TODAY + timedelta(days=60)
    deal = LOST | {"lost_reason": "価格懸念", "next_approach_date": day}
    ours = {DEAL: {"next_approach_date": Written(value=day, times=1, at=STAMP)}}
    decision = World(deal=deal, written=ours).judge()
    assert (alert_of(decision).template, task_in(decision)) == ("hot_signal.notice", None)


@pytest.mark.parametrize("reason", ["機能不足", "予算凍結"])
def test_other_reasons_are_told_to_the_owner_only(reason: str) -> None:
    """Out-of-scope deals: the owner is told, no task, not even days later."""
    world = World(deal=LOST | {"lost_reason": reason})
    assert alert_of(world.judge()).to == (OWNER,)
    assert task_in(told(world).judge(now=NOW + timedelta(days=5))) is None


def test_a_customer_by_contract_is_no_target_of_revival() -> None:
    """Is the account a customer by now? Contract end in the future: the account owner is told, no task."""
    decision = World(deal=LOST, account={"contract_end": TODAY + timedelta(days=90)}).judge()
    assert (alert_of(decision).to, task_in(decision)) == ((ACCOUNT_OWNER,), None)


def test_a_former_customer_is_a_target_again() -> None:
    """The contract has ended: the lost deal is revived as any other."""
    won = Opportunity(
        ref=OTHER, modified_at=STAMP, account=ACCOUNT, is_closed=True, is_won=True, close_date=date(2024, 4, 1)
    )
    ended = {"contract_end": TODAY - timedelta(days=1)}
    assert task_in(World(deal=LOST, account=ended, deals=[won]).judge()) is not None


def test_mail_opt_out_does_not_block_the_call() -> None:
    """配信停止 blocks mail only."""
    assert task_in(World(deal=LOST, person={"mail_consent": "no", "ma_mail_consent": "no"}).judge()) is not None


def test_a_company_that_must_not_be_called_gets_no_task() -> None:
    """架電NG at company level blocks the call of every person; the owner is told all the same."""
    decision = World(deal=LOST, account={"call_consent": "no"}).judge()
    assert task_in(decision) is None
    assert alerts_of(decision)


def test_a_note_that_says_no_calls_blocks_the_task() -> None:
    """Notes are searched for 架電NG/電話不要/連絡不要."""
    decision = World(deal=LOST, person={"notes": "本人より:今後電話不要とのこと"}).judge()
    assert task_in(decision) is None


def test_who_left_the_company_is_not_called() -> None:
    """退職 blocks calls, though the browser still visits."""
    assert task_in(World(deal=LOST, person={"ma_left_company": True}).judge()) is None


def test_the_owner_of_a_lost_deal_who_left_is_replaced_in_the_alert() -> None:
    """Account owner → former owner's 上司 → IS manager; the task goes to inside sales all the same."""
    gone = user(OWNER, "営業 一郎", is_active=False, manager=BOSS)
    decision = World(deal=LOST, users=[gone]).judge()
    assert OWNER not in alert_of(decision).to
    assert alert_of(decision).to == (ACCOUNT_OWNER,)
    assert task_in(decision) is not None


OPEN = Opportunity(
    ref=OTHER,
    modified_at=STAMP,
    name="再提案",
    account=ACCOUNT,
    owner=Ref("salesforce", "User", "005OTHER"),
    product="基幹システム",
)
OTHER_OWNER = user(Ref("salesforce", "User", "005OTHER"), "営業 次郎")


@pytest.mark.parametrize("product", ["基幹システム", None])
def test_where_an_open_deal_goes_on_its_owner_acts(product: str | None) -> None:
    """Else the owner of an open deal: IS and FS are not sent to one person at the same time."""
    world = World(deal=LOST | {"product": product}, deals=[OPEN], users=[OTHER_OWNER])
    decision = world.judge()
    assert (alert_of(decision).template, alert_of(decision).to) == ("hot_signal.open_deal", (OTHER_OWNER.ref,))
    assert (task_in(decision), decision.reason) == (None, "open_deal")
    assert task_in(told(world).judge(now=TOMORROW)) is None


def test_an_open_deal_of_another_product_and_other_people_is_none_of_it() -> None:
    """What is done is followed per deal and per person: the account's other talk holds nothing back."""
    world = World(deal=LOST | {"product": "会計システム"}, deals=[OPEN], users=[OTHER_OWNER])
    assert task_in(judged(world, other_deals={OTHER: OPEN})) is not None


def test_the_same_person_on_an_open_deal_of_another_product_is_its_owners() -> None:
    """Long without contact there, but one person is not called by IS while FS is asked to act."""
    world = World(
        deal=LOST | {"product": "会計システム"},
        deals=[OPEN],
        users=[OTHER_OWNER],
        activities=[meeting(150, deal=OTHER)],
    )
    decision = judged(world, other_deals={OTHER: OPEN})
    assert (alert_of(decision).to, task_in(decision)) == ((OTHER_OWNER.ref,), None)


def test_a_task_is_taken_back_when_a_new_deal_is_opened() -> None:
    """The loss is revived: nothing is left to do for inside sales."""
    assert withdrawn(replace(issued(), deals=[OPEN]).judge(now=NOW + timedelta(hours=3)))


def test_a_deal_lost_after_the_alert_is_not_revived_where_another_one_is_open() -> None:
    """Told as stalled, lost in the afternoon, a new deal opened: no task on the day after."""
    world = told(World(), deal=LOST, deals=[OPEN])
    assert task_in(world.judge(now=TOMORROW)) is None


# --- what becomes of the task --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"person": {"call_consent": "no"}},
        {"person": {"left_company": True}},
        {"account": {"status": "不適合"}},
        {"account": {"status": "登録保存"}},
        {"account": {"contract_end": TODAY + timedelta(days=300)}},
        {"deal": {**LOST, "is_won": True, "stage": "受注"}},
    ],
    ids=["no calls", "left", "unqualified", "archived", "customer", "won"],
)
def test_a_task_that_is_no_longer_needed_is_taken_back(changes: dict[str, Any]) -> None:
    """取り下げ: the task lay with inside sales, untouched, when its reason vanished."""
    assert withdrawn(replace(issued(), **changes).judge(now=NOW + timedelta(hours=3)))


def test_a_lost_deal_that_is_opened_again_needs_no_revival() -> None:
    """Its owner works on it: the task of inside sales goes."""
    opened_again = {"stage_changed_at": NOW + timedelta(hours=1), "stage": "提案"}
    assert withdrawn(replace(issued(), deal=opened_again).judge(now=NOW + timedelta(hours=3)))


def test_a_task_done_and_nothing_new_makes_no_second_one() -> None:
    """The same pages a week later are no news."""
    world = issued(is_closed=True, status="完了", completed_at=NOW + timedelta(hours=5))
    for days in (1, 6, 7, 8, 30):
        decision = world.judge(now=NOW + timedelta(days=days))
        assert task_in(decision) is None
        world = world.after(decision)


def test_a_new_signal_after_a_deleted_task_is_a_new_occasion() -> None:
    """A person deleted our task: not again for this signal, but a signal of three weeks later stands for itself."""
    world = issued(deleted=True)
    later = NOW + timedelta(days=21)
    again = replace(world, engagements=[*world.engagements, *visits(later)]).judge(now=later)
    task = task_in(again)
    assert task is not None
    assert task.key == "hot_signal:006A:2.1"


def test_a_new_signal_while_the_task_is_overdue_makes_no_second_task() -> None:
    """One occasion after another: the open task is the one, the alert tells of the new signal."""
    world = issued()
    later = NOW + timedelta(days=10)
    again = replace(world, engagements=[*world.engagements, *visits(later)]).judge(now=later)
    assert task_in(again) is None
    assert alerts_of(again)
    assert again.standing is Standing.ISSUED


# --- the cool-down -------------------------------------------------------------------------------------------------


def test_exactly_double_breaks_the_cool_down() -> None:
    """18 points were told; 36 are clearly stronger."""
    world = told(World())
    now = NOW + timedelta(hours=1)
    more = [view_of(f"{SITE}/price/{n}", now - timedelta(minutes=10 + n)) for n in (1,)]
    more += [view_of(f"{SITE}/case/{n}", now - timedelta(minutes=5 + n)) for n in (1,)]
    keys = {alert.key for alert in alerts_of(replace(world, engagements=[*hot(), *more]).judge(now=now))}
    assert alert_of(World().judge()).key not in keys


def test_more_of_the_same_within_the_cool_down_is_not_told() -> None:
    """One alert per opportunity and cool-down: three days later the same again is the alert of before, if any."""
    world = told(World())
    now = NOW + timedelta(days=3)
    decision = replace(world, engagements=[*hot(), *visits(now)]).judge(now=now)
    assert {alert.key for alert in alerts_of(decision)} <= {alert_of(World().judge()).key}


def test_each_deal_of_a_person_has_its_own_alert() -> None:
    """One alert per opportunity: the keys of two deals differ."""
    second = World(deal={"ref": OTHER, "name": "別案件"})
    assert alert_of(World().judge()).key != alert_of(second.judge()).key


# --- what it says and posts back -----------------------------------------------------------------------------------


def test_a_signal_that_is_merged_into_another_task_is_named_there_in_japanese() -> None:
    """The most valuable reason leads, the others are named in it: by the practice's word, not by a program's name."""
    assert SETTINGS.subject == "再検討シグナル"


def test_the_task_names_the_person_once_whatever_deals_he_has() -> None:
    """One person gets at most one open task for one matter: the key of the person is the same on both deals."""
    first = task_in(World(deal=LOST).judge())
    second = task_in(World(deal=LOST | {"ref": OTHER, "name": "別案件"}).judge())
    assert first is not None
    assert second is not None
    assert first.person_key == second.person_key is not None
    assert not first.beyond_capacity
    assert first.matter == "hot_signal"


def test_the_field_that_a_person_wrote_is_left_to_the_person() -> None:
    """Never over a person's value: the intent itself only replaces our own."""
    decision = World(deal={"signal": "要注意(営業メモ)"}).judge()
    assert log_of(decision) is not None
    assert MA_PERSON in fields_of(decision)


def test_accounts_left_alone_are_told_to_the_manager_even_for_open_deals() -> None:
    """不適合: signals go to the manager's list, though the deal is open and stalled."""
    decision = World(account={"status": "不適合"}).judge()
    assert alert_of(decision).to == (MANAGER,)
    assert task_in(decision) is None
    assert log_of(decision) is None


def test_a_form_sent_by_oneself_and_a_page_is_a_signal() -> None:
    """An inquiry after a hundred days of silence, with the price list read."""
    assert alerts_of(World([form_of("お問い合わせ", minutes_ago(5)), view_of(PRICE, minutes_ago(9))]).judge())


def test_the_three_attempts_leave_the_decision_to_the_manager() -> None:
    """After three fruitless attempts no fourth task is issued by itself; the signal is told all the same."""
    calls = [call(days, "不在") for days in (80, 60, 40)]
    decision = World(deal=LOST, silent_days=200, activities=calls).judge()
    assert alerts_of(decision)
    assert task_in(decision) is None


@pytest.mark.parametrize(("days", "held"), [(13, True), (14, False)])
def test_an_attempt_holds_a_task_back_for_fourteen_days(days: int, held: bool) -> None:
    """It suppresses a new task for 14 days: on the fourteenth day it does no more."""
    assert (task_in(World(deal=LOST, activities=[call(days, "不在")]).judge()) is None) is held


def test_every_figure_of_the_page_is_the_presets() -> None:
    """Cool-down of 7 days, broken by double; one business day for the owner; half for pages behind a mail."""
    assert (SETTINGS.cool_down_days, SETTINGS.stronger_factor, SETTINGS.owner_business_days) == (7, Decimal(2), 1)
    assert SETTINGS.signal.mail.further_share == Decimal("0.5")
    assert MAPPINGS.practice.stalled.days.default == 60
    assert PERSON in {participant.person.ref for participant in World().case().participants}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"deal": LOST, "account": {"contract_end": TODAY + timedelta(days=90)}}, "customer_now"),
        ({"deal": LOST | {"lost_reason": "価格懸念"}}, "changed"),
        ({"deal": LOST, "account": {"status": "不適合"}}, "left_alone"),
    ],
    ids=["a customer by now", "lost for the price", "unqualified"],
)
def test_what_the_deal_has_become_since_the_alert_decides_about_the_task(changes: dict[str, Any], reason: str) -> None:
    """Told as stalled today; when inside sales' turn comes tomorrow, the deal is another one."""
    decision = told(World(), **changes).judge(now=TOMORROW)
    assert (task_in(decision), decision.reason) == (None, reason)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_news_for_the_owner_of_an_open_deal_is_complete_in_both_languages(language: str) -> None:
    """Who, what, when and why; no place of the template is left open."""
    texts = MAPPINGS.texts[language]
    world = World(deal=LOST, deals=[OPEN], users=[OTHER_OWNER])
    alert = alert_of(world.judge(texts=texts))
    body = texts[f"{alert.template}.body"].format_map(alert.values)
    assert all(alert.values[part] in body for part in ("who", "pages", "why"))
    assert texts[f"{alert.template}.title"].format_map(alert.values)
