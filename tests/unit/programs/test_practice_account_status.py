"""Section 5 of the practice once more, by cases: each row of the table with odd records, days and people."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from build import (
    ACCOUNT,
    IS_REP,
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
from build_account_status import IN_MA, SIBLING, deal, lost, on, postponed, record, user, won
from test_account_status_people import fields, kept
from test_account_status_table import company, judged, status

from connector.model.case import OwnTask
from connector.model.intents import Over, SetFields, Standing
from connector.model.records import Activity, Ref
from connector.programs.account_status import AccountStatusSettings

SETTINGS = AccountStatusSettings.model_validate(MAPPINGS.programs["account_status"])
ENDED = {"contract_end": TODAY - timedelta(days=40)}


def of_ours(current: Activity, *, withdrawn: bool = False) -> OwnTask:
    """A task of the connector's own, as it is now."""
    return OwnTask(
        key="stalled:006A:1.1",
        program="stalled",
        record=current.ref,
        written={"Subject": "滞留商談掘り起こし", "OwnerId": IS_REP.id, "Status": "未着手"},
        created_at=days_ago(10),
        withdrawn=withdrawn,
        current=current,
        deleted=False,
    )


# --- コールド and ワーキング ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "expected"), [(1, "working"), (30, "working"), (31, "cold")])
def test_an_act_of_the_last_thirty_days(days: int, expected: str) -> None:
    """Somebody acted in the last 30 days (30日以内): the thirtieth day back is one of them."""
    assert status(company(call(days, "不在", deal=None, owner=IS_REP))) == expected


def test_a_talk_of_more_than_thirty_days_ago_leaves_working_but_never_for_cold() -> None:
    """Never cold again: what is left is the talk without an opportunity."""
    assert status(company(call(31, "接続", deal=None))) == "quarterly_check"


@pytest.mark.parametrize("status_", ["アクティブ案件", "現在の顧客", None])
def test_old_talks_are_never_forgotten(status_: str | None) -> None:
    """A meeting of five years ago, whatever stood in the field."""
    assert status(company(meeting(1800, deal=None), account={"status": status_})) != "cold"


def test_never_cold_again_holds_while_a_move_is_damped() -> None:
    """Left ワーキング after attempts alone; the customer is met the day after: コールド ends at once."""
    there = kept(company(call(30, "不在", deal=None, owner=IS_REP)))
    there = kept(there, days=1)
    assert there.account["status"] == "コールド"
    met = replace(there, activities=(*there.activities, meeting(-2, deal=None)))
    assert status(met, on(TODAY + timedelta(days=2), 15)) == "working"


def test_web_visits_and_nurturing_are_not_working() -> None:
    """Long-term nurturing is not working: bulk mail, and what the people opened of it, is no act of IS or FS."""
    bulk = mail(2, "outgoing", deal=None, subtype="ListEmail")
    read = record(IN_MA)
    assert status(company(bulk, others=(read,))) == "cold"


def test_a_task_withdrawn_by_us_is_no_act() -> None:
    """Tasks withdrawn or closed as not needed are neither contact nor attempt."""
    closed = done_task(2, deal=None, subject="滞留商談掘り起こし", owner=IS_REP)
    assert status(company(closed, own_tasks=(of_ours(closed, withdrawn=True),))) == "cold"


def test_an_open_task_is_no_act_yet() -> None:
    """What is planned was not done."""
    planned = open_task(TODAY, IS_REP, deal=None)
    assert status(company(planned, own_tasks=(of_ours(planned),))) == "cold"


def test_a_task_of_ours_that_a_person_completed_is_that_persons_act() -> None:
    """What a person does in our task is the person's act, not ours."""
    done = done_task(5, deal=None, subject="滞留商談掘り起こし", owner=IS_REP)
    assert status(company(done, own_tasks=(of_ours(done),))) == "working"


def test_an_act_logged_late_counts_from_its_own_day() -> None:
    """Entered today, done forty days ago: not working; done ten days ago: working."""
    for days, expected in ((40, "quarterly_check"), (10, "working")):
        late = meeting(days, deal=None, created_at=days_ago(0), modified_at=days_ago(0))
        assert status(company(late)) == expected


def test_an_act_of_somebody_who_has_left_stays_one() -> None:
    """The user is inactive by now; the call was made."""
    gone = Ref("salesforce", "User", "005GONE")
    users = {gone: user(gone, "退職 三郎", role="InsideSales", is_active=False)}
    assert status(company(call(3, "不在", deal=None, owner=gone), users=users)) == "working"


def test_a_deleted_activity_is_none() -> None:
    """A call that was deleted in the SFA says nothing."""
    assert status(company(call(3, "接続", deal=None, deleted=True))) == "cold"


# --- アクティブ案件 and 現在の顧客 ----------------------------------------------------------------------------------


def test_a_stalled_opportunity_is_active_all_the_same() -> None:
    """An open opportunity is with FS, however long nobody was in contact."""
    assert status(company(meeting(500), deals=(deal(),))) == "active_opportunity"


def test_an_open_opportunity_of_somebody_who_left_is_still_with_fs() -> None:
    """The deal is open; that its owner left is the programs' matter."""
    gone = Ref("salesforce", "User", "005GONE")
    users = {gone: user(gone, "退職 三郎", role="FieldSales", is_active=False)}
    assert status(company(deals=(deal(owner=gone),), users=users)) == "active_opportunity"


def test_a_customer_with_a_new_opportunity_is_active_and_existing() -> None:
    """Precedence; 既存/新規 is a field of its own."""
    there = company(deals=(won(1, product="基幹"), deal(2, product="会計")), account={"contract_end": TODAY})
    assert status(there) == "active_opportunity"
    assert fields(judged(there))["relation"] == "既存(基幹)"


def test_a_customer_who_was_called_yesterday_is_a_customer() -> None:
    """customer > working."""
    assert status(company(call(1, "接続", deal=None), deals=(won(),))) == "customer"


def test_a_contract_to_the_end_of_the_year() -> None:
    """12-31 is the last day as a customer, by Japan's clock; on 01-01 元顧客."""
    there = company(deals=(won(),), account={"contract_end": date(2026, 12, 31)})
    assert status(there, datetime(2026, 12, 31, 14, 59, tzinfo=UTC)) == "customer"
    after = judged(there, datetime(2026, 12, 31, 15, 0, tzinfo=UTC))
    assert after.facts["status"] == "lost"
    assert "元顧客" in after.text


def test_the_end_of_a_contract_is_not_damped() -> None:
    """Customer since yesterday, lost before: the end of the contract moves it back at once."""
    there = kept(company(deals=(lost(),)))
    renewed = kept(replace(there, account=there.account | {"contract_end": TODAY + timedelta(days=1)}), days=1)
    assert renewed.account["status"] == "現在の顧客"
    assert status(renewed, NOW + timedelta(days=2)) == "lost"


def test_one_product_ended_and_another_still_running() -> None:
    """Two records of one company: the later end counts."""
    other = record(SIBLING, contract_end=TODAY + timedelta(days=100))
    assert status(company(deals=(won(),), account=ENDED, others=(other,))) == "customer"


# --- 四半期チェック案件 and 失注案件 --------------------------------------------------------------------------------


@pytest.mark.parametrize("deals", [(), (won(1, days=800),)])
def test_an_ended_contract_lands_among_the_lost(deals: tuple[Any, ...]) -> None:
    """Ended contracts land here, marked 元顧客: a talk during the contract is no talk without an opportunity."""
    decision = judged(company(meeting(100, deal=None), deals=deals, account=ENDED))
    assert decision.facts["status"] == "lost"
    assert "元顧客" in decision.text


def test_a_former_customer_who_was_called_last_week_is_worked_on() -> None:
    """working > lost, also after a contract."""
    assert status(company(call(7, "不在", deal=None), deals=(won(days=800),), account=ENDED)) == "working"


def test_a_former_customer_with_a_confirmed_need_is_checked_every_quarter() -> None:
    """quarterly_check > lost."""
    there = company(deals=(won(1, days=800), postponed(2, days=100, product="会計")), account=ENDED)
    assert status(there) == "quarterly_check"


@pytest.mark.parametrize("reason", ["他社導入", "音信不通", "価格懸念", "機能不足", None])
def test_every_other_loss_is_lost(reason: str | None) -> None:
    """Lost, no agreed problem now, latent need: still a target, whatever the reason."""
    assert status(company(meeting(200), deals=(lost(lost_reason=reason),))) == "lost"


@pytest.mark.parametrize("spelling", ["ペンディング(先送り)", "ペンディング", "先送り", " ペンディング "])
def test_postponed_in_any_spelling(spelling: str) -> None:
    """Width makes no difference to a reason."""
    assert status(company(deals=(postponed(lost_reason=spelling),))) == "quarterly_check"


def test_a_lost_deal_whose_owner_still_calls_is_worked_on() -> None:
    """working > quarterly_check > lost, and back when thirty days have passed."""
    there = company(call(5, "不在", deal=None), deals=(lost(),))
    assert status(there) == "working"
    assert status(there, NOW + timedelta(days=25)) == "working"
    assert status(there, NOW + timedelta(days=26)) == "lost"


def test_two_losses_one_with_a_need() -> None:
    """One product put off with a need, another lost to a rival: the need exists."""
    there = company(deals=(postponed(1, product="基幹"), lost(2, days=20, product="会計")))
    assert status(there) == "quarterly_check"


# --- 不適合 and 登録保存 -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("label", ["不適合", " 不適合 ", "登録保存"])
def test_okoshi_never_writes_over_what_people_alone_set(label: str) -> None:
    """Not with an open opportunity, a running contract and a call of today together."""
    there = company(
        call(0, "接続", deal=None),
        deals=(deal(1), won(2)),
        account={"status": label, "contract_end": TODAY + timedelta(days=9)},
    )
    assert "status" not in fields(judged(there))
    assert judged(there).facts["status"] in ("unqualified", "archived")


@pytest.mark.parametrize("other", ["不適合", "登録保存"])
def test_archived_goes_before_unqualified(other: str) -> None:
    """archived > unqualified, where two records of one company differ."""
    there = company(account={"status": "登録保存"}, others=(record(SIBLING, status=other),))
    assert status(there) == "archived"


def test_unqualified_in_the_ma_is_a_persons_verdict_too() -> None:
    """Set by people only, in whichever system they work."""
    assert status(company(deals=(deal(),), others=(record(IN_MA, status="不適合"),))) == "unqualified"


def test_whatever_happens_no_rule_says_unqualified() -> None:
    """A company that must not be called, whose people left, with a price loss: still none of our verdicts."""
    there = company(deals=(lost(lost_reason="価格懸念"),), account={"call_consent": "no"})
    assert status(there) == "lost"


def test_taken_back_after_years_the_rules_speak_at_once() -> None:
    """Damping holds for boundaries, not for what people take back."""
    there = kept(company(deals=(lost(),)))
    judged_out = kept(replace(there, account=there.account | {"status": "不適合"}), days=1)
    back = replace(judged_out, account=judged_out.account | {"status": None})
    assert fields(judged(back, NOW + timedelta(days=2)))["status"] == "失注案件"


# --- dated, with its reason, damped --------------------------------------------------------------------------------


def test_the_day_of_a_change_is_the_day_it_was_made() -> None:
    """Every change is dated, by Japan's day; the next days do not touch the date."""
    there = kept(company(deals=(lost(),)))
    late = datetime(2026, 11, 19, 15, 30, tzinfo=UTC)  # 00:30 on the 20th
    opened = replace(there, deals=(lost(), deal(2)))
    wrote = fields(judged(opened, late))
    assert (wrote["status"], wrote["status_since"]) == ("アクティブ案件", date(2026, 11, 20))
    settled = opened.after("account_status", judged(opened, late), late)
    assert judged(settled, late + timedelta(days=9)).intents == ()


def test_a_deal_closed_by_mistake_and_opened_again_keeps_up() -> None:
    """Open → lost → open within two days: each event moves the status at once, with its date."""
    there = kept(company(deals=(deal(),)))
    closed = kept(replace(there, deals=(lost(days=-1),)), days=1)
    assert closed.account["status"] == "失注案件"
    again = kept(replace(closed, deals=(deal(),)), days=2)
    assert (again.account["status"], again.account["status_since"]) == ("アクティブ案件", TODAY + timedelta(days=2))


def test_the_boundary_does_not_flicker() -> None:
    """An act of exactly thirty days back that is edited to and fro moves the status at most once in three days."""
    there = kept(company(call(30, "不在", deal=None, owner=IS_REP)))
    seen = [there.account["status"]]
    for day, days in enumerate((31, 29, 31, 29), start=1):
        there = kept(replace(there, activities=(call(days - day, "不在", deal=None, owner=IS_REP),)), days=day)
        seen.append(there.account["status"])
    assert sum(1 for one, two in pairwise(seen) if one != two) <= 2


def test_values_are_only_ours_to_replace() -> None:
    """A status that only our rules wrote is replaced as our own, never as anybody's."""
    there = kept(company(call(5, "不在", deal=None)))
    later = judged(there, NOW + timedelta(days=40))
    assert all(intent.over is Over.OWN for intent in later.intents if isinstance(intent, SetFields))
    assert fields(later)["status"] == "コールド"


def test_a_status_is_a_summary_and_no_standing() -> None:
    """Account values are summaries: no task, no place in 漏れ's sum."""
    assert judged(company(deals=(lost(),))).standing is Standing.NOT_ELIGIBLE


def test_it_wakes_when_thirty_days_are_over() -> None:
    """Time alone ends ワーキング: at the midnight after the thirtieth day."""
    acted = company(call(10, "不在", deal=None))
    assert judged(acted).wake_at == on(TODAY + timedelta(days=21), 0)
    assert (acted.case().ref, acted.people[0].ref, acted.case().subject.owner) == (ACCOUNT, PERSON, OWNER)


def test_the_presets_figures() -> None:
    """Thirty days; eight values and their Japanese names as the page has them."""
    rules = MAPPINGS.practice.statuses
    assert rules.working_days == 30
    assert [rules.write(value, "salesforce") for value in type(next(iter(rules.labels)))] != []
    assert set(rules.labels.values()) == {
        "コールド",
        "ワーキング",
        "アクティブ案件",
        "四半期チェック案件",
        "失注案件",
        "現在の顧客",
        "不適合",
        "登録保存",
    }
    assert AccountStatusSettings() == SETTINGS
