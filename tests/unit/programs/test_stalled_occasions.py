"""One stall is one occasion: when a second task is legitimate, and when our task goes."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from build import DEAL, IS_REP, NOW, OWNER, PERSON, TODAY, World, call, days_ago, done_task, meeting, open_task

from connector.mapping.practice import PracticeRules, StalledDays, StalledRules
from connector.model.case import Occasion, OwnTask
from connector.model.intents import Decision, EnsureTask, Standing, WithdrawTask
from connector.model.records import Activity, ActivityKind, Ref, User

SUBJECT = "滞留商談掘り起こし"
TASK = Ref("salesforce", "Task", "00TOURS")


def ours(number: int = 1, sequence: int = 1, *, withdrawn: bool = False, deleted: bool = False, **now: Any) -> OwnTask:
    """A task that we wrote ten days ago, and what it looks like now."""
    written = {"Subject": SUBJECT, "OwnerId": IS_REP.id, "ActivityDate": "2026-11-08", "Status": "未着手"}
    written["Description"] = "本文"
    values: dict[str, Any] = {
        "ref": TASK,
        "form": ActivityKind.TASK,
        "modified_at": days_ago(10),
        "created_at": days_ago(10),
        "subject": SUBJECT,
        "owner": IS_REP,
        "due_date": date(2026, 11, 8),
        "status": "未着手",
        "body": "本文",
        "opportunities": (DEAL,),
        "people": (PERSON,),
        "key": f"stalled:{DEAL.id}:{number}.{sequence}",
    }
    current = None if deleted else Activity(**(values | now))
    return OwnTask(
        key=f"stalled:{DEAL.id}:{number}.{sequence}",
        program="stalled",
        record=TASK,
        written=written,
        created_at=days_ago(10),
        withdrawn=withdrawn,
        current=current,
        deleted=deleted,
    )


def occasion(number: int = 1, *, last_contact: int = 80, started: int = 10, ended: bool = False) -> Occasion:
    """An occasion that began `started` days ago, counted from a contact `last_contact` days ago."""
    return Occasion(number, TODAY - timedelta(days=started), TODAY - timedelta(days=last_contact), ended)


def stalled_world(task: OwnTask, *activities: Activity, **values: Any) -> World:
    """A deal silent for eighty days, with our task among its activities as the mirror would show it."""
    seen = [task.current] if task.current else []
    return World([meeting(80), *seen, *activities], own_tasks=(task,), occasion=occasion(), **values)


def key(decision: Decision) -> str:
    """The key of the task that is wanted."""
    (intent,) = decision.intents
    assert isinstance(intent, EnsureTask)
    return intent.key


def test_the_first_stall_is_the_first_occasion() -> None:
    """Its key names program, deal, occasion and the task within it; no date is part of it."""
    decision = World([meeting(80)]).judge()
    assert key(decision) == f"stalled:{DEAL.id}:1.1"
    assert decision.occasion == Occasion(1, TODAY, TODAY - timedelta(days=80))


def test_while_our_task_is_open_there_is_no_second() -> None:
    """The deal counts as issued."""
    decision = stalled_world(ours()).judge()
    assert (decision.standing, decision.intents) == (Standing.ISSUED, ())


def test_a_late_log_that_leaves_the_deal_stalled_changes_nothing() -> None:
    """An activity logged late, dated before our task, is no new occasion."""
    decision = stalled_world(ours(), meeting(70)).judge()
    assert decision.standing is Standing.ISSUED
    assert decision.occasion == occasion()


@pytest.mark.parametrize(
    ("task", "why"), [(ours(deleted=True), "task_deleted"), (ours(status="対応不要", is_closed=True), "not_needed")]
)
def test_a_person_who_ends_our_task_ends_it_for_this_occasion(task: OwnTask, why: str) -> None:
    """Deleted or closed as not needed: never a second task for the same stall."""
    decision = stalled_world(task).judge()
    assert (decision.standing, decision.reason) == (Standing.EXCLUDED, why)


def completed(days: int, disposition: str | None) -> OwnTask:
    """Our task, completed by a person so many days ago."""
    return ours(status="完了", is_closed=True, completed_at=days_ago(days), disposition=disposition)


def test_completing_our_task_with_a_talk_is_contact() -> None:
    """What a person does in our task is the person's act: the stall is over."""
    decision = stalled_world(completed(3, "接続")).judge()
    assert (decision.standing, decision.reason) == (Standing.NOT_ELIGIBLE, "fresh")
    assert decision.occasion is not None
    assert decision.occasion.ended


def test_completing_our_task_without_a_talk_is_an_attempt() -> None:
    """It holds back for fourteen days; then the same stall legitimately gets its next task."""
    assert stalled_world(completed(3, "不在")).judge().reason == "recent_attempt"
    assert key(stalled_world(completed(9, "不在")).judge(now=NOW + timedelta(days=5))) == f"stalled:{DEAL.id}:1.2"


def test_a_new_stall_after_contact_is_a_new_occasion() -> None:
    """Contact was seen, sixty days passed again: task number one of occasion two."""
    world = World([meeting(61)], occasion=occasion(last_contact=200, started=100, ended=True))
    assert key(world.judge()) == f"stalled:{DEAL.id}:2.1"


def test_a_contact_that_was_seen_late_still_began_a_new_stall() -> None:
    """No cycle saw the deal fresh, but there was contact after the occasion began."""
    world = World([meeting(61)], occasion=occasion(last_contact=200, started=100))
    assert key(world.judge()) == f"stalled:{DEAL.id}:2.1"


def test_other_figures_do_not_end_an_occasion() -> None:
    """Raising the days in the preset is no contact: when they are lowered again the occasion is still the first."""
    world = World([meeting(80)], occasion=occasion())
    decision = world.judge(rules=PracticeRules(stalled=StalledRules(days=StalledDays(default=90))))
    assert decision.standing is Standing.NOT_ELIGIBLE
    assert decision.occasion == occasion()


def withdrawal(decision: Decision) -> WithdrawTask:
    """The withdrawal that a decision asks for."""
    (intent,) = decision.intents
    assert isinstance(intent, WithdrawTask)
    return intent


def test_contact_by_the_owner_withdraws_an_untouched_task() -> None:
    """Deleted, as nobody has begun."""
    intent = withdrawal(stalled_world(ours(), meeting(1)).judge())
    assert (intent.task, intent.touched) == (TASK, False)


@pytest.mark.parametrize(
    "begun",
    [{"status": "進行中"}, {"body": "本文 先方に架電"}, {"owner": OWNER}, {"due_date": TODAY}],
)
def test_a_task_that_somebody_has_begun_is_left_with_a_note(begun: dict[str, Any]) -> None:
    """Changed by a person: it stays, with a note on top."""
    intent = withdrawal(stalled_world(ours(**begun), meeting(1)).judge())
    assert intent.touched
    assert intent.note.startswith("【取り下げ】")


def test_a_call_by_the_tasks_holder_means_that_it_was_begun() -> None:
    """IS has tried already, outside the task itself."""
    tried = call(2, "不在", owner=IS_REP)
    assert withdrawal(stalled_world(ours(), tried, meeting(1)).judge()).touched


def test_a_withdrawn_task_is_not_withdrawn_twice() -> None:
    """One note is enough."""
    assert stalled_world(ours(withdrawn=True, status="進行中"), meeting(1)).judge().intents == ()


def test_a_closed_deal_needs_no_task() -> None:
    """Won or lost: withdrawn."""
    intent = withdrawal(stalled_world(ours(), deal={"is_closed": True, "is_won": True}).judge())
    assert not intent.touched


def test_an_appointment_of_the_owner_withdraws_an_untouched_task() -> None:
    """The owner moved first."""
    decision = stalled_world(ours(), meeting(-3)).judge()
    assert (decision.standing, decision.reason) == (Standing.EXCLUDED, "future_meeting")
    assert not withdrawal(decision).touched


def test_a_task_to_somebody_who_must_not_be_called_any_more_is_withdrawn() -> None:
    """架電NG that was recorded after the task was issued."""
    decision = stalled_world(ours(), person={"call_consent": "no"}).judge()
    assert decision.reason == "do_not_call"
    assert not withdrawal(decision).touched


def test_after_a_withdrawal_the_same_stall_may_get_a_task_again() -> None:
    """The appointment fell through and there was no contact: the next task of the same occasion."""
    world = stalled_world(ours(withdrawn=True, deleted=True), meeting(-3, outcome="CANCELED"))
    assert key(world.judge()) == f"stalled:{DEAL.id}:1.2"


def test_our_own_writing_is_no_contact() -> None:
    """Neither a task of ours nor its withdrawal resets the deal."""
    assert stalled_world(ours(withdrawn=True, deleted=True)).judge().standing is Standing.WAITING


def test_somebody_elses_completed_task_with_the_subject_is_their_act() -> None:
    """A hand-made task that was completed is contact like any other."""
    world = World([meeting(80), done_task(3, subject=SUBJECT)])
    assert world.judge().reason == "fresh"


def test_a_task_that_was_not_read_back_yet_counts_as_open() -> None:
    """Written a moment ago, the echo has not come: still no second task."""
    task = ours()
    unseen = OwnTask(task.key, task.program, task.record, task.written, task.created_at, False, None, False)
    assert World([meeting(80)], own_tasks=(unseen,), occasion=occasion()).judge().standing is Standing.ISSUED


def test_a_task_that_lies_with_somebody_who_left_is_shown() -> None:
    """Nobody works on it, so the deal does not count as issued: the reason stands in the plan."""
    gone = User(ref=IS_REP, modified_at=days_ago(1), name="IS 退職者", is_active=False)
    decision = stalled_world(ours(), users={IS_REP: gone}).judge()
    assert (decision.standing, decision.reason) == (Standing.EXCLUDED, "holder_left")
    assert "IS 退職者" in decision.text


def test_after_a_lost_database_our_latest_task_tells_the_occasion() -> None:
    """Adopted from Salesforce: deleted by a person in occasion two, so nothing more for occasion two."""
    world = World([meeting(80)], own_tasks=(ours(2, 1, deleted=True),))
    assert world.judge().reason == "task_deleted"
    later = World([meeting(61)], own_tasks=(replace(ours(2, 1, deleted=True), created_at=days_ago(90)),))
    assert key(later.judge()) == f"stalled:{DEAL.id}:3.1"


def test_an_adopted_task_counts_as_begun() -> None:
    """Nobody knows any more what it looked like when it was new, so it is not deleted."""
    adopted = replace(ours(), written={})
    assert withdrawal(stalled_world(adopted, meeting(1)).judge()).touched


def test_the_withdrawal_for_a_closed_deal_says_so() -> None:
    """Its reason is the close, not an old contact."""
    (because,) = stalled_world(ours(), deal={"is_closed": True, "stage": "受注"}).judge().because
    assert (because.rule, because.field, because.value) == ("stalled.closed", "stage", "受注")


def test_an_open_task_of_an_earlier_occasion_still_counts() -> None:
    """Left with a note and never closed: the new stall needs no second one."""
    task = ours(withdrawn=True, status="進行中")
    world = World([meeting(61), open_task(None, owner=IS_REP, subject=SUBJECT)], own_tasks=(task,), occasion=occasion())
    assert world.judge().standing is Standing.ISSUED
