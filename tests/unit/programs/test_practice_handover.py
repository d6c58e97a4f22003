"""Section 8 of the practice as somebody of sales operations would tell it: cases written from the page alone."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from build import ACCOUNT, IS_REP, JST, MAPPINGS, NOW, OWNER, PERSON, TODAY, activity, call, days_ago, mail, meeting
from build_people import BOSS, LEAD, MANAGER, TWIN, USERS, People, deal, form, ma, of_type, own_task, practice, task

from connector.model.case import OwnTask, Written
from connector.model.intents import Alert, Decision, EnsureTask, JoinList, Standing, WithdrawTask
from connector.model.records import ActivityKind, Ref
from connector.programs.handover import PROGRAM, HandoverSettings

SETTINGS = MAPPINGS.program("handover", HandoverSettings)
PASS, ASK = "トスアップ対応", "ニーズ種別の確認"
LIST = Ref("hubspot", "lists", "88")
MONDAY = datetime(2026, 11, 16, 10, tzinfo=JST)
ACCOUNT_OWNER = Ref("salesforce", "User", "005AO")
NEW = {"created_at": days_ago(5)}


def judge(people: People, now: datetime = NOW, settings: HandoverSettings = SETTINGS, **changes: Any) -> Decision:
    """What the program says with the preset's settings."""
    return PROGRAM.evaluate(people.case(), settings, practice(lists={SETTINGS.nurturing_list: LIST}, **changes), now)


def subject(decision: Decision) -> str | None:
    """The subject of the task that is wanted, if any."""
    return next((one.subject for one in of_type(decision, EnsureTask)), None)


def sent(*forms: tuple[float, str], **values: Any) -> People:
    """Somebody who sent these forms, so many days ago each; the type of the need is not known."""
    people = People(twins=(ma(mail_consent="yes"),), engagements=tuple(form(days, title) for days, title in forms))
    for name, value in values.items():
        setattr(people, name, value)
    return people


def needing(needs: str, **person: Any) -> People:
    """Somebody new whose type of need was recorded."""
    return People(person=NEW | {"needs_type": needs, "mail_consent": "yes"} | person, twins=(ma(),))


def then(people: People, *tasks: OwnTask, now: datetime = MONDAY) -> People:
    """The same person after that moment's decision, with these tasks as the mirror shows them."""
    first = judge(people, now)
    assert first.occasion is not None
    people.occasions, people.remembered = {"handover": first.occasion}, {"handover": first.facts}
    people.own_tasks = tasks
    people.activities = [*people.activities, *(one.current for one in tasks if one.current)]
    return people


def passed(number: str = "1.1", owner: Ref = OWNER, **now: Any) -> OwnTask:
    """Our task of Monday for sales, due on Tuesday."""
    shown = {"due_date": date(2026, 11, 17)} | now
    found = own_task(f"handover:{PERSON.id}:{number}", PASS, created=MONDAY, owner=owner, **shown)
    return replace(found, written={**found.written, "ActivityDate": "2026-11-17", "OwnerId": owner.id})


def asked(number: str = "1.1", **now: Any) -> OwnTask:
    """Our question of Monday for inside sales."""
    return own_task(f"handover:{PERSON.id}:{number}", ASK, created=MONDAY, **now)


# --- the table -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("person", [PERSON, LEAD], ids=["contact", "lead"])
@pytest.mark.parametrize(
    ("needs", "heat", "wants"),
    [
        ("個人興味の情報収集", "高", None),
        ("個人ニーズの情報収集", "高", PASS),
        ("個人ニーズの情報収集", None, ASK),
        ("個人ニーズの情報収集", "不明", ASK),
        ("個人ニーズの情報収集", "中", None),
        ("個人ニーズの情報収集", "低", None),
        ("部署ニーズの情報収集", "低", PASS),
        ("部署ニーズの情報収集", None, PASS),
    ],
)
def test_each_row_of_the_table(person: Ref, needs: str, heat: str | None, wants: str | None) -> None:
    """個人興味: no, however warm. 個人ニーズ: IS asks, 高 passes, else nurtured. 部署ニーズ: at once, however cold."""
    people = needing(needs, heat=heat)
    people.ref = person
    assert subject(judge(people)) == wants


@pytest.mark.parametrize("needs", [None, "個人興味", "個人ニーズ"])
def test_a_hundred_visits_pass_nobody(needs: str | None) -> None:
    """The web score only orders lists; it never decides a hand-over."""
    seen = {"page_views": 500, "last_visit_at": days_ago(0, 9), "mail_clicks": 40}
    assert subject(judge(People(person=NEW | {"needs_type": needs} | seen, twins=(ma(**seen),)))) != PASS


@pytest.mark.parametrize(
    ("title", "wants"),
    [
        ("お問い合せ", PASS),
        ("お問合わせ窓口", PASS),
        ("ｵ問い合わせフォーム", PASS),
        ("Demo request", PASS),
        ("General enquiry", PASS),
        ("Request a quote", PASS),
        ("資料請求", ASK),
        ("サービス資料ダウンロード", ASK),
        ("採用に関するお問い合わせ", None),
        ("Recruiting contact form", None),
    ],
)
def test_how_people_spell_their_forms(title: str, wants: str | None) -> None:
    """An explicit 問い合わせ passes at once, a 資料請求 is asked about; who looks for a job is no lead."""
    assert subject(judge(sent((0.5, title)))) == wants


@pytest.mark.parametrize(
    ("source", "status", "wants"),
    [
        ("電話問い合わせ", "未対応", PASS),
        ("お問い合わせ", None, PASS),
        ("Phone Inquiry", "Open - Not Contacted", PASS),
        ("資料請求", "新規", ASK),
        ("資料請求", "対応中", None),
        ("お問い合わせ", "Closed - Not Converted", None),
        ("展示会", "未対応", None),
        ("Web", "未対応", None),
        (None, None, None),
    ],
)
def test_an_inquiry_without_a_form(source: str | None, status: str | None, wants: str | None) -> None:
    """By phone: somebody entered a lead, and its source says 問い合わせ. Nobody has worked on it yet."""
    entered = People(person=NEW | {"lead_source": source, "lead_status": status, "account": None}, ref=LEAD)
    decision = judge(entered)
    assert subject(decision) == wants
    if wants:
        assert f"「{source}」" in task(decision).text.opening
        then_ = People(person=entered.person, ref=LEAD, remembered={"handover": decision.facts})
        assert decision.occasion is not None
        then_.occasions = {"handover": decision.occasion}
        assert task(judge(then_)).key == task(decision).key
        then_.person["lead_status"] = "対応中"
        assert subject(judge(then_)) == wants


def test_a_source_from_before_go_live_is_history() -> None:
    """And that of a contact says how the person came in once, not that somebody asks now."""
    assert subject(judge(People(person={"lead_source": "お問い合わせ"}, ref=LEAD))) is None
    assert subject(judge(People(person=NEW | {"lead_source": "お問い合わせ"}))) is None


def test_first_material_then_an_inquiry() -> None:
    """The inquiry passes at once, and the question that is still open is taken back."""
    people = then(sent((2.5, "資料請求")), asked())
    people.engagements = (*people.engagements, form(0.1, "お問い合わせ"))
    decision = judge(people)
    assert (subject(decision), task(decision).key) == (PASS, f"handover:{PERSON.id}:2.1")
    assert [one.task for one in of_type(decision, WithdrawTask)] == [asked().record]


def test_warm_at_last() -> None:
    """個人ニーズ, asked and 中: nurtured. When 熱量 is heard to be 高 later, the person is passed."""
    done = asked(is_closed=True, status="完了", completed_at=days_ago(1), disposition="接続")
    people = then(needing("個人ニーズ"), done)
    people.person["heat"] = "中"
    assert of_type(judge(people), JoinList) == [JoinList(list=LIST, person=TWIN)]
    people.person["heat"] = "高"
    assert subject(judge(people)) == PASS


def test_a_personal_need_may_grow_into_a_departments() -> None:
    """Nurtured meanwhile; once it is a 部署ニーズ it goes to sales at once, as another occasion."""
    people = then(needing("個人興味"))
    assert of_type(judge(people), JoinList) != []
    people.person["needs_type"] = "部署ニーズ"
    assert task(judge(people)).key == f"handover:{PERSON.id}:2.1"


def test_inside_sales_was_quicker_than_our_question() -> None:
    """資料請求 of somebody with a 個人ニーズ; IS called before our task came and heard 高: passed, not forgotten."""
    people = People(person={"needs_type": "個人ニーズ"}, twins=(ma(),))
    people.remembered = {"handover": judge(people, MONDAY).facts}
    people.engagements = (form(2, "資料請求"),)
    people.activities = [call(1, "接続", deal=None, owner=IS_REP)]
    people.person["heat"] = "高"
    assert subject(judge(people)) == PASS


def test_an_old_need_becomes_urgent() -> None:
    """個人ニーズ since before go-live; IS hears 熱量 高 today: passed, though the type did not change."""
    people = People(person={"needs_type": "個人ニーズ", "heat": "低"}, twins=(ma(),))
    first = judge(people, MONDAY)
    assert first.reason == "nothing"
    people.remembered, people.person["heat"] = {"handover": first.facts}, "高"
    decision = judge(people)
    assert subject(decision) == PASS
    assert decision.occasion is not None
    people.occasions, people.remembered = {"handover": decision.occasion}, {"handover": decision.facts}
    assert task(judge(people)).key == task(decision).key


def test_a_slip_is_taken_back() -> None:
    """部署ニーズ by mistake, corrected to 個人興味 before sales began: the task is no longer needed."""
    people = then(needing("部署ニーズ"), passed())
    people.person["needs_type"] = "個人興味"
    decision = judge(people, MONDAY + timedelta(hours=1))
    (back,) = of_type(decision, WithdrawTask)
    assert (back.task, back.touched) == (passed().record, False)
    assert of_type(decision, JoinList) == [JoinList(list=LIST, person=TWIN)]


def test_inside_sales_does_not_ask_while_sales_has_the_person() -> None:
    """IS and FS are not sent to one person at the same time: a 資料請求 during an open トスアップ対応."""
    people = then(sent((2.2, "お問い合わせ")), passed())
    people.engagements = (*people.engagements, form(0.1, "資料請求"))
    assert subject(judge(people)) is None


def test_the_year_is_over_before_somebody_reacts() -> None:
    """Due in one business day: of Wednesday 30 December that is Monday 4 January."""
    evening = datetime(2026, 12, 30, 18, tzinfo=JST)
    people = sent()
    people.engagements = (form(0).model_copy(update={"at": evening - timedelta(hours=1), "title": "お問い合わせ"}),)
    assert task(judge(people, evening)).due == date(2027, 1, 4)


# --- who gets it ---------------------------------------------------------------------------------------------------

AO = {ACCOUNT_OWNER: USERS[OWNER].model_copy(update={"ref": ACCOUNT_OWNER, "email": "ao@own.example"})}


@pytest.mark.parametrize("written", [False, True], ids=["a person's word", "our own"])
def test_a_customer_by_its_status_alone(written: bool) -> None:
    """A person says 現在の顧客, no deal is on record: the account owner gets the lead all the same."""
    people = sent((0.5, "お問い合わせ"), users=AO, account={"owner": ACCOUNT_OWNER, "status": "現在の顧客"})
    if written:
        people.written = {ACCOUNT: {"status": Written("現在の顧客", 1, days_ago(9))}}
    assert task(judge(people)).assignee == (OWNER if written else ACCOUNT_OWNER)


def test_a_customer_whose_account_owner_has_left() -> None:
    """The former owner's 上司 if nobody else of the customer's sales is there, and then the IS manager hears of it."""
    gone = {ACCOUNT_OWNER: AO[ACCOUNT_OWNER].model_copy(update={"is_active": False})}
    people = sent((0.5, "お問い合わせ"), users=gone, account={"owner": ACCOUNT_OWNER, "contract_end": TODAY})
    people.person = {"owner": None}
    assert task(judge(people)).assignee == BOSS
    people.users = {ACCOUNT_OWNER: gone[ACCOUNT_OWNER].model_copy(update={"manager": None})}
    (alert,) = of_type(judge(people), Alert)
    assert alert.to == (MANAGER,)


# --- touched in time -----------------------------------------------------------------------------------------------


def test_a_mail_of_the_customer_is_no_reaction_of_ours() -> None:
    """He writes again as nobody has answered: not touched in time, so the 上司 hears of it."""
    people = then(sent((2.2, "お問い合わせ")), passed())
    people.activities.append(mail(1, "incoming", deal=None))
    (alert,) = of_type(judge(people), Alert)
    assert alert.to == (BOSS,)
    people.activities.append(mail(1, "outgoing", deal=None, created_at=days_ago(1)))
    assert of_type(judge(people), Alert) == []


def test_a_mail_beside_the_form_does_not_answer_it() -> None:
    """The customer sends the form and a mail: nobody has talked with him yet, so he is passed."""
    later = activity(
        "emails",
        ActivityKind.MAIL,
        None,
        system="hubspot",
        starts_at=NOW - timedelta(hours=1),
        direction="incoming",
        thread="t9",
        is_closed=True,
    )
    assert subject(judge(sent((0.5, "お問い合わせ"), activities=[later]))) == PASS


def test_who_left_with_the_lead_has_not_touched_it() -> None:
    """The holder is no longer active, and nobody has been in touch: the 上司 hears of it in time."""
    people = then(sent((2.2, "お問い合わせ")), passed())
    people.users = {OWNER: USERS[OWNER].model_copy(update={"is_active": False})}
    decision = judge(people)
    assert (decision.standing, decision.reason) == (Standing.EXCLUDED, "holder_left")
    assert [one.to for one in of_type(decision, Alert)] == [(BOSS,)]


LATE = call(9, "接続", deal=None, owner=IS_REP).model_copy(
    update={"created_at": days_ago(0, 9), "completed_at": days_ago(0, 9), "due_date": TODAY - timedelta(days=9)}
)
"""A talk of nine days ago that was entered this morning."""


def test_a_talk_that_is_entered_late_is_no_reaction() -> None:
    """Neither does it answer an inquiry that came after it, nor is it a touch of what was passed after it."""
    assert subject(judge(sent((0.5, "お問い合わせ"), activities=[LATE]))) == PASS
    people = then(sent((2.2, "お問い合わせ")), passed())
    people.activities.append(LATE)
    assert len(of_type(judge(people), Alert)) == 1


def test_bulk_mail_and_a_note_are_no_touch() -> None:
    """Neither contact nor attempt."""
    people = then(sent((2.2, "お問い合わせ")), passed())
    people.activities += [
        mail(1, "outgoing", deal=None, subtype="ListEmail", created_at=days_ago(1)),
        activity("Note", ActivityKind.NOTE, None, body="担当に依頼した", created_at=days_ago(1)),
    ]
    assert len(of_type(judge(people), Alert)) == 1


# --- what stands in the way ----------------------------------------------------------------------------------------


def test_the_call_result_in_our_own_task_is_a_note_too() -> None:
    """IS wrote 「もう電話しないで」 into the task's result: nobody is called any more, whatever he sends."""
    text = "【事実】もう電話しないでとのこと\n【所感】"
    done = asked(is_closed=True, status="完了", completed_at=days_ago(1), body=f"本文\n{text}")
    people = then(sent((3, "資料請求")), done)
    people.engagements = (*people.engagements, form(0.2, "資料請求"))
    decision = judge(people)
    assert (decision.standing, decision.reason) == (Standing.EXCLUDED, "do_not_call")


@pytest.mark.parametrize("status", ["不適合", "登録保存"])
def test_accounts_that_are_left_alone(status: str) -> None:
    """不適合 and 登録保存 suppress every program but the churn alert."""
    decision = judge(sent((0.5, "お問い合わせ"), account={"status": status}))
    assert (decision.standing, subject(decision)) == (Standing.EXCLUDED, None)


@pytest.mark.parametrize("person", [{"call_consent": "no"}, {"left_company": True}, {"notes": "電話不要"}])
def test_an_inquiry_that_nobody_may_call_back_is_not_lost(person: dict[str, Any]) -> None:
    """架電NG or 退職 on record, and yet an inquiry comes: no call task, the manager decides how to answer."""
    decision = judge(sent((0.5, "お問い合わせ"), person=person))
    assert (decision.standing, subject(decision)) == (Standing.EXCLUDED, None)
    assert [one.to for one in of_type(decision, Alert)] == [(MANAGER,)]


def test_two_inquiries_on_one_day_are_one_task() -> None:
    """One person gets at most one open task for one matter."""
    people = then(sent((2.2, "お問い合わせ")), passed())
    people.engagements = (*people.engagements, form(0.2, "見積依頼"))
    decision = judge(people)
    assert (decision.standing, subject(decision)) == (Standing.ISSUED, None)


def test_half_a_year_later_he_asks_again() -> None:
    """The former hand-over is done; the inquiry is a new one and passes at once, deal lost meanwhile or not."""
    done = passed(is_closed=True, status="完了", completed_at=days_ago(1))
    people = then(sent((2.2, "お問い合わせ")), done)
    later = NOW + timedelta(days=180)
    again = form(0).model_copy(update={"at": later - timedelta(hours=3), "title": "お問い合わせ"})
    people.engagements = (*people.engagements, again)
    people.deals = (deal(is_closed=True, stage="失注", stage_changed_at=days_ago(-60), lost_reason="価格懸念"),)
    assert task(judge(people, later)).key == f"handover:{PERSON.id}:2.1"


def test_an_attempt_of_yesterday_does_not_hold_back_an_inquiry() -> None:
    """Passed at once; a question of IS waits for fourteen days after an attempt."""
    tried = call(1, "不在", deal=None, owner=IS_REP)
    assert subject(judge(sent((0.5, "お問い合わせ"), activities=[tried]))) == PASS
    assert judge(sent((0.5, "資料請求"), activities=[tried])).reason == "recent_attempt"


def test_a_talk_about_another_deal_does_not_make_a_talk_of_now() -> None:
    """A meeting held before the form came answers nothing."""
    assert subject(judge(sent((0.5, "お問い合わせ"), activities=[meeting(2, deal=None)]))) == PASS
