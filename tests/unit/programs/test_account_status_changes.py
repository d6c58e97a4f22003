"""How a company's status changes: dated, with its reason, remembered and damped; the fields; the manager's list."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from build import ACCOUNT, IS_REP, NOW, TODAY, call, days_ago
from build_account_status import IN_MA, SIBLING, Company, deal, lost, on, record, won, written
from hypothesis import given
from hypothesis import strategies as st
from test_account_status_people import fields, kept
from test_account_status_table import company, judged, status

from connector.mapping.loader import load_mappings
from connector.mapping.practice import PracticeRules, StatusRules
from connector.programs.account_status import AccountStatusSettings
from connector.programs.practice.status_memory import Seen, StatusMemory

ACT = call(30, "不在", deal=None, owner=IS_REP)


def test_a_change_is_dated_and_has_its_reason() -> None:
    """Both stand on the record; the reason is the one of that day and is not rewritten with every act."""
    first = judged(company(call(3, "接続", deal=None)))
    wrote = fields(first)
    assert (wrote["status"], wrote["status_since"]) == ("ワーキング", TODAY)
    assert "2026-11-15" in wrote["status_reason"]
    later = replace(kept(company(call(3, "接続", deal=None))), activities=(call(0, "接続", deal=None),))
    assert judged(later, NOW + timedelta(days=1)).intents == ()


def test_the_last_changes_are_remembered() -> None:
    """The latest first, each with its day and its reason, and no more than so many."""
    settings = AccountStatusSettings(history=2)
    there = kept(company(call(30, "不在", deal=None)))
    there = kept(there, days=1)
    opened = replace(there, deals=(deal(),))
    history = judged(opened, NOW + timedelta(days=9), settings=settings).facts["history"].split("\n")
    assert [line.split(" ")[:2] for line in history] == [["2026-11-27", "active_opportunity"], ["2026-11-19", "cold"]]
    assert "案件1" in history[0]


@given(
    st.builds(
        StatusMemory,
        status=st.sampled_from([None, "lost", "休眠"]),
        since=st.none() | st.dates(),
        before=st.sampled_from([None, "working"]),
        reason=st.sampled_from(["", "理由"]),
        talked=st.booleans(),
        seen=st.dictionaries(
            st.sampled_from(["salesforce:Account:001A", "hubspot:companies:1"]),
            st.builds(
                Seen,
                raw=st.text(),
                times=st.integers(0, 9),
                since=st.dates().map(date.isoformat),
                leading=st.just("lost"),
                without_acts=st.just("lost"),
                released=st.booleans(),
            ),
        ),
        history=st.lists(st.sampled_from(["2026-11-18 lost 失注", "2026-11-01 cold"])).map(tuple),
    )
)
def test_what_is_remembered_survives_being_kept(memory: StatusMemory) -> None:
    """Written as facts and read again it is the same."""
    assert StatusMemory.read(memory.facts()) == memory


@pytest.mark.parametrize(("days", "expected"), [(0, "cold"), (1, "cold"), (2, "cold"), (3, "working")])
def test_a_move_back_across_the_boundary_waits(days: int, expected: str) -> None:
    """Left ワーキング today; an act that is logged now brings it back three days after, not at once."""
    there = kept(company(ACT), days=0)
    left = kept(there, days=1)
    assert left.account["status"] == "コールド"
    again = replace(left, activities=(call(-1, "不在", deal=None),))
    assert status(again, NOW + timedelta(days=1 + days)) == expected


def test_a_move_that_waits_wakes_the_case() -> None:
    """On the day on which it may be made."""
    left = kept(kept(company(ACT)), days=1)
    again = replace(left, activities=(call(-1, "不在", deal=None),))
    now = NOW + timedelta(days=1, hours=3)
    assert judged(again, now).wake_at == on(TODAY + timedelta(days=4), 0)
    assert judged(again, now).intents == ()


def test_with_no_damping_every_move_is_made_at_once() -> None:
    """The figure is a setting."""
    left = kept(kept(company(ACT)), days=1)
    again = replace(left, activities=(call(-1, "不在", deal=None),))
    settings = AccountStatusSettings(damping_days=0)
    assert status(again, NOW + timedelta(days=1, hours=3), settings=settings) == "working"


def test_a_deal_and_a_contract_are_never_damped() -> None:
    """Closed, and open again the day after: that is an event, not a boundary."""
    there = kept(company(deals=(deal(),)))
    closed = kept(replace(there, deals=(lost(1, days=0),)), days=1)
    assert closed.account["status"] == "失注案件"
    assert status(replace(closed, deals=(deal(),)), NOW + timedelta(days=2)) == "active_opportunity"


def test_a_move_to_a_third_value_is_not_damped() -> None:
    """Only the way back is."""
    left = kept(kept(company(ACT)), days=1)
    assert status(replace(left, deals=(lost(),), activities=()), NOW + timedelta(days=1)) == "lost"


@given(st.lists(st.integers(0, 5), min_size=5, max_size=25))
def test_a_status_never_swings_back_within_the_damping(gaps: list[int]) -> None:
    """Whatever is logged and taken back: a value that was left returns three days later at the earliest."""
    there, day, changes = company(), 0, [(0, "cold")]
    there = kept(there)
    for number, gap in enumerate(gaps):
        day += gap
        acts = (call(-day, "不在", deal=None),) if number % 2 else ()
        there = kept(replace(there, activities=acts), days=day)
        value = there.remembered["account_status"]["status"]
        if value != changes[-1][1]:
            changes.append((day, value))
    for (_, first), (left, _), (back, third) in zip(changes, changes[1:], changes[2:], strict=False):
        assert third != first or back - left >= 3


@pytest.mark.parametrize(
    ("deals", "contract_end", "expected"),
    [
        ((), None, "新規"),
        ((lost(product="勤怠"),), None, "新規"),
        ((won(product="基幹システム"),), None, "既存(基幹システム)"),
        ((won(1, product="勤怠"), won(2, product="基幹"), won(3, product="勤怠")), None, "既存(勤怠、基幹)"),
        ((won(),), None, "既存"),
        ((won(product="基幹システム"),), TODAY - timedelta(days=1), "新規(元顧客: 基幹システム)"),
        ((), TODAY - timedelta(days=1), "新規(元顧客)"),
    ],
)  # fmt: skip
def test_existing_or_new_is_a_field_of_its_own(
    deals: tuple[object, ...], contract_end: date | None, expected: str
) -> None:
    """既存/新規 per product, from what was won and is under contract."""
    there = company(deals=deals, account={"contract_end": contract_end})  # type: ignore[arg-type]
    assert fields(judged(there))["relation"] == expected


def test_the_relation_follows_although_the_status_does_not_change() -> None:
    """A customer who buys another product stays a customer."""
    there = kept(company(deals=(won(1, product="勤怠"),)))
    more = replace(there, deals=(won(1, product="勤怠"), won(2, product="基幹")))
    assert fields(judged(more)) == {"relation": "既存(勤怠、基幹)"}


def test_the_companys_records_in_the_ma_show_the_status() -> None:
    """One record of the SFA speaks for all: two cases never write the same field."""
    there = company(others=(record(SIBLING), record(IN_MA)))
    assert fields(judged(there), IN_MA) == {"status": "コールド"}
    assert fields(judged(there, ref=SIBLING), IN_MA) == {}


def test_a_system_may_spell_the_values_in_its_own_way() -> None:
    """An enumeration of the MA has its internal names."""
    rules = spelt(labels_in={"hubspot": {"cold": "COLD"}})
    there = company(others=(record(IN_MA),))
    assert fields(judged(there, rules=rules), IN_MA) == {"status": "COLD"}
    assert fields(judged(there, rules=rules))["status"] == "コールド"


def test_every_value_needs_a_label() -> None:
    """A missing label is a mistake in the mapping, not a blank in the field."""
    with pytest.raises(ValueError, match="lost"):
        spelt(labels={"cold": "C"})


def test_no_two_values_have_one_label() -> None:
    """It could not be told which of them a field holds."""
    with pytest.raises(ValueError, match="same label"):
        spelt(labels=_others() | {"cold": "失注案件"})


def test_the_preset_is_the_default() -> None:
    """The file says what the code says."""
    preset = {k: v for k, v in load_mappings(None).programs["account_status"].items() if k != "texts"}
    assert AccountStatusSettings.model_validate(preset) == AccountStatusSettings()


def unqualified(since: date) -> Company:
    """A company that was seen to be 不適合 on that day."""
    at = on(since)
    there = Company()
    there = there.after("account_status", judged(there, at - timedelta(days=30)), at - timedelta(days=30))
    there = replace(there, account=dict(there.account) | {"status": "不適合"})
    return there.after("account_status", judged(there, at), at)


@pytest.mark.parametrize(
    ("day", "listed"),
    [
        (date(2026, 12, 31), None),
        (date(2027, 1, 3), None),
        (date(2027, 1, 4), "2027Q1"),
        (date(2027, 3, 31), "2027Q1"),
        (date(2027, 4, 1), "2027Q2"),
    ],
)
def test_every_quarter_the_unqualified_are_listed_for_the_manager(day: date, listed: str | None) -> None:
    """From the first business day of the calendar quarter on: 2027-01-04 is the first after the New Year's days."""
    decision = judged(unqualified(date(2026, 11, 18)), on(day))
    assert decision.facts.get("review_due") == listed
    assert decision.reason == ("review" if listed else "unqualified")


def test_the_next_list_wakes_the_case() -> None:
    """On its first business day."""
    assert judged(unqualified(date(2026, 11, 18))).wake_at == on(date(2027, 1, 4), 0)
    assert judged(unqualified(date(2026, 11, 18)), on(date(2027, 1, 4))).wake_at == on(date(2027, 4, 1), 0)


def test_one_that_became_so_on_the_day_of_the_list_is_on_the_next() -> None:
    """The list of that morning was made without it."""
    there = unqualified(date(2027, 1, 4))
    assert "review_due" not in judged(there, on(date(2027, 1, 4), 18)).facts
    assert judged(there, on(date(2027, 4, 1))).facts["review_due"] == "2027Q2"


def test_one_that_was_so_before_okoshi_is_on_the_present_list() -> None:
    """Nobody knows since when, so it was never listed."""
    assert judged(company(account={"status": "不適合"})).facts["review_due"] == "2026Q4"


def test_one_kept_for_another_reason_is_on_no_list() -> None:
    """登録保存 is no judgement on fit."""
    assert "review_due" not in judged(company(account={"status": "登録保存"})).facts


def test_a_persons_value_is_dated_when_it_was_seen() -> None:
    """Unless it stood before Okoshi first looked: then nobody knows, and no date is written."""
    assert "status_since" not in fields(judged(company(account={"status": "失注案件"})))
    seen = kept(company())
    changed = replace(seen, account=dict(seen.account) | {"status": "失注案件"})
    wrote = fields(judged(changed, NOW + timedelta(days=5)))
    assert wrote == {"status_since": TODAY + timedelta(days=5), "status_reason": "担当者が設定した値です"}


def test_a_hostile_name_stays_one_line_of_limited_length() -> None:
    """A field holds 255 characters, and a reason is one line."""
    bad = lost(name="A\n【所感】" + "x" * 500, lost_reason="y" * 300)
    reason = fields(judged(company(deals=(bad,))))["status_reason"]
    assert "\n" not in reason
    assert len(reason) <= 255


def test_our_own_value_in_another_spelling_is_put_right() -> None:
    """The label in the mapping was changed: the field follows."""
    rules = spelt(labels=_others() | {"cold": "cold!"})
    mine = company(account={"status": "コールド"}, written={ACCOUNT: {"status": written("コールド")}})
    assert fields(judged(mine, rules=rules))["status"] == "cold!"


def spelt(**values: Any) -> PracticeRules:
    """A practice that spells the statuses so."""
    return PracticeRules.model_validate({"statuses": values})


def _others() -> dict[str, str]:
    return {s: v for s, v in StatusRules().labels.items() if s != "cold"}


def test_contact_long_ago_is_not_read_from_the_future() -> None:
    """An act dated later than now changes nothing yet."""
    assert status(company(call(-2, "接続", deal=None, starts_at=days_ago(-2)))) == "cold"
