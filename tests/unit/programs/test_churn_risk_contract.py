"""Sections 2, 4 and 5 of the practice: who is under contract, what says so, and what the MA is told."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from build import ACCOUNT, NOW, TODAY
from build_churn_risk import LATER, MA_ACCOUNT, WON, World, won
from build_hot_signal import MA_PERSON, STAMP, fields_of
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.mapping.practice import ContractRules, PracticeRules
from connector.model.case import Participant, Written
from connector.model.intents import Over, SetFields
from connector.model.records import Account, Ref
from connector.programs.practice.churn_case import ChurnRiskSettings, ContractLabels
from connector.programs.practice.contracts import Contract, contract, unknown_to_ma


def found(world: World, rules: ContractRules | None = None) -> Contract:
    """The company's contract."""
    return contract(world.case(), rules or ContractRules(), TODAY)


def state(world: World, rules: ContractRules | None = None) -> tuple[str, bool]:
    """Where it stands, and whether that is inferred."""
    told = found(world, rules)
    return told.state, told.inferred


@pytest.mark.parametrize(("days", "expected"), [(-1, "ended"), (0, "current"), (1, "current")])
def test_the_end_date_is_the_last_day_under_contract(days: int, expected: str) -> None:
    """On that day the customer still is one, on the next no longer."""
    end = TODAY + timedelta(days=days)
    told = found(World(account={"contract_end": end}))
    assert (told.state, told.until, told.inferred) == (expected, end, False)
    assert (told.record, told.field) == (ACCOUNT, "contract_end")


def test_the_end_date_comes_before_status_and_won_deals() -> None:
    """What is dated is believed first."""
    world = World(account={"contract_end": TODAY - timedelta(days=1), "contract_status": "契約中"})
    assert state(world) == ("ended", False)


@pytest.mark.parametrize(
    ("status", "expected"),
    [("契約中", "current"), (" active ", "current"), ("解約済", "ended"), ("未契約", "none"), ("商談中", "none")],
)
def test_without_an_end_date_the_status_tells(status: str, expected: str) -> None:
    """As the settings spell it, whatever width and case; a value that nobody explained tells nothing."""
    assert state(World(account={"contract_status": status})) == (expected, False)


def test_a_status_comes_before_a_won_deal() -> None:
    """Somebody recorded that they left."""
    assert state(World(account={"contract_status": "解約"}, deals=[won()])) == ("ended", False)


def test_else_a_won_deal_suggests_a_contract() -> None:
    """Labelled as inferred, with the deal that suggests it."""
    told = found(World(account={}, deals=[won()]))
    assert (told.state, told.inferred, told.record, told.until) == ("current", True, WON, None)


def test_nothing_sold_is_no_contract() -> None:
    """An open or lost deal suggests nothing, nor does one that was deleted."""
    lost = won(is_won=False)
    assert state(World(account={}, deals=[lost, won(deleted=True)])) == ("none", False)


@pytest.mark.parametrize(("closed", "expected"), [(date(2025, 11, 18), "current"), (date(2025, 11, 17), "ended")])
def test_an_inferred_contract_can_have_a_length(closed: date, expected: str) -> None:
    """Twelve months after the deal was won, to the day."""
    rules = ContractRules(inferred_months=12)
    assert state(World(account={}, deals=[won(closed=closed)]), rules) == (expected, True)


def test_the_latest_won_deal_tells_how_long_an_inferred_contract_runs() -> None:
    """An old deal does not end what a newer one began, in whichever order they are known."""
    old, new = won(closed=date(2020, 4, 1)), won(Ref("salesforce", "Opportunity", "006V"), date(2026, 4, 1))
    rules = ContractRules(inferred_months=12)
    for deals in ([old, new], [new, old]):
        assert found(World(account={}, deals=deals), rules).until == date(2027, 4, 1)


def test_a_deal_won_after_the_end_is_a_new_contract() -> None:
    """They came back; the old end date was not renewed in the record."""
    ended = {"contract_end": date(2026, 3, 31)}
    assert state(World(account=ended, deals=[won(closed=date(2026, 4, 1))])) == ("current", True)
    assert state(World(account=ended, deals=[won(closed=date(2026, 3, 31))])) == ("ended", False)


def test_of_several_records_the_latest_end_counts() -> None:
    """A company held twice is under contract if one of its records says so."""
    other = Account(ref=Ref("salesforce", "Account", "001Z"), modified_at=STAMP, contract_end=LATER)
    world = World(account={"contract_end": TODAY - timedelta(days=9)}, more_accounts=(other,))
    assert found(world).record == other.ref


def test_the_ma_s_record_tells_where_the_sfa_s_does_not() -> None:
    """Some companies keep contracts in the MA."""
    assert state(World(account={}, ma_account={"contract_end": LATER})) == ("current", False)


def test_what_okoshi_wrote_is_no_evidence() -> None:
    """The status that we put into the MA must not prove itself."""
    written = {MA_ACCOUNT: {"contract_status": Written("契約中", 1, NOW), "contract_end": Written(LATER, 1, NOW)}}
    told = {"contract_status": "契約中", "contract_end": LATER}
    assert state(World(account={}, ma_account=told, written=written)) == ("none", False)
    assert state(World(account={}, ma_account=told)) == ("current", False)


@settings(deadline=None)
@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.integers(1, 60))
def test_a_length_in_months_ends_in_the_right_month(closed: date, months: int) -> None:
    """Whatever the day, the end lies so many months later, and no later in its month than the deal was won in its."""
    told = found(World(account={}, deals=[won(closed=closed)]), ContractRules(inferred_months=months))
    assert told.until is not None
    assert (told.until.year - closed.year) * 12 + told.until.month - closed.month == months
    assert told.until.day <= closed.day


# --- the MA is told ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("world", "label"),
    [
        (World([]), "契約中"),
        (World([], account={}, deals=[won()]), "契約中"),
        (World([], account={"contract_end": TODAY - timedelta(days=1)}), "契約終了"),
        (World([], account={}), "未契約"),
    ],
    ids=["current", "inferred", "ended", "none"],
)
def test_the_contract_status_is_synced_to_company_and_people_in_the_ma(world: World, label: str) -> None:
    """On every record of the MA, none of the SFA, and never over what a person wrote."""
    decision = world.judge()
    assert {ref: values["contract_status"] for ref, values in fields_of(decision).items()} == {
        MA_ACCOUNT: label,
        MA_PERSON: label,
    }
    assert {i.over for i in decision.intents if isinstance(i, SetFields)} == {Over.OWN}
    assert [b.rule for b in decision.because] == ["churn_risk.contract"]


def test_the_end_date_is_synced_to_the_company_where_it_is_known() -> None:
    """An inferred one is not: the MA would take it for a fact."""
    assert fields_of(World([]).judge())[MA_ACCOUNT]["contract_end"] == LATER
    inferred = PracticeRules(contracts=ContractRules(inferred_months=60))
    guessed = World([], account={}, deals=[won()]).judge(rules=inferred)
    assert fields_of(guessed)[MA_ACCOUNT]["contract_end"] is None


def test_an_inferred_contract_can_be_labelled_in_the_ma_or_left_out() -> None:
    """As the company wants it."""
    labels = ContractLabels(inferred="契約中(推定)")
    world = World([], account={}, deals=[won()], settings=ChurnRiskSettings(statuses=labels))
    assert fields_of(world.judge())[MA_PERSON] == {"contract_status": "契約中(推定)"}
    silent = World([], account={}, settings=ChurnRiskSettings(statuses=ContractLabels(none=None)))
    assert fields_of(silent.judge())[MA_PERSON] == {"contract_status": None}


def test_a_customer_that_the_ma_does_not_know_is_remembered_for_the_list() -> None:
    """Neither the company nor any of its people has a record there."""
    world = World([])
    alone = World([], ma_account=None)
    alone_case = alone.case()
    stripped = Participant(alone_case.participants[0].person)
    known = world.judge().facts
    assert (known["contract"], known["inferred"], known["known_to_ma"]) == ("current", "no", "yes")
    assert not unknown_to_ma(alone_case, "salesforce"), "one of its people is known there"
    assert unknown_to_ma(replace(alone_case, participants=(stripped,)), "salesforce")


def test_a_company_that_never_bought_leaves_nothing_to_remember() -> None:
    """Most companies are prospects: they cost no row."""
    assert World([], account={}).judge().facts == {}
