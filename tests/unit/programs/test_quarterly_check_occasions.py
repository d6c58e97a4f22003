"""The quarter since a contact is one occasion: when a second task is legitimate, and when our task goes."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from build import ACCOUNT, IS_REP, NOW, OWNER, TODAY, call, days_ago, meeting
from build_account_status import SIBLING, Company, deal, on, record, user
from build_quarterly_check import (
    NAME,
    TASK,
    done,
    in_days,
    judged,
    occasion,
    ours,
    talked,
    task,
    with_task,
)

from connector.model.case import Occasion
from connector.model.intents import Decision, Standing, WithdrawTask
from connector.programs.quarterly_check import QuarterlyCheckSettings


def withdrawal(decision: Decision) -> WithdrawTask:
    """The withdrawal that a decision asks for."""
    (intent,) = decision.intents
    assert isinstance(intent, WithdrawTask)
    return intent


def remembering(**facts: str) -> dict[str, Any]:
    """What the program said to remember."""
    return {"remembered": {NAME: facts}}


def test_the_first_check_is_the_first_occasion() -> None:
    """Counted from the contact."""
    assert judged(talked(120)).occasion == Occasion(1, TODAY, days_ago(120).date())


def test_while_our_task_is_open_there_is_no_second() -> None:
    """The company counts as issued, also while it waits for the echo of the write."""
    assert judged(with_task(ours())).standing is Standing.ISSUED
    unseen = replace(ours(), current=None)
    assert judged(with_task(unseen)).standing is Standing.ISSUED


def test_a_talk_ends_the_quarter() -> None:
    """Completed with a talk: the next check is ninety days later, as the next occasion."""
    company = with_task(done(3))
    decision = judged(company)
    assert decision.reason == "not_yet"
    assert decision.wake_at == on(in_days(87), 0)
    later = company.after(NAME, decision)
    assert task(judged(later, NOW + timedelta(days=87))).key == f"quarterly_check:{ACCOUNT.id}:2.1"


def test_completed_without_a_talk_is_an_attempt() -> None:
    """Fourteen days later the same quarter gets its next task."""
    company = with_task(done(3, disposition="不在"))
    assert judged(company).reason == "recent_attempt"
    assert task(judged(company, NOW + timedelta(days=11))).key == f"quarterly_check:{ACCOUNT.id}:1.2"


@pytest.mark.parametrize(
    ("own", "why"), [(ours(deleted=True), "task_deleted"), (ours(status="対応不要", is_closed=True), "not_needed")]
)
def test_a_person_who_ends_our_task_ends_it_for_this_quarter(own: Any, why: str) -> None:
    """Not issued again until another quarter has passed; then it is checked again."""
    company = with_task(own)
    decision = judged(company)
    assert (decision.standing, decision.reason) == (Standing.EXCLUDED, why)
    assert decision.wake_at == on(in_days(80), 0)
    assert judged(company, NOW + timedelta(days=79)).reason == why
    assert task(judged(company, NOW + timedelta(days=80))).key == f"quarterly_check:{ACCOUNT.id}:2.1"


def test_contact_by_the_owner_withdraws_an_untouched_task() -> None:
    """Reached otherwise: deleted, as nobody has begun."""
    intent = withdrawal(judged(with_task(ours(), meeting(1, deal=None))))
    assert (intent.task, intent.touched) == (TASK, False)


def test_a_task_that_somebody_has_begun_is_left_with_a_note() -> None:
    """Changed by a person."""
    intent = withdrawal(judged(with_task(ours(status="進行中"), meeting(1, deal=None))))
    assert intent.touched
    assert intent.note.startswith("【取り下げ】")


def test_an_appointment_withdraws_an_untouched_task() -> None:
    """Somebody moved first."""
    decision = judged(with_task(ours(), meeting(-3, deal=None)))
    assert decision.reason == "future_meeting"
    assert not withdrawal(decision).touched


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"deals": (deal(),)}, "other_status"),
        ({"account": {"status": "失注案件"}}, "other_status"),
        ({"account": {"status": "不適合"}}, "left_alone"),
        ({"account": {"call_consent": "no"}}, "do_not_call"),
        ({"account": {"next_check_on": in_days(60)}}, "not_yet"),
    ],
)
def test_a_task_that_is_not_needed_any_more_is_withdrawn(changes: dict[str, Any], reason: str) -> None:
    """Another status, nobody to call any more, or a person put it off."""
    decision = judged(with_task(ours(), **changes))
    assert decision.reason == reason
    assert withdrawal(decision).task == TASK
    assert decision.because != ()


def test_a_withdrawn_task_is_not_withdrawn_twice() -> None:
    """One note is enough."""
    assert judged(with_task(ours(withdrawn=True, status="進行中"), meeting(1, deal=None))).intents == ()


def test_an_attempt_leaves_the_open_task_alone() -> None:
    """The company is ワーキング for thirty days, and the task goes on."""
    tried = call(2, "不在", deal=None, owner=IS_REP)
    assert judged(with_task(ours(), tried)).standing is Standing.ISSUED


def test_an_open_task_outlives_its_quarter() -> None:
    """A new occasion would mean a second task."""
    company = with_task(ours(), last=300, occasions={NAME: occasion(last_contact=300, started=200)})
    decision = judged(company)
    assert decision.standing is Standing.ISSUED
    assert decision.occasion == occasion(last_contact=300, started=200)


def test_a_late_log_that_leaves_the_company_due_changes_nothing() -> None:
    """Logged late, dated before our task: no new occasion."""
    company = with_task(ours(deleted=True), meeting(95, deal=None))
    assert judged(company).reason == "task_deleted"


def test_other_figures_do_not_end_an_occasion() -> None:
    """Raising the days in the preset is no contact: the task stays, and so does the occasion."""
    decision = judged(with_task(ours()), settings=QuarterlyCheckSettings(days=120))
    assert (decision.reason, decision.intents, decision.occasion) == ("not_yet", (), occasion())


def test_a_completed_task_uses_up_the_date_it_was_issued_for() -> None:
    """Tried in vain on the person's date: from then on the ninety days count again."""
    asked = in_days(-10)
    own = done(3, disposition="不在")
    company = with_task(own, last=40, account={"next_check_on": asked}, **remembering(begun_for=asked.isoformat()))
    decision = judged(company)
    assert (decision.reason, decision.facts["used"]) == ("not_yet", asked.isoformat())
    assert decision.wake_at == on(in_days(50), 0)
    later = company.after(NAME, decision)
    assert task(judged(later, NOW + timedelta(days=50))).text.opening.startswith("前回の接触")


@pytest.mark.parametrize("own", [ours(deleted=True), ours(status="対応不要", is_closed=True)])
def test_a_task_that_was_not_completed_does_not_use_up_the_date(own: Any) -> None:
    """But a person ended it, so it is not issued again for it."""
    asked = in_days(-10)
    company = with_task(own, last=40, account={"next_check_on": asked}, **remembering(begun_for=asked.isoformat()))
    decision = judged(company)
    assert decision.standing is Standing.EXCLUDED
    assert "used" not in decision.facts


def test_a_new_date_of_a_person_is_a_new_occasion() -> None:
    """Although the task for the former one was deleted."""
    company = with_task(
        ours(deleted=True), last=40, account={"next_check_on": TODAY}, **remembering(begun_for=in_days(-10).isoformat())
    )
    decision = judged(company)
    assert task(decision).key == f"quarterly_check:{ACCOUNT.id}:2.1"
    assert decision.facts["begun_for"] == TODAY.isoformat()


def test_a_date_is_remembered_through_all_that_follows() -> None:
    """Issued, held and put off: what the occasion is for and what is used up stay known."""
    facts = {"begun_for": in_days(-10).isoformat(), "used": in_days(-200).isoformat()}
    company = with_task(ours(), last=40, account={"next_check_on": in_days(-10)}, **remembering(**facts))
    for more in ({}, {"activities": (*company.activities, meeting(-3, deal=None))}):
        decision = judged(replace(company, **more))
        assert {name: decision.facts[name] for name in facts} == facts


def test_a_task_that_lies_with_somebody_who_left_is_shown() -> None:
    """Nobody works on it, so the company does not count as issued."""
    gone = user(IS_REP, "内勤 退職者", is_active=False)
    decision = judged(with_task(ours(), users={IS_REP: gone}))
    assert (decision.standing, decision.reason) == (Standing.EXCLUDED, "holder_left")


def test_after_a_lost_database_our_latest_task_tells_the_occasion() -> None:
    """Deleted by a person in occasion two, so nothing more for this quarter."""
    company = with_task(ours(2, 1, deleted=True), occasions={})
    assert judged(company).reason == "task_deleted"


def test_a_task_on_a_record_that_leads_no_more_is_kept() -> None:
    """Another record of the company turned up that goes first: no second task, and none is taken away."""
    first = record(SIBLING._replace(id="0010"))
    assert judged(with_task(ours(), others=(first,))).standing is Standing.ISSUED
    assert judged(talked(100, others=(first,))).reason == "other_record"


def test_the_same_quarter_does_not_begin_twice() -> None:
    """Kept and judged again, day by day, it is the same occasion with the same key."""
    company: Company = talked(120, account={"owner": OWNER})
    keys = set()
    for day in range(0, 60, 7):
        now = NOW + timedelta(days=day)
        decision = judged(company, now)
        keys.add(task(decision).key)
        company = company.after(NAME, decision, now)
    assert keys == {f"quarterly_check:{ACCOUNT.id}:1.1"}
