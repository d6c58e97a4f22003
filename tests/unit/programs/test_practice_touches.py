"""Contact, attempt, touch: cases as a sales-ops person would write them, through the program of stalled deals."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from build import (
    DEAL,
    IS_REP,
    JST,
    NOW,
    OTHER,
    OWNER,
    TODAY,
    World,
    activity,
    call,
    days_ago,
    done_task,
    logged,
    mail,
    meeting,
    open_task,
    practice,
)  # fmt: skip

from connector.model.case import Participant
from connector.model.intents import Decision, EnsureTask, Standing
from connector.model.records import Activity, ActivityKind, Opportunity, Person, Ref
from connector.programs.stalled import PROGRAM, StalledSettings

STAMP = datetime(2026, 1, 1, tzinfo=JST)
MA_DEAL = Ref("hubspot", "deals", "77")
SECOND = Ref("salesforce", "Contact", "003B")


def outcome(world: World, **options: Any) -> str | None:
    """What the program answers: the reason, or `wanted`."""
    decision = world.judge(**options)
    return "wanted" if decision.standing is Standing.WAITING else decision.reason


def silent(*activities: Activity, **values: Any) -> World:
    """A deal whose last contact lies ninety days back, with these beside it."""
    return World([meeting(90), *activities], **values)


def ma_meeting(days: int, outcome_: str | None, **values: Any) -> Activity:
    """A meeting of the MA."""
    return meeting(days, system="hubspot", outcome=outcome_, **values)


@pytest.mark.parametrize(
    ("outcome_", "held"),
    [(None, True), ("", True), ("COMPLETED", True), ("completed", True), ("RESCHEDULED", False), ("NO_SHOW", False)],
)
def test_a_meeting_of_the_ma_is_held_if_its_outcome_does_not_say_otherwise(outcome_: str | None, held: bool) -> None:
    """Held meeting: HubSpot meeting with outcome COMPLETED, or none and past."""
    assert (outcome(silent(ma_meeting(10, outcome_))) == "fresh") is held


def test_a_meeting_marked_completed_that_lies_ahead_was_not_held() -> None:
    """A typing error in the year: it is no contact before its day."""
    assert outcome(silent(ma_meeting(-300, "COMPLETED"))) != "fresh"


def test_a_meeting_this_morning_was_held_and_one_this_afternoon_was_not() -> None:
    """Past and future are told by the hour: now is ten o'clock."""
    assert outcome(silent(activity("Event", ActivityKind.MEETING, DEAL, starts_at=days_ago(0, 9)))) == "fresh"
    later = World([meeting(90), activity("Event", ActivityKind.MEETING, DEAL, starts_at=days_ago(0, 15))]).judge()
    assert later.reason == "future_meeting"
    assert later.wake_at == days_ago(0, 15)


@pytest.mark.parametrize(
    ("disposition", "contact"),
    [
        ("f240bbac-87c9-4f6e-bf70-924b57d47db7", True),  # Connected
        ("a4c4c377-d246-4b32-a13b-75a56a4cd0ff", False),  # Left live message
        ("b2cf5968-551e-4856-9783-52b3da59a7d0", False),  # Left voicemail
        ("73a0d17f-1163-4015-bdd5-ec830791da20", False),  # No answer
        ("9d9162e7-6cf3-4944-bf63-4dff82258764", False),  # Busy
        ("17b47fee-58de-441e-a44c-c6300d46f273", False),  # Wrong number
        ("F240BBAC-87C9-4F6E-BF70-924B57D47DB7", True),
        ("", True),
        ("  ", True),
        ("connected", True),
        (" 接続 ", True),
        ("不在", False),
        ("留守電", False),
    ],
)
def test_a_call_is_contact_if_somebody_answered_or_nothing_was_noted(disposition: str, contact: bool) -> None:
    """Connected → contact, the rest → attempt, unknown → contact, as reps rarely log it otherwise."""
    dialled = activity("calls", ActivityKind.CALL, DEAL, system="hubspot", starts_at=days_ago(20), is_closed=True)
    world = silent(dialled.model_copy(update={"disposition": disposition}))
    assert outcome(world) == ("fresh" if contact else "wanted")


def test_a_planned_call_is_nothing_yet() -> None:
    """A call task that nobody has made: neither contact nor attempt, however long it is overdue."""
    planned = activity("Task", ActivityKind.CALL, DEAL, due_date=TODAY - timedelta(days=5), owner=IS_REP)
    assert outcome(silent(planned)) == "wanted"


def test_mails_without_a_thread_are_not_each_others_answers() -> None:
    """Two mails of which no thread is known have nothing in common."""
    old_answer = mail(80, "incoming", thread="t9")
    ours = mail(20, "outgoing").model_copy(update={"thread": None})
    theirs = mail(85, "incoming").model_copy(update={"thread": None})
    assert outcome(silent(old_answer, ours, theirs)) == "wanted"


def test_an_answer_in_another_thread_counts_on_its_own_day_only() -> None:
    """Our mail of yesterday stays an attempt; the customer's mail of another thread is contact on its own day."""
    assert outcome(silent(mail(61, "incoming", "a"), mail(1, "outgoing", "b"))) == "recent_attempt"
    assert outcome(silent(mail(61, "incoming", "a"), mail(15, "outgoing", "b"))) == "wanted"


def test_an_answer_seventy_days_later_makes_the_deal_fresh_from_the_answer_on() -> None:
    """One of ours that was answered: the stall ends with the customer's mail."""
    assert outcome(silent(mail(75, "outgoing"), mail(5, "incoming"))) == "fresh"


def test_marketing_mail_and_visits_are_neither() -> None:
    """Bulk mail by the MA, the customer's own visits and opens: no contact, and no attempt that holds anything back."""
    bulk = activity("Task", ActivityKind.MAIL, DEAL, subtype="ListEmail", is_closed=True, due_date=TODAY)
    seen = {"last_visit_at": days_ago(1), "last_mail_open_at": days_ago(1), "last_mail_click_at": days_ago(1)}
    assert outcome(silent(bulk, bulk, bulk, person=seen)) == "wanted"


def test_a_deleted_activity_never_happened() -> None:
    """Neither a meeting nor an attempt in the recycle bin counts."""
    assert outcome(silent(meeting(5, deleted=True), call(3, "不在", deleted=True))) == "wanted"


def test_a_meeting_to_come_that_was_deleted_holds_nothing_back() -> None:
    """The appointment is gone."""
    assert outcome(silent(meeting(-5, deleted=True))) == "wanted"


def test_what_okoshi_logged_itself_is_neither() -> None:
    """A signal's entry in the SFA is a completed task with the person: the connector's own writing."""
    entry = done_task(2, subject="再検討シグナル")
    case = replace(silent(entry).case(), own_logs=frozenset({entry.ref}))
    assert PROGRAM.evaluate(case, StalledSettings(), practice(), NOW).standing is Standing.WAITING


def test_an_activity_on_the_deals_record_in_the_ma_is_on_the_deal() -> None:
    """Logged in either system on the opportunity."""
    world = silent(activity("meetings", ActivityKind.MEETING, MA_DEAL, system="hubspot", starts_at=days_ago(5)))
    case = replace(world.case(), same_deal=frozenset({DEAL, MA_DEAL}))
    assert PROGRAM.evaluate(case, StalledSettings(), practice(), NOW).reason == "fresh"


def test_an_activity_on_this_deal_and_on_another_is_contact_of_this_one() -> None:
    """A meeting about two deals of one customer."""
    both = meeting(5).model_copy(update={"opportunities": (DEAL, OTHER)})
    assert outcome(silent(both)) == "fresh"


def with_second(*activities: Activity) -> Decision:
    """The deal has a second contact; what the program says to these activities."""
    second = Participant(Person(ref=SECOND, modified_at=STAMP, name="佐藤 次郎", call_consent="yes"))
    case = silent(*activities).case()
    case = replace(case, participants=(*case.participants, second))
    return PROGRAM.evaluate(case, StalledSettings(), practice(), NOW)


def test_a_talk_with_any_of_the_deals_people_is_contact() -> None:
    """With its people where it is on no other opportunity: not only with the primary contact."""
    assert with_second(call(5, "接続", deal=None, people=(SECOND,))).reason == "fresh"


def test_a_deal_that_is_not_known_any_more_still_holds_back() -> None:
    """The activity is on a deal that cannot be read: it is another one, and the hold stands without a name."""
    decision = silent(meeting(5, deal=OTHER)).judge()
    assert decision.reason == "other_deal"
    assert "None" not in decision.text


@pytest.mark.parametrize(
    ("at", "answer"),
    [
        (datetime(2026, 9, 18, 14, 59, tzinfo=UTC), "wanted"),  # 23:59 on the 18th in Japan: 61 days
        (datetime(2026, 9, 19, 14, 59, tzinfo=UTC), "wanted"),  # 23:59 on the 19th: 60 days
        (datetime(2026, 9, 19, 15, 0, tzinfo=UTC), "fresh"),  # midnight, the 20th: 59 days
    ],
)
def test_days_of_mails_are_counted_in_japan(at: datetime, answer: str) -> None:
    """HubSpot gives UTC; a mail at 15:00Z belongs to the next day in Japan."""
    assert outcome(World([mail(0, "incoming").model_copy(update={"starts_at": at})])) == answer


def test_an_attempt_wakes_the_deal_when_its_fourteen_days_are_over() -> None:
    """Suppresses a new task for 14 days: time alone changes the answer then."""
    decision = silent(call(13, "不在")).judge()
    assert (decision.reason, decision.wake_at) == ("recent_attempt", datetime(2026, 11, 19, tzinfo=JST))


def test_a_mail_call_and_voicemail_are_three_attempts() -> None:
    """After three fruitless attempts, of whatever kind and by whomever, the manager decides; two are not three."""
    tried = [
        call(40, "不在", owner=OWNER),
        mail(30, "outgoing"),
        call(20, "留守電", owner=IS_REP, deal=None),
    ]
    assert outcome(silent(*tried)) == "manager_decides"
    assert outcome(silent(*tried[1:])) == "wanted"


def test_an_appointment_after_three_attempts_leaves_nothing_to_decide() -> None:
    """Somebody was reached after all: the deal waits for the meeting; cancelled, the manager decides again."""
    tried = [call(days, "不在") for days in (40, 30, 20)]
    assert outcome(silent(*tried, meeting(-3))) == "future_meeting"
    assert outcome(silent(*tried, meeting(-3, outcome="CANCELED"))) == "manager_decides"


def test_contact_between_attempts_begins_the_count_anew() -> None:
    """Fruitless are those since the last talk: one of three."""
    tried = [call(200, "不在"), call(190, "不在"), call(70, "不在")]
    assert outcome(World([*tried, meeting(100)])) == "wanted"


def test_attempts_with_the_person_about_another_deal_are_not_this_deals() -> None:
    """They hold back for their fourteen days, but do not bring this deal before the manager."""
    deals = {OTHER: Opportunity(ref=OTHER, modified_at=STAMP, name="保守契約", owner=OWNER)}
    tried = [call(days, "不在", deal=OTHER) for days in (40, 30, 20)]
    assert outcome(silent(*tried, other_deals=deals)) == "wanted"


def test_one_call_that_both_systems_show_is_one_attempt() -> None:
    """The MA's synchronisation copies a call into the SFA: the same person, day and form, said to be the same."""
    calls = []
    for days in (40, 30):
        in_ma = activity(
            "calls",
            ActivityKind.CALL,
            DEAL,
            system="hubspot",
            starts_at=days_ago(days),
            is_closed=True,
            disposition="73a0d17f-1163-4015-bdd5-ec830791da20",
        )
        in_sfa = logged("Task", ActivityKind.CALL, days, DEAL, disposition="No Answer", same_as=(in_ma.ref,))
        calls += [in_ma, in_sfa]
    assert outcome(silent(*calls)) == "wanted"


def test_a_note_is_no_contact() -> None:
    """Somebody wrote down something about the customer: no meeting, talk or mail."""
    assert (
        outcome(silent(activity("notes", ActivityKind.NOTE, DEAL, system="hubspot", starts_at=days_ago(2)))) == "wanted"
    )


def test_an_internal_request_that_was_ticked_is_no_contact() -> None:
    """A completed plain task counts unless its subject is mapped otherwise: nobody talked to the customer."""
    assert outcome(silent(done_task(2, subject="失注情報の入力依頼"))) == "wanted"


def test_a_task_closed_without_a_day_of_closing_counts_on_its_due_day_but_never_ahead() -> None:
    """Older Salesforce rows have no completion date; a due date to come cannot make the deal fresh for months."""
    ahead = done_task(2, due_date=TODAY + timedelta(days=90), completed_at=None, created_at=days_ago(95))
    decision = silent(ahead).judge()
    assert decision.wake_at is None or decision.wake_at <= days_ago(-60)


def test_an_open_task_of_somebody_in_the_past_is_no_contact() -> None:
    """Overdue is not done."""
    assert outcome(silent(open_task(TODAY - timedelta(days=3), owner=IS_REP))) == "wanted"


def test_the_evidence_names_the_activity_that_was_counted_from() -> None:
    """Shown by `explain`: the last contact's record and day stand in the reasons."""
    last = meeting(75)
    decision = World([meeting(120), last, call(30, "不在")]).judge()
    assert any(because.record == str(last.ref) for because in decision.because)
    (wanted,) = decision.intents
    assert isinstance(wanted, EnsureTask)
    assert "75日間" in wanted.text.opening


def test_a_twins_activity_is_with_the_person() -> None:
    """Logged in the MA with the person's record there, on no deal."""
    twin = Person(ref=Ref("hubspot", "contacts", "1"), modified_at=STAMP, name="山田 太郎")
    talk = activity(
        "calls", ActivityKind.CALL, None, system="hubspot", starts_at=days_ago(4), is_closed=True, people=(twin.ref,)
    )
    assert outcome(silent(talk, twins=(twin,))) == "fresh"


def test_an_unanswered_call_of_the_twin_is_an_attempt_at_the_person() -> None:
    """The MA's record of the same person, on another deal of the MA: holds back for fourteen days."""
    twin = Person(ref=Ref("hubspot", "contacts", "1"), modified_at=STAMP, name="山田 太郎")
    tried = activity(
        "calls",
        ActivityKind.CALL,
        Ref("hubspot", "deals", "99"),
        system="hubspot",
        starts_at=days_ago(4),
        is_closed=True,
        disposition="73a0d17f-1163-4015-bdd5-ec830791da20",
        people=(twin.ref,),
    )
    assert outcome(silent(tried, twins=(twin,))) == "other_deal"
