"""項目の同期 as somebody tells it who knows the vendors' own connectors: cases from the description alone."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from build import NOW, practice
from build_field_sync import CONTACT, START, TWIN, Vendors, rule, settings

from connector.model.case import Case, Participant, Written
from connector.model.intents import Over, SetFields
from connector.model.limits import FieldLimit
from connector.model.records import Account, Opportunity, Person, Ref
from connector.programs.field_sync import PROGRAM

COMPANY, IN_MA = Ref("salesforce", "Account", "001A"), Ref("hubspot", "companies", "7")


def after(rule_: str, sfa: Any, ma: Any, name: str = "title", **more: Any) -> tuple[Any, Any]:
    """What stands in SFA and MA in the end."""
    vendors = Vendors(settings(rule(name, rule_, **more)))
    vendors.sfa = {name: sfa} if sfa is not None else {}
    vendors.ma = {name: ma} if ma is not None else {}
    vendors.settle()
    return vendors.sfa.get(name), vendors.ma.get(name)


def company(name: str, sfa: Any, ma: Any, rule_: str, **more: Any) -> list[SetFields]:
    """What is to be written of one field of a company."""
    one = Account.model_validate({"ref": COMPANY, "modified_at": START, name: sfa})
    other = Account.model_validate({"ref": IN_MA, "modified_at": START, name: ma})
    case = Case(subject=one, version="v1", accounts=(one, other))
    chosen = settings({"kind": "account", "property": name, "rule": rule_, **more})
    found = PROGRAM.evaluate(case, chosen, practice(), NOW).intents
    return [intent for intent in found if isinstance(intent, SetFields)]


@pytest.mark.parametrize(
    ("rule_", "sfa", "ma", "expected"),
    [
        ("prefer_sfa", "部長", "課長", ("部長", "部長")),
        ("prefer_sfa", None, "課長", ("課長", "課長")),
        ("prefer_sfa", "  ", "課長", ("課長", "課長")),
        ("always_sfa", None, "課長", (None, None)),
        ("always_sfa", "部長", None, ("部長", "部長")),
        ("fill_blanks", "部長", " ", ("部長", "部長")),
        ("fill_blanks", "部長", "課長", ("部長", "課長")),
        ("never", "部長", None, ("部長", None)),
    ],
)
def test_the_rules_people_know(rule_: str, sfa: str | None, ma: str | None, expected: tuple[Any, Any]) -> None:
    """Prefer SFA unless blank, always SFA, fill blanks only, never; a text of blanks only is blank."""
    assert after(rule_, sfa, ma) == expected


def test_zero_and_day_and_number_are_values() -> None:
    """A company with 0 employees recorded is not one of which nobody knows: nothing is filled or replaced."""
    assert company("employees", 0, 12, "fill_blanks") == []
    (written,) = company("employees", 0, 12, "prefer_sfa")
    assert (written.record, written.values, written.over) == (IN_MA, {"employees": 0}, Over.ANY)
    (written,) = company("reorganisation_on", None, date(2027, 4, 1), "prefer_sfa")
    assert (written.record, written.values) == (COMPANY, {"reorganisation_on": date(2027, 4, 1)})


@pytest.mark.parametrize(("sfa", "ma"), [("部長", "部長 "), ("営業 部長", "営業\n部長"), ("部長\r\n", "部長")])
@pytest.mark.parametrize("rule_", ["prefer_sfa", "always_sfa", "prefer_ma", "always_ma", "newest", "fill_blanks"])
def test_what_only_the_storage_makes_different_is_the_same(rule_: str, sfa: str, ma: str) -> None:
    """Trimmed, other line ends: nothing is written in any direction."""
    vendors = Vendors(settings(rule(rule_=rule_)), sfa={"title": sfa}, ma={"title": ma})
    assert vendors.cycle() == []
    assert vendors.judge().reason == "same"


def test_what_differs_and_stays_so_is_not_called_the_same() -> None:
    """Both filled under `fill_blanks`, or `newest` that saw no change yet: nothing is written, and that is said."""
    for rule_ in ("fill_blanks", "newest"):
        decision = Vendors(settings(rule(rule_=rule_)), sfa={"title": "部長"}, ma={"title": "課長"}).judge()
        assert (decision.reason, decision.intents) == ("kept", ())
        assert "異なる" in decision.text


PICKLIST = {"製造業": "MANUFACTURING", "製造": "MANUFACTURING", "小売業": "RETAIL"}


@pytest.mark.parametrize(
    ("rule_", "sfa", "ma", "wanted"),
    [
        ("always_sfa", "製造業", None, (IN_MA, "MANUFACTURING")),
        ("always_sfa", "製造", "MANUFACTURING", None),
        ("prefer_sfa", "小売業", "MANUFACTURING", (IN_MA, "RETAIL")),
        ("prefer_sfa", None, "RETAIL", (COMPANY, "小売業")),
        ("prefer_ma", "製造", "MANUFACTURING", None),
        ("prefer_ma", "小売業", "MANUFACTURING", (COMPANY, "製造業")),
        ("always_sfa", "農業", "RETAIL", None),
        ("always_sfa", "製造業;小売業", None, (IN_MA, "MANUFACTURING;RETAIL")),
        ("always_sfa", "製造業;製造", None, (IN_MA, "MANUFACTURING")),
        ("always_sfa", "製造業;農業", None, None),
    ],
)
def test_value_maps_for_picklists(rule_: str, sfa: str | None, ma: str | None, wanted: tuple[Ref, str] | None) -> None:
    """Each side in its own words; what has no word is not copied; picklists of several values word by word."""
    found = [(one.record, one.values["industry"]) for one in company("industry", sfa, ma, rule_, values=PICKLIST)]
    assert found == ([wanted] if wanted else [])


def test_a_value_without_a_word_is_told() -> None:
    """And the other fields go on."""
    one = Account(ref=COMPANY, modified_at=START, industry="農業", phone="03-1234-5678")
    other = Account(ref=IN_MA, modified_at=START)
    chosen = settings(
        {"kind": "account", "property": "industry", "rule": "always_sfa", "values": PICKLIST},
        {"kind": "account", "property": "phone", "rule": "always_sfa"},
    )
    decision = PROGRAM.evaluate(Case(subject=one, version="v1", accounts=(one, other)), chosen, practice(), NOW)
    assert "industry" in decision.text
    assert "農業" not in decision.text
    assert [one.values for one in decision.intents if isinstance(one, SetFields)] == [{"phone": "03-1234-5678"}]


@pytest.mark.parametrize(
    ("limit", "changes"),
    [
        (FieldLimit(holds="number"), 0),
        (FieldLimit(values=frozenset({"課長"})), 0),
        (FieldLimit(holds="text", length=40), 1),
    ],
)
def test_type_and_length_are_checked_before_the_call(limit: FieldLimit, changes: int) -> None:
    """A title into a number field, or into a picklist without it: no call is made, now or in the next cycle."""
    vendors = Vendors(settings(rule(rule_="always_sfa")), sfa={"title": "部長"}, limits={"jobtitle": limit})
    assert len(vendors.cycle()) == changes
    assert vendors.cycle() == []


def test_newest_by_what_people_did_in_turn() -> None:
    """MA at nine, SFA at ten, both before our next look: the later one holds."""
    vendors = Vendors(settings(rule(rule_="newest")), sfa={"title": "部長"}, ma={"title": "部長"})
    vendors.settle()
    vendors.edit("ma", "課長")
    vendors.edit("sfa", "次長")
    vendors.settle()
    assert vendors.sfa == vendors.ma == {"title": "次長"}


def test_three_hundred_quiet_cycles() -> None:
    """Loops are impossible: once written, nothing is written again however often the records are touched."""
    names = ("title", "phone", "mobile", "notes")
    rules = ("prefer_sfa", "newest", "always_sfa", "prefer_ma")
    vendors = Vendors(settings(*(rule(name, each) for name, each in zip(names, rules, strict=True))))
    vendors.sfa, vendors.ma = dict.fromkeys(names, "甲"), dict.fromkeys(names, "乙")
    vendors.settle()
    for _ in range(300):
        for ref in (CONTACT, TWIN):
            vendors.modified[ref] = vendors.now = vendors.now + timedelta(minutes=1)
        assert vendors.cycle() == []


def test_revenue_is_never_written_whatever_the_rule() -> None:
    """予実管理 is not ours: a deal's other fields are kept the same, Amount, CloseDate and StageName are not."""
    deal = Opportunity(
        ref=Ref("salesforce", "Opportunity", "006A"),
        modified_at=START,
        product="勤怠管理",
        amount=Decimal(1_000_000),
        stage="提案",
        close_date=date(2027, 3, 31),
    )
    twin = Opportunity(ref=Ref("hubspot", "deals", "9"), modified_at=START, same_as=(deal.ref,))
    chosen = settings({"kind": "opportunity", "property": "product", "rule": "always_sfa"})
    decision = PROGRAM.evaluate(Case(subject=deal, version="v1", deal_records=(deal, twin)), chosen, practice(), NOW)
    assert [one.values for one in decision.intents if isinstance(one, SetFields)] == [{"product": "勤怠管理"}]
    for name in ("amount", "close_date", "stage"):
        with pytest.raises(ValueError, match="予実管理"):
            settings({"kind": "opportunity", "property": name, "rule": "newest"})


def test_a_person_edits_our_copy() -> None:
    """`prefer_sfa` with the SFA filled by a person: what somebody types in the MA gives way again, once."""
    vendors = Vendors(settings(rule(rule_="prefer_sfa")), sfa={"title": "部長"})
    vendors.settle()
    vendors.edit("ma", "課長")
    assert vendors.settle() == 1
    assert vendors.ma == {"title": "部長"}


def test_moments_are_compared_to_the_second() -> None:
    """The vendors keep no fractions: a copy that comes back without them is the same."""
    at = datetime(2026, 11, 18, 9, 30, 15, 123456, tzinfo=NOW.tzinfo)
    one = Person(ref=CONTACT, modified_at=START, last_visit_at=at)
    other = Person(ref=TWIN, modified_at=START, last_visit_at=at.replace(microsecond=0), same_as=(CONTACT,))
    written = {TWIN: {"last_visit_at": Written(at, 1, START)}}
    case = Case(subject=one, version="v1", participants=(Participant(one, (other,), is_primary=True),), written=written)
    assert PROGRAM.evaluate(case, settings(rule("last_visit_at", "always_sfa")), practice(), NOW).intents == ()
