"""失注商談掘り起こし: the task on the date, whom it names, what it says, what holds it back, and that it comes once."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from build import DEAL, IS_REP, MAPPINGS, NOW, OTHER, OWNER, PERSON, TODAY, call, days_ago, meeting, open_task
from build_lost import (
    COMPLETE,
    REVIVAL,
    STAMP,
    TWIN,
    Lost,
    dated,
    day,
    done,
    fields,
    history,
    others,
    own,
    person,
    seen,
    task,
    tasks,
    twin,
    user,
    withdrawn,
)
from hypothesis import given
from hypothesis import strategies as st

from connector.model.case import Occasion
from connector.model.intents import EnsureTask, Standing
from connector.model.records import Engagement, EngagementKind, Ref
from connector.programs.lost import LostSettings
from connector.programs.practice.loss_scope import Older

# --- on the date --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "due"), [(1, False), (0, True), (-1, True)])
def test_the_task_comes_on_the_date(days: int, due: bool) -> None:
    """Not the day before."""
    decision = Lost(deal=dated(days)).judge()
    assert (decision.standing is Standing.WAITING) is due
    assert bool(tasks(decision)) is due


def test_the_task_is_for_inside_sales_with_person_and_deal() -> None:
    """Nobody in particular; related to the deal and the person; due today."""
    wanted = task(Lost(deal=dated(0)).judge())
    assert (wanted.subject, wanted.assignee, wanted.beyond_capacity) == (REVIVAL, None, False)
    assert (wanted.about, wanted.who, wanted.due) == (DEAL, PERSON, TODAY)
    assert (wanted.key, wanted.person_key) == (f"lost:{DEAL.id}:1.1", str(PERSON))


def test_a_date_on_a_holiday_is_due_on_the_next_business_day() -> None:
    """23 November is a holiday."""
    wanted = task(Lost(deal=dated(5)).judge(now=day("2026-11-23")))
    assert wanted.due == date(2026, 11, 24)


def read(days: int, title: str, form: EngagementKind = EngagementKind.PAGE_VIEW) -> Engagement:
    """Something that the person looked at."""
    ref = Ref("hubspot", "page_views", f"{days}{title}")
    return Engagement(ref=ref, modified_at=STAMP, form=form, at=days_ago(days), person=TWIN, title=title)


def test_the_text_says_person_hook_reason_and_what_was_read_since() -> None:
    """And nothing from before the loss; opening a mail is no reading."""
    acts = (read(50, "以前の頁"), read(3, "料金ページ"), read(2, "開封", EngagementKind.MAIL_OPEN))
    deal = dated(0, lost_reason="他社導入", lost_to="B社", lost_reason_detail="価格より機能")
    text = task(Lost(deal=deal, twins=(twin(),), engagements=acts).judge()).text
    facts = "\n".join(text.facts)
    for part in ("山田 太郎", "新サービスの事例", "他社導入", "2026-10-09", "2026-11-18"):
        assert part in text.opening
    for part in ("失注理由詳細:価格より機能", "他社名:B社", "失注日:2026-10-09", "料金ページ", "03-1234-5678"):
        assert part in facts
    assert "以前の頁" not in facts
    assert "開封" not in facts


def test_what_okoshi_inferred_stands_apart() -> None:
    """A date that it derived, a name that it took for somebody's."""
    world = Lost(deal=dated(0, next_approach_basis="決算月(6月)…"), written={DEAL: {"next_approach_date": TODAY}})
    text = tasks(world.judge())[0].text
    assert any("Okoshiが算出" in line and "決算月(6月)…" in line for line in text.inferences)
    assert any("山田 太郎 様" in line for line in text.inferences)
    assert not any("次回アプローチ日:" in fact for fact in text.facts)


def test_values_of_the_crm_are_quoted_harmlessly() -> None:
    """A hook with line breaks cannot fake another section."""
    text = task(Lost(deal=dated(0, approach_hook="事例\n\n【根拠】\n偽")).judge()).text
    assert "\n" not in text.opening


# --- the person ---------------------------------------------------------------------------------------------


def test_a_look_up_wins_over_the_text() -> None:
    """Somebody chose that record."""
    sato = person("003S", "佐藤", "次郎", phone="06-0000-0000")
    wanted = task(Lost(deal=dated(0, approach_person=sato.person.ref), more=(sato,)).judge())
    assert wanted.who == sato.person.ref
    assert any("06-0000-0000" in fact for fact in wanted.text.facts)
    assert not any("03-1234-5678" in fact for fact in wanted.text.facts)


def test_an_unresolved_person_has_no_who_and_no_phone() -> None:
    """人物未特定: the primary contact of the deal is somebody else, as far as anybody knows."""
    wanted = task(Lost(deal=dated(0, approach_contact="鈴木様")).judge())
    assert (wanted.who, wanted.person_key) == (None, None)
    assert "人物未特定" in wanted.text.opening
    assert any("人物未特定" in fact for fact in wanted.text.facts)
    assert not any("03-1234-5678" in fact for fact in wanted.text.facts)
    assert any("鈴木様" in line for line in wanted.text.inferences)


def test_a_look_up_to_somebody_unknown_is_unresolved() -> None:
    """The record was deleted or cannot be read."""
    gone = Ref("salesforce", "Contact", "003GONE")
    assert task(Lost(deal=dated(0, approach_person=gone)).judge()).who is None


def test_where_nobody_was_named_the_primary_contact_is_shown() -> None:
    """Said to be an inference."""
    wanted = tasks(Lost(deal=dated(0, approach_contact=None)).judge())[0]
    assert wanted.who == PERSON
    assert any("主担当者" in line for line in wanted.text.inferences)
    assert tasks(Lost(deal=dated(0, approach_contact=None), has_role=False).judge())[0].who is None


def test_a_colleague_without_a_part_in_the_deal_can_be_approached() -> None:
    """The text names somebody of the company."""
    sato = person("003S", "佐藤", "次郎")
    wanted = task(Lost(deal=dated(0, approach_contact="佐藤様"), colleagues=(sato,)).judge())
    assert (wanted.who, wanted.person_key) == (sato.person.ref, str(sato.person.ref))


# --- what holds it back -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("world", "reason"),
    [
        (Lost(person={"call_consent": "no"}), "do_not_call"),
        (Lost(account={"call_consent": "no"}), "do_not_call"),
        (Lost(person={"notes": "電話しないで、とのこと"}), "do_not_call"),
        (Lost(person={"left_company": True}), "left_company"),
        (Lost(activities=(meeting(-3),)), "future_meeting"),
        (Lost(activities=(open_task(TODAY + timedelta(days=14)),)), "owner_task"),
        (Lost(activities=(call(3, "不在"),)), "recent_attempt"),
        (Lost(activities=(meeting(3, deal=OTHER),)), "other_deal"),
    ],
)
def test_the_shared_holds_apply(world: Lost, reason: str) -> None:
    """On the date, but not now: excluded with the reason."""
    decision = replace(world, deal=dated(0)).judge()
    assert (decision.standing, decision.reason, tasks(decision)) == (Standing.EXCLUDED, reason, [])


def test_whoever_is_to_be_approached_decides_on_calling() -> None:
    """The primary contact refused; the person to approach did not, and the other way round."""
    sato = person("003S", "佐藤", "次郎")
    values = dated(0, approach_person=sato.person.ref)
    assert Lost(deal=values, more=(sato,), person={"call_consent": "no"}).judge().standing is Standing.WAITING
    refused = person("003S", "佐藤", "次郎", call_consent="no")
    assert Lost(deal=values, more=(refused,)).judge().reason == "do_not_call"


def test_unknown_consent_does_not_block_but_is_said() -> None:
    """架電可否:未確認."""
    wanted = task(Lost(deal=dated(0)).judge())
    assert any("未確認" in fact for fact in wanted.text.facts)


def test_attempts_before_the_loss_are_no_attempts_at_reviving_it() -> None:
    """Silent deals have many of them, and would never come back."""
    before = tuple(call(n, "不在") for n in (41, 43, 45))
    assert Lost(deal=dated(0, lost_reason="音信不通"), activities=before).judge().standing is Standing.WAITING


def test_after_three_attempts_since_the_loss_the_manager_decides() -> None:
    """Unless a person has set a later date since: that is the decision."""
    tried = tuple(call(n, "不在") for n in (16, 18, 20))
    world = Lost(deal=dated(-25), activities=tried)
    assert world.judge().reason == "manager_decides"
    assert replace(world, deal=dated(0)).judge().standing is Standing.WAITING


def test_a_request_to_the_owner_holds_nothing_back() -> None:
    """It is our own task, not the owner's plan."""
    mine = own("request.owner", 1, due_date=TODAY + timedelta(days=1))
    decision = Lost(deal=dated(0) | {"approach_hook": None}, tasks=(mine,), occasion=seen()).judge()
    assert task(decision).subject == REVIVAL


# --- once ---------------------------------------------------------------------------------------------------


def test_while_our_task_is_open_there_is_no_second() -> None:
    """Nor where somebody made one by hand."""
    for world in (
        Lost(deal=dated(-1), tasks=(own("1", 1),), occasion=seen()),
        Lost(deal=dated(-1), activities=(open_task(None, owner=IS_REP, subject=REVIVAL),)),
    ):
        decision = world.judge()
        assert (decision.standing, tasks(decision)) == (Standing.ISSUED, [])
    assert decision.reason == "already_open"


def test_a_task_that_was_not_read_back_yet_counts_as_open() -> None:
    """Written a moment ago."""
    unseen = replace(own("1", 0), current=None)
    assert Lost(deal=dated(0), tasks=(unseen,), occasion=seen()).judge().standing is Standing.ISSUED


@pytest.mark.parametrize(
    ("ended", "reason"),
    [(own("1", 5, deleted=True), "task_deleted"), (done("1", 5, 2, status="対応不要"), "not_needed")],
)
def test_a_person_who_ends_our_task_ends_it_for_this_date(ended: Any, reason: str) -> None:
    """No second task, no request for the next date, no date of Okoshi; only a later date of a person brings it back."""
    world = Lost(100, deal=dated(-6), tasks=(ended,), occasion=seen(100))
    for own_date in ({}, {DEAL: {"next_approach_date": TODAY - timedelta(days=6)}}):
        decision = replace(world, written=own_date).judge()
        assert (decision.standing, decision.reason, tasks(decision)) == (Standing.EXCLUDED, reason, [])
        assert "next_approach_date" not in fields(decision)
    again = replace(world, deal=dated(0)).judge()
    assert task(again).key == f"lost:{DEAL.id}:1.2"


def test_a_second_date_gets_a_second_task() -> None:
    """Completed in June, next date in November: the second task of the same loss."""
    world = Lost(300, deal=dated(0), tasks=(done("1", 160, 155, disposition="接続"),), occasion=seen(300))
    assert task(world.judge()).key == f"lost:{DEAL.id}:1.2"


def test_a_task_that_we_withdrew_consumes_no_date() -> None:
    """The open deal was closed again: the same date still counts."""
    gone = own("1", 5, withdrawn=True, deleted=True)
    assert task(Lost(deal=dated(-6), tasks=(gone,), occasion=seen()).judge()).key == f"lost:{DEAL.id}:1.2"


def test_a_date_that_moves_ahead_leaves_an_open_task_alone() -> None:
    """IS may just be entering the result of the talk."""
    decision = Lost(deal=dated(60), tasks=(own("1", 1),), occasion=seen()).judge()
    assert (decision.standing, withdrawn(decision)) == (Standing.ISSUED, [])


def test_a_task_of_somebody_who_left_is_shown() -> None:
    """Nobody works on it."""
    gone = {IS_REP: user(IS_REP, "内勤", is_active=False)}
    decision = Lost(deal=dated(-1), tasks=(own("1", 1),), occasion=seen(), users=gone).judge()
    assert (decision.standing, decision.reason) == (Standing.EXCLUDED, "holder_left")


@pytest.mark.parametrize(
    ("values", "reason"), [({"is_closed": False, "stage": "提案"}, "reopened"), ({"is_won": True}, "won")]
)
def test_a_deal_that_is_not_lost_any_more_gives_its_tasks_back(values: dict[str, Any], reason: str) -> None:
    """Reopened or won after all; a begun one is left with a note. The occasion is over."""
    mine = (own("1", 1), own("request.owner", 20, status="進行中"))
    decision = Lost(deal=values, tasks=mine, occasion=seen()).judge()
    assert (decision.standing, decision.reason) == (Standing.NOT_ELIGIBLE, reason)
    assert withdrawn(decision) == [mine[0].record, mine[1].record]
    assert decision.occasion == seen(ended=True)


def test_reopened_and_lost_again_is_a_new_occasion() -> None:
    """Its own key; the old loss's date is none of this one."""
    world = Lost(5, deal=dated(-60), occasion=seen(300, number=1, ended=True))
    decision = world.judge()
    assert decision.occasion == Occasion(2, TODAY, TODAY - timedelta(days=5))
    assert task(decision).key == f"lost:{DEAL.id}:2.request.owner"


def test_a_reopening_that_nobody_saw_is_told_by_the_history() -> None:
    """Opened and lost again between two cycles."""
    rows = (history(300, "失注", 0), history(20, "提案", 50), history(5, "失注", 0))
    world = Lost(5, history=rows, occasion=seen(300))
    assert world.judge().occasion == Occasion(2, TODAY, TODAY - timedelta(days=5))


def test_another_stage_of_loss_is_no_new_occasion() -> None:
    """Nothing was open in between."""
    rows = (history(60, "提案", 50), history(40, "失注確定", 0), history(10, "失注", 0))
    assert Lost(10, history=rows, occasion=seen(40)).judge().occasion == seen(40)
    assert Lost(10, occasion=seen(40)).judge().occasion == seen(40)


def test_after_a_lost_database_our_latest_task_tells_the_occasion() -> None:
    """Deleted by a person in occasion two: nothing more for that date; a later loss is occasion three."""
    mine = (own("1", 10, occasion=2, deleted=True),)
    assert Lost(40, deal=dated(-11), tasks=mine).judge().reason == "task_deleted"
    later = Lost(5, deal=dated(0), tasks=mine).judge()
    assert task(later).key == f"lost:{DEAL.id}:3.1"


# --- older losses, and the order ----------------------------------------------------------------------------


def test_an_older_loss_without_a_date_comes_back_by_capacity() -> None:
    """Lost a year ago, before go-live: a task like any other, without a request."""
    decision = Lost(365).judge()
    assert (decision.standing, task(decision).subject) == (Standing.WAITING, REVIVAL)
    assert "2025-11-18" in task(decision).text.opening


def test_older_losses_come_newest_first_and_behind_all_dated_ones() -> None:
    """By amount among dated ones, then the latest loss."""

    def value(world: Lost) -> Any:
        return task(world.judge()).value

    newer, older = value(Lost(300, deal={"amount": 1})), value(Lost(301, deal={"amount": 9_000_000}))
    small, big = value(Lost(301, deal=dated(0, amount=None))), value(Lost(301, deal=dated(0, amount=2)))
    latest = value(Lost(300, deal=dated(0, amount=2)))
    assert older < newer < small < big < latest


def test_an_older_loss_whose_interval_is_not_over_gets_its_date() -> None:
    """Postponed two months ago: nobody asks, Okoshi sets the date at once, and it waits for it."""
    decision = Lost(60).judge()
    assert (decision.standing, decision.reason, tasks(decision)) == (Standing.EXCLUDED, "date_ahead", [])
    assert fields(decision)["next_approach_date"] == date(2027, 3, 19)


def test_a_company_may_want_all_older_losses_at_once() -> None:
    """Whatever their interval; and at another place in the order."""
    settings = LostSettings(older=Older(at_once=True, matter="lost.low"))
    assert task(Lost(60).judge(settings=settings)).matter == "lost.low"


# --- always -------------------------------------------------------------------------------------------------


def test_the_same_case_gives_the_same_decision() -> None:
    """Judged twice, nothing differs."""
    for world in (Lost(), Lost(deal=dated(0)), Lost(365), Lost(deals=(others(is_closed=True, is_won=True),))):
        assert world.judge() == world.judge()


@given(
    days=st.integers(0, 1500),
    date_=st.none() | st.integers(-400, 400),
    reason=st.sampled_from(["ペンディング", "他社導入", "音信不通", "価格懸念", "その他", None]),
    mine=st.booleans(),
    fiscal=st.none() | st.integers(1, 12),
)
def test_a_lost_deal_never_falls_through(
    days: int, date_: int | None, reason: str | None, mine: bool, fiscal: int | None
) -> None:
    """A task, a turn to wait for, or words why not; what waits for time wakes; no person's date is touched."""
    day_ = TODAY + timedelta(days=date_) if date_ is not None else None
    written = {DEAL: {"next_approach_date": day_}} if mine and day_ else {}
    deal = COMPLETE | {"lost_reason": reason, "next_approach_date": day_}
    decision = Lost(days, deal=deal, account={"fiscal_month": fiscal}, occasion=seen(days), written=written).judge()
    assert decision.standing in (Standing.WAITING, Standing.EXCLUDED)
    assert decision.text
    if decision.reason in ("date_ahead", "date_missing"):
        assert decision.wake_at
        assert decision.wake_at > NOW
    if day_ and not mine:
        assert not {"next_approach_date", "next_approach_basis"} & fields(decision).keys()
    chosen = fields(decision).get("next_approach_date")
    assert chosen is None or chosen > TODAY
    assert all(isinstance(one, EnsureTask) and one.assignee in (None, OWNER) for one in tasks(decision))


def test_a_request_that_was_never_made_comes_beside_the_revival() -> None:
    """The date is reached and the hook is missing: the revival takes its turn first."""
    wanted = tasks(Lost(deal=dated(0) | {"approach_hook": None}).judge())
    assert [one.subject for one in wanted] == [REVIVAL, "失注情報の入力依頼"]
    assert "その後の状況の確認として" in wanted[0].text.opening


def test_a_request_of_an_earlier_turn_is_withdrawn() -> None:
    """The second revival is over: whoever was asked for the date after the first one need not answer any more."""
    asked = own("next.1", 150)
    mine = (done("1", 160, 155, disposition="接続"), done("2", 20, 15, disposition="接続"), asked)
    decision = Lost(300, deal=dated(-20), tasks=mine, occasion=seen(300)).judge()
    assert withdrawn(decision) == [asked.record]
    assert tasks(decision)[0].key == f"lost:{DEAL.id}:1.next.2"


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_text_can_be_written_in_every_language(language: str) -> None:
    """No place in a template stays open, and no key is missing."""
    for world in (
        Lost(),
        Lost(0),
        Lost(60),
        Lost(365),
        Lost(2000),
        Lost(deal=dated(0)),
        Lost(deal=dated(30)),
        Lost(deal=dated(0, approach_contact="鈴木様")),
        Lost(deal=dated(0, approach_contact=None, approach_hook=None)),
        Lost(deal=dated(0, lost_reason="機能不足")),
        Lost(deal=dated(-10), tasks=(done("1", 10, 5),), occasion=seen()),
        Lost(deals=(others(),)),
        Lost(deals=(others(is_closed=True, is_won=True),)),
        Lost(deal={"is_closed": False}, tasks=(own("1", 1),), occasion=seen()),
    ):
        decision = world.judge(texts=MAPPINGS.texts[language])
        texts = [decision.text, *(because.text for because in decision.because)]
        texts += [line for one in tasks(decision) for line in (one.text.opening, *one.text.facts, *one.text.inferences)]
        assert all(text and "{" not in text for text in texts)


def test_the_settings_have_a_schema() -> None:
    """Editors complete and check the file by it."""
    assert {"request", "dates", "older", "nurturing"} <= LostSettings.model_json_schema()["properties"].keys()


def test_that_the_manager_must_decide_is_seen_beside_an_open_request() -> None:
    """A request to the owner waits for an answer; the reason why nobody calls stands all the same."""
    tried = tuple(call(n, "不在") for n in (16, 18, 20))
    world = Lost(deal=dated(-25), activities=tried, tasks=(own("request.superior", 5),), occasion=seen())
    decision = world.judge()
    assert (decision.standing, decision.reason) == (Standing.EXCLUDED, "manager_decides")
