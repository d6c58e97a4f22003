"""Section 3 of the practice, "who acts": who is told, who gets a task, what is posted back, and how often."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from build import ACCOUNT, DEAL, IS_REP, JST, MAPPINGS, NOW, OWNER, PERSON, TODAY, call, days_ago, meeting
from build_hot_signal import (
    ACCOUNT_OWNER,
    BOSS,
    CASES,
    MA_PERSON,
    MA_SECOND,
    MANAGER,
    PAPERS,
    PRICE,
    SECOND,
    SITE,
    STAMP,
    World,
    alert_of,
    alerts_of,
    fields_of,
    form_of,
    hot,
    log_of,
    minutes_ago,
    own,
    task_in,
    task_of,
    user,
    view_of,
)

from connector.model.case import Occasion, OwnTask, Written
from connector.model.intents import Over, SetFields, Standing, WithdrawTask
from connector.model.records import Activity, Engagement, Opportunity, Ref
from connector.programs.hot_signal import PROGRAM

LOST = {"is_closed": True, "stage": "失注", "lost_reason": "ペンディング", "stage_changed_at": days_ago(50)}
STALLED_SUBJECT, LOST_SUBJECT = "滞留商談掘り起こし", "失注商談掘り起こし"
NEXT_DAY = NOW + timedelta(days=1)  # 2026-11-19, a Thursday


# --- the owner first, then inside sales ----------------------------------------------------------------------------


def test_the_owner_of_a_stalled_deal_is_told_first() -> None:
    """Nobody but the owner is told, at once, and there is no task yet."""
    decision = World().judge()
    assert alert_of(decision).to == (OWNER,)
    assert alert_of(decision).template == "hot_signal.owner"
    assert alert_of(decision).about == DEAL
    assert task_in(decision) is None
    assert (decision.standing, decision.reason) == (Standing.EXCLUDED, "owner_first")
    assert decision.wake_at == NEXT_DAY


def test_inside_sales_gets_a_task_after_one_business_day_without_reaction() -> None:
    """Not a minute before, and at that moment: the subject as fixed, today, about the deal and the active person."""
    world = World()
    told = world.after(world.judge())
    assert task_in(told.judge(now=NEXT_DAY - timedelta(minutes=1))) is None
    decision = told.judge(now=NEXT_DAY)
    task = task_in(decision)
    assert task is not None
    assert (task.subject, task.about, task.who, task.due) == (STALLED_SUBJECT, DEAL, PERSON, date(2026, 11, 19))
    assert (task.matter, task.key, task.assignee, task.value) == (
        "hot_signal",
        "hot_signal:006A:1.1",
        None,
        Decimal(18),
    )
    assert (decision.standing, decision.facts["person_key"]) == (Standing.WAITING, task.person_key)
    assert task.person_key == min(str(PERSON), str(MA_PERSON))


@pytest.mark.parametrize(
    ("told_at", "from_then_on"),
    [
        (datetime(2026, 11, 20, 18, 0, tzinfo=JST), datetime(2026, 11, 24, 18, 0, tzinfo=JST)),  # 11-23 is a holiday
        (datetime(2026, 11, 21, 15, 0, tzinfo=JST), datetime(2026, 11, 25, 0, 0, tzinfo=JST)),  # told on a Saturday
    ],
)
def test_only_business_days_count_for_the_owner(told_at: datetime, from_then_on: datetime) -> None:
    """Nobody reacts on a day off."""
    pages = [view_of(PRICE, told_at - timedelta(minutes=9)), view_of(CASES, told_at - timedelta(minutes=5))]
    assert World(pages).judge(now=told_at).wake_at == from_then_on


@pytest.mark.parametrize(
    "reaction",
    [
        call(-1, "不在", owner=OWNER, starts_at=NOW + timedelta(hours=2)),
        call(-1, "接続", owner=IS_REP, starts_at=NOW + timedelta(hours=2)),
        meeting(-5, created_at=NOW + timedelta(hours=1)),
        task_of("電話する", due=TODAY, owner=OWNER, created_at=NOW + timedelta(hours=1)),
    ],
    ids=["an attempt", "a talk by anybody", "an appointment", "a task that the owner opened"],
)
def test_a_reaction_keeps_the_task_away(reaction: Activity) -> None:
    """The owner called, made an appointment or opened a task: inside sales stays out."""
    world = World()
    told = replace(world.after(world.judge()), activities=[reaction])
    decision = told.judge(now=NEXT_DAY)
    assert task_in(decision) is None
    assert decision.reason == "reacted"


def test_what_was_there_before_is_no_reaction() -> None:
    """An attempt of last month says nothing about today's signal."""
    world = World(activities=[call(30, "不在")])
    assert task_in(world.after(world.judge()).judge(now=NEXT_DAY)) is not None


# --- the holder of an open task ------------------------------------------------------------------------------------


@pytest.mark.parametrize("subject", [STALLED_SUBJECT, "フォローコール"])
def test_an_open_task_of_inside_sales_comes_due_today(subject: str) -> None:
    """Whoever made it: raised to today, its holder told, and the owner informed. No second task."""
    task = task_of(subject, due=TODAY + timedelta(days=5))
    decision = World(activities=[task]).judge()
    raised = [i for i in decision.intents if isinstance(i, SetFields) and i.record == task.ref]
    assert [(i.values, i.over) for i in raised] == [({"due_date": TODAY}, Over.ANY)]
    assert alert_of(decision).to == (IS_REP, OWNER)
    assert alert_of(decision).template == "hot_signal.raised"
    assert task_in(decision) is None


def test_of_several_open_tasks_the_one_due_first_is_raised() -> None:
    """One is enough; one without a due date comes last."""
    dues = (TODAY + timedelta(days=9), TODAY + timedelta(days=5), None)
    tasks = [task_of(STALLED_SUBJECT, due=due) for due in dues]
    written = fields_of(World(activities=list(tasks)).judge())
    assert [task.ref in written for task in tasks] == [False, True, False]
    assert tasks[2].ref in fields_of(World(activities=[tasks[2]]).judge())


@pytest.mark.parametrize("due", [TODAY, TODAY - timedelta(days=3)])
def test_a_task_that_is_due_already_stays_as_it_is(due: date) -> None:
    """Raising never puts a task off."""
    task = task_of(STALLED_SUBJECT, due=due)
    assert task.ref not in fields_of(World(activities=[task]).judge())


def test_a_task_is_raised_once_a_signal() -> None:
    """Who moves the task on afterwards is not overruled."""
    task = task_of(STALLED_SUBJECT, due=TODAY + timedelta(days=5))
    world = World(activities=[task])
    told = world.after(world.judge())
    written = {task.ref: {"due_date": Written(TODAY, 1, NOW + timedelta(minutes=1))}}
    assert task.ref in fields_of(told.judge(now=NOW + timedelta(hours=1)))
    assert task.ref not in fields_of(replace(told, written=written).judge(now=NOW + timedelta(hours=1)))


def test_a_task_with_other_people_on_another_deal_is_not_raised() -> None:
    """It is about something else."""
    elsewhere = (Ref("salesforce", "Opportunity", "X"),)
    task = task_of(STALLED_SUBJECT, due=TODAY + timedelta(days=5), opportunities=elsewhere, people=(SECOND,))
    assert alert_of(World(activities=[task]).judge()).template == "hot_signal.owner"


def test_a_task_that_another_program_issued_meanwhile_is_raised_instead_of_a_second() -> None:
    """One person gets one task for one matter: the one that exists comes due."""
    world = World()
    told = world.after(world.judge())
    task = task_of(STALLED_SUBJECT, due=TODAY + timedelta(days=9))
    meanwhile = OwnTask("stalled:006A:1.1", "stalled", task.ref, {}, NOW + timedelta(hours=1), False, task, False)
    decision = replace(told, activities=[task], own_tasks=(meanwhile,)).judge(now=NEXT_DAY)
    assert task_in(decision) is None
    assert fields_of(decision)[task.ref] == {"due_date": NEXT_DAY.date()}


# --- lost deals ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["ペンディング", "他社導入", "音信不通"])
def test_inside_sales_gets_a_task_at_once_for_a_lost_deal_in_scope(reason: str) -> None:
    """The task is due today, and the former owner knows of it."""
    decision = World(deal={**LOST, "lost_reason": reason}).judge()
    task = task_in(decision)
    assert task is not None
    assert (task.subject, task.due, task.who) == (LOST_SUBJECT, TODAY, PERSON)
    assert (alert_of(decision).to, alert_of(decision).template) == ((OWNER,), "hot_signal.lost")


def test_a_task_wanted_on_a_day_off_is_due_on_the_next_business_day() -> None:
    """2026-11-21 is a Saturday, the Monday after it a holiday."""
    saturday = datetime(2026, 11, 21, 10, 0, tzinfo=JST)
    pages = [view_of(PRICE, saturday - timedelta(minutes=9)), view_of(CASES, saturday - timedelta(minutes=5))]
    task = task_in(World(pages, deal=LOST).judge(now=saturday))
    assert task is not None
    assert task.due == date(2026, 11, 24)


def test_a_loss_out_of_scope_is_told_to_the_owner_and_makes_no_task() -> None:
    """価格懸念: the owner is told, no task."""
    decision = World(deal={**LOST, "lost_reason": "価格懸念"}).judge()
    assert (alert_of(decision).to, alert_of(decision).template) == ((OWNER,), "hot_signal.notice")
    assert (task_in(decision), decision.standing) == (None, Standing.NOT_ELIGIBLE)


@pytest.mark.parametrize(("days", "template"), [(59, "notice"), (60, "owner")])
def test_a_deal_not_yet_sixty_days_silent_is_told_to_the_owner_and_makes_no_task(days: int, template: str) -> None:
    """From the sixtieth day on it is stalled."""
    world = World(silent_days=days)
    decision = world.judge()
    assert alert_of(decision).template == f"hot_signal.{template}"
    later = world.after(decision).judge(now=NEXT_DAY)
    assert (task_in(later) is not None) is (template == "owner")


def test_the_account_owner_is_told_where_the_company_is_a_customer_by_now() -> None:
    """No revival of a lost deal of a customer."""
    won = Opportunity(ref=Ref("salesforce", "Opportunity", "W"), modified_at=STAMP, is_closed=True, is_won=True)
    decision = World(deal=LOST, deals=[won]).judge()
    assert (alert_of(decision).to, alert_of(decision).template) == ((ACCOUNT_OWNER,), "hot_signal.customer")
    assert task_in(decision) is None


def test_a_won_deal_has_no_signal() -> None:
    """Won is neither stalled nor lost; nor does the program look at such deals."""
    world = World(deal={"is_closed": True, "is_won": True})
    assert world.judge().intents == ()
    assert not PROGRAM.concerns(world.case().opportunity)
    assert PROGRAM.concerns(World(deal=LOST).case().opportunity)


@pytest.mark.parametrize(
    ("world", "to"),
    [
        (World(users=[user(OWNER, "営業 一郎", is_active=False, manager=BOSS)]), ACCOUNT_OWNER),
        (
            World(
                users=[
                    user(OWNER, "営業 一郎", is_active=False, manager=BOSS),
                    user(ACCOUNT_OWNER, "担当 二郎", is_active=False),
                ]
            ),
            BOSS,
        ),
    ],
    ids=["the account owner", "the former owner's superior"],
)
def test_where_the_owner_has_left_somebody_else_is_told(world: World, to: Ref) -> None:
    """Account owner, then the former owner's 上司, then the IS manager."""
    assert alert_of(world.judge()).to == (to,)
    log = log_of(world.judge())
    assert log is not None
    assert log.owner is None, "an inactive user cannot hold an activity"


@pytest.mark.parametrize(("reason", "subject"), [("ペンディング", LOST_SUBJECT), ("価格懸念", None)])
def test_a_deal_that_is_lost_after_the_alert_is_followed_up_as_what_it_is_now(reason: str, subject: str | None) -> None:
    """In scope: the task speaks of a lost deal. Out of scope: none."""
    world = World()
    told = replace(world.after(world.judge()), deal={**LOST, "lost_reason": reason})
    task = task_in(told.judge(now=NEXT_DAY))
    assert (task.subject if task else None) == subject


# --- who must be left alone ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["不適合", "登録保存"])
def test_accounts_left_alone_go_to_the_managers_list_and_nowhere_else(status: str) -> None:
    """No task, no owner told, nothing posted back."""
    decision = World(account={"status": status}, deal=LOST).judge()
    assert alert_of(decision).to == (MANAGER,)
    assert alert_of(decision).template == "hot_signal.managers"
    assert len(decision.intents) == 1


def test_without_managers_a_signal_of_such_an_account_is_told_nowhere() -> None:
    """Its feed is the owner's, who is not to be told."""
    assert World(account={"status": "不適合"}, managers=()).judge().intents == ()


def test_an_account_that_is_left_alone_after_the_alert_gets_nothing_more() -> None:
    """People set 不適合 in the meantime: no task, and nothing is written or told again."""
    world = World(deal=LOST)
    decision = replace(world.after(world.judge()), account={"status": "不適合"}).judge()
    assert (decision.intents, decision.reason) == ((), "left_alone")


@pytest.mark.parametrize(("deal", "urgent"), [({}, True), (LOST, True), ({**LOST, "lost_reason": "価格懸念"}, False)])
def test_only_what_somebody_must_act_on_is_urgent(deal: dict[str, object], urgent: bool) -> None:
    """News for the owner alone can wait for the digest."""
    assert alert_of(World(deal=deal).judge()).urgent is urgent


def test_who_must_not_be_called_gets_no_task_and_the_alert_says_so() -> None:
    """架電NG blocks the call, not the news."""
    decision = World(deal=LOST, person={"call_consent": "no"}).judge()
    assert task_in(decision) is None
    assert (decision.standing, decision.reason) == (Standing.EXCLUDED, "do_not_call")
    assert "山田 太郎" in alert_of(decision).values["call"]


def test_somebody_else_of_the_active_people_is_called_instead() -> None:
    """One who may be called is called, though another one was more active."""
    pages = [*hot(), view_of(PRICE, minutes_ago(20), MA_SECOND)]
    decision = World(pages, deal=LOST, person={"call_consent": "no"}, second={}).judge()
    task = task_in(decision)
    assert task is not None
    assert task.who == SECOND
    assert "鈴木 花" in task.text.opening


def test_the_person_who_was_active_is_called_and_not_the_primary_contact() -> None:
    """The signal names the person, with that person's consent."""
    pages = [view_of(PRICE, minutes_ago(20), MA_SECOND), view_of(CASES, minutes_ago(10), MA_SECOND)]
    task = task_in(World(pages, deal=LOST, second={"title": "課長"}).judge())
    assert task is not None
    assert (task.who, "鈴木 花(課長)" in task.text.opening) == (SECOND, True)


def test_an_open_task_is_not_raised_for_who_must_not_be_called() -> None:
    """What must not be done need not be done today."""
    task = task_of(STALLED_SUBJECT, due=TODAY + timedelta(days=5))
    decision = World(activities=[task], person={"left_company": True}).judge()
    assert task.ref not in fields_of(decision)


def test_unknown_consent_does_not_block() -> None:
    """The task says 架電可否:未確認 instead."""
    task = task_in(World(deal=LOST, person={"call_consent": "unknown"}).judge())
    assert task is not None
    assert any("架電可否:未確認" in fact for fact in task.text.facts)


def test_an_attempt_holds_the_task_back_but_not_the_alert() -> None:
    """An unanswered call suppresses a new task for 14 days; the owner still learns of the signal."""
    decision = World(deal=LOST, activities=[call(5, "不在")]).judge()
    assert (task_in(decision), decision.reason) == (None, "recent_attempt")
    assert alert_of(decision).to == (OWNER,)
    assert decision.wake_at == NOW + timedelta(days=7)


# --- once a cool-down ----------------------------------------------------------------------------------------------


def later_pages(now: datetime, *urls: str) -> list[Engagement]:
    """Pages opened shortly before that moment."""
    return [view_of(url, now - timedelta(minutes=30 - place)) for place, url in enumerate(urls)]


@pytest.mark.parametrize(("after", "number"), [(timedelta(days=6, hours=23), 1), (timedelta(days=7), 2)])
def test_one_alert_a_deal_and_seven_days(after: timedelta, number: int) -> None:
    """The same kind of activity again is told once the cool-down is over, as a new occasion."""
    world, now = World(), NOW + after
    told = world.after(world.judge())
    decision = replace(told, engagements=[*hot(), *later_pages(now, PRICE, CASES)]).judge(now=now)
    assert decision.occasion is not None
    assert decision.occasion.number == number
    assert alert_of(decision).key == f"hot_signal:006A:{number}:alert:owner"


@pytest.mark.parametrize(("forms", "number"), [(1, 1), (2, 2)])
def test_a_clearly_stronger_signal_breaks_the_cool_down(forms: int, number: int) -> None:
    """Double the sum that was told of: 18 + 12 is not, 18 + 24 is."""
    world = World()
    told = world.after(world.judge())
    more = [form_of(f"お問い合わせ{n}", minutes_ago(5)) for n in range(forms)]
    more = [one.model_copy(update={"at": NOW + timedelta(minutes=5)}) for one in more]
    decision = replace(told, engagements=[*hot(), *more]).judge(now=NOW + timedelta(minutes=10))
    assert decision.occasion is not None
    assert decision.occasion.number == number


def test_without_anything_new_nothing_is_told_again() -> None:
    """After the cool-down the old pages alone are no news, even with a short one."""
    world = World()
    world = replace(world, settings=world.settings.model_copy(update={"cool_down_days": 1}))
    told = world.after(world.judge())
    assert alerts_of(told.judge(now=NOW + timedelta(days=1))) == []


def test_the_same_moment_judged_again_says_the_same() -> None:
    """Alert, log and fields are repeated with the same keys and values until they are done; nothing is added."""
    world = World(deal=LOST)
    first = world.judge()
    again = world.after(first).judge()
    assert again.intents == first.intents
    assert again.facts == first.facts
    assert again.occasion == first.occasion


def test_what_is_repeated_does_not_change_while_points_decay() -> None:
    """Three days later the alert still tells what it told: the same key, pages, sum and fields."""
    world = World(deal=LOST)
    first = world.judge()
    later = world.after(first).judge(now=NOW + timedelta(days=3))
    assert alert_of(later).values["pages"] == alert_of(first).values["pages"]
    assert alert_of(later).values["total"] == alert_of(first).values["total"]
    assert fields_of(later) == fields_of(first)


def test_after_the_cool_down_nothing_is_written_any_more() -> None:
    """A person who clears the field then is not overruled."""
    world = World()
    told = world.after(world.judge())
    decision = told.judge(now=NOW + timedelta(days=8))
    assert (alerts_of(decision), fields_of(decision), log_of(decision)) == ([], {}, None)


def test_it_wakes_at_the_end_of_the_cool_down() -> None:
    """What came meanwhile is told then."""
    world = World(silent_days=10)
    decision = world.judge()
    assert decision.wake_at == NOW + timedelta(days=7)
    assert world.after(decision).judge(now=NOW + timedelta(days=7)).wake_at is None


# --- our task ------------------------------------------------------------------------------------------------------


def issued(**changes: Any) -> tuple[World, OwnTask]:
    """A lost deal whose task exists; `changes` are what became of the task."""
    world = World(deal=LOST)
    decision = world.judge()
    wanted = task_in(decision)
    assert wanted is not None
    task = own(wanted, **changes)
    return replace(world.after(decision), own_tasks=(task,)), task


def test_our_own_open_task_is_the_one_of_the_occasion() -> None:
    """Nothing is raised and no second one wanted."""
    world, _ = issued()
    decision = world.judge(now=NOW + timedelta(hours=1))
    assert (decision.standing, task_in(decision)) == (Standing.ISSUED, None)
    assert alert_of(decision).template == "hot_signal.lost"


@pytest.mark.parametrize(
    ("changes", "reason"), [({"deleted": True}, "task_deleted"), ({"is_closed": True, "status": "完了"}, "worked")]
)
def test_one_task_an_occasion(changes: dict[str, object], reason: str) -> None:
    """Deleted or done by a person: no second one for the same signal."""
    world, _ = issued(**changes)
    decision = world.judge(now=NOW + timedelta(days=1))
    assert (decision.reason, task_in(decision)) == (reason, None)


def test_a_stronger_signal_raises_our_task_instead_of_a_second() -> None:
    """The task that lies with inside sales comes due again, and the alert goes to its holder."""
    world, task = issued(due_date=TODAY + timedelta(days=9))
    now = NOW + timedelta(hours=2)
    more = [view_of(f"{SITE}/download/{n}", now - timedelta(minutes=n)) for n in range(1, 5)]
    decision = replace(world, engagements=[*hot(), *more]).judge(now=now)
    assert (alert_of(decision).template, alert_of(decision).to) == ("hot_signal.raised", (IS_REP, OWNER))
    assert fields_of(decision)[task.record] == {"due_date": TODAY}
    assert (decision.standing, task_in(decision)) == (Standing.ISSUED, None)


def test_contact_by_the_owner_before_inside_sales_began_takes_the_task_back() -> None:
    """The owner was first; a withdrawal is never contact."""
    world, task = issued()
    talk = meeting(0, created_at=NOW + timedelta(hours=3))  # at noon
    decision = replace(world, activities=[talk]).judge(now=NOW + timedelta(hours=4))
    (taken,) = [intent for intent in decision.intents if isinstance(intent, WithdrawTask)]
    assert (taken.task, taken.touched) == (task.record, False)


def test_a_task_that_was_begun_is_not_taken_back_for_the_owner_s_contact() -> None:
    """Inside sales is at it."""
    world, _ = issued(status="進行中")
    talk = meeting(0, created_at=NOW + timedelta(hours=3))  # at noon
    decision = replace(world, activities=[talk]).judge(now=NOW + timedelta(hours=4))
    assert decision.standing is Standing.ISSUED


def test_a_deal_that_is_won_takes_the_task_back() -> None:
    """There is nothing to revive any more."""
    world, _ = issued()
    decision = replace(world, deal={"is_closed": True, "is_won": True, "stage": "受注"}).judge()
    assert any(isinstance(intent, WithdrawTask) for intent in decision.intents)


def test_numbers_go_on_after_a_lost_database() -> None:
    """Our task tells which occasion was the last: a new signal never takes an old key."""
    world, _ = issued(is_closed=True, status="完了")
    forgotten = replace(world, facts={}, occasion=None)
    assert alert_of(forgotten.judge()).key == "hot_signal:006A:2:alert:lost"


# --- what is told and posted back ----------------------------------------------------------------------------------


def test_the_alert_says_who_what_when_and_why() -> None:
    """Names with titles, pages with times, and the sum with what it is compared with."""
    decision = World(person={"title": "部長"}).judge()
    values = alert_of(decision).values
    assert values["who"] == "山田 太郎(部長)"
    assert values["account"] == "㈱アクメ"
    assert "2026-11-18 09:30" in values["pages"]
    assert "【料金】/price" in values["pages"]
    assert "18.0点" in values["why"]
    assert "基準15点以上" in values["why"]


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize(
    "world",
    [
        World(),
        World(deal=LOST),
        World(silent_days=10),
        World(account={"status": "不適合"}),
        World(activities=[task_of(STALLED_SUBJECT, due=TODAY)]),
    ],
)
def test_every_alert_can_be_written_in_both_languages(world: World, language: str) -> None:
    """The template has no place that the values do not fill."""
    texts = MAPPINGS.texts[language]
    alert = alert_of(world.judge(texts=texts))
    for part in ("title", "body"):
        shown = texts[f"{alert.template}.{part}"].format(**alert.values)
        assert "{" not in shown


def test_hostile_values_stay_one_harmless_line() -> None:
    """A title of a page cannot forge lines of the alert."""
    pages = [view_of(PRICE, minutes_ago(9), title="料金\n・偽の行" + "x" * 500), view_of(CASES, minutes_ago(5))]
    pages_told = alert_of(World(pages).judge()).values["pages"].splitlines()
    assert len(pages_told) == 2
    assert all(len(line) < 300 for line in pages_told)


def test_the_signal_is_posted_back_to_both_systems() -> None:
    """Fields on the deal, properties on the person in the MA, never over what a person wrote."""
    decision = World().judge()
    posted = {"signal": "【料金】/price 他1件(18.0点、1名)", "signal_at": minutes_ago(25)}
    assert fields_of(decision) == {DEAL: posted, MA_PERSON: posted}
    assert {i.over for i in decision.intents if isinstance(i, SetFields)} == {Over.OWN}


def test_the_signal_is_logged_on_the_deal() -> None:
    """An activity that is neither contact nor attempt: its key says that Okoshi logged it."""
    log = log_of(World().judge())
    assert log is not None
    assert (log.subject, log.about, log.who, log.owner, log.day) == ("再検討シグナル", DEAL, PERSON, OWNER, TODAY)
    assert log.key == "hot_signal:006A:1:log"
    assert "18.0点" in log.body


def test_the_task_opens_with_what_to_do_then_facts_with_source_and_date() -> None:
    """The pages are facts with their source; nothing inferred among them."""
    task = task_in(World(deal=LOST).judge())
    assert task is not None
    assert "今日のうちに山田 太郎" in task.text.opening
    assert task.text.facts[0] == "閲覧:2026-11-18 09:35 山田 太郎(部長) 【導入事例】/case/seizo-01(8.0点)(HubSpot)"
    assert any(fact.startswith("失注:2026-09-29 ペンディング") for fact in task.text.facts)
    assert task.priority == "high"


def test_a_quiet_deal_is_left_as_it_is() -> None:
    """No activity, no occasion, nothing to wake for."""
    decision = World([]).judge()
    assert (decision.standing, decision.intents, decision.wake_at) == (Standing.NOT_ELIGIBLE, (), None)


def test_a_remembered_occasion_is_kept_while_nothing_happens() -> None:
    """The next signal gets the next number."""
    occasion = Occasion(4, date(2026, 6, 1), date(2026, 1, 1))
    assert World([], occasion=occasion).judge().occasion == occasion
    decision = World(occasion=occasion).judge()
    assert decision.occasion is not None
    assert decision.occasion.number == 5


def test_the_account_s_own_records_are_untouched() -> None:
    """The program writes on the deal and the MA's people, nowhere else."""
    assert ACCOUNT not in fields_of(World([view_of(PAPERS, minutes_ago(4)), *hot()]).judge())
