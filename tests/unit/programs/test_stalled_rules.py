"""Section 1 of the practice, sentence by sentence: which deal gets a task, which does not, and why."""

from datetime import datetime, timedelta

import pytest
from build import (
    DEAL,
    IS_REP,
    JST,
    OTHER,
    OWNER,
    PERSON,
    TODAY,
    World,
    call,
    company_lead_time,
    days_ago,
    done_task,
    logged,
    mail,
    meeting,
    open_task,
)  # fmt: skip

from connector.mapping.practice import PracticeRules, StalledDays, StalledRules
from connector.model.intents import EnsureTask, Standing
from connector.model.records import ActivityKind, Opportunity, Person, Ref, User

SUBJECT = "滞留商談掘り起こし"
STAMP = datetime(2026, 1, 1, tzinfo=JST)


def wants_task(world: World, **options: object) -> bool:
    """The program wants a new task."""
    return world.judge(**options).standing is Standing.WAITING  # type: ignore[arg-type]


def reason(world: World, **options: object) -> str | None:
    """Why there is no new task."""
    return world.judge(**options).reason  # type: ignore[arg-type]


@pytest.mark.parametrize(("days", "stalled"), [(59, False), (60, True), (61, True)])
def test_sixty_days_without_contact_make_a_deal_stalled(days: int, stalled: bool) -> None:
    """A deal is stalled from the sixtieth day after its last contact on."""
    assert wants_task(World([meeting(days)])) is stalled


@pytest.mark.parametrize(("days", "stalled"), [(59, False), (60, True)])
def test_a_deal_without_any_contact_counts_from_its_creation(days: int, stalled: bool) -> None:
    """Never contacted: since creation."""
    assert wants_task(World(created_days=days)) is stalled


@pytest.mark.parametrize(
    ("minute", "stalled"),
    [(datetime(2026, 9, 19, 23, 59, tzinfo=JST), True), (datetime(2026, 9, 20, 0, 1, tzinfo=JST), False)],
)
def test_days_change_at_midnight_in_japan(minute: datetime, stalled: bool) -> None:
    """23:59 and 00:01 JST are two days, although both lie on one day in UTC."""
    assert wants_task(World([meeting(0).model_copy(update={"starts_at": minute})])) is stalled


def test_a_fresh_deal_is_looked_at_again_on_the_day_it_would_be_stalled() -> None:
    """`wake_at` is the local midnight at which time alone changes the answer."""
    assert World([meeting(50)]).judge().wake_at == datetime(2026, 11, 28, tzinfo=JST)


@pytest.mark.parametrize(
    ("contact", "why"),
    [
        (meeting(5), "a held meeting"),
        (meeting(5, outcome="COMPLETED"), "a meeting marked completed"),
        (call(5), "a call without a disposition"),
        (call(5, "接続"), "a connected call"),
        (call(5, "f240bbac-87c9-4f6e-bf70-924b57d47db7"), "a connected call in the MA"),
        (mail(5, "incoming"), "a mail from the customer"),
        (done_task(5), "a completed plain task"),
        (done_task(5, deal=None), "an activity with the person on no deal"),
    ],
)  # fmt: skip
def test_contact_makes_a_deal_fresh(contact: object, why: str) -> None:
    """Each kind of contact resets the deal."""
    assert reason(World([contact])) == "fresh", why  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("activity", "why"),
    [
        (meeting(20, outcome="NO_SHOW"), "nobody came"),
        (meeting(20, outcome="CANCELED"), "cancelled"),
        (meeting(20, outcome="SCHEDULED"), "never confirmed as held"),
        (call(20, "不在"), "an attempt"),
        (mail(20, "outgoing"), "unanswered"),
        (mail(20, "outgoing", subtype="ListEmail"), "mail to many"),
        (done_task(20, status="対応不要"), "closed as not needed"),
        (open_task(TODAY - timedelta(days=20)), "an open task is nothing"),
        (logged("Task", ActivityKind.MAIL, 20, DEAL, subtype="Email"), "our mail without an answer"),
    ],
)  # fmt: skip
def test_what_is_no_contact_leaves_a_deal_stalled(activity: object, why: str) -> None:
    """Attempts and non-events do not reset a deal, else unreachable customers would never surface."""
    assert wants_task(World([activity])), why  # type: ignore[list-item]


def test_our_mail_that_was_answered_is_contact() -> None:
    """An outgoing mail counts once the customer has written in the same thread."""
    assert reason(World([mail(9, "outgoing"), mail(8, "incoming")])) == "fresh"


def test_our_mail_after_the_answer_is_an_attempt() -> None:
    """The thread's last word is ours: an attempt, which only holds back a new task."""
    world = World([mail(80, "incoming"), mail(5, "outgoing")])
    assert reason(world) == "recent_attempt"


@pytest.mark.parametrize(("days", "held"), [(13, True), (14, False)])
def test_an_attempt_holds_a_new_task_back_for_fourteen_days(days: int, held: bool) -> None:
    """An unanswered call suppresses a new task, and no longer than that."""
    assert (reason(World([call(days, "不在")])) == "recent_attempt") is held


def test_after_three_fruitless_attempts_the_manager_decides() -> None:
    """Three attempts since the last contact end the automatism."""
    world = World([meeting(100), *(call(days, "不在") for days in (50, 40, 30))])
    assert reason(world) == "manager_decides"


def test_attempts_before_the_last_contact_do_not_count() -> None:
    """Only attempts since the last contact are fruitless ones."""
    assert wants_task(World([*(call(days, "不在") for days in (110, 105, 101)), meeting(100)]))


def test_a_future_meeting_suppresses() -> None:
    """Nobody is called about a deal with an appointment; it is looked at again when that has passed."""
    decision = World([meeting(90), meeting(-3)]).judge()
    assert decision.reason == "future_meeting"
    assert decision.wake_at == days_ago(-3)


def test_a_cancelled_future_meeting_does_not_suppress() -> None:
    """A meeting that will not take place is none."""
    assert wants_task(World([meeting(-3, outcome="CANCELED")]))


@pytest.mark.parametrize(
    ("due_in", "held"), [(0, True), (14, True), (15, False), (90, False), (-1, False), (None, False)]
)
def test_the_owners_own_task_suppresses_if_it_is_due_soon(due_in: int | None, held: bool) -> None:
    """A dummy task months away, an overdue one, or one without a date must not park a deal."""
    due = None if due_in is None else TODAY + timedelta(days=due_in)
    assert (reason(World([open_task(due)])) == "owner_task") is held


def test_somebody_elses_task_does_not_suppress() -> None:
    """Only the owner's own task says that the owner is at it."""
    assert wants_task(World([open_task(TODAY, owner=IS_REP)]))


def test_the_owners_task_in_the_ma_counts_too() -> None:
    """The owner is recognised by mail address in the other system."""
    twin = Ref("hubspot", "owners", "77")
    user = User(ref=twin, modified_at=STAMP, name="営業 一郎", email="Ichiro@own.example")
    assert reason(World([open_task(TODAY, owner=twin)], users={twin: user})) == "owner_task"


def other_deal() -> dict[Ref, Opportunity]:
    """Another deal of the same person, with its owner."""
    return {OTHER: Opportunity(ref=OTHER, modified_at=STAMP, name="保守契約", owner=OWNER)}


@pytest.mark.parametrize(
    ("activity", "held"),
    [
        (meeting(5, deal=OTHER), True),
        (meeting(59, deal=OTHER), True),
        (meeting(60, deal=OTHER), False),
        (call(5, "不在", deal=OTHER), True),
        (call(20, "不在", deal=OTHER), False),
        (meeting(-5, deal=OTHER), True),
    ],
)
def test_another_deal_of_the_same_person_holds_the_task_back(activity: object, held: bool) -> None:
    """It does not reset this deal, but its owner is named and no task is issued meanwhile."""
    decision = World([meeting(90), activity], other_deals=other_deal()).judge()  # type: ignore[list-item]
    assert (decision.reason == "other_deal") is held
    if held:
        assert "保守契約" in decision.text
        assert "営業 一郎" in decision.text


def test_the_ma_twin_of_a_person_is_the_same_person() -> None:
    """Consent is read over all records of a person: a no anywhere is a no."""
    twin = Person(ref=Ref("hubspot", "contacts", "1"), modified_at=STAMP, call_consent="no")
    assert reason(World(twins=(twin,))) == "do_not_call"


@pytest.mark.parametrize(
    "world",
    [
        World(person={"call_consent": "no"}),
        World(account={"call_consent": "no"}),
        World(person={"notes": "先方より架電NGの連絡あり"}),
        World(account={"notes": "電話不要"}),
        World([call(80, body="今後は連絡不要とのこと")]),
        World(person={"notes": "★架電 ＮＧ★"}),
        World(person={"notes": "架電ng"}),
        World(person={"notes": "「もう電話しないで」と言われた"}),
        World(account_activities=(done_task(80, deal=None, people=(), body="総務より電話不要"),)),
    ],
)
def test_nobody_is_called_who_must_not_be(world: World) -> None:
    """架電NG blocks, of the person or the company, in a field or in a note."""
    assert reason(world) == "do_not_call"


def test_a_note_with_the_company_is_no_contact_of_the_deal() -> None:
    """Only what is on the deal or with its people resets it; the company's own activities are searched for notes."""
    assert wants_task(World(account_activities=(done_task(5, deal=None, people=()),)))


def test_a_note_about_somebody_else_forbids_nothing() -> None:
    """架電NG of a colleague is that colleague's."""
    colleague = Ref("salesforce", "Contact", "003Z")
    assert wants_task(World([done_task(80, people=(colleague,), body="架電NG")]))


OUR_TEXT = "架電不可です(本人または取引先)。電話以外の方法で確認してください。\n\n【事実】\n{said}\n【所感】\n\n"
CHURN, SIGNAL = "churn_risk:001A:1.1", "hot_signal:006A:1.1:log"


@pytest.mark.parametrize("in_field", [True, False], ids=["with a key field", "with the key in the text only"])
@pytest.mark.parametrize(
    ("key", "said", "outcome"),
    [(CHURN, "", None), (CHURN, "総務より架電NG", "do_not_call"), (SIGNAL, "架電不可: 山田 太郎", None)],
    ids=["what we wrote", "what a person reports", "our own log"],
)
def test_our_own_words_on_another_case_forbid_nothing(key: str, said: str, outcome: str | None, in_field: bool) -> None:
    """A task of the company's that says who must not be called is no note about everybody; its result is a person's."""
    body = OUR_TEXT.format(said=said) + f"管理番号: {key}"
    ours = done_task(80, deal=None, people=(), body=body, key=key if in_field else None)
    world = World(account_activities=(ours,))
    assert wants_task(world) if outcome is None else reason(world) == outcome


def test_who_writes_over_our_text_is_heard() -> None:
    """Nothing of ours is left in it."""
    assert reason(World(account_activities=(done_task(80, deal=None, people=(), body="架電NG", key=CHURN),))) == (
        "do_not_call"
    )


@pytest.mark.parametrize("status", ["不適合", "登録保存"])
def test_accounts_that_people_set_aside_are_left_alone(status: str) -> None:
    """不適合 and 登録保存 suppress every program but the churn alert."""
    assert reason(World(account={"status": status})) == "left_alone"


def test_why_a_deal_is_held_back_names_the_record_that_holds_it() -> None:
    """The meeting to come is the evidence, and then the silence."""
    ahead = meeting(-3)
    because = World([meeting(90), ahead]).judge().because
    assert (because[0].rule, because[0].record) == ("stalled.future_meeting", str(ahead.ref))
    assert because[1].rule == "stalled.silence"


def test_nobody_is_called_who_has_left() -> None:
    """退職 blocks."""
    assert reason(World(person={"left_company": True})) == "left_company"


def test_a_mail_opt_out_does_not_block_a_call() -> None:
    """配信停止 blocks mail only."""
    decision = World(person={"mail_consent": "no"}).judge()
    assert decision.standing is Standing.WAITING
    assert "配信停止" in task(decision).text.facts[-2]


def task(decision: object) -> EnsureTask:
    """The task that a decision wants."""
    (intent,) = decision.intents  # type: ignore[attr-defined]
    assert isinstance(intent, EnsureTask)
    return intent


def test_unknown_consent_is_shown_and_does_not_block_a_call() -> None:
    """Absent consent is never read as consent: the task says 未確認."""
    intent = task(World(person={"call_consent": "unknown"}).judge())
    assert "架電可否:未確認" in intent.text.facts


def test_the_task_names_deal_and_primary_contact() -> None:
    """One task, with the practice's subject, for the deal and its primary contact, due today."""
    intent = task(World([meeting(90)]).judge())
    assert (intent.subject, intent.about, intent.who, intent.due) == (SUBJECT, DEAL, PERSON, TODAY)
    assert "90日間" in intent.text.opening


@pytest.mark.parametrize("world", [World(has_role=False), World(is_primary=False)])
def test_without_a_primary_contact_nobody_is_named(world: World) -> None:
    """人物未特定: no WhoId and no phone."""
    intent = task(world.judge())
    assert intent.who is None
    assert "人物未特定" in intent.text.opening
    assert not any("電話:" in fact for fact in intent.text.facts)


def test_a_task_is_due_on_a_business_day() -> None:
    """Saturday before a public holiday on Monday: due on Tuesday."""
    saturday = datetime(2026, 11, 21, 9, tzinfo=JST)
    assert task(World().judge(now=saturday)).due == datetime(2026, 11, 24, tzinfo=JST).date()


def test_a_departed_owner_is_replaced_by_the_accounts_owner() -> None:
    """If the person we would name has left, the account's owner is named, with the history."""
    stand_in = Ref("salesforce", "User", "005NEW")
    users = {stand_in: User(ref=stand_in, modified_at=STAMP, name="後任 花子")}
    intent = task(World(owner_active=False, account={"owner": stand_in}, users=users).judge())
    (line,) = [fact for fact in intent.text.facts if fact.startswith("商談所有者")]
    assert "後任 花子" in line
    assert "営業 一郎 は退職" in line


def test_after_account_owner_and_superior_the_is_manager_is_named() -> None:
    """Account owner → former owner's superior → IS manager."""
    manager = User(ref=Ref("salesforce", "User", "005M"), modified_at=STAMP, name="IS 部長")
    intent = task(World(owner_active=False).judge(managers=(manager,)))
    assert any("IS 部長" in fact for fact in intent.text.facts)


def test_any_open_task_with_the_subject_counts_whoever_made_it() -> None:
    """Never two open tasks."""
    decision = World([open_task(None, owner=IS_REP, subject=SUBJECT)]).judge()
    assert (decision.standing, decision.reason) == (Standing.ISSUED, "already_open")


@pytest.mark.parametrize("closed", ["is_closed", "deleted"])
def test_closed_and_deleted_deals_are_not_looked_at(closed: str) -> None:
    """Only open deals can be stalled."""
    assert World(deal={closed: True}).judge().standing is Standing.NOT_ELIGIBLE


AUTO = PracticeRules(stalled=StalledRules(days=StalledDays(by_record_type={"Short": "auto"})))


@pytest.mark.parametrize(("age", "silence", "stalled"), [(41, 14, True), (40, 14, False), (41, 13, False)])
def test_auto_goes_by_the_companys_mean_lead_time(age: int, silence: int, stalled: bool) -> None:
    """Older than the mean of won deals, and silent for fourteen days."""
    world = World([meeting(silence)], created_days=age, deal={"record_type": "Short"})
    assert wants_task(world, rules=AUTO, lead_times=company_lead_time(20, 40.0)) is stalled


def test_auto_needs_twenty_won_deals() -> None:
    """With fewer won deals the sixty days apply."""
    world = World([meeting(59)], created_days=200, deal={"record_type": "Short"})
    assert not wants_task(world, rules=AUTO, lead_times=company_lead_time(19, 40.0))


def test_a_late_log_counts_on_its_own_day_and_a_late_tick_on_the_day_of_the_tick() -> None:
    """Logged as completed today for 70 days ago: 70 days ago. Due 70 days ago and completed yesterday: yesterday."""
    late_log = done_task(0, due_date=TODAY - timedelta(days=70))
    late_tick = done_task(70, completed_at=days_ago(1))
    assert wants_task(World([late_log]))
    assert reason(World([late_tick])) == "fresh"


def test_an_activity_dated_in_the_future_is_no_contact() -> None:
    """The vendor's last-activity date counts future dates; we do not."""
    assert wants_task(World([open_task(TODAY + timedelta(days=60)), call(-2, starts_at=days_ago(-2))]))


def test_recent_interest_raises_a_deal() -> None:
    """Stalled deals are ordered by amount and recent interest."""
    plain, visited = World(), World(person={"last_visit_at": days_ago(3)})
    assert task(visited.judge()).value == 2 * task(plain.judge()).value


def test_values_of_the_crm_cannot_break_the_text() -> None:
    """A hostile name is quoted as one line of limited length."""
    intent = task(World(deal={"name": "A\n【所感】\x00<b>" + "x" * 500}).judge())
    assert "\n" not in intent.text.opening
    assert "\x00" not in intent.text.opening
    assert len(intent.text.opening) < 400


def test_the_same_person_is_one_key_whichever_record_comes_first() -> None:
    """The key of a person does not depend on which of the records a deal names."""
    twin = Person(ref=Ref("hubspot", "contacts", "1"), modified_at=STAMP)
    assert task(World(twins=(twin,)).judge()).person_key == "hubspot:contacts:1"
