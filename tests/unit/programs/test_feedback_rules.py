"""Section 9 of the practice: what marketing hears of a lead that was passed, who is called again, what is measured."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from build import ACCOUNT, IS_REP, JST, MAPPINGS, NOW, OWNER, PERSON, TODAY, call, days_ago, meeting
from build_people import LEAD, OWN_DEAL, TWIN, People, deal, form, ma, of_type, own_task, practice, task

from connector.model.case import Occasion, OwnTask, Written
from connector.model.intents import Decision, EnsureTask, Over, SetFields, Standing, WithdrawTask
from connector.model.records import Opportunity, Ref
from connector.programs.feedback import PROGRAM, FeedbackSettings

SETTINGS = MAPPINGS.program("feedback", FeedbackSettings)
SUBJECT = "フォローコール"
PASSED = TODAY - timedelta(days=20)


def judge(people: People, now: datetime = NOW) -> Decision:
    """What the program says."""
    return PROGRAM.evaluate(people.case(), SETTINGS, practice(), now)


def passed(**values: Any) -> People:
    """Somebody who was passed to sales twenty days ago, and is known to the MA."""
    people = People(person={"handed_over_on": PASSED} | values.pop("person", {}), twins=(ma(),))
    for name, value in values.items():
        setattr(people, name, value)
    return people


def written(decision: Decision) -> dict[str, Any] | None:
    """What is written back to the MA."""
    found = of_type(decision, SetFields)
    assert all((one.record, one.over) == (TWIN, Over.OWN) for one in found)
    return found[0].values if found else None


def lost(days: int, reason: str | None, **values: Any) -> Opportunity:
    """A deal of the person that was lost so many days ago."""
    return deal(is_closed=True, stage="失注", stage_changed_at=days_ago(days), lost_reason=reason, **values)


def test_the_settings_are_the_figures_of_the_practice() -> None:
    """The preset says what the code's defaults say."""
    assert FeedbackSettings() == SETTINGS
    assert (SETTINGS.subject, SETTINGS.again_months) == (SUBJECT, 6)


@pytest.mark.parametrize(
    ("deals", "outcome", "day", "reason"),
    [
        ((deal(created_at=days_ago(5)),), "商談化", 5, None),
        ((deal(is_closed=True, is_won=True, close_date=TODAY - timedelta(days=3)),), "受注", 3, None),
        ((lost(4, "他社導入", lost_to="B社"),), "他社導入", 4, "他社導入 / B社"),
        ((lost(4, "ペンディング", lost_reason_detail="来期へ"),), "ペンディング(先送り)", 4, "ペンディング / 来期へ"),
        ((lost(4, "価格懸念"),), "お断り", 4, "価格懸念"),
        ((lost(4, "音信不通"),), "お断り", 4, "音信不通"),
        ((lost(4, None),), "お断り", 4, None),
    ],
)
def test_a_deal_tells_what_became_of_the_lead(
    deals: tuple[Opportunity, ...], outcome: str, day: int, reason: str | None
) -> None:
    """With date and reason, on the contact of the MA."""
    decision = judge(passed(deals=deals))
    assert written(decision) == {
        "outcome": outcome,
        "outcome_on": TODAY - timedelta(days=day),
        "outcome_reason": reason,
    }
    assert (decision.standing, decision.reason) == (Standing.NOT_ELIGIBLE, "told")
    assert decision.because[0].text == f"結果は「{outcome}」({(TODAY - timedelta(days=day)).isoformat()})"


@pytest.mark.parametrize(
    "act",
    [
        meeting(3, deal=None),
        meeting(-9, deal=None, created_at=days_ago(3)),
        call(3, "アポ獲得", deal=None),
    ],
    ids=["held", "to come", "call with an appointment"],
)
def test_an_appointment_is_an_outcome(act: Any) -> None:
    """From the day on which it was held or made."""
    assert written(judge(passed(activities=[act]))) == {
        "outcome": "アポ",
        "outcome_on": TODAY - timedelta(days=3),
        "outcome_reason": None,
    }


@pytest.mark.parametrize(
    "act",
    [call(3, "接続", deal=None), call(3, "不在", deal=None), meeting(21, deal=None)],
    ids=["talk", "try", "before"],
)
def test_what_is_no_appointment_is_none(act: Any) -> None:
    """A talk on the phone alone, an attempt, or what was before the hand-over."""
    decision = judge(passed(activities=[act]))
    assert (written(decision), decision.reason) == (None, "no_outcome")


@pytest.mark.parametrize(
    ("status", "outcome"),
    [("Closed - Not Converted", "お断り"), ("BAD_TIMING", "ペンディング(先送り)"), ("他社導入", "他社導入")],
)
def test_a_leads_status_tells_where_no_deal_does(status: str, outcome: str) -> None:
    """Of either system; since when, is when it was seen first."""
    people = passed(person={"lead_status": status, "modified_at": days_ago(2)})
    first = judge(people)
    expected = {"outcome": outcome, "outcome_on": TODAY - timedelta(days=2), "outcome_reason": status}
    assert written(first) == expected
    people.person["modified_at"] = days_ago(0, 9)
    people.remembered = {"feedback": first.facts}
    assert written(judge(people)) == expected
    assert written(judge(passed(person={"lead_status": "Working - Contacted"}))) is None


def test_a_status_from_before_the_hand_over_tells_nothing_of_it() -> None:
    """Somebody who had declined once may be passed anew."""
    assert written(judge(passed(person={"lead_status": "お断り", "modified_at": days_ago(21)}))) is None


def test_the_latest_outcome_tells_and_a_won_deal_is_the_end() -> None:
    """A deal tells more than meetings and statuses; of deals the latest, except that 受注 stays."""
    meetings = [meeting(1, deal=None)]
    early = lost(10, "他社導入")
    late = deal(OWN_DEAL._replace(id="006LATE"), created_at=days_ago(2))
    won = deal(OWN_DEAL._replace(id="006WON"), is_closed=True, is_won=True, close_date=TODAY - timedelta(days=8))
    own = frozenset({OWN_DEAL, late.ref, won.ref})
    for deals, outcome in (((early,), "他社導入"), ((early, late), "商談化"), ((early, late, won), "受注")):
        values = written(judge(passed(deals=deals, own=own, activities=meetings)))
        assert values is not None
        assert values["outcome"] == outcome
    by_status = passed(person={"lead_status": "お断り", "modified_at": days_ago(1)}, activities=[meeting(5, deal=None)])
    values = written(judge(by_status))
    assert values is not None
    assert values["outcome"] == "お断り"


def test_what_was_before_the_hand_over_is_not_its_outcome() -> None:
    """Neither a deal that was lost before it nor one that was open already, nor a colleague's."""
    assert written(judge(passed(deals=(lost(21, "他社導入", created_at=days_ago(90)),)))) is None
    assert written(judge(passed(deals=(deal(created_at=days_ago(90)),)))) is None
    assert written(judge(passed(deals=(deal(OWN_DEAL._replace(id="006COLLEAGUE"), created_at=days_ago(3)),)))) is None


def test_what_happens_on_the_day_of_the_hand_over_is_its_outcome() -> None:
    """A deal that is opened at once."""
    values = written(judge(passed(deals=(deal(created_at=days_ago(20)),))))
    assert values is not None
    assert values["outcome_on"] == PASSED


def test_who_was_not_passed_has_no_outcome() -> None:
    """Only leads that were passed are followed."""
    decision = judge(People(twins=(ma(),), deals=(deal(),)))
    assert (decision.reason, decision.intents) == ("not_passed", ())


def handover_task(**now: Any) -> OwnTask:
    """Our task by which the person was passed fifteen days ago."""
    return own_task(f"handover:{PERSON.id}:1.1", "トスアップ対応", created=days_ago(15), owner=OWNER, **now)


def test_our_own_task_is_a_hand_over_too() -> None:
    """Before its day stands on the records."""
    people = People(twins=(ma(),), own_tasks=(handover_task(),), deals=(deal(created_at=days_ago(14)),))
    values = written(judge(people))
    assert values is not None
    assert values["outcome"] == "商談化"
    asked = own_task(f"handover:{PERSON.id}:1.1", "ニーズ種別の確認", created=days_ago(15))
    assert judge(People(twins=(ma(),), own_tasks=(asked,))).reason == "not_passed"


def test_what_a_person_wrote_is_left_alone_as_a_whole() -> None:
    """Outcome, date and reason belong together; what Okoshi wrote itself is kept up."""
    people = passed(deals=(deal(created_at=days_ago(5)),), twins=(ma(outcome="お断り"),))
    assert written(judge(people)) is None
    people.twins = (ma(outcome="様子見中"),)
    assert written(judge(people)) is None
    people.twins = (ma(outcome="アポ"),)
    people.written = {TWIN: {"outcome": Written("アポ", 1, NOW)}}
    values = written(judge(people))
    assert values is not None
    assert values["outcome"] == "商談化"


def test_asked_twice_it_answers_the_same() -> None:
    """With what it remembers."""
    people = passed(deals=(lost(4, "他社導入"),))
    first = judge(people)
    people.remembered = {"feedback": first.facts}
    assert judge(people) == first


# --- 先送り --------------------------------------------------------------------------------------------------------


def put_off(months_and_days: date, **values: Any) -> People:
    """Somebody whom sales put off on that day, as a person wrote to the MA."""
    twin = ma(outcome="ペンディング(先送り)", outcome_on=months_and_days, outcome_reason="来期に再検討")
    return passed(person={"handed_over_on": date(2026, 1, 5)}, twins=(twin,), **values)


def test_who_was_put_off_comes_up_again_after_half_a_year() -> None:
    """On the day, not before."""
    before = judge(put_off(date(2026, 5, 19)))
    assert (before.standing, before.reason, before.wake_at) == (
        Standing.NOT_ELIGIBLE,
        "told",
        datetime(2026, 11, 19, tzinfo=JST),
    )
    decision = judge(put_off(date(2026, 5, 18)))
    wanted = task(decision)
    assert (wanted.key, wanted.subject, wanted.matter) == (f"feedback:{PERSON.id}:1.1", SUBJECT, "lost")
    assert (wanted.who, wanted.about, wanted.assignee, wanted.due) == (PERSON, ACCOUNT, None, TODAY)
    assert wanted.text.opening.startswith("山田 太郎は2026-05-18に「先送り」となり、6か月がたちました。")
    assert wanted.text.facts[:2] == ("トスアップの結果:2026-05-18 ペンディング(先送り)", "理由:来期に再検討")
    assert judge(put_off(date(2026, 5, 18))) == decision


def test_a_lost_deal_that_was_put_off_comes_back_by_itself() -> None:
    """Then there is nothing to do here; neither where a deal is open or won."""
    for one in (lost(300, "ペンディング", created_at=days_ago(310)), deal(), deal(is_closed=True, is_won=True)):
        assert of_type(judge(put_off(date(2026, 5, 1), deals=(one,))), EnsureTask) == []
    other = lost(300, "他社導入", created_at=days_ago(310))
    assert len(of_type(judge(put_off(date(2026, 5, 1), deals=(other,))), EnsureTask)) == 1


def test_by_the_leads_status_it_comes_up_too() -> None:
    """Half a year after that was seen first."""
    people = passed(person={"lead_status": "先送り", "modified_at": days_ago(1)})
    people.remembered = {"feedback": judge(people).facts}
    assert of_type(judge(people, datetime(2027, 5, 16, 10, tzinfo=JST)), EnsureTask) == []
    assert len(of_type(judge(people, datetime(2027, 5, 17, 10, tzinfo=JST)), EnsureTask)) == 1


def called_again(**now: Any) -> People:
    """Our task of ten days ago for somebody who was put off on 8 May."""
    ours = own_task(f"feedback:{PERSON.id}:1.1", SUBJECT, created=days_ago(10), **now)
    people = put_off(date(2026, 5, 8), own_tasks=(ours,), activities=[ours.current] if ours.current else [])
    people.occasions = {"feedback": Occasion(1, TODAY - timedelta(days=10), date(2026, 5, 8))}
    return people


def test_while_our_task_is_open_there_is_no_second() -> None:
    """And with it applied nothing more is wanted."""
    decision = judge(called_again())
    assert (decision.standing, decision.intents) == (Standing.ISSUED, ())


def test_a_talk_puts_the_person_off_anew() -> None:
    """Half a year from then on; our task that nobody began goes."""
    done = judge(called_again(is_closed=True, status="完了", completed_at=days_ago(2)))
    assert (done.reason, done.wake_at) == ("told", datetime(2027, 5, 16, tzinfo=JST))
    people = called_again()
    people.activities.append(call(2, "接続", deal=None, owner=OWNER))
    assert len(of_type(judge(people), WithdrawTask)) == 1
    assert done.occasion is not None
    people.occasions = {"feedback": done.occasion}
    people.own_tasks = ()
    people.activities = people.activities[1:]
    assert task(judge(people, datetime(2027, 5, 17, 10, tzinfo=JST))).key == f"feedback:{PERSON.id}:2.1"


@pytest.mark.parametrize(
    ("now", "reason"),
    [({"deleted": True}, "task_deleted"), ({"status": "対応不要", "is_closed": True}, "not_needed")],
)
def test_what_a_person_ended_does_not_come_again(now: dict[str, Any], reason: str) -> None:
    """Not for this time."""
    assert judge(called_again(**now)).reason == reason


def test_after_a_lost_database_the_task_tells() -> None:
    """No second one."""
    people = called_again()
    people.occasions = {}
    assert judge(people).standing is Standing.ISSUED


@pytest.mark.parametrize(
    ("world", "reason"),
    [
        ({"account": {"call_consent": "no"}}, "do_not_call"),
        ({"account": {"status": "不適合"}}, "left_alone"),
        ({"activities": [call(3, "不在", deal=None)]}, "recent_attempt"),
    ],
)
def test_who_must_not_be_called_is_not(world: dict[str, Any], reason: str) -> None:
    """As everywhere."""
    decision = judge(put_off(date(2026, 5, 8), **world))
    assert (decision.standing, decision.reason) == (Standing.EXCLUDED, reason)


def test_somebody_whom_the_ma_alone_knows_is_not_called_but_told_of() -> None:
    """There is no record to work on."""
    person = {"handed_over_on": date(2026, 1, 5), "lead_status": "先送り", "modified_at": days_ago(300)}
    decision = judge(People(ref=TWIN, person=person, account=None))
    assert (decision.reason, len(of_type(decision, SetFields))) == ("not_in_sfa", 1)


# --- what is measured ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("people", "stage"),
    [
        (People(engagements=(form(1),)), "lead"),
        (People(person={"needs_type": "個人興味"}), "vetted"),
        (passed(), "vetted"),
        (People(deals=(deal(),)), "deal"),
        (People(ref=LEAD, person={"became": Ref("salesforce", "Opportunity", "006X")}), "deal"),
        (
            People(
                deals=(deal(), deal(OWN_DEAL._replace(id="006B"), is_won=True)),
                own=frozenset({OWN_DEAL._replace(id="006B")}),
            ),
            "won",
        ),
    ],
)
def test_the_funnel_is_remembered_of_everybody(people: People, stage: str) -> None:
    """lead → 精査 → 案件化 → 受注."""
    assert judge(people).facts["stage"] == stage


def test_follow_up_is_measured_from_the_hand_over_on() -> None:
    """By the first touch after our task, its completion counted."""
    people = People(twins=(ma(),), own_tasks=(handover_task(),))
    facts = judge(people).facts
    assert (facts["passed_on"], facts["passed_to"], facts["touched_on"]) == ("2026-11-03", str(OWNER), "")
    people.activities = [call(15, "接続", deal=None, owner=IS_REP, completed_at=days_ago(15, 9))]
    assert judge(people).facts["touched_on"] == ""
    people.activities.append(call(12, "不在", deal=None))
    assert judge(people).facts["touched_on"] == "2026-11-06"
    done = handover_task(is_closed=True, status="完了", completed_at=days_ago(13))
    assert done.current is not None
    people.own_tasks, people.activities = (done,), [*people.activities, done.current]
    assert judge(people).facts["touched_on"] == "2026-11-05"


def test_without_our_task_sales_own_touch_counts() -> None:
    """That of inside sales, who passed the lead, does not."""
    people = passed(activities=[call(20, "接続", deal=None, owner=IS_REP)])
    assert judge(people).facts["touched_on"] == ""
    people.activities.append(call(18, "接続", deal=None))
    assert judge(people).facts["touched_on"] == (TODAY - timedelta(days=18)).isoformat()


def test_the_outcome_is_measured_with_its_day_and_reason() -> None:
    """For the reports."""
    facts = judge(passed(deals=(lost(4, "他社導入"),), person={"handed_over_on": PASSED, "product": "電子契約"})).facts
    assert (facts["outcome"], facts["outcome_on"]) == ("competitor", (TODAY - timedelta(days=4)).isoformat())
    assert (facts["outcome_reason"], facts["product"]) == ("他社導入", "電子契約")


def test_our_own_people_are_no_leads() -> None:
    """By the mail address."""
    assert judge(passed(person={"handed_over_on": PASSED, "email": "x@own.example"})).reason == "own_employee"


def test_a_case_without_an_occasion_begins_at_one() -> None:
    """And an ended one is followed by the next number."""
    people = put_off(date(2026, 5, 8))
    people.occasions = {"feedback": replace(Occasion(3, date(2025, 1, 1), date(2024, 6, 1)), ended=True)}
    assert task(judge(people)).key == f"feedback:{PERSON.id}:4.1"
