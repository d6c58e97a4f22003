"""失注情報の入力依頼: who is asked for what is missing, who after three business days, and what Okoshi fills in."""

from datetime import date, timedelta
from typing import Any

import pytest
from build import DEAL, IS_REP, NOW, OWNER, PERSON, TODAY, open_task
from build_lost import (
    AM,
    BOSS,
    COMPLETE,
    IS_MANAGER,
    REQUEST,
    SETTINGS,
    Lost,
    dated,
    day,
    done,
    fields,
    own,
    person,
    seen,
    task,
    tasks,
    user,
    withdrawn,
)

from connector.model.intents import Over, SetFields, Standing
from connector.programs.lost import LostSettings
from connector.programs.practice.loss_requests import RequestRules

# --- at the loss: the owner ---------------------------------------------------------------------------------


def test_the_owner_is_asked_for_what_is_missing() -> None:
    """Lost today: a task to the owner about the deal, not about contacting anybody."""
    decision = Lost(0).judge()
    wanted = task(decision)
    assert (decision.standing, decision.reason) == (Standing.WAITING, "request_wanted")
    assert (wanted.subject, wanted.assignee, wanted.about) == (REQUEST, OWNER, DEAL)
    assert (wanted.who, wanted.person_key) == (None, None)
    assert wanted.key == f"lost:{DEAL.id}:1.request.owner"
    assert wanted.due == date(2026, 11, 20)


def test_the_request_names_every_missing_item() -> None:
    """The three items and the detail; the reason is there already."""
    opening = task(Lost(0).judge()).text.opening
    for label in ("次回アプローチ日", "アプローチする担当者", "何をフックに連絡するのか", "失注理由詳細"):
        assert label in opening
    assert "失注理由、" not in opening


@pytest.mark.parametrize(
    ("blank", "label"),
    [
        ("next_approach_date", "次回アプローチ日"),
        ("approach_contact", "アプローチする担当者"),
        ("approach_hook", "何をフックに連絡するのか"),
        ("lost_reason", "失注理由"),
    ],
)
def test_each_item_is_asked_for_by_itself(blank: str, label: str) -> None:
    """One missing item is enough."""
    wanted = task(Lost(0, deal=dated(30) | {blank: None}).judge())
    assert f"入力してください:{label}。" in wanted.text.opening


def test_nothing_is_asked_where_nothing_is_missing() -> None:
    """The deal waits for its date, visibly."""
    decision = Lost(0, deal=dated(30)).judge()
    assert (decision.standing, decision.reason, tasks(decision)) == (Standing.EXCLUDED, "date_ahead", [])
    assert decision.wake_at == day("2026-12-18").replace(hour=0)


def test_a_look_up_to_the_person_is_as_good_as_the_text() -> None:
    """アプローチする担当者 is recorded either way."""
    values = dated(30) | {"approach_contact": None, "approach_person": PERSON}
    assert tasks(Lost(0, deal=values).judge()) == []


def test_the_rivals_name_is_asked_for_where_a_company_wants_it() -> None:
    """他社名 only where a competitor won."""
    settings = LostSettings(request=RequestRules(required=("lost_to",)))
    assert "他社名" in task(Lost(0, deal={"lost_reason": "他社導入"}).judge(settings=settings)).text.opening
    assert tasks(Lost(0).judge(settings=settings)) == []


def test_losses_before_go_live_are_not_chased() -> None:
    """The day before go-live and the day itself; a blank reason makes no difference."""
    for reason in ("ペンディング", None):
        assert tasks(Lost(0, deal={"lost_reason": reason}).judge(go_live=TODAY + timedelta(days=1))) == []
        assert tasks(Lost(0, deal={"lost_reason": reason}).judge(go_live=TODAY))


def test_an_owner_who_left_is_stood_in_for() -> None:
    """Account owner, then the former owner's 上司, then the IS manager."""
    gone = {"is_active": False}
    am_gone = user(AM, "担当", is_active=False)
    boss_gone = user(BOSS, "上司", is_active=False)
    assert task(Lost(0, owner=gone).judge()).assignee == AM
    assert task(Lost(0, owner=gone, users={AM: am_gone}).judge()).assignee == BOSS
    assert task(Lost(0, owner=gone, users={AM: am_gone, BOSS: boss_gone}).judge()).assignee == IS_MANAGER


def test_any_open_request_counts_whoever_made_it() -> None:
    """Nobody is asked for data twice."""
    assert tasks(Lost(0, activities=(open_task(TODAY, subject=REQUEST),)).judge()) == []


def test_a_request_is_made_once() -> None:
    """Open, completed or deleted by the owner: no second one to the owner for this loss."""
    for made in (own("request.owner", 1), done("request.owner", 1, 0), own("request.owner", 1, deleted=True)):
        assert tasks(Lost(1, tasks=(made,), occasion=seen(1)).judge()) == []


def test_a_deal_with_an_open_request_has_a_task() -> None:
    """It counts as issued until somebody has answered."""
    decision = Lost(1, tasks=(own("request.owner", 1),), occasion=seen(1)).judge()
    assert (decision.standing, decision.reason) == (Standing.ISSUED, "requested")


def test_an_answered_request_is_withdrawn() -> None:
    """All is recorded by people: the task is no longer needed."""
    mine = own("request.owner", 1)
    assert withdrawn(Lost(1, deal=dated(30), tasks=(mine,), occasion=seen(1)).judge()) == [mine.record]
    half = Lost(1, deal=dated(30) | {"approach_hook": None}, tasks=(mine,), occasion=seen(1))
    assert withdrawn(half.judge()) == []


def test_a_date_of_okoshi_is_no_answer() -> None:
    """The owner may still say better; nothing is withdrawn."""
    mine = own("request.owner", 5)
    world = Lost(5, deal=dated(30), tasks=(mine,), occasion=seen(5))
    world.written = {DEAL: {"next_approach_date": TODAY + timedelta(days=30)}}
    assert withdrawn(world.judge()) == []


# --- after three business days: the superior, and Okoshi's date ---------------------------------------------


def asked_on_monday(**values: Any) -> Lost:
    """Lost and asked on Monday, 16 November; the 23rd is a holiday."""
    return Lost(2, tasks=(own("request.owner", 2),), occasion=seen(2), **values)


def test_after_three_business_days_the_superior_is_asked_too() -> None:
    """Asked on Monday: not on Wednesday, but on Thursday."""
    assert tasks(asked_on_monday().judge(now=day("2026-11-18"))) == []
    wanted = task(asked_on_monday().judge(now=day("2026-11-19")))
    assert (wanted.subject, wanted.assignee) == (REQUEST, BOSS)
    assert wanted.key == f"lost:{DEAL.id}:1.request.superior"


def test_business_days_leave_out_weekends_and_holidays() -> None:
    """Asked on Thursday the 19th: Friday, Tuesday (Monday is a holiday), Wednesday."""
    world = Lost(0, tasks=(own("request.owner", -1),), occasion=seen(0))
    assert tasks(world.judge(now=day("2026-11-24"))) == []
    assert task(world.judge(now=day("2026-11-25"))).assignee == BOSS


def test_without_a_superior_the_manager_of_inside_sales_is_asked() -> None:
    """Nobody is recorded as the owner's 上司, or that one has left."""
    assert task(asked_on_monday(owner={"manager": None}).judge(now=day("2026-11-19"))).assignee == IS_MANAGER
    gone = {BOSS: user(BOSS, "上司", is_active=False)}
    assert task(asked_on_monday(users=gone).judge(now=day("2026-11-19"))).assignee == IS_MANAGER


def test_the_deal_wakes_when_the_superior_is_to_be_asked() -> None:
    """Time alone changes the answer."""
    assert asked_on_monday().judge().wake_at == day("2026-11-19").replace(hour=0)


def test_nobody_is_asked_twice_in_two_roles() -> None:
    """The owner has left and the 上司 was asked in the first place."""
    gone = {AM: user(AM, "担当", is_active=False)}
    world = asked_on_monday(owner={"is_active": False}, users=gone)
    assert tasks(world.judge(now=day("2026-11-19"))) == []


def test_okoshi_fills_the_date_after_three_business_days_with_the_derivation_beside_it() -> None:
    """Not before; over nobody's value."""
    assert fields(asked_on_monday().judge(now=day("2026-11-18"))) == {}
    decision = asked_on_monday().judge(now=day("2026-11-19"))
    assert fields(decision)["next_approach_date"] == date(2027, 5, 17)
    assert "6か月" in fields(decision)["next_approach_basis"]
    assert "失注日 2026-11-16" in fields(decision)["next_approach_basis"]
    (intent,) = [one for one in decision.intents if isinstance(one, SetFields)]
    assert intent.over is Over.OWN


@pytest.mark.parametrize(("reason", "months"), [("ペンディング", 6), ("音信不通", 3), ("他社導入", 9), (None, 6)])
def test_the_interval_is_the_reasons(reason: str | None, months: int) -> None:
    """Counted from the loss, whenever the date is filled in."""
    for later in (0, 5):
        world = Lost(10 + later, deal={"lost_reason": reason}, occasion=seen(10 + later))
        basis = fields(world.judge(now=NOW))["next_approach_basis"]
        assert f"{months}か月" in basis


def test_the_date_is_filled_even_if_the_request_could_not_be_made() -> None:
    """The owner's day is full, or the org refuses the task: three business days after the loss was seen."""
    decision = Lost(10, occasion=seen(10)).judge()
    assert "next_approach_date" in fields(decision)


def test_a_date_that_a_person_wrote_is_never_changed() -> None:
    """Neither one that lies ahead nor one from before this loss."""
    for days in (30, 1, -60):
        decision = Lost(10, deal=dated(days), occasion=seen(10)).judge()
        assert "next_approach_date" not in fields(decision)
        assert "next_approach_basis" not in fields(decision)


def test_a_date_of_okoshi_from_an_earlier_loss_is_replaced() -> None:
    """The deal was open in between."""
    old = TODAY - timedelta(days=60)
    world = Lost(10, deal=COMPLETE | {"next_approach_date": old}, occasion=seen(10))
    world.written = {DEAL: {"next_approach_date": old}}
    assert fields(world.judge())["next_approach_date"] > TODAY


def test_what_was_filled_in_stays_as_it_is() -> None:
    """Judged again with the result applied: nothing more is written, and the deal waits for the date."""
    world = Lost(10, deal=dict(COMPLETE), occasion=seen(10), tasks=(done("request.owner", 10, 9),))
    first = fields(world.judge())
    world.deal |= first
    world.written = {DEAL: dict(first)}
    world.tasks = (*world.tasks, done("request.superior", 7, 6))
    again = world.judge()
    assert (fields(again), again.reason) == ({}, "date_ahead")


# --- a completed task consumes its date ---------------------------------------------------------------------


def revived(finished: int, **values: Any) -> Lost:
    """A revival task, out for ten days, completed `finished` days ago; the date was ten days ago."""
    deal = dated(-10) | values.pop("deal", {})
    tasks_ = (done("1", 10, finished, disposition="接続"), *values.pop("tasks", ()))
    return Lost(100, deal=deal, tasks=tasks_, occasion=seen(100), **values)


def test_after_a_completed_task_its_holder_is_asked_for_the_next_date() -> None:
    """IS, not the owner."""
    wanted = task(revived(1).judge())
    assert (wanted.subject, wanted.assignee, wanted.key) == (REQUEST, IS_REP, f"lost:{DEAL.id}:1.next.1")
    assert "次回アプローチ日" in wanted.text.opening


def test_a_next_date_that_was_set_in_the_talk_needs_no_request() -> None:
    """It lies behind the day of completion."""
    decision = revived(1, deal={"next_approach_date": TODAY + timedelta(days=60)}).judge()
    assert (decision.reason, tasks(decision)) == ("date_ahead", [])


def test_a_date_on_the_day_of_completion_is_consumed() -> None:
    """The day after it is not."""
    assert task(revived(1, deal={"next_approach_date": TODAY - timedelta(days=1)}).judge()).subject == REQUEST
    assert task(revived(1, deal={"next_approach_date": TODAY}).judge()).subject != REQUEST


def test_a_holder_who_left_is_replaced_by_anybody_of_inside_sales() -> None:
    """The request still goes to IS."""
    gone = {IS_REP: user(IS_REP, "内勤", is_active=False)}
    assert task(revived(1, users=gone).judge()).assignee is None


def test_after_three_business_days_the_holders_superior_is_asked_for_the_next_date() -> None:
    """And Okoshi's own consumed date is replaced, counted from the completion."""
    asked = own("next.1", 5)
    world = revived(5, tasks=(asked,))
    world.written = {DEAL: {"next_approach_date": TODAY - timedelta(days=10)}}
    decision = world.judge()
    assert (task(decision).assignee, task(decision).key) == (IS_MANAGER, f"lost:{DEAL.id}:1.next.1.superior")
    assert fields(decision)["next_approach_date"] == date(2027, 5, 13)
    assert "前回の掘り起こし 2026-11-13" in fields(decision)["next_approach_basis"]


def test_a_persons_consumed_date_stays_and_the_deal_comes_back_all_the_same() -> None:
    """Nobody answered: on the day that Okoshi would have chosen the deal is due again, and nothing was overwritten."""
    asked = (done("next.1", 5, 4), done("next.1.superior", 2, 1))
    world = revived(5, tasks=asked)
    decision = world.judge()
    assert "next_approach_date" not in fields(decision)
    assert "next_approach_basis" not in fields(decision)
    assert (decision.standing, decision.reason) == (Standing.EXCLUDED, "date_ahead")
    assert "2027-05-13" in decision.text
    later = world.judge(now=day("2027-05-13"))
    assert task(later).key == f"lost:{DEAL.id}:1.2"


def test_a_next_date_withdraws_the_request_for_it() -> None:
    """A person answered on the deal."""
    asked = own("next.1", 1)
    decision = revived(1, deal={"next_approach_date": TODAY + timedelta(days=60)}, tasks=(asked,)).judge()
    assert withdrawn(decision) == [asked.record]


def test_a_completed_request_is_no_contact_with_the_customer() -> None:
    """An internal task, whoever ticks it."""
    asked = done("request.owner", 3, 2)
    world = Lost(100, deal=dated(0), tasks=(asked,), occasion=seen(100))
    assert all("失注情報" not in fact for fact in task(world.judge()).text.facts)


def test_no_request_for_a_deal_that_is_out_of_scope() -> None:
    """The owner is not asked for data that nobody will use."""
    assert tasks(Lost(0, deal={"lost_reason": "価格懸念"}).judge()) == []
    assert tasks(Lost(0, deal={"lost_reason": "機能不足"}).judge()) == []


# --- the look-up beside the text ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    ["山田太郎", "山田　太郎 様", "山田部長", "情報システム部 山田様", "情シス 山田 太郎さん", "山田様（部長）"],
)
def test_a_name_that_fits_one_person_fills_the_look_up(typed: str) -> None:
    """Whatever stands around the name."""
    assert fields(Lost(0, deal=dated(30, approach_contact=typed)).judge())["approach_person"] == PERSON


@pytest.mark.parametrize("typed", ["山田 花子 様", "佐藤様", "担当者", "山田様、佐藤様", "様"])
def test_a_name_that_fits_nobody_fills_nothing(typed: str) -> None:
    """A family name is no proof where a given name says otherwise; two people are nobody."""
    sato = person("003S", "佐藤", "次郎")
    world = Lost(0, deal=dated(30, approach_contact=typed), more=(sato,) if "山田様、" in typed else ())
    assert "approach_person" not in fields(world.judge())


def test_two_people_of_one_name_are_nobody() -> None:
    """In the deal or elsewhere in the company."""
    other = person("003Y", "山田", "花子")
    world = Lost(0, deal=dated(30, approach_contact="山田様"), colleagues=(other,))
    assert "approach_person" not in fields(world.judge())
    whole = Lost(0, deal=dated(30, approach_contact="山田花子様"), colleagues=(other,))
    assert fields(whole.judge())["approach_person"] == other.person.ref


def test_a_look_up_of_ours_goes_with_its_text() -> None:
    """Somebody wrote another name: what we filled in is cleared, what a person chose stays."""
    values = dated(30, approach_contact="鈴木様", approach_person=PERSON)
    assert "approach_person" not in fields(Lost(0, deal=values).judge())
    mine = Lost(0, deal=values, written={DEAL: {"approach_person": PERSON}})
    assert fields(mine.judge())["approach_person"] is None


def test_the_requests_subject_is_the_practices() -> None:
    """Reports filter on it."""
    assert SETTINGS.request.subject == REQUEST
