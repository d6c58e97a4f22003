"""Section 7 of the practice, the tasks: who is asked, who is left in peace, and what the task says."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from build import (
    ACCOUNT,
    IS_REP,
    JST,
    MAPPINGS,
    NOW,
    OWNER,
    PERSON,
    TODAY,
    call,
    days_ago,
    done_task,
    mail,
    meeting,
    open_task,
)
from build_people import LEAD, OWN_DEAL, TWIN, People, deal, ma, of_type, own_task, practice, task

from connector.model.case import Occasion, Written
from connector.model.intents import Decision, Over, SetFields, Standing, WithdrawTask
from connector.model.records import Activity, Opportunity, Person
from connector.programs.freshness import PROGRAM, FreshnessSettings
from connector.programs.practice import Practice
from connector.programs.practice.spans import business_days, made_up, turn

SUBJECT = "フォローコール"
SETTINGS = MAPPINGS.program("freshness", FreshnessSettings)
FORMER_GO_LIVE = date(2020, 1, 1)


def judge(people: People, now: datetime = NOW, using: Practice | None = None) -> Decision:
    """What the program says, with go-live long ago unless the test is about it."""
    return PROGRAM.evaluate(people.case(), SETTINGS, using or practice(go_live=FORMER_GO_LIVE), now)


def talk(days: int, **values: Any) -> Activity:
    """A talk with the person that was about no deal."""
    return meeting(days, deal=None, **values)


def the_turn(confirmed: date, go_live: date = FORMER_GO_LIVE) -> date:
    """The person's turn."""
    return turn(str(PERSON), confirmed, go_live, SETTINGS.round, practice().calendar)


def test_the_settings_are_the_figures_of_the_practice() -> None:
    """The preset says what the code's defaults say."""
    assert FreshnessSettings() == SETTINGS
    assert (SETTINGS.subject, SETTINGS.round.greatest_age_days, SETTINGS.round.spans) == (SUBJECT, 365, 3)


def test_it_is_about_people_but_not_about_leads_that_became_contacts() -> None:
    """The contact is followed then."""
    person = People(ref=LEAD).case().subject
    assert isinstance(person, Person)
    assert PROGRAM.concerns(person)
    assert not PROGRAM.concerns(person.model_copy(update={"same_as": (PERSON,)}))
    assert not PROGRAM.concerns(person.model_copy(update={"became": OWN_DEAL}))
    assert not PROGRAM.concerns(Opportunity(ref=OWN_DEAL, modified_at=NOW))


# --- the date of the last confirmation -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "contact",
    [talk(500), call(500, "接続", deal=None), mail(500, "incoming", deal=None), meeting(500)],
    ids=["meeting", "call", "mail from the customer", "about a deal without the person's part"],
)
def test_a_conversation_confirms_and_is_kept_on_the_person(contact: Activity) -> None:
    """The date of the last confirmation in a conversation, whatever it was about."""
    decision = judge(People([contact]))
    expected = SetFields(record=PERSON, values={"confirmed_on": TODAY - timedelta(days=500)}, over=Over.ANY)
    assert of_type(decision, SetFields) == [expected]
    assert decision.facts["confirmed_on"] == (TODAY - timedelta(days=500)).isoformat()


@pytest.mark.parametrize(
    "attempt", [call(10, "不在", deal=None), mail(10, "outgoing", deal=None)], ids=["call", "mail without an answer"]
)
def test_an_attempt_confirms_nothing(attempt: Activity) -> None:
    """Only a conversation does."""
    decision = judge(People([talk(500), attempt]))
    assert decision.facts["confirmed_on"] == (TODAY - timedelta(days=500)).isoformat()


def test_a_later_date_that_a_person_wrote_counts_and_stays() -> None:
    """They may have talked without logging it."""
    decision = judge(People([talk(500)], person={"confirmed_on": TODAY - timedelta(days=20)}))
    assert decision.standing is Standing.NOT_ELIGIBLE
    assert decision.intents == ()


def test_the_date_only_moves_forward() -> None:
    """An earlier one gives way to a later talk; the same one is not written again."""
    earlier = judge(People([talk(20)], person={"confirmed_on": TODAY - timedelta(days=21)}))
    assert of_type(earlier, SetFields)[0].values == {"confirmed_on": TODAY - timedelta(days=20)}
    assert judge(People([talk(20)], person={"confirmed_on": TODAY - timedelta(days=20)})).intents == ()


def test_a_date_that_lies_ahead_confirms_nothing() -> None:
    """A slip of the pen must not put the person off for decades."""
    decision = judge(People([talk(500)], person={"confirmed_on": date(2062, 1, 1)}))
    assert decision.standing is Standing.WAITING


def test_never_confirmed_counts_from_the_day_of_acquisition() -> None:
    """The oldest record's."""
    decision = judge(People(person={"created_at": days_ago(10)}, twins=(ma(created_at=days_ago(400)),)))
    assert task(decision).text.opening.startswith(
        f"山田 太郎とは{(TODAY - timedelta(days=400)).isoformat()}の登録から400日間"
    )
    assert decision.facts["confirmed_on"] == ""
    assert of_type(decision, SetFields) == []


# --- nothing older than a year -------------------------------------------------------------------------------------


def test_after_a_year_at_the_latest_there_is_a_task() -> None:
    """On the turn, and not a day before."""
    due = the_turn(TODAY - timedelta(days=100))
    days = (due - TODAY).days
    on_the_day = judge(People([talk(100)]), NOW + timedelta(days=days))
    assert on_the_day.standing is Standing.WAITING
    assert task(on_the_day).due == due
    assert days + 100 <= 365
    before = judge(People([talk(100)]), NOW + timedelta(days=days - 1))
    assert (before.standing, before.reason, before.intents) == (Standing.NOT_ELIGIBLE, "fresh", on_the_day.intents[:1])
    assert before.wake_at == datetime(due.year, due.month, due.day, tzinfo=JST)


def test_the_task_says_whom_to_call_and_why() -> None:
    """Subject, people, order and text."""
    wanted = task(judge(People([talk(500)])))
    assert wanted.key == f"freshness:{PERSON.id}:1.1"
    assert (wanted.subject, wanted.matter, wanted.assignee, wanted.beyond_capacity) == (
        SUBJECT,
        "freshness",
        None,
        False,
    )
    assert (wanted.who, wanted.about, wanted.person_key) == (PERSON, ACCOUNT, str(PERSON))
    assert wanted.value == Decimal(500)
    day = (TODAY - timedelta(days=500)).isoformat()
    assert wanted.text.opening.startswith(f"山田 太郎とは{day}から500日間、会話で情報を確認できていません。")
    assert wanted.text.facts[0] == f"最終確認日:{day}"


def test_a_lead_is_related_to_nothing_else() -> None:
    """The SFA does not allow it."""
    wanted = task(judge(People([talk(500, people=(LEAD,))], ref=LEAD)))
    assert (wanted.who, wanted.about) == (LEAD, None)


def test_on_a_day_off_the_task_is_due_on_the_next_business_day() -> None:
    """Sunday and Monday's holiday."""
    assert task(judge(People([talk(500)]), datetime(2026, 11, 22, 9, tzinfo=JST))).due == date(2026, 11, 24)


def test_reached_by_another_route_meanwhile_the_person_is_skipped() -> None:
    """No task, and the one that exists is taken back."""
    assert judge(People([talk(500), talk(3)])).standing is Standing.NOT_ELIGIBLE
    ours = own_task(f"freshness:{PERSON.id}:1.1", SUBJECT, created=days_ago(10))
    occasion = Occasion(1, TODAY - timedelta(days=10), TODAY - timedelta(days=500))
    people = People([talk(500), talk(3)], own_tasks=(ours,), occasions={"freshness": occasion})
    decision = judge(people)
    (back,) = of_type(decision, WithdrawTask)
    assert (back.task, back.touched, decision.occasion) == (ours.record, False, replace(occasion, ended=True))


# --- at go-live ----------------------------------------------------------------------------------------------------


def test_who_is_too_old_at_go_live_is_spread_over_the_first_span() -> None:
    """On the person's own day in it, by the hash."""
    using = practice(go_live=TODAY)
    due = made_up(str(PERSON), TODAY, SETTINGS.round, using.calendar)
    assert TODAY < due < TODAY + timedelta(days=124)
    decision = judge(People([talk(500)]), using=using)
    assert (decision.standing, decision.wake_at) == (
        Standing.NOT_ELIGIBLE,
        datetime(due.year, due.month, due.day, tzinfo=JST),
    )
    assert judge(People([talk(500)]), NOW + (due - TODAY), using).standing is Standing.WAITING


def test_who_turns_a_year_old_soon_after_go_live_is_called_before() -> None:
    """Even where the own turn has been missed."""
    using = practice(go_live=TODAY)
    for days in range(125, 363):
        due = the_turn(TODAY - timedelta(days=days), TODAY)
        assert TODAY <= due <= TODAY + timedelta(days=365 - days)
    assert business_days(using.calendar, TODAY, TODAY + timedelta(days=3))


# --- 在籍確認 ------------------------------------------------------------------------------------------------------


def test_a_hard_bounce_since_then_is_a_reason_to_call_at_once() -> None:
    """在籍確認, before all those who are only old."""
    decision = judge(People([talk(20)], person={"bounced_at": days_ago(2)}))
    wanted = task(decision)
    assert "在籍確認" in wanted.text.opening
    assert f"メール不達日:{(TODAY - timedelta(days=2)).isoformat()}(Salesforce)" in wanted.text.facts
    assert wanted.value == Decimal(1020)
    assert [because.rule for because in decision.because] == ["freshness.age", "freshness.bounce"]


@pytest.mark.parametrize(("bounced", "standing"), [(19, Standing.WAITING), (20, Standing.NOT_ELIGIBLE)])
def test_a_bounce_before_the_last_confirmation_is_none(bounced: int, standing: Standing) -> None:
    """Somebody has talked with the person since, or on the same day."""
    assert judge(People([talk(20)], person={"bounced_at": days_ago(bounced)})).standing is standing


def test_a_bounce_without_a_day_counts_from_when_it_was_seen_and_once() -> None:
    """The MA names only the reason. What changes on the record later does not make the bounce a new one."""
    bounced = ma(bounce_reason="UNKNOWN_USER", modified_at=days_ago(5))
    first = judge(People([talk(20)], twins=(bounced,)))
    assert first.standing is Standing.WAITING
    changed = bounced.model_copy(update={"modified_at": days_ago(0)})
    remembered = {"freshness": first.facts}
    asked = judge(People([talk(20), talk(1)], twins=(changed,), remembered=remembered))
    assert asked.standing is Standing.NOT_ELIGIBLE
    again = judge(People([talk(20), talk(1)], twins=(changed,), remembered={"freshness": asked.facts}))
    assert again.standing is Standing.NOT_ELIGIBLE


@pytest.mark.parametrize("reason", ["CONTENT", "POLICY", "SPAM", "MAILBOX_FULL"])
def test_a_bounce_for_the_mails_sake_says_nothing_about_the_person(reason: str) -> None:
    """Only the reasons that do are a reason to call."""
    twin = ma(bounce_reason=reason, modified_at=days_ago(2))
    assert judge(People([talk(20)], twins=(twin,))).standing is Standing.NOT_ELIGIBLE


def test_bounces_from_before_go_live_make_no_wave() -> None:
    """They are spread like those who are too old."""
    using = practice(go_live=TODAY)
    decision = judge(People([talk(20)], person={"bounced_at": days_ago(2)}), using=using)
    due = made_up(str(PERSON), TODAY, SETTINGS.round, using.calendar)
    assert decision.facts["due_on"] == due.isoformat()


# --- who is left in peace ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("world", "reason"),
    [
        ({"person": {"call_consent": "no"}}, "do_not_call"),
        ({"account": {"call_consent": "no"}}, "do_not_call"),
        ({"person": {"notes": "もう架電NGとのこと"}}, "do_not_call"),
        ({"account": {"notes": "電話不要"}}, "do_not_call"),
        ({"person": {"left_company": True}}, "left_company"),
        ({"account": {"status": "不適合"}}, "left_alone"),
        ({"account": {"status": "登録保存"}}, "left_alone"),
    ],
)
def test_a_refusal_blocks_and_takes_back(world: dict[str, Any], reason: str) -> None:
    """架電NG at the person or the company, in a field or a note, 退職, and accounts that are left alone."""
    assert judge(People([talk(500)], **world)).reason == reason
    ours = own_task(f"freshness:{PERSON.id}:1.1", SUBJECT, created=days_ago(10))
    decision = judge(People([talk(500)], own_tasks=(ours,), **world))
    assert (decision.standing, decision.reason) == (Standing.EXCLUDED, reason)
    assert [back.task for back in of_type(decision, WithdrawTask)] == [ours.record]


def test_mail_opt_out_does_not_block_a_call() -> None:
    """配信停止 is about mail only."""
    assert judge(People([talk(500)], person={"mail_consent": "no"})).standing is Standing.WAITING


def test_unknown_consent_is_shown_and_does_not_block() -> None:
    """架電可否:未確認."""
    assert "架電可否:未確認" in task(judge(People([talk(500)], person={"call_consent": "unknown"}))).text.facts


@pytest.mark.parametrize(
    ("person", "account", "twins", "standing"),
    [
        ({"phone": None}, {}, (), Standing.EXCLUDED),
        ({"phone": None, "mobile": "090-0000-0000"}, {}, (), Standing.WAITING),
        ({"phone": None}, {"phone": "03-0000-0000"}, (), Standing.WAITING),
        ({"phone": None}, {}, (ma(phone="03-0000-0000"),), Standing.WAITING),
        ({"phone": None, "mail_consent": "yes"}, {}, (), Standing.WAITING),
        ({"phone": None, "mail_consent": "yes", "bounced_at": days_ago(600)}, {}, (), Standing.EXCLUDED),
    ],
)
def test_who_can_neither_be_called_nor_mailed_is_shown(
    person: dict[str, Any], account: dict[str, Any], twins: tuple[Person, ...], standing: Standing
) -> None:
    """The own number, the MA's, the company's; else a personal mail, where that is allowed and arrives."""
    decision = judge(People([talk(500)], person=person, account=account, twins=twins))
    assert decision.standing is standing
    assert decision.reason == ("no_phone" if standing is Standing.EXCLUDED else "wanted")


def test_without_a_number_the_task_asks_for_a_mail() -> None:
    """Where mail is allowed."""
    opening = task(judge(People([talk(500)], person={"phone": None, "mail_consent": "yes"}))).text.opening
    assert opening.endswith("電話番号の登録がないため、個別のメールで確認してください。")


@pytest.mark.parametrize(
    ("deals", "reason"),
    [
        ((deal(),), "with_sales"),
        ((deal(owner=IS_REP),), "wanted"),
        ((deal(is_closed=True),), "wanted"),
        ((deal(OWN_DEAL._replace(id="006COLLEAGUE")),), "wanted"),
    ],
    ids=["in the hands of sales", "of inside sales", "closed", "a colleague's"],
)
def test_inside_sales_does_not_call_whom_sales_talks_with(deals: tuple[Opportunity, ...], reason: str) -> None:
    """An open deal of the person that somebody of sales owns."""
    assert judge(People([talk(500)], deals=deals)).reason == reason


@pytest.mark.parametrize(
    ("due", "owner", "reason"),
    [
        (14, OWNER, "with_sales"),
        (-14, OWNER, "with_sales"),
        (15, OWNER, "wanted"),
        (-15, OWNER, "wanted"),
        (1, IS_REP, "wanted"),
    ],
)
def test_an_open_task_of_sales_holds_inside_sales_back(due: int, owner: Any, reason: str) -> None:
    """A dummy task months away, or long overdue, does not."""
    decision = judge(People([talk(500), open_task(TODAY + timedelta(days=due), owner, deal=None)]))
    assert decision.reason == reason
    if due == 15:
        assert decision.wake_at == datetime(2026, 11, 19, tzinfo=JST)


def test_attempts_hold_back_for_a_fortnight_and_three_are_for_the_manager() -> None:
    """As with every task."""
    assert judge(People([talk(500), call(13, "不在", deal=None)])).reason == "recent_attempt"
    assert judge(People([talk(500), call(14, "不在", deal=None)])).reason == "wanted"
    three = [call(days, "不在", deal=None) for days in (50, 40, 30)]
    assert judge(People([talk(500), *three])).reason == "manager_decides"


def test_a_meeting_to_come_is_enough() -> None:
    """And it is looked at again when that is over."""
    decision = judge(People([talk(500), talk(-5)]))
    assert (decision.reason, decision.wake_at) == ("future_meeting", days_ago(-5))


def test_neither_our_own_people_nor_people_of_the_ma_alone_are_called() -> None:
    """The one is no customer; for the other there is no record to work on."""
    assert judge(People([talk(500)], person={"email": "ichiro@own.example"})).reason == "own_employee"
    only_ma = People(ref=TWIN)
    assert judge(only_ma).reason == "not_in_sfa"


# --- one occasion, one task ----------------------------------------------------------------------------------------


def occasion(number: int = 1) -> Occasion:
    """The occasion of a person who was last confirmed 500 days ago."""
    return Occasion(number, TODAY - timedelta(days=30), TODAY - timedelta(days=500))


def seen(*activities: Activity, **now: Any) -> People:
    """A person with our task of 30 days ago, as the mirror would show it."""
    ours = own_task(f"freshness:{PERSON.id}:1.1", SUBJECT, created=days_ago(30), **now)
    shown = [ours.current] if ours.current else []
    return People([talk(500), *shown, *activities], own_tasks=(ours,), occasions={"freshness": occasion()})


def test_asked_twice_it_answers_the_same() -> None:
    """And with the answer applied, nothing more is wanted."""
    people = People([talk(500)])
    assert judge(people) == judge(people)
    applied = seen()
    applied.person = {"confirmed_on": TODAY - timedelta(days=500)}
    decision = judge(applied)
    assert (decision.standing, decision.intents, decision.occasion) == (Standing.ISSUED, (), occasion())


def test_somebody_elses_open_task_with_the_subject_counts() -> None:
    """Whoever made it."""
    other = open_task(TODAY, IS_REP, deal=None, subject=SUBJECT)
    assert judge(People([talk(500), other])).reason == "already_open"


@pytest.mark.parametrize(
    ("now", "reason"),
    [({"deleted": True}, "task_deleted"), ({"status": "対応不要", "is_closed": True}, "not_needed")],
)
def test_what_a_person_ended_does_not_come_again(now: dict[str, Any], reason: str) -> None:
    """Not for this occasion."""
    assert judge(seen(**now)).reason == reason


def test_a_task_that_ended_in_attempts_is_followed_by_the_next_one() -> None:
    """After a fortnight."""
    closed = {"status": "完了", "is_closed": True, "disposition": "不在", "completed_at": days_ago(20)}
    assert task(judge(seen(**closed))).key == f"freshness:{PERSON.id}:1.2"


def test_a_talk_ends_the_occasion_and_a_year_later_the_next_begins() -> None:
    """Completing our task with a talk is contact."""
    done = {"status": "完了", "is_closed": True, "completed_at": days_ago(2)}
    people = seen(**done)
    fresh = judge(people)
    assert (fresh.standing, fresh.occasion) == (Standing.NOT_ELIGIBLE, replace(occasion(), ended=True))
    assert of_type(fresh, SetFields)[0].values == {"confirmed_on": TODAY - timedelta(days=2)}
    assert fresh.occasion is not None
    people.occasions = {"freshness": fresh.occasion}
    assert task(judge(people, NOW + timedelta(days=364))).key == f"freshness:{PERSON.id}:2.1"


def test_a_late_log_that_leaves_the_person_too_old_begins_nothing_new() -> None:
    """A talk before our task, entered after it."""
    decision = judge(seen(talk(450), deleted=True))
    assert (decision.reason, decision.occasion) == ("task_deleted", occasion())


def test_a_task_with_somebody_who_left_is_shown() -> None:
    """Nobody works on it."""
    people = seen()
    gone = people.case().users[IS_REP].model_copy(update={"is_active": False})
    people.users = {IS_REP: gone}
    assert judge(people).reason == "holder_left"


def test_begun_work_is_left_with_a_note() -> None:
    """Where somebody else has reached the person."""
    (back,) = of_type(judge(seen(done_task(3, deal=None), body="本文 折り返し待ち")), WithdrawTask)
    assert back.touched


def test_our_own_value_is_moved_forward_too() -> None:
    """The date that Okoshi wrote last year."""
    old = TODAY - timedelta(days=300)
    written = {PERSON: {"confirmed_on": Written(old, 1, NOW - timedelta(days=300))}}
    decision = judge(People([talk(300), talk(4)], person={"confirmed_on": old}, written=written))
    assert of_type(decision, SetFields)[0].values == {"confirmed_on": TODAY - timedelta(days=4)}
