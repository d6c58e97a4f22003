"""Which lost deals are worked on again: by reason, by the date that a person set, and by what the company is by now."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from build import DEAL, JST, NOW, TODAY, days_ago, practice
from build_lost import (
    AM,
    GO_LIVE,
    IS_MANAGER,
    SETTINGS,
    Lost,
    alerts,
    dated,
    done,
    history,
    others,
    own,
    seen,
    task,
    tasks,
    user,
    withdrawn,
)

from connector.mapping.practice import LossReason, LossReasons, PracticeRules, ReasonRule, Scope
from connector.model.case import OwnTask
from connector.model.intents import Standing
from connector.model.records import Opportunity, Ref
from connector.programs.lost import PROGRAM, LostSettings
from connector.programs.practice.losses import in_scope, loss_day, reason_of
from connector.programs.practice.view import look


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("ペンディング(先送り)", LossReason.POSTPONED),
        ("ペンディング（先送り）", LossReason.POSTPONED),
        ("他社導入", LossReason.COMPETITOR),
        (" 音信不通 ", LossReason.CONTACT_LOST),
        ("価格懸念", LossReason.PRICE),
        ("機能不足", LossReason.OTHER),
        ("", None),
        ("  ", None),
        (None, None),
    ],
)
def test_a_reason_is_read_whatever_its_width_and_blanks(value: str | None, reason: LossReason | None) -> None:
    """The picklist's spelling differs from org to org; blank is no reason at all."""
    deal = Lost(deal={"lost_reason": value}).case().opportunity
    assert reason_of(deal, LossReasons()) is reason


@pytest.mark.parametrize("reason", ["ペンディング", "他社導入", "音信不通"])
def test_three_reasons_are_in_scope(reason: str) -> None:
    """On their date they become a task of the matter `lost`."""
    decision = Lost(deal=dated(0, lost_reason=reason)).judge()
    assert decision.standing is Standing.WAITING
    assert task(decision).matter == "lost"


def test_price_is_out_of_scope() -> None:
    """Its win rate is known to be very low: no task, no request, but a visible reason."""
    decision = Lost(deal={"lost_reason": "価格懸念"}).judge()
    assert (decision.standing, decision.reason, decision.intents) == (Standing.EXCLUDED, "reason.price", ())
    assert "価格懸念" in decision.text


def test_price_with_a_date_of_a_person_comes_back_at_low_priority() -> None:
    """The date wins."""
    wanted = task(Lost(deal=dated(0, lost_reason="価格懸念")).judge())
    assert (wanted.matter, wanted.priority) == ("lost.low", "low")


def test_price_with_a_date_of_okoshi_stays_out() -> None:
    """Only a person's date wins: the reason was changed after Okoshi had filled one in."""
    world = Lost(deal=dated(0, lost_reason="価格懸念"), written={DEAL: {"next_approach_date": TODAY}})
    assert world.judge().reason == "reason.price"


def test_a_blank_reason_is_in_scope_at_lowest_priority_and_marked() -> None:
    """理由未入力 stands in the task."""
    wanted = tasks(Lost(deal=dated(0, lost_reason=None)).judge())[0]
    assert (wanted.matter, wanted.priority) == ("lost.low", "low")
    assert "理由未入力" in wanted.text.opening


def test_another_reason_is_listed() -> None:
    """Excluded with the reason itself in the text."""
    decision = Lost(deal=dated(0, lost_reason="機能不足")).judge()
    assert (decision.standing, decision.reason) == (Standing.EXCLUDED, "reason.other")
    assert "機能不足" in decision.text


def test_what_follows_from_a_reason_is_configurable() -> None:
    """A company's own reason in scope, with its own interval."""
    reasons = LossReasons(own={"機能不足": ReasonRule(scope=Scope.IN, interval_months=12)})
    decision = Lost(deal=dated(0, lost_reason="機能 不足")).judge(rules=PracticeRules(reasons=reasons))
    assert task(decision).matter == "lost"


def test_the_preset_says_what_the_code_defaults_to() -> None:
    """Every figure stands in the mapping, and is the one of the practice."""
    assert LostSettings() == SETTINGS


def test_a_date_from_before_the_loss_brings_no_price_back() -> None:
    """Whoever planned a call while the deal was open said nothing of what comes after its loss."""
    for days, reason in ((-60, "wanted"), (-61, "reason.price")):
        assert Lost(60, deal=dated(days, lost_reason="価格懸念")).judge().reason == reason


@pytest.mark.parametrize(
    "ours",
    [(own("1", 20),), (done("1", 20, 2), own("next.1", 1))],
    ids=["the revival", "the request for the next date"],
)
def test_who_corrects_the_stage_of_loss_takes_no_task_back(ours: tuple[OwnTask, ...]) -> None:
    """Moved from one stage of loss to another five days ago, without a history: it is still the loss of then."""
    decision = Lost(5, deal=dated(-20, lost_reason="価格懸念"), tasks=ours, occasion=seen(60)).judge()
    assert withdrawn(decision) == []


def test_other_programs_ask_whether_a_deal_is_in_scope() -> None:
    """Lost and not out: by the reason, or by the date that a person set for this loss."""

    def told(**deal: Any) -> bool:
        view = look(Lost(60, deal=deal).case(), practice(), NOW)
        return in_scope(view, view.case.opportunity, LossReasons())

    assert told()
    assert not told(lost_reason="価格懸念")
    assert told(lost_reason="価格懸念", next_approach_date=TODAY - timedelta(days=60))
    assert not told(lost_reason="価格懸念", next_approach_date=TODAY - timedelta(days=61)), "planned before the loss"
    assert not told(is_closed=False)


def test_only_lost_deals_concern_it() -> None:
    """Open and won ones only where something stands already."""
    for values, concerned in (({}, True), ({"is_won": True}, False), ({"is_closed": False}, False)):
        assert PROGRAM.concerns(Lost(deal=values).case().opportunity) is concerned


# --- the day of the loss ------------------------------------------------------------------------------------


def lost_on(world: Lost) -> int:
    """Days since the loss."""
    return (TODAY - loss_day(look(world.case(), practice(), NOW))).days


def test_the_loss_is_the_day_on_which_the_stage_changed() -> None:
    """Not the close date, which reps forget."""
    assert lost_on(Lost(40, deal={"close_date": TODAY})) == 40


def test_changes_between_stages_of_loss_are_the_same_loss() -> None:
    """失注 became 失注(他社) ten days ago; the deal was lost forty days ago."""
    rows = (history(60, "提案", 50), history(40, "失注確定", 0), history(10, "失注", 0))
    assert lost_on(Lost(10, history=rows)) == 40


def test_a_deal_that_was_entered_after_its_loss_was_lost_on_its_close_date() -> None:
    """Imported last month, lost two years ago."""
    values = {"created_at": days_ago(30), "stage_changed_at": None, "close_date": days_ago(700).date()}
    assert lost_on(Lost(deal=values)) == 700


def test_a_close_date_ahead_does_not_put_the_loss_into_the_future() -> None:
    """No change of stage is known: the deal was lost when it was entered."""
    values = {"created_at": days_ago(30), "stage_changed_at": None, "close_date": TODAY + timedelta(days=30)}
    assert lost_on(Lost(deal=values)) == 30


# --- before anything: a customer by now ---------------------------------------------------------------------


def won(days: int = 10) -> tuple[Opportunity, ...]:
    """A deal that the company bought."""
    return (others(is_closed=True, is_won=True, close_date=days_ago(days).date()),)


def test_a_customer_gets_no_revival_and_the_account_owner_is_told_once() -> None:
    """A won deal beside the lost one; the alert has one key for this loss, however often it is judged."""
    world = Lost(deal=dated(0), deals=won())
    decision = world.judge()
    assert (decision.standing, decision.reason, tasks(decision)) == (Standing.EXCLUDED, "customer", [])
    (alert,) = alerts(decision)
    assert (alert.to, alert.key) == ((AM,), f"lost:{DEAL.id}:1:alert:customer")
    assert "推定" in alert.values["why"]
    assert alerts(world.judge()) == [alert]


def test_a_contract_that_has_ended_is_no_customer() -> None:
    """The deal comes back on its date."""
    bought = won(900)
    ended = Lost(deal=dated(0), deals=bought, account={"contract_end": TODAY - timedelta(days=1)})
    assert ended.judge().standing is Standing.WAITING
    current = Lost(deal=dated(0), account={"contract_end": TODAY})
    assert current.judge().reason == "customer"
    assert "推定" not in alerts(current.judge())[0].values["why"]
    assert current.judge().wake_at == datetime(2026, 11, 19, tzinfo=JST)


def test_our_tasks_go_when_the_company_buys() -> None:
    """The revival and the request."""
    mine = (own("1", 3), own("request.owner", 20))
    decision = Lost(deals=won(), tasks=mine, occasion=seen()).judge()
    assert withdrawn(decision) == [mine[0].record, mine[1].record]


def test_an_account_owner_who_left_is_stood_in_for() -> None:
    """Nobody of the account is active: the IS manager is told."""
    gone = user(AM, "担当 三郎", is_active=False)
    assert alerts(Lost(deals=won(), users={AM: gone}).judge())[0].to == (IS_MANAGER,)


def test_of_a_customers_losses_before_go_live_only_the_latest_speaks() -> None:
    """A first run must not send an alert for each."""
    earlier = others(
        ref=Ref("salesforce", "Opportunity", "006LATER"),
        is_closed=True,
        lost_reason="ペンディング",
        created_at=days_ago(500),
        stage_changed_at=days_ago(90),
    )
    decision = Lost(200, deals=(*won(), earlier)).judge()
    assert (decision.reason, alerts(decision)) == ("customer", [])
    assert alerts(Lost(80, deals=(*won(), earlier)).judge())


# --- nobody works on it -------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["不適合", "登録保存"])
def test_unqualified_and_archived_accounts_are_left_alone(status: str) -> None:
    """People set these; nothing is asked or filled in either."""
    decision = Lost(account={"status": status}).judge()
    assert (decision.reason, decision.intents) == ("left_alone", ())


def test_an_open_deal_of_the_account_and_product_ends_it() -> None:
    """The talk goes on there; an untouched task of ours is taken back."""
    opened = others(product="Aプラン")
    mine = own("1", 3)
    world = Lost(deal=dated(-3, product="Ａプラン"), deals=(opened,), tasks=(mine,), occasion=seen())
    decision = world.judge()
    assert (decision.standing, decision.reason) == (Standing.EXCLUDED, "open_deal")
    assert withdrawn(decision) == [mine.record]
    assert "担当 三郎" in decision.text


def test_an_open_deal_of_another_product_does_not() -> None:
    """Another need."""
    world = Lost(deal=dated(0, product="Aプラン"), deals=(others(product="Bプラン"),))
    assert world.judge().standing is Standing.WAITING


@pytest.mark.parametrize(
    ("day", "reason"),
    [(date(2023, 10, 1), "wanted"), (date(2023, 9, 30), "too_old")],
)
def test_losses_more_than_three_years_before_go_live_are_left_alone(day: date, reason: str) -> None:
    """Go-live was 2026-10-01."""
    assert date(2026, 10, 1) == GO_LIVE
    assert Lost((TODAY - day).days).judge().reason == reason


def test_a_persons_date_brings_back_even_an_old_loss() -> None:
    """The date wins."""
    assert Lost(2000, deal=dated(0)).judge().reason == "wanted"
