"""A company's own condition narrows any program: where to begin, never what to take back."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from build import JST, NOW, PERSON, TODAY, World, call, practice

from connector.mapping.condition import Condition
from connector.model.case import Case, Occasion
from connector.model.intents import Decision, Standing, WithdrawTask
from connector.model.records import Person, Ref
from connector.programs.practice.conditions import facts, narrowed
from connector.programs.stalled import NAME, PROGRAM, StalledSettings

LARGE = Condition("deal.amount > 10000000")


def judged(case: Case, condition: Condition | None, now: datetime = NOW) -> Decision:
    """The stalled program's decision as the condition leaves it."""
    settings = StalledSettings(only_if=condition)
    decision = PROGRAM.evaluate(case, settings, practice(), now)
    return narrowed(NAME, decision, case, settings, practice(), now)


def test_a_case_beyond_the_condition_is_visibly_excluded() -> None:
    """It counts as 対象外 with the company's own words, and nothing is wanted of it."""
    decision = judged(World().case(), LARGE)
    assert (decision.standing, decision.reason, decision.intents) == (Standing.EXCLUDED, "only_if", ())
    assert "deal.amount > 10000000" in decision.text


def test_within_the_condition_nothing_changes() -> None:
    """The program's decision goes through as it is; so it does where there is no condition."""
    case = World(deal={"amount": Decimal(20_000_000)}).case()
    assert judged(case, LARGE) == judged(case, None)
    assert judged(case, LARGE).standing is Standing.WAITING


def test_a_case_that_the_program_does_not_want_stays_uneligible() -> None:
    """A fresh deal is none of the program's; the condition makes no eligible case of it."""
    decision = judged(World(activities=[call(1)]).case(), LARGE)
    assert decision.standing is Standing.NOT_ELIGIBLE
    assert decision.wake_at is not None


def test_what_was_issued_is_seen_through() -> None:
    """A condition that a company adds today takes no task away from anybody."""
    issued = Decision(Standing.ISSUED, text="an open task exists")
    assert narrowed(NAME, issued, World().case(), StalledSettings(only_if=LARGE), practice(), NOW) is issued


def test_withdrawals_go_on() -> None:
    """What is no longer needed is taken back whether the deal is large or not."""
    task = WithdrawTask(key="k", task=Ref("salesforce", "Task", "00T"), touched=False, note="done")
    closed = Decision(Standing.NOT_ELIGIBLE, intents=(task,))
    assert narrowed(NAME, closed, World().case(), StalledSettings(only_if=LARGE), practice(), NOW) is closed
    excluded = Decision(Standing.EXCLUDED, "left_alone", intents=(task,))
    assert narrowed(NAME, excluded, World().case(), StalledSettings(only_if=LARGE), practice(), NOW).intents == (task,)


def test_the_occasion_and_what_was_remembered_are_kept() -> None:
    """An excluded case begins no occasion, and forgets none: when it is let in again, no key is used twice."""
    first = Occasion(number=3, started_on=TODAY - timedelta(days=9), last_contact=TODAY - timedelta(days=80))
    case = replace(World(occasion=first).case(), remembered={NAME: {"k": "v"}})
    decision = judged(case, LARGE)
    assert decision.occasion == first
    assert decision.facts == {"k": "v"}
    assert judged(World().case(), LARGE).occasion is None


def test_a_condition_about_the_day_is_asked_again_tomorrow() -> None:
    """Only then can its answer change by itself."""
    decision = judged(World().case(), Condition("today >= '2026-12-01'"))
    assert decision.wake_at == datetime(2026, 11, 19, tzinfo=JST)
    later = datetime(2026, 12, 1, 9, 0, tzinfo=JST)
    assert judged(World().case(), Condition("today >= '2026-12-01'"), later).standing is Standing.WAITING


@pytest.mark.parametrize(
    ("source", "holds"),
    [
        ("account.name == '㈱アクメ' && person.name.contains('山田')", True),
        ("person.page_views >= 12", True),
        ("person.title == '部長'", False),
        ("deal.record_type == 'Standard' && !has(deal.product)", True),
    ],
)
def test_deal_company_and_person_out_of_all_records(source: str, holds: bool) -> None:
    """The primary contact is one person, whichever system tells of it."""
    twin = Person(ref=Ref("hubspot", "contacts", "51"), modified_at=NOW, page_views=12)
    case = World(twins=(twin,)).case()
    assert Condition(source).holds(facts(case, practice()), TODAY) is holds


def test_cases_of_companies_and_people_have_their_own_subjects() -> None:
    """A person's case has no deal: what a condition asks of one has no answer there."""
    world = World().case()
    person = Person(ref=PERSON, modified_at=NOW, title="部長")
    seen = facts(Case(subject=person, version="v1"), practice())
    assert seen["person"]["title"] == "部長"
    assert seen["deal"] == {}
    company = facts(Case(subject=world.accounts[0], version="v1"), practice())
    assert company["account"]["name"] == "㈱アクメ"
