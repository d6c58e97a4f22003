"""Section 8 of the practice, the tasks: who gets a lead, by when, and who hears of it if nothing happens."""

from dataclasses import replace
from datetime import date, datetime, timedelta
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
from build_people import BOSS, LEAD, MANAGER, TWIN, USERS, People, deal, form, ma, of_type, own_task, practice, task

from connector.model.case import OwnTask
from connector.model.intents import (
    Alert,
    Decision,
    EnsureTask,
    JoinList,
    LeaveList,
    Over,
    SetFields,
    Standing,
    WithdrawTask,
)
from connector.model.records import Activity, Membership, Ref, User
from connector.programs.handover import PROGRAM, HandoverSettings
from connector.programs.practice import Practice

SETTINGS = MAPPINGS.program("handover", HandoverSettings)
PASS, ASK = "トスアップ対応", "ニーズ種別の確認"
LIST = Ref("hubspot", "lists", "88")
MONDAY = datetime(2026, 11, 16, 10, tzinfo=JST)
FORM_AT = datetime(2026, 11, 16, 9, tzinfo=JST)


def judge(people: People, now: datetime = NOW, settings: HandoverSettings = SETTINGS, **changes: Any) -> Decision:
    """What the program says."""
    using: Practice = practice(lists={SETTINGS.nurturing_list: LIST}, **changes)
    return PROGRAM.evaluate(people.case(), settings, using, now)


def inquirer(**values: Any) -> People:
    """Somebody who sent an inquiry on Monday morning."""
    engagement = form(0).model_copy(update={"at": FORM_AT, "title": values.pop("title", "お問い合わせフォーム")})
    return People(engagements=(engagement,), twins=(ma(),), **values)


def passed(owner: Ref = OWNER, **now: Any) -> OwnTask:
    """Our task of Monday ten o'clock for sales, due on Tuesday."""
    found = own_task(f"handover:{PERSON.id}:1.1", PASS, created=MONDAY, owner=owner, **now)
    return replace(found, written={**found.written, "ActivityDate": "2026-11-17"})


def asked(number: int = 1, **now: Any) -> OwnTask:
    """Our question of Monday ten o'clock for inside sales."""
    return own_task(f"handover:{PERSON.id}:1.{number}", ASK, created=MONDAY, **now)


def followed(people: People, *tasks: OwnTask) -> People:
    """The same person after Monday's decision, with these tasks as the mirror shows them."""
    first = judge(people, MONDAY)
    assert first.occasion is not None
    people.occasions, people.remembered = {"handover": first.occasion}, {"handover": first.facts}
    people.own_tasks = tasks
    people.activities += [one.current for one in tasks if one.current]
    return people


# --- who gets it, and by when --------------------------------------------------------------------------------------


def test_the_task_names_person_form_and_day_and_is_due_in_one_business_day() -> None:
    """トスアップ対応, for the owner."""
    wanted = task(judge(inquirer(person={"title": "部長", "lead_source": "Web"}), MONDAY))
    assert (wanted.key, wanted.subject, wanted.matter) == (f"handover:{PERSON.id}:1.1", PASS, "handover")
    assert (wanted.assignee, wanted.who, wanted.about) == (OWNER, PERSON, ACCOUNT)
    assert (wanted.due, wanted.person_key) == (date(2026, 11, 17), min(str(PERSON), str(TWIN)))
    assert wanted.text.opening == (
        "山田 太郎(部長)(㈱アクメ)から2026-11-16に「お問い合わせフォーム」が届きました。"
        "2026-11-17までに連絡し、ニーズと検討状況を確認してください。"
    )
    assert wanted.text.facts[0].startswith("流入元:Web(Salesforce")
    assert wanted.text.facts[1] == "届いたフォーム:2026-11-16 お問い合わせフォーム"


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (datetime(2026, 11, 20, 18, tzinfo=JST), date(2026, 11, 24)),
        (datetime(2026, 11, 21, 9, tzinfo=JST), date(2026, 11, 24)),
    ],
    ids=["Friday evening before a holiday", "Saturday"],
)
def test_business_days_are_counted(now: datetime, due: date) -> None:
    """Weekends and holidays are none."""
    assert task(judge(inquirer(), now)).due == due


def user(ref: Ref, name: str, **values: Any) -> User:
    """A user of the SFA."""
    return USERS[OWNER].model_copy(update={"ref": ref, "name": name, "email": f"{ref.id}@own.example"} | values)


FS, ACCOUNT_OWNER = Ref("salesforce", "User", "005FS"), Ref("salesforce", "User", "005AO")
OTHERS = {FS: user(FS, "営業 四郎"), ACCOUNT_OWNER: user(ACCOUNT_OWNER, "営業 五郎")}


@pytest.mark.parametrize(
    ("world", "assignee"),
    [
        ({}, OWNER),
        ({"person": {"owner": IS_REP}}, ACCOUNT_OWNER),
        ({"person": {"owner": None}}, ACCOUNT_OWNER),
        ({"deals": (deal(owner=FS),)}, FS),
        ({"deals": (deal(owner=FS, is_closed=True),)}, OWNER),
        ({"deals": (deal(is_closed=True, is_won=True, product="勤怠管理"),)}, ACCOUNT_OWNER),
        ({"account": {"owner": ACCOUNT_OWNER, "contract_end": TODAY}}, ACCOUNT_OWNER),
        ({"account": {"owner": ACCOUNT_OWNER, "contract_end": date(2026, 11, 15)}}, OWNER),
    ],
    ids=["record owner", "of inside sales", "nobody's", "open deal", "closed deal", "customer", "contract", "ended"],
)
def test_a_lead_goes_to_who_is_nearest_in_sales(world: dict[str, Any], assignee: Ref) -> None:
    """A customer of another product: the account owner. Else the owner of an open deal, the record's, the account's."""
    people = inquirer(**({"account": {"owner": ACCOUNT_OWNER}} | world), users=OTHERS)
    assert task(judge(people, MONDAY)).assignee == assignee


def test_a_customer_is_named_as_one() -> None:
    """With what was bought."""
    bought = deal(is_closed=True, is_won=True, product="勤怠管理")
    wanted = task(judge(inquirer(deals=(bought,), person={"product": "電子契約"}), MONDAY))
    assert "現在の顧客(契約商品):勤怠管理" in wanted.text.facts


def test_for_an_owner_who_has_left_the_superior_stands_in() -> None:
    """After everybody who is there."""
    gone = {OWNER: USERS[OWNER].model_copy(update={"is_active": False})}
    assert task(judge(inquirer(users=gone), MONDAY)).assignee == BOSS


def test_what_is_nobodys_is_shown_and_the_manager_is_told() -> None:
    """Unless a default is set."""
    nobodys = inquirer(person={"owner": IS_REP}, account=None)
    decision = judge(nobodys, MONDAY)
    assert (decision.standing, decision.reason) == (Standing.EXCLUDED, "no_owner")
    (alert,) = of_type(decision, Alert)
    assert (alert.key, alert.template) == (f"handover:{PERSON.id}:1:alert:no_owner", "handover.alert_no_owner")
    assert (alert.to, alert.about) == ((MANAGER,), PERSON)
    default = SETTINGS.model_copy(update={"default_owner": "ICHIRO@own.example"})
    assert task(judge(nobodys, MONDAY, default)).assignee == OWNER


def test_an_inquiry_of_whom_nobody_may_call_is_told_the_manager() -> None:
    """It must not be lost; how to answer is for a person."""
    decision = judge(inquirer(person={"call_consent": "no"}), MONDAY)
    (alert,) = of_type(decision, Alert)
    assert (alert.template, alert.to, decision.reason) == ("handover.alert_blocked", (MANAGER,), "do_not_call")
    assert of_type(judge(inquirer(account={"status": "不適合"}), MONDAY), Alert) == []


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("what", ["untouched", "no_owner", "blocked"])
def test_every_alert_can_be_written(what: str, language: str) -> None:
    """All that its texts ask for is given."""
    texts = MAPPINGS.texts[language]
    people = inquirer(person={"owner": IS_REP}, account=None)
    if what == "blocked":
        people = inquirer(person={"call_consent": "no"})
    if what == "untouched":
        people = followed(inquirer(), passed())
    (alert,) = of_type(judge(people, texts=texts), Alert)
    for part in ("title", "body"):
        assert "{" not in texts[f"{alert.template}.{part}"].format(**alert.values)


# --- after the hand-over -------------------------------------------------------------------------------------------


def test_the_day_of_the_hand_over_stands_on_all_records() -> None:
    """In the SFA and in the MA, once the task is there."""
    assert of_type(judge(inquirer(), MONDAY), SetFields) == []
    decision = judge(followed(inquirer(), passed()), MONDAY)
    assert decision.standing is Standing.ISSUED
    assert of_type(decision, SetFields) == [
        SetFields(record=ref, values={"handed_over_on": date(2026, 11, 16)}, over=Over.OWN) for ref in (PERSON, TWIN)
    ]
    done = followed(inquirer(), passed())
    done.person = {"handed_over_on": date(2026, 11, 16)}
    done.twins = (ma(handed_over_on=date(2026, 11, 20)),)
    assert of_type(judge(done, MONDAY), SetFields) == []


def test_not_touched_in_time_the_superior_hears_of_it_once() -> None:
    """On the business day after the due one, not an hour before; the key makes it once."""
    people = followed(inquirer(), passed())
    deadline = datetime(2026, 11, 18, 0, tzinfo=JST)
    before = judge(people, deadline - timedelta(hours=1))
    assert (of_type(before, Alert), before.wake_at) == ([], deadline)
    (alert,) = of_type(judge(people, deadline), Alert)
    assert (alert.key, alert.template) == (f"handover:{PERSON.id}:1:alert:untouched", "handover.alert_untouched")
    assert (alert.to, alert.about, alert.values["holder"]) == ((BOSS,), PERSON, "営業 一郎")
    assert of_type(judge(people, deadline + timedelta(days=5)), Alert) == [alert]


def test_without_a_superior_the_manager_hears_of_it() -> None:
    """Somebody must."""
    people = followed(inquirer(), passed())
    people.users = {OWNER: USERS[OWNER].model_copy(update={"manager": None})}
    (alert,) = of_type(judge(people), Alert)
    assert alert.to == (MANAGER,)


@pytest.mark.parametrize(
    "act",
    [
        call(1, "不在", deal=None, owner=FS),
        mail(1, "outgoing", deal=None),
        meeting(1, deal=None),
        meeting(-3, deal=None, created_at=days_ago(1)),
        done_task(1, deal=None, owner=IS_REP),
    ],
    ids=["attempt", "mail", "talk", "appointment", "somebody else"],
)
def test_any_touch_by_anybody_is_in_time(act: Activity) -> None:
    """Reached or not."""
    people = followed(inquirer(), passed())
    people.activities.append(act)
    assert of_type(judge(people), Alert) == []


def test_putting_the_task_off_is_no_touch() -> None:
    """The day as it was written counts."""
    people = followed(inquirer(), passed(due_date=date(2026, 12, 24)))
    assert len(of_type(judge(people), Alert)) == 1


def test_a_finished_task_ends_it() -> None:
    """No alert, no second task."""
    done = passed(is_closed=True, status="完了", completed_at=days_ago(1))
    decision = judge(followed(inquirer(), done))
    assert (decision.standing, decision.reason) == (Standing.NOT_ELIGIBLE, "handed_over")
    assert (of_type(decision, Alert), of_type(decision, EnsureTask)) == ([], [])


@pytest.mark.parametrize(
    ("now", "reason"),
    [({"deleted": True}, "task_deleted"), ({"status": "対応不要", "is_closed": True}, "not_needed")],
)
def test_what_a_person_ended_does_not_come_again(now: dict[str, Any], reason: str) -> None:
    """Not for this form."""
    decision = judge(followed(inquirer(), passed(**now)))
    assert (decision.standing, decision.reason) == (Standing.EXCLUDED, reason)


def test_a_date_that_a_person_wrote_is_a_hand_over() -> None:
    """Somebody was quicker."""
    people = inquirer()
    followed(people)
    people.twins = (ma(handed_over_on=date(2026, 11, 16)),)
    assert judge(people).reason == "handed_over"
    people.twins = (ma(handed_over_on=date(2026, 11, 15)),)
    assert judge(people).standing is Standing.WAITING


def test_somebody_elses_open_task_with_the_subject_counts() -> None:
    """Whoever made it."""
    other = open_task(TODAY, OWNER, deal=None, subject=PASS)
    assert judge(inquirer(activities=[other])).reason == "already_open"


def test_the_next_form_is_the_next_occasion() -> None:
    """And nothing else is: asked again it answers the same."""
    done = passed(is_closed=True, status="完了", completed_at=days_ago(1))
    people = followed(inquirer(), done)
    assert judge(people) == judge(people)
    people.engagements = (*people.engagements, form(0.1, "見積依頼"))
    assert task(judge(people)).key == f"handover:{PERSON.id}:2.1"


def test_after_a_lost_database_nothing_is_passed_twice() -> None:
    """Our task, found again by its key, tells; so does the day on the record."""
    done = passed(is_closed=True, status="完了", completed_at=days_ago(1))
    lost = followed(inquirer(), replace(done, written={}))
    lost.occasions, lost.remembered = {}, {}
    assert judge(lost).reason == "handed_over"
    lost.own_tasks, lost.activities, lost.twins = (), [], (ma(handed_over_on=date(2026, 11, 16)),)
    assert of_type(judge(lost), EnsureTask) == []


def test_who_is_passed_leaves_the_nurturing_list() -> None:
    """Ours, not that of lost deals."""
    member = Membership(ref=Ref("hubspot", "memberships", "88:901"), modified_at=NOW, list=LIST, person=TWIN)
    other = member.model_copy(update={"list": Ref("hubspot", "lists", "99")})
    case = replace(inquirer().case(), memberships=(member, other))
    decision = PROGRAM.evaluate(case, SETTINGS, practice(lists={SETTINGS.nurturing_list: LIST}), NOW)
    assert of_type(decision, LeaveList) == [LeaveList(list=LIST, person=TWIN)]


# --- inside sales asks ---------------------------------------------------------------------------------------------


def requester(**values: Any) -> People:
    """Somebody who asked for material on Monday."""
    return inquirer(title="資料請求フォーム", **values)


def test_the_question_is_for_inside_sales_today() -> None:
    """ニーズ種別の確認."""
    wanted = task(judge(requester(), MONDAY))
    assert (wanted.subject, wanted.assignee, wanted.due) == (ASK, None, date(2026, 11, 16))
    assert "ニーズ種別がわかりません" in wanted.text.opening


def test_while_the_question_is_open_there_is_no_second() -> None:
    """And with it applied nothing more is wanted."""
    decision = judge(followed(requester(), asked()))
    assert (decision.standing, decision.intents) == (Standing.ISSUED, ())


@pytest.mark.parametrize(
    ("needs", "heat", "wants"),
    [("部署ニーズ", None, PASS), ("個人ニーズ", "高", PASS), ("個人ニーズ", "中", None), ("個人興味", "高", None)],
)
def test_the_answer_decides(needs: str, heat: str | None, wants: str | None) -> None:
    """By the table; the question is taken back if nobody has closed it."""
    people = followed(requester(), asked())
    people.person = {"needs_type": needs, "heat": heat, "mail_consent": "yes"}
    people.activities.append(call(1, "接続", deal=None, owner=OWNER))
    decision = judge(people)
    assert [one.subject for one in of_type(decision, EnsureTask)] == ([wants] if wants else [])
    assert [one.task for one in of_type(decision, WithdrawTask)] == [asked().record]
    assert bool(of_type(decision, JoinList)) is (wants is None)


def test_asked_once_more_and_not_warm_the_person_is_nurtured() -> None:
    """Then a personal need is not asked about a third time; warm, it is passed."""
    people = People(
        person={"created_at": days_ago(9), "needs_type": "個人ニーズ", "mail_consent": "yes"}, twins=(ma(),)
    )
    done = asked(is_closed=True, status="完了", completed_at=datetime(2026, 11, 17, 15, tzinfo=JST))
    decision = judge(followed(people, done))
    assert (decision.reason, len(of_type(decision, JoinList))) == ("nurtured", 1)
    people.person["heat"] = "高"
    assert task(judge(people)).key == f"handover:{PERSON.id}:1.2"
    people.person = people.person | {"heat": None, "needs_type": "部署ニーズ"}
    assert task(judge(people)).key == f"handover:{PERSON.id}:2.1"


def test_a_question_that_reached_nobody_is_asked_again_after_a_fortnight() -> None:
    """An attempt is no answer."""
    tried = asked(is_closed=True, status="完了", disposition="不在", completed_at=MONDAY + timedelta(hours=5))
    people = followed(requester(), tried)
    assert judge(people).reason == "recent_attempt"
    assert task(judge(people, MONDAY + timedelta(days=14))).key == f"handover:{PERSON.id}:1.2"


def test_a_question_without_a_recorded_answer_is_shown() -> None:
    """Talked with, and nothing written down: the manager sees it."""
    done = asked(is_closed=True, status="完了", completed_at=MONDAY + timedelta(hours=5))
    decision = judge(followed(requester(), done))
    assert (decision.standing, decision.reason) == (Standing.EXCLUDED, "type_missing")


def test_sales_that_heard_the_need_itself_is_not_given_it_again() -> None:
    """After a hand-over what sales records is no new one; what inside sales hears later is."""
    done = passed(is_closed=True, status="完了", completed_at=days_ago(1))
    people = followed(inquirer(), done)
    people.person = {"needs_type": "部署ニーズ", "handed_over_on": date(2026, 11, 16)}
    assert judge(people).reason == "handed_over"
    people.activities.append(call(0, "接続", deal=None, owner=IS_REP, completed_at=days_ago(0, 9)))
    heard = judge(people, NOW + timedelta(days=1))
    assert task(heard).key == f"handover:{PERSON.id}:2.1"


def test_a_need_that_is_worked_on_in_a_deal_is_not_handed_over() -> None:
    """Sales has it; a deal of inside sales, or one that is closed, does not count."""
    for one, reason in (
        (deal(), "handed_over"),
        (deal(owner=IS_REP), "wanted"),
        (deal(is_closed=True, stage="失注"), "wanted"),
    ):
        people = People(person={"created_at": days_ago(9), "needs_type": "部署ニーズ"}, deals=(one,))
        assert judge(people).reason == reason


def test_a_lead_is_related_to_nothing_else() -> None:
    """The SFA does not allow it."""
    wanted = task(judge(inquirer(ref=LEAD, account=None), MONDAY))
    assert (wanted.who, wanted.about, wanted.assignee) == (LEAD, None, OWNER)
