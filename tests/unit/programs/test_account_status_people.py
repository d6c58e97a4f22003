"""What people wrote as an account's status: how long it stands, and what it means for the company's other records."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from build import ACCOUNT, NOW, OWNER, TODAY, call, meeting
from build_account_status import IN_MA, SIBLING, Company, deal, lost, on, postponed, record, written
from test_account_status_table import company, judged, status

from connector.model.intents import Decision, Over, SetFields
from connector.model.records import Ref
from connector.programs.account_status import AccountStatusSettings

KEEP = AccountStatusSettings(manual="keep")


def fields(decision: Decision, ref: Ref = ACCOUNT) -> dict[str, Any]:
    """What should be written to a record."""
    found: dict[str, Any] = {}
    for intent in decision.intents:
        if isinstance(intent, SetFields) and intent.record == ref:
            found |= intent.values
    return found


def kept(there: Company, days: int = 0) -> Company:
    """The company after a decision so many days from today."""
    now = NOW + timedelta(days=days)
    return there.after("account_status", judged(there, now), now)


@pytest.mark.parametrize("label", ["不適合", "登録保存"])
@pytest.mark.parametrize("settings", [AccountStatusSettings(), KEEP])
def test_what_only_people_set_is_never_left_by_us(label: str, settings: AccountStatusSettings) -> None:
    """Whatever happens with the company, 不適合 and 登録保存 stay until a person takes them away."""
    there = kept(company(account={"status": label}))
    for more in ({"activities": (meeting(0, deal=None),)}, {"deals": (deal(),)}):
        busy = replace(there, **more)  # type: ignore[arg-type]
        assert "status" not in fields(judged(busy, NOW + timedelta(days=40), settings=settings))


def test_a_verdict_that_a_person_took_back_is_over() -> None:
    """The field is blank again: the rules apply."""
    there = kept(company(account={"status": "不適合"}))
    cleared = replace(there, account={"status": None})
    assert fields(judged(cleared))["status"] == "コールド"


def test_a_persons_value_stands_while_nothing_happens() -> None:
    """The rules say lost, a person says 四半期チェック案件: it stays, and is dated and said to be a person's."""
    there = kept(company(deals=(lost(),), account={"status": "四半期チェック案件"}))
    later = judged(there, NOW + timedelta(days=200))
    assert later.facts["status"] == "quarterly_check"
    assert later.intents == ()
    assert "担当者" in later.text


def test_a_persons_value_ends_when_the_rules_say_something_else() -> None:
    """A deal was opened since the person's value was seen."""
    there = kept(company(deals=(lost(),), account={"status": "四半期チェック案件"}))
    moved = replace(there, deals=(lost(), deal(2)))
    decision = judged(moved)
    (replaced,) = [i for i in decision.intents if isinstance(i, SetFields) and "status" in i.values]
    assert (replaced.values, replaced.over) == ({"status": "アクティブ案件"}, Over.ANY)
    assert decision.facts["status"] == "active_opportunity"


def test_with_keep_a_persons_value_stands_for_good() -> None:
    """The other setting."""
    there = kept(company(deals=(lost(),), account={"status": "四半期チェック案件"}))
    moved = replace(there, deals=(lost(), deal(2)))
    assert status(moved, settings=KEEP) == "quarterly_check"


def test_days_that_pass_without_anybody_acting_are_nothing_that_happens() -> None:
    """A person says 失注案件 after a last call; thirty days later the company would leave ワーキング by itself."""
    there = kept(company(call(5, "接続", deal=None), deals=(postponed(),), account={"status": "失注案件"}))
    assert status(there, NOW + timedelta(days=60)) == "lost"


def test_somebody_who_acts_again_ends_a_persons_value() -> None:
    """After the days passed, a new call makes it ワーキング."""
    there = kept(company(call(5, "接続", deal=None), deals=(postponed(),), account={"status": "失注案件"}))
    there = kept(there, days=60)
    again = replace(there, activities=(call(-61, "接続", deal=None),))
    assert status(again, NOW + timedelta(days=62)) == "working"


@pytest.mark.parametrize(("days", "expected"), [(30, "working"), (31, "lost")])
def test_a_persons_working_lasts_no_longer_than_acting_does(days: int, expected: str) -> None:
    """Through thirty days after it was written, and the company is looked at then."""
    there = kept(company(deals=(lost(),), account={"status": "ワーキング"}))
    assert judged(there).wake_at == on(TODAY + timedelta(days=31), 0)
    assert status(there, NOW + timedelta(days=days)) == expected


def test_a_value_that_agrees_with_the_rules_goes_with_them() -> None:
    """An org that kept its statuses by hand until today is taken over by and by."""
    there = kept(company(account={"status": "コールド"}))
    assert "status" not in fields(judged(there))
    acted = replace(there, activities=(call(0, "不在", deal=None),))
    assert fields(judged(acted))["status"] == "ワーキング"


def test_what_was_released_does_not_come_back() -> None:
    """The write was refused, and the rules say again what they said first: the person's value is over all the same."""
    there = kept(company(deals=(lost(),), account={"status": "四半期チェック案件"}))
    opened = replace(there, deals=(lost(), deal(2)))
    refused = {"account_status": judged(opened).facts}
    back = replace(there, remembered=refused)
    assert fields(judged(back, NOW + timedelta(days=10)))["status"] == "失注案件"


def test_the_same_value_written_again_after_ours_is_a_new_one() -> None:
    """A person insists: what was released once stands again."""
    there = kept(company(deals=(lost(),), account={"status": "四半期チェック案件"}))
    opened = replace(there, deals=(lost(), deal(2)))
    ours = kept(opened)
    insisting = replace(ours, account=dict(ours.account) | {"status": "四半期チェック案件"})
    assert status(insisting) == "quarterly_check"


def test_a_value_of_the_orgs_own_is_a_persons_value() -> None:
    """「休眠」 is none of ours: it stands like any other that a person wrote."""
    there = kept(company(account={"status": "休眠"}, others=(record(IN_MA),)))
    decision = judged(there)
    assert (decision.facts["status"], decision.reason) == ("休眠", "other")
    assert fields(decision, IN_MA) == {}


def test_what_we_wrote_is_not_a_persons_value() -> None:
    """It follows the rules at once."""
    mine = company(account={"status": "ワーキング"}, written={ACCOUNT: {"status": written("ワーキング")}})
    assert fields(judged(mine))["status"] == "コールド"


def test_fields_that_a_person_wrote_are_left_alone() -> None:
    """Each field for itself: a person's reason and relation stay beside our status."""
    there = company(account={"status_reason": "社長の意向", "relation": "既存(旧システム)"})
    assert fields(judged(there)) == {"status": "コールド", "status_since": TODAY}


def test_a_persons_value_on_one_record_holds_for_the_companys_others() -> None:
    """Records of one company say the same."""
    there = company(deals=(lost(),), account={"status": "四半期チェック案件"}, others=(record(SIBLING),))
    assert fields(judged(there, ref=SIBLING), SIBLING)["status"] == "四半期チェック案件"


def test_unqualified_is_said_of_the_company() -> None:
    """Its other records are not moved any more, and never set to it by us."""
    there = company(call(0, "接続", deal=None), account={"status": "不適合"}, others=(record(SIBLING),))
    decision = judged(there, ref=SIBLING)
    assert decision.facts["status"] == "unqualified"
    assert fields(decision, SIBLING) == {}


def test_archived_is_said_of_one_record() -> None:
    """A merged record that is kept as 登録保存 does not archive the company."""
    there = company(call(0, "接続", deal=None), account={"status": "登録保存"}, others=(record(SIBLING), record(IN_MA)))
    assert fields(judged(there, ref=SIBLING), SIBLING)["status"] == "ワーキング"
    assert fields(judged(there, ref=SIBLING), IN_MA) == {"status": "ワーキング"}
    assert fields(judged(there), IN_MA) == {}


def test_the_ma_is_shown_what_people_decided() -> None:
    """Marketing sees 不適合 on its own record of the company, and sees it go again."""
    there = kept(company(account={"status": "不適合", "owner": OWNER}, others=(record(IN_MA),)))
    assert there.others[0].status == "不適合"
    cleared = replace(there, account=dict(there.account) | {"status": None})
    assert fields(judged(cleared), IN_MA) == {"status": "コールド"}


def test_what_a_person_wrote_in_the_ma_is_left_alone() -> None:
    """Our field in the MA, but a person's value."""
    there = company(others=(record(IN_MA, status="要確認"),))
    assert fields(judged(there), IN_MA) == {}
