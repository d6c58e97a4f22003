"""Conditions in settings: what they see, what they answer, and what a person is told of a mistake."""

import contextlib
import copy
import pickle
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from connector.mapping import load_mappings
from connector.mapping.condition import Condition, facts_of
from connector.model.errors import ConfigurationError
from connector.model.records import Account, Consent, Opportunity, Person, Ref
from connector.programs.stalled import StalledSettings

JST = ZoneInfo("Asia/Tokyo")
TODAY = date(2026, 11, 18)
NOON = datetime(2026, 11, 18, 3, 0, tzinfo=UTC)
DEAL = Opportunity(
    ref=Ref("salesforce", "Opportunity", "006A"),
    modified_at=NOON,
    name="アクメ様 新規導入",
    amount=Decimal("5000000.5"),
    probability=Decimal(40),
    next_approach_date=date(2026, 10, 19),
    signal_at=NOON,
)
ACCOUNT = Account(ref=Ref("salesforce", "Account", "001A"), modified_at=NOON, employees=300)
FACTS = {"deal": facts_of([DEAL], JST), "account": facts_of([ACCOUNT], JST)}


def holds(source: str) -> bool:
    """Whether the condition holds of the deal above."""
    return Condition(source).holds(FACTS, TODAY)


@pytest.mark.parametrize(
    "source",
    [
        "deal.amount > 1000000",
        "deal.amount > 5000000.0 && deal.probability >= 40",
        "deal.name.startsWith('アクメ')",
        "deal.name.matches('新規|追加')",
        "!deal.is_closed",
        "account.employees in [300, 500]",
        "deal.next_approach_date < today",
        "days_between(deal.next_approach_date, today) == 30",
        "deal.signal_at >= '2026-11-18T12:00'",
        "timestamp(deal.signal_at) == timestamp('2026-11-18T03:00:00Z')",
        "!has(deal.lost_reason)",
        "has(deal.lost_reason) || account.employees > 100",
        "deal.lost_reason == '価格懸念' || account.employees > 100",
        "today.startsWith('2026-11')",
        "deal.is_closed\n  || has(deal.amount)",
    ],
)
def test_true_conditions(source: str) -> None:
    """Numbers of all kinds, texts, days and moments in the company's zone; one true part of an `or` is enough."""
    assert holds(source)


@pytest.mark.parametrize(
    "source",
    [
        "deal.amount > 5000001",
        "deal.lost_reason == '価格懸念'",
        "!(deal.lost_reason == '価格懸念')",
        "deal.lost_reason != '価格懸念'",
        "person.page_views > 3",
        "deal.amount == '5000000.5'",
        "days_between(deal.name, today) > 0",
        "deal.name.matches('(')",
        "deal.amount > 'x'",
    ],
)
def test_what_has_no_answer_does_not_hold(source: str) -> None:
    """A blank property makes no statement true, not even a denied one: ask with `has` first."""
    assert not holds(source)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("deal.amount >", "line 1, column 14 of the condition: Syntax error"),
        ("deal.amuont > 1", "line 1, column 5 of the condition: `deal` has no `amuont`; did you mean `amount`?"),
        ("has(deal.amuont)", "`deal` has no `amuont`; did you mean `amount`?"),
        ("deal.is_won ||\n  acount.name == 'x'", "line 2, column 9 of the condition: there is no `acount.name`"),
        ("deals.amount > 1", "there is no `deals.amount`"),
        ("deal.name.lower() == 'x'", "there is no `lower`; known are account, days_between, deal, person, today"),
        ("deal['amount'] > 1", "write `deal.<property>`"),
        ("deal.name > 5", "no matching overload for '_>_' applied to '(string, int)'"),
        ("has(deal.amount) &&\n deal.name > 5", "line 2, column 12"),
        ("deal.amount", "says neither true nor false"),
        ("deal.name", "says neither true nor false"),
        ("", "line 1, column 1 of the condition: Syntax error"),
        ("deal.lost_reason == null", "a blank property is absent: ask e.g. `has(deal.amount)`"),
        ("deal.owner == 'x'", "`deal` has no `owner`"),
        ("日 > 1", "line 1, column 1 of the condition: Syntax error"),
    ],
)
def test_mistakes_are_told_with_their_place(source: str, told: str) -> None:
    """Spelling, kinds and grammar are checked before the first case is judged."""
    with pytest.raises(ValueError, match=re.escape(told)):
        Condition(source)


def test_a_loop_that_multiplies_is_stopped() -> None:
    """A condition may loop, but not until tomorrow: it stops at once with the condition's text and the remedy."""
    ten = "[0,1,2,3,4,5,6,7,8,9]"
    source = "".join(f"{ten}.all({name}, " for name in "abcdefgh") + "true" + ")" * 8
    with pytest.raises(ConfigurationError, match="takes too long"):
        Condition(source).holds(FACTS, TODAY)


def test_the_mapping_file_is_named(tmp_path: Path) -> None:
    """A mistake in a program's settings leads to file, line and column, and then into the condition."""
    path = tmp_path / "mappings" / "programs" / "stalled.yaml"
    path.parent.mkdir(parents=True)
    path.write_text("enabled: true\nonly_if: deal.amuont > 1\n", encoding="utf-8")
    with pytest.raises(ConfigurationError) as refused:
        load_mappings(tmp_path).program("stalled", StalledSettings)
    assert str(refused.value) == (
        "mappings/programs/stalled.yaml:2:1: only_if: "
        "line 1, column 5 of the condition: `deal` has no `amuont`; did you mean `amount`?"
    )


def test_a_condition_is_a_plain_value() -> None:
    """It is told as text in schema and settings, and can be compared, copied and sent to another process."""

    class Model(BaseModel):
        only_if: Condition | None = None

    model = Model(only_if=Condition("deal.amount > 1"))
    assert Model.model_validate(model.model_dump()) == model
    assert model.model_dump(mode="json") == {"only_if": "deal.amount > 1"}
    assert {"type": "string"} in Model.model_json_schema()["properties"]["only_if"]["anyOf"]
    assert copy.deepcopy(model) == model
    assert pickle.loads(pickle.dumps(model.only_if)) == model.only_if
    assert Condition("today > '2026'").looks_at_the_day
    assert not Condition("deal.amount > 1").looks_at_the_day


def test_of_several_records_the_nearest_speaks_and_a_no_counts_anywhere() -> None:
    """One person in both systems is one person: what the SFA lacks the MA fills in, and consents are the strictest."""
    contact = Person(ref=Ref("salesforce", "Contact", "003A"), modified_at=NOON, title="部長", call_consent=Consent.YES)
    twin = Person(
        ref=Ref("hubspot", "contacts", "51"),
        modified_at=NOON,
        title="課長",
        page_views=12,
        call_consent=Consent.NO,
        left_company=True,
    )
    facts = facts_of([contact, twin], JST)
    assert (facts["title"], facts["page_views"]) == ("部長", 12)
    assert (facts["call_consent"], facts["mail_consent"], facts["left_company"]) == ("no", "unknown", True)
    assert "phone" not in facts


numbers = st.decimals(allow_nan=False, allow_infinity=False) | st.integers(-(2**80), 2**80).map(Decimal)


@given(amount=numbers, name=st.text(st.characters(exclude_categories=["Cs"])), day=st.dates())
def test_whatever_a_record_holds_a_condition_has_an_answer(amount: Decimal, name: str, day: date) -> None:
    """No value of a record is of a kind that the language does not take: then every condition would be untrue."""
    values = {"amount": amount, "name": name, "close_date": day}
    facts = {"deal": facts_of([DEAL.model_copy(update=values)], JST)}
    assert Condition("has(deal.amount) && has(deal.signal_at)").holds(facts, TODAY)
    assert Condition("has(deal.name)").holds(facts, TODAY) is bool(name.strip())
    assert Condition("days_between(deal.close_date, today) < 40000000").holds(facts, TODAY)


@given(st.text(max_size=30))
def test_any_text_is_a_condition_or_a_told_mistake(source: str) -> None:
    """Nothing that a person may type ends in anything else than a ValueError."""
    with contextlib.suppress(ValueError):
        Condition(source)
