"""What programs share of the practice: said once, read the same by all."""

from typing import Any

import pytest
from build import ACCOUNT, IS_REP, NOW, OWNER, practice
from build_account_status import MANAGER, SIBLING, record, user, written
from build_hot_signal import World as Watched
from build_hot_signal import alert_of
from build_people import People
from build_quarterly_check import judged, talked
from test_freshness_rules import judge, talk

from connector.mapping.practice import PracticeRules
from connector.model.intents import Decision, EnsureTask
from connector.model.records import Ref
from connector.programs.practice.holds import left_alone
from connector.programs.practice.team import is_inside_sales
from connector.programs.practice.view import is_ours, look

SOMEBODY = Ref("salesforce", "User", "005SOME")


def alone(own: str | None, other: str | None, rules: PracticeRules | None = None) -> bool:
    """Whether a company's record is left alone, by its own status and that of the company's other record."""
    company = talked(account={"status": own}, others=(record(SIBLING, status=other),))
    return left_alone(look(company.case(), practice(rules=rules or PracticeRules()), NOW)) is not None


@pytest.mark.parametrize(
    ("own", "other", "expected"),
    [
        ("不適合", None, True),
        (None, "不適合", True),
        ("登録保存", None, True),
        (None, "登録保存", False),
        ("コールド", "登録保存", False),
        ("現在の顧客", "失注案件", False),
        (None, None, False),
    ],
)
def test_a_kept_duplicate_does_not_silence_its_company(own: str | None, other: str | None, expected: bool) -> None:
    """不適合 is said of the company, 登録保存 (a merged record, for example) of one record."""
    assert alone(own, other) is expected


def test_left_alone_goes_by_the_labels_of_the_statuses() -> None:
    """A label that a company changes, and a value of its own, are changed in one place."""
    rules = PracticeRules.model_validate({"statuses": {"also_read": {"取引停止": "unqualified"}}})
    assert alone("取引停止", None, rules)
    assert alone("取引 停止", None, rules)
    assert not alone("取引停止", None)


@pytest.mark.parametrize(
    ("value", "ours", "expected"),
    [
        ("コールド", "コールド", True),
        ("コールド ", "コールド", True),
        ("一行目\r\n二行目", "一行目\n二行目", True),
        ("   ", None, True),
        ("失注案件", "コールド", False),
        ("コールド", None, False),
    ],
)
def test_what_storage_makes_of_our_value_is_still_ours(value: str, ours: str | None, expected: bool) -> None:
    """Vendors trim texts and write line ends anew; another word is a person's."""
    company = talked(account={"status": value}, written={ACCOUNT: {"status": written(ours)}} if ours else {})
    assert is_ours(company.case(), record(ACCOUNT, status=value), "status") is expected


@pytest.mark.parametrize(
    ("rules", "silent", "template"),
    [
        ({"days": {"default": 30}}, 29, "notice"),
        ({"days": {"default": 30}}, 30, "owner"),
        ({"days": {"by_record_type": {"Short": 20}}}, 20, "owner"),
        ({"days": {"by_record_type": {"Short": "auto"}}}, 59, "notice"),
        ({"days": {"by_record_type": {"Short": "auto"}}}, 60, "owner"),
    ],
)
def test_a_signal_goes_by_the_days_of_stalled_deals(rules: dict[str, Any], silent: int, template: str) -> None:
    """What is a stalled deal for one program is one for the other."""
    world = Watched(silent_days=silent, deal={"record_type": "Short"})
    decision = world.judge(rules=PracticeRules.model_validate({"stalled": rules}))
    assert alert_of(decision).template == f"hot_signal.{template}"


def facts_of(decision: Decision) -> tuple[str, ...]:
    """The facts in the text of the task that is wanted."""
    (wanted,) = (intent for intent in decision.intents if isinstance(intent, EnsureTask))
    return wanted.text.facts


def test_whose_owner_is_named_depends_on_the_subject() -> None:
    """A company's task names 取引先所有者, no deal being there."""
    names = [fact for fact in facts_of(judged(talked(120))) if "所有者" in fact]
    assert names
    assert all(fact.startswith("取引先所有者") for fact in names)


def test_the_owner_of_a_person_is_no_deals_owner() -> None:
    """A person's task names the record's owner as such."""
    names = [fact for fact in facts_of(judge(People([talk(500)], person={"owner": OWNER}))) if "所有者" in fact]
    assert names
    assert all(fact.startswith("所有者") for fact in names)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"role": "InsideSales", "is_active": False}, True),
        ({"role": "InsideSalesManager"}, True),
        ({"role": "FieldSales"}, False),
        ({}, False),
        ({"email": "Naikin@own.example"}, True),
        ({"email": "eigyo@own.example", "role": None}, False),
    ],
)
def test_who_is_of_inside_sales(values: dict[str, Any], expected: bool) -> None:
    """By the role, also of somebody who has left; the manager too; the MA's owner by the mail address."""
    colleague = user(IS_REP, "内勤 二郎", role="InsideSales", email="naikin@own.example")
    manager = user(MANAGER, "内勤 部長", role="InsideSalesManager")
    company = talked(users={SOMEBODY: user(SOMEBODY, "誰か", **values)})
    view = look(company.case(), practice(inside_sales=(colleague,), managers=(manager,)), NOW)
    assert is_inside_sales(view, SOMEBODY) is expected
    assert is_inside_sales(view, IS_REP)
    assert not is_inside_sales(view, None)
