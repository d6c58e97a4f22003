"""Section 5 of the practice: each row of the table of account statuses, its boundaries, and their precedence."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from build import IS_REP, NOW, OWNER, PERSON, TODAY, call, days_ago, done_task, mail, meeting, open_task
from build_account_status import IN_MA, MANAGER, SIBLING, Company, deal, lost, on, postponed, record, user, won
from hypothesis import given
from hypothesis import strategies as st

from connector.mapping.practice import LABELS, ContractRules, PracticeRules, Status, StatusRules
from connector.model.intents import Decision, SetFields, Standing
from connector.model.records import Activity, Opportunity, Ref
from connector.programs.account_status import PROGRAM, AccountStatusSettings

SETTINGS = AccountStatusSettings()


def judged(company: Company, now: datetime = NOW, **options: Any) -> Decision:
    """What the program says with the preset's figures."""
    return company.judge(PROGRAM, options.pop("settings", SETTINGS), now, **options)


def status(company: Company, now: datetime = NOW, **options: Any) -> str:
    """The status that holds."""
    return judged(company, now, **options).facts["status"]


def company(*activities: Activity, deals: tuple[Opportunity, ...] = (), **values: Any) -> Company:
    """A company with these activities, on no deal unless they say otherwise."""
    return Company(activities=activities, deals=deals, **values)


def test_registered_and_nothing_done_yet_is_cold() -> None:
    """コールド."""
    assert status(company()) == "cold"


@pytest.mark.parametrize(("days", "expected"), [(0, "working"), (29, "working"), (30, "working"), (31, "cold")])
def test_an_attempt_in_the_last_thirty_days_is_working(days: int, expected: str) -> None:
    """ワーキング: somebody acted, reached anybody or not; through the thirtieth day (30日以内)."""
    assert status(company(call(days, "不在", deal=None, owner=IS_REP))) == expected


@pytest.mark.parametrize("owner", [IS_REP, OWNER])
def test_is_and_fs_both_act(owner: Ref) -> None:
    """Whoever of the two acted."""
    assert status(company(call(3, "接続", deal=None, owner=owner))) == "working"


@pytest.mark.parametrize(
    "nothing",
    [
        mail(3, "outgoing", deal=None, subtype="ListEmail"),
        done_task(3, deal=None, status="対応不要"),
        open_task(TODAY, deal=None),
        meeting(3, deal=None, outcome="CANCELED"),
    ],
)
def test_what_is_neither_contact_nor_attempt_is_not_working(nothing: Activity) -> None:
    """Long-term nurturing is not working, nor is a plan."""
    assert status(company(nothing)) == "cold"


def test_an_activity_with_the_company_as_such_counts() -> None:
    """A call logged at the company, with nobody named."""
    assert status(company(account_activities=(call(3, "不在", deal=None, people=()),))) == "working"


@pytest.mark.parametrize(
    "talk", [meeting(200, deal=None), call(200, "接続", deal=None), mail(200, "incoming", deal=None)]
)
def test_a_talk_without_an_opportunity_is_checked_every_quarter(talk: Activity) -> None:
    """四半期チェック案件; an account that ever had a talk is never cold again."""
    assert status(company(talk)) == "quarterly_check"


def test_a_company_that_had_a_talk_is_never_cold_again() -> None:
    """The records of the talk may vanish; what was known of it stays."""
    known = company(meeting(200, deal=None))
    forgotten = company(remembered={"account_status": judged(known).facts})
    assert status(forgotten) == "quarterly_check"


def test_an_open_opportunity_with_fs_is_active() -> None:
    """アクティブ案件: owned by somebody who is not of inside sales."""
    assert status(company(deals=(deal(),))) == "active_opportunity"


@pytest.mark.parametrize("owner", [IS_REP, MANAGER])
def test_an_open_opportunity_with_inside_sales_is_not_active(owner: Ref) -> None:
    """An opportunity is a talk, so the company is not cold either."""
    assert status(company(deals=(deal(owner=owner),))) == "quarterly_check"


def test_a_departed_member_of_inside_sales_is_still_no_fs() -> None:
    """The role tells, not whether the user is active."""
    gone = Ref("salesforce", "User", "005GONE")
    users = {gone: user(gone, "退職 三郎", role="InsideSales", is_active=False)}
    assert status(company(deals=(deal(owner=gone),), users=users), inside_sales=()) == "active_opportunity"
    assert status(company(deals=(deal(owner=gone),), users=users)) == "quarterly_check"


def test_postponed_with_a_confirmed_need_is_checked_every_quarter() -> None:
    """ペンディング with confirmed need."""
    assert status(company(deals=(postponed(),))) == "quarterly_check"


@pytest.mark.parametrize("confirmed", [None, False])
def test_postponed_without_a_confirmed_need_is_lost(confirmed: bool | None) -> None:
    """Nobody confirmed the need."""
    assert status(company(deals=(postponed(need_confirmed=confirmed),))) == "lost"


def test_another_reason_with_a_confirmed_need_is_lost() -> None:
    """Only what was put off waits for budget, authority or timing."""
    assert status(company(deals=(lost(lost_reason="他社導入", need_confirmed=True),))) == "lost"


def test_a_need_that_was_lost_since_for_the_same_product_exists_no_more() -> None:
    """The last word on each product counts; another product's need stays."""
    early = postponed(1, days=300, product="基幹システム")
    assert status(company(deals=(early, lost(2, days=50, product="基幹システム")))) == "lost"
    assert status(company(deals=(early, lost(2, days=50, product="勤怠")))) == "quarterly_check"


def test_a_lost_deal_is_lost() -> None:
    """失注案件, with the reason in the text."""
    decision = judged(company(meeting(150, deal=None), deals=(lost(),)))
    assert decision.facts["status"] == "lost"
    assert "案件1" in decision.text
    assert "他社導入" in decision.text


def test_a_deal_deleted_in_the_sfa_says_nothing() -> None:
    """What is not there any more is no opportunity."""
    assert status(company(deals=(lost(deleted=True),))) == "cold"


@pytest.mark.parametrize(("ends_in", "expected"), [(1, "customer"), (0, "customer"), (-1, "lost")])
def test_a_customer_is_one_under_contract(ends_in: int, expected: str) -> None:
    """現在の顧客 through the last day of the contract; then 失注案件, marked 元顧客."""
    account = {"contract_end": TODAY + timedelta(days=ends_in)}
    decision = judged(company(deals=(won(),), account=account))
    assert decision.facts["status"] == expected
    assert decision.text.startswith("元顧客") is (expected == "lost")


def test_without_a_contract_date_won_means_customer() -> None:
    """Inferred, and said to be."""
    decision = judged(company(deals=(won(),)))
    assert decision.facts["status"] == "customer"
    assert "推定" in decision.text


def test_the_mark_of_a_former_customer_goes_before_an_older_loss() -> None:
    """元顧客 although a deal was lost, too."""
    account = {"contract_end": TODAY - timedelta(days=10)}
    assert judged(company(deals=(won(1), lost(2)), account=account)).text.startswith("元顧客")


OPEN, ACT = deal(9), call(3, "接続", deal=None)


@pytest.mark.parametrize(
    ("expected", "activities", "deals"),
    [
        ("active_opportunity", (ACT,), (OPEN, won(1), postponed(2), lost(3))),
        ("customer", (ACT,), (won(1), postponed(2), lost(3))),
        ("working", (ACT,), (postponed(2), lost(3))),
        ("quarterly_check", (), (postponed(2, product="A"), lost(3, product="B"))),
        ("lost", (), (lost(3),)),
        ("cold", (), ()),
    ],
)
def test_precedence(expected: str, activities: tuple[Activity, ...], deals: tuple[Opportunity, ...]) -> None:
    """Of all rows that apply the first of the precedence is the status."""
    assert status(company(*activities, deals=deals)) == expected


@pytest.mark.parametrize("value", ["archived", "unqualified"])
def test_what_people_decide_goes_before_everything(value: str) -> None:
    """archived > unqualified > everything that a rule can say."""
    assert status(company(ACT, deals=(OPEN,), account={"status": LABELS[Status(value)]})) == value


def test_the_order_of_values_is_the_precedence() -> None:
    """archived > unqualified > active_opportunity > customer > working > quarterly_check > lost > cold."""
    assert [value.value for value in Status] == [
        "archived",
        "unqualified",
        "active_opportunity",
        "customer",
        "working",
        "quarterly_check",
        "lost",
        "cold",
    ]


def test_days_change_at_midnight_in_japan() -> None:
    """The day after the thirtieth begins at 00:00 JST, and the company is looked at then."""
    acted = company(call(30, "不在", deal=None))
    assert judged(acted).wake_at == on(TODAY + timedelta(days=1), 0)
    assert status(acted, on(TODAY, 23)) == "working"
    assert status(acted, on(TODAY + timedelta(days=1), 0)) == "cold"


def test_a_company_is_looked_at_on_the_day_after_its_contract() -> None:
    """The contract's last day still counts."""
    account = {"contract_end": TODAY + timedelta(days=5)}
    assert judged(company(account=account)).wake_at == on(TODAY + timedelta(days=6), 0)


def test_a_company_is_looked_at_when_an_appointment_has_passed() -> None:
    """Then it was a talk."""
    ahead = company(meeting(-3, deal=None))
    assert judged(ahead).facts["status"] == "cold"
    assert judged(ahead).wake_at == days_ago(-3)
    assert status(ahead, on(TODAY + timedelta(days=4))) == "working"


def test_the_figures_are_settings() -> None:
    """Another company's thirty days, labels and contract terms."""
    nine_days = PracticeRules(statuses=StatusRules(working_days=9))
    assert status(company(call(10, "不在", deal=None)), rules=nine_days) == "cold"
    a_year = PracticeRules(contracts=ContractRules(inferred_months=12))
    assert status(company(deals=(won(days=400),)), rules=a_year) == "lost"
    assert (
        status(
            company(account={"status": "対象外"}),
            rules=PracticeRules(statuses=StatusRules(also_read={"対象外": Status.UNQUALIFIED})),
        )
        == "unqualified"
    )


def test_the_program_issues_no_task() -> None:
    """A status is a summary: what is done is followed per deal and per person."""
    decision = judged(company(ACT, deals=(OPEN,)))
    assert decision.standing is Standing.NOT_ELIGIBLE
    assert all(isinstance(intent, SetFields) for intent in decision.intents)


def test_the_program_concerns_every_company_of_the_sfa() -> None:
    """A record that was never seen has a status, too; a deleted one has none."""
    assert PROGRAM.concerns(record())
    assert not PROGRAM.concerns(record(deleted=True))
    assert not PROGRAM.concerns(deal())


some_activities = st.lists(
    st.builds(lambda days, how: call(days, how, deal=None), st.integers(0, 90), st.sampled_from(["不在", "接続"])),
    max_size=4,
)
some_deals = st.lists(st.sampled_from(["open", "inside", "lost", "postponed", "won"]), max_size=4)
MAKE: dict[str, Any] = {
    "open": deal,
    "inside": lambda number: deal(number, owner=IS_REP),
    "lost": lost,
    "postponed": postponed,
    "won": won,
}


@given(activities=some_activities, kinds=some_deals, later=st.integers(0, 120), blank=st.booleans())
def test_whatever_happens_to_a_company(activities: list[Activity], kinds: list[str], later: int, blank: bool) -> None:
    """Never a value that only people set, never cold after a talk, the same answer twice, settled once written."""
    deals = tuple(MAKE[kind](number) for number, kind in enumerate(kinds))
    there = company(*activities, deals=deals, others=(record(IN_MA),) if blank else ())
    first = judged(there)
    assert first == judged(there)
    assert first.facts["status"] not in {"archived", "unqualified"}
    talked = bool(deals) or any(activity.disposition == "接続" for activity in activities)
    written = there.after("account_status", first)
    assert judged(written).intents == ()
    assert judged(written).facts == first.facts
    afterwards = judged(written, NOW + timedelta(days=later))
    assert not (talked and afterwards.facts["status"] == "cold")
    for intent in (*first.intents, *afterwards.intents):
        assert isinstance(intent, SetFields)
        assert intent.values.get("status") not in {LABELS[Status.ARCHIVED], LABELS[Status.UNQUALIFIED]}


@given(kinds=some_deals, activities=some_activities)
def test_records_of_one_company_get_the_same_status(kinds: list[str], activities: list[Activity]) -> None:
    """Each record of the SFA is a case of its own, and all say the same of their company."""
    deals = tuple(MAKE[kind](number) for number, kind in enumerate(kinds))
    there = company(*activities, deals=deals, others=(record(SIBLING),), account={"owner": OWNER})
    assert status(there) == status(there, ref=SIBLING)


def test_a_person_of_the_company_on_another_companys_deal_is_not_its_work() -> None:
    """A call about another company's deal is a talk with the person, but nobody works on this company."""
    elsewhere = call(3, "接続", deal=Ref("salesforce", "Opportunity", "006ELSE"), people=(PERSON,))
    assert status(company(elsewhere)) == "quarterly_check"
