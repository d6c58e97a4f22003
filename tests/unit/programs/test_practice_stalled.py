"""滞留商談: cases as a sales-ops person would write them from the practice, beside those of `test_stalled_*`."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from build import (
    DEAL,
    IS_REP,
    JST,
    MAPPINGS,
    NOW,
    OTHER,
    OWNER,
    PERSON,
    TODAY,
    World,
    call,
    company_lead_time,
    days_ago,
    done_task,
    mail,
    meeting,
    open_task,
    practice,
)  # fmt: skip
from test_stalled_occasions import SUBJECT, key, occasion, ours, stalled_world, withdrawal

from connector.mapping.practice import PracticeRules, StalledDays, StalledRules
from connector.model.case import Occasion
from connector.model.intents import Alert, Decision, EnsureTask, Standing
from connector.model.records import Account, Activity, ActivityKind, Opportunity, Person, Ref, User
from connector.programs.stalled import PROGRAM, StalledSettings

STAMP = datetime(2026, 1, 1, tzinfo=JST)
SHORT = PracticeRules(stalled=StalledRules(days=StalledDays(by_record_type={"Short": "auto", "Project": 120})))


def outcome(world: World, **options: Any) -> str | None:
    """What the program answers: the reason, or `wanted`."""
    decision = world.judge(**options)
    return "wanted" if decision.standing is Standing.WAITING else decision.reason


def task(decision: Decision) -> EnsureTask:
    """The task that is wanted."""
    (wanted,) = decision.intents
    assert isinstance(wanted, EnsureTask)
    return wanted


def at(text: str) -> datetime:
    """Ten o'clock (JST) of a day."""
    return datetime.fromisoformat(f"{text}T10:00:00").replace(tzinfo=JST)


# --- from when on ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "answer"), [(119, "fresh"), (120, "wanted")])
def test_a_record_type_has_its_own_days(days: int, answer: str) -> None:
    """Per pipeline or record type: a project deal may rest for four months."""
    assert outcome(World([meeting(days)], deal={"record_type": "Project"}), rules=SHORT) == answer


@pytest.mark.parametrize(("silence", "answer"), [(59, "fresh"), (60, "wanted")])
def test_an_unknown_record_type_goes_by_the_default(silence: int, answer: str) -> None:
    """No record type in the org, or one that nobody mapped."""
    for record_type in (None, "Nobody_Mapped_This"):
        assert outcome(World([meeting(silence)], deal={"record_type": record_type}), rules=SHORT) == answer


@pytest.mark.parametrize(("age", "answer"), [(13, "fresh"), (14, "wanted")])
def test_a_short_cycle_deal_without_contact_is_silent_since_its_creation(age: int, answer: str) -> None:
    """The mean is ten days: fourteen days of silence are needed besides."""
    world = World(created_days=age, deal={"record_type": "Short"})
    assert outcome(world, rules=SHORT, lead_times=company_lead_time(25, 10.0)) == answer


@pytest.mark.parametrize(("age", "answer"), [(40, "fresh"), (41, "wanted")])
def test_the_age_must_exceed_a_mean_with_a_fraction(age: int, answer: str) -> None:
    """40.5 days: forty are less, forty-one are more."""
    world = World([meeting(20)], created_days=age, deal={"record_type": "Short"})
    assert outcome(world, rules=SHORT, lead_times=company_lead_time(20, 40.5)) == answer


def test_a_long_silence_does_not_make_a_young_short_cycle_deal_stalled() -> None:
    """Both: the age exceeds the mean **and** 14 days of silence. A mean of 200 days lets 90 days of silence pass."""
    world = World([meeting(90)], created_days=150, deal={"record_type": "Short"})
    assert outcome(world, rules=SHORT, lead_times=company_lead_time(30, 200.0)) == "fresh"


def test_a_short_cycle_without_any_won_deal_goes_by_sixty_days() -> None:
    """Nothing has been won yet: no lead time at all."""
    deal = {"record_type": "Short"}
    assert outcome(World([meeting(59)], deal=deal), rules=SHORT) == "fresh"
    assert outcome(World([meeting(60)], deal=deal), rules=SHORT) == "wanted"


@pytest.mark.parametrize(("now", "answer"), [("2024-04-28", "fresh"), ("2024-04-29", "wanted")])
def test_a_leap_day_is_a_day(now: str, answer: str) -> None:
    """Last contact on 29 February 2024: sixty days later is 29 April."""
    world = World(
        [meeting(0).model_copy(update={"starts_at": at("2024-02-29")})], deal={"created_at": at("2024-01-05")}
    )
    assert outcome(world, now=at(now)) == answer


def test_a_deal_of_which_the_creation_is_unknown_is_judged_all_the_same() -> None:
    """A file without a creation date: nothing breaks, and the deal is either looked at again or wanted."""
    decision = World(deal={"created_at": None}).judge()
    assert decision.standing is Standing.WAITING or decision.wake_at is not None


@pytest.mark.parametrize(("age", "answer"), [(1, "fresh"), (59, "fresh"), (60, "wanted")])
def test_a_talk_before_there_was_a_deal_is_no_contact_of_it(age: int, answer: str) -> None:
    """A lead that was talked to half a year ago became a deal: nobody neglects a deal for longer than it exists."""
    assert outcome(World([call(180, "接続", deal=None)], created_days=age)) == answer


def test_an_imported_deal_is_as_silent_as_its_own_activities_say() -> None:
    """Entered last week with its history from another system: the meetings on the deal itself count."""
    assert outcome(World([meeting(90)], created_days=7)) == "wanted"


def test_attempts_before_there_was_a_deal_bring_it_before_no_manager() -> None:
    """The lead was hard to reach; the deal that came of it has not been tried once."""
    tried = [call(days, "不在", deal=None) for days in (200, 190, 180)]
    assert outcome(World(tried, created_days=61)) == "wanted"


# --- due day --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fires", "due"),
    [
        ("2026-11-20", date(2026, 11, 20)),  # Friday
        ("2026-11-21", date(2026, 11, 24)),  # Saturday; Monday is a holiday
        ("2026-12-30", date(2026, 12, 30)),
        ("2026-12-31", date(2027, 1, 4)),  # the turn of the year
        ("2027-01-02", date(2027, 1, 4)),
        ("2026-04-29", date(2026, 4, 30)),  # Golden Week, with a business day within
        ("2026-05-02", date(2026, 5, 7)),  # 3–6 May are holidays, the 6th as a substitute
        ("2026-09-19", date(2026, 9, 24)),  # 21–23 September: a citizens' holiday between two others
    ],
)
def test_the_task_is_due_on_the_day_itself_or_the_next_business_day(fires: str, due: date) -> None:
    """Due the day the rule fires +0 days (moved to a business day)."""
    created = at(fires) - timedelta(days=70)
    assert task(World(deal={"created_at": created}).judge(now=at(fires))).due == due


def test_a_companys_own_day_off_is_no_business_day() -> None:
    """Summer holidays that no calendar knows."""
    calendar = replace(practice().calendar, extra_closed=frozenset({TODAY, TODAY + timedelta(days=1)}))
    assert task(World().judge(calendar=calendar)).due == TODAY + timedelta(days=2)


# --- what suppresses ------------------------------------------------------------------------------------------------


def test_an_appointment_in_the_ma_or_with_the_person_alone_suppresses() -> None:
    """Suppressed by a future meeting, in either system, on the deal or with its person on no deal."""
    booked = meeting(-1, system="hubspot", outcome="SCHEDULED", deal=None)
    assert outcome(World([meeting(90), booked])) == "future_meeting"


def test_of_several_appointments_the_deal_is_looked_at_after_the_next_one() -> None:
    """The first may already be contact."""
    decision = World([meeting(90), meeting(-20), meeting(-3)]).judge()
    assert (decision.reason, decision.wake_at) == ("future_meeting", days_ago(-3))


def test_the_task_of_an_owner_who_has_left_parks_nothing() -> None:
    """The owner's own open task says that the owner is at it; somebody who has left is at nothing."""
    world = World([meeting(90), open_task(TODAY + timedelta(days=5))], owner_active=False)
    assert outcome(world) == "wanted"


def test_a_completed_task_of_the_owner_due_soon_is_no_plan() -> None:
    """Closed as not needed yesterday, due next week: neither contact nor an open task."""
    closed = open_task(TODAY + timedelta(days=5)).model_copy(
        update={"is_closed": True, "status": "対応不要", "completed_at": days_ago(1)}
    )
    assert outcome(World([meeting(90), closed])) == "wanted"


def test_the_owners_task_for_another_deal_of_the_person_parks_nothing() -> None:
    """Only what is on this deal, or with its people on no deal."""
    world = World([meeting(90), open_task(TODAY + timedelta(days=5), deal=OTHER)])
    assert outcome(world) == "wanted"


def test_the_owners_dummy_task_wakes_the_deal_when_it_is_over() -> None:
    """Due within fourteen days: on the day after it the deal is looked at again."""
    decision = World([meeting(90), open_task(TODAY + timedelta(days=14))]).judge()
    assert (decision.reason, decision.wake_at) == ("owner_task", datetime(2026, 12, 3, tzinfo=JST))


# --- one stall, one occasion ----------------------------------------------------------------------------------------


def test_a_reopened_deal_begins_a_new_occasion_whatever_a_person_did_in_the_last_one() -> None:
    """It ends when the deal is closed; only then can a new one begin, even where the last contact is the same."""
    deleted = ours(deleted=True)
    closed = stalled_world(deleted, deal={"is_closed": True}).judge()
    assert closed.occasion is not None
    assert closed.occasion.ended
    reopened = World([meeting(80)], own_tasks=(deleted,), occasion=closed.occasion)
    assert key(reopened.judge()) == f"stalled:{DEAL.id}:2.1"


@pytest.mark.parametrize("task_", [ours(deleted=True), ours(status="対応不要", is_closed=True)])
@pytest.mark.parametrize("days", [79, 61, 60])
def test_a_late_log_does_not_bring_back_what_a_person_ended(task_: Any, days: int) -> None:
    """Logged today for a day before our task: the deal was never seen with contact, so nothing new begins."""
    world = World([meeting(80), meeting(days)], own_tasks=(task_,), occasion=occasion())
    assert outcome(world) in ("task_deleted", "not_needed")


def test_a_late_log_that_shows_recent_contact_ends_the_stall_and_takes_the_task_back() -> None:
    """The owner's meeting of twenty days ago, logged today, after our task was made: withdrawn."""
    late = meeting(20, created_at=days_ago(0))
    decision = stalled_world(ours(), late).judge()
    assert (decision.standing, decision.reason) == (Standing.NOT_ELIGIBLE, "fresh")
    assert not withdrawal(decision).touched


def test_the_customers_own_mail_takes_the_task_back() -> None:
    """A personal mail from the customer is contact, whoever reads it."""
    assert not withdrawal(stalled_world(ours(), mail(1, "incoming", owner=None)).judge()).touched


def test_an_attempt_by_the_owner_takes_nothing_back() -> None:
    """An unanswered call is no contact: inside sales goes on."""
    assert stalled_world(ours(), call(1, "不在", owner=OWNER)).judge().standing is Standing.ISSUED


def test_a_begun_task_that_was_withdrawn_and_is_ticked_later_is_no_contact() -> None:
    """A withdrawal is never contact: whoever tidies up the task that was left with a note has talked to nobody."""
    left = ours(withdrawn=True, status="完了", is_closed=True, completed_at=days_ago(1))
    assert outcome(stalled_world(left)) != "fresh"


def test_a_talk_in_a_task_that_was_withdrawn_is_the_persons_act() -> None:
    """What a person does in our task is the person's act: the result of a call was entered."""
    talked = ours(withdrawn=True, status="完了", is_closed=True, completed_at=days_ago(1), disposition="接続")
    assert outcome(stalled_world(talked)) == "fresh"


def test_three_fruitless_tasks_of_one_stall_end_with_the_manager() -> None:
    """Each completed without a talk: attempts like any other, and after the third no fourth task."""
    tried = [
        replace(
            one,
            record=Ref("salesforce", "Task", f"00T{n}"),
            current=one.current.model_copy(update={"ref": Ref("salesforce", "Task", f"00T{n}")}),
        )
        for n, days in ((1, 50), (2, 34), (3, 18))
        for one in [ours(1, n, status="完了", is_closed=True, completed_at=days_ago(days), disposition="不在")]
        if one.current
    ]
    seen = [one.current for one in tried if one.current]
    both = World([meeting(120), *seen[:2]], own_tasks=tuple(tried[:2]), occasion=occasion(last_contact=120, started=60))
    assert key(both.judge()) == f"stalled:{DEAL.id}:1.3"
    world = World([meeting(120), *seen], own_tasks=tuple(tried), occasion=occasion(last_contact=120, started=60))
    assert outcome(world) == "manager_decides"


def unreachable(**changes: Any) -> Decision:
    """Three calls in vain, the last one twenty days ago, and a manager of inside sales."""
    manager = User(ref=Ref("salesforce", "User", "005M"), modified_at=STAMP, name="IS 部長")
    tried = [call(days, "不在") for days in (50, 35, 20)]
    return World([meeting(90), *tried]).judge(managers=(manager,), **changes)


def test_the_manager_is_told_once_a_stall_that_a_decision_is_needed() -> None:
    """After three fruitless attempts the manager decides: the alert has one key for this stall, and no task."""
    (alert,) = unreachable().intents
    assert isinstance(alert, Alert)
    assert (alert.key, alert.template) == (f"stalled:{DEAL.id}:1:alert:manager", "stalled.alert_manager")
    assert alert.to == (Ref("salesforce", "User", "005M"),)
    assert alert.values["count"] == "3"
    for texts in MAPPINGS.texts.values():
        for part in ("title", "body"):
            assert "{" not in texts[f"{alert.template}.{part}"].format(**alert.values)


@pytest.mark.parametrize(("days", "told"), [(20, 1), (19, 0)])
def test_the_manager_is_not_told_of_what_was_tried_before_go_live(days: int, told: int) -> None:
    """A first run must not send an alert for every deal of the past; the reason is shown all the same."""
    decision = unreachable(go_live=TODAY - timedelta(days=days))
    assert (decision.reason, len(decision.intents)) == ("manager_decides", told)


def test_a_call_logged_beside_our_completed_task_is_one_attempt() -> None:
    """Inside sales dials in the MA, which logs the call, and ticks our task: one attempt, not two."""
    done = ours(status="完了", is_closed=True, completed_at=days_ago(20), disposition="不在")
    dialled = Activity(
        ref=Ref("hubspot", "calls", "5"),
        form=ActivityKind.CALL,
        modified_at=STAMP,
        starts_at=days_ago(20, 11),
        is_closed=True,
        disposition="73a0d17f-1163-4015-bdd5-ec830791da20",
        owner=IS_REP,
        opportunities=(DEAL,),
        people=(PERSON,),
    )
    world = World(
        [meeting(90), call(40, "不在"), done.current, dialled],  # type: ignore[list-item]
        own_tasks=(done,),
        occasion=occasion(last_contact=90, started=30),
    )
    assert outcome(world) == "wanted"


def test_two_calls_on_one_day_are_two_attempts() -> None:
    """In the morning and in the afternoon, both in one system: each is an attempt."""
    assert outcome(World([meeting(90), call(30, "不在"), call(20, "不在"), call(20, "話中")])) == "manager_decides"


# --- the open task --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [ActivityKind.TASK, ActivityKind.CALL])
def test_a_hand_made_task_with_the_person_alone_counts(form: ActivityKind) -> None:
    """Any open task with that subject counts, whoever made it, even if the deal was not filled in."""
    by_hand = open_task(TODAY, owner=IS_REP, deal=None, subject=SUBJECT).model_copy(update={"form": form})
    assert World([meeting(90), by_hand]).judge().standing is Standing.ISSUED


def test_a_hand_made_task_for_another_deal_does_not_count() -> None:
    """The same subject, the same person, but about another deal."""
    by_hand = open_task(None, owner=IS_REP, deal=OTHER, subject=SUBJECT)
    assert World([meeting(90), by_hand]).judge().standing is Standing.WAITING


def test_a_hand_made_task_of_somebody_who_left_leaks_nothing() -> None:
    """Nobody works on it: the deal does not count as 発行済, the reason is shown."""
    gone = User(ref=IS_REP, modified_at=STAMP, name="IS 退職者", is_active=False)
    world = World([meeting(90), open_task(None, owner=IS_REP, subject=SUBJECT)], users={IS_REP: gone})
    assert outcome(world) == "holder_left"


def test_the_task_is_for_inside_sales_even_if_the_owner_is_active() -> None:
    """Follow-up belongs to IS: nobody is named, capacity holds, and the account's owner is known for partners."""
    wanted = task(World([meeting(90)]).judge())
    assert (wanted.assignee, wanted.beyond_capacity, wanted.account_owner) == (None, False, OWNER)
    assert wanted.matter == "stalled"


def test_a_deal_of_which_hardly_anything_is_known_gets_its_task() -> None:
    """No name, amount, stage, product, account or owner: eligible all the same, and no `None` in the text."""
    blank = {"name": None, "amount": None, "stage": None, "account": None, "owner": None, "product": None}
    world = World(deal=blank, account={"name": None, "owner": None}, has_role=False)
    wanted = task(world.judge())
    assert "None" not in wanted.text.model_dump_json(exclude_none=True)
    assert wanted.value == 0


def test_the_former_owners_superior_is_named_where_the_account_owner_left_too() -> None:
    """Account owner → former owner's 上司 → IS manager, history in the text."""
    boss, second = Ref("salesforce", "User", "005BOSS"), Ref("salesforce", "User", "005TWO")
    users = {
        OWNER: User(ref=OWNER, modified_at=STAMP, name="営業 一郎", is_active=False, manager=boss),
        boss: User(ref=boss, modified_at=STAMP, name="上司 二郎"),
        second: User(ref=second, modified_at=STAMP, name="後任 花子", is_active=False),
    }
    wanted = task(World(account={"owner": second}, users=users).judge(managers=(users[boss],)))
    (line,) = [fact for fact in wanted.text.facts if fact.startswith("商談所有者")]
    assert "上司 二郎" in line
    assert "営業 一郎" in line
    assert "後任 花子" not in line


def test_the_text_says_facts_with_source_and_date_apart_from_inferences() -> None:
    """Product, amount, 契約確度, stage, last contact, who was in the talk, hook; visits of late are an inference."""
    deal = {"product": "Aプラン", "probability": Decimal(40), "approach_hook": "新機能の事例"}
    person = {"last_visit_at": days_ago(3), "last_page_url": "https://www.own.example/price"}
    text = task(World([meeting(75, subject="定例会")], deal=deal, person=person).judge()).text
    facts = "\n".join(text.facts)
    for expected in (
        "Aプラン",
        "5,000,000",
        "40%",
        "提案",
        "2026-09-04",
        "定例会",
        "山田 太郎",
        "営業 一郎",
        "新機能の事例",
    ):
        assert expected in facts, expected
    assert "https://www.own.example/price" in facts
    assert all("【推定】" not in fact for fact in text.facts)
    assert text.inferences
    assert "75日間" in text.opening


def test_a_visit_before_the_last_talk_was_not_read_since() -> None:
    """What was read since: the visit lies before the talk."""
    person = {"last_visit_at": days_ago(80), "last_page_url": "https://www.own.example/price"}
    text = task(World([meeting(75)], person=person).judge()).text
    assert not any("price" in fact for fact in text.facts)


def test_the_larger_deal_and_the_one_with_interest_come_first() -> None:
    """Stalled: by amount and recent interest."""
    small = task(World(deal={"amount": Decimal(3_000_000)}).judge()).value
    visited = task(World(deal={"amount": Decimal(3_000_000)}, person={"last_visit_at": days_ago(2)}).judge()).value
    large = task(World(deal={"amount": Decimal(4_000_000)}).judge()).value
    assert small < large < visited


def test_two_deals_of_one_person_ask_for_the_same_person() -> None:
    """One person gets at most one open task for one matter: both deals name the person by the same key."""
    twin = Person(ref=Ref("hubspot", "contacts", "1"), modified_at=STAMP)
    first = World(twins=(twin,)).judge()
    second = replace(World(twins=(twin,)).case(), subject=World(deal={"ref": OTHER}).case().subject)
    again = PROGRAM.evaluate(second, StalledSettings(), practice(), NOW)
    assert task(first).person_key == task(again).person_key
    assert task(first).key != task(again).key


# --- consent and people ---------------------------------------------------------------------------------------------


def test_a_colleague_who_must_not_be_called_holds_nothing_back() -> None:
    """架電NG is said of a person or of the company; the deal's primary contact may be called."""
    colleague = Ref("salesforce", "Contact", "003Z")
    noted = done_task(80, people=(colleague,), body="電話しないでとのこと")
    assert outcome(World([noted])) == "wanted"


def test_a_refusal_in_the_companys_record_of_the_ma_counts() -> None:
    """架電NG at company level in either system."""
    case = World().case()
    in_ma = Account(ref=Ref("hubspot", "companies", "9"), modified_at=STAMP, name="アクメ", call_consent="no")
    decided = PROGRAM.evaluate(replace(case, accounts=(*case.accounts, in_ma)), StalledSettings(), practice(), NOW)
    assert (decided.standing, decided.reason) == (Standing.EXCLUDED, "do_not_call")


def test_a_person_who_came_back_on_record_may_be_called_again() -> None:
    """退職 was a mistake and was taken out: the deal gets its next task of the same stall."""
    world = stalled_world(ours(withdrawn=True, deleted=True))
    assert key(world.judge()) == f"stalled:{DEAL.id}:1.2"


def test_nothing_is_said_of_deals_of_the_past_that_were_won() -> None:
    """A won deal with years of silence is none of the program's."""
    decision = World([meeting(900)], created_days=1000, deal={"is_closed": True, "is_won": True}).judge()
    assert (decision.standing, decision.intents) == (Standing.NOT_ELIGIBLE, ())


def test_judged_again_with_the_task_written_nothing_more_is_wanted() -> None:
    """The plan was applied: the task is there under its key, due that day, and the deal is 発行済 until it is done."""
    first = World([meeting(80)]).judge()
    wanted = task(first)
    written = replace(ours(), key=wanted.key)
    world = World([meeting(80)], own_tasks=(written,), occasion=first.occasion)
    for days in (0, 1, 30):
        decision = world.judge(now=NOW + timedelta(days=days))
        assert (decision.standing, decision.intents) == (Standing.ISSUED, ())


def test_an_occasion_that_began_before_the_deal_was_merged_keeps_its_number() -> None:
    """The deal names another account by now: still the same stall, no second first task."""
    world = stalled_world(ours(), deal={"account": Ref("salesforce", "Account", "001NEW")})
    assert world.judge().occasion == occasion()


def test_a_stall_that_a_raised_figure_paused_goes_on_with_its_own_tasks() -> None:
    """The person had ended the task; lowering the figure again brings no second one."""
    world = World([meeting(80)], own_tasks=(ours(deleted=True),), occasion=occasion())
    raised = PracticeRules(stalled=StalledRules(days=StalledDays(default=90)))
    paused = world.judge(rules=raised)
    assert isinstance(paused.occasion, Occasion)
    again = World([meeting(80)], own_tasks=(ours(deleted=True),), occasion=paused.occasion)
    assert outcome(again) == "task_deleted"


def test_another_deals_owner_is_named_even_if_that_deal_is_the_mas() -> None:
    """The same person is in touch about a deal that only the MA has."""
    other = Ref("hubspot", "deals", "99")
    deals = {other: Opportunity(ref=other, modified_at=STAMP, name="オプション追加", owner=OWNER)}
    decision = World([meeting(90), mail(3, "incoming", deal=other)], other_deals=deals).judge()
    assert decision.reason == "other_deal"
    assert "オプション追加" in decision.text
    assert "営業 一郎" in decision.text
